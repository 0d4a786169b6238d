"""SMS on one number, walked to where it should be: one write, then reads until the carrier has settled.

::

    decide (sms_table.py) --create/delete--> intent, POST or DELETE --202--> read 2 s to 30 s apart --> done
        ^                                          |409                        |
        +------------------------------------------+---- settled: decide again-+

Only what the plan approved (its action, or what it says follows) is ever sent. After an accepted write nothing is
sent again in this run: a carrier that still shows the old state is given time. A 409 is waited out by reads; the
write is repeated only when two reads in a row show that nothing is in progress. A DELETE leaves only where the last
read of this run says ``provisioned``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from reconciler.executor import attempts
from reconciler.executor.records import record_of
from reconciler.executor.run import SHORTEST_PAUSE, Run, backoff
from reconciler.executor.scheduler import Call, Sleep
from reconciler.executor.write import answered, before_next_try, is_put_off
from reconciler.model import (
    IN_PROGRESS,
    Action,
    Change,
    Intent,
    IntentStatus,
    Kind,
    Origin,
    Outcome,
    Record,
    Reply,
    Resource,
    Result,
    Status,
    Step,
    Verdict,
)
from reconciler.planning import sms_table

MOST_SENDS = 3
"""Writes that one run may send for one number, each after a 409 that was waited out."""

LAGGING_READS = 2
"""Reads after an accepted POST that may still show the ``error`` from before it."""

_MAYBE_SENT = (Verdict.OK, Verdict.ACCEPTED, Verdict.MAYBE)


@dataclass
class _Walk:
    """Where one number is on its way."""

    wanted: bool
    approved: frozenset[Action]
    before: str
    """The last word of the carrier's that a document lists, of what this run and the one before it saw."""
    we_deleted: bool
    accepted: Action | None = None
    """The last write that has left and may have been accepted."""
    known: bool = False
    """Whether its answer said so."""
    said: str = ""
    """What the last write was answered."""
    sends: int = 0
    calm_reads: int = 0
    progressed: bool = False
    status: Status = Status.UNKNOWN
    carrier_status: str = ""
    pause: Callable[[], float] = field(default_factory=backoff)

    @property
    def news(self) -> str:
        """What is known of it while it is waited for."""
        if self.said and self.status not in IN_PROGRESS:
            return self.said
        return f"the carrier is at work on it{self.shown}"

    @property
    def shown(self) -> str:
        """The carrier's word, in brackets."""
        return f" ({self.carrier_status})" if self.carrier_status else ""

    @property
    def enabling(self) -> bool:
        """Whether it is known to be on its way to on: an answer has accepted that, or a read shows it."""
        return (self.accepted is Action.CREATE and self.known) or self.status is Status.ENABLING

    @property
    def disabling(self) -> bool:
        """Whether what we asked for is known to be on its way off: an answer has accepted that, or a read shows it."""
        return self.accepted is Action.DELETE and (self.known or self.status is Status.DISABLING)

    def sent(self, action: Action, said: str, *, known: bool) -> None:
        """A write has left, and may have been accepted; ``known``: its answer said so."""
        self.accepted, self.known, self.said = action, known, said
        self.before, self.we_deleted = "", action is Action.DELETE

    def saw(self, status: Status, carrier_status: str) -> None:
        """A read shows it so."""
        self.status, self.carrier_status = status, carrier_status
        self.before = self.before if status is Status.UNKNOWN else carrier_status
        self.calm_reads = 0 if status in IN_PROGRESS else self.calm_reads + 1
        self.progressed = self.progressed or status in IN_PROGRESS


async def walk(run: Run, step: Step) -> list[Outcome]:
    """Carry one number's SMS to on or off, as far as waiting is allowed."""
    change = step.changes[0]
    state = _begin(run, step)
    decision = sms_table.Decision(change.action, change.reason, change.then)
    while True:
        if decision.action in (Action.CREATE, Action.DELETE):
            failed = await _write(run, step, state, decision.action)
            if failed is not None:
                return [failed]
        paused = await _pause(run, step, state)
        if not paused:
            return [_still_waiting(run, change, state)]
        unread = await _read(run, step, state)
        if unread:
            message = f"{state.said}; it could not be read again" if state.said else "it could not be read again"
            return [Outcome.of(change, Result.UNKNOWN, f"{message}: {unread}")]
        decision = _decide(state)
        if decision.action is Action.NOOP:
            return [_arrived(run, change, state, decision.reason)]
        if decision.action is Action.BLOCKED:
            return [Outcome.of(change, Result.FAILED, f"{decision.reason}{state.shown}", person=True)]


