"""Open purchases and releases, settled by reads: what every apply does first, and what follows a *maybe*."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from reconciler.executor import attempts, record_only
from reconciler.executor.records import OF_LINE, PROVIDING, of_line, record_of, records_of
from reconciler.executor.run import SHORTEST_PAUSE, Run
from reconciler.executor.scheduler import Call, Sleep, Stopped
from reconciler.model import (
    IN_PROGRESS,
    Action,
    Address,
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
from reconciler.model.price_book import filled
from reconciler.planning.open_orders import (
    Evidence,
    Finding,
    bought_instead,
    earliest_date,
    other_number,
    processed,
    refused,
    settle_purchase,
    settle_release,
)

LOOKS = (0.0, 2.0, 4.0)
"""Seconds before each look at the account after a *maybe*: a list may lag a little."""

LONGEST_WAIT = 30.0
"""Seconds that a run waits for an open order to come due; a later run settles what takes longer."""

_NOT_COVERED = (
    "it is still offered, long after the last attempt; to send it again is not in this run's plan, which was held to "
    "the limits without it: the next apply decides"
)

_BOUGHT = (Evidence.OWNED, Evidence.PRESUMED)
_SEEN = (Evidence.OWNED, Evidence.INSTEAD, Evidence.KEPT)
"""What an answer shows; all else hangs on what none shows."""


async def earlier_intent(run: Run, intent: Intent) -> None:
    """Settle what an earlier run left open, before anything is planned. Reads only: nothing is approved yet."""
    try:
        if not _moves_money(intent):
            run.store.close_intent(intent, IntentStatus.DROPPED, "may be sent again: the next plan decides afresh")
        elif refused(intent):
            run.store.close_intent(intent, IntentStatus.FAILED, processed(intent)[0].words or "refused")
        elif not processed(intent):
            run.store.close_intent(intent, IntentStatus.DROPPED, "no attempt of it has reached the carrier")
        elif intent.purchase:
            finding = run.state.findings[intent.id] = await _purchase(run, intent)
            if finding.evidence in _BOUGHT:
                spent, excess = _charged(run, intent, finding)
                run.state.recovered.append(overcharged(_recovered(intent, finding.reason, spent), excess))
        else:
            finding = run.state.findings[intent.id] = await _release(run, intent)
            if finding.evidence is Evidence.RELEASED:
                run.state.recovered.append(_recovered(intent, finding.reason))
    except Stopped:
        return


def _moves_money(intent: Intent) -> bool:
    """Whether it buys or releases a number: what else there is may be sent again."""
    return intent.address.kind is Kind.NUMBER and intent.action in (Action.CREATE, Action.DELETE)


def _recovered(intent: Intent, words: str, spent: Price | None = None) -> Outcome:
    return Outcome(intent.address, intent.provider, intent.action, Result.DONE, words, spent=spent)


async def open_purchase(run: Run, step: Step, intent: Intent) -> list[Outcome]:
    """The step of a number whose order is open: send it again where that is proved safe, or wait as far as allowed.

    Only what the plan says is sent again: that was approved, and held to the limits as the purchase that it is.
    """
    finding = run.state.findings.get(intent.id) or await _purchase(run, intent)
    if finding.evidence is Evidence.REPEAT and not _is_declared(run, intent):
        finding = await _purchase(run, intent)  # this very plan wants it no more: read again, knowing that
    if finding.evidence is Evidence.REPEAT and step.changes[0].repeat and intent.id not in run.state.sent:
        intent, finding = await _repeat(run, intent)
        if finding.evidence is Evidence.OWNED:
            _close(run, intent, finding, run.desired[intent.address].attrs)
        else:
            finding = await _purchase(run, intent)
    elif finding.evidence is Evidence.OPEN and finding.due_in is not None:
        finding = await _purchase(run, intent, last=finding)
    if finding.evidence is Evidence.REPEAT:
        finding = Finding(Evidence.OPEN, _NOT_COVERED)
    return [await _outcome(run, step, intent, finding)]


async def open_release(run: Run, step: Step, intent: Intent) -> list[Outcome]:
    """The step of a number whose release is open: this run has read it once, which is all that it does."""
    finding = run.state.findings.get(intent.id) or await _release(run, intent)
    return [_of_release(step.changes[0], intent, finding)]


async def after_maybe(run: Run, step: Step, intent: Intent, reply: Reply) -> list[Outcome]:
    """What a purchase or release came to whose answer proves nothing."""
    change = step.changes[0]
    if change.action is Action.DELETE:
        outcome = _of_release(change, intent, await _release(run, intent))
    else:
        finding = await _purchase(run, intent)
        outcome = await _outcome(run, step, intent, finding)
    return [replace(outcome, words=_both(reply.words, outcome.words), status=reply.status)]


def _both(carriers: str, ours: str) -> str:
    """The carrier's words, where it had any, before ours."""
    return f"{carriers}: {ours}" if carriers else ours


