"""Desired x observed x records -> changes. Pure: it reads three snapshots and asks nobody.

::

    declared?  --no-->  in the records?  --> undeclared.py: delete, forget or blocked
        |yes
    on record at another account --> elsewhere.py: blocked
    held by other records of the database --> guards.py: blocked
    at an account that may be another one --> guards.py: blocked
        |
    could not be read --> unresolved: no change, and the run ends with 1
        |
    number --> numbers.py    sms --> sms_table.py    webhook, brand, campaign, assignment --> features.py

What hangs on something blocked is blocked with it; what hangs on something unresolved is unresolved with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from reconciler.model import Action, Address, Change, Kind, Resource, StateSnapshot, Status, Unread
from reconciler.planning.elsewhere import held_elsewhere
from reconciler.planning.features import declared_assignment, declared_registration, declared_sms, declared_webhook
from reconciler.planning.guards import unless_claimed, unless_strange
from reconciler.planning.numbers import declared_number, wants_quote
from reconciler.planning.snapshot import Comparison, Item, Judgement, Unobservable, World
from reconciler.planning.undeclared import dropped, wants_date

__all__ = ["Comparison", "World", "compare", "numbers_to_quote", "selected_addresses"]

_DECLARED = {
    Kind.NUMBER: declared_number,
    Kind.SMS: declared_sms,
    Kind.WEBHOOK: declared_webhook,
    Kind.BRAND: declared_registration,
    Kind.CAMPAIGN: declared_registration,
    Kind.ASSIGNMENT: declared_assignment,
}


def compare(world: World, addresses: Iterable[Address] | None = None) -> Comparison:
    """The changes that would bring what is live to what is declared, for ``addresses`` or for everything."""
    verdicts: dict[Address, Judgement] = {}
    unresolved: dict[Address, Unread] = {}
    every = selected_addresses(world.desired, world.state) if addresses is None else addresses
    for address in sorted(every, key=_order):
        item = _as_new(world.item(address), verdicts)
        found = unless_strange(item, unless_claimed(item, _verdict(item)))
        judgement = verdicts[address] = _hanging(found, verdicts, world)
        unread = judgement if isinstance(judgement, Unread) else item.unresolved
        if unread is not None:
            unresolved[address] = unread
    changes = [judgement for judgement in verdicts.values() if isinstance(judgement, Change)]
    return Comparison(
        changes=tuple(change for change in changes if change.action is not Action.NOOP),
        in_sync=tuple(change for change in changes if change.action is Action.NOOP),
        unobservable=tuple(a for a, judgement in verdicts.items() if isinstance(judgement, Unobservable)),
        unresolved=unresolved,
    )


def selected_addresses(desired: Mapping[Address, Resource], state: StateSnapshot) -> set[Address]:
    """Every address that is declared, managed by our records, or has an open purchase or release."""
    managed = {address for address, record in state.records.items() if not record.tombstone}
    open_orders = {a for intent in state.open_intents if intent.purchase or intent.release for a in intent.addresses}
    return set(desired) | managed | open_orders


def numbers_to_quote(world: World) -> dict[str, list[str]]:
    """Account -> the declared E.164 numbers for which the plan must know whether they are offered for sale, and those
    that are kept out of service where no other answer tells the carrier's clock."""
    wanted: dict[str, list[str]] = {}
    for address in sorted(world.desired):
        if address.kind is Kind.NUMBER and wants_quote(world.item(address)):
            wanted.setdefault(world.desired[address].account, []).append(address.name)
    for address, record in sorted(world.state.records.items()):
        if record.out_of_service_at is not None and address not in world.desired and wants_date(world.item(address)):
            wanted.setdefault(record.account, []).append(address.name)
    return wanted


def _order(address: Address) -> tuple[int, str]:
    return address.kind.rank, address.name


def _verdict(item: Item) -> Judgement:
    if item.account not in item.world.capabilities:
        return item.change(
            Action.BLOCKED,
            f"the configuration has no account {item.account!r} any more, and our records hold it there: declare the "
            f"account again or, where it has another name now, write `moved: {item.account}` in it",
        )
    if (elsewhere := held_elsewhere(item)) is not None:
        return elsewhere
    if item.unresolved is not None and not item.world.state.open_order(item.address):
        return item.unresolved
    if item.want is None:
        return dropped(item)
    return _DECLARED[item.address.kind](item)


def _as_new(item: Item, before: Mapping[Address, Judgement]) -> Item:
    """An assignment to a campaign that this very plan registers need not be read: the carrier may refuse to tell."""
    needs = item.want.needs if item.want else ()
    registers = any(
        isinstance(change := before.get(need), Change) and change.action is Action.CREATE
        for need in needs
        if need.kind is Kind.CAMPAIGN
    )
    return replace(item, unresolved=None) if registers and item.ours is None else item


def _hanging(judgement: Judgement, before: Mapping[Address, Judgement], world: World) -> Judgement:
    """``verdict``, or what becomes of it when something that it needs is blocked, unresolved or left out."""
    if (
        not isinstance(judgement, Change)
        or judgement.action not in (Action.CREATE, Action.UPDATE)
        or judgement.takes_out_of_service
    ):
        return judgement
    for need in judgement.needs:
        other = before.get(need)
        if isinstance(other, Unread):
            return replace(other, reason=f"hangs on {need}: {other}")
        if isinstance(other, Change) and other.action is Action.BLOCKED and not _stands(world.item(need)):
            return replace(judgement, action=Action.BLOCKED, reason=f"hangs on {need}, which is blocked", diff=())
        if other is None and not _in_place(world.item(need)):
            reason = f"hangs on {need}, which is not known to be there and was left out of this plan"
            return replace(judgement, action=Action.BLOCKED, reason=reason, diff=())
    return judgement


def _stands(item: Item) -> bool:
    """Whether a blocked number, brand or campaign is there all the same, so that what needs it can go on."""
    if item.address.kind is Kind.NUMBER and Kind.NUMBER in item.caps.reads:
        return item.live is not None and item.live.status is Status.ACTIVE
    if item.address.kind not in (Kind.NUMBER, Kind.BRAND, Kind.CAMPAIGN) or item.want is None or item.ours is None:
        return False
    same = item.ours.applied.get("id") == item.want.attrs.get("id")
    return same and item.ours.account == item.want.account


def _in_place(item: Item) -> bool:
    return item.ours is not None or (item.live is not None and item.live.status is Status.ACTIVE)
