"""Bugs in buying: what is written when, what is sent again, and what an open outcome is taken for."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

from reconciler import settlement
from reconciler.capabilities import Capabilities
from reconciler.errors import CarrierError
from reconciler.executor import settle
from reconciler.executor.run import Doing, Run, Sent
from reconciler.http.call import Answer
from reconciler.http.wire import Wire
from reconciler.loop import Call
from reconciler.model import Address, Attempt, Intent, IntentStatus, Kind, Observation, Quotes, Reply, Step
from reconciler.providers.base import Market
from reconciler.providers.inumbering.provider import INumbering
from reconciler.settlement import Evidence, Finding
from reconciler.state import Store
from tests import test_purchases
from tests.mutants import checks
from tests.mutants.checking import reused
from tests.mutants.planting import planted, swapped


def _draft(run: Run, step: Step) -> Intent:
    """An intent that no record holds: its id is 0."""
    now = run.clock.now()
    reference = run.store.reference(run.accounts.get(step.provider, ""), step.provider, step.addresses)
    carrier, tries = dict(step.changes[0].carrier), (Attempt(1, now, answered=now),)
    return Intent(0, run.plan_id, step.provider, step.action, step.addresses, reference, carrier, now, attempts=tries)


@planted()
def intent_after_the_call() -> AbstractContextManager[None]:
    """The intent is written once the answer is there: a crash in between leaves a purchase that nobody knows of."""
    send = Run.send

    def send_first(run: Run, step: Step, intent: Intent | None = None) -> Generator[Any, Any, Sent]:
        if intent:
            return (yield from send(run, step, intent))
        reference = run._reference(step)
        reply = yield Call(step.provider, lambda: run.providers[step.provider].perform(step, reference))
        written = run._begin(step, reference)
        run.sent.add(written.id)
        run.answered.update(step.addresses)
        return reply, run.store.end_attempt(written, reply)

    return swapped((Run, "send", send_first))


@planted()
def one_intent_a_run() -> AbstractContextManager[None]:
    """Only the first write of a run has an intent: the second purchase is sent without one."""
    send, close = Run.send, Store.close_intent

    def send_any(run: Run, step: Step, intent: Intent | None = None) -> Generator[Any, Any, Sent]:
        if not run.sent or (intent and intent.id):
            return (yield from send(run, step, intent))
        draft = _draft(run, step)
        reply = yield Call(step.provider, lambda: run.providers[step.provider].perform(step, draft.reference))
        return reply, draft

    def close_any(store: Store, intent: Intent, status: IntentStatus, how: str, **rest: Any) -> None:
        if intent.id:
            close(store, intent, status, how, **rest)
        else:
            store.drop(rest.get("drop", ()))
            store.put(rest.get("records", ()))

    return swapped((Run, "send", send_any), (Store, "close_intent", close_any))


@planted()
def next_candidate_on_time_out() -> AbstractContextManager[None]:
    """A purchase that got no answer is followed by one of the next number on offer."""
    after_maybe = settle.after_maybe

    def others(market: Market, tn: str) -> list[Any]:
        try:
            return [offer for offer in market.search({"country": "GB"}, 9) if offer.tn != tn]
        except CarrierError:
            return []

    def try_another(run: Run, step: Step, intent: Intent, reply: Reply) -> Doing:
        change = step.changes[0]
        offers = (yield Call(step.provider, lambda: others(run.market(step.provider), change.address.name))) or []
        if change.purchase and offers:
            other = replace(change, address=Address(Kind.NUMBER, offers[0].tn), carrier=offers[0].carrier)
            order = replace(step, changes=(other,))
            yield Call(step.provider, lambda: run.providers[step.provider].perform(order, intent.reference))
        return (yield from after_maybe(run, step, intent, reply))

    return swapped((settle, "after_maybe", try_another))


@planted()
def purchase_sent_again_at_once() -> AbstractContextManager[None]:
    """A purchase without an answer is repeated like any idempotent call."""
    # The package's name `write` is its function, so the module is asked for by its whole name.
    return swapped((import_module("reconciler.executor.write"), "_idempotent", lambda _step: True))


@planted(checks.the_wait_begins_anew_with_each_attempt)
def wait_counted_from_the_intent() -> AbstractContextManager[None]:
    """The wait before an order is repeated counts from the first attempt, so that a third may follow the second."""

    def from_the_first(intent: Intent, owned: Observation, quotes: Quotes, caps: Capabilities) -> timedelta | None:
        first = intent.attempts[0].answered if intent.attempts else None
        judged = settlement.earliest_date(owned, quotes)
        if first is None or judged is None:
            return None
        return max(timedelta(0), caps.settle_after + settlement.ROUNDING - (judged - first))

    return swapped((settlement, "_left_to_wait", from_the_first))


@planted()
def wait_measured_by_our_own_wall_clock() -> AbstractContextManager[None]:
    """Waiting is measured by our wall clock in place of the carrier's Date: a jump of an hour ends it."""
    head = Wire._head

    def dated_here(wire: Wire, response: Any) -> Answer:
        return replace(head(wire, response), date=wire._clock.now())

    return swapped((Wire, "_head", dated_here))


