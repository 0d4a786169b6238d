"""What a reader of a plan should know besides its changes. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from reconciler.clock import stamp
from reconciler.model import (
    SANDBOX,
    Action,
    Address,
    Change,
    Intent,
    Kind,
    Notice,
    Origin,
    Plan,
    Resource,
    StateSnapshot,
    Status,
    Unread,
    campaign_states,
    money,
)
from reconciler.planning import kept_webhooks
from reconciler.planning.costs import CostForecast, CurrentCost
from reconciler.planning.limits import Violation
from reconciler.planning.snapshot import Comparison, World
from reconciler.planning.undeclared import out_of_service


def of_comparison(world: World, comparison: Comparison, left_out: int) -> list[Notice]:
    """Unreadable scopes, unobservable objects (one notice an account), presumed numbers, odd states."""
    return [
        *_unresolved(world, comparison.unresolved),
        *_unobservable(world, comparison.unobservable),
        *_presumed(world),
        *_odd_states(world, comparison),
        *_slashes(world, comparison),
        *_first_writes(world, comparison),
        *_out_of_service(world, comparison),
        *_registered(world, comparison),
        *[Notice("warning", f"{o.account}: {text}") for o in world.observations.values() for text in o.notices],
        *open_intents(world.state),
        *_left_out(left_out),
    ]


def of_world(*, real: bool) -> list[Notice]:
    """That the carriers are not real ones."""
    return [] if real else [SANDBOX]


def of_records(state: StateSnapshot, *, real: bool) -> list[Notice]:
    """That nothing was ever applied from these records, which may be the wrong ones."""
    if not state.new:
        return []
    message = "these records are new: nothing was ever applied from there"
    elsewhere = "; if this fleet was applied before, its records are elsewhere: see `state`, --state and TNCTL_STATE"
    return [Notice("warning", message + elsewhere) if real else Notice("info", message)]


def of_fleet(name: str, recorded: str, plan: Plan, state: StateSnapshot) -> list[Notice]:
    """What to know where records have no name yet: which they get, or that they may be another configuration's."""
    if recorded or state.new:
        return []
    if name:
        return [Notice("info", f"these records have no name yet: the next apply makes them those of the fleet {name}")]
    return [
        Notice(
            "warning",
            f"{account}: this gives up everything that the records hold there; if they are another configuration's "
            "too, give each its own records and a name: `fleet: NAME`",
        )
        for account in _given_up_whole(plan, state)
    ]


def _given_up_whole(plan: Plan, state: StateSnapshot) -> list[str]:
    """The accounts of which the plan deletes or forgets every object that is on record and in service."""
    given_up = {c.address for c in plan.changes if c.action in (Action.DELETE, Action.FORGET) and not c.then}
    held: dict[str, set[Address]] = defaultdict(set)
    for address, record in state.records.items():
        if not record.tombstone and record.out_of_service_at is None:
            held[record.account].add(address)
    return [account for account, addresses in sorted(held.items()) if addresses <= given_up]


def _unresolved(world: World, reasons: Mapping[Address, Unread]) -> list[Notice]:
    """One error for each account and reason: how many objects it covers, and the first of them."""
    grouped: dict[tuple[str, Unread], list[Address]] = defaultdict(list)
    for address, why in reasons.items():
        grouped[world.item(address).account, why].append(address)
    return [
        Notice("error", _unread(account, why, len(addresses) - 1), str(addresses[0]))
        for (account, why), addresses in grouped.items()
    ]


def _unread(account: str, why: Unread, others: int) -> str:
    """Why an object and so many others could not be read. Of an empty slot, which is at no account, ``why`` says
    whom it asked."""
    where = f" at {account}" if account else ""
    more = f" (and {others} more)" if others else ""
    remedy = f": check the credential of {account or 'that account'}" if why.denied else ""
    return f"could not be read{where}{more}: {why}; nothing is done about it{remedy}"


def of_violations(violations: Sequence[Violation]) -> list[Notice]:
    """What an apply of this plan would refuse, with the way out."""
    return [Notice("warning", f"over a limit, and apply refuses it: {v.message}; {v.remedy}") for v in violations]


def of_money(forecast: CostForecast) -> list[Notice]:
    """What the fleet costs a month now and after this plan, and which prices are only the price book's."""
    now, then = _bill(forecast.now), _bill(forecast.then)
    if not now and not then:
        return []
    after = f"; after this plan: {then or 'nothing'}" if then != now else ""
    saved = f"; releases save {_sums(forecast.saved)} a month" if forecast.saved else ""
    return [Notice("info", f"standing cost: {now or 'nothing'}{after}{saved}"), *_estimates(forecast.estimates)]


def _bill(cost: CurrentCost) -> str:
    """``3 numbers, 10.00 EUR + 0.85 USD a month, 1 unknown price``; empty for no numbers."""
    sums = _sums(cost.monthly)
    parts = (
        _count(cost.numbers, "number") if cost.numbers else "",
        f"{sums} a month" if sums else "",
        _count(cost.unknown, "unknown price") if cost.unknown else "",
        f"{_count(cost.unreadable, 'price')} that cannot be read" if cost.unreadable else "",
    )
    return ", ".join(filter(None, parts))


def _sums(amounts: Mapping[str, Decimal]) -> str:
    return " + ".join(f"{money.show(amount, currency)} {currency}" for currency, amount in amounts.items())


def _estimates(purchases: Iterable[Change]) -> list[Notice]:
    """One notice for each account and day of the price book."""
    counts = Counter((change.account, change.cost.as_of) for change in purchases if change.cost and change.cost.as_of)
    return [
        Notice("info", f"{account}: {_count(n, 'price')} estimated from the price book, as of {day}; not quoted")
        for (account, day), n in sorted(counts.items())
    ]


