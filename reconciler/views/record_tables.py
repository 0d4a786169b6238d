"""Our own records, for ``state list`` and ``state show``: what we hold, what we left behind, what is still open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from reconciler.clock import stamp
from reconciler.model import Address, Attempt, Attrs, Intent, Origin, Record, StateSnapshot, durations, slots
from reconciler.views import phrases
from reconciler.views.tables import Table

if TYPE_CHECKING:
    from reconciler.model import Resolution


def listing(state: StateSnapshot) -> list[Table]:
    """The tables of ``state list``."""
    kept = [state.records[address] for address in sorted(state.records)]
    had = {number: slot for slot, number in slots.given_up(state).items()}
    tombstones = [replace(record, carrier_status=_left(record, had)) for record in kept if record.tombstone]
    return [
        _records("Records", (record for record in kept if not record.tombstone)),
        _records("Tombstones: not managed any more, and remembered", tombstones),
        _slots(state),
        _open(state.open_intents),
    ]


def summary(state: StateSnapshot) -> str:
    """The closing sentence of ``state list``."""
    tombstones = sum(record.tombstone for record in state.records.values())
    counts = (
        phrases.count(len(state.records) - tombstones, "record"),
        phrases.count(tombstones, "tombstone"),
        phrases.count(len(state.open_intents), "open outcome"),
    )
    return f"{', '.join(counts)}; lineage {state.lineage}, serial {state.serial}."


def one(record: Record | None, history: Sequence[Intent], resolutions: Sequence[Resolution]) -> list[Table]:
    """The tables of ``state show``."""
    return [_fields(record), _calls(history), _attempts(history), _resolutions(resolutions)]


def _records(title: str, records: Iterable[Record]) -> Table:
    rows = (
        (
            phrases.sentence(record.address),
            phrases.sentence(record.account),
            _origin(record),
            "yes" if record.protect else "",
            _attrs(record.applied),
            _state(record),
        )
        for record in records
    )
    return Table(("address", "provider", "origin", "protect", "applied", "state"), tuple(rows), title=title, line=True)


def _left(record: Record, had: Mapping[Address, Address]) -> str:
    """The state of a tombstone; one that a slot had says so, for its pool takes it back before it buys another."""
    return f"had {had[record.address]}" if record.address in had else record.carrier_status


def _slots(state: StateSnapshot) -> Table:
    without = slots.given_up(state)
    rows = (
        (*map(phrases.sentence, (slot, slots.number_in(record), record.account)), _origin(record))
        for slot, record in sorted(state.slots.items())
        if slot not in without
    )
    return Table(
        ("slot", "number", "provider", "origin"),
        tuple(rows),
        title="Slots of pools",
        whole=frozenset({0, 1}),
        line=True,
    )


def _fields(record: Record | None) -> Table:
    told = {} if record is None else {name: text for name, text in _told(record).items() if text}
    return Table(("field", "value"), tuple((name, phrases.value(text)) for name, text in told.items()), title="Record")


def _told(record: Record) -> dict[str, str]:
    return {
        "address": str(record.address),
        "provider": record.account,
        "origin": _origin(record),
        "managed": "no, a tombstone" if record.tombstone else "yes",
        "protect": "yes" if record.protect else "no",
        "applied": _attrs(record.applied),
        "carrier": _attrs(record.document),
        "labels": _attrs(record.labels),
        "release": f"after {durations.show(record.release_after)}" if record.release_after else "",
        "made at": _moment(record.made_at),
        "updated at": _moment(record.updated_at),
        "state": _state(record),
    }


def _open(intents: Iterable[Intent]) -> Table:
    columns = ("id", "action", "of", "provider", "decided at", "what is known")
    rows = tuple(
        (*_identity(replace(intent, addresses=(address,))), _last_word(intent))
        for intent in intents
        for address in intent.addresses
    )
    return Table(columns, rows, frozenset({0}), "Open outcomes", whole=frozenset({0, 2}), line=True)


def _calls(intents: Iterable[Intent]) -> Table:
    columns = ("id", "action", "of", "provider", "decided at", "reference", "status")
    rows = tuple((*_identity(intent), phrases.sentence(intent.reference), _outcome(intent)) for intent in intents)
    return Table(columns, rows, frozenset({0}), "Calls decided on", whole=frozenset({4, 5}))


def _outcome(intent: Intent) -> str:
    """How it ended, and at which price it was decided on."""
    price = f", {phrases.estimate(intent.price)}" if intent.price else ""
    return phrases.sentence(": ".join(filter(None, (f"{intent.status.value}{price}", _person(intent)))))


def _identity(intent: Intent) -> tuple[str, ...]:
    return (
        str(intent.id),
        intent.action.value,
        phrases.sentence(", ".join(map(str, intent.addresses))),
        phrases.sentence(intent.account),
        stamp(intent.created_at),
    )


def _last_word(intent: Intent) -> str:
    last = intent.last_attempt
    tries = phrases.count(len(intent.attempts), "attempt")
    return phrases.sentence("; ".join(filter(None, (tries, _answer(last) if last else "", _person(intent)))))


def _person(intent: Intent) -> str:
    return f"a person is needed: {intent.person}" if intent.person else ""


def _attempts(intents: Iterable[Intent]) -> Table:
    rows = tuple(
        (str(intent.id), str(attempt.n), stamp(attempt.at), _moment(attempt.answered), _answer(attempt))
        for intent in intents
        for attempt in intent.attempts
    )
    return Table(
        ("id", "attempt", "sent at", "carrier's clock", "answer"),
        rows,
        frozenset({0, 1}),
        "Attempts",
        whole=frozenset({2, 3}),
    )


def _resolutions(resolutions: Iterable[Resolution]) -> Table:
    rows = tuple(
        (
            stamp(one.at),
            phrases.sentence(one.account),
            one.verdict,
            phrases.sentence(one.who),
            phrases.sentence(one.evidence),
        )
        for one in resolutions
    )
    return Table(("at", "provider", "settled as", "by", "evidence"), rows, title="Settled by a person")


def _answer(attempt: Attempt) -> str:
    status = f"HTTP {attempt.status}" if attempt.status else ""
    verdict = attempt.verdict.value if attempt.verdict else "no answer recorded"
    return phrases.sentence(": ".join(filter(None, (verdict, status, attempt.message))))


def _origin(record: Record) -> str:
    """How it came to be ours; what is only presumed is said aloud."""
    return record.origin.value.upper() if record.origin is Origin.PRESUMED else record.origin.value


def _state(record: Record) -> str:
    if record.due_at:
        return (
            f"out of service since {_moment(record.out_of_service_at)}, to be released from {stamp(record.due_at)} on"
        )
    since = f" since {stamp(record.since)}" if record.since else ""
    return phrases.sentence(f"{record.carrier_status}{since}") if record.carrier_status else ""


def _attrs(attrs: Attrs) -> str:
    return ", ".join(phrases.attributes(attrs))


def _moment(moment: datetime | None) -> str:
    return stamp(moment) if moment else ""
