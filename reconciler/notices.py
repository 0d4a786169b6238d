"""What a reader of a plan should know besides its changes. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from reconciler.clock import stamp
from reconciler.diff.world import Comparison, World
from reconciler.model import Address, Intent, Memory, Notice, Origin, Status
from reconciler.policy import Violation


def of_comparison(world: World, comparison: Comparison, left_out: int) -> list[Notice]:
    """Unreadable scopes, unobservable objects (one notice an account), presumed numbers, odd states."""
    return [
        *unresolved(comparison.unresolved),
        *_unobservable(world, comparison.unobservable),
        *_presumed(world),
        *_odd_states(world, comparison),
        *[Notice("warning", f"{o.account}: {text}") for o in world.observations.values() for text in o.notices],
        *open_intents(world.memory),
        *_left_out(left_out),
    ]


def unresolved(reasons: Mapping[Address, str]) -> list[Notice]:
    """One error for each reason: how many objects it covers, and the first of them."""
    grouped: dict[str, list[Address]] = defaultdict(list)
    for address, reason in reasons.items():
        grouped[reason].append(address)
    return [
        Notice("error", f"could not be read{_more(addresses)}: {reason}; nothing is done about it", str(addresses[0]))
        for reason, addresses in grouped.items()
    ]


def of_violations(violations: Sequence[Violation]) -> list[Notice]:
    """What an apply of this plan would refuse, with the way out."""
    return [Notice("warning", f"over a limit: {v.message}; apply refuses it without {v.way_out}") for v in violations]


def open_intents(memory: Memory) -> list[Notice]:
    """Calls of earlier runs whose outcome is not known yet."""
    return [Notice("warning", _open(intent), str(intent.address)) for intent in memory.open_intents]


def _open(intent: Intent) -> str:
    last = intent.last_attempt
    since = stamp(last.at if last else intent.created_at)
    settles = f"only a person can settle it: {intent.person}" if intent.person else "the next apply settles it by reads"
    return f"the outcome of a {intent.action.value} sent {since} is open; {settles}"


def _unobservable(world: World, addresses: Iterable[Address]) -> list[Notice]:
    counts: dict[str, int] = defaultdict(int)
    for address in addresses:
        counts[world.item(address).provider] += 1
    return [
        Notice("info", f"{account}: {n} object{'s' if n != 1 else ''} cannot be read back; our records are the memory")
        for account, n in sorted(counts.items())
    ]


def _presumed(world: World) -> list[Notice]:
    return [
        Notice(
            "warning",
            "presumed ours: an unanswered order, after which it was not offered any more; confirm it with the carrier "
            f"and `tnctl state resolve {address} --as owned`",
            str(address),
        )
        for address, record in sorted(world.memory.records.items())
        if record.origin is Origin.PRESUMED and not record.gone
    ]


def _odd_states(world: World, comparison: Comparison) -> list[Notice]:
    items = [world.item(change.address) for change in comparison.in_sync]
    return [
        Notice(
            "warning",
            f"off after our DELETE, and in a state that is not documented: {item.live.word}",
            str(item.address),
        )
        for item in items
        if item.live is not None and item.live.status is Status.UNKNOWN
    ]


def _left_out(count: int) -> list[Notice]:
    plural = "objects were" if count != 1 else "object was"
    return [Notice("info", f"{count} {plural} left out by --only or --exclude")] if count else []


def _more(addresses: Sequence[Address]) -> str:
    return f" (and {len(addresses) - 1} more)" if len(addresses) > 1 else ""