async def _outcome(run: Run, step: Step, intent: Intent, finding: Finding) -> Outcome:
    change = step.changes[0]
    if finding.evidence is Evidence.INSTEAD:
        return Outcome.of(change, Result.FAILED, finding.reason)
    if finding.evidence in _BOUGHT:
        spent, excess = _charged(run, intent, finding)
        if finding.live is not None and finding.live.status in IN_PROGRESS:
            return overcharged(await record_only.provided(run, step, spent=spent), excess)
        return overcharged(Outcome.of(change, Result.DONE, finding.reason, spent=spent), excess)
    return Outcome.of(change, Result.UNKNOWN, finding.reason, person=_needs_person(intent, finding))


def _of_release(change: Change, intent: Intent, finding: Finding) -> Outcome:
    if finding.evidence is Evidence.RELEASED:
        return Outcome.of(change, Result.DONE, finding.reason)
    return Outcome.of(change, Result.UNKNOWN, finding.reason, person=_needs_person(intent, finding))


def _needs_person(intent: Intent, finding: Finding) -> bool:
    """Whether reads cannot settle it any more: by what was found now or, where nothing could be read, before."""
    unread = finding.due_in is None and finding.evidence is not Evidence.REPEAT
    return finding.evidence is Evidence.PERSON or (bool(intent.person) and unread)


def _charged(run: Run, intent: Intent, finding: Finding) -> tuple[Price | None, str]:
    """What the purchase cost by what the account shows, and what is wrong with that."""
    told = finding.live.price if finding.live else None
    return run.spending.charge(intent, told, earlier=intent.id not in run.state.sent)


def overcharged(outcome: Outcome, excess: str) -> Outcome:
    """``outcome``, and that a person must look at what was charged, where ``excess`` says why."""
    if not excess:
        return outcome
    words = (outcome.words, excess, "the number is yours and goes on costing: ask the carrier")
    return replace(outcome, words="; ".join(filter(None, words)), person=True)


async def _purchase(run: Run, intent: Intent, last: Finding | None = None) -> Finding:
    """Look until it is settled or looking longer is of no use; close the intent when it is.

    ``last`` is what this run has found already: then the next look is when that comes due.
    """
    looks = [] if last else list(LOOKS if run.capabilities(intent.provider).lists else LOOKS[:1])
    finding = last or Finding(Evidence.OPEN, "its outcome is open")
    while finding.evidence is Evidence.OPEN:
        due = not looks
        pause = _pause(looks, finding, run.time_left())
        if pause is None:
            break
        if pause and due:
            run.listener.note(f"{intent.address}: {finding.reason}; it is read again then")
        if pause:
            await Sleep(pause)
        intent, finding = await _look(run, intent)
    _keep(run, intent, finding)
    return finding


def _pause(looks: list[float], finding: Finding, time_left: float) -> float | None:
    """Seconds to the next look; None when this run looks no more."""
    if looks and (looks[0] == 0.0 or looks[0] <= time_left):
        return looks.pop(0)
    due = finding.due_in.total_seconds() if finding.due_in is not None else None
    return due if due is not None and 0 < due <= min(LONGEST_WAIT, time_left) else None


async def _look(run: Run, intent: Intent) -> tuple[Intent, Finding]:
    provider, caps = run.market(intent.provider), run.capabilities(intent.provider)
    owned = await _owned(run, intent)
    quotes, other = Quotes(), Finding(Evidence.OPEN, "")
    if intent.address not in owned.found:
        quotes = await Call(intent.provider, lambda: provider.quote([intent.address.name]))
        other = await _other(run, intent)
        if other.evidence is Evidence.INSTEAD:
            return intent, other
    if intent.price is not None:  # an order that was placed at an unknown price is not held to a book written later
        quotes = filled(run.prices, intent.provider, quotes)
    intent, waiting = run.clocks.waited(run.store, intent, caps, earliest_date(owned, quotes))
    declared, sent = _is_declared(run, intent), intent.id in run.state.sent
    finding = settle_purchase(intent, owned, quotes, caps, waiting, repeated=sent, declared=declared)
    finding = _affordable(run, intent, _believed(run, intent, finding))
    return intent, replace(finding, reason=finding.reason + other.reason)


