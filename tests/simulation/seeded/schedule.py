"""What one seed stands for: a small fleet, odd carriers, a handful of faults, and a script of runs and events.

Each seed draws few kinds of fault from the whole catalogue, so that a rare one meets calm calls too instead of being
drowned. What the README names as a residual risk is left out: a carrier that charges twice for one order is never
combined with lists that may not show it, with requests that it acts on a minute late, a colleague who buys by hand, or
lost records; nor is a pool with the last two, as its numbers have no names to find them by.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from reconciler.sandbox import FAULTS, Chaos, InfobipSwitches, IntelePeerSwitches, INumberingSwitches, Rule
from reconciler.sandbox.faults import SIDES, When
from reconciler.sandbox.switches import Switches, settings
from tests.simulation.acts import Act, Event, Kind, Run
from tests.simulation.carriers import ORDERS
from tests.simulation.fleet import NumberEntry, Pool
from tests.simulation.world import Scene

Entries = tuple[NumberEntry, ...]

WRITES = {
    "ip": ("provision", "deprovision", "setWebhook"),
    "vt": ("tnOrder", "tnMessagingCampaign", "addMessagingBrand"),
    "api": ("tnOrder", "numbersDisconnect", "numbersRoute", "tnMessagingCampaign"),
    "ib": ("purchase", "cancel"),
}
READS = {
    "ip": ("getWebhook", "getProvision"),
    "vt": ("tnInventory",),
    "api": ("tnInventory", "numbersList", "messagingCampaigns"),
    "ib": ("listOwned", "listAvailable", "getOwned"),
}
RANGES = {"ip": "+172055501", "vt": "+120155501", "api": "+197355501", "ib": "+4477009001"}
"""Account -> its numbers without their last two digits."""
CARRIERS: Mapping[str, type[Switches]] = {
    "ip": IntelePeerSwitches,
    "vt": INumberingSwitches,
    "api": INumberingSwitches,
    "ib": InfobipSwitches,
}

MONEY = ("prices", "charges")
"""Switches of how a price is written and what is charged."""


DATES = frozenset({"stale-date", "fast-date", "absurd-date", "no-date"})
"""Faults younger than the seeds that tests name, and planted by rule alone."""

INSIDE = frozenset({"error-inside", "not-found-503", "no-result-503"})
"""Likewise."""

OLDER = frozenset(FAULTS) - DATES - INSIDE
"""The faults that are thrown at random too."""

LATE = {"api": "numbersDisconnect", "ib": "cancel"}
"""Account -> the call by which it may release a number long after its client has given up."""


LATER = frozenset(
    {"row_spelling", "campaign_word", "campaign_map", "assigned_again", "refused_batch", "porting_refusal"}
    | {"purchase_body", "reservation_word", "listed_twice", "offered_as"}
)
"""Switches younger than the seeds that tests name: drawing them with the others would make those other schedules."""


_AT_VOICETEL: Mapping[str, tuple[Any, ...]] = {
    "assigned_again": ("exists", "exists-unnamed"),
    "refused_batch": ("409",),
    "porting_refusal": ("text",),
    "campaign_word": ("ACTIVE", "CAMPAIGN_SOMETHING_NEW"),
    "row_spelling": ("integer",),
}
_AT_INFOBIP: Mapping[str, tuple[Any, ...]] = {
    "purchase_body": (False,),
    "offered_as": ("both",),
    "row_spelling": ("integer",),
}
YOUNGER: Mapping[str, Mapping[str, tuple[Any, ...]]] = {"vt": _AT_VOICETEL, "api": _AT_VOICETEL, "ib": _AT_INFOBIP}
"""Account -> those of them, and of their settings, under which a fleet comes to rest once all faults have healed."""


@dataclass(frozen=True, slots=True)
class Schedule(Scene):
    """A scene with its script."""

    acts: tuple[Act, ...] = ()


def draw(seed: int, *, shards: bool = False) -> Schedule:
    """The schedule of ``seed``; with ``shards``, that of a family of its own."""
    rng = Random(seed)
    numbers = _numbers(rng)
    entries = tuple(entry for n, entry in enumerate(numbers) if n == 0 or rng.random() < 0.8)
    charging = rng.random() < 0.3
    pool = Pool(rng.choice(("vt", "api", "ib")), rng.choice((1, 1, 2, 3))) if rng.random() < 0.3 else None
    accounts = sorted({"ip", *([pool.account] if pool else []), *(entry.account for entry in numbers)})
    switches = {account: _switches(rng, account, charging=charging) for account in accounts}
    if pool and pool.account == "ib":  # a filter that matches whole numbers only would find the pool nothing
        switches["ib"] = replace(switches["ib"], number_match="contains")
    if "ib" in switches:
        switches["ib"] = _with_money(Random(f"{seed} money"), switches["ib"])
    switches = {name: _with_younger(Random(f"{seed} {name}"), name, turned) for name, turned in switches.items()}
    struck = [*(entry.account for entry in numbers), *([pool.account] if pool else [])]
    if charging and "ib" in switches:
        switches["ib"] = _hiding(Random(f"{seed} hiding"), switches["ib"])
    chaos, rules = _faults(rng, seed, struck, charging=charging)
    rules = (*rules, *_younger_rules(Random(f"{seed} younger"), struck), *_inside(Random(f"{seed} trouble"), struck))
    acts = _acts(rng, numbers, entries, charging=charging, pool=pool)
    if shards:
        acts = _narrowed(Random(f"{seed} shards"), acts, accounts)
        acts = _misled(Random(f"{seed} astray"), acts, [account for account in accounts if account in LATE])
    misled = frozenset(act.astray for act in acts if isinstance(act, Run) and act.astray)
    return Schedule(seed, entries, numbers, switches, pool, chaos, rules, shards, misled, acts)


def _narrowed(rng: Random, acts: Sequence[Act], accounts: Sequence[str]) -> tuple[Act, ...]:
    """``acts``, with half of their runs about one account each, and another run beside half of those."""
    narrowed: list[Act] = []
    for act in acts:
        if isinstance(act, Run) and rng.random() < 0.5:
            beside = (rng.randint(1, 8), Event(Kind.SECOND_APPLY)) if rng.random() < 0.5 else None
            act = replace(act, only=rng.choice(accounts), midcall=act.midcall or beside)
        narrowed.append(act)
    return tuple(narrowed)


def _misled(rng: Random, acts: Sequence[Act], accounts: Sequence[str]) -> tuple[Act, ...]:
    """``acts``, with some of their runs at another account of the same carrier, of those that can be read."""
    leads = (rng.choice(accounts) if accounts and rng.random() < 0.25 else "" for _ in acts)
    return tuple(
        replace(act, astray=there) if isinstance(act, Run) else act for act, there in zip(acts, leads, strict=True)
    )


def _numbers(rng: Random) -> Entries:
    accounts = rng.choices(("ip", "vt", "api", "ib"), (1, 3, 3, 3), k=rng.choice((1, 1, 2, 2, 3, 4)))
    first = rng.choice((0, 3))  # a number that ends in 5 has an odd key at Infobip
    return tuple(_entry(rng, account, f"{RANGES[account]}{n:02}") for n, account in enumerate(accounts, first))


def _entry(rng: Random, account: str, tn: str) -> NumberEntry:
    if account == "ib":
        return NumberEntry(tn, account, protect=rng.random() < 0.1 or None)
    sms = rng.choice((True, True, False)) if account == "ip" else rng.choice((None, None, None, True))
    if account == "ip":
        return NumberEntry(tn, account, sms=sms, hook=rng.choice((None, 0, 1)) if sms else None)
    return NumberEntry(
        tn,
        account,
        route=rng.choice((None, None, 3, 4)),
        campaign=rng.random() < 0.25,
        sms=sms,
        hook=rng.choice((None, 0)) if sms else None,
        protect=rng.random() < 0.1 or None,
    )


def _switches(rng: Random, account: str, *, charging: bool) -> Switches:
    """A few switches of a carrier turned at random; those about lags, which matter most, more often."""
    kind = CARRIERS[account]
    known = {name: choice for name, choice in settings(kind).items() if name not in LATER.union(MONEY)}
    names = rng.sample(sorted(known), rng.choice((0, 1, 2, 3)))
    names += [name for name in ("list_lag_seconds", "search_cache_seconds") if name in known and rng.random() < 0.3]
    turned: dict[str, Any] = {name: rng.choice(known[name]) for name in names}
    if account == "ib":
        turned["purchase_again"] = "charges" if charging else "refused"
        turned |= {"available_lag_seconds": 0} if charging else {}
    elif account != "ip":
        turned["order_again"] = "buys-again" if charging else rng.choice(("200-null", "409"))
    return kind(**turned)


def _with_money(rng: Random, switches: Switches) -> Switches:
    """Prices written in a way of their own, and now and then more charged than was asked. Drawn by themselves, so that
    a seed goes on telling its story."""
    known = settings(type(switches))
    return replace(switches, **{name: rng.choice(known[name]) for name in MONEY if rng.random() < 0.15})


def _hiding(rng: Random, switches: Switches) -> Switches:
    """Lists and offers that do not show a purchase for less than ``settle_after``, where a second one is charged."""
    known: Mapping[str, Any] = {"available_lag_seconds": 120, "list_lag_seconds": rng.choice((5, 120))}
    return replace(switches, **known) if rng.random() < 0.5 else switches


def _younger_rules(rng: Random, accounts: Sequence[str]) -> tuple[Rule, ...]:
    """Now and then wrong dates, and releases that are acted on late; drawn by themselves, so that a seed goes on
    telling its story."""
    rules: list[Rule] = []
    if rng.random() < 0.3:
        fault, call, first = rng.choice(sorted(DATES)), rng.choice(("read", "write", "*")), rng.randint(1, 8)
        rules.append(Rule(fault, call, rng.choice(accounts), first=first, times=rng.choice((1, 1, 2, 5, None))))
    account = rng.choice(accounts)
    if account in LATE and rng.random() < 0.3:
        rules.append(Rule(rng.choice(("reset", "timeout", "503")), LATE[account], account, When.LATER))
    return tuple(rules)


def _inside(rng: Random, accounts: Sequence[str]) -> tuple[Rule, ...]:
    """Now and then answers that hold an error, or that say "nothing there" while they are out of order; in none of the
    seeds that tests name, which go on telling their stories."""
    if rng.random() >= 0.12:
        return ()
    fault, account = rng.choice(sorted(INSIDE)), rng.choice(accounts)
    call = rng.choice(("read", "write", "*")) if fault == "error-inside" else "read"
    moment = rng.choice(FAULTS[fault].moments)
    return (Rule(fault, call, account, moment, first=rng.randint(1, 8), times=rng.choice((1, 1, 2, 5, None))),)


def _with_younger(rng: Random, account: str, switches: Switches) -> Switches:
    """``switches`` with, now and then, one or two of the younger ones turned."""
    known = YOUNGER.get(account, {})
    names = rng.sample(sorted(known), rng.choice((0, 0, 1, 2))) if known else []
    return replace(switches, **{name: rng.choice(known[name]) for name in names})


def _faults(
    rng: Random, seed: int, accounts: Sequence[str], *, charging: bool
) -> tuple[Chaos | None, tuple[Rule, ...]]:
    """A few kinds of fault: thrown at a share of all calls, planted at certain ones, or none at all."""
    names = tuple(rng.sample(sorted(OLDER), rng.randint(1, 4)))
    rate = rng.choice((0, 0, 0.03, 0.1, 0.3, 0.7))
    chaos = Chaos(seed, rate, names) if rate else None
    rules = tuple(_rule(rng, rng.choice(accounts), charging=charging) for _ in range(rng.choice((0, 1, 1, 2, 3))))
    return chaos, rules


def _rule(rng: Random, account: str, *, charging: bool) -> Rule:
    fault = rng.choice(sorted(OLDER))
    calls = WRITES[account] if rng.random() < 0.7 else READS[account]
    call = calls[0] if rng.random() < 0.6 else rng.choice(calls)
    late = call in ORDERS and not charging
    return Rule(
        fault,
        call=call,
        account=account,
        when=rng.choice([moment for moment in FAULTS[fault].moments if late or moment in SIDES]),
        first=rng.choice((1, 1, 1, 2, 3)),
        times=rng.choice((1, 1, 1, 2, 5, None)),
    )


def _acts(
    rng: Random,
    numbers: Entries,
    entries: Entries,
    *,
    charging: bool,
    pool: Pool | None,
) -> tuple[Act, ...]:
    acts: list[Act] = []
    younger = Random(str(rng.getstate()[1][:3]))  # draws what is younger than the seeds that tests name
    for _ in range(rng.choice((1, 1, 2, 2, 3))):
        acts.append(_paused(younger, _run(rng, charging=charging), charging=charging))
        for _ in range(rng.choice((0, 1, 1, 2))):
            if pool and rng.random() < 0.5:
                acts.append(Event(rng.choice((Kind.RESIZE, Kind.RESIZE, Kind.RIVAL_AT_THE_POOL)), rng.randrange(4)))
            event = _event(rng, numbers, entries, charging=charging or pool is not None)
            entries = event.entries if event.kind is Kind.EDIT else entries
            acts.append(event)
    return tuple(acts)


def _run(rng: Random, *, charging: bool) -> Run:
    return Run(
        wait=rng.choice((0, 0, 60, 60, 60, 900)),
        allow=rng.random() < 0.5,
        crash=rng.randint(1, 24) if rng.random() < 0.45 else None,
        torn=rng.random() < 0.4,
        midcall=(rng.randint(1, 8), _midcall(rng, charging=charging)) if rng.random() < 0.25 else None,
        saved=rng.random() < 0.5,
        host=rng.choice(("alpha", "alpha", "alpha", "beta")),
    )


def _paused(rng: Random, run: Run, *, charging: bool) -> Run:
    """``run``, which may be stopped for a while in the middle of a call."""
    if run.midcall is not None or rng.random() >= 0.12:
        return run
    kinds = [Kind.PAUSE] if charging else [Kind.PAUSE, Kind.PAUSE_FOR_AN_APPLY]
    return replace(run, midcall=(rng.randint(1, 8), Event(rng.choice(kinds))))


def _midcall(rng: Random, *, charging: bool) -> Event:
    kinds = [Kind.SECOND_APPLY, Kind.STEAL, Kind.JUMP, Kind.RIVAL, Kind.STOP, Kind.PORTAL_SMS]
    kind = rng.choice(kinds if charging else [*kinds, Kind.TAKEOVER])
    return Event(kind, rng.randrange(4), seconds=rng.choice((3600, -3600)))


def _event(rng: Random, numbers: Entries, entries: Entries, *, charging: bool) -> Event:
    often = [Kind.SLEEP, Kind.SLEEP, Kind.EDIT, Kind.EDIT, Kind.EDIT, Kind.SAVE, Kind.JUMP, Kind.RIVAL]
    kinds = [*often, Kind.PORTAL_RELEASE, Kind.PORTAL_SMS, Kind.PORTAL_HOOK]
    kind = rng.choice(kinds if charging else [*kinds, Kind.PORTAL_BUY, Kind.LOSE, Kind.RESTORE])
    seconds = rng.choice((3600, -3600)) if kind is Kind.JUMP else rng.choice((2, 100, 400, 700, 1000, 4000))
    edited = _edited(rng, numbers, entries) if kind is Kind.EDIT else ()
    return Event(kind, rng.randrange(len(numbers)), seconds, edited)


def _edited(rng: Random, numbers: Entries, entries: Entries) -> Entries:
    """The configuration with one entry added, dropped or changed."""
    entry = rng.choice(numbers)
    there = next((n for n, other in enumerate(entries) if other.tn == entry.tn), None)
    if there is None:
        return (*entries, entry)
    if rng.random() < 0.65:
        return entries[:there] + entries[there + 1 :]
    return (*entries[:there], _toggled(rng, entries[there]), *entries[there + 1 :])


def _toggled(rng: Random, entry: NumberEntry) -> NumberEntry:
    """``entry`` with one facet turned on, off or to another value."""
    if entry.account == "ib":
        return entry
    feature = rng.choice(("sms", "hook", "campaign", "route"))
    if feature == "sms":
        on = not entry.sms
        return replace(entry, sms=on, hook=entry.hook if on else None)
    if feature == "hook":
        return replace(entry, sms=True, hook=None if entry.hook == 1 else 1)
    if entry.account == "ip":
        return entry
    if feature == "campaign":
        return replace(entry, campaign=not entry.campaign)
    return replace(entry, route=4 if entry.route == 3 else 3)
