"""Writes that share one commit, and what a run remembers of the records while it holds their lock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from state_doubles import NUMBER, START, VirtualClock, begin_purchase, process

from reconciler.errors import LockLostError, StateError
from reconciler.model import Action, Address, IntentStatus, Kind, Origin, Record, Reply, Result, Verdict
from reconciler.state.store import Store

OTHER = Address(Kind.NUMBER, "+447700900124")
OK = Reply(Verdict.OK, "Success", 200, answered=START)


def record(address: Address, **fields: object) -> Record:
    return Record(address, "desk", Origin.BOUGHT, made_at=START, updated_at=START, **fields)  # type: ignore[arg-type]


def fails(store: Store, write: Callable[[], object], error: Exception) -> None:
    """A task that writes, and then falls over."""
    with store.together():
        write()
        raise error


@pytest.fixture
def commits() -> list[str]:
    return []


@pytest.fixture
def joint(open_store: Callable[..., Store], commits: list[str]) -> Store:
    """Records under the lock of this process."""
    store = open_store(on_commit=commits.append)
    store.acquire(process=process())
    commits.clear()
    return store


def test_what_is_written_together_is_durable_at_once_at_its_end(
    joint: Store, commits: list[str], open_store: Callable[..., Store]
) -> None:
    joint.start_plan("plan-1", "digest")
    intent = begin_purchase(joint)
    commits.clear()
    with joint.together():
        ended = joint.end_attempt(intent, OK)
        joint.close_intent(ended, IntentStatus.DONE, "answered", records=[record(NUMBER)])
        joint.mark_done("plan-1", NUMBER, Result.DONE)
        assert commits == []
    assert commits == ["outcome"]
    seen = open_store()
    assert (seen.snapshot().records, seen.plan_outcomes("plan-1")) == ({NUMBER: record(NUMBER)}, {NUMBER: "done"})


def test_nothing_is_committed_where_nothing_was_written(joint: Store, commits: list[str]) -> None:
    with joint.together():
        joint.snapshot()
    assert commits == []


def test_an_outcome_is_on_record_also_where_what_follows_it_fails(
    joint: Store, open_store: Callable[..., Store]
) -> None:
    intent = begin_purchase(joint)
    with pytest.raises(ZeroDivisionError):
        fails(joint, lambda: joint.end_attempt(intent, OK), ZeroDivisionError())
    assert open_store().snapshot().open_intents[0].attempts[0].verdict is Verdict.OK


def test_a_write_that_is_refused_takes_none_of_those_before_it_along(
    joint: Store, open_store: Callable[..., Store]
) -> None:
    begin_purchase(joint)
    with joint.together():
        joint.put([record(OTHER)])
        with pytest.raises(StateError, match="has an open outcome already"):
            begin_purchase(joint)
        joint.put([record(NUMBER)])
    state = open_store().snapshot()
    assert (set(state.records), len(state.open_intents)) == ({NUMBER, OTHER}, 1)


def test_a_first_write_that_is_refused_leaves_the_next_one_alone(
    joint: Store, open_store: Callable[..., Store]
) -> None:
    begin_purchase(joint)
    with joint.together():
        with pytest.raises(StateError, match="has an open outcome already"):
            begin_purchase(joint)
        joint.put([record(OTHER)])
    assert set(open_store().snapshot().records) == {OTHER}


def test_nothing_of_what_is_written_together_stands_once_the_lock_is_lost(
    joint: Store, open_store: Callable[..., Store]
) -> None:
    other = open_store()
    for lock in other.holders():
        other.unlock(lock.id)
    with pytest.raises(LockLostError), joint.together():
        joint.put([record(NUMBER)])
    assert open_store().snapshot().records == {}


def test_an_error_of_the_program_is_not_told_as_damage_of_the_records(joint: Store) -> None:
    with pytest.raises(ValueError, match="of a task"):
        fails(joint, lambda: joint.put([record(NUMBER)]), ValueError("of a task"))


def test_under_the_lock_a_read_sees_what_was_written_a_moment_ago(joint: Store) -> None:
    assert joint.snapshot().records == {}
    with joint.together():
        joint.put([record(NUMBER, protect=True)])
        assert joint.snapshot().records[NUMBER].protect
        assert joint.record(NUMBER) == record(NUMBER, protect=True)
        joint.drop([NUMBER])
        assert (joint.record(NUMBER), joint.snapshot().records) == (None, {})


def test_under_the_lock_every_write_is_seen_by_the_next_read(joint: Store) -> None:
    joint.put([record(NUMBER)])
    joint.snapshot()
    intent = joint.open_intent("p", "desk", Action.DELETE, [NUMBER], "ref", {}, None, begin=True)
    assert [i.id for i in joint.open_intents(NUMBER)] == [intent.id]
    before = joint.reference("infobip", "desk", [NUMBER])
    joint.snapshot()
    joint.close_intent(joint.end_attempt(intent, OK), IntentStatus.DONE, "answered", drop=[NUMBER])
    assert (joint.record(NUMBER), joint.open_intents(NUMBER), joint.snapshot().open_intents) == (None, [], ())
    assert joint.reference("infobip", "desk", [NUMBER]) != before, "a number that comes back is another order"


def test_what_was_read_under_one_lock_is_not_believed_under_the_next(
    joint: Store, open_store: Callable[..., Store], clock: VirtualClock
) -> None:
    joint.snapshot()
    joint.release()
    other = open_store()
    with other.locked(process=process(pid=8)):
        other.put([record(NUMBER)])
    assert set(joint.snapshot().records) == {NUMBER}
    clock.pass_by(timedelta(seconds=1))
    joint.acquire(process=process())
    assert joint.record(NUMBER) == record(NUMBER)
