"""Durations as people write them: ``90s``, ``15m``, ``2h``, ``30d``. One unit, whole numbers, no signs.

What is not written shorter than here is refused, in the configuration by its schema: whatever takes a duration, a
moment after it or a column of the records, then holds it.
"""

from __future__ import annotations

import re
from datetime import timedelta

_WRITTEN = re.compile(r"([0-9]{1,6})([sm])|([0-9]{1,5})(h)|([0-9]{1,4})(d)")
_LONGEST = "999999s, 999999m, 99999h or 9999d"
_SECONDS = {"d": 86400, "h": 3600, "m": 60, "s": 1}


def parse(text: str) -> timedelta:
    """The duration that ``text`` writes; a bare ``0`` needs no unit. ``ValueError`` for anything else."""
    if text == "0":
        return timedelta(0)
    written = _WRITTEN.fullmatch(text)
    if written is None:
        raise ValueError(
            f"not a duration: write a whole number and s, m, h or d, such as 90s, 15m or 2h, at most {_LONGEST}"
        )
    number, unit = filter(None, written.groups())
    return timedelta(seconds=int(number) * _SECONDS[unit])


def show(duration: timedelta) -> str:
    """``duration`` in the largest unit that leaves no remainder; parts of a second are dropped."""
    seconds = int(duration.total_seconds())
    unit = next(unit for unit, size in _SECONDS.items() if seconds % size == 0) if seconds else "s"
    return f"{seconds // _SECONDS[unit]}{unit}"
