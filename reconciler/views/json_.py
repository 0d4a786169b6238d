"""Results for machines, as ``schemas/*.schema.json`` have them: decimal strings for money, RFC 3339 for moments.

A plan's own JSON is the canonical document of :mod:`reconciler.state.plan_file`; these are the others.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from reconciler.clock import stamp
from reconciler.model import (
    Attempt,
    Attrs,
    FieldDiff,
    Intent,
    Notice,
    Outcome,
    Record,
    Report,
    StateSnapshot,
    durations,
    shown,
    slots,
)
from reconciler.model.money import price_to_json, totals, totals_to_json
from reconciler.model.safe_text import plain
from reconciler.planning.audit import Audited
from reconciler.planning.drift import Drift, DriftClass, Drifted
from reconciler.views import reports

if TYPE_CHECKING:
    from reconciler.model import LedgerEntry, Resolution

FORMAT_VERSION = "1.0"

_UNSEEN = re.compile("[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
"""Characters that JSON leaves as they are and that a terminal acts on; they can stand in strings only."""


def dumps(document: Mapping[str, Any]) -> str:
    """``document`` with two spaces of indent, keys sorted, and a newline; nothing in it can steer a terminal."""
    text = json.dumps({"format_version": FORMAT_VERSION, **document}, indent=2, sort_keys=True, ensure_ascii=False)
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n"


def report(done: Report) -> dict[str, Any]:
    """The document of ``schemas/report.schema.json``."""
    return {
        "plan_id": done.plan.plan_id,
        "digest": done.plan.digest,
        "exit_code": done.exit_code,
        "summary": reports.results(done.outcomes),
        "changes": [_outcome(outcome) for outcome in done.outcomes],
        "spent": totals_to_json(totals(outcome.spent for outcome in done.outcomes)),
        "requests": {account: {"reads": reads, "writes": writes} for account, (reads, writes) in done.requests.items()},
        "notices": _notices(reports.notices(done)),
    }


def drift(found: Drift) -> dict[str, Any]:
    """The document of ``schemas/drift.schema.json``."""
    return {
        "created_at": stamp(found.created_at),
        "summary": {
            "drifted": len(found.drifted),
            "in_sync": found.in_sync,
            "waiting": len(found.waiting),
            "unobservable": len(found.unobservable),
            "unresolved": len(found.unresolved),
        },
        "drift": [_drifted(one) for one in found.drifted],
        "waiting": [{"address": str(address), "reason": why} for address, why in found.waiting.items()],
        "unobservable": [str(address) for address in found.unobservable],
        "unresolved": [{"address": str(address), "reason": str(why)} for address, why in found.unresolved.items()],
        "reads": dict(found.reads),
        "notices": _notices(found.notices),
    }


def market(field: str, account: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The document of ``schemas/search.schema.json``; ``field`` is ``offers`` or ``coverage``."""
    return {"provider": account, field: [_carrier_row(row) for row in rows]}


def records(state: StateSnapshot) -> dict[str, Any]:
    """The document of ``state list``, by ``schemas/state.schema.json``; tombstones are records that are ``gone``, and
    so is the slot that a tombstone had."""
    without = slots.given_up(state)
    held = {slot: replace(record, tombstone=slot in without) for slot, record in state.slots.items()}
    return {
        "lineage": state.lineage,
        "serial": state.serial,
        "records": [_record(record) for _, record in sorted({**state.records, **held}.items())],
        "open": [_intent(intent) for intent in state.open_intents],
    }


def record(one: Record | None, history: Sequence[Intent], resolutions: Sequence[Resolution]) -> dict[str, Any]:
    """The document of ``state show``, by ``schemas/state.schema.json``."""
    return {
        "record": None if one is None else _record(one),
        "intents": [_intent(intent) for intent in history],
        "resolutions": [_resolution(resolution) for resolution in resolutions],
    }


def ledger(entries: Sequence[LedgerEntry], audited: Sequence[Audited] | None) -> dict[str, Any]:
    """The document of ``schemas/ledger.schema.json``; ``compared`` is null when the carriers were not asked."""
    return {
        "entries": [_entry(entry) for entry in entries],
        "compared": None if audited is None else [_audited(one) for one in audited],
    }