def of_waiting(waiting: Mapping[Address, str]) -> list[Notice]:
    """Of what a drift report can say nothing yet."""
    return [Notice("info", why, str(address)) for address, why in waiting.items()]


def open_intents(state: StateSnapshot) -> list[Notice]:
    """Calls of earlier runs whose outcome is not known yet."""
    return [Notice("warning", _open(intent), str(intent.address)) for intent in state.open_intents]


def _open(intent: Intent) -> str:
    last = intent.last_attempt
    other = f"; the carrier's answer named {last.about.partition(' ')[0]}" if last and last.about else ""
    since = stamp(last.at if last else intent.created_at)
    settles = (
        "the next apply settles it by reads" if _by_reads(intent) else "it may be sent again: the next apply decides"
    )
    settles = f"only a person can settle it: {intent.person}" if intent.person else settles
    return f"the outcome of a {intent.action.value} {'sent' if last else 'begun'} {since} is open{other}; {settles}"


def _by_reads(intent: Intent) -> bool:
    return intent.purchase or (intent.address.kind is Kind.NUMBER and intent.action is Action.DELETE)


def _unobservable(world: World, addresses: Iterable[Address]) -> list[Notice]:
    counts: dict[str, int] = defaultdict(int)
    for address in addresses:
        counts[world.item(address).account] += 1
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
        for address, record in sorted(world.state.records.items())
        if record.origin is Origin.PRESUMED and not record.tombstone
    ]


def _odd_states(world: World, comparison: Comparison) -> list[Notice]:
    items = [world.item(change.address) for change in comparison.in_sync]
    return [
        Notice(
            "warning",
            f"taken for off: the carrier reports a state that no document lists: {item.live.carrier_status}",
            str(item.address),
        )
        for item in items
        if item.live is not None and item.live.status is Status.UNKNOWN
    ]


def _slashes(world: World, comparison: Comparison) -> list[Notice]:
    """Webhooks that are first seen to be kept with a slash more or less than was sent; the next apply remembers it."""
    items = [world.item(change.address) for change in comparison.in_sync if change.address.kind is Kind.WEBHOOK]
    pairs = [(i, i.want.attrs["url"], i.live.attrs["url"]) for i in items if i.ours and i.want and i.live]
    return [
        Notice("info", f"the carrier keeps it {kept_webhooks.with_slash(want, live)}", str(item.address))
        for item, want, live in pairs
        if want != live and item.ours and kept_webhooks.is_new(item.ours.last_write)
    ]


def _first_writes(world: World, comparison: Comparison) -> list[Notice]:
    """What the first webhook, or the like, of a number changes beside itself; one notice for each account and kind."""
    made = Counter(
        (c.account, c.address.kind)
        for c in comparison.changes
        if c.action is Action.CREATE and c.address.kind in world.capabilities[c.account].first_write
    )
    return [
        Notice(
            "info",
            f"{account}: {_count(n, kind.value)} for numbers that show none: "
            f"{world.capabilities[account].first_write[kind]}",
            ahead=True,
        )
        for (account, kind), n in sorted(made.items())
    ]


def _registered(world: World, comparison: Comparison) -> list[Notice]:
    """How campaigns stand at the registry, where that is less than approved and closes nothing."""
    sent = [change for change in comparison.changes if change.action in (Action.CREATE, Action.UPDATE)]
    filled = {str((change.after or {}).get("campaign")) for change in sent if change.address.kind is Kind.ASSIGNMENT}
    told = [
        (address, _registry_state(world, address, campaign, filled=campaign.attrs.get("id") in filled))
        for address, campaign in sorted(world.desired.items())
        if address.kind is Kind.CAMPAIGN
    ]
    return [Notice("info", message, str(address)) for address, message in told if message]


def _registry_state(world: World, address: Address, campaign: Resource, *, filled: bool) -> str:
    """The sentence about one campaign; ``filled``: whether numbers are to be assigned to it. Empty: nothing to say."""
    carrier_status = (world.observation(campaign.account).registry or {}).get(str(campaign.attrs.get("id")), "")
    record = world.state.records.get(address)
    last = record.carrier_status if record else ""
    if not carrier_status:
        return ""
    if campaign_states.says_nothing(carrier_status) and not last:
        return f"the registry's word for it is {carrier_status}, which does not tell how it stands: taken for pending"
    if campaign_states.registry_state(carrier_status, last) is campaign_states.RegistryState.PENDING:
        assigned = "what is assigned stays so, and nothing more is assigned yet"
        return f"it is pending at the registry ({carrier_status}); {assigned}"
    if campaign_states.means_little(carrier_status) and not campaign_states.says_nothing(carrier_status) and filled:
        return (
            f"the registry's word for it is {carrier_status}, which is no approval: the carrier judges each assignment"
        )
    return ""


def _out_of_service(world: World, comparison: Comparison) -> list[Notice]:
    """Numbers that are out of service and not released yet: in sync or not readable, and wanted by nobody."""
    known = sorted({*(change.address for change in comparison.in_sync), *comparison.unobservable})
    numbers = (world.item(a) for a in known if a.kind is Kind.NUMBER and a not in world.desired)
    return [Notice("info", message, str(item.address)) for item in numbers if (message := out_of_service(item))]


def _left_out(count: int) -> list[Notice]:
    plural = "objects were" if count != 1 else "object was"
    return [Notice("info", f"{count} {plural} left out by --only or --exclude")] if count else []


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
