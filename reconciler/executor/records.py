"""What is written down of a change that was carried out, and of the entry that a purchase was made for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from reconciler.executor.run import Run
from reconciler.model import Change, Origin, Record, Resource, revealed, shown, slots

PROVIDING = "providing"
"""The word of a record whose number its carrier has sold and is still providing."""

OF_LINE = ("attrs", "labels", "protect", "release_after")
"""What the payload of a purchase holds of its line, beside what the carrier needs."""


def record_of(
    run: Run, change: Change, origin: Origin, external: Mapping[str, Any] | None = None, **fields: Any
) -> Record:
    """What to remember of a change that was carried out."""
    want, old = run.desired.get(change.address), run.store.record(change.address)
    attrs = want.attrs if want else {}
    now = run.clock.now()
    kept = old if origin is Origin.ADOPTED else None
    own_key = slots.without(change.external) or (kept.external if kept else {})
    return replace(
        Record(
            address=change.address,
            account=change.account,
            origin=kept.origin if kept else origin,
            applied=shown(attrs),
            fingerprint=run.store.fingerprint(revealed(attrs)),
            external=dict(own_key if external is None else external),
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
    run: Run, change: Change, origin: Origin, external: Mapping[str, Any] | None = None, **fields: Any
) -> list[Record]:
    """The record of a change that was carried out, and of the slot that its number has filled."""
    record = record_of(run, change, origin, external, **fields)
    slot = slots.carried(change.external)
    return [record] if slot is None else [record, slots.record(slot, record, run.clock.now())]


def protection(want: Resource | None, record: Record | None) -> bool:
    """``protect`` as declared; where nothing is written, as it was: only ``protect: false`` lifts it."""
    if want is not None and want.protect is not None:
        return want.protect
    return record.protect if record else False


def line(want: Resource, record: Record | None) -> dict[str, Any]:
    """What a purchase must remember of its line, which may be gone when its outcome is settled."""
    after = want.release_after
    return {
        "attrs": shown(want.attrs),
        "labels": dict(want.labels),
        "protect": protection(want, record),
        "release_after": None if after is None else after.total_seconds(),
    }


def of_line(payload: Mapping[str, Any]) -> dict[str, Any]:
    """What its line said of a number that is not declared any more."""
    after = payload.get("release_after")
    kept = {key: payload[key] for key in ("labels", "protect") if key in payload}
    return kept if after is None else {**kept, "release_after": timedelta(seconds=after)}
