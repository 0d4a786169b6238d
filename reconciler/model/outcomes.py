"""What came of it: how an answer is judged, how each change ended, and the report of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self

from reconciler.model.objects import NOTHING, Address, Price
from reconciler.model.plans import Action, Change, Notice, Plan


class Verdict(StrEnum):
    """What an answer to a write proves, finer than the four classes: ok, rejected, not sent, maybe.

    ============= ============ ==========================================================================
    verdict       class        meaning
    ============= ============ ==========================================================================
    OK            ok           done, with positive evidence in the answer
    ACCEPTED      ok           accepted, pending at the carrier (202)
    PARTIAL       maybe        some of a batch were done; settle one by one
    BUSY          rejected     the carrier is at work on it (409): read until settled, then decide again
    NOT_YET       rejected     too early (a webhook before provisioning has spread): the same call later
    THROTTLED     rejected     429: not processed; the same call after ``retry_after``
    REJECTED      rejected     refused; nothing was done
    NOT_SENT      not sent     no byte of the request left
    MAYBE         maybe        anything else: it may have been done
    ============= ============ ==========================================================================
    """

    OK = "ok"
    ACCEPTED = "accepted"
    PARTIAL = "partial"
    BUSY = "busy"
    NOT_YET = "not yet"
    THROTTLED = "throttled"
    REJECTED = "rejected"
    NOT_SENT = "not sent"
    MAYBE = "maybe"


@dataclass(frozen=True, slots=True)
class Reply:
    """One write's answer, judged. ``message`` holds the carrier's words, already made plain.

    ``status`` is the HTTP status (None when no answer came); ``answered`` the carrier's own clock (its ``Date``);
    ``external`` what the answer tells to keep (the new ``numberKey``); ``reference`` its order id; ``price`` what the
    carrier says that it charges, where it says so. ``about``: the other number, in E.164, that the answer names
    in place of the one that was asked for. ``person``: a refusal that no later try of ours can change. ``look``: a
    MAYBE that was answered as done, without showing it: one read decides before anything is sent again.
    """

    verdict: Verdict
    message: str = ""
    status: int | None = None
    retry_after: float | None = None
    answered: datetime | None = None
    external: Mapping[str, str] = NOTHING
    reference: str = ""
    price: Price | None = None
    about: str = ""
    person: bool = False
    look: bool = False


class Result(StrEnum):
    """How one change of an apply ended."""

    DONE = "done"
    WAITING = "waiting"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one change ended, with the carrier's words. ``person``: only a person can settle what is left."""

    address: Address
    account: str
    action: Action
    result: Result
    message: str = ""
    status: int | None = None
    person: bool = False
    spent: Price | None = None

    @classmethod
    def of(
        cls,
        change: Change,
        result: Result,
        message: str = "",
        *,
        status: int | None = None,
        person: bool = False,
        spent: Price | None = None,
    ) -> Self:
        """How ``change`` ended."""
        return cls(change.address, change.account, change.action, result, message, status, person, spent)


@dataclass(frozen=True, slots=True)
class Report:
    """What an apply did. ``requests`` is account -> (reads, writes). Not ``approved``: a person said no to the plan."""

    plan: Plan
    outcomes: tuple[Outcome, ...]
    exit_code: int
    requests: Mapping[str, tuple[int, int]] = NOTHING
    settled: tuple[str, ...] = ()
    """Sentences about intents of earlier runs that this run settled."""
    approved: bool = True
    notices: tuple[Notice, ...] = ()
    """What a reader should know that was true before the run and still is."""
