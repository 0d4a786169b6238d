"""Bugs in buying: what is written when, what is sent again, and what an open outcome is taken for."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from typing import Any

from reconciler.errors import CarrierError
from reconciler.executor import attempts, clocks, open_purchases, open_releases, settle
from reconciler.executor.attempts import Sent
from reconciler.executor.executor import Executor
from reconciler.executor.run import Run
from reconciler.executor.scheduler import Call
from reconciler.model import (
    Address,
    Attempt,
    Intent,
    IntentStatus,
    Kind,
    Observation,
    Outcome,
    Reply,
    StateSnapshot,
    Step,
    waits,
)
from reconciler.model.waits import Moment, Wait
from reconciler.planning import open_orders
from reconciler.planning.open_orders import Evidence, Finding, Waiting
from reconciler.planning.snapshot import Item
from reconciler.providers.base import Market
from reconciler.providers.http.exchange import CarrierConnection
from reconciler.providers.http.messages import Answer
from reconciler.providers.inumbering.provider import INumbering
from reconciler.state import records as books
from reconciler.state.joint import Joint, _GivenUpError
from reconciler.state.store import Store
from reconciler.workflows import look
from tests.mutants import checks
from tests.mutants.checking import check, reused
from tests.mutants.planting import planted, swapped
from tests.rig import Rig
from tests.workflows import test_evidence, test_purchases


def _draft(run: Run, step: Step) -> Intent:
    """An intent that no record holds: its id is 0."""
    now = run.clock.now()
    reference = run.store.reference(run.accounts.get(step.account, ""), step.account, step.addresses)
    carrier, tries = dict(step.changes[0].external), (Attempt(1, now, answered=now),)
    return Intent(0, run.plan_id, step.account, step.action, step.addresses, reference, carrier, now, attempts=tries)


@planted()
def intent_after_the_call() -> AbstractContextManager[None]:
    """The intent is written once the answer is there: a crash in between leaves a purchase that nobody knows of."""
    send = attempts.send

    async def send_first(run: Run, step: Step, intent: Intent | None = None) -> Sent:
        if intent:
            return await send(run, step, intent)
        reference = attempts._reference(run, step)
        reply = await Call(step.account, lambda: run.providers[step.account].perform(step, reference))
        written = attempts._begin(run, step, reference)
        run.state.sent.add(written.id)
        run.state.answered.update(step.addresses)
        return reply, run.store.end_attempt(written, reply)

    return swapped((attempts, "send", send_first))


@planted()
def one_intent_a_run() -> AbstractContextManager[None]:
    """Only the first write of a run has an intent: the second purchase is sent without one."""
    send, close = attempts.send, Store.close_intent

    async def send_any(run: Run, step: Step, intent: Intent | None = None) -> Sent:
        if not run.state.sent or (intent and intent.id):
            return await send(run, step, intent)
        draft = _draft(run, step)
        reply = await Call(step.account, lambda: run.providers[step.account].perform(step, draft.reference))
        return reply, draft

    def close_any(store: Store, intent: Intent, status: IntentStatus, how: str, **rest: Any) -> None:
        if intent.id:
            close(store, intent, status, how, **rest)
        else:
            store.drop(rest.get("drop", ()))
            store.put(rest.get("records", ()))

    return swapped((attempts, "send", send_any), (Store, "close_intent", close_any))


@planted(start=8)
def next_candidate_on_time_out() -> AbstractContextManager[None]:
    """A purchase that got no answer is followed by one of the next number on offer."""
    after_maybe = settle.after_maybe

    def others(market: Market, tn: str) -> list[Any]:
        try:
            return [offer for offer in market.search({"country": "GB"}, 9) if offer.tn != tn]
        except CarrierError:
            return []

    async def try_another(run: Run, step: Step, intent: Intent, reply: Reply) -> list[Outcome]:
        change = step.changes[0]
        offers = await Call(step.account, lambda: others(run.market(step.account), change.address.name))
        if change.purchase and offers:
            other = replace(change, address=Address(Kind.NUMBER, offers[0].tn), external=offers[0].external)
            order = replace(step, changes=(other,))
            await Call(step.account, lambda: run.providers[step.account].perform(order, intent.reference))
        return await after_maybe(run, step, intent, reply)

    return swapped((settle, "after_maybe", try_another))


@planted(start=8)
def purchase_sent_again_at_once() -> AbstractContextManager[None]:
    """A purchase without an answer is repeated like any idempotent call."""
    # The package's name `write` is its function, so the module is asked for by its whole name.
    return swapped((import_module("reconciler.executor.write"), "_idempotent", lambda _step: True))


@planted(checks.the_wait_begins_anew_with_each_attempt)
def wait_counted_from_the_intent() -> AbstractContextManager[None]:
    """The wait before an order is repeated counts from the first attempt, so that a third may follow the second."""
    return swapped((clocks, "processed", lambda intent: open_orders.processed(intent)[:1]))


@planted(start=77)
def wait_measured_by_our_own_wall_clock() -> AbstractContextManager[None]:
    """Waiting is measured by our wall clock in place of the carrier's Date: a jump of an hour ends it."""
    head = CarrierConnection._head

    def dated_here(wire: CarrierConnection, response: Any) -> Answer:
        return replace(head(wire, response), date=wire._clock.now())

    return swapped((CarrierConnection, "_head", dated_here))


