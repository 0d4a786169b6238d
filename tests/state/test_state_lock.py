from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from state_doubles import (
    NUMBER,
    START,
    VirtualClock,
    begin_purchase,
    process,
    race_for_lock,
    take_lock_and_die,
    together,
)

from reconciler.clock import stamp
from reconciler.errors import LockedError, LockLostError, StateError
from reconciler.model import Action, Address, IntentStatus, Kind, Origin, Record, Reply, Verdict
from reconciler.model.waits import Moment
from reconciler.state.lock import BEAT, LEASE
from reconciler.state.process import Process, is_alive, start_of
from reconciler.state.store import Store
from tests.simulation.sigkill.processes import context

if TYPE_CHECKING:
    from pathlib import Path

OpenStore = Callable[..., Store]
Later = Callable[[timedelta], None]
RECORD = Record(NUMBER, "desk", Origin.ADOPTED)


def test_a_second_run_is_told_who_holds_the_lock_and_since_when(open_store: OpenStore) -> None:
    with open_store().locked(process=process(7)) as lock, pytest.raises(LockedError) as refused:
        open_store().acquire(process=process(8))
    assert not isinstance(refused.value, LockLostError)
    assert (
        refused.value.message
        == f"alice@ci-1 pid 7 has held lock {lock.id} (over everything) since {stamp(lock.acquired_at)}"
    )
    assert f"tnctl unlock {lock.id}" in refused.value.hint


def test_a_lock_that_was_given_back_is_free(open_store: OpenStore) -> None:
    with open_store().locked(process=process(1)) as first:
        pass
    with open_store().locked(process=process(2)) as second:
        assert second.fences["*"] == first.fences["*"] + 1
    assert open_store().holder() is None


def test_the_fence_rises_with_every_holder_whatever_became_of_the_last(open_store: OpenStore, later: Later) -> None:
    fences = []
    for _ in range(3):
        fences.append(open_store().acquire(process=process()).fences["*"])
        later(LEASE)
    assert fences == [1, 2, 3]


def test_the_lock_of_a_dead_process_of_this_machine_is_taken_over_at_once(open_store: OpenStore) -> None:
    open_store().acquire(process=process(1))
    taken = open_store().acquire(process=process(2, alive=False))
    assert (taken.pid, taken.fences) == (2, {"*": 2})


def test_a_process_of_another_host_is_not_judged_from_here(open_store: OpenStore) -> None:
    open_store().acquire(process=process(1, "ci-1"))
    with pytest.raises(LockedError):
        open_store().acquire(process=process(2, "ci-2", alive=False))


def test_a_lock_whose_lease_is_over_is_taken_over(open_store: OpenStore, later: Later) -> None:
    open_store().acquire(process=process(1))
    later(LEASE - timedelta(seconds=10))
    with pytest.raises(LockedError):
        open_store().acquire(process=process(2))
    later(timedelta(seconds=10))
    assert open_store().acquire(process=process(2)).pid == 2


def test_a_run_waits_as_long_as_it_was_told(open_store: OpenStore, clock: VirtualClock) -> None:
    with open_store().locked(process=process(1)), pytest.raises(LockedError):
        open_store().acquire(timedelta(seconds=2.5), process(2))
    assert clock.slept == [1.0, 1.0, 0.5]


@pytest.mark.usefixtures("on_virtual_time")
def test_a_run_that_waits_goes_on_once_the_lock_is_free(open_store: OpenStore, clock: VirtualClock) -> None:
    open_store().acquire(process=process(1))
    lock = open_store().acquire(timedelta(hours=1), process(2))
    assert lock.acquired_at == START + LEASE


