"""What an apply writes down of what needed no step: settings that are ours alone, and the names of slots."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from reconciler.executor.records import protection
from reconciler.model import (
    Action,
    Address,
    Change,
    Kind,
    LastWrite,
    Record,
    Resource,
    Status,
    campaign_states,
    revealed,
    shown,
    slots,
)
from reconciler.planning import kept_webhooks, unseen_assignments
from reconciler.planning.snapshot import Item, World
from reconciler.workflows.session import Planned, Session


def keep(session: Session, planned: Planned) -> None:
    """Bring labels, protection and what was applied up to date where nothing had to be done, and slots with them."""
    in_sync = {change.address for change in planned.comparison.in_sync}
    fresh: list[Record] = []
    off: list[Address] = []
    unchanged = in_sync | set(planned.comparison.unobservable)
    for address in sorted(unchanged | _campaigns(planned)):
        want, record = planned.world.desired.get(address), planned.world.state.records.get(address)
        if want is None or record is None or record.tombstone:
            continue
        if address not in unchanged:
            fresh += [seen for seen in [_at_the_registry(session, planned, record)] if seen != record]
            continue
        if address.kind is Kind.SMS and want.attrs.get("enabled") is False:
            live = planned.world.item(address).live
            if live is not None and live.status is Status.UNKNOWN:
                fresh.append(
                    replace(record, tombstone=True)
                )  # off, in a word that says so only to who saw what was before
            else:
                off.append(address)
            continue
        now = _refreshed(session, want, record, applied=address in in_sync)
        if address.kind is Kind.CAMPAIGN:
            now = _at_the_registry(session, planned, now)
        if address.kind is Kind.WEBHOOK and (live := planned.world.item(address).live):
            now = replace(now, last_write=_still_kept(session, want, live, record))
        fresh += [now] if now != record else []
    fresh += _put_off(session, planned)
    fresh = _with_waits(session, planned, fresh)
    if fresh:
        session.store.put(fresh)
    if off:
        session.store.drop(off)
    _keep_slots(session, planned)


def _put_off(session: Session, planned: Planned) -> list[Record]:
    """What is ours alone of what could not be acted on: protection counts from the apply that has read it."""
    fresh: list[Record] = []
    for change in planned.plan.with_action(Action.BLOCKED, Action.WAIT):
        want, record = planned.world.desired.get(change.address), session.store.record(change.address)
        if want is not None and record is not None and not record.tombstone and session.store.covers(record.account):
            now = _refreshed(session, want, record, applied=False)
            fresh += [now] if now != record else []
    return fresh


def _keep_slots(session: Session, planned: Planned) -> None:
    """Give the slots of renamed pools their names, and free those whose number has left, or stays with its own line."""
    allocations, held = planned.desired_state.allocations, planned.world.state.slots
    renamed = {old: new for old, new in allocations.renamed.items() if old in held}
    before = {new: old for old, new in renamed.items()}
    lined = [
        replace(held[slot], address=allocation.slot)
        for allocation in allocations.surplus
        if allocation.number in planned.world.desired and (slot := before.get(allocation.slot, allocation.slot)) in held
    ]
    covered = session.store.covers
    renamed = {old: new for old, new in renamed.items() if covered(held[old].account)}
    freed = [slot for slot in (*lined, *slots.stale(planned.world.state)) if covered(slot.account)]
    if renamed or freed:
        session.store.settle_slots(renamed, freed)


def _campaigns(planned: Planned) -> set[Address]:
    """The campaigns on record."""
    return {address for address in planned.world.state.records if address.kind is Kind.CAMPAIGN}


def _at_the_registry(session: Session, planned: Planned, record: Record) -> Record:
    """``record`` with the last word that said how its campaign stands, and since when it has stood like that."""
    registry = planned.world.observation(record.account).registry or {}
    carrier_status = registry.get(str(record.applied.get("id")), "")
    state = campaign_states.registry_state(carrier_status, record.carrier_status)
    if not carrier_status or state is campaign_states.RegistryState.OTHER:
        return record
    same = record.since is not None and campaign_states.of_record(record) is state
    since = record.since if same else session.clock.now()
    return replace(
        record, carrier_status=campaign_states.remembered(carrier_status, record.carrier_status), since=since
    )


def _still_kept(session: Session, want: Resource, live: Resource, record: Record) -> LastWrite:
    """What the record of a webhook that was sent remembers of what its carrier makes of it."""
    url, fingerprint = want.attrs["url"], session.store.fingerprint
    sent = kept_webhooks.was_sent(record.last_write, url, fingerprint)
    return kept_webhooks.seen(record.last_write, url, live.attrs["url"], fingerprint) if sent else record.last_write


def _with_waits(session: Session, planned: Planned, fresh: list[Record]) -> list[Record]:
    """``fresh``, and the records of which a wait has got its anchor or has begun again: see ``waits.py``."""
    world = planned.world
    every = (*planned.comparison.in_sync, *planned.comparison.changes)
    resting = {change.address for change in every if _rests(world, change)}
    changed = {record.address: record for record in fresh}
    for address in sorted(resting | set(planned.comparison.unobservable)):
        item = world.item(address)
        record = changed.get(address) or item.ours
        if record is None or (anchored := _anchored(item, record)) == record:
            continue
        # What this run has changed or dropped since it planned stays so.
        if session.store.covers(record.account) and session.store.record(address) == item.record:
            changed[address] = anchored
    return list(changed.values())


def _rests(world: World, change: Change) -> bool:
    """Whether this run did nothing about it."""
    resting = change.action in (Action.NOOP, Action.WAIT, Action.BLOCKED)
    return resting and change.account in world.capabilities and world.state.open_order(change.address) is None


def _anchored(item: Item, record: Record) -> Record:
    if (keeping := item.keeping) is not None:
        record = replace(record, out_of_service_at=keeping.since.ours, out_of_service_answered=keeping.since.carriers)
    if item.live is None and item.unlisted and (made := item.listing) is not None:
        record = replace(record, made_at=made.since.ours, made_answered=made.since.carriers)
    return record


def _refreshed(session: Session, want: Resource, record: Record, *, applied: bool) -> Record:
    changed: dict[str, Any] = {"labels": dict(want.labels), "protect": protection(want, record)}
    if record.address.kind is Kind.NUMBER:
        changed["release_after"] = want.release_after
    if applied:
        changed |= {
            "applied": shown(want.attrs),
            "fingerprint": session.store.fingerprint(revealed(want.attrs)),
            "carrier_status": "",
            "since": None,
        }
    if applied and record.address.kind is Kind.ASSIGNMENT:
        record = unseen_assignments.seen(record)
    return replace(record, **changed)
