"""Lists that come in pages, and whether they are whole: only a whole list proves that a number is not there.

A page size may be capped without saying so, rows may shift from page to page while they are read, and a count may be
wrong. So the size of the first page that came is what the following ones are asked for, and each page is held against
``numberCount`` and against the keys that came before.
"""

from __future__ import annotations

from reconciler.providers.http.messages import Answer
from reconciler.providers.infobip import convert
from reconciler.providers.infobip.convert import Row
from reconciler.providers.reads import UnreadableError


class ShiftedError(UnreadableError):
    """Pages that contradict each other or their count: the list moved while it was read, or it is wrong."""


class Listing:
    """The pages of one list, as far as they came; ``limit`` rows are asked for at first."""

    def __init__(self, limit: int, most_pages: int) -> None:
        self.limit = limit
        self.rows: list[Row] = []
        self.pages = 0
        self._most_pages = most_pages
        self._total = 0
        self._keys: set[str] = set()

    @property
    def complete(self) -> bool:
        """Whether every row that the carrier counts has come."""
        return self.pages > 0 and len(self.rows) == self._total

    @property
    def pages_left(self) -> int:
        """How many more pages there are; known once the first has come."""
        return -(-(self._total - len(self.rows)) // self.limit)

    def add(self, answer: Answer) -> list[Row]:
        """Take the next page and return its rows; raises :class:`UnreadableError` for what is no page, and
        :class:`ShiftedError` for one that does not fit."""
        rows, total = convert.page(answer)
        self._check(rows, total)
        if self.pages == 0:
            self.limit, self._total = len(rows) or self.limit, total
        self.rows += rows
        self.pages += 1
        if self.pages + self.pages_left > self._most_pages:
            raise UnreadableError(f"the carrier counts {total} numbers, {self.limit} a page: too many to read")
        return rows

    def _check(self, rows: list[Row], total: int) -> None:
        if self.pages and total != self._total:
            raise ShiftedError(f"numberCount changed from {self._total} to {total} while the pages were read")
        left = total - len(self.rows)
        if len(rows) > left or (self.pages and len(rows) < min(left, self.limit)) or (left and not rows):
            raise ShiftedError(f"a page has {len(rows)} rows where numberCount ({total}) leaves {left}")
        keys = [key for key in map(convert.key, rows) if key]
        if len(self._keys.union(keys)) < len(self._keys) + len(keys):
            raise ShiftedError("the pages repeat a numberKey")
        self._keys.update(keys)
