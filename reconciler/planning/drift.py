"""Live against what was last applied: what changed behind our back, and what could not be seen. Pure.

===========  ================================================================================
class        meaning
===========  ================================================================================
missing      we applied it, and an intact read does not show it any more
changed      it is there and differs from what we applied
returned     we switched it off or let it go, and it is on again
===========  ================================================================================

What its carrier is still at work on is waiting, as it is in a plan. What was let go is nobody's to be in sync.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from reconciler.model import (
    IN_PROGRESS,
    Address,
    Attrs,
    FieldDiff,
    Kind,
    Notice,
    Record,
    Resource,
    Status,
    Unread,
    revealed,
    shown,
)
from reconciler.planning import campaigns, kept_webhooks, sms_table, unseen_assignments
from reconciler.planning.features import reason_with_word
from reconciler.planning.field_diffs import explain
from reconciler.planning.guards import not_shown
from reconciler.planning.numbers import NOT_LISTED_YET, not_listed_yet, open_order, still_provided
from reconciler.planning.snapshot import Item, World


class DriftClass(StrEnum):
    """How an object drifted."""

    MISSING = "missing"
    CHANGED = "changed"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Drifted:
    """One object that differs from what was last applied."""

    address: Address
    account: str
    drift_class: DriftClass
    reason: str
    applied: Attrs | None = None
    live: Attrs | None = None
    diff: tuple[FieldDiff, ...] = ()


@dataclass(frozen=True, slots=True)
class Drift:
    """A drift report. ``unresolved`` is address -> why it could not be read."""

    created_at: datetime
    drifted: tuple[Drifted, ...] = ()
    in_sync: int = 0
    unobservable: tuple[Address, ...] = ()
    waiting: dict[Address, str] = field(default_factory=dict)
    """What is not known yet, and why: what was ordered or released without an answer, what was made a short while ago
    and is not listed, and what its carrier is at work on."""
    unresolved: dict[Address, Unread] = field(default_factory=dict)
    reads: dict[str, int] = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()


def find(world: World, scope: Iterable[Address]) -> Drift:
    """Compare every record in scope with what is live."""
    drifted: list[Drifted] = []
    unobservable: list[Address] = []
    unresolved: dict[Address, Unread] = {}
    waiting: dict[Address, str] = {}
    in_sync = 0
    for address in sorted(scope, key=lambda a: (a.kind.rank, a.name)):
        item = world.item(address)
        if item.record is None:
            continue
        if (unread := _unread(item)) is not None:
            unresolved[address] = unread
        elif registered := _changed_at_the_registry(item, item.record):
            drifted.append(registered)
        elif item.unobservable or address.kind not in item.caps.reads:
            unobservable += [] if item.record.tombstone else [address]
        elif why := _waited_for(item):
            waiting[address] = why
        elif address.kind is Kind.NUMBER and item.live is None and (strange := not_shown(item)) is not None:
            unresolved[address] = Unread(strange)
        elif found := _drifted(item, item.record):
            drifted.append(found)
        elif not item.record.tombstone:
            in_sync += 1
    return Drift(world.now, tuple(drifted), in_sync, tuple(unobservable), waiting, unresolved)


def _unread(item: Item) -> Unread | None:
    """Why it could not be read; None where it could, or needs no read."""
    if item.account in item.world.capabilities:
        return item.unresolved
    return Unread(
        f"the configuration has no account {item.account!r} any more: where it has another name now, write "
        f"`moved: {item.account}` in it"
    )


def _waited_for(item: Item) -> str:
    """Why nothing can be said of it yet; empty where what is live decides."""
    intent = item.world.state.open_order(item.address)
    if intent is not None:
        return open_order(intent)
    if item.address.kind is Kind.SMS and _is_accepted_only(item):
        return "switched on a short while ago, and the carrier may not show it so soon"
    if item.address.kind is Kind.ASSIGNMENT and item.unlisted and not _is_as_applied(item):
        return NOT_LISTED_YET.format("assigned")
    if item.live is not None:
        return _under_way(item, item.live)
    if not item.unlisted or item.ours is None:
        return ""
    return not_listed_yet(item.ours)


def _is_accepted_only(item: Item) -> bool:
    """Whether it is shown to be off so soon after the carrier has accepted to switch it on that this says nothing."""
    record, off = item.ours, item.live is None or item.live.status is Status.ABSENT
    if record is None or record.since is None or record.applied.get("enabled") is False:
        return False
    return off and item.world.now - record.since < sms_table.SHOWN_WITHIN


def _under_way(item: Item, live: Resource) -> str:
    """What the carrier is at work on; empty where it has come to its end, or works against what was applied."""
    if live.status not in IN_PROGRESS:
        return ""
    if item.address.kind is Kind.NUMBER:
        return still_provided(live)
    if live.status is Status.DISABLING and item.ours is not None and item.ours.applied.get("enabled") is not False:
        return ""
    return reason_with_word(item, sms_table.decide(live.status, wanted=live.status is Status.ENABLING).reason)


def _drifted(item: Item, record: Record) -> Drifted | None:
    if record.tombstone:
        return _returned(item)
    if item.address.kind is Kind.SMS and record.applied.get("enabled") is False:
        return _switched_on(item, record)
    if item.live is None or item.live.status in (Status.ABSENT, Status.FOREIGN):
        carrier_status = f" (state: {item.live.carrier_status})" if item.live and item.live.carrier_status else ""
        slot = f", out of slot {item.allocation.slot.name}" if item.allocation else ""
        return _report(item, record, DriftClass.MISSING, f"{_how_gone(record)}{carrier_status}{slot}")
    if item.address.kind is Kind.SMS:
        return _changed_state(item, record)
    if item.address.kind is Kind.NUMBER and item.live.status in (Status.ERROR, Status.UNKNOWN):
        return _report(
            item, record, DriftClass.CHANGED, f"the account does not show it as it was ({item.live.carrier_status})"
        )
    if (
        item.world.fingerprint({k: v for k, v in revealed(item.live.attrs).items() if k in record.applied})
        == record.fingerprint
    ):
        return None
    url = item.live.attrs.get("url")
    if url is not None and kept_webhooks.is_still_kept(
        record.last_write, record.fingerprint, url, item.world.fingerprint
    ):
        return None
    return _report(item, record, DriftClass.CHANGED, "differs from what was last applied")


def _is_as_applied(item: Item) -> bool:
    return item.live is not None and item.ours is not None and item.fingerprint_of(item.live) == item.ours.fingerprint


def _how_gone(record: Record) -> str:
    if record.address.kind is Kind.ASSIGNMENT and unseen_assignments.tries(record):
        return "answered as done, not seen by any apply since, and not there"
    if record.last_write.tries:
        return "sent, and never seen there"
    if _is_unseen_sms(record):
        return "accepted, and not seen to be on since"
    return "applied, and not there any more"


def _is_unseen_sms(record: Record) -> bool:
    """Whether a carrier has accepted to switch SMS on, or was seen at it, and it was not seen to be on since."""
    return record.address.kind is Kind.SMS and record.since is not None


def _switched_on(item: Item, record: Record) -> Drifted | None:
    """SMS that is to be off, and is on."""
    if item.live is None or item.live.status is not Status.ACTIVE:
        return None
    return _report(item, record, DriftClass.CHANGED, "our records have SMS off, and it is on")


def _changed_at_the_registry(item: Item, record: Record) -> Drifted | None:
    """A campaign that stands otherwise at the registry than an apply last saw it to."""
    found = campaigns.changed(item, record) if item.address.kind is Kind.CAMPAIGN and not record.tombstone else None
    if found is None:
        return None
    reason, before, now = found
    diff = (FieldDiff("registry", before or None, now),)
    return Drifted(item.address, item.account, DriftClass.CHANGED, reason, record.applied, {"registry": now}, diff)


def _returned(item: Item) -> Drifted | None:
    if item.live is None or item.live.status is not Status.ACTIVE or item.address.kind is not Kind.SMS:
        return None
    return _report(item, item.record, DriftClass.RETURNED, "it was off, and is on again")


def _changed_state(item: Item, record: Record) -> Drifted | None:
    if item.live is None or item.live.status is Status.ACTIVE:
        return None
    return _report(
        item, record, DriftClass.CHANGED, f"our records have SMS on, and its state is now {item.live.carrier_status}"
    )


def _report(item: Item, record: Record | None, drift_class: DriftClass, reason: str) -> Drifted:
    applied = record.applied if record else None
    live = shown(item.live.attrs) if item.live else None
    hidden = drift_class is DriftClass.CHANGED and item.address.kind is Kind.WEBHOOK and not explain(live, applied)
    message = f"{reason}, in a part of it that is not shown" if hidden else reason
    # The report reads from what we applied to what is live, the other way round than a plan does.
    diff = tuple(FieldDiff(d.path, d.after, d.before) for d in explain(live, applied))
    return Drifted(item.address, item.account, drift_class, message, applied, live, diff)