@planted(checks.a_wait_without_a_date_never_ends_by_itself)
def wait_ends_without_a_date() -> AbstractContextManager[None]:
    """Where the clock of the last attempt is not known, the wait counts as over."""
    left = settlement._left_to_wait

    def none_left(*args: Any) -> timedelta | None:
        known = left(*args)
        return timedelta(0) if known is None else known

    return swapped((settlement, "_left_to_wait", none_left))


@planted(checks.whole_seconds_of_the_date_do_not_shorten_the_wait)
def no_second_for_rounding() -> AbstractContextManager[None]:
    """The whole seconds of two Dates are trusted to the fraction: the wait may end a second early."""
    return swapped((settlement, "ROUNDING", timedelta(0)))


@planted(checks.absence_from_a_list_and_a_search_does_not_free_the_slot)
def absent_settled_as_not_owned() -> AbstractContextManager[None]:
    """An order whose number no list shows is closed as not ours, and the next plan buys it again."""
    look = settle._look

    def conclude(run: Run, intent: Intent) -> Generator[Any, Any, tuple[Intent, Finding]]:
        intent, finding = yield from look(run, intent)
        if finding.evidence in (Evidence.OPEN, Evidence.PERSON) and "cannot be settled" not in finding.reason:
            run.store.close_intent(intent, IntentStatus.FAILED, "not on the account")
            finding = Finding(Evidence.PERSON, "not on the account")
        return intent, finding

    return swapped((settle, "_look", conclude))


@planted(reused(test_purchases.test_an_inumbering_order_goes_out_twice_at_the_most))
def orders_repeated_without_limit() -> AbstractContextManager[None]:
    """iNumbering's orders are sent a third and a fourth time, where two in all are safe."""
    limited = INumbering.capabilities.fget  # type: ignore[attr-defined]
    unlimited = property(lambda provider: replace(limited(provider), repeats=None))
    return swapped((INumbering, "capabilities", unlimited))


@planted(reused(test_purchases.test_on_ambiguous_stop_never_sends_an_order_again))
def stop_on_ambiguous_ignored() -> AbstractContextManager[None]:
    """`on_ambiguous: stop` is read and not heeded."""
    limited = INumbering.capabilities.fget  # type: ignore[attr-defined]
    heedless = property(lambda provider: replace(limited(provider), repeats=2))
    return swapped((INumbering, "capabilities", heedless))


@planted()
def order_repeated_at_once_although_searches_lag() -> AbstractContextManager[None]:
    """iNumbering's order is repeated as soon as a search still shows the number, cached or not."""
    caps = INumbering.capabilities.fget  # type: ignore[attr-defined]
    hasty = property(lambda provider: replace(caps(provider), repeat_at_once=True))
    return swapped((INumbering, "capabilities", hasty))


@planted(reused(test_purchases.test_an_order_that_vanishes_from_the_market_is_presumed_ours_and_said_so))
def presumption_kept_silent() -> AbstractContextManager[None]:
    """A number that is only presumed ours is recorded as bought."""
    not_offered = settlement._not_offered

    def owned(*args: Any) -> Finding:
        finding = not_offered(*args)
        return replace(finding, evidence=Evidence.OWNED) if finding.evidence is Evidence.PRESUMED else finding

    return swapped((settlement, "_not_offered", owned))


@planted(reused(test_purchases.test_an_inumbering_order_is_sent_again_only_after_the_wait_on_the_carriers_clock))
def clock_of_a_later_answer_taken() -> AbstractContextManager[None]:
    """Each look moves the start of the wait, so that it never ends."""
    note = Store.note_clock

    def note_again(store: Store, intent: Intent, answered: datetime) -> Intent:
        if intent.last_attempt is None:
            return intent
        cleared = replace(intent.last_attempt, answered=None)
        return note(store, replace(intent, attempts=(*intent.attempts[:-1], cleared)), answered)

    return swapped((Store, "note_clock", note_again))
