"""A drift report as a document: what changed behind our back, and what could not be seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from reconciler.clock import stamp
from reconciler.planning.drift import Drift, DriftClass, Drifted
from reconciler.views import phrases
from reconciler.views.document import Bill, Document, Still, at_rest, busy, sections
from reconciler.views.folding import DocumentRow, Emphasis

_MARKS = {
    DriftClass.MISSING: ("-", Emphasis.LOUD),
    DriftClass.CHANGED: ("~", Emphasis.CHANGE),
    DriftClass.RETURNED: ("+", Emphasis.GOOD),
}


def document(drift: Drift) -> Document:
    """Everything there is to say of ``drift``; the notices name what could not be read."""
    return Document(
        title="tnctl drift",
        heading=f"Drift of {stamp(drift.created_at)}: what was last applied -> what is live",
        sections=sections((drifted.account, _row(drifted)) for drifted in drift.drifted),
        bill=Bill("Cost"),
        notices=drift.notices,
        facts=tuple(("Reads", reads) for reads in [_reads(drift)] if reads),
        summary=_summary(drift),
    )


def _summary(drift: Drift) -> str:
    still = Still(drift.in_sync, len(drift.unobservable), len(drift.unresolved), waiting=len(drift.waiting))
    if not drift.drifted:
        return at_rest("No drift.", still)
    return busy("Drift", _counts(drift.drifted), still)


def _counts(drifted: Iterable[Drifted]) -> list[tuple[int, str]]:
    counted = Counter(one.drift_class for one in drifted)
    return [(counted[drift_class], drift_class.value) for drift_class in DriftClass]


def _reads(drift: Drift) -> str:
    return ", ".join(f"{phrases.sentence(account)} {number:,}" for account, number in sorted(drift.reads.items()))


def _row(drifted: Drifted) -> DocumentRow:
    mark, emphasis = _MARKS[drifted.drift_class]
    return DocumentRow(
        address=str(drifted.address),
        mark=mark,
        word=drifted.drift_class.value,
        reason=drifted.reason,
        emphasis=emphasis,
        details=drifted.diff,
    )
