"""Outcomes -> a report with its exit code. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reconciler.errors import EXIT_ERROR, EXIT_PERSON, EXIT_RESUME, worst
from reconciler.model import Action, Intent, Notice, Outcome, Plan, PlanStatus, Report, Result


def build_report(
    plan: Plan,
    outcomes: Sequence[Outcome],
    open_intents: Sequence[Intent],
    requests: Mapping[str, tuple[int, int]],
    *,
    settled: Sequence[str] = (),
    recovered: Sequence[Outcome] = (),
    notices: Sequence[Notice] = (),
    interrupted: bool,
) -> Report:
    """What an apply did. An interrupted one has the exit code of its signal, which the command line knows.

    ``recovered``: what earlier runs had sent and could not tell the outcome, nor the price, of. ``notices``: what of
    the plan's is true after it as well.
    """
    blocked = [
        Outcome(c.address, c.account, c.action, Result.SKIPPED, c.reason, person=True)
        for c in plan.with_action(Action.BLOCKED)
    ]
    told = {outcome.address for outcome in outcomes}
    every = (*(outcome for outcome in recovered if outcome.address not in told), *outcomes, *blocked)
    code = EXIT_RESUME if interrupted else worst(_codes(plan, every, open_intents))
    return Report(
        plan=plan,
        outcomes=every,
        exit_code=code,
        requests=dict(requests),
        settled=tuple(settled),
        notices=tuple(notices),
    )


def declined(plan: Plan) -> Report:
    """The report of a run that a person did not approve: nothing was done."""
    outcomes = tuple(Outcome(c.address, c.account, c.action, Result.SKIPPED, "not approved") for c in plan.changes)
    return Report(plan=plan, outcomes=outcomes, exit_code=EXIT_ERROR, approved=False)


def plan_status(done: Report, *, interrupted: bool) -> PlanStatus:
    """Whether the plan may be applied again: ``interrupted``, ``pending`` (both may) or ``finished``."""
    if interrupted:
        return "interrupted"
    return "pending" if done.exit_code == EXIT_RESUME else "finished"


def _codes(plan: Plan, outcomes: Sequence[Outcome], open_intents: Sequence[Intent]) -> list[int]:
    codes = []
    if any(outcome.person for outcome in outcomes) or any(intent.person for intent in open_intents):
        codes.append(EXIT_PERSON)
    unread = any(notice.severity == "error" for notice in plan.notices)
    if unread or any(o.result is Result.FAILED and not o.person for o in outcomes):
        codes.append(EXIT_ERROR)
    if open_intents or any(o.result in (Result.WAITING, Result.UNKNOWN) for o in outcomes):
        codes.append(EXIT_RESUME)
    return codes
