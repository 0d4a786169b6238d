"""Durations as people write them: ``90s``, ``15m``, ``2h``, ``30d``. One unit, whole numbers, no signs."""

from __future__ import annotations

import re
from datetime import timedelta

_WRITTEN = re.compile(r"([0-9]{1,6})([smhd])")
_SECONDS = {"d": 86400, "h": 3600, "m": 60, "s": 1}


def parse(text: str) -> timedelta:
    """The duration that ``text`` writes; a bare ``0`` needs no unit. ``ValueError`` for anything else."""
    if text == "0":
        return timedelta(0)
    written = _WRITTEN.fullmatch(text)
    if written is None:
        raise ValueError("not a duration: write a whole number and s, m, h or d, such as 90s, 15m or 2h")
    return timedelta(seconds=int(written[1]) * _SECONDS[written[2]])


def show(duration: timedelta) -> str:
    """``duration`` in the largest unit that leaves no remainder; parts of a second are dropped."""
    seconds = int(duration.total_seconds())
    unit = next(unit for unit, size in _SECONDS.items() if seconds % size == 0) if seconds else "s"
    return f"{seconds // _SECONDS[unit]}{unit}"
