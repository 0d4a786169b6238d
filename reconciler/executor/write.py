"""One write to a carrier, from the intent to the record.

==========  ==============================================================================================
verdict     what happens
==========  ==============================================================================================
OK          the record is written with the outcome, in one transaction
ACCEPTED    likewise, and then the number is waited for
PARTIAL     the batch is sent in parts, down to one number: some of it were done, or one has the others refused
THROTTLED   the same call after Retry-After, a few times: it was not processed
NOT_SENT    the same call after a second, twice: no byte of it left
NOT_YET     the same call at growing intervals, for as long as a carrier may need to spread an enablement
BUSY        likewise; like THROTTLED and NOT_YET it is waiting, not failed, where the wait of the run ends before
MAYBE       idempotent: sent again, twice, then looked at (at once where it was answered as done, and the answer
            shows nothing); a purchase or a release: settled by reads, never sent again
REJECTED    failed, with the carrier's words
==========  ==============================================================================================
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from reconciler.executor import attempts, open_purchases, record_only, settle
from reconciler.executor.records import PROVIDING, records_of
from reconciler.executor.run import Run, backoff
from reconciler.executor.scheduler import Call, Sleep, Stopped
from reconciler.model import (
    Action,
    Change,
    Intent,
    IntentStatus,
    Kind,
    LastWrite,
    Origin,
    Outcome,
    Reply,
    Resource,
    Result,
    Step,
    Verdict,
    revealed,
)
from reconciler.model.safe_text import WebhookUrl
from reconciler.planning import kept_webhooks, steps, unseen_assignments

_UNAUTHORIZED = 401

SPREADING = 90.0
"""Seconds for which a webhook may be refused after the number was provisioned; to spread takes a minute."""

_TRIES = {Verdict.THROTTLED: 5, Verdict.NOT_SENT: 2, Verdict.MAYBE: 2}


async def write(run: Run, step: Step) -> list[Outcome]:
    """Carry out a step with one call, or as many tries of it as the table allows."""
    intent, patience = None, _Patience()
    while True:
        reply, intent = await attempts.send(run, step, intent)
        reply = _of_webhook(run, step, reply) if step.kind is Kind.WEBHOOK else reply
        if reply.verdict in (Verdict.OK, Verdict.ACCEPTED) and intent is not None:
            outcomes = done(run, step, intent, reply)
            if reply.verdict is Verdict.OK or not intent.purchase:
                return outcomes
            provided = await record_only.provided(run, step, spent=outcomes[0].spent)
            return [open_purchases.overcharged(provided, outcomes[0].message if outcomes[0].person else "")]
        if reply.verdict is Verdict.PARTIAL:
            return await _in_parts(run, step, intent, reply)
        if refusal := run.state.held_back.get(step.changes[0].address):
            return [Outcome.of(change, Result.SKIPPED, refusal) for change in step.changes]
        pause = None if reply.look else patience.next(step, reply, run.time_left())
        if pause is None:
            return await _give_up(run, step, intent, reply, spread=patience.spent)
        await before_next_try(run, step, intent, reply, pause)


def _of_webhook(run: Run, step: Step, reply: Reply) -> Reply:
    """A webhook that its answer names is done; one that was named before, and is sent anew all the same, is read."""
    want = step.desired[0].attrs["url"]
    if reply.verdict is not Verdict.OK:
        return reply
    if kept_webhooks.was_sent(_known(run, step.changes[0]), want, run.store.fingerprint):
        return replace(reply, verdict=Verdict.MAYBE, look=True)
    return reply


async def before_next_try(run: Run, step: Step, intent: Intent | None, reply: Reply, seconds: float) -> None:
    """Wait, and tell for what. Interrupted in it, what was not processed is closed as that."""
    if reply.verdict is Verdict.NOT_SENT:
        run.listener.waiting(step, reply.message or reply.verdict.value)
    else:
        run.waiting(step, answered(reply))
    try:
        await Sleep(seconds)
    except Stopped:
        if reply.verdict is not Verdict.MAYBE:
            attempts.close(run, intent, IntentStatus.DROPPED, "interrupted before it was sent again")
        raise


def done(run: Run, step: Step, intent: Intent, reply: Reply, *, seen: LastWrite | None = None) -> list[Outcome]:
    """Close the intent and write the records, in one transaction. ``seen``: what to remember of the write, where a
    read has shown it, not its answer."""
    removed = [change.address for change in step.changes if change.action is Action.DELETE]
    known: dict[str, Any] = {} if _is_reroute(step) else {"made_answered": reply.answered}
    if reply.verdict is Verdict.ACCEPTED and intent.purchase:
        known["carrier_status"] = PROVIDING
    records = [
        record
        for change in step.changes
        if change.action is not Action.DELETE
        for record in records_of(
            run,
            change,
            _origin(change),
            {**change.external, **reply.external},
            last_write=_unseen(run, change) if seen is None else seen,
            **known,
        )
    ]
    spent, excess = run.spending.charge(intent, reply.price) if intent.purchase else (None, "")
    run.store.close_intent(intent, IntentStatus.DONE, "answered", records=records, drop=removed, spent=spent)
    ended = [Outcome.of(c, Result.DONE, reply.message, status=reply.status, spent=spent) for c in step.changes]
    return [open_purchases.overcharged(outcome, excess) for outcome in ended]


def _unseen(run: Run, change: Change) -> LastWrite:
    """What to remember of a webhook or an assignment until a read shows it."""
    want = run.desired.get(change.address)
    if want is not None and change.address.kind is Kind.WEBHOOK:
        return kept_webhooks.sent(want.attrs["url"], run.store.fingerprint)
    if want is None or change.address.kind is not Kind.ASSIGNMENT:
        return LastWrite()
    return unseen_assignments.once_more(run.store.record(change.address), run.store.fingerprint(revealed(want.attrs)))


def _is_reroute(step: Step) -> bool:
    return step.kind is Kind.NUMBER and step.action is Action.UPDATE


def _origin(change: Change) -> Origin:
    """How what the change made is ours. A number that was only changed is ours as it was, or as one that was found."""
    if change.address.kind is Kind.NUMBER:
        return Origin.BOUGHT if change.purchase else Origin.ADOPTED
    return Origin.MADE


async def _in_parts(run: Run, step: Step, intent: Intent | None, reply: Reply) -> list[Outcome]:
    if len(step.changes) == 1:
        return await _give_up(run, step, intent, replace(reply, verdict=Verdict.REJECTED))
    attempts.close(run, intent, IntentStatus.DROPPED, "a batch that is sent in parts")
    outcomes: list[Outcome] = []
    for part in steps.parted(step):
        outcomes += await write(run, part)
    return outcomes


async def _give_up(run: Run, step: Step, intent: Intent | None, reply: Reply, *, spread: bool = False) -> list[Outcome]:
    if reply.verdict is Verdict.MAYBE and intent is not None:
        if len(step.changes) > 1 and reply.status is not None and reply.status < 500:
            return await _in_parts(run, step, intent, reply)
        if intent.purchase or _release(intent):
            return await settle.after_maybe(run, step, intent, reply)
        return await _looked_up(run, step, intent, reply)
    waiting = is_put_off(reply, spread=spread)
    status = IntentStatus.DROPPED if waiting else IntentStatus.FAILED
    attempts.close(run, intent, status, reply.message or reply.verdict.value)
    if waiting:
        return [Outcome.of(change, Result.WAITING, answered(reply), status=reply.status) for change in step.changes]
    return [_outcome(change, Result.FAILED, reply) for change in step.changes]


def is_put_off(reply: Reply, *, spread: bool = False) -> bool:
    """Whether the carrier has only said "not now", so that the next run does it. ``spread``: a "not yet" that was
    said for longer than any enablement takes to spread."""
    if reply.verdict is Verdict.THROTTLED:
        return reply.status != _UNAUTHORIZED  # a 401 is tried again with a newer credential, and only then refused
    return reply.verdict is Verdict.BUSY or (reply.verdict is Verdict.NOT_YET and not spread)


def answered(reply: Reply) -> str:
    """What was answered, with the status: ``HTTP 409: Provisioning of the number is in progress``."""
    if reply.status is None:
        return reply.message or "no answer"
    return f"HTTP {reply.status}: {reply.message}" if reply.message else f"HTTP {reply.status}"


async def _looked_up(run: Run, step: Step, intent: Intent, reply: Reply) -> list[Outcome]:
    """What may be sent again and whose answer proves nothing: where one read shows it as declared, it was done."""
    if step.kind not in run.capabilities(step.account).reads:
        return [_outcome(change, Result.UNKNOWN, reply) for change in step.changes]
    provider, wanted = run.providers[step.account], step.desired
    seen = await Call(step.account, lambda: provider.observe(wanted))
    if step.kind is Kind.WEBHOOK and not seen.unresolved:
        return [_webhook_looked_up(run, step, intent, reply, seen.found.get(step.addresses[0]))]
    if all(_is_as_declared(seen.found.get(want.address), want) for want in wanted):
        return done(run, step, intent, _shown_by_a_read(reply), seen=LastWrite())
    unread = [f"and it could not be read: {why}" for why in seen.unresolved.values()]
    told = replace(reply, message=", ".join([reply.message or reply.verdict.value, *unread[:1]]))
    return [_outcome(change, Result.UNKNOWN, told) for change in step.changes]


def _is_as_declared(live: Resource | None, want: Resource) -> bool:
    return live is not None and all(live.attrs.get(key) == value for key, value in want.attrs.items())


def _shown_by_a_read(reply: Reply, message: str = "it is as declared") -> Reply:
    message = f"{reply.message}: {message}" if reply.message else message
    return replace(reply, verdict=Verdict.OK, message=message)


def _webhook_looked_up(run: Run, step: Step, intent: Intent, reply: Reply, live: Resource | None) -> Outcome:
    """A webhook after its read: as declared, as declared but for a slash, or another one.

    One that was answered as done and is not shown is remembered, so that it is not sent at every run for ever.
    """
    change, want = step.changes[0], step.desired[0].attrs["url"]
    url: WebhookUrl | None = live.attrs["url"] if live is not None else None
    known = kept_webhooks.seen(_known(run, change), want, url, run.store.fingerprint)
    if url is not None and not known.tries:
        message = "it is as declared" if url == want else f"the carrier keeps it {kept_webhooks.with_slash(want, url)}"
        return done(run, step, intent, _shown_by_a_read(reply, message), seen=known)[0]
    if not reply.look:
        return _outcome(change, Result.UNKNOWN, reply)
    records = records_of(run, change, Origin.MADE, {}, last_write=known)
    run.store.close_intent(intent, IntentStatus.DROPPED, "answered as done, and not seen", records=records)
    last = known.tries >= kept_webhooks.MOST_TRIES
    message = f"{reply.message or 'answered as done'}: {_not_seen(url, last=last)}"
    return Outcome.of(change, Result.UNKNOWN, message, status=reply.status, person=last)


def _known(run: Run, change: Change) -> LastWrite:
    record = run.store.record(change.address)
    return record.last_write if record else LastWrite()


def _not_seen(live: WebhookUrl | None, *, last: bool) -> str:
    shown = "no webhook" if live is None else "another webhook"
    then = "it is not sent again: ask the carrier" if last else "the next apply sends it once more"
    return f"the carrier shows {shown} all the same; {then}"


def _outcome(change: Change, result: Result, reply: Reply) -> Outcome:
    return Outcome.of(change, result, reply.message or reply.verdict.value, status=reply.status, person=reply.person)


def _release(intent: Intent) -> bool:
    return intent.address.kind is Kind.NUMBER and intent.action is Action.DELETE


@dataclass
class _Patience:
    """How long to wait before the same call may be sent again; None: not again."""

    used: dict[Verdict, int] = field(default_factory=dict)
    spreading: float = 0.0
    growing: Callable[[], float] = field(default_factory=backoff)

    @property
    def spent(self) -> bool:
        """Whether it was "not yet" for longer than an enablement takes to spread."""
        return self.spreading > SPREADING

    def next(self, step: Step, reply: Reply, time_left: float) -> float | None:
        """Seconds to wait, by what the last answer proved."""
        if reply.verdict in (Verdict.NOT_YET, Verdict.BUSY):
            pause = self.growing()
            if pause > time_left:
                return None
            self.spreading += pause
            return None if self.spent else pause
        used = self.used[reply.verdict] = self.used.get(reply.verdict, 0) + 1
        if used > _TRIES.get(reply.verdict, 0) or (reply.verdict is Verdict.MAYBE and not _idempotent(step)):
            return None
        if reply.verdict is Verdict.THROTTLED:
            pause = 1.0 if reply.retry_after is None else reply.retry_after
            return pause if pause <= max(time_left, 1.0) else None
        return float(used)


def _idempotent(step: Step) -> bool:
    return step.kind is not Kind.NUMBER or step.action is Action.UPDATE
