"""What a run may not do, whatever the configuration says. Pure; checked whole, before the first write.

====================  =====================================  ==========================
limit                 counts                                 this run's way out
====================  =====================================  ==========================
max_purchases         numbers bought, and open orders that   ``--allow-purchases N``
                      this run sends again
max_releases          numbers released or left to cost       ``--allow-releases N``, ``--release +44…``
releases by name      released ones that tnctl did not buy   ``--release +44…``
max_deletes           other deletes; percent from 20 up      ``--allow-deletes N``
max_monthly, _setup   what the purchases add, by currency    change ``safety:``
                      (what is told: the least it can be)
                      what they add in a currency that the   change ``safety:``
                      limit does not name, but for 0
unknown_prices        purchases whose price is not known,    change ``safety:``
                      or half of it
(always)              purchases at an unreadable price       ``--exclude ADDRESS``
(always)              purchases for pools on new records     ``--new-records``
                      for a pool without a number on record, ``--new-records``
                      where its account cannot be read
                      likewise beside an owned number that   ``adopt:`` in the pool
                      fits it and nobody declares
empty desired         an account with records, none wanted   ``--allow-empty PROVIDER``
empty live            an account that shows none of its own  ``--allow-empty PROVIDER``
====================  =====================================  ==========================
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from reconciler.model import NOTHING, Action, Address, Change, Kind, Observation, Plan, Status, money, slots
from reconciler.model.fleet import Safety
from reconciler.planning.snapshot import World

PERCENT_FROM = 20
"""Objects from which on the percentage of deletes counts."""

EXCLUDED = 3
"""Addresses that a remedy leaves out by name."""


@dataclass(frozen=True, slots=True)
class Allowances:
    """What the command line allows for this run in place of the configured limits; None leaves the limit."""

    purchases: int | None = None
    releases: int | None = None
    deletes: int | None = None
    empty: frozenset[str] = frozenset()
    release: frozenset[str] = frozenset()
    """Telephone numbers that may be released, each by its name."""
    new_records: bool = False


@dataclass(frozen=True, slots=True)
class Violation:
    """A limit that this plan breaks: the sentence, what offends, and what to do to allow it, as an order."""

    message: str
    override: str
    offending: tuple[str, ...] = ()
    can_be_allowed: bool = True

    @property
    def remedy(self) -> str:
        """What to do, as plan and apply say it: ``to allow it, add --allow-releases 1``."""
        return f"to allow it, {self.override}" if self.can_be_allowed else self.override


@dataclass(frozen=True, slots=True)
class Inventory:
    """The counts that the limits look at besides the plan."""

    objects: int
    """Objects under management."""
    emptied: tuple[str, ...] = ()
    """Accounts that the records hold objects of and for which nothing is declared."""
    unknown: frozenset[str] = frozenset()
    """Those of them that the configuration does not have any more."""
    vanished: tuple[str, ...] = ()
    """Accounts that show none of the numbers that the records hold."""
    found: frozenset[Address] = frozenset()
    """Numbers on record that tnctl did not buy."""
    new: bool = False
    """Whether nothing was ever applied from the records, and purchases cost money."""
    unproven: Mapping[str, tuple[str, ...]] = NOTHING
    """Pool -> accounts that cannot show whether it has numbers already, where the records know of none."""
    ordered: Mapping[Address, Address] = NOTHING
    """Number -> the slot that its open order is for."""
    unclaimed: Mapping[str, tuple[str, ...]] = NOTHING
    """Pool -> owned numbers that fit it and that nobody declares, where the records know no number of it."""


def violations(plan: Plan, safety: Safety, inventory: Inventory, allow: Allowances) -> tuple[Violation, ...]:
    """Every limit that ``plan`` breaks."""
    found = [
        _too_many("purchase", [c for c in plan.changes if c.purchase], safety.max_purchases, allow.purchases),
        *_releases(plan, safety, inventory, allow),
        _too_many_deletes(plan, safety, inventory.objects, allow.deletes),
        *_too_dear(plan, safety),
        *_in_other_currencies(plan, safety),
        _unknown_prices(plan, safety),
        _unreadable_prices(plan),
        _new_records(plan, inventory, allowed=allow.new_records),
        *_unproven(plan, inventory, allowed=allow.new_records),
        *_unclaimed(plan, inventory),
        *_empty(inventory, allow.empty),
    ]
    return tuple(violation for violation in found if violation)


def inventory(world: World, in_scope: Iterable[Address]) -> Inventory:
    """What the limits must know of the world. Of an account that is only partly in scope nobody says that nothing is
    declared there; what it shows of the part that was read is judged all the same."""
    scope = set(in_scope)
    managed = {a: r for a, r in world.state.records.items() if not r.tombstone}
    # What is out of service was given up by an earlier apply, which was asked then whether nothing is to be left.
    # What is named to be given up, or declared at another account, is not left out by mistake either.
    named = {*world.releases, *world.forgets}
    kept = {
        address: record
        for address, record in managed.items()
        if record.out_of_service_at is None and address.name not in named and address not in world.desired
    }
    whole = {r.account for r in kept.values()} - {r.account for a, r in managed.items() if a not in scope}
    wanted = {resource.account for resource in world.desired.values()}
    found = {a for a, record in world.state.records.items() if a.kind is Kind.NUMBER and not record.bought}
    return Inventory(
        objects=len(managed),
        emptied=tuple(sorted(whole - wanted)),
        unknown=frozenset(whole - world.capabilities.keys()),
        found=frozenset(found),
        ordered=slots.ordered(world.state),
        vanished=tuple(
            account for account, seen in sorted(world.observations.items()) if _shows_none(world, seen, managed, scope)
        ),
    )


def _shows_none(world: World, seen: Observation, managed: Iterable[Address], scope: Collection[Address]) -> bool:
    """Whether an account was read for numbers that the records hold there, and shows not one that they hold."""
    ours = [address for address in managed if address.kind in (Kind.NUMBER, Kind.SMS)]
    held = [address for address in ours if world.state.records[address].account == seen.account]
    live = [seen.found[address] for address in held if address in seen.found]
    if any(one.status is not Status.FOREIGN for one in live):
        return False
    return any(
        address in scope or (seen.listed and address.kind is Kind.NUMBER)
        for address in held
        if not (address in seen.unobservable or address in seen.unresolved or world.item(address).unlisted)
    )


def _too_many(what: str, offending: list[Change], limit: int, allowed: int | None) -> Violation | None:
    bound = limit if allowed is None else allowed
    if len(offending) <= bound:
        return None
    return Violation(
        f"{len(offending)} {what}{'s' if len(offending) != 1 else ''} planned, at most {bound} allowed",
        f"add --allow-{what}s {len(offending)}",
        tuple(str(change.address) for change in offending),
    )


def _releases(plan: Plan, safety: Safety, inventory: Inventory, allow: Allowances) -> Iterable[Violation | None]:
    """The releases against their limit. One that is named needs no count, and no count covers what was only found."""
    named = allow.release | safety.release.keys()
    unnamed = [change for change in plan.changes if change.release and change.address.name not in named]
    by_name = [c for c in unnamed if c.action is Action.DELETE and c.address in inventory.found]
    counted = [change for change in unnamed if change not in by_name]
    yield _too_many("release", counted, safety.max_releases, allow.releases)
    if by_name:
        options = " ".join(f"--release {change.address.name}" for change in by_name)
        plural, them = ("s", "them") if len(by_name) != 1 else ("", "it")
        yield Violation(
            f"{len(by_name)} release{plural} planned of what tnctl did not buy, which no count covers",
            f"add {options}, or name {them} under `safety.release`",
            tuple(str(change.address) for change in by_name),
        )


def _too_many_deletes(plan: Plan, safety: Safety, objects: int, allowed: int | None) -> Violation | None:
    deletes = [c for c in plan.changes if Action.DELETE in (c.action, c.then) and c.address.kind is not Kind.NUMBER]
    bound = safety.max_deletes_count
    if objects >= PERCENT_FROM:
        bound = min(bound, objects * safety.max_deletes_percent // 100)
    return _too_many("delete", deletes, bound, allowed)


def _money_limits(safety: Safety) -> Iterable[tuple[str, str, Mapping[str, Decimal]]]:
    """(limit, what of a price it is held against, what it allows by currency), of those that are set."""
    if safety.max_monthly is not None:
        yield "monthly", "dearest_month", safety.max_monthly
    if safety.max_setup is not None:
        yield "setup", "setup", safety.max_setup


def _too_dear(plan: Plan, safety: Safety) -> Iterable[Violation]:
    sums, unknown = money.cost_of(plan.changes)
    least = "at least " if unknown else ""
    for kind, amount, limits in _money_limits(safety):
        for currency, limit in sorted(limits.items()):
            total: Decimal = getattr(sums.get(currency, money.Total()), amount)
            if total > limit:
                adds, most = money.apart(total, limit, currency)
                yield Violation(
                    f"the purchases add {least}{adds} {currency} {kind}, at most {most} allowed",
                    f"raise safety.max_{kind}.{currency}",
                    tuple(
                        str(c.address) for c in plan.changes if c.purchase and c.cost and c.cost.currency == currency
                    ),
                )


def _in_other_currencies(plan: Plan, safety: Safety) -> Iterable[Violation]:
    """A limit that names euros alone says nothing of dollars: they are refused, whatever they are worth."""
    priced = [(change, change.cost) for change in plan.changes if change.purchase and change.cost]
    for kind, amount, limits in _money_limits(safety):
        foreign = [(c, p.currency) for c, p in priced if getattr(p, amount) and p.currency not in limits]
        for currency in sorted({currency for _, currency in foreign}):
            offending = tuple(str(change.address) for change, theirs in foreign if theirs == currency)
            yield Violation(
                f"{_purchases(len(offending))} priced in {currency}, which safety.max_{kind} does not name",
                f"add {currency} to safety.max_{kind}",
                offending,
            )


def _unknown_prices(plan: Plan, safety: Safety) -> Violation | None:
    bought = [change for change in plan.changes if change.purchase]
    unknown = [c for c in bought if c.cost is None or not (c.cost.whole or c.cost.unreadable)]
    if safety.unknown_prices == "allow" or not unknown:
        return None
    message = f"{_purchases(len(unknown))} without a known price"
    return Violation(message, "set safety.unknown_prices to allow", tuple(str(change.address) for change in unknown))


def _unreadable_prices(plan: Plan) -> Violation | None:
    unread = [change for change in plan.changes if change.purchase and change.cost and change.cost.unreadable]
    if not unread:
        return None
    told = ", ".join(f"{c.address} {c.cost.unreadable}" for c in unread[:1] if c.cost)
    named = " ".join(f"--exclude {change.address}" for change in unread[:EXCLUDED])
    return Violation(
        f"{_purchases(len(unread))} at a price that was told and cannot be read ({told}); it passes no limit",
        f"ask the carrier what it costs; to go on without, make the plan with {named}",
        tuple(str(change.address) for change in unread),
        can_be_allowed=False,
    )


def _purchases(number: int) -> str:
    return f"{number} purchase{'' if number == 1 else 's'}"


def for_pools(plan: Plan, ordered: Mapping[Address, Address]) -> dict[str, list[Change]]:
    """Pool -> the purchases for its slots; ``ordered``: number -> the slot that its open order is for."""
    bought: dict[str, list[Change]] = {}
    for change in plan.changes:
        slot = change.slot or ordered.get(change.address)
        if slot is not None and change.purchase:
            bought.setdefault(slots.split(slot)[0], []).append(change)
    return bought


def _new_records(plan: Plan, inventory: Inventory, *, allowed: bool) -> Violation | None:
    bought = [change for changes in for_pools(plan, inventory.ordered).values() for change in changes]
    if not bought or not inventory.new or allowed:
        return None
    return Violation(
        f"{_purchases(len(bought))} for pools, and the records are new: nothing was ever "
        "applied from there, so that these slots may have numbers already",
        "if this fleet was never applied before, add --new-records; if it was, its records are elsewhere: name them "
        "with `state`, --state or TNCTL_STATE",
        tuple(str(change.address) for change in bought),
        can_be_allowed=False,
    )


def _unproven(plan: Plan, inventory: Inventory, *, allowed: bool) -> Iterable[Violation]:
    if inventory.new or allowed:
        return
    for pool, bought in for_pools(plan, inventory.ordered).items():
        if accounts := inventory.unproven.get(pool):
            yield Violation(
                f"{_purchases(len(bought))} for pool {pool}: these records have bought nothing for it yet, and "
                f"{' and '.join(accounts)} cannot show whether it has numbers already",
                f"if pool {pool} was never filled before, add --new-records; if it was, restore the records that know "
                "its numbers, or declare those one by one under `numbers` in its place",
                tuple(str(change.address) for change in bought),
                can_be_allowed=False,
            )


def _unclaimed(plan: Plan, inventory: Inventory) -> Iterable[Violation]:
    for pool, bought in for_pools(plan, inventory.ordered).items():
        owned = inventory.unclaimed.get(pool, ())
        if owned:
            yield Violation(
                f"{_purchases(len(bought))} for pool {pool}, of which the records know no number, while numbers are "
                f"owned that fit its search and that nobody declares ({len(owned)})",
                f"write `adopt: true` in pool {pool} to take those first, or `adopt: false` to leave them alone",
                tuple(f"number/{tn}" for tn in owned),
                can_be_allowed=False,
            )


def _empty(inventory: Inventory, allowed: frozenset[str]) -> Iterable[Violation]:
    for account in inventory.emptied:
        if account not in allowed:
            message = f"nothing is declared at {account} any more, and our records hold objects there"
            renamed = f"declare the account again, or write `moved: {account}` in the one that it is now"
            yield Violation(message, renamed if account in inventory.unknown else f"add --allow-empty {account}")
    for account in inventory.vanished:
        if account not in allowed:
            message = f"{account} shows none of the numbers that our records hold there"
            yield Violation(message, f"add --allow-empty {account}")
