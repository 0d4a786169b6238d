"""Whether a number may still be ours to pay for: asked before a record of it is dropped by hand.

===============================================  =====================
its account                                      then it is
===============================================  =====================
has left the configuration                       not known
has no call that reads numbers                   not known
could not be read, or shows none of those held   not known
may be another than it was (see ``account_identity.py``)    not known
shows it, in either of two reads                 still owned
sold it less than ``settle_after`` ago           taken for owned
else                                             gone
===============================================  =====================

What may still be owned keeps its record, and with it its slot: nothing is bought in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from reconciler.errors import UsageError
from reconciler.executor.scheduler import Workers, threads
from reconciler.model import Address, Kind, Record, StateSnapshot
from reconciler.model.fleet import Fleet
from reconciler.planning.numbers import came_to_be
from reconciler.planning.snapshot import World
from reconciler.providers.base import Provider
from reconciler.workflows.look import confirmed
from reconciler.workflows.observe import observe, wanted_by_account


def held_back(
    fleet: Fleet,
    providers: Mapping[str, Provider],
    unread: Mapping[str, str],
    state: StateSnapshot,
    numbers: Collection[Address],
    now: datetime,
    fingerprint: Callable[[Any], str],
    workers: Workers = threads,
) -> dict[Address, str]:
    """Number -> why its record cannot be dropped; none for one that is gone. Reads only.

    ``providers`` are the accounts that can be asked; ``unread`` says of others why they cannot.
    """
    records = [state.records[number] for number in sorted(numbers)]
    accounts = {record.account for record in records}
    scope = [a for a, r in state.records.items() if a.kind is Kind.NUMBER and r.account in accounts and not r.tombstone]
    wanted = wanted_by_account({*scope, *numbers}, {}, state)
    capabilities = {account: provider.capabilities for account, provider in providers.items()}
    world = World({}, observe(providers, wanted, workers), {}, state, capabilities, fingerprint, now)
    world = confirmed(fleet, providers, workers, world, wanted)
    found = {record.address: _why(world, unread, record, scope) for record in records}
    return {address: why for address, why in found.items() if why}


def _why(world: World, unread: Mapping[str, str], record: Record, scope: Sequence[Address]) -> str:
    account, caps = record.account, world.capabilities.get(record.account)
    if account in unread:
        return f"cannot be read at {account}: {unread[account]}"
    if caps is None:
        return f"cannot be read: the configuration has no account {account!r} any more"
    if Kind.NUMBER not in caps.reads:
        return f"cannot be read: {account} has no call that shows what it owns"
    seen, item = world.observation(account), world.item(record.address)
    if record.address in seen.unresolved:
        return f"cannot be read at {account}: {seen.unresolved[record.address]}"
    if record.address in seen.found:
        return f"is still owned: {account} shows it, and it goes on costing"
    if item.unlisted:
        return f"was {came_to_be(record)} at {account} a short while ago, and its list may not show it yet"
    if account in world.strange:
        return f"cannot be read: {world.strange[account]}"
    others = {address for address in scope if world.state.records[address].account == account} - {record.address}
    if others and others.isdisjoint(seen.found):
        return f"cannot be read: {account} shows none of the {len(others) + 1} numbers that our records hold there"
    return ""


def refuse_owned(found: Mapping[Address, str]) -> None:
    """Raise UsageError, with every way out, where there is a number that may still be owned."""
    if not found:
        return
    first = next(iter(found))
    raise UsageError(
        "\n".join(f"{address} {why}; so its record stays" for address, why in found.items()),
        hint="to give it up, take it out of the configuration and "
        f"`tnctl apply --release {first.name}`, or name it under `safety.forget` to leave it owned; where its account "
        "has another name now, write `moved: NAME` in that account; if you know that it is not yours, say so: "
        f"`tnctl state resolve {first} --as not-owned --evidence TEXT`",
    )
