from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine, text
from state_doubles import NUMBER, START, TN, VirtualClock, begin_purchase, process

from reconciler.errors import RecordsSetBackError, StalePlanError, StateError
from reconciler.model import (
    Action,
    Address,
    Attempt,
    Intent,
    IntentStatus,
    Kind,
    LedgerEntry,
    Order,
    Origin,
    Price,
    Record,
    Reply,
    Result,
    Verdict,
    slots,
)
from reconciler.model.waits import Moment
from reconciler.state.location import Location
from reconciler.state.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable

PRICE = Price("EUR", Decimal("1.00"), Decimal("2.50"), Decimal("0.10"))
OK = Reply(Verdict.OK, "Success", 200, answered=START + timedelta(seconds=3))
RECORD = Record(NUMBER, "desk", Origin.BOUGHT, made_at=START, updated_at=START)

FOR_SLOT = Order(slot=Address(Kind.SLOT, "desk.0"))


def test_an_open_intent_and_its_attempts_are_read_back_as_they_were_returned(
    store: Store, open_store: Callable[..., Store], clock: VirtualClock
) -> None:
    clock.pass_by(timedelta(microseconds=700_000))
    intent = begin_purchase(store, price=PRICE)
    intent = store.end_attempt(intent, Reply(Verdict.MAYBE, "timed out\x07", None, answered=None))
    clock.pass_by(timedelta(seconds=50))
    intent = store.note_wait(intent, 1, Moment(START, START + timedelta(seconds=9, microseconds=5)))
    intent = store.begin_attempt(intent)
    intent = store.end_attempt(intent, OK)
    intent = store.need_person(intent, "neither found\nnor offered")
    assert open_store().snapshot().open_intents == (intent,)
    assert [attempt.n for attempt in intent.attempts] == [1, 2]
    assert intent.attempts[0] == Attempt(1, START, START + timedelta(seconds=9), Verdict.MAYBE, "timed out", None)
    assert intent.attempts[1].answered == OK.answered
    assert (intent.price, intent.person) == (PRICE, "neither found nor offered")


@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_is_kept(store: Store, verdict: Verdict) -> None:
    intent = store.end_attempt(begin_purchase(store), Reply(verdict, "words", 425))
    assert store.snapshot().open_intents == (intent,)


def forget_all(url: str) -> None:
    """Put the records back to before anything was begun, the lock that is held left as it is."""
    place = Location.parse(url)
    engine = create_engine(place.url if place.path is None else f"sqlite:///{place.path}")
    with engine.begin() as connection:
        for table in ("attempts", "intent_addresses", "intents"):
            connection.execute(text(f"DELETE FROM tnctl_{table}"))
    engine.dispose()


def test_records_that_were_put_back_in_mid_run_are_no_fault_of_tnctl_and_what_was_sent_is_named(
    store: Store, url: str
) -> None:
    store.end_attempt(begin_purchase(store, "+12015550124"), OK)
    intent = begin_purchase(store)
    forget_all(url)
    with pytest.raises(RecordsSetBackError) as told:
        store.end_attempt(intent, replace(OK, message="Success"))
    assert "were put back to an earlier state while this run was at work" in told.value.message
    assert f"create number/{TN} at desk: answered as ok (Success)" in told.value.message
    assert "create number/+12015550124 at desk: answered as ok" in told.value.message
    assert "nothing more is sent" in told.value.hint
    assert f"{told.value.exit_code}{told.value.hint}".find("fault of tnctl") < 0


def test_nothing_more_is_begun_on_records_that_were_put_back_in_mid_run(store: Store, url: str) -> None:
    begin_purchase(store)
    forget_all(url)
    for write in (lambda: begin_purchase(store, "+12015550124"), lambda: store.put([RECORD]), store.heartbeat):
        with pytest.raises(RecordsSetBackError, match="no answer is known yet"):
            write()
    assert store.snapshot().open_intents == ()


def test_an_intent_of_an_earlier_run_that_the_records_do_not_know_any_more_is_no_fault_of_tnctl(
    store: Store, url: str, open_store: Callable[..., Store]
) -> None:
    intent = begin_purchase(store)
    store.release()
    with open_store() as later, later.locked(process=process(2)):
        forget_all(url)
        for write in (
            lambda: later.close_intent(intent, IntentStatus.DONE, "seen"),
            lambda: later.begin_attempt(intent),
            lambda: later.need_person(intent, "it is lost"),
            lambda: later.note_wait(intent, 1, Moment(START, START)),
        ):
            with pytest.raises(RecordsSetBackError, match=f"create number/.{TN[1:]} at desk"):
                write()


