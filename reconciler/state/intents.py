"""Writes that were decided on, and what became of them, as statements inside the caller's transaction.

::

    open ── attempt 1 ── outcome ──┬── done     positive evidence; a purchase or release enters the ledger
                ^                  ├── failed   nothing was done
                └── attempt n ─────┴── dropped  may be sent again safely: the next plan decides afresh

An intent that is closed stays closed: closing it twice, or trying again after it, is refused.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, insert, select, update

from reconciler.clock import stamp
from reconciler.errors import StateError
from reconciler.model import Address, Attempt, Intent, IntentStatus, Kind, Price, Reply
from reconciler.model.waits import Moment
from reconciler.state import ledger, rows
from reconciler.state.begun import set_back
from reconciler.state.records import key
from reconciler.state.tables import attempts, intent_addresses, intents

_BROKEN = "this is a fault of tnctl, please report it; nothing was sent for it"

_BROKEN_LATER = "this is a fault of tnctl, please report it; look at the account before the next apply"
"""Where the carrier may have been asked already."""


@dataclass(frozen=True, slots=True)
class Closing:
    """How an intent ended: on what grounds, and who says so (empty for tnctl itself)."""

    status: IntentStatus
    at: datetime
    how: str
    evidence: str = ""
    who: str = ""


class _Reading:
    """The three queries that read the intents for which ``wanted`` holds, however many they are; built once."""

    def __init__(self, wanted: ColumnElement[bool]) -> None:
        ids = select(intents.c.id).where(wanted)
        self.intents = select(intents).where(wanted).order_by(intents.c.id)
        self.addresses = (
            select(intent_addresses)
            .where(intent_addresses.c.intent_id.in_(ids))
            .order_by(intent_addresses.c.intent_id, intent_addresses.c.position)
        )
        self.attempts = (
            select(attempts).where(attempts.c.intent_id.in_(ids)).order_by(attempts.c.intent_id, attempts.c.n)
        )

    def read(self, connection: Connection, **parameters: str) -> list[Intent]:
        """The intents, oldest first; where there are none, one query has told."""
        found = connection.execute(self.intents, parameters).all()
        if not found:
            return []
        addresses: dict[int, list[Address]] = defaultdict(list)
        for row in connection.execute(self.addresses, parameters):
            addresses[row.intent_id].append(rows.to_address(row))
        tries: dict[int, list[Attempt]] = defaultdict(list)
        for row in connection.execute(self.attempts, parameters):
            tries[row.intent_id].append(rows.to_attempt(row))
        return [rows.to_intent(row, addresses[row.id], tries[row.id]) for row in found]


_STATUS = select(intents.c.status).where(intents.c.id == bindparam("of_id"))
_IS_OPEN = intents.c.status == IntentStatus.OPEN.value
_IS = intents.c.id == bindparam("of_id")
_DRAW, _NAME, _TRY = insert(intents).returning(intents.c.id), insert(intent_addresses), insert(attempts)
_ANSWER = update(attempts).where(attempts.c.intent_id == bindparam("of_id"), attempts.c.n == bindparam("of_n"))
_CALL_PERSON = update(intents).where(_IS)
_CLOSE = _CALL_PERSON.where(_IS_OPEN)
_CLAIMS = select(intents.c.id).where(_IS_OPEN, intents.c.slot == bindparam("of_slot"))
_NAMES_IT = intents.c.id.in_(
    select(intent_addresses.c.intent_id).where(
        intent_addresses.c.kind == bindparam("of_kind"), intent_addresses.c.name == bindparam("of_name")
    )
)
_OPEN, _OPEN_OF, _ALL_OF = _Reading(_IS_OPEN), _Reading(_IS_OPEN & _NAMES_IT), _Reading(_NAMES_IT)


def read_open(connection: Connection, address: Address | None = None) -> list[Intent]:
    """The open intents, or those that name ``address``, oldest first."""
    return _OPEN.read(connection) if address is None else _OPEN_OF.read(connection, **key(address))


def read_of(connection: Connection, address: Address) -> list[Intent]:
    """All intents that name ``address``, closed ones too, oldest first."""
    return _ALL_OF.read(connection, **key(address))


def open_intent(connection: Connection, draft: Intent) -> Intent:
    """Write ``draft`` and give it its id; raises StateError while its number is being bought or released.

    A purchase claims the slot that it carries, in the same statement: a slot that another purchase has is refused.
    """
    if not draft.addresses:
        raise StateError("an intent must name an address", hint=_BROKEN)
    _refuse_second(connection, draft)
    columns = rows.intent_columns(draft)
    intent_id = connection.execute(_DRAW, columns).scalar_one()
    places = [
        {"intent_id": intent_id, "position": position, **rows.address_columns(address)}
        for position, address in enumerate(draft.addresses)
    ]
    connection.execute(_NAME, places)
    return replace(draft, id=intent_id)


def _refuse_second(connection: Connection, draft: Intent) -> None:
    """The last line of defence against buying twice: one open purchase or release a number."""
    if draft.action not in ledger.EVENTS:
        return
    slot = draft.slot
    if slot is not None and (rival := connection.execute(_CLAIMS, {"of_slot": slot.name}).scalar_one_or_none()):
        raise StateError(f"{slot} is being filled already (intent {rival})", hint=_BROKEN)
    for address in draft.addresses:
        if address.kind is not Kind.NUMBER:
            continue
        rivals = (intent for intent in read_open(connection, address) if intent.action in ledger.EVENTS)
        if other := next(rivals, None):
            raise StateError(f"{address} has an open outcome already (intent {other.id})", hint=_BROKEN)


def begin_attempt(connection: Connection, intent: Intent, now: datetime) -> Intent:
    """Write the next try of ``intent``, which must be open."""
    if connection.execute(_STATUS, {"of_id": intent.id}).scalar_one_or_none() != IntentStatus.OPEN.value:
        raise _not_open(connection, intent, _BROKEN)
    return add_attempt(connection, intent, now)


def add_attempt(connection: Connection, intent: Intent, now: datetime) -> Intent:
    """Write a try of ``intent``, which this transaction knows to be open."""
    attempt = Attempt(n=len(intent.attempts) + 1, at=rows.to_the_second(now))
    values = {"intent_id": intent.id, "n": attempt.n, "at": stamp(attempt.at), "words": "", "about": ""}
    connection.execute(_TRY, values)
    return replace(intent, attempts=(*intent.attempts, attempt))


def end_attempt(connection: Connection, intent: Intent, reply: Reply) -> Intent:
    """Write what the last try was answered."""
    last = _last(intent)
    answered = last.answered or (reply.answered and rows.to_the_second(reply.answered))
    columns = {**rows.reply_columns(reply), "answered": rows.when(answered)}
    ended = replace(
        last,
        answered=answered,
        verdict=reply.verdict,
        message=columns["words"],
        status=reply.status,
        about=columns["about"],
    )
    return _changed(connection, intent, ended, columns)


def note_wait(connection: Connection, intent: Intent, n: int, since: Moment) -> Intent:
    """Write from when the wait after attempt ``n`` counts: the carrier's clock, and ours where that began again."""
    tried = intent.attempts[n - 1]
    ours, answered = rows.to_the_second(since.ours), since.carriers and rows.to_the_second(since.carriers)
    anchored = tried.anchored_at if ours == tried.at else ours
    columns = {"answered": rows.when(answered), "anchored_at": rows.when(anchored)}
    return _changed(connection, intent, replace(tried, answered=answered, anchored_at=anchored), columns)


