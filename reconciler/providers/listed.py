"""Numbers as the rows of a list spell them, and what a list proves that has a row which cannot be read.

====================================================  ===============================================================
the number of a row                                   is
====================================================  ===============================================================
ASCII digits, of any length, with or without a plus   what it says: ours, somebody's short code, a number elsewhere
ASCII letters, blanks, and fewer digits than a        an alphanumeric sender, and no telephone number
telephone number has
anything else: null, missing, a fraction, dashes,     unreadable: it may be any number, so what the readable rows show
blanks between digits, the digits of other scripts    is seen, and what they do not show is not proved absent
====================================================  ===============================================================
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from reconciler.model import Unread
from reconciler.model.safe_text import quoted

Row = Mapping[str, Any]

_DIGITS = re.compile(r"\+?([0-9]+)")
_SENDER = re.compile(r"\+?([A-Za-z0-9](?:[A-Za-z0-9 ]*[A-Za-z0-9])?)")
_EXPONENT = re.compile(r"[0-9]+[Ee][0-9]+")
_FEWEST_DIGITS = 7
"""Of a telephone number in E.164."""

_LONGEST_QUOTE = 40


def spelled(value: object) -> str | None:
    """The digits or the sender that a row names, without a plus; None for what cannot be read."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if digits := _DIGITS.fullmatch(text):
        return digits.group(1)
    sender = _SENDER.fullmatch(text)
    if sender is None or _EXPONENT.fullmatch(sender.group(1)) or sum(map(str.isdigit, text)) >= _FEWEST_DIGITS:
        return None
    return sender.group(1)


def by_number(
    rows: Iterable[object],
    field: str,
    e164: Callable[[object], str | None],
    exempt: Callable[[Row], bool] = lambda _row: False,
) -> tuple[dict[str, list[Row]], str]:
    """Telephone number -> its rows, and why what is in no row is not proved absent (empty: it is).

    ``exempt``: whether a row may rightly have no number.
    """
    found: dict[str, list[Row]] = {}
    unreadable: list[object] = []
    for row in rows:
        value = row.get(field) if isinstance(row, Mapping) else row
        tn = e164(value) if isinstance(row, Mapping) else None
        if tn is not None and isinstance(row, Mapping):
            found.setdefault(tn, []).append(row)
        elif not isinstance(row, Mapping) or (spelled(value) is None and not (value is None and exempt(row))):
            unreadable.append(value)
    return found, doubt(unreadable)


def doubt(unreadable: list[object]) -> str:
    """The sentence about values that cannot be read as numbers; empty for none."""
    if not unreadable:
        return ""
    first = "no number" if unreadable[0] is None else repr(quoted(unreadable[0], _LONGEST_QUOTE))
    more = f" and {len(unreadable) - 1} more" if len(unreadable) > 1 else ""
    return f"the list has a row that cannot be read as a number ({first}{more}), and it may be this one"


def left_open(wanted: Iterable[str], found: Iterable[str], why: str) -> dict[str, Unread]:
    """Each of ``wanted`` that a list with a doubt does not show -> that doubt; none where there is no doubt."""
    shown = set(found)
    return {tn: Unread(why) for tn in wanted if tn not in shown} if why else {}