def test_the_carriers_clock_is_that_of_the_first_answer(store: Store) -> None:
    first = store.note_wait(begin_purchase(store), 1, Moment(START, START))
    assert (first.attempts[0].answered, first.attempts[0].anchored_at) == (START, None)
    assert store.end_attempt(first, OK).attempts[0].answered == START


def test_a_wait_that_begins_again_is_read_back_with_both_its_clocks_whatever_attempt_it_is_of(
    store: Store, open_store: Callable[..., Store]
) -> None:
    intent = store.begin_attempt(store.end_attempt(begin_purchase(store), OK))
    later = Moment(START + timedelta(hours=1), START - timedelta(hours=2))
    intent = store.note_wait(intent, 1, later)
    assert open_store().snapshot().open_intents == (intent,)
    assert (intent.attempts[0].anchored_at, intent.attempts[0].answered) == (later.ours, later.carriers)
    assert intent.attempts[1].answered is None


def test_the_other_number_that_an_answer_names_is_remembered_with_its_key(
    store: Store, open_store: Callable[..., Store]
) -> None:
    named = Reply(Verdict.MAYBE, "another number", 200, external={"numberKey": "K"}, about="+12015550188")
    store.end_attempt(begin_purchase(store), named)
    assert open_store().snapshot().open_intents[0].attempts[0].about == "+12015550188 K"


def test_what_was_bought_in_place_of_the_number_enters_the_ledger_and_the_number_does_not(store: Store) -> None:
    other = Address(Kind.NUMBER, "+12015550188")
    store.close_intent(begin_purchase(store, price=PRICE), IntentStatus.FAILED, "another one", instead=other)
    assert [(entry.address, entry.event, entry.price) for entry in store.ledger()] == [(other, "purchase", PRICE)]


def test_an_intent_without_an_attempt_was_never_sent(store: Store) -> None:
    intent = store.open_intent("p", "desk", Action.CREATE, [NUMBER], "ref", {}, None)
    assert intent.last_attempt is None
    with pytest.raises(StateError, match="never tried"):
        store.end_attempt(intent, OK)


def test_a_batch_keeps_its_addresses_in_order(store: Store) -> None:
    batch = [Address(Kind.ASSIGNMENT, f"+1201555{n:04}") for n in (3, 1, 2)]
    store.open_intent("p", "desk", Action.CREATE, batch, "ref", {}, None, begin=True)
    assert store.snapshot().open_intents[0].addresses == tuple(batch)


def test_a_purchase_that_is_done_writes_record_and_ledger_in_one_commit(
    open_store: Callable[..., Store],
) -> None:
    commits: list[str] = []
    store = open_store(on_commit=commits.append)
    with store.locked(process=process()):
        intent = store.end_attempt(begin_purchase(store, price=PRICE), OK)
        store.close_intent(intent, IntentStatus.DONE, "answered", records=[RECORD])
    assert commits == ["lock", "intent", "outcome", "outcome", "lock"]
    state = store.snapshot()
    assert state.open_intents == ()
    assert state.records == {NUMBER: RECORD}
    assert store.ledger() == [LedgerEntry(START, "purchase", "plan-1", NUMBER, "desk", PRICE, intent.reference)]


def test_what_was_spent_goes_before_the_price_that_was_planned(store: Store) -> None:
    spent = replace(PRICE, first_month=None)
    store.close_intent(begin_purchase(store, price=PRICE), IntentStatus.DONE, "answered", spent=spent)
    assert store.ledger()[0].price == spent


@pytest.mark.parametrize("status", [IntentStatus.FAILED, IntentStatus.DROPPED])
def test_what_was_not_bought_costs_nothing(store: Store, status: IntentStatus) -> None:
    store.close_intent(begin_purchase(store, price=PRICE), status, "refused")
    assert store.ledger() == []
    assert store.snapshot().open_intents == ()


