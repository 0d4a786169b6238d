"""A plan as a document: what would change, account by account, what it costs, and what to know before approving.

======  ========  ==================================================
mark    action    said of it
======  ========  ==================================================
``+``   create    the declared fields, and the price of a purchase
``~``   update    each field, before and after
``-``   delete    IRREVERSIBLE for the release of a number
``=``   adopt
``.``   wait      and what follows
``<``   forget    IRREVERSIBLE for a number that goes on costing
``!``   blocked   the next step, which is a person's
======  ========  ==================================================
"""

from __future__ import annotations

from collections.abc import Sequence

from reconciler.clock import stamp
from reconciler.model import Action, Change, Kind, Plan
from reconciler.model.money import cost_of
from reconciler.planning.costs import Share
from reconciler.views import phrases
from reconciler.views.document import Bill, Document, Still, at_rest, busy, sections
from reconciler.views.folding import DocumentRow, Emphasis

MARKS = {
    Action.CREATE: ("+", Emphasis.GOOD),
    Action.UPDATE: ("~", Emphasis.CHANGE),
    Action.DELETE: ("-", Emphasis.BAD),
    Action.ADOPT: ("=", Emphasis.INFO),
    Action.WAIT: (".", Emphasis.INFO),
    Action.FORGET: ("<", Emphasis.CHANGE),
    Action.BLOCKED: ("!", Emphasis.LOUD),
}
"""The mark and emphasis of each action that is listed, in the order of the summary."""

_MEANINGS = {
    Action.CREATE: "to create",
    Action.UPDATE: "to update",
    Action.DELETE: "to delete",
    Action.ADOPT: "to adopt",
    Action.WAIT: "waiting",
    Action.FORGET: "to forget",
    Action.BLOCKED: "blocked",
}


def document(plan: Plan, shares: Sequence[Share] = (), *, every: bool = False) -> Document:
    """Everything there is to say of ``plan``; ``shares`` is its money by account and label. ``every``: change by
    change, however many are alike."""
    totals, unknown = cost_of(plan.changes)
    return Document(
        title="tnctl plan",
        heading=f"Plan {plan.plan_id} of {stamp(plan.created_at)}, expires {stamp(plan.expires_at)}",
        legend=_legend(plan),
        sections=sections((change.account, _row(change)) for change in plan.changes),
        bill=Bill("Cost of the purchases", totals, unknown),
        shares=tuple(shares),
        notices=plan.notices,
        facts=_facts(plan),
        summary=_summary(plan),
        every=every,
    )


def _counts(plan: Plan) -> list[tuple[Action, int, str]]:
    """(action, how many, meaning) for each action that is listed; irreversible ones are counted out loud."""
    listed = {action: plan.with_action(action) for action in MARKS}
    return [(action, len(changes), _meaning(action, changes)) for action, changes in listed.items() if changes]


def _meaning(action: Action, changes: Sequence[Change]) -> str:
    final = sum(change.irreversible for change in changes)
    return _MEANINGS[action] + (f" ({final:,} IRREVERSIBLE)" if final else "")


def _legend(plan: Plan) -> tuple[tuple[str, str, Emphasis], ...]:
    return tuple(
        (MARKS[action][0], f"{number:,} {meaning}", MARKS[action][1]) for action, number, meaning in _counts(plan)
    )


def _summary(plan: Plan) -> str:
    if not plan.changes:
        return at_rest("No changes.", still(plan))
    return busy("Plan", [(number, meaning) for _, number, meaning in _counts(plan)], still(plan))


def still(plan: Plan) -> Still:
    """The objects that the plan does not list. Of what could not be read a plan file has the notices only."""
    untold = not plan.unresolved and any(notice.severity == "error" for notice in plan.notices)
    return Still(plan.noop, plan.unobservable, None if untold else len(plan.unresolved))


def _facts(plan: Plan) -> tuple[tuple[str, str], ...]:
    reads = ", ".join(f"{phrases.sentence(account)} {number:,}" for account, number in sorted(plan.reads.items()))
    return tuple((name, content) for name, content in (("Reads", reads), ("Digest", plan.digest)) if content)


def _row(change: Change) -> DocumentRow:
    mark, emphasis = MARKS[change.action]
    return DocumentRow(
        address=str(change.address),
        mark=mark,
        word=change.action.value,
        reason=("IRREVERSIBLE: " if change.irreversible else "") + change.reason,
        emphasis=Emphasis.LOUD if change.irreversible else emphasis,
        facts=_facts_of(change),
        details=change.diff,
        price=change.cost if change.purchase else None,
        priced=change.purchase,
        alone=change.irreversible,
    )


def _facts_of(change: Change) -> tuple[str, ...]:
    """What follows a wait; the fields of what is created, but for what the address or the reason says already."""
    if change.then is not None:
        return (f"then {change.then.value}",)
    if change.action is not Action.CREATE or change.address.kind is Kind.SMS:
        return ()
    untold = {name: value for name, value in (change.after or {}).items() if phrases.value(value) not in change.reason}
    return tuple(phrases.attributes(untold))