@pytest.mark.usefixtures("on_virtual_time")
def test_writes_and_heartbeats_renew_the_lease_every_few_seconds(store: Store, clock: VirtualClock) -> None:
    def expiry() -> timedelta:
        holder = store.holder()
        assert holder is not None
        return holder.expires_at - START

    clock.pass_by(BEAT / 3)
    store.heartbeat()
    assert expiry() == LEASE
    clock.pass_by(BEAT)
    store.heartbeat()
    assert expiry() == LEASE + BEAT + BEAT / 3
    clock.pass_by(LEASE - timedelta(seconds=1))
    store.put([RECORD])
    assert expiry() == 2 * LEASE + BEAT + BEAT / 3 - timedelta(seconds=1)


def test_a_lock_is_broken_by_its_id_only(open_store: OpenStore) -> None:
    holder = open_store()
    lock = holder.acquire(process=process(1))
    assert not open_store().unlock("no-such-id")
    holder.heartbeat()
    assert open_store().unlock(lock.id)
    assert not open_store().unlock(lock.id)
    with pytest.raises(LockLostError, match="broken or taken over"):
        holder.heartbeat()


WRITES: dict[str, Callable[[Store], object]] = {
    "put": lambda store: store.put([RECORD]),
    "settle_slots": lambda store: store.settle_slots({}, []),
    "drop": lambda store: store.drop([NUMBER]),
    "start_plan": lambda store: store.start_plan("plan-9", "sha256:00"),
    "end_plan": lambda store: store.end_plan("plan-1", "finished"),
    "mark_done": lambda store: store.mark_done("plan-1", NUMBER, "done"),
    "open_intent": lambda store: store.open_intent("p", "desk", Action.UPDATE, [NUMBER], "", {}, None),
    "begin_attempt": lambda store: store.begin_attempt(store.snapshot().open_intents[0]),
    "end_attempt": lambda store: store.end_attempt(store.snapshot().open_intents[0], Reply(Verdict.OK)),
    "note_wait": lambda store: store.note_wait(store.snapshot().open_intents[0], 1, Moment(START, START)),
    "need_person": lambda store: store.need_person(store.snapshot().open_intents[0], "why"),
    "close_intent": lambda store: store.close_intent(
        store.snapshot().open_intents[0], IntentStatus.DONE, "how", records=[RECORD]
    ),
    "resolve": lambda store: store.resolve(NUMBER, "desk", owned=True, evidence="e", who="w"),
    "move": lambda store: store.move(NUMBER, NUMBER),
    "heartbeat": Store.heartbeat,
}


def _everything(store: Store) -> object:
    return (
        store.snapshot(),
        store.ledger(),
        store.history(NUMBER),
        store.plan_status("plan-1"),
        store.plan_outcomes("plan-1"),
        store.resolutions(NUMBER),
        store.holder(),
    )


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("loss", ["stolen", "broken", "expired", "never held"])
def test_without_the_lock_no_write_leaves_a_trace(open_store: OpenStore, later: Later, write: str, loss: str) -> None:
    store, other = open_store(), open_store()
    lock = store.acquire(process=process(1))
    store.start_plan("plan-1", "sha256:00")
    begin_purchase(store)
    if loss == "stolen":
        other.acquire(process=process(2, alive=False))
    elif loss == "broken":
        other.unlock(lock.id)
    elif loss == "expired":
        later(LEASE)
    else:
        store.release()
    before = _everything(other)
    with pytest.raises(LockLostError):
        WRITES[write](store)
    assert _everything(other) == before


def test_giving_back_a_stolen_lock_leaves_it_with_the_thief(open_store: OpenStore) -> None:
    first, thief = open_store(), open_store()
    first.acquire(process=process(1))
    thief.acquire(process=process(2, alive=False))
    first.release()
    thief.put([RECORD])
    assert NUMBER in thief.snapshot().records


def test_a_listener_that_raises_leaves_the_lock_as_a_crash_does(open_store: OpenStore) -> None:
    class CrashError(Exception):
        pass

    def crash(label: str) -> None:
        if label == "intent":
            raise CrashError

    store = open_store(on_commit=crash)
    with pytest.raises(CrashError), store.locked(process=process(1)):
        begin_purchase(store)
    assert len(store.snapshot().open_intents) == 1
    with pytest.raises(LockedError):
        open_store().acquire(process=process(2))


