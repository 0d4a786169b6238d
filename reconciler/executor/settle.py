"""Open purchases and releases, settled by reads: what every apply does first, and what follows a *maybe*.

``open_purchases.py`` and ``open_releases.py`` look at one each; ``open_orders.py`` says what their reads prove.
"""

from __future__ import annotations

from dataclasses import replace

from reconciler.executor import open_purchases, open_releases
from reconciler.executor.run import Run
from reconciler.executor.scheduler import Stopped
from reconciler.model import Action, Address, Intent, IntentStatus, Kind, Outcome, Price, Reply, Step
from reconciler.planning.open_orders import Evidence, processed, refused


async def earlier_intent(run: Run, intent: Intent) -> None:
    """Settle what an earlier run left open, before anything is planned. Reads only: nothing is approved yet."""
    try:
        if not _moves_money(intent):
            run.store.close_intent(intent, IntentStatus.DROPPED, "may be sent again: the next plan decides afresh")
        elif refused(intent):
            run.store.close_intent(intent, IntentStatus.FAILED, processed(intent)[0].message or "refused")
        elif not processed(intent):
            run.store.close_intent(intent, IntentStatus.DROPPED, "no attempt of it has reached the carrier")
        elif intent.purchase:
            await open_purchases.settle_earlier(run, intent)
        else:
            await open_releases.settle_earlier(run, intent)
    except Stopped:
        return


def due(run: Run) -> dict[Address, Price | None]:
    """The numbers whose open order this run has found to be one that is sent again -> what that costs."""
    found = ((intent, run.state.findings.get(intent.id)) for intent in run.store.open_intents())
    return {intent.address: f.price for intent, f in found if f is not None and f.evidence is Evidence.REPEAT}


async def after_maybe(run: Run, step: Step, intent: Intent, reply: Reply) -> list[Outcome]:
    """What a purchase or release came to whose answer proves nothing."""
    change = step.changes[0]
    if change.action is Action.DELETE:
        finding = await open_releases.settle(run, intent)
        outcome = open_releases.outcome(change, intent, finding)
    else:
        finding = await open_purchases.settle(run, intent)
        outcome = await open_purchases.outcome(run, step, intent, finding)
    return [replace(outcome, message=_both(reply.message, outcome.message), status=reply.status)]


def _moves_money(intent: Intent) -> bool:
    """Whether it buys or releases a number: what else there is may be sent again."""
    return intent.address.kind is Kind.NUMBER and intent.action in (Action.CREATE, Action.DELETE)


def _both(carriers: str, ours: str) -> str:
    """The carrier's words, where it had any, before ours."""
    return f"{carriers}: {ours}" if carriers else ours
