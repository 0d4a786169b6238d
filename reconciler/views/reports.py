"""What an apply did, as a document: the outcome of every change, the money spent, and what to do next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from reconciler.errors import EXIT_ERROR, EXIT_PERSON, EXIT_RESUME, EXIT_SIGINT, EXIT_SIGTERM
from reconciler.model import SANDBOX, Action, Kind, Notice, Outcome, Report, Result
from reconciler.model.money import totals
from reconciler.views import phrases
from reconciler.views.document import Bill, Document, at_rest, busy, sections
from reconciler.views.folding import DocumentRow, Emphasis
from reconciler.views.plans import MARKS, still

_EMPHASIS = {
    Result.DONE: Emphasis.GOOD,
    Result.SKIPPED: Emphasis.QUIET,
    Result.WAITING: Emphasis.INFO,
    Result.UNKNOWN: Emphasis.LOUD,
    Result.FAILED: Emphasis.LOUD,
}
"""In the order of the report: what needs attention stands next to the summary."""

_NEXT = {
    EXIT_ERROR: "Not everything was done: see above, then run `tnctl apply` again",
    EXIT_RESUME: "Run `tnctl apply` again to resume",
    EXIT_PERSON: "A person is needed: see above for what to do",
    EXIT_SIGINT: "Interrupted: run `tnctl apply` again to resume",
    EXIT_SIGTERM: "Interrupted: run `tnctl apply` again to resume",
}
"""Exit code -> what comes next."""

DECLINED = "Not approved; nothing was sent."
DECLINED_ON_THE_SANDBOX = "Not approved; nothing was sent (on the sandbox)."


def document(report: Report) -> Document:
    """Everything there is to say of ``report``; of a plan that was not approved no more than that."""
    if not report.approved:
        said = DECLINED_ON_THE_SANDBOX if SANDBOX in report.plan.notices else DECLINED
        return Document("tnctl apply", "", sections=(), bill=Bill(""), notices=(), facts=(), summary=said)
    order = list(_EMPHASIS)
    outcomes = sorted(report.outcomes, key=lambda outcome: order.index(outcome.result))
    return Document(
        title="tnctl apply",
        heading=f"Apply of plan {report.plan.plan_id}",
        sections=sections((outcome.account, _row(outcome)) for outcome in outcomes),
        bill=Bill("Spent", totals(outcome.spent for outcome in report.outcomes), _unpriced(report.outcomes)),
        notices=notices(report),
        facts=tuple(("Requests", made) for made in [_requests(report)] if made),
        summary=_summary(report),
    )


def _unpriced(outcomes: Iterable[Outcome]) -> tuple[str, ...]:
    """The numbers that were bought at a price that is not wholly known."""
    bought = [
        o for o in outcomes if o.result is Result.DONE and o.action is Action.CREATE and o.address.kind is Kind.NUMBER
    ]
    return tuple(str(o.address) for o in bought if o.spent is None or not o.spent.whole)


def notices(report: Report) -> tuple[Notice, ...]:
    """What is known now, and what was settled of earlier runs."""
    return (*report.notices, *(Notice("info", text) for text in report.settled))


def results(outcomes: Iterable[Outcome]) -> dict[str, int]:
    """Result -> how many, all results included."""
    counted = Counter(outcome.result for outcome in outcomes)
    return {result.value: counted[result] for result in Result}


def _summary(report: Report) -> str:
    known = report.exit_code in _NEXT
    after = f" {_NEXT[report.exit_code]} (exit code {report.exit_code})." if known else _warned(report)
    if not report.outcomes:
        return at_rest("Nothing to do.", still(report.plan)) + after
    counts = [(number, result) for result, number in results(report.outcomes).items()]
    return busy("Apply", counts) + after


def _warned(report: Report) -> str:
    """That a run which ended well has warnings, such as slots of a pool that stay empty."""
    warnings = sum(notice.severity == "warning" for notice in notices(report))
    return f" With {phrases.count(warnings, 'warning')}: see the notices." if warnings else ""


def _requests(report: Report) -> str:
    return "; ".join(
        f"{phrases.sentence(account)} {phrases.count(reads, 'read')}, {phrases.count(writes, 'write')}"
        for account, (reads, writes) in sorted(report.requests.items())
    )


def _row(outcome: Outcome) -> DocumentRow:
    return DocumentRow(
        address=str(outcome.address),
        mark=MARKS[outcome.action][0],
        word=f"{outcome.result.value:<7} {outcome.action.value}",
        reason=_words(outcome),
        emphasis=_EMPHASIS[outcome.result],
        facts=("a person is needed",) if outcome.person else (),
        price=outcome.spent,
    )


def _words(outcome: Outcome) -> str:
    """The carrier's words, with the HTTP status where it went wrong and they do not name it."""
    wrong = outcome.result in (Result.FAILED, Result.UNKNOWN) and outcome.status is not None
    if not wrong or f"HTTP {outcome.status}" in outcome.message:
        return outcome.message
    return f"HTTP {outcome.status}: {outcome.message or 'no words'}"
