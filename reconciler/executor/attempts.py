"""One attempt of a step: on record from the moment its first byte leaves, and with its answer after that.

::

    send --Write--> worker: turn, connection --permit--> intent and attempt on record --> first byte ... answer
                                                 |
                                                 +-- HeldBackError: too dear, or another's by now; no byte leaves
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reconciler.errors import ClaimedError, HeldBackError
from reconciler.executor.records import order_of
from reconciler.executor.run import Run
from reconciler.executor.scheduler import Write
from reconciler.model import Action, Address, Intent, IntentStatus, Kind, Record, Reply, Step, Verdict
from reconciler.providers.base import Leave

_SOLD = (Verdict.OK, Verdict.ACCEPTED)

Sent = tuple[Reply, Intent | None]
"""What a write was answered, and its intent; None when it never got as far as to be recorded: no byte of it left."""


@dataclass
class _Begun:
    """The intent of one send with the attempt that was recorded for it; None while there is none."""

    attempt: Intent | None = None


async def send(run: Run, step: Step, intent: Intent | None = None) -> Sent:
    """Send one attempt of ``step``, under ``intent`` where it was tried before, and record what was answered.

    Its record is made where the byte leaves: when a worker, its turn and a connection are in hand, and under the
    fence of the lock. What waits in a queue is on no record.
    """
    provider, begun = run.providers[step.account], _Begun()
    reference = intent.reference if intent else _reference(run, step)

    def permit() -> None:
        _hold_back(run, step)
        begun.attempt = run.store.begin_attempt(intent) if intent else _claimed(run, step, reference)
        run.state.sent.add(begun.attempt.id)
        run.clocks.attempted(begun.attempt)

    def perform(leave: Leave) -> Reply:
        reply = provider.perform(step, reference, leave)
        if begun.attempt is not None and begun.attempt.purchase and reply.verdict in _SOLD:
            run.spending.charge(begun.attempt, reply.price)  # at once: the next one may be about to leave
        return reply

    reply = await Write(step.account, perform, permit)
    if begun.attempt is None:
        return reply, intent
    if reply.verdict not in (Verdict.NOT_SENT, Verdict.THROTTLED):
        run.state.answered.update(step.addresses)
    return reply, run.store.end_attempt(begun.attempt, reply)


def close(
    run: Run,
    intent: Intent | None,
    status: IntentStatus,
    how: str,
    records: Sequence[Record] = (),
    drop: Sequence[Address] = (),
) -> None:
    """Settle an intent of this run (see ``Store.close_intent``), if it got as far as to be recorded."""
    if intent is not None:
        run.store.close_intent(intent, status, how, records=records, drop=drop)


def _reference(run: Run, step: Step) -> str:
    return run.store.reference(run.accounts.get(step.account, ""), step.account, step.addresses)


def _hold_back(run: Run, step: Step) -> None:
    """Raise HeldBackError where a purchase may not leave any more: one before it was charged at too much."""
    refusal = run.spending.refusal() if step.changes[0].purchase else ""
    if refusal:
        run.state.held_back[step.changes[0].address] = refusal
        raise HeldBackError(refusal)


def _claimed(run: Run, step: Step, reference: str) -> Intent:
    """Begin ``step``; raises HeldBackError where other records of the database have come to hold its number."""
    try:
        return _begin(run, step, reference)
    except ClaimedError as refused:
        run.state.held_back[step.changes[0].address] = refused.message
        raise HeldBackError(refused.message) from None


def _begin(run: Run, step: Step, reference: str) -> Intent:
    """The intent of a step with its first attempt, in one commit.

    A release whose outcome is still open, although this run has read the number, is tried again under its own.
    """
    change = step.changes[0]
    if change.address.kind is Kind.NUMBER and step.action is Action.DELETE:
        for intent in run.store.open_intents(change.address):
            return run.store.begin_attempt(intent)
    known = run.store.record(change.address)
    return run.store.open_intent(
        run.plan_id,
        step.account,
        step.action if step.action is not Action.WAIT else change.then or step.action,
        step.addresses,
        reference,
        change.external,
        change.cost,
        order=order_of(step.desired[0], change.slot, known) if change.purchase else None,
        begin=True,
    )
