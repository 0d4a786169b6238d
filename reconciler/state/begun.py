"""The intents that this run has begun, by which it notices that the records were put back under it.

A file that is replaced is seen by its name; one whose content is, or a database that is restored in place, only by what
it does not know any more. Until then nothing leaves: the look is in the transaction of every write.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from reconciler.errors import RecordsSetBackError
from reconciler.model import Intent, Reply
from reconciler.state.tables import intents

if TYPE_CHECKING:
    from sqlalchemy import Connection

_KNOWN = select(intents.c.id).where(intents.c.id.in_(bindparam("of_ids", expanding=True)))


class Begun:
    """What the records must know, as long as they are those that the run has written to."""

    def __init__(self) -> None:
        self._intents: dict[int, Intent] = {}

    def clear(self) -> None:
        """Begin anew, as a run does."""
        self._intents = {}

    def note(self, intent: Intent) -> Intent:
        """Remember an intent whose attempt is about to be sent."""
        self._intents[intent.id] = intent
        return intent

    def answered(self, intent: Intent, reply: Reply) -> None:
        """Remember what was answered, before it is written."""
        if intent.id in self._intents and (last := intent.last_attempt):
            told = replace(last, verdict=reply.verdict, message=reply.message)
            self._intents[intent.id] = replace(intent, attempts=(*intent.attempts[:-1], told))

    def check(self, connection: Connection) -> None:
        """Raise RecordsSetBackError where the records do not know the latest of them any more."""
        if self._intents and not _known(connection, [next(reversed(self._intents))]):
            known = _known(connection, list(self._intents))
            raise set_back([intent for intent in self._intents.values() if intent.id not in known])


def _known(connection: Connection, ids: list[int]) -> set[int]:
    return set(connection.execute(_KNOWN, {"of_ids": ids}).scalars())


def set_back(unknown: list[Intent]) -> RecordsSetBackError:
    """The error that names what was begun and is on no record now, with what the carriers answered."""
    lines = [
        f"\n  {intent.action.value} {address} at {intent.account}: {_answer(intent)}"
        for intent in unknown
        for address in intent.addresses
    ]
    return RecordsSetBackError(
        "the records were put back to an earlier state while this run was at work, and do not know what it sent:"
        + "".join(lines)
    )


def _answer(intent: Intent) -> str:
    last = intent.last_attempt
    if last is None or last.verdict is None:
        return "no answer is known yet"
    return f"answered as {last.verdict.value}" + (f" ({last.message})" if last.message else "")
