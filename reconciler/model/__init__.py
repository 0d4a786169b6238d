"""The nouns of tnctl: frozen values without I/O.

::

    YAML ──> Resource (desired) ──┐
    carrier ─> Resource (live) ───┼─ diff ──> Change ── planner ──> Step ── executor ──> Outcome ──> Report
    state ──> Record, Intent ─────┘             └────────── Plan ──────────┘

One :class:`Resource` serves both sides, so that comparing them is comparing two values of one type. ``objects.py`` what
there is · ``plans.py`` what is to be done · ``outcomes.py`` what came of it · ``records.py`` what is remembered.
"""

from __future__ import annotations

from reconciler.model.objects import (
    IN_PROGRESS,
    NOTHING,
    TN_KINDS,
    Address,
    Attrs,
    Found,
    Kind,
    Mark,
    Observation,
    Offer,
    Price,
    Quotes,
    Resource,
    Status,
    Unread,
    revealed,
    shown,
)
from reconciler.model.outcomes import Outcome, Reply, Report, Result, Verdict
from reconciler.model.plans import SANDBOX, Action, Change, FieldDiff, Notice, Plan, Step
from reconciler.model.records import (
    Attempt,
    Intent,
    IntentStatus,
    LastWrite,
    LedgerEntry,
    Order,
    Origin,
    PlanStatus,
    Record,
    Resolution,
    Site,
    StateSnapshot,
)

__all__ = [
    "IN_PROGRESS",
    "NOTHING",
    "SANDBOX",
    "TN_KINDS",
    "Action",
    "Address",
    "Attempt",
    "Attrs",
    "Change",
    "FieldDiff",
    "Found",
    "Intent",
    "IntentStatus",
    "Kind",
    "LastWrite",
    "LedgerEntry",
    "Mark",
    "Notice",
    "Observation",
    "Offer",
    "Order",
    "Origin",
    "Outcome",
    "Plan",
    "PlanStatus",
    "Price",
    "Quotes",
    "Record",
    "Reply",
    "Report",
    "Resolution",
    "Resource",
    "Result",
    "Site",
    "StateSnapshot",
    "Status",
    "Step",
    "Unread",
    "Verdict",
    "revealed",
    "shown",
]