def test_a_closed_intent_is_neither_closed_again_nor_tried_again(store: Store) -> None:
    intent = begin_purchase(store)
    store.close_intent(intent, IntentStatus.FAILED, "refused")
    with pytest.raises(StateError, match="not open any more"):
        store.close_intent(intent, IntentStatus.DONE, "answered", records=[RECORD])
    with pytest.raises(StateError, match="not open any more"):
        store.begin_attempt(intent)
    assert store.snapshot().records == {}
    assert store.ledger() == []


def test_an_attempt_is_never_counted_twice(store: Store) -> None:
    intent = begin_purchase(store)
    store.begin_attempt(intent)
    with pytest.raises(StateError):
        store.begin_attempt(intent)
    assert len(store.snapshot().open_intents[0].attempts) == 2


@pytest.mark.parametrize("action", [Action.CREATE, Action.DELETE])
def test_a_number_with_an_open_purchase_is_not_bought_or_released_again(store: Store, action: Action) -> None:
    begin_purchase(store)
    with pytest.raises(StateError, match="open outcome already"):
        store.open_intent("p", "desk", action, [NUMBER], "ref", {}, None)
    assert len(store.snapshot().open_intents) == 1


def test_a_settled_purchase_is_no_hindrance(store: Store) -> None:
    store.close_intent(begin_purchase(store), IntentStatus.FAILED, "refused")
    assert begin_purchase(store).id > 0


def test_history_tells_closed_intents_and_how_they_ended(store: Store) -> None:
    refused, bought = begin_purchase(store), None
    store.close_intent(refused, IntentStatus.FAILED, "on an existing order", evidence="order 7", who="alice")
    bought = begin_purchase(store)
    begin_purchase(store, "+12015550124")
    assert [(intent.id, intent.status) for intent in store.history(NUMBER)] == [
        (refused.id, IntentStatus.FAILED),
        (bought.id, IntentStatus.OPEN),
    ]
    closing = store.closing(refused)
    assert closing is not None
    assert (closing.how, closing.evidence, closing.who) == ("on an existing order", "order 7", "alice")
    assert store.closing(bought) is None


def _release(store: Store, status: IntentStatus) -> None:
    intent = store.open_intent("p", "desk", Action.DELETE, [NUMBER], "ref", {}, None, begin=True)
    store.close_intent(intent, status, "answered", drop=[NUMBER])


def test_the_generation_rises_with_settled_releases_only(store: Store) -> None:
    store.close_intent(begin_purchase(store), IntentStatus.DONE, "answered", records=[RECORD])
    _release(store, IntentStatus.FAILED)
    assert store.generation(NUMBER) == 0
    _release(store, IntentStatus.DONE)
    assert store.generation(NUMBER) == 1
    assert store.generation(Address(Kind.SMS, TN)) == 0
    assert [entry.event for entry in store.ledger()] == ["purchase", "release"]
    assert store.snapshot().records == {}


def test_a_reference_is_the_same_after_a_restart_and_another_after_a_release(
    store: Store, open_store: Callable[..., Store]
) -> None:
    reference = store.reference("inumbering", "voicetel", [NUMBER])
    assert re.fullmatch(r"[a-z2-7]{24}", reference)
    assert open_store().reference("inumbering", "voicetel", [NUMBER]) == reference
    _release(store, IntentStatus.DONE)
    assert store.reference("inumbering", "voicetel", [NUMBER]) != reference


def test_a_reference_depends_on_all_that_it_names_but_not_on_the_order(store: Store) -> None:
    pair = [NUMBER, Address(Kind.NUMBER, "+12015550124")]
    references = {
        store.reference("inumbering", "voicetel", [NUMBER]),
        store.reference("infobip", "voicetel", [NUMBER]),
        store.reference("inumbering", "other", [NUMBER]),
        store.reference("inumbering", "voicetel", pair),
        store.reference("inumbering", "voicetel", [Address(Kind.SMS, TN)]),
    }
    assert len(references) == 5
    assert store.reference("inumbering", "voicetel", pair[::-1]) in references


