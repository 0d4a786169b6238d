"""What is written down of a change that was carried out, and of the entry that a purchase was made for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from reconciler.executor.run import Run
from reconciler.model import Address, Change, LastWrite, Order, Origin, Record, Resource, revealed, shown, slots

PROVIDING = "providing"
"""The ``carrier_status`` of a record whose number its carrier has sold and is still providing."""


def record_of(
    run: Run, change: Change, origin: Origin, external: Mapping[str, str] | None = None, **fields: Any
) -> Record:
    """What to remember of a change that was carried out."""
    want, old = run.desired.get(change.address), run.store.record(change.address)
    attrs = want.attrs if want else {}
    now = run.clock.now()
    kept = old if origin is Origin.ADOPTED else None
    own_key = dict(change.external) or (kept.external if kept else {})
    return replace(
        Record(
            address=change.address,
            account=change.account,
            origin=kept.origin if kept else origin,
            applied=shown(attrs),
            fingerprint=run.store.fingerprint(revealed(attrs)),
            external=dict(own_key if external is None else external),
            shared=change.shared if change.external or kept is None else kept.shared,
            last_write=kept.last_write if kept and external is None else LastWrite(),
            labels=dict(want.labels) if want else {},
            protect=protection(want, old),
            release_after=want.release_after if want else None,
            made_at=now if origin is not Origin.ADOPTED else kept.made_at if kept else None,
            made_answered=kept.made_answered if kept else None,
            updated_at=now,
        ),
        **fields,
    )


def records_of(
    run: Run, change: Change, origin: Origin, external: Mapping[str, str] | None = None, **fields: Any
) -> list[Record]:
    """The record of a change that was carried out, and of the slot that its number has filled."""
    record = record_of(run, change, origin, external, **fields)
    return [record] if change.slot is None else [record, slots.record(change.slot, record, run.clock.now())]


def protection(want: Resource | None, record: Record | None) -> bool:
    """``protect`` as declared; where nothing is written, as it was: only ``protect: false`` lifts it."""
    if want is not None and want.protect is not None:
        return want.protect
    return record.protect if record else False


def order_of(want: Resource, slot: Address | None, record: Record | None) -> Order:
    """What the purchase of ``want`` is for; ``record`` is what is on record of that number from before."""
    return Order(shown(want.attrs), dict(want.labels), protection(want, record), want.release_after, slot)


def of_order(order: Order | None) -> dict[str, Any]:
    """What to remember of a number that is not declared any more: what its order said."""
    if order is None:
        return {}
    after = {} if order.release_after is None else {"release_after": order.release_after}
    return {"labels": order.labels, "protect": order.protect, **after}
