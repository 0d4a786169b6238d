"""What the carriers have in common when they are read: one question, its requests, and why an answer is of no use."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from reconciler.errors import CarrierError
from reconciler.model import Unread
from reconciler.model.fleet import Account
from reconciler.providers import credentials
from reconciler.providers.http.body import own_code
from reconciler.providers.http.messages import Answer, ApiCall
from reconciler.providers.http.transport import Transport

EVERYTHING = "*"
"""The name under which a whole account is unread, when nothing in particular was asked for."""

UNAUTHORIZED = 401

PROBES = 3
"""A sibling of IntelePeer's calls answers 401 for "not your number" too (secondary source, read 2026-01), so one 401 is
no proof of a bad credential; this many at the start, and nothing else, are."""


DENIED = frozenset({UNAUTHORIZED, 403})
"""Statuses, and codes in a body, of an answer that refuses who asks."""


class UnreadableError(Exception):
    """An answer that came and proves nothing; never leaves a provider. ``denied``: it refuses who asks."""

    def __init__(self, reason: str, *, denied: bool = False) -> None:
        super().__init__(reason)
        self.unread = Unread(reason, denied)


class Reading:
    """The reads made for one question: their number, and the carrier's clock as it answered them."""

    def __init__(self, http: Transport) -> None:
        self._http = http
        self._begun = http.reads
        self._dates: list[datetime | None] = []

    def read(self, call: ApiCall) -> Answer:
        """The answer to one call."""
        return self._noted([self._http.read(call)])[0]

    def gather(self, calls: Sequence[ApiCall]) -> list[Answer]:
        """The answers to calls made side by side, in their order.

        When the first few are all 401 the credential is bad: the rest is not sent, and counts as answered alike.
        """
        answers: list[Answer] = []
        for call in calls[:PROBES]:
            answers.append(self.read(call))
            if answers[-1].status != UNAUTHORIZED:
                return answers + self._noted(self._http.gather(calls[len(answers) :]))
        return answers + answers[-1:] * (len(calls) - len(answers))

    @property
    def calls(self) -> int:
        """Requests made, those that were tried again included."""
        return self._http.reads - self._begun

    @property
    def answered(self) -> datetime | None:
        """The carrier's clock in the earliest of the answers; None when one of them had no ``Date``."""
        dates = [date for date in self._dates if date is not None]
        return min(dates) if dates and len(dates) == len(self._dates) else None

    def _noted(self, answers: list[Answer]) -> list[Answer]:
        self._dates += [answer.date for answer in answers]
        return answers


def failure(answer: Answer) -> str:
    """Why ``answer`` cannot be used: ``HTTP 503: Service Unavailable``, ``no answer: connection reset``."""
    head = "no answer" if answer.status is None else f"HTTP {answer.status}"
    message = answer.message or ("an empty body" if answer.ok and answer.empty else "")
    return f"{head}: {message}" if message else head


def unusable(answer: Answer, aside: str = "") -> UnreadableError:
    """The error of an answer that is no success; ``aside`` is what is wrong with one that looks like it."""
    return UnreadableError(f"{failure(answer)} ({aside})" if aside else failure(answer), denied=denies(answer))


def denies(answer: Answer) -> bool:
    """Whether ``answer`` refuses who asks, by its status or by the ``code`` in its body."""
    return answer.status in DENIED or own_code(answer.json) in map(str, DENIED)


def refusal(account: Account, call: ApiCall, why: Unread) -> CarrierError:
    """The error of a command that only reads, such as ``search``: whom it asked, what, and the carrier's words."""
    hint = f"check the credential of {account.name}" if why.denied else ""
    if hint and account.credentials:
        hint += f" ({credentials.places(account.credentials)})"
    return CarrierError(f"{account.name} could not answer {call.name}: {why}", hint=hint, denied=why.denied)
