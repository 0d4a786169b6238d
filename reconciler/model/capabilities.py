"""What a carrier account can do, as data: the pure parts test it, and never a provider's type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from reconciler.model import NOTHING, Kind


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a carrier account can do, as data.

    ``kinds`` can be declared there; ``reads`` can be read back; ``deletes`` have a call that removes them;
    ``updates`` are the fields of a kind that a call can change; ``lists``: an intact read shows everything owned,
    so absence means something; ``batches``: kind -> how many changes one call may carry; ``settle_after``: how long
    an unanswered purchase stays open; ``repeats``: how often a purchase may be sent in all while it is open
    (None: once an apply); ``presumes``: a number no longer offered after an unanswered order is taken for ours;
    ``sold_by_number``: countries whose numbers are ordered by number, whatever key they are offered under.
    """

    kinds: frozenset[Kind]
    reads: frozenset[Kind]
    deletes: frozenset[Kind] = frozenset()
    updates: Mapping[Kind, frozenset[str]] = NOTHING
    lists: bool = False
    batches: Mapping[Kind, int] = NOTHING
    settle_after: timedelta = timedelta(0)
    repeats: int | None = None
    presumes: bool = False
    sold_by_number: frozenset[str] = frozenset()
    release_is_final: str = "and anyone can buy it then"
    """What the release of a number cannot undo, as the end of "it is released, …"."""
    leaves_behind: Mapping[Kind, str] = field(default_factory=dict)
    """Kind -> what stays at the carrier when it is forgotten, and what a person can do about it."""
    first_write: Mapping[Kind, str] = field(default_factory=dict)
    """Kind -> what else changes when the first of it is made for a number."""