def _entry(entry: LedgerEntry) -> dict[str, Any]:
    return {
        "at": stamp(entry.at),
        "event": entry.event,
        "address": str(entry.address),
        "provider": entry.account,
        "plan_id": entry.plan_id,
        "price": price_to_json(entry.price),
        "price_as_of": entry.price.as_of.isoformat() if entry.price and entry.price.as_of else None,
        "reference": entry.reference,
    }


def _audited(one: Audited) -> dict[str, Any]:
    return {
        "address": str(one.address),
        "provider": one.account,
        "event": one.event,
        "listed": one.listed,
        "paid": price_to_json(one.paid),
        "price": price_to_json(one.price),
        "finding": one.finding,
    }


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "address": str(outcome.address),
        "provider": outcome.account,
        "kind": outcome.address.kind.value,
        "action": outcome.action.value,
        "outcome": outcome.result.value,
        "words": outcome.message,
        "http_status": outcome.status,
        "person": outcome.person,
        "spent": price_to_json(outcome.spent),
    }


def _drifted(one: Drifted) -> dict[str, Any]:
    return {
        "address": str(one.address),
        "provider": one.account,
        "kind": one.address.kind.value,
        "class": DriftClass(one.drift_class).value,
        "reason": one.reason,
        "applied": _attrs(one.applied),
        "live": _attrs(one.live),
        "diff": [_field(diff) for diff in one.diff],
    }


def _field(diff: FieldDiff) -> dict[str, Any]:
    return {"path": diff.path, "before": diff.before, "after": diff.after}


def _record(one: Record) -> dict[str, Any]:
    return {
        "address": str(one.address),
        "provider": one.account,
        "kind": one.address.kind.value,
        "origin": one.origin.value,
        "applied": _attrs(one.applied),
        "carrier": one.document,
        "labels": dict(one.labels),
        "protect": one.protect,
        "gone": one.tombstone,
        "made_at": _moment(one.made_at),
        "updated_at": _moment(one.updated_at),
        "word": one.carrier_status,
        "since": _moment(one.since),
        "release_after": durations.show(one.release_after) if one.release_after else None,
        "retired_at": _moment(one.out_of_service_at),
    }


def _intent(intent: Intent) -> dict[str, Any]:
    return {
        "id": intent.id,
        "plan_id": intent.plan_id,
        "provider": intent.account,
        "action": intent.action.value,
        "addresses": [str(address) for address in intent.addresses],
        "reference": intent.reference,
        "carrier": intent.document,
        "created_at": stamp(intent.created_at),
        "status": intent.status.value,
        "price": price_to_json(intent.price),
        "attempts": [_attempt(attempt) for attempt in intent.attempts],
        "person": intent.person,
    }


def _resolution(resolution: Resolution) -> dict[str, Any]:
    return {
        "at": stamp(resolution.at),
        "provider": resolution.account,
        "as": resolution.verdict,
        "who": resolution.who,
        "evidence": resolution.evidence,
    }


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "n": attempt.n,
        "at": stamp(attempt.at),
        "answered": _moment(attempt.answered),
        "verdict": attempt.verdict.value if attempt.verdict else None,
        "words": attempt.message,
        "http_status": attempt.status,
    }


def _notices(notices: Sequence[Notice]) -> list[dict[str, Any]]:
    return [{"severity": n.severity, "address": n.address, "message": n.message} for n in notices]


def _attrs(attrs: Attrs | None) -> dict[str, Any] | None:
    return None if attrs is None else shown(attrs)


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else stamp(moment)


def _carrier_row(anything: Any) -> Any:
    """A carrier's JSON with every field kept, its text made plain and its decimals as text."""
    match anything:
        case Mapping():
            return {plain(name): _carrier_row(content) for name, content in anything.items()}
        case list() | tuple():
            return [_carrier_row(item) for item in anything]
        case str():
            return plain(anything)
        case Decimal():
            return f"{anything:f}"
        case _:
            return anything
