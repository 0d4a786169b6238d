"""Open purchases and releases, settled by reads: what every apply does first, and what follows a *maybe*."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from reconciler.executor import local
from reconciler.executor.run import OF_LINE, PROVIDING, Doing, Run
from reconciler.loop import Call, Request, Sleep, Stopped
from reconciler.model import (
    IN_PROGRESS,
    Action,
    Attrs,
    Change,
    Intent,
    IntentStatus,
    Kind,
    Observation,
    Origin,
    Outcome,
    Price,
    Quotes,
    Reply,
    Resource,
    Result,
    Status,
    Step,
    Verdict,
)
from reconciler.pricebook import filled
from reconciler.settlement import Evidence, Finding, earliest_date, settle_purchase

LOOKS = (0.0, 2.0, 4.0)
"""Seconds before each look at the account after a *maybe*: a list may lag a little."""

LONGEST_WAIT = 30.0
"""Seconds that a run waits for an open outcome to come due; a later run settles what takes longer."""

Looking = Generator[Request, Any, Finding]


def earlier_intent(run: Run, intent: Intent) -> Generator[Request, Any, None]:
    """Settle what an earlier run left open, before anything is planned. Reads only: nothing is approved yet."""
    try:
        if intent.purchase and intent.attempts:
            finding = run.findings[intent.id] = yield from _purchase(run, intent)
            if finding.evidence in (Evidence.OWNED, Evidence.PRESUMED):
                spent, excess = _charged(run, intent, finding)
                run.recovered.append(overcharged(_recovered(intent, finding.reason, spent), excess))
        elif _is_release(intent) and intent.attempts:
            if (yield from _release(run, intent)):
                run.recovered.append(_recovered(intent, "no longer on the account"))
        else:
            run.store.close_intent(intent, IntentStatus.DROPPED, "may be sent again: the next plan decides afresh")
    except Stopped:
        return


def _recovered(intent: Intent, words: str, spent: Price | None = None) -> Outcome:
    return Outcome(intent.address, intent.provider, intent.action, Result.DONE, words, spent=spent)


def open_purchase(run: Run, step: Step, intent: Intent) -> Doing:
    """The step of a number whose order is open: send it again where that is proved safe, or wait as far as allowed."""
    finding = run.findings.get(intent.id) or (yield from _purchase(run, intent))
    if finding.evidence is Evidence.REPEAT and intent.id not in run.sent:
        intent, finding = yield from _repeat(run, intent)
        if finding.evidence is Evidence.OWNED:
            _close(run, intent, finding, run.desired[intent.address].attrs)
        else:
            finding = yield from _purchase(run, intent)
    elif finding.evidence is Evidence.OPEN and finding.due_in is not None:
        finding = yield from _purchase(run, intent, last=finding)
    return [(yield from _outcome(run, step, intent, finding))]


def after_maybe(run: Run, step: Step, intent: Intent, reply: Reply) -> Doing:
    """What a purchase or release came to whose answer proves nothing."""
    change = step.changes[0]
    if change.action is Action.DELETE:
        gone = yield from _release(run, intent)
        words = "no longer on the account" if gone else _both(reply.words, "not known whether it was released")
        return [run.outcome(change, Result.DONE if gone else Result.UNKNOWN, words, status=reply.status)]
    finding = yield from _purchase(run, intent)
    outcome = yield from _outcome(run, step, intent, finding)
    return [replace(outcome, words=_both(reply.words, outcome.words), status=reply.status)]


def _both(carriers: str, ours: str) -> str:
    """The carrier's words, where it had any, before ours."""
    return f"{carriers}: {ours}" if carriers else ours


def _outcome(run: Run, step: Step, intent: Intent, finding: Finding) -> Generator[Request, Any, Outcome]:
    change = step.changes[0]
    if finding.evidence in (Evidence.OWNED, Evidence.PRESUMED):
        spent, excess = _charged(run, intent, finding)
        if finding.live is not None and finding.live.status in IN_PROGRESS:
            return overcharged((yield from local.provided(run, step, spent=spent)), excess)
        return overcharged(run.outcome(change, Result.DONE, finding.reason, spent=spent), excess)
    person = finding.evidence is Evidence.PERSON or bool(intent.person)
    return run.outcome(change, Result.UNKNOWN, finding.reason, person=person)


def _charged(run: Run, intent: Intent, finding: Finding) -> tuple[Price | None, str]:
    """What the purchase cost by what the account shows, and what is wrong with that."""
    told = finding.live.price if finding.live else None
    return run.spending.charge(intent, told, earlier=intent.id not in run.sent)


def overcharged(outcome: Outcome, excess: str) -> Outcome:
    """``outcome``, and that a person must look at what was charged, where ``excess`` says why."""
    if not excess:
        return outcome
    return replace(outcome, words="; ".join(filter(None, (outcome.words, excess))), person=True)


def _purchase(run: Run, intent: Intent, last: Finding | None = None) -> Looking:
    """Look until it is settled or looking longer is of no use; close the intent when it is.

    ``last`` is what this run has found already: then the next look is when that comes due.
    """
    looks = [] if last else list(LOOKS if run.capabilities(intent.provider).lists else LOOKS[:1])
    finding = last or Finding(Evidence.OPEN, "its outcome is open")
    while finding.evidence is Evidence.OPEN:
        pause = _pause(looks, finding, run.time_left())
        if pause is None:
            return finding
        if pause:
            yield Sleep(pause)
        intent, finding = yield from _look(run, intent)
    if finding.evidence is not Evidence.REPEAT:
        _close(run, intent, finding)
    return finding


