"""Locks are by account: runs over other accounts go on side by side, and none writes of what it has not locked."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta

import pytest
from state_doubles import START, VirtualClock, process

from reconciler.errors import LockedError, LockLostError, RecordsGoneError
from reconciler.model import Address, Kind, Origin, Record
from reconciler.state.lock import ALL, LEASE
from reconciler.state.process import Process
from reconciler.state.store import Store

OpenStore = Callable[..., Store]
Later = Callable[[timedelta], None]


def number(account: str, n: int = 1) -> Record:
    return Record(Address(Kind.NUMBER, f"+1201555010{n}"), account, Origin.BOUGHT)


def held(open_store: OpenStore, pid: int, *accounts: str) -> Store:
    store = open_store()
    store.acquire(process=process(pid), accounts=accounts)
    return store


def test_three_runs_over_other_accounts_are_side_by_side(open_store: OpenStore) -> None:
    runs = {account: held(open_store, pid, account) for pid, account in enumerate(("ib", "vt", "ip"), start=1)}
    for n, (account, store) in enumerate(runs.items()):
        store.put([number(account, n)])
    assert len(open_store().snapshot().records) == 3
    assert len({lock.id for lock in open_store().holders()}) == 3


def test_a_run_over_no_account_holds_a_lock_too_and_is_kept_out_by_one_over_everything(open_store: OpenStore) -> None:
    store = held(open_store, 1)
    store.start_plan("empty", "digest")
    with pytest.raises(LockedError, match="over no account"):
        held(open_store, 2)
    with pytest.raises(LockedError, match="over no account"):
        held(open_store, 2, "*")
    held(open_store, 3, "ib").put([number("ib")])
    store.release()
    with pytest.raises(LockLostError):
        store.end_plan("empty", "finished")


@pytest.mark.parametrize(("mine", "theirs"), [("ib vt", "vt"), ("*", "ib"), ("ib", "*"), ("a b c", "c d")])
def test_one_account_in_common_is_enough_to_be_kept_out(open_store: OpenStore, mine: str, theirs: str) -> None:
    held(open_store, 1, *theirs.split())
    with pytest.raises(LockedError, match="pid 1 has held lock"):
        held(open_store, 2, *mine.split())
    if "*" not in (mine, theirs):
        held(open_store, 3, "another")


def test_a_run_that_is_kept_out_of_one_account_holds_none(open_store: OpenStore) -> None:
    held(open_store, 1, "vt")
    with pytest.raises(LockedError):
        held(open_store, 2, "ib", "vt")
    held(open_store, 3, "ib")


def test_a_run_writes_no_record_of_an_account_that_it_has_not_locked(open_store: OpenStore) -> None:
    store = held(open_store, 1, "ib")
    with pytest.raises(LockLostError, match="does not hold the lock of vt"):
        store.put([number("ib", 1), number("vt", 2)])
    assert not store.snapshot().records


def test_one_id_breaks_the_locks_of_all_its_accounts(open_store: OpenStore) -> None:
    store = held(open_store, 1, "ib", "vt")
    lock = open_store().holder()
    assert lock is not None
    assert open_store().unlock(lock.id)
    assert open_store().holders() == []
    with pytest.raises(LockLostError):
        store.put([number("ib")])


def test_a_run_that_lost_one_of_its_accounts_has_lost_all(open_store: OpenStore, later: Later) -> None:
    store = held(open_store, 1, "ib", "vt")
    later(LEASE)
    held(open_store, 2, "vt")
    with pytest.raises(LockLostError):
        store.put([number("ib")])
    held(open_store, 3, "ib")


def test_a_clone_with_the_same_host_name_is_not_judged_from_here(open_store: OpenStore) -> None:
    """A live lock was stolen at once when the other machine had the same name."""
    there = Process("alice", "runner", 7, "start of 7", machine="m1", boot="b1")
    clone = Process("alice", "runner", 7, "start of 7", alive=lambda _pid, _start: False, machine="m1", boot="b2")
    open_store().acquire(process=there)
    with pytest.raises(LockedError):
        open_store().acquire(process=clone)


def test_where_no_boot_is_told_nobody_is_judged_dead(open_store: OpenStore) -> None:
    there = Process("alice", "mac", 7, "start of 7", machine="m", boot=None)
    beside = Process("alice", "mac", 8, "start of 8", alive=lambda _pid, _start: False, machine="m", boot=None)
    open_store().acquire(process=there)
    with pytest.raises(LockedError):
        open_store().acquire(process=beside)


def test_a_clock_that_jumps_ends_no_lease_on_the_machine_of_its_holder(url: str) -> None:
    """A taker whose wall clock is 16 minutes fast took a live lock."""
    if not url.startswith("sqlite"):
        pytest.skip("there the server's clock tells")
    right, fast = VirtualClock(), VirtualClock()
    fast.jump(timedelta(minutes=16))
    with Store.open(url, right, create=True) as holder, Store.open(url, fast, create=False) as taker:
        holder.acquire(process=process(1))
        with pytest.raises(LockedError):
            taker.acquire(process=process(2))
        holder.put([number("ib")])
        right.jump(timedelta(hours=1))
        holder.put([number("ib", 2)])


def test_the_clock_of_the_server_ends_a_lease_and_no_other(url: str) -> None:
    if url.startswith("sqlite"):
        pytest.skip("a file has no clock")
    right, fast = VirtualClock(), VirtualClock(START + timedelta(minutes=16))
    with Store.open(url, right, create=True) as holder, Store.open(url, fast, create=False) as taker:
        holder.acquire(process=process(1))
        with pytest.raises(LockedError):
            taker.acquire(process=process(2))
        right.jump(timedelta(hours=1))
        holder.put([number("ib")])


def test_records_that_are_deleted_during_a_run_end_it(url: str, clock: VirtualClock) -> None:
    """The state directory was deleted in mid-apply, and the run ended with 0."""
    if not url.startswith("sqlite"):
        pytest.skip("a server's tables have no name that could be taken away under it")
    folder = os.path.dirname(url.removeprefix("sqlite:///"))
    store = Store.open(url, clock, create=True)
    store.acquire(process=process(1))
    store.put([number("ib")])
    os.rename(folder, f"{folder}.away")
    with pytest.raises(RecordsGoneError):
        store.put([number("ib", 2)])
    Store.open(url, clock, create=True).close()
    with pytest.raises(RecordsGoneError, match="deleted or replaced"):
        store.put([number("ib", 2)])
    with pytest.raises(RecordsGoneError):
        store.release()
    store.close()


def test_who_waits_is_told_every_account_that_the_lock_is_over(open_store: OpenStore) -> None:
    with open_store().locked(process=process(1), accounts=["ib", "in"]):
        for wanted in (["ib"], ["in", "other"], ["ib", "in"], ALL):
            with pytest.raises(LockedError, match=r"over ib, in\)"):
                open_store().acquire(process=process(2), accounts=wanted)