@planted(checks.a_wait_without_a_date_never_ends_by_itself)
def wait_ends_without_a_date() -> AbstractContextManager[None]:
    """Where the carrier's clock is not known, ours alone ends the wait."""
    return swapped((Wait, "dated", lambda _wait, _now: True))


@planted(checks.whole_seconds_of_the_date_do_not_shorten_the_wait)
def no_second_for_rounding() -> AbstractContextManager[None]:
    """The whole seconds of two Dates are trusted to the fraction: the wait may end a second early."""
    return swapped((waits, "ROUNDING", timedelta(0)))


@planted(checks.absence_from_a_list_and_a_search_does_not_free_the_slot)
def absent_settled_as_not_owned() -> AbstractContextManager[None]:
    """An order whose number no list shows is closed as not ours, and the next plan buys it again."""
    look = open_purchases._look

    async def conclude(run: Run, intent: Intent) -> tuple[Intent, Finding]:
        intent, finding = await look(run, intent)
        if finding.evidence in (Evidence.OPEN, Evidence.PERSON) and "cannot be settled" not in finding.reason:
            run.store.close_intent(intent, IntentStatus.FAILED, "not on the account")
            finding = Finding(Evidence.PERSON, "not on the account")
        return intent, finding

    return swapped((open_purchases, "_look", conclude))


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


@planted(start=27)
def order_repeated_at_once_although_lists_and_searches_lag() -> AbstractContextManager[None]:
    """An order is repeated as soon as a list or a search still offers the number, cached or not."""
    return swapped((Wait, "over", lambda _wait, _now: True))


@planted(reused(test_purchases.test_an_order_that_vanishes_from_the_market_is_presumed_ours_and_said_so))
def presumption_kept_silent() -> AbstractContextManager[None]:
    """A number that is only presumed ours is recorded as bought."""
    not_offered = open_orders._not_offered

    def owned(*args: Any) -> Finding:
        finding = not_offered(*args)
        return replace(finding, evidence=Evidence.OWNED) if finding.evidence is Evidence.PRESUMED else finding

    return swapped((open_orders, "_not_offered", owned))


@planted(reused(test_purchases.test_an_inumbering_order_is_sent_again_only_after_the_wait_on_the_carriers_clock))
def clock_of_a_later_answer_taken() -> AbstractContextManager[None]:
    """Each look moves the start of the wait, so that it never ends."""
    return swapped((Wait, "seen", lambda wait, now: replace(wait, since=now)))


_ONE_DATE = test_evidence.test_one_wrong_date_after_an_unanswered_order_sends_no_second_order


@planted(reused(_ONE_DATE, account="vt", fault="stale-date"))
def wait_ended_by_the_carriers_clock_alone() -> AbstractContextManager[None]:
    """One stale or skewed Date ends the wait: ours is not asked."""

    def theirs(wait: Wait, now: Moment) -> timedelta:
        passed = now.carriers - wait.since.carriers if now.carriers and wait.since.carriers else timedelta(0)
        return max(timedelta(0), wait.length + waits.ROUNDING - passed)

    return swapped((Wait, "left", theirs))


@planted(
    reused(
        test_evidence.test_our_clock_that_jumps_ahead_sends_no_second_order_and_one_that_jumps_back_does_not_hang,
        account="ib",
    )
)
def wait_ended_by_our_clock_alone() -> AbstractContextManager[None]:
    """A jump of our clock ends the wait: the carrier's is not asked."""
    return swapped((Wait, "left", lambda wait, now: max(timedelta(0), wait.length - (now.ours - wait.since.ours))))


@planted(reused(test_evidence.test_a_date_in_the_year_9999_does_not_block_for_ever, account="vt"))
def anchor_never_moved_back() -> AbstractContextManager[None]:
    """The first Date stays the anchor though a later answer is earlier: a Date in the year 9999 blocks for ever."""
    return swapped((Wait, "_began_later", lambda _wait, _now: False))


