"""A look at a file of records, of whatever format, that changes nothing in it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

_LASTING = ("records", "ledger", "resolutions", "intents")
"""Tables of which a row says that something was done by these records."""


@dataclass(frozen=True, slots=True)
class Glance:
    """``format`` of the records, and whether anything was ever done by them (``used``)."""

    format: int
    used: bool


def glance(path: Path) -> Glance | None:
    """What ``path`` holds; None for what is not a readable file of our records."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            version = connection.execute("SELECT value FROM tnctl_meta WHERE key = 'format_version'").fetchone()
            rows = (connection.execute(f"SELECT 1 FROM tnctl_{name} LIMIT 1").fetchone() for name in _LASTING)  # noqa: S608
            return Glance(int(version[0]), any(rows))
    except (sqlite3.Error, OSError, TypeError, ValueError):
        return None