def _begin(run: Run, step: Step) -> _Walk:
    """Where the plan, and the runs before it, have left the number."""
    change = step.changes[0]
    record, carrier_status = run.store.record(change.address), str((change.before or {}).get("state", ""))
    return _Walk(
        wanted=bool(step.desired and step.desired[0].attrs.get("enabled")),
        approved=frozenset(a for a in (Action.CREATE, Action.DELETE) if a in (change.action, change.then)),
        before=carrier_status or (record.carrier_status if record else ""),
        we_deleted=bool(record and record.tombstone),
        status=_planned(change, carrier_status),
        carrier_status=carrier_status,
    )


def _planned(change: Change, carrier_status: str) -> Status:
    """What the plan has seen of a number that it waits for; what it acts on is known by its word alone."""
    if change.action is not Action.WAIT:
        return Status.UNKNOWN
    return Status.DISABLING if carrier_status in sms_table.SWITCHING_OFF else Status.ENABLING


def _decide(state: _Walk) -> sms_table.Decision:
    """The table's cell, held to what may still be sent in this run."""
    ended = sms_table.is_the_end(state.carrier_status, state.before, we_deleted=state.we_deleted)
    decision = sms_table.decide(state.status, wanted=state.wanted, ended=ended)
    if decision.action is Action.BLOCKED and state.accepted and state.status is Status.UNKNOWN:
        return sms_table.Decision(Action.WAIT, "the carrier reports a state that it does not document")
    if decision.action not in (Action.CREATE, Action.DELETE):
        return decision
    if state.accepted is decision.action:
        if state.status is Status.ERROR and (state.progressed or state.calm_reads > LAGGING_READS):
            return sms_table.Decision(Action.BLOCKED, "the enablement ended in an error; ask the carrier")
        return sms_table.Decision(Action.WAIT, "the carrier does not show it yet")
    if decision.action not in state.approved:
        return sms_table.Decision(Action.BLOCKED, f"{decision.reason}, which this plan does not cover: plan again")
    if state.sends >= MOST_SENDS or (state.sends and state.calm_reads < 2):
        return sms_table.Decision(Action.WAIT, "the carrier said that it is at work on the number")
    return decision


async def _write(run: Run, step: Step, state: _Walk, action: Action) -> Outcome | None:
    """Send the POST or DELETE; the outcome when the walk ends here, else None."""
    acting = _step_for(step, action)
    intent: Intent | None = None
    for seconds in (1.0, 2.0, None):
        reply, intent = await attempts.send(run, acting, intent)
        if reply.verdict not in (Verdict.NOT_SENT, Verdict.THROTTLED) or seconds is None or run.loop.stopping:
            break
        pause = reply.retry_after if reply.retry_after is not None else seconds
        if pause > max(run.time_left(), 1.0):
            break
        await before_next_try(run, step, intent, reply, pause)
    state.sends, state.calm_reads, state.progressed = state.sends + 1, 0, False
    return _after_write(run, step.changes[0], state, action, intent, reply)


def _after_write(
    run: Run, change: Change, state: _Walk, action: Action, intent: Intent | None, reply: Reply
) -> Outcome | None:
    if reply.verdict in _MAYBE_SENT:
        known = reply.verdict is not Verdict.MAYBE
        said = "accepted" if known else f"{answered(reply)}: not known whether it was accepted"
        state.sent(action, said, known=known)
        status = IntentStatus.DONE if known else IntentStatus.DROPPED
        how = "accepted" if known else "the state decides"
        old = run.store.record(change.address)
        since = run.clock.now() if action is Action.CREATE else None
        records = [_record(run, change, state, on=action is Action.CREATE, since=since)] if known else []
        # What may be on again is not known to be off, and not known to be ours either.
        drop = [change.address] if old and old.tombstone and action is Action.CREATE and not known else []
        attempts.close(run, intent, status, how, records=records, drop=drop)
        return None
    waits = is_put_off(reply)
    status = IntentStatus.DROPPED if waits else IntentStatus.FAILED
    attempts.close(run, intent, status, reply.message or reply.verdict.value)
    if reply.verdict is Verdict.BUSY:
        state.said = answered(reply)
        return None
    result = Result.WAITING if waits else Result.FAILED
    return Outcome.of(change, result, answered(reply), status=reply.status)


