"""SMS on one number, walked to where it should be: one write, then reads until the carrier has settled.

::

    decide (lifecycle.py) --create/delete--> intent, POST or DELETE --202--> read 2 s to 30 s apart --> done
        ^                                          |409                        |
        +------------------------------------------+---- settled: decide again-+

Only what the plan approved (its action, or what it says follows) is ever sent. After an accepted write nothing is
sent again in this run: a carrier that still shows the old state is given time. A 409 is waited out by reads; the
write is repeated only when two reads in a row show that nothing is in progress.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any

from reconciler import lifecycle
from reconciler.executor.run import SHORTEST_PAUSE, Doing, Run, backoff
from reconciler.loop import Call, Request, Sleep
from reconciler.model import (
    IN_PROGRESS,
    Action,
    Change,
    Intent,
    IntentStatus,
    Kind,
    Observation,
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
    accepted: Action | None = None
    sends: int = 0
    calm_reads: int = 0
    progressed: bool = False
    status: Status = Status.UNKNOWN
    word: str = ""
    pause: Callable[[], float] = field(default_factory=backoff)


def walk(run: Run, step: Step) -> Doing:
    """Carry one number's SMS to on or off, as far as waiting is allowed."""
    change = step.changes[0]
    wanted = bool(step.desired and step.desired[0].attrs.get("enabled"))
    state = _Walk(
        wanted=wanted,
        approved=frozenset(a for a in (Action.CREATE, Action.DELETE) if a in (change.action, change.then)),
        word=str((change.before or {}).get("state", "")),
    )
    decision = lifecycle.Decision(change.action, change.reason, change.then)
    while True:
        if decision.action in (Action.CREATE, Action.DELETE):
            failed = yield from _write(run, step, state, decision.action)
            if failed is not None:
                return [failed]
        paused = yield from _pause(run, step, state)
        if not paused:
            return [_still_waiting(run, change, state)]
        unread = yield from _read(run, step, state)
        if unread:
            return [run.outcome(change, Result.UNKNOWN, unread)]
        decision = _decide(state)
        if decision.action is Action.NOOP:
            return [_arrived(run, change, state, decision.reason)]
        if decision.action is Action.BLOCKED:
            return [run.outcome(change, Result.FAILED, f"{decision.reason} (state: {state.word})", person=True)]


def _decide(state: _Walk) -> lifecycle.Decision:
    """The table's cell, held to what may still be sent in this run."""
    decision = lifecycle.decide(state.status, wanted=state.wanted, we_deleted=state.accepted is Action.DELETE)
    if decision.action is Action.BLOCKED and state.accepted and state.status is Status.UNKNOWN:
        return lifecycle.Decision(Action.WAIT, "accepted; the carrier reports a state that it does not document")
    if decision.action not in (Action.CREATE, Action.DELETE):
        return decision
    if state.accepted is decision.action:
        if state.status is Status.ERROR and (state.progressed or state.calm_reads > LAGGING_READS):
            return lifecycle.Decision(Action.BLOCKED, "the enablement ended in an error; ask the carrier")
        return lifecycle.Decision(Action.WAIT, "accepted; the carrier does not show it yet")
    if decision.action not in state.approved:
        return lifecycle.Decision(Action.BLOCKED, f"{decision.reason}, which this plan does not cover: plan again")
    if state.sends >= MOST_SENDS or (state.sends and state.calm_reads < 2):
        return lifecycle.Decision(Action.WAIT, "the carrier said that it is at work on the number")
    return decision


def _write(run: Run, step: Step, state: _Walk, action: Action) -> Generator[Request, Any, Outcome | None]:
    """Send the POST or DELETE; the outcome when the walk ends here, else None."""
    acting = _step_for(step, action)
    intent: Intent | None = None
    for seconds in (1.0, 2.0, None):
        reply, intent = yield from run.send(acting, intent)
        if reply.verdict not in (Verdict.NOT_SENT, Verdict.THROTTLED) or seconds is None or run.loop.stopping:
            break
        yield Sleep(reply.retry_after if reply.retry_after is not None else seconds)
    state.sends, state.calm_reads, state.progressed = state.sends + 1, 0, False
    return _after_write(run, step.changes[0], state, action, intent, reply)


def _after_write(
    run: Run, change: Change, state: _Walk, action: Action, intent: Intent | None, reply: Reply
) -> Outcome | None:
    if reply.verdict in _MAYBE_SENT:
        state.accepted = action
        known = reply.verdict is not Verdict.MAYBE
        status = IntentStatus.DONE if known else IntentStatus.DROPPED
        how = "accepted" if known else "the state decides"
        records = [_record(run, change, state, on=action is Action.CREATE)] if known else []
        run.close(intent, status, how, records=records)
        return None
    run.close(intent, IntentStatus.FAILED, reply.words or reply.verdict.value)
    if reply.verdict is Verdict.BUSY:
        return None
    return run.outcome(change, Result.FAILED, reply.words or reply.verdict.value, status=reply.status)


def _pause(run: Run, step: Step, state: _Walk) -> Generator[Request, Any, bool]:
    seconds = min(state.pause(), run.time_left())
    if seconds < SHORTEST_PAUSE:
        return False
    run.listener.waiting(step, state.word or "accepted")
    yield Sleep(seconds)
    return True


def _read(run: Run, step: Step, state: _Walk) -> Generator[Request, Any, str]:
    """Look at the number again; why that was not possible, or an empty string."""
    provider, address = run.providers[step.provider], step.changes[0].address
    asked = Resource(address, step.provider, {"enabled": state.wanted})
    seen: Observation = yield Call(step.provider, lambda: provider.observe([asked]))
    if address in seen.unresolved:
        return seen.unresolved[address]
    live = seen.found.get(address)
    state.status, state.word = (live.status, live.word) if live else (Status.ABSENT, "")
    state.calm_reads = 0 if state.status in IN_PROGRESS else state.calm_reads + 1
    state.progressed = state.progressed or state.status in IN_PROGRESS
    return ""


def _arrived(run: Run, change: Change, state: _Walk, reason: str) -> Outcome:
    old = run.store.record(change.address)
    ours = state.wanted or state.accepted is Action.DELETE or (old is not None and old.gone)
    if ours:
        run.store.put([_record(run, change, state, on=state.wanted)])
    else:
        run.store.drop([change.address])
    return run.outcome(change, Result.DONE, reason)


def _still_waiting(run: Run, change: Change, state: _Walk) -> Outcome:
    """Remember since when it is in this state, so that a later run can tell that it is stuck."""
    old = run.store.record(change.address)
    word = state.word or (old.word if old else "")
    now = run.clock.now()
    since = old.since if old and old.since and old.word == word else now
    on = state.accepted is Action.CREATE or (state.accepted is None and not (old and old.gone))
    run.store.put([_record(run, change, state, on=on, word=word, since=since)])
    stuck = (now - since).total_seconds() >= lifecycle.STUCK_HOURS * 3600
    words = f"the carrier is at work on it{f' ({word})' if word else ''}"
    return run.outcome(change, Result.WAITING, words + (", stuck: ask the carrier" if stuck else ""), person=stuck)


def _record(run: Run, change: Change, state: _Walk, *, on: bool, **fields: Any) -> Record:
    """Ours while it is on; a tombstone once the carrier has accepted our DELETE."""
    origin = Origin.MADE if state.accepted is Action.CREATE else Origin.ADOPTED
    return run.record(change, origin, {}, gone=not on, **fields)


def _step_for(step: Step, action: Action) -> Step:
    return Step(
        f"{action.value} {step.changes[0].address}", step.provider, action, Kind.SMS, step.changes, step.desired
    )