def _is_declared(run: Run, intent: Intent) -> bool:
    """Whether the number is wanted at the account where it was ordered."""
    want = run.desired.get(intent.address)
    return want is not None and want.provider == intent.provider


def _affordable(run: Run, intent: Intent, finding: Finding) -> Finding:
    """``finding``, or that a person must see to it, where its pool does not allow what it costs to send it again."""
    if finding.evidence is not Evidence.REPEAT or not (
        refusal := run.spending.too_dear_for_pool(intent, finding.price)
    ):
        return finding
    return Finding(Evidence.PERSON, f"it is still offered, but not ordered again: {refusal}")


def due(run: Run) -> dict[Address, Price | None]:
    """The numbers whose open order this run has found to be one that is sent again -> what that costs."""
    found = ((intent, run.state.findings.get(intent.id)) for intent in run.store.open_intents())
    return {intent.address: f.price for intent, f in found if f is not None and f.evidence is Evidence.REPEAT}


def _believed(run: Run, intent: Intent, finding: Finding) -> Finding:
    """``finding``, or that a person must see to it, where it hangs on what another URL does not show."""
    words = run.elsewhere.get(intent.provider)
    if words is None or intent.id in run.state.sent or finding.evidence in _SEEN:
        return finding
    return Finding(Evidence.PERSON, f"{finding.reason}; {words}")


async def _owned(run: Run, intent: Intent) -> Observation:
    """What the account shows of the number of ``intent``."""
    provider = run.market(intent.provider)
    return await Call(intent.provider, lambda: provider.find_owned(intent))


async def _other(run: Run, intent: Intent) -> Finding:
    """What the account shows of another number that the answer to an attempt has named, as the end of a reason."""
    for attempt in processed(intent):
        address = other_number(attempt)
        if address is None:
            continue
        owned = await _owned(run, replace(intent, addresses=(address,)))
        live = bought_instead(attempt, owned)
        if live is not None and _is_new(run, address):
            words = f"not bought: the carrier sold {address.name} in its place, which is ours now"
            return Finding(Evidence.INSTEAD, words, live)
        return Finding(Evidence.OPEN, f"; its answer named {address.name}, which {_shown(owned, address)}")
    return Finding(Evidence.OPEN, "")


def _is_new(run: Run, address: Address) -> bool:
    """Whether no record and no other order explains why the account has that number."""
    record = run.store.record(address)
    return (record is None or record.gone) and not run.store.open_intents(address)


def _shown(owned: Observation, address: Address) -> str:
    if address in owned.unresolved:
        return f"could not be read: {owned.unresolved[address]}"
    return "the account has on other grounds" if address in owned.found else "the account does not show"


async def _repeat(run: Run, intent: Intent) -> tuple[Intent, Finding]:
    """Order the same number again, under the same reference, as it is declared now."""
    reply, sent = await attempts.send(run, _same_order(intent, run.desired[intent.address]), intent)
    intent = sent or intent
    if reply.verdict in (Verdict.OK, Verdict.ACCEPTED):
        status = Status.ACTIVE if reply.verdict is Verdict.OK else Status.ENABLING
        live = Resource(intent.address, intent.provider, carrier=reply.carrier, status=status, price=reply.price)
        return intent, Finding(Evidence.OWNED, "sent again and answered", live)
    # Whatever else it says: on a repeat, "taken" may mean that it is ours.
    return intent, Finding(Evidence.OPEN, f"sent again, and the answer proves nothing: {reply.words or reply.status}")


def _same_order(intent: Intent, want: Resource) -> Step:
    carrier = {key: value for key, value in intent.carrier.items() if key not in OF_LINE}
    change = Change(intent.address, intent.provider, intent.action, "sent again", carrier=carrier, cost=intent.price)
    return Step(f"repeat {intent.address}", intent.provider, intent.action, Kind.NUMBER, (change,), (want,))


def _keep(run: Run, intent: Intent, finding: Finding) -> None:
    """Write what was found of a purchase, as far as it changes what is on record."""
    if finding.evidence is Evidence.INSTEAD and finding.live is not None:
        _close_instead(run, intent, finding, finding.live)
    elif finding.evidence in _BOUGHT:
        _close(run, intent, finding)
    else:
        _note_person(run, intent, finding)


