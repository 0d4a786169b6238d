"""A release whose outcome is open: read until it is known, one way or the other, and never sent again from here."""

from __future__ import annotations

from datetime import timedelta

from reconciler.executor import findings
from reconciler.executor.run import SHORTEST_PAUSE, Run
from reconciler.executor.scheduler import Sleep
from reconciler.model import Change, Intent, IntentStatus, Kind, Observation, Outcome, Result, Step
from reconciler.planning.open_orders import Evidence, Finding, settle_release


async def settle_earlier(run: Run, intent: Intent) -> None:
    """Settle the release of an earlier run, and tell in the report of one that is found to be done."""
    finding = run.state.findings[intent.id] = await settle(run, intent)
    if finding.evidence is Evidence.RELEASED:
        run.state.recovered.append(findings.recovered(intent, finding.reason))


async def go_on(run: Run, step: Step, intent: Intent) -> list[Outcome]:
    """The step of a number whose release is open: this run has read it once, which is all that it does."""
    finding = run.state.findings.get(intent.id) or await settle(run, intent)
    return [outcome(step.changes[0], intent, finding)]


async def settle(run: Run, intent: Intent) -> Finding:
    """Whether the number is gone from the account for good; close the intent when that is known.

    One that is read as missing after the wait is read once more, since a list may miss anything once.
    """
    caps, missed = run.capabilities(intent.account), 0
    while True:
        owned = await findings.owned(run, intent)
        missed += intent.address not in owned.found
        intent, waiting = run.clocks.waited(run.store, intent, caps, owned.answered if owned.calls else None)
        hides = _hides_everything(run, intent, owned)
        finding = findings.believed(run, intent, settle_release(intent, owned, waiting, hides=hides, missed=missed))
        if finding.due_in != timedelta(0):
            break
        await Sleep(min(SHORTEST_PAUSE, run.time_left()))
    _keep(run, intent, finding)
    return finding


def outcome(change: Change, intent: Intent, finding: Finding) -> Outcome:
    """What the release has come to, by what was found."""
    if finding.evidence is Evidence.RELEASED:
        return Outcome.of(change, Result.DONE, finding.reason)
    return Outcome.of(change, Result.UNKNOWN, finding.reason, person=findings.needs_person(intent, finding))


def _keep(run: Run, intent: Intent, finding: Finding) -> None:
    """Write what was found, as far as it changes what is on record."""
    if finding.evidence is Evidence.RELEASED:
        run.store.close_intent(intent, IntentStatus.DONE, finding.reason, drop=[intent.address])
        run.settled(f"{intent.address}: released: {finding.reason}")
    elif finding.evidence is Evidence.KEPT:
        run.store.close_intent(intent, IntentStatus.DROPPED, f"{finding.reason}: the next plan decides")
        run.settled(f"{intent.address}: not released: {finding.reason}")
    else:
        findings.note_person(run, intent, finding)


def _hides_everything(run: Run, intent: Intent, owned: Observation) -> bool:
    """Whether a whole list shows not one of the numbers on record: it then proves of none that it is gone."""
    others = {
        address
        for address, record in run.store.snapshot().records.items()
        if record.account == intent.account and address.kind is Kind.NUMBER and not record.tombstone
    } - {intent.address}
    return owned.listed and bool(others) and others.isdisjoint(owned.found)
