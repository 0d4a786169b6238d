"""Assignments that were answered as done and that no apply has seen since, as their records remember it.

Done means seen, where it can be read. A carrier that answers "done" and never lists the number would be sent the same
assignment at every run, each time with success. So ``Record.last_write.tries`` counts how often it was sent and
answered as done; it is 0 once an apply has seen it, or where none sent it.
"""

from __future__ import annotations

from dataclasses import replace

from reconciler.model import LastWrite, Record
from reconciler.planning.kept_webhooks import MOST_TRIES

__all__ = ["MOST_TRIES", "once_more", "seen", "tries"]


def tries(record: Record | None) -> int:
    """How often it was sent in vain."""
    return record.last_write.tries if record is not None else 0


def once_more(old: Record | None, fingerprint: str) -> LastWrite:
    """What to remember once what has that ``fingerprint`` was sent and answered as done."""
    same = old is not None and not old.tombstone and old.fingerprint == fingerprint
    return LastWrite(tries=tries(old) + 1 if same else 1)


def seen(record: Record) -> Record:
    """``record`` once a read shows it as it was sent."""
    return replace(record, last_write=LastWrite())
