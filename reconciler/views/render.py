"""Everything that tnctl says on standard output, in every form it may take, and the progress on standard error.

::

    plan, report, drift ──> Document ──┬── text       a terminal, a log
    offers, coverage, records ─> Table ┴── markdown   a comment on a pull request
    offers, coverage, ledger ───────────── csv        a spreadsheet
    all of them ─────────────────────────── json      a machine, by schemas/*.schema.json

Each function returns the whole text with its newline; the caller prints it. ``fmt`` is one of :data:`FORMATS` or, for
tables, :data:`TABLE_FORMATS`; colour and width matter to text alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from reconciler.model import Intent, Offer, Plan, Price, Record, Report, StateSnapshot
from reconciler.model.fleet import Fleet
from reconciler.planning.audit import Audited
from reconciler.planning.costs import Share
from reconciler.planning.drift import Drift
from reconciler.state import plan_file
from reconciler.views import (
    csv_,
    drifts,
    graphs,
    json_,
    ledgers,
    markdown,
    offer_tables,
    phrases,
    plans,
    record_tables,
    reports,
    sandbox,
    tables,
    text,
)
from reconciler.views.document import Document
from reconciler.views.markup import prose
from reconciler.views.progress import Progress, Quiet
from reconciler.views.tables import Table
from reconciler.views.terminal import Colors, bounded, wrapped

if TYPE_CHECKING:
    from reconciler.model import LedgerEntry, Resolution

_NO_RECORDS = StateSnapshot("", 0)

__all__ = [
    "FORMATS",
    "TABLE_FORMATS",
    "Progress",
    "Quiet",
    "coverage",
    "drift",
    "graph",
    "ledger",
    "offers",
    "plan",
    "record",
    "records",
    "report",
    "snippet",
    "switches",
]

FORMATS = ("text", "json", "markdown")
TABLE_FORMATS = (*FORMATS, "csv")
"""What offers, coverage and the ledger can be written as."""


def plan(
    what: Plan,
    fmt: str,
    *,
    shares: Sequence[Share] = (),
    every: bool = False,
    color: bool = False,
    width: int = 100,
) -> str:
    """A plan, with what it adds and saves by account and label; with ``every`` each change has its line. As JSON
    exactly the canonical document of the plan file, and a newline."""
    if fmt == "json":
        return plan_file.dumps(what).decode() + "\n"
    return _document(plans.document(what, shares, every=every), fmt, color=color, width=width)


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


def offers(
    rows: Sequence[Mapping[str, Any]],
    fmt: str,
    *,
    account: str,
    prices: Sequence[Price | None] = (),
    color: bool = False,
    width: int = 100,
) -> str:
    """Numbers on offer: the carrier's own rows, and below them those of ``prices`` that are the price book's."""
    if fmt == "json":
        return json_.dumps(json_.market("offers", account, rows))
    if fmt == "csv":
        return csv_.dumps(*offer_tables.flattened(rows))
    closing = f"{phrases.count(len(rows), 'number')} on offer at {account}.{offer_tables.estimates(prices)}"
    return _tables([offer_tables.table(rows)], closing, fmt, color=color, width=width)


def coverage(
    rows: Sequence[Mapping[str, Any]], fmt: str, *, account: str, color: bool = False, width: int = 100
) -> str:
    """Counts of numbers on offer: the carrier's own rows."""
    if fmt == "json":
        return json_.dumps(json_.market("coverage", account, rows))
    if fmt == "csv":
        return csv_.dumps(*offer_tables.flattened(rows))
    closing = f"{phrases.count(len(rows), 'row')} of coverage at {account}."
    return _tables([offer_tables.table(rows)], closing, fmt, color=color, width=width)


def records(what: StateSnapshot, fmt: str, *, color: bool = False, width: int = 100) -> str:
    """All our records, tombstones and open outcomes."""
    if fmt == "json":
        return json_.dumps(json_.records(what))
    return _tables(record_tables.listing(what), record_tables.summary(what), fmt, color=color, width=width)


def record(
    what: Record | None,
    history: Sequence[Intent],
    fmt: str,
    *,
    resolutions: Sequence[Resolution] = (),
    color: bool = False,
    width: int = 100,
) -> str:
    """One record, or None where only calls tell of the object, with every call that was decided on for it and what
    persons settled of it."""
    if fmt == "json":
        return json_.dumps(json_.record(what, history, resolutions))
    closing = f"{phrases.count(len(history), 'call')} on record."
    return _tables(record_tables.one(what, history, resolutions), closing, fmt, color=color, width=width)


def ledger(
    entries: Sequence[LedgerEntry],
    audited: Sequence[Audited] | None,
    fmt: str,
    *,
    color: bool = False,
    width: int = 100,
) -> str:
    """Every purchase and release; ``audited`` is what the carriers list, None when they were not asked.

    A CSV file holds one table: the comparison, where there is one, else the ledger.
    """
    if fmt == "json":
        return json_.dumps(json_.ledger(entries, audited))
    if fmt == "csv" and audited is not None:
        return csv_.dumps(ledgers.AUDIT_COLUMNS, ledgers.audit_rows(audited))
    if fmt == "csv":
        return csv_.dumps(ledgers.COLUMNS, ledgers.rows(entries))
    every = ledgers.tables(entries, audited or ())
    return _tables(every, ledgers.summary(entries), fmt, color=color, width=width)


def snippet(offers: Sequence[Offer], *, account: str) -> str:
    """Numbers on offer as YAML to paste into the configuration."""
    return offer_tables.snippet(offers, account)


def switches(
    what: Mapping[str, Sequence[Mapping[str, Any]]], fmt: str, *, color: bool = False, width: int = 100
) -> str:
    """What the sandbox can be made to do: rows of ``switches``, ``faults`` and ``calls``."""
    if fmt == "json":
        return json_.dumps(what)
    return _tables(sandbox.tables(what), sandbox.summary(what), fmt, color=color, width=width)


def graph(fleet: Fleet, fmt: str, state: StateSnapshot = _NO_RECORDS) -> str:
    """The dependency graph of the declared resources, and who has which slot; ``fmt`` is ``mermaid`` or ``dot``."""
    return {"mermaid": graphs.mermaid, "dot": graphs.dot}[fmt](fleet, state)


def _document(document: Document, fmt: str, *, color: bool, width: int) -> str:
    if fmt == "markdown":
        return markdown.render(document)
    return text.render(document, color=color, width=width)


def _tables(every: Sequence[Table], closing: str, fmt: str, *, color: bool, width: int) -> str:
    """The tables that have rows, and a sentence."""
    filled = [table for table in every if table.rows]
    if fmt == "markdown":
        return "\n\n".join([*map(tables.markdown, filled), prose(closing)]) + "\n"
    blocks = [*(tables.text(table, Colors(color), width) for table in filled), "\n".join(wrapped(closing, width))]
    rendered = "\n\n".join(blocks) + "\n"
    return rendered if color else bounded(rendered, width)