def _pause(looks: list[float], finding: Finding, time_left: float) -> float | None:
    """Seconds to the next look; None when this run looks no more."""
    if looks and (looks[0] == 0.0 or looks[0] <= time_left):
        return looks.pop(0)
    due = finding.due_in.total_seconds() if finding.due_in is not None else None
    return due if due is not None and 0 < due <= min(LONGEST_WAIT, time_left) else None


def _look(run: Run, intent: Intent) -> Generator[Request, Any, tuple[Intent, Finding]]:
    provider = run.market(intent.provider)
    owned: Observation = yield Call(intent.provider, lambda: provider.find_owned(intent))
    quotes = Quotes()
    if intent.address not in owned.found:
        quotes = yield Call(intent.provider, lambda: provider.quote([intent.address.name]))
    if intent.price is not None:  # an order that was placed at an unknown price is not held to a book written later
        quotes = filled(run.prices, intent.provider, quotes)
    date = earliest_date(owned, quotes)
    if date is not None:
        intent = run.store.note_clock(intent, date)
    caps = run.capabilities(intent.provider)
    declared = intent.address in run.desired
    return intent, settle_purchase(intent, owned, quotes, caps, repeated=intent.id in run.sent, declared=declared)


def _repeat(run: Run, intent: Intent) -> Generator[Request, Any, tuple[Intent, Finding]]:
    """Order the same number again, under the same reference, as it is declared now."""
    reply, sent = yield from run.send(_same_order(intent, run.desired[intent.address]), intent)
    intent = sent or intent
    if reply.verdict in (Verdict.OK, Verdict.ACCEPTED):
        status = Status.ACTIVE if reply.verdict is Verdict.OK else Status.ENABLING
        live = Resource(intent.address, intent.provider, carrier=reply.carrier, status=status, price=reply.price)
        return intent, Finding(Evidence.OWNED, "sent again and answered", live)
    # Whatever else it says: on a repeat, "taken" may mean that it is ours.
    return intent, Finding(Evidence.OPEN, f"sent again: {reply.words or reply.verdict.value}")


def _same_order(intent: Intent, want: Resource) -> Step:
    carrier = {key: value for key, value in intent.carrier.items() if key not in OF_LINE}
    change = Change(intent.address, intent.provider, intent.action, "sent again", carrier=carrier, cost=intent.price)
    return Step(f"repeat {intent.address}", intent.provider, intent.action, Kind.NUMBER, (change,), (want,))


def _close(run: Run, intent: Intent, finding: Finding, applied: Attrs | None = None) -> None:
    """Write what was found. ``applied`` is what was ordered, where that is not what the intent says."""
    if finding.evidence is Evidence.PERSON:
        run.store.need_person(intent, finding.reason)
        return
    origin = Origin.PRESUMED if finding.evidence is Evidence.PRESUMED else Origin.BOUGHT
    carrier = dict(finding.live.carrier) if finding.live else {}
    change = Change(intent.address, intent.provider, intent.action, finding.reason, carrier=intent.carrier)
    ordered = dict(intent.carrier.get("attrs", {}) if applied is None else applied)
    known: dict[str, Any] = {"applied": ordered, "seal": run.store.seal(ordered), **_made_at(intent)}
    if finding.live is not None and finding.live.status in IN_PROGRESS:
        known["word"] = PROVIDING
    if intent.address not in run.desired:
        known |= _of_line(intent.carrier)
    records = run.remembered(change, origin, carrier, **known)
    run.store.close_intent(
        intent, IntentStatus.DONE, finding.reason, records=records, spent=_charged(run, intent, finding)[0]
    )
    run.settled_one(intent.address, finding.reason)


def _of_line(payload: Mapping[str, Any]) -> dict[str, Any]:
    """What its line said of a number that is not declared any more."""
    after = payload.get("release_after")
    kept = {key: payload[key] for key in ("labels", "protect") if key in payload}
    return kept if after is None else {**kept, "release_after": timedelta(seconds=after)}


def _made_at(intent: Intent) -> dict[str, datetime]:
    last = intent.last_attempt
    return {"made_at": last.answered} if last and last.answered else {}


def _release(run: Run, intent: Intent) -> Generator[Request, Any, bool]:
    """Whether the number is gone from the account; it then is released, else the next plan decides."""
    provider = run.market(intent.provider)
    owned: Observation = yield Call(intent.provider, lambda: provider.find_owned(intent))
    if intent.address in owned.unresolved or _hides_everything(run, intent, owned):
        return False
    if intent.address in owned.found:
        if intent.id not in run.sent:
            run.store.close_intent(intent, IntentStatus.DROPPED, "still on the account: the next plan decides")
        return False
    run.store.close_intent(intent, IntentStatus.DONE, "no longer on the account", drop=[intent.address])
    run.settled_one(intent.address, "released: no longer on the account")
    return True


def _hides_everything(run: Run, intent: Intent, owned: Observation) -> bool:
    """Whether a whole list shows not one of the numbers on record: it then proves of none that it is gone."""
    others = {
        address
        for address, record in run.store.memory().records.items()
        if record.provider == intent.provider and address.kind is Kind.NUMBER and not record.gone
    } - {intent.address}
    return owned.listed and bool(others) and others.isdisjoint(owned.found)


def _is_release(intent: Intent) -> bool:
    return intent.address.kind is Kind.NUMBER and intent.action is Action.DELETE