def test_a_failed_write_leaves_nothing_of_its_transaction(store: Store) -> None:
    intent = begin_purchase(store)
    store.close_intent(intent, IntentStatus.FAILED, "refused")
    with pytest.raises(StateError):
        store.close_intent(intent, IntentStatus.DONE, "again", records=[RECORD], drop=[NUMBER])
    assert store.snapshot().records == {}
    store.put([RECORD])


def test_a_full_disk_refuses_the_record(tmp_path: Path, clock: VirtualClock) -> None:
    with Store.open(f"sqlite:///{tmp_path}/state.db", clock, create=True) as store, store.locked():
        with store._database.reading() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 1")
        many = [Record(Address(Kind.BRAND, f"b{n}"), "x" * 500, Origin.MADE) for n in range(500)]
        with pytest.raises(StateError, match="disk is full") as refused:
            store.put(many)
        assert "make room" in refused.value.hint
        assert store.snapshot().records == {}


def test_of_four_processes_one_holds_the_lock(url: str, open_store: OpenStore) -> None:
    assert together(race_for_lock, url) == ["held", "locked", "locked", "locked"]
    assert len(open_store().snapshot().open_intents) == 1


def test_a_killed_run_leaves_its_intent_and_a_lock_that_is_free(url: str, clock: VirtualClock) -> None:
    child = context().Process(target=take_lock_and_die, args=(url,))
    child.start()
    child.join(30)
    assert child.exitcode == -9
    with Store.open(url, clock, create=False) as store, store.locked() as lock:
        assert lock.fences == {"*": 2}
        assert [intent.address for intent in store.snapshot().open_intents] == [NUMBER]


def test_a_process_knows_itself_alive_and_a_reused_pid_dead() -> None:
    me = Process.current()
    assert is_alive(me.pid, me.start)
    assert is_alive(me.pid, None)
    if me.start is not None:
        namespace, _, ticks = me.start.partition(":")
        assert not is_alive(me.pid, f"{namespace}:{int(ticks) - 1}")


@pytest.mark.skipif(start_of(os.getpid()) is None, reason="the system has no /proc")
def test_a_process_of_another_pid_namespace_counts_as_alive() -> None:
    assert is_alive(2**22 + 1, "1:12345")


@pytest.mark.skipif(start_of(os.getpid()) is None, reason="the system has no /proc")
def test_a_zombie_is_dead() -> None:
    waits, ends = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ends)
        os.read(waits, 1)
        os._exit(0)
    start = start_of(child)
    assert is_alive(child, start)
    os.close(ends)
    os.close(waits)
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    assert not is_alive(child, start)
    os.waitpid(child, 0)
    assert not is_alive(child, start)
    assert not is_alive(child, None)


def test_readers_are_not_held_up_by_a_writer(open_store: OpenStore) -> None:
    writer, reader = open_store(), open_store()
    with writer.locked(process=process()), writer._database.writing():
        assert reader.snapshot().records == {}


def test_commits_survive_in_a_copy_of_file_and_log(tmp_path: Path, clock: VirtualClock) -> None:
    with Store.open(f"sqlite:///{tmp_path}/state.db", clock, create=True) as store, store.locked():
        store.put([RECORD])
        copy = tmp_path / "copy"
        copy.mkdir()
        for name in ("state.db", "state.db-wal"):
            (copy / name).write_bytes((tmp_path / name).read_bytes())
    with Store.open(f"sqlite:///{copy}/state.db", clock, create=False) as restored:
        assert NUMBER in restored.snapshot().records
        assert restored.lineage == store.lineage


def test_the_file_logs_ahead_and_every_commit_is_synced(tmp_path: Path, clock: VirtualClock) -> None:
    names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    store = Store.open(f"sqlite:///{tmp_path}/state.db", clock, create=True)
    with store, store._database.reading() as connection:
        pragmas = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names}
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000}