@planted(
    reused(
        test_evidence.test_a_release_that_never_reached_the_carrier_is_not_done_because_one_list_misses_the_number,
        account="ib",
    )
)
def release_proven_by_one_list() -> AbstractContextManager[None]:
    """That a list misses the number right after its release was asked for proves that it is released."""
    judge = open_orders.settle_release

    def hasty(intent: Intent, owned: Observation, waiting: Waiting, **rest: Any) -> Finding:
        found = judge(intent, owned, waiting, **rest)
        missing = intent.address not in owned.found and intent.address not in owned.unresolved
        return replace(found, evidence=Evidence.RELEASED, due_in=None) if missing else found

    return swapped((open_releases, "settle_release", hasty))


@planted(
    reused(test_evidence.test_a_number_declared_again_while_its_release_is_unanswered_is_not_in_sync, account="ib")
)
def declared_again_is_in_sync() -> AbstractContextManager[None]:
    """A number that is declared again counts as in sync though its release may still be carried out."""
    return swapped((StateSnapshot, "open_order", StateSnapshot.open_purchase))


@planted(reused(test_evidence.test_a_number_that_the_answer_names_in_place_of_ours_is_not_lost))
def answer_about_another_number_dropped() -> AbstractContextManager[None]:
    """Whatever number an answer names in place of ours is forgotten, and paid for."""
    return swapped((open_purchases, "other_number", lambda _attempt: None))


@planted(reused(test_evidence.test_a_number_of_the_account_that_a_garbled_answer_names_is_not_taken_for_bought))
def any_number_that_an_answer_names_is_taken_for_bought() -> AbstractContextManager[None]:
    """A number that the account has on other grounds becomes ours because a garbled answer names it."""

    def trusting(attempt: Attempt, owned: Observation) -> Any:
        return owned.found.get(open_orders.other_number(attempt))  # type: ignore[arg-type]

    return swapped((open_purchases, "bought_instead", trusting))


@planted(
    reused(
        test_evidence.test_an_empty_list_right_after_numbers_were_adopted_does_not_say_that_they_are_in_sync, count=5
    )
)
def what_was_adopted_is_presumed_present() -> AbstractContextManager[None]:
    """What was taken over a moment ago counts as only not listed yet when the account shows nothing any more."""
    return swapped((Item, "unlisted", property(lambda item: item.ours is not None)))


@planted(
    reused(test_evidence.test_a_number_that_one_list_misses_is_not_gone_and_not_forgotten, account="api", kept=True)
)
def one_list_proves_a_number_gone() -> AbstractContextManager[None]:
    """A number that one list misses is said to be gone without being asked for by itself."""
    return swapped((look, "asked_again", lambda _providers, seen, _missing, _workers: seen))


@planted(reused(test_purchases.test_an_apply_never_ends_well_over_a_number_that_nobody_declares_any_more))
def undeclared_and_done() -> AbstractContextManager[None]:
    """A run ends well over a number that came to be ours and that nobody declares any more."""
    return swapped((Executor, "_undeclared", lambda _executor, outcome: outcome))


@check
def what_was_written_stands_whatever_comes_after_it(rig: Rig) -> None:
    rig.write('numbers: {"+447700900123": {provider: ib}}\n')
    rig.apply()
    with rig.store() as store, store.locked():
        record = next(iter(store.snapshot().records.values()))
        with suppress(ZeroDivisionError), store.together():
            store.put([replace(record, carrier_status="answered")])
            raise ZeroDivisionError
    with rig.store() as store:
        assert store.record(record.address).carrier_status == "answered", "what a carrier answered is on record nowhere"


@planted(what_was_written_stands_whatever_comes_after_it)
def one_error_undoes_the_writes_before_it() -> AbstractContextManager[None]:
    """What a call was answered is lost where the next write in the same commit fails."""

    def rolled_back(joint: Joint) -> None:
        raising = isinstance(sys.exc_info()[1], ArithmeticError)
        joint._connection = None
        with suppress(_GivenUpError), joint._ending:
            if raising:
                raise _GivenUpError

    return swapped((Joint, "commit", rolled_back))


@check
def a_write_that_fails_half_way_leaves_nothing(rig: Rig) -> None:
    rig.write('numbers: {"+447700900123": {provider: ib}, "+447700900124": {provider: ib}}\n')
    rig.apply()
    with rig.store() as store, store.locked():
        one, two = store.snapshot().records.values()
        with store.together():
            store.put([two])
            with suppress(RuntimeError), store._guard.writing("record", {"ib"}) as connection:
                books.drop(connection, [one.address])
                raise RuntimeError
    with rig.store() as store:
        assert store.record(one.address) is not None, "half of a write is on record"


@planted(a_write_that_fails_half_way_leaves_nothing)
def half_a_write_is_committed() -> AbstractContextManager[None]:
    """Of a write that fails, what it had done before is committed with those beside it."""

    @contextmanager
    def unguarded(joint: Joint, connection: Any) -> Iterator[Any]:
        with joint._database.translated():
            yield connection

    return swapped((Joint, "_another", unguarded))
