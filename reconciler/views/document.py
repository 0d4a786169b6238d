"""What a plan, a report and a drift report have in common before they get a form.

::

    Plan, Report, Drift ──> Document ──> text.render, markdown.render

A document decides what is said and in which order; a form decides only how it looks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby

from reconciler.model import NOTHING, SANDBOX, Notice
from reconciler.model.money import Total
from reconciler.planning.costs import Share
from reconciler.views import phrases
from reconciler.views.folding import DocumentRow, Emphasis

SHARES_TITLE = "What it adds and saves"


@dataclass(frozen=True, slots=True)
class Section:
    """The rows of one account."""

    title: str
    rows: tuple[DocumentRow, ...]


@dataclass(frozen=True, slots=True)
class Bill:
    """Money, by currency; ``unknown`` are the addresses whose price nobody told."""

    title: str
    totals: Mapping[str, Total] = field(default=NOTHING)
    unknown: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.totals or self.unknown)

    @property
    def least(self) -> str:
        """That the sums may be more in the end, where that is so."""
        return "at least: what is not known is not in the sums" if self.totals and self.unknown else ""


@dataclass(frozen=True, slots=True)
class Document:
    """Everything there is to say. ``legend`` is (mark, meaning, emphasis); ``facts`` are (name, value); ``shares``
    are the money by account and label. ``every``: however many rows are alike, each has a line."""

    title: str
    heading: str
    sections: tuple[Section, ...]
    bill: Bill
    notices: tuple[Notice, ...]
    facts: tuple[tuple[str, str], ...]
    summary: str
    legend: tuple[tuple[str, str, Emphasis], ...] = ()
    shares: tuple[Share, ...] = ()
    every: bool = False

    @property
    def banner(self) -> str:
        """What is said before anything else, if there is such: that the carriers are not real ones."""
        return SANDBOX.message if SANDBOX in self.notices else ""

    @property
    def remarks(self) -> tuple[Notice, ...]:
        """The notices but for the banner."""
        return tuple(notice for notice in self.notices if notice != SANDBOX)


@dataclass(frozen=True, slots=True)
class Still:
    """How many objects need no line of their own: in sync, without a call to read them, and not readable now.

    ``unread`` None: some could not be read, and nothing says how many. ``waiting``: nothing can be said of them yet.
    """

    in_sync: int
    unobservable: int
    unread: int | None
    waiting: int = 0

    @property
    def counts(self) -> list[tuple[int, str]]:
        """(how many, what is so of them) of those that are known, without those that are none."""
        known = ((self.in_sync, "in sync"), (self.waiting, "waiting"), (self.unobservable, "cannot be read back"))
        return [count for count in known if count[0]]

    @property
    def missing(self) -> str:
        """What could not be read, in words; empty when everything could."""
        if self.unread is None:
            return "some could not be read"
        return _counted((self.unread, "could not be read")) if self.unread else ""


def sections(rows: Iterable[tuple[str, DocumentRow]]) -> tuple[Section, ...]:
    """(account, row) pairs as one section an account, accounts sorted and rows in the order given."""
    ordered = sorted(rows, key=lambda pair: pair[0])
    return tuple(
        Section(phrases.sentence(account), tuple(row for _, row in group))
        for account, group in groupby(ordered, key=lambda pair: pair[0])
    )


def at_rest(opening: str, still: Still) -> str:
    """The closing sentence when nothing changes: ``No changes. 12 objects are in sync, 3 cannot be read back.``

    Where something could not be read nobody knows that: ``Incomplete: 1 could not be read; 12 in sync.``
    """
    if still.missing:
        return f"Incomplete: {'; '.join(filter(None, (still.missing, ', '.join(map(_counted, still.counts)))))}."
    if not still.counts:
        return opening
    (number, meaning), *others = still.counts
    verb = "" if meaning.startswith("cannot") else "is " if number == 1 else "are "
    return f"{opening} {phrases.count(number, 'object')} {verb}{meaning}{''.join(f', {_counted(c)}' for c in others)}."


def busy(opening: str, counts: Iterable[tuple[int, str]], still: Still | None = None) -> str:
    """The closing sentence when something does: ``Plan: 2 to create, 1 blocked; 12 in sync.``"""
    moving = ", ".join(_counted(count) for count in counts if count[0])
    resting = ", ".join(filter(None, [*map(_counted, still.counts), still.missing])) if still else ""
    return f"{opening}: {'; '.join(filter(None, (moving, resting)))}."


def _counted(count: tuple[int, str]) -> str:
    return f"{count[0]:,} {count[1]}"
