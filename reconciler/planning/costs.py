"""What the fleet costs a month, what a plan adds to it and what its releases save. Pure.

What a number costs is the first of these that is known; where none is, it stays unknown: counted, never taken for 0.

1. what the carrier said when it was read in this run; what it said and nobody can read is counted as that, and neither
   the ledger nor the book speaks for it
2. what the ledger says was paid for it
3. what the price book says today, which also replaces what an older price book said when it was bought
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from reconciler.model import Action, Address, Change, Kind, Price, Record, money, price_book
from reconciler.model.fleet import Prices
from reconciler.model.money import Total
from reconciler.planning.snapshot import Comparison, World

EVERYTHING = "all"
"""The group of the sums over all purchases and releases."""

PricesPaid = Mapping[Address, Price]
"""Number -> what it costs, for those whose price is known."""

Groups = Callable[[Change], Sequence[tuple[int, str]]]
"""Where a change counts: (place, name), in the order of the table."""


@dataclass(frozen=True, slots=True)
class Share:
    """What the purchases of one group add and its releases save, in one currency.

    ``group`` is :data:`EVERYTHING`, an account's name, or a label as ``KEY=VALUE``. ``saved`` None: there are releases,
    and what they save is not known.
    """

    group: str
    currency: str
    added: Total
    saved: Decimal | None


@dataclass(frozen=True, slots=True)
class CurrentCost:
    """What so many numbers cost a month, by currency; ``unknown`` is how many of them have no known price, and
    ``unreadable`` how many one that cannot be read."""

    numbers: int
    monthly: Mapping[str, Decimal]
    unknown: int
    unreadable: int = 0


@dataclass(frozen=True, slots=True)
class CostForecast:
    """The money behind one plan. ``saved`` is what its releases save a month, by currency; ``estimates`` are its
    purchases that the price book alone puts a price on."""

    now: CurrentCost
    then: CurrentCost
    saved: Mapping[str, Decimal]
    shares: tuple[Share, ...] = ()
    estimates: tuple[Change, ...] = ()


def accounted(
    world: World, comparison: Comparison, paid: PricesPaid, prices: Prices
) -> tuple[Comparison, CostForecast]:
    """``comparison`` with what each release saves in its reason, and the money behind it."""
    changes = comparison.changes
    adopted = {c.address: c.account for c in changes if _is_number(c) and c.action is Action.ADOPT}
    held = _held(world, changes)
    known = _known(world, {**held, **adopted}, paid, prices)
    bought = {c.address: c.cost for c in changes if c.purchase}
    released = {c.address for c in changes if _saves(c)}
    found = CostForecast(
        now=_current_cost(held, known),
        then=_current_cost(
            ({*held, *adopted} - released) | set(bought), known | {a: cost for a, cost in bought.items() if cost}
        ),
        saved=_monthly(released, known),
        shares=_shares(changes, lambda change: _groups(world, change), known),
        estimates=tuple(c for c in changes if c.purchase and c.cost and c.cost.as_of),
    )
    return replace(comparison, changes=tuple(_telling(change, known) for change in changes)), found


def shares_of(changes: Sequence[Change]) -> tuple[Share, ...]:
    """The sums that a saved plan tells: over everything and by account. It holds neither labels nor what a release
    saves, but in words."""
    return _shares(changes, lambda change: [(0, EVERYTHING), (1, change.account)], None)


def _held(world: World, changes: Iterable[Change]) -> dict[Address, str]:
    """Number -> account, for what our records hold and no read has shown to be gone.

    A forgotten number (a tombstone) is among them, unless its account can be read and does not show it: it goes on
    costing until it is released at its carrier.
    """
    lost = {change.address for change in changes if _is_lost(world, change) and _is_held_there(world, change)}
    numbers = [r for r in world.state.records.values() if r.address.kind is Kind.NUMBER and r.address not in lost]
    return {r.address: r.account for r in numbers if not (r.tombstone and _is_unseen(world, r))}


def _is_unseen(world: World, record: Record) -> bool:
    caps = world.capabilities.get(record.account)
    seen = world.observations.get(record.account)
    if caps is None or Kind.NUMBER not in caps.reads or seen is None:
        return False
    return record.address not in seen.found and record.address not in seen.unresolved


def _is_held_there(world: World, change: Change) -> bool:
    """Whether the account that was asked is the one that our records have the number at."""
    record = world.state.records.get(change.address)
    return record is None or record.account == change.account


def _is_lost(world: World, change: Change) -> bool:
    caps = world.capabilities.get(change.account)
    unseen = change.action in (Action.BLOCKED, Action.FORGET) and change.before is None and not change.irreversible
    return unseen and _is_number(change) and caps is not None and Kind.NUMBER in caps.reads


def _known(world: World, numbers: Mapping[Address, str], paid: PricesPaid, prices: Prices) -> dict[Address, Price]:
    found = {address: _price(world, address, account, paid, prices) for address, account in numbers.items()}
    return {address: price for address, price in found.items() if price is not None}


def _price(world: World, address: Address, account: str, paid: PricesPaid, prices: Prices) -> Price | None:
    """What one number costs, by the order at the top."""
    live = world.observation(account).found.get(address)
    if live is not None and live.price is not None and (live.price.unreadable or live.price.monthly is not None):
        return live.price
    before, today = paid.get(address), price_book.price_of(prices, account, address.name)
    return before if before and before.monthly is not None and not (before.as_of and today) else today


def _current_cost(numbers: Iterable[Address], known: PricesPaid) -> CurrentCost:
    every = list(numbers)
    unreadable = sum(address in known and bool(known[address].unreadable) for address in every)
    unknown = sum(address not in known or not _tells(known[address]) for address in every)
    return CurrentCost(len(every), _monthly(every, known), unknown - unreadable, unreadable)


def _tells(price: Price) -> bool:
    """Whether a price says what a number costs a month."""
    return not price.unreadable and price.monthly is not None


def _monthly(numbers: Iterable[Address], known: PricesPaid) -> dict[str, Decimal]:
    """What ``numbers`` cost a month, by currency, as far as it is known."""
    sums: dict[str, Decimal] = {}
    for price in (known[address] for address in numbers if address in known and _tells(known[address])):
        sums[price.currency] = money.added(sums.get(price.currency, Decimal(0)), price.monthly)
    return dict(sorted(sums.items()))


def _shares(changes: Sequence[Change], groups_of: Groups, known: PricesPaid | None) -> tuple[Share, ...]:
    """The sums over each group, once there is more than one purchase or release to add up."""
    counted = [change for change in changes if change.purchase or _saves(change)]
    if len(counted) < 2:
        return ()
    groups: dict[tuple[int, str], list[Change]] = {}
    for change in counted:
        for group in groups_of(change):
            groups.setdefault(group, []).append(change)
    return tuple(share for (_, name), members in sorted(groups.items()) for share in _sums(name, members, known))


def _groups(world: World, change: Change) -> list[tuple[int, str]]:
    """Where a change counts: (place, name), in the order of the table."""
    item = world.item(change.address)
    owner = item.want or item.record
    labels = sorted(f"{key}={value}" for key, value in owner.labels.items()) if owner else []
    return [(0, EVERYTHING), (1, change.account), *((2, label) for label in labels)]


def _sums(group: str, changes: Sequence[Change], known: PricesPaid | None) -> list[Share]:
    """One share a currency."""
    added = money.totals(change.cost for change in changes if change.purchase)
    released = [change.address for change in changes if _saves(change)]
    saved = money.totals(known.get(address) for address in released) if known else {}
    return [
        Share(
            group,
            currency,
            added.get(currency, Total()),
            None if released and known is None else saved.get(currency, Total()).monthly,
        )
        for currency in sorted({*added, *saved})
    ]


def _telling(change: Change, known: PricesPaid) -> Change:
    """``change``, with what giving up its number does to the monthly bill."""
    if not change.release:
        return change
    price = known.get(change.address)
    monthly = ""
    if price is not None and price.monthly is not None:
        monthly = f"{money.show(price.monthly, price.currency)} {price.currency} a month{_estimated(price)}"
    if _saves(change):
        effect = f"saves {monthly}" if monthly else "what that saves is not known"
    else:
        effect = f"it costs {monthly}" if monthly else "what it costs is not known"
    return replace(change, reason=f"{change.reason}; {effect}")


def _estimated(price: Price) -> str:
    return f" (price book, {price.as_of})" if price.as_of else ""


def _saves(change: Change) -> bool:
    """Whether the carrier stops charging for a number: not when it is only forgotten here."""
    return change.release and change.action is Action.DELETE


def _is_number(change: Change) -> bool:
    return change.address.kind is Kind.NUMBER
