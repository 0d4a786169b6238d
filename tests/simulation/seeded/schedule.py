"""What one seed stands for: a small fleet, odd carriers, a handful of faults, and a script of runs and events.

Each seed draws few kinds of fault from the whole catalogue, so that a rare one meets calm calls too instead of being
drowned. What RELIABILITY names as a residual risk is left out: a carrier that charges twice for one order is never
combined with lists that may not show it, with requests that it acts on a minute late, a colleague who buys by hand, or
lost records; nor is a pool with the last two, as its numbers have no names to find them by.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from random import Random
from typing import Any

from reconciler.sandbox import FAULTS, Chaos, InfobipSwitches, IntelePeerSwitches, INumberingSwitches, Rule
from reconciler.sandbox.faults import SIDES, When
from reconciler.sandbox.switches import Switches, settings
from tests.simulation.carriers import ORDERS
from tests.simulation.fleet import Desk, Line

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


class Kind(StrEnum):
    """What happens between two runs, or in the middle of a call."""

    SLEEP = "sleep"
    JUMP = "our clock jumps"
    RIVAL = "a rival buys"
    PORTAL_BUY = "a colleague buys"
    PORTAL_RELEASE = "a colleague releases"
    PORTAL_SMS = "a colleague switches sms"
    PORTAL_HOOK = "a colleague sets a webhook"
    EDIT = "the configuration is edited"
    RESIZE = "a pool is grown or shrunk"
    RIVAL_AT_THE_DESK = "a rival buys what a pool would choose"
    SAVE = "a plan is saved"
    LOSE = "the records are lost"
    RESTORE = "older records are restored"
    SECOND_APPLY = "a second apply tries"
    STEAL = "the lock is stolen"
    TAKEOVER = "the lock is stolen for an apply"
    STOP = "a signal"
    PAUSE = "the process is stopped for longer than its lease"
    PAUSE_FOR_AN_APPLY = "the process is stopped for longer than its lease, and another applies"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens. ``line`` counts the numbers of the schedule, or is the new size of the pool; ``lines``
    are the new configuration."""

    kind: Kind
    line: int = 0
    seconds: float = 0
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """One apply. ``crash`` is the boundary (a commit of ours, either side of a carrier's) at which it is killed."""

    wait: float = 60
    allow: bool = False
    """Whether releases, deletes and empty accounts are allowed."""
    crash: int | None = None
    torn: bool = False
    """Whether the log is cut inside the last commit."""
    midcall: tuple[int, Event] | None = None
    """An event in the middle of so many-th call."""
    saved: bool = False
    """Whether the saved plan is applied, if there is one."""
    host: str = "alpha"
    only: str = ""
    """The account that it is about alone; empty: all there are."""
    astray: str = ""
    """The account whose URL leads to another one, once numbers of it are on record; empty: none."""


Act = Run | Event


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
class Schedule:
    """Everything about one seed. ``lines`` are the first configuration; ``pool`` every line it ever has."""

    seed: int
    lines: tuple[Line, ...]
    pool: tuple[Line, ...]
    switches: Mapping[str, Switches]
    chaos: Chaos | None
    rules: tuple[Rule, ...]
    acts: tuple[Act, ...]
    desk: Desk | None = None
    """The pool, as it is at first."""
    shards: bool = False
    """Whether runs are about one account now and then, and lock what they are about instead of everything; or have a
    configuration that leads to another account."""

    @property
    def accounts(self) -> tuple[str, ...]:
        """The accounts that the configuration has; IntelePeer's is always there, for messages."""
        pooled = {self.desk.account} if self.desk else set()
        return tuple(sorted({"ip", *pooled, *(line.account for line in self.pool)}))


def draw(seed: int, *, shards: bool = False) -> Schedule:
    """The schedule of ``seed``; with ``shards``, that of a family of its own."""
    rng = Random(seed)
    pool = _pool(rng)
    lines = tuple(line for n, line in enumerate(pool) if n == 0 or rng.random() < 0.8)
    charging = rng.random() < 0.3
    desk = Desk(rng.choice(("vt", "api", "ib")), rng.choice((1, 1, 2, 3))) if rng.random() < 0.3 else None
    accounts = sorted({"ip", *([desk.account] if desk else []), *(line.account for line in pool)})
    switches = {account: _switches(rng, account, charging=charging) for account in accounts}
    if desk and desk.account == "ib":  # a filter that matches whole numbers only would find the pool nothing
        switches["ib"] = replace(switches["ib"], number_match="contains")
    if "ib" in switches:
        switches["ib"] = _with_money(Random(f"{seed} money"), switches["ib"])
    switches = {name: _with_younger(Random(f"{seed} {name}"), name, turned) for name, turned in switches.items()}
    struck = [*(line.account for line in pool), *([desk.account] if desk else [])]
    if charging and "ib" in switches:
        switches["ib"] = _hiding(Random(f"{seed} hiding"), switches["ib"])
    chaos, rules = _faults(rng, seed, struck, charging=charging)
    rules = (*rules, *_younger_rules(Random(f"{seed} younger"), struck), *_inside(Random(f"{seed} trouble"), struck))
    acts = _acts(rng, pool, lines, charging=charging, desk=desk)
    if shards:
        acts = _narrowed(Random(f"{seed} shards"), acts, accounts)
        acts = _misled(Random(f"{seed} astray"), acts, [account for account in accounts if account in LATE])
    return Schedule(seed, lines, pool, switches, chaos, rules, acts, desk, shards)


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