def _last(intent: Intent) -> Attempt:
    """The last attempt of ``intent``."""
    if intent.last_attempt is None:
        raise StateError(f"intent {intent.id} was never tried", hint=_BROKEN_LATER)
    return intent.last_attempt


def _changed(connection: Connection, intent: Intent, tried: Attempt, columns: dict[str, Any]) -> Intent:
    """Write ``columns`` of an attempt, which then is ``tried``."""
    if connection.execute(_ANSWER, {"of_id": intent.id, "of_n": tried.n, **columns}).rowcount != 1:
        raise set_back([replace(intent, attempts=(*intent.attempts[: tried.n - 1], tried))])
    return replace(intent, attempts=(*intent.attempts[: tried.n - 1], tried, *intent.attempts[tried.n :]))


def need_person(connection: Connection, intent: Intent, why: str) -> Intent:
    """Write why only a person can settle ``intent``."""
    person = rows.note(why)
    if connection.execute(_CALL_PERSON, {"of_id": intent.id, "person": person}).rowcount != 1:
        raise set_back([intent])
    return replace(intent, person=person)


def close(
    connection: Connection,
    intent: Intent,
    closing: Closing,
    spent: Price | None = None,
    instead: Address | None = None,
) -> None:
    """Close ``intent``, which must be open; a purchase or release that is done enters the ledger, or ``instead`` does,
    which is what was bought in its place."""
    columns = {
        "status": closing.status.value,
        "closed_at": stamp(closing.at),
        "how": rows.note(closing.how),
        "evidence": rows.note(closing.evidence),
        "who": rows.note(closing.who),
    }
    if connection.execute(_CLOSE, {"of_id": intent.id, **columns}).rowcount != 1:
        raise _not_open(connection, intent, _BROKEN_LATER)
    if instead is not None:
        ledger.enter(connection, replace(intent, addresses=(instead,)), spent, closing.at)
    elif closing.status is IntentStatus.DONE:
        ledger.enter(connection, intent, spent, closing.at)


def read_closing(connection: Connection, intent: Intent) -> Closing | None:
    """How ``intent`` ended; None while it is open."""
    row = connection.execute(select(intents).where(intents.c.id == intent.id)).one()
    if row.closed_at is None:
        return None
    closed_at = datetime.fromisoformat(row.closed_at)
    return Closing(IntentStatus(row.status), closed_at, row.how, row.evidence, row.who)


def _not_open(connection: Connection, intent: Intent, hint: str) -> StateError:
    """The intent was settled meanwhile, or is not there: no run deletes one, so that the records were put back."""
    if connection.execute(_STATUS, {"of_id": intent.id}).scalar_one_or_none() is None:
        return set_back([intent])
    return StateError(f"intent {intent.id} for {intent.address} is not open any more", hint=hint)
