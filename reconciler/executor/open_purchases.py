"""An order whose outcome is open: looked for on the account, and sent again only where that is proved safe.

::

    settle --look--> owned, or sold in its place ---------------------------------------> written, intent closed
       ^                 | neither: is it still offered, and how long ago was the last attempt?
       |                 v
       +---due later--- OPEN    REPEAT: the plan of this or the next run decides    PERSON: reads cannot settle it
                                   |
                                   +-- go_on, where the plan says so: the same order, under the same reference
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from reconciler.executor import attempts, findings, record_only
from reconciler.executor.records import PROVIDING, of_order, record_of, records_of
from reconciler.executor.run import Run
from reconciler.executor.scheduler import Call, Sleep
from reconciler.model import (
    IN_PROGRESS,
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
    settle_purchase,
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


async def settle_earlier(run: Run, intent: Intent) -> None:
    """Settle the order of an earlier run, and tell in the report of one that is found to be done."""
    finding = run.state.findings[intent.id] = await settle(run, intent)
    if finding.evidence in _BOUGHT:
        spent, excess = _charged(run, intent, finding)
        run.state.recovered.append(overcharged(findings.recovered(intent, finding.reason, spent), excess))


async def go_on(run: Run, step: Step, intent: Intent) -> list[Outcome]:
    """The step of a number whose order is open: send it again where that is proved safe, or wait as far as allowed.

    Only what the plan says is sent again: that was approved, and held to the limits as the purchase that it is.
    """
    finding = run.state.findings.get(intent.id) or await settle(run, intent)
    if finding.evidence is Evidence.REPEAT and not _is_declared(run, intent):
        finding = await settle(run, intent)  # this very plan wants it no more: read again, knowing that
    if finding.evidence is Evidence.REPEAT and step.changes[0].repeat and intent.id not in run.state.sent:
        intent, finding = await _repeat(run, intent)
        if finding.evidence is Evidence.OWNED:
            _close(run, intent, finding, run.desired[intent.address].attrs)
        else:
            finding = await settle(run, intent)
    elif finding.evidence is Evidence.OPEN and finding.due_in is not None:
        finding = await settle(run, intent, last=finding)
    if finding.evidence is Evidence.REPEAT:
        finding = Finding(Evidence.OPEN, _NOT_COVERED)
    return [await outcome(run, step, intent, finding)]


async def settle(run: Run, intent: Intent, last: Finding | None = None) -> Finding:
    """Look until it is settled or looking longer is of no use; close the intent when it is.

    ``last`` is what this run has found already: then the next look is when that comes due.
    """
    looks = [] if last else list(LOOKS if run.capabilities(intent.account).lists else LOOKS[:1])
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


async def outcome(run: Run, step: Step, intent: Intent, finding: Finding) -> Outcome:
    """What the order has come to, by what was found; what the carrier is still providing is waited for."""
    change = step.changes[0]
    if finding.evidence is Evidence.INSTEAD:
        return Outcome.of(change, Result.FAILED, finding.reason)
    if finding.evidence in _BOUGHT:
        spent, excess = _charged(run, intent, finding)
        if finding.live is not None and finding.live.status in IN_PROGRESS:
            return overcharged(await record_only.provided(run, step, spent=spent), excess)
        return overcharged(Outcome.of(change, Result.DONE, finding.reason, spent=spent), excess)
    return Outcome.of(change, Result.UNKNOWN, finding.reason, person=findings.needs_person(intent, finding))


def overcharged(outcome: Outcome, excess: str) -> Outcome:
    """``outcome``, and that a person must look at what was charged, where ``excess`` says why."""
    if not excess:
        return outcome
    message = (outcome.message, excess, "the number is yours and goes on costing: ask the carrier")
    return replace(outcome, message="; ".join(filter(None, message)), person=True)


def _pause(looks: list[float], finding: Finding, time_left: float) -> float | None:
    """Seconds to the next look; None when this run looks no more."""
    if looks and (looks[0] == 0.0 or looks[0] <= time_left):
        return looks.pop(0)
    due = finding.due_in.total_seconds() if finding.due_in is not None else None
    return due if due is not None and 0 < due <= min(LONGEST_WAIT, time_left) else None


async def _look(run: Run, intent: Intent) -> tuple[Intent, Finding]:
    provider, caps = run.market(intent.account), run.capabilities(intent.account)
    owned = await findings.owned(run, intent)
    quotes, other = Quotes(), Finding(Evidence.OPEN, "")
    if intent.address not in owned.found:
        quotes = await Call(intent.account, lambda: provider.quote([intent.address.name]))
        other = await _other(run, intent)
        if other.evidence is Evidence.INSTEAD:
            return intent, other
    if intent.price is not None:  # an order that was placed at an unknown price is not held to a book written later
        quotes = filled(run.prices, intent.account, quotes)
    intent, waiting = run.clocks.waited(run.store, intent, caps, earliest_date(owned, quotes))
    declared, sent = _is_declared(run, intent), intent.id in run.state.sent
    finding = settle_purchase(intent, owned, quotes, caps, waiting, repeated=sent, declared=declared)
    finding = _affordable(run, intent, findings.believed(run, intent, finding))
    return intent, replace(finding, reason=finding.reason + other.reason)


def _is_declared(run: Run, intent: Intent) -> bool:
    """Whether the number is wanted at the account where it was ordered."""
    want = run.desired.get(intent.address)
    return want is not None and want.account == intent.account


def _affordable(run: Run, intent: Intent, finding: Finding) -> Finding:
    """``finding``, or that a person must see to it, where its pool does not allow what it costs to send it again."""
    if finding.evidence is not Evidence.REPEAT:
        return finding
    refusal = run.spending.too_dear_for_pool(intent, finding.price)
    return Finding(Evidence.PERSON, f"it is still offered, but not ordered again: {refusal}") if refusal else finding


async def _other(run: Run, intent: Intent) -> Finding:
    """What the account shows of another number that the answer to an attempt has named, as the end of a reason."""
    for attempt in processed(intent):
        address = other_number(attempt)
        if address is None:
            continue
        owned = await findings.owned(run, replace(intent, addresses=(address,)))
        live = bought_instead(attempt, owned)
        if live is not None and _is_new(run, address):
            message = f"not bought: the carrier sold {address.name} in its place, which is ours now"
            return Finding(Evidence.INSTEAD, message, live)
        return Finding(Evidence.OPEN, f"; its answer named {address.name}, which {_shown(owned, address)}")
    return Finding(Evidence.OPEN, "")


def _is_new(run: Run, address: Address) -> bool:
    """Whether no record and no other order explains why the account has that number."""
    record = run.store.record(address)
    return (record is None or record.tombstone) and not run.store.open_intents(address)


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
        live = Resource(intent.address, intent.account, external=reply.external, status=status, price=reply.price)
        return intent, Finding(Evidence.OWNED, "sent again and answered", live)
    # Whatever else it says: on a repeat, "taken" may mean that it is ours.
    return intent, Finding(Evidence.OPEN, f"sent again, and the answer proves nothing: {reply.message or reply.status}")


def _same_order(intent: Intent, want: Resource) -> Step:
    change = _of(intent, "sent again")
    return Step(f"repeat {intent.address}", intent.account, intent.action, Kind.NUMBER, (change,), (want,))


def _of(intent: Intent, reason: str) -> Change:
    """The change that an intent carries out."""
    return Change(
        intent.address,
        intent.account,
        intent.action,
        reason,
        external=intent.external,
        cost=intent.price,
        slot=intent.slot,
    )


def _keep(run: Run, intent: Intent, finding: Finding) -> None:
    """Write what was found, as far as it changes what is on record."""
    if finding.evidence is Evidence.INSTEAD and finding.live is not None:
        _close_instead(run, intent, finding, finding.live)
    elif finding.evidence in _BOUGHT:
        _close(run, intent, finding)
    else:
        findings.note_person(run, intent, finding)


def _close(run: Run, intent: Intent, finding: Finding, applied: Attrs | None = None) -> None:
    """Write what was bought. ``applied`` is what was ordered, where that is not what the intent says."""
    origin = Origin.PRESUMED if finding.evidence is Evidence.PRESUMED else Origin.BOUGHT
    keys = dict(finding.live.external) if finding.live else {}
    change = _of(intent, finding.reason)
    ordered = dict(applied if applied is not None else intent.order.attrs if intent.order else {})
    known: dict[str, Any] = {"applied": ordered, "fingerprint": run.store.fingerprint(ordered), **_made(intent)}
    known["shared"] = finding.live is not None and finding.live.shared
    if finding.live is not None and finding.live.status in IN_PROGRESS:
        known["carrier_status"] = PROVIDING
    if intent.address not in run.desired:
        known |= of_order(intent.order)
    records = records_of(run, change, origin, keys, **known)
    spent, _ = _charged(run, intent, finding)
    run.store.close_intent(intent, IntentStatus.DONE, finding.reason, records=records, spent=spent)
    run.settled(f"{intent.address}: {finding.reason}")


def _close_instead(run: Run, intent: Intent, finding: Finding, live: Resource) -> None:
    """Write that the order has bought another number, without a slot or a line: the next plan says what follows."""
    change = Change(live.address, intent.account, intent.action, finding.reason)
    record = record_of(run, change, Origin.BOUGHT, live.external, shared=live.shared, **_made(intent))
    spent, excess = _charged(run, intent, finding)
    run.store.close_intent(
        intent, IntentStatus.FAILED, finding.reason, records=[record], spent=spent, instead=live.address
    )
    message = f"bought by the order of {intent.address.name}: the carrier's answer named it, and the account has it"
    run.state.recovered.append(overcharged(Outcome.of(change, Result.DONE, message, spent=spent), excess))
    run.settled(f"{intent.address}: {finding.reason}")


def _charged(run: Run, intent: Intent, finding: Finding) -> tuple[Price | None, str]:
    """What the purchase cost by what the account shows, and what is wrong with that."""
    told = finding.live.price if finding.live else None
    return run.spending.charge(intent, told, earlier=intent.id not in run.state.sent)


def _made(intent: Intent) -> dict[str, datetime | None]:
    """When the number was made, on both clocks: at the last attempt."""
    last = processed(intent)[-1]
    return {"made_at": last.anchored_at or last.at, "made_answered": last.answered}