def _note_person(run: Run, intent: Intent, finding: Finding) -> None:
    """Write that only a person can settle it, or that reads can again."""
    if finding.evidence is Evidence.PERSON and intent.person != finding.reason:
        run.store.need_person(intent, finding.reason)
    elif intent.person and not _needs_person(intent, finding):
        run.store.need_person(intent, "")


def _close(run: Run, intent: Intent, finding: Finding, applied: Attrs | None = None) -> None:
    """Write what was bought. ``applied`` is what was ordered, where that is not what the intent says."""
    origin = Origin.PRESUMED if finding.evidence is Evidence.PRESUMED else Origin.BOUGHT
    carrier = dict(finding.live.carrier) if finding.live else {}
    change = Change(intent.address, intent.provider, intent.action, finding.reason, carrier=intent.carrier)
    ordered = dict(intent.carrier.get("attrs", {}) if applied is None else applied)
    known: dict[str, Any] = {"applied": ordered, "seal": run.store.seal(ordered), **_made(intent)}
    if finding.live is not None and finding.live.status in IN_PROGRESS:
        known["word"] = PROVIDING
    if intent.address not in run.desired:
        known |= of_line(intent.carrier)
    records = records_of(run, change, origin, carrier, **known)
    run.store.close_intent(
        intent, IntentStatus.DONE, finding.reason, records=records, spent=_charged(run, intent, finding)[0]
    )
    run.settled(f"{intent.address}: {finding.reason}")


def _close_instead(run: Run, intent: Intent, finding: Finding, live: Resource) -> None:
    """Write that the order has bought another number, without a slot or a line: the next plan says what follows."""
    change = Change(live.address, intent.provider, intent.action, finding.reason)
    record = record_of(run, change, Origin.BOUGHT, live.carrier, **_made(intent))
    spent, excess = _charged(run, intent, finding)
    run.store.close_intent(
        intent, IntentStatus.FAILED, finding.reason, records=[record], spent=spent, instead=live.address
    )
    words = f"bought by the order of {intent.address.name}: the carrier's answer named it, and the account has it"
    bought = Outcome(live.address, intent.provider, intent.action, Result.DONE, words, spent=spent)
    run.state.recovered.append(overcharged(bought, excess))
    run.settled(f"{intent.address}: {finding.reason}")


def _made(intent: Intent) -> dict[str, datetime | None]:
    """When the number was made, on both clocks: at the last attempt."""
    last = processed(intent)[-1]
    return {"made_at": last.anchored_at or last.at, "made_answered": last.answered}


async def _release(run: Run, intent: Intent) -> Finding:
    """Whether the number is gone from the account for good; close the intent when that is known.

    One that is read as missing after the wait is read once more, since a list may miss anything once.
    """
    caps, missed = run.capabilities(intent.provider), 0
    while True:
        owned = await _owned(run, intent)
        missed += intent.address not in owned.found
        intent, waiting = run.clocks.waited(run.store, intent, caps, owned.answered if owned.calls else None)
        hides = _hides_everything(run, intent, owned)
        finding = _believed(run, intent, settle_release(intent, owned, waiting, hides=hides, missed=missed))
        if finding.due_in != timedelta(0):
            break
        await Sleep(min(SHORTEST_PAUSE, run.time_left()))
    _keep_release(run, intent, finding)
    return finding


def _keep_release(run: Run, intent: Intent, finding: Finding) -> None:
    if finding.evidence is Evidence.RELEASED:
        run.store.close_intent(intent, IntentStatus.DONE, finding.reason, drop=[intent.address])
        run.settled(f"{intent.address}: released: {finding.reason}")
    elif finding.evidence is Evidence.KEPT:
        run.store.close_intent(intent, IntentStatus.DROPPED, f"{finding.reason}: the next plan decides")
        run.settled(f"{intent.address}: not released: {finding.reason}")
    else:
        _note_person(run, intent, finding)


def _hides_everything(run: Run, intent: Intent, owned: Observation) -> bool:
    """Whether a whole list shows not one of the numbers on record: it then proves of none that it is gone."""
    others = {
        address
        for address, record in run.store.memory().records.items()
        if record.provider == intent.provider and address.kind is Kind.NUMBER and not record.gone
    } - {intent.address}
    return owned.listed and bool(others) and others.isdisjoint(owned.found)
