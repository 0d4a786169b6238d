"""Everything that tnctl says on standard output, in every form it may take, and the progress on standard error.

::

    plan, report, drift ──> Document ──┬── text       a terminal, a log
    offers, coverage, records ─> Table ┴── markdown   a comment on a pull request
    all of them ─────────────────────────── json      a machine, by schemas/*.schema.json

Each function returns the whole text with its newline; the caller prints it. ``fmt`` is ``text``, ``json`` or
``markdown``; colour and width matter to text alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reconciler import planfile
from reconciler.drift import Drift
from reconciler.model import Intent, Memory, Plan, Record, Report
from reconciler.settings import Fleet
from reconciler.views import drifts, graphs, json_, markdown, market, memory, plans, reports, tables, text, words
from reconciler.views.document import Document
from reconciler.views.ink import Ink
from reconciler.views.markup import prose
from reconciler.views.progress import Progress, Quiet
from reconciler.views.tables import Table

__all__ = [
    "FORMATS",
    "Progress",
    "Quiet",
    "coverage",
    "drift",
    "graph",
    "offers",
    "plan",
    "record",
    "records",
    "report",
]

FORMATS = ("text", "json", "markdown")


def plan(what: Plan, fmt: str, *, color: bool = False, width: int = 100) -> str:
    """A plan; as JSON exactly the canonical document of the plan file, and a newline."""
    if fmt == "json":
        return planfile.dumps(what).decode() + "\n"
    return _document(plans.document(what), fmt, color=color, width=width)


def report(what: Report, fmt: str, *, color: bool = False, width: int = 100) -> str:
    """What an apply did."""
    if fmt == "json":
        return json_.dumps(json_.report(what))
    return _document(reports.document(what), fmt, color=color, width=width)


def drift(what: Drift, fmt: str, *, color: bool = False, width: int = 100) -> str:
    """What changed behind our back."""
    if fmt == "json":
        return json_.dumps(json_.drift(what))
    return _document(drifts.document(what), fmt, color=color, width=width)


def offers(rows: Sequence[Mapping[str, Any]], fmt: str, *, provider: str, color: bool = False, width: int = 100) -> str:
    """Numbers on offer: the carrier's own rows."""
    if fmt == "json":
        return json_.dumps(json_.market("offers", provider, rows))
    closing = f"{words.count(len(rows), 'number')} on offer at {provider}."
    return _tables([market.table(rows)], closing, fmt, color=color, width=width)


def coverage(
    rows: Sequence[Mapping[str, Any]], fmt: str, *, provider: str, color: bool = False, width: int = 100
) -> str:
    """Counts of numbers on offer: the carrier's own rows."""
    if fmt == "json":
        return json_.dumps(json_.market("coverage", provider, rows))
    closing = f"{words.count(len(rows), 'row')} of coverage at {provider}."
    return _tables([market.table(rows)], closing, fmt, color=color, width=width)


def records(what: Memory, fmt: str, *, color: bool = False, width: int = 100) -> str:
    """All our records, tombstones and open outcomes."""
    if fmt == "json":
        return json_.dumps(json_.records(what))
    return _tables(memory.listing(what), memory.summary(what), fmt, color=color, width=width)


def record(what: Record | None, history: Sequence[Intent], fmt: str, *, color: bool = False, width: int = 100) -> str:
    """One record, or None where only calls tell of the object, with every call that was decided on for it."""
    if fmt == "json":
        return json_.dumps(json_.record(what, history))
    closing = f"{words.count(len(history), 'call')} on record."
    return _tables(memory.one(what, history), closing, fmt, color=color, width=width)


def graph(fleet: Fleet, fmt: str) -> str:
    """The dependency graph of the declared resources; ``fmt`` is ``mermaid`` or ``dot``."""
    return {"mermaid": graphs.mermaid, "dot": graphs.dot}[fmt](fleet)


def _document(document: Document, fmt: str, *, color: bool, width: int) -> str:
    if fmt == "markdown":
        return markdown.render(document)
    return text.render(document, color=color, width=width)


def _tables(every: Sequence[Table], closing: str, fmt: str, *, color: bool, width: int) -> str:
    """The tables that have rows, and a sentence."""
    filled = [table for table in every if table.rows]
    if fmt == "markdown":
        return "\n\n".join([*map(tables.markdown, filled), prose(closing)]) + "\n"
    return "\n\n".join([*(tables.text(table, Ink(color), width) for table in filled), closing]) + "\n"