def _pool(rng: Random) -> tuple[Line, ...]:
    accounts = rng.choices(("ip", "vt", "api", "ib"), (1, 3, 3, 3), k=rng.choice((1, 1, 2, 2, 3, 4)))
    first = rng.choice((0, 3))  # a number that ends in 5 has an odd key at Infobip
    return tuple(_line(rng, account, f"{RANGES[account]}{n:02}") for n, account in enumerate(accounts, first))


def _line(rng: Random, account: str, tn: str) -> Line:
    if account == "ib":
        return Line(tn, account, protect=rng.random() < 0.1)
    sms = rng.choice((True, True, False)) if account == "ip" else rng.choice((None, None, None, True))
    if account == "ip":
        return Line(tn, account, sms=sms, hook=rng.choice((None, 0, 1)) if sms else None)
    return Line(
        tn,
        account,
        route=rng.choice((None, None, 3, 4)),
        campaign=rng.random() < 0.25,
        sms=sms,
        hook=rng.choice((None, 0)) if sms else None,
        protect=rng.random() < 0.1,
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
    rng: Random, pool: tuple[Line, ...], lines: tuple[Line, ...], *, charging: bool, desk: Desk | None
) -> tuple[Act, ...]:
    acts: list[Act] = []
    younger = Random(str(rng.getstate()[1][:3]))  # draws what is younger than the seeds that tests name
    for _ in range(rng.choice((1, 1, 2, 2, 3))):
        acts.append(_paused(younger, _run(rng, charging=charging), charging=charging))
        for _ in range(rng.choice((0, 1, 1, 2))):
            if desk and rng.random() < 0.5:
                acts.append(Event(rng.choice((Kind.RESIZE, Kind.RESIZE, Kind.RIVAL_AT_THE_DESK)), rng.randrange(4)))
            event = _event(rng, pool, lines, charging=charging or desk is not None)
            lines = event.lines if event.kind is Kind.EDIT else lines
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


def _event(rng: Random, pool: tuple[Line, ...], lines: tuple[Line, ...], *, charging: bool) -> Event:
    often = [Kind.SLEEP, Kind.SLEEP, Kind.EDIT, Kind.EDIT, Kind.EDIT, Kind.SAVE, Kind.JUMP, Kind.RIVAL]
    kinds = [*often, Kind.PORTAL_RELEASE, Kind.PORTAL_SMS, Kind.PORTAL_HOOK]
    kind = rng.choice(kinds if charging else [*kinds, Kind.PORTAL_BUY, Kind.LOSE, Kind.RESTORE])
    seconds = rng.choice((3600, -3600)) if kind is Kind.JUMP else rng.choice((2, 100, 400, 700, 1000, 4000))
    edited = _edited(rng, pool, lines) if kind is Kind.EDIT else ()
    return Event(kind, rng.randrange(len(pool)), seconds, edited)


def _edited(rng: Random, pool: tuple[Line, ...], lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """The configuration with one line added, dropped or changed."""
    line = rng.choice(pool)
    there = next((n for n, other in enumerate(lines) if other.tn == line.tn), None)
    if there is None:
        return (*lines, line)
    if rng.random() < 0.65:
        return lines[:there] + lines[there + 1 :]
    return (*lines[:there], _toggled(rng, lines[there]), *lines[there + 1 :])


def _toggled(rng: Random, line: Line) -> Line:
    """``line`` with one facet turned on, off or to another value."""
    if line.account == "ib":
        return line
    facet = rng.choice(("sms", "hook", "campaign", "route"))
    if facet == "sms":
        on = not line.sms
        return replace(line, sms=on, hook=line.hook if on else None)
    if facet == "hook":
        return replace(line, sms=True, hook=None if line.hook == 1 else 1)
    if line.account == "ip":
        return line
    if facet == "campaign":
        return replace(line, campaign=not line.campaign)
    return replace(line, route=4 if line.route == 3 else 3)
