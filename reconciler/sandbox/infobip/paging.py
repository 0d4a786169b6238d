"""Lists in pages: as a client hopes for, and as they go wrong when rows come and go between two reads.

============ ======================================================================
intact       rows ``page * limit`` and on
repeated     from the second page on, everything is one row late: one row shows twice
shifting     from the second page on, everything is one row early: one row never shows
endless      past the end, the last page comes again
wrong-count  ``numberCount`` is three more than there are
size-ignored pages of 20 rows, whatever ``limit`` asks for
============ ======================================================================
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

DEFAULT_LIMIT = 50
IGNORED_SIZE = 20
_SHIFT = {"repeated": -1, "shifting": 1}


def window(query: Mapping[str, str]) -> tuple[int, int] | None:
    """``limit`` and ``page`` of a query, or None when they are no whole numbers or ``limit`` is not positive."""
    try:
        limit, page = int(query.get("limit", DEFAULT_LIMIT)), int(query.get("page", 0))
    except ValueError:
        return None
    return (limit, page) if limit > 0 and page >= 0 else None


def cut(rows: Sequence[str], limit: int, page: int, manner: str) -> tuple[Sequence[str], int]:
    """The rows of one page, and the ``numberCount`` beside them."""
    size = IGNORED_SIZE if manner == "size-ignored" else limit
    start = page * size
    if manner == "endless" and start >= len(rows):
        start = max(0, (len(rows) - 1) // size * size)
    if page > 0:
        start += _SHIFT.get(manner, 0)
    return rows[start : start + size], len(rows) + (3 if manner == "wrong-count" else 0)
