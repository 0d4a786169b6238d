"""Assignments that were answered as done and that no apply has seen since, as their records remember it.

Done means seen, where it can be read. A carrier that answers "done" and never lists the number would be sent the same
assignment at every run, each time with success.

=========  =================================================================================================
``tries``  how often it was sent and answered as done; absent once an apply has seen it, or where none sent it
=========  =================================================================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from reconciler.model import Record
from reconciler.planning.kept_webhooks import MOST_TRIES, TRIES

__all__ = ["MOST_TRIES", "once_more", "seen", "tries"]


def tries(record: Record | None) -> int:
    """How often it was sent in vain."""
    count = record.external.get(TRIES, 0) if record is not None else 0
    return count if isinstance(count, int) else 0


def once_more(old: Record | None, fingerprint: str) -> Mapping[str, Any]:
    """What to remember once what has that ``seal`` was sent and answered as done."""
    same = old is not None and not old.tombstone and old.fingerprint == fingerprint
    return {TRIES: tries(old) + 1 if same else 1}


def seen(record: Record) -> Record:
    """``record`` once a read shows it as it was sent."""
    return replace(record, external={key: value for key, value in record.external.items() if key != TRIES})