def test_a_plan_runs_to_its_end_and_is_then_refused(store: Store) -> None:
    assert (store.serial, store.plan_status("plan-1")) == (0, None)
    store.start_plan("plan-1", "sha256:aa")
    assert (store.serial, store.plan_status("plan-1")) == (1, "running")
    store.mark_done("plan-1", NUMBER, Result.UNKNOWN)
    store.mark_done("plan-1", NUMBER, Result.DONE)
    store.end_plan("plan-1", "pending")
    assert store.plan_status("plan-1") == "pending"
    store.start_plan("plan-1", "sha256:aa")
    assert (store.serial, store.plan_outcomes("plan-1")) == (2, {NUMBER: "done"})
    store.end_plan("plan-1", "finished")
    with pytest.raises(StalePlanError, match="finished at 2026-01-31T12:00:00Z"):
        store.start_plan("plan-1", "sha256:aa")
    assert (store.serial, store.snapshot().serial) == (2, 2)


def test_a_plan_that_changed_under_its_id_is_refused(store: Store) -> None:
    store.start_plan("plan-1", "sha256:aa")
    with pytest.raises(StalePlanError, match="another content"):
        store.start_plan("plan-1", "sha256:bb")


def _resolve(store: Store, *, owned: bool, record: Record | None = None) -> None:
    store.resolve(NUMBER, "desk", owned=owned, evidence="invoice 12", who="alice", record=record)


def _statuses(store: Store) -> list[IntentStatus]:
    return [intent.status for intent in store.history(NUMBER)]


@pytest.mark.parametrize(
    ("action", "owned", "status"),
    [
        (Action.CREATE, True, IntentStatus.DONE),
        (Action.CREATE, False, IntentStatus.FAILED),
        (Action.DELETE, True, IntentStatus.FAILED),
        (Action.DELETE, False, IntentStatus.DONE),
    ],
)
def test_a_persons_word_settles_what_is_open(store: Store, action: Action, owned: bool, status: IntentStatus) -> None:
    store.open_intent("p", "desk", action, [NUMBER], "ref", {}, PRICE, begin=True)
    _resolve(store, owned=owned)
    assert _statuses(store) == [status]
    assert (NUMBER in store.snapshot().records) is owned
    assert len(store.ledger()) == (status is IntentStatus.DONE)
    assert store.generation(NUMBER) == (action is Action.DELETE and not owned)


def test_a_persons_word_is_kept_where_nothing_is_open(store: Store) -> None:
    record = replace(RECORD, applied={"route": 4}, origin=Origin.ADOPTED)
    _resolve(store, owned=True, record=record)
    assert store.snapshot().records == {NUMBER: replace(record, origin=Origin.RESOLVED)}
    _resolve(store, owned=False)
    assert store.snapshot().records == {}
    assert [(r.owned, r.evidence, r.who, r.at) for r in store.resolutions(NUMBER)] == [
        (True, "invoice 12", "alice", START),
        (False, "invoice 12", "alice", START),
    ]


def test_what_is_known_of_a_resolved_object_stands(store: Store) -> None:
    store.put([replace(RECORD, protect=True)])
    _resolve(store, owned=True)
    assert store.snapshot().records[NUMBER].protect


def test_a_batch_is_left_to_the_next_plan_when_one_of_it_is_resolved(store: Store) -> None:
    batch = [Address(Kind.ASSIGNMENT, TN), Address(Kind.ASSIGNMENT, "+12015550124")]
    store.open_intent("p", "desk", Action.CREATE, batch, "ref", {}, None, begin=True)
    store.resolve(batch[0], "desk", owned=True, evidence="portal", who="alice")
    assert [intent.status for intent in store.history(batch[1])] == [IntentStatus.DROPPED]


def test_many_open_intents_are_told_apart(store: Store) -> None:
    for n in range(50):
        begin_purchase(store, f"+1201555{n:04}")
    intents = store.snapshot().open_intents
    assert store.open_intents() == list(intents)
    assert store.open_intents(intents[7].address) == [intents[7]]
    assert [intent.address.name for intent in intents] == [f"+1201555{n:04}" for n in range(50)]
    assert all(isinstance(intent, Intent) and len(intent.attempts) == 1 for intent in intents)


@pytest.mark.parametrize("owned", [True, False])
def test_a_number_that_was_being_bought_for_a_slot_gets_it_by_a_persons_word(store: Store, *, owned: bool) -> None:
    store.open_intent("p", "desk", Action.CREATE, [NUMBER], "ref", {}, None, order=FOR_SLOT, begin=True)
    _resolve(store, owned=owned)
    held = {slot.name: slots.number_in(record) for slot, record in store.snapshot().slots.items()}
    assert held == ({"desk.0": NUMBER} if owned else {})