async def _pause(run: Run, step: Step, state: _Walk) -> bool:
    seconds = min(state.pause(), run.time_left())
    if seconds < SHORTEST_PAUSE:
        return False
    run.waiting(step, state.news)
    await Sleep(seconds)
    return True


async def _read(run: Run, step: Step, state: _Walk) -> str:
    """Look at the number again; why that was not possible, or an empty string."""
    provider, address = run.providers[step.account], step.changes[0].address
    asked = Resource(address, step.account, {"enabled": state.wanted})
    seen = await Call(step.account, lambda: provider.observe([asked]))
    if address in seen.unresolved:
        return str(seen.unresolved[address])
    live = seen.found.get(address)
    state.saw(*((live.status, live.carrier_status) if live else (Status.ABSENT, "")))
    return ""


def _arrived(run: Run, change: Change, state: _Walk, reason: str) -> Outcome:
    """On, and ours; or off, which is remembered where we switched it off, or a later read would not tell."""
    if state.wanted or state.we_deleted or state.status is Status.UNKNOWN:
        run.store.put([_record(run, change, state, on=state.wanted)])
    else:
        run.store.drop([change.address])
    odd = state.shown if state.status is Status.UNKNOWN else ""
    return Outcome.of(change, Result.DONE, reason + odd)


def _still_waiting(run: Run, change: Change, state: _Walk) -> Outcome:
    """Remember since when it is in this state, so that a later run can tell that it is stuck."""
    old = run.store.record(change.address)
    carrier_status = state.carrier_status or (old.carrier_status if old else "")
    now = run.clock.now()
    since = old.since if old and old.since and old.carrier_status == carrier_status else now
    known = _known(run, change, state, old)
    if known is not None:
        run.store.put([replace(known, carrier_status=carrier_status, since=since, updated_at=now)])
    stuck = (now - since).total_seconds() >= sms_table.STUCK_HOURS * 3600
    message = state.news + (f", stuck for {sms_table.STUCK_HOURS} h or more: ask the carrier" if stuck else "")
    return Outcome.of(change, Result.WAITING, message, person=stuck)


def _known(run: Run, change: Change, state: _Walk, old: Record | None) -> Record | None:
    """What is to be on record while it is waited for: what no answer and no read has shown was not done.

    ==========  =========================  ===========================================================================
    wanted      and it is                  on record
    ==========  =========================  ===========================================================================
    on          accepted, or on its way    that it is on
    on          on its way off             what was, or that it is off: its word tells what a later one means
    off         accepted, or, once asked   a tombstone
                for, on its way
    off         on its way, unasked        what was, or that it is off
    either      neither                    what was: None
    ==========  =========================  ===========================================================================
    """
    if state.wanted and state.enabling:
        return old if _is_on(old) else _record(run, change, state, on=True)
    if state.disabling:
        return old if old and old.tombstone else _record(run, change, state, on=False)
    if state.status not in IN_PROGRESS:
        return None
    off = {"enabled": False}
    return old or replace(_record(run, change, state, on=True), applied=off, fingerprint=run.store.fingerprint(off))


def _is_on(record: Record | None) -> bool:
    return record is not None and not record.tombstone and record.applied.get("enabled") is not False


def _record(run: Run, change: Change, state: _Walk, *, on: bool, **fields: Any) -> Record:
    """Ours while it is on; a tombstone once the carrier has accepted our DELETE."""
    origin = Origin.MADE if state.accepted is Action.CREATE else Origin.ADOPTED
    return record_of(run, change, origin, {}, tombstone=not on, **fields)


def _step_for(step: Step, action: Action) -> Step:
    return Step(f"{action.value} {step.changes[0].address}", step.account, action, Kind.SMS, step.changes, step.desired)
