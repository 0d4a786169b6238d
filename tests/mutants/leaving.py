"""Bugs in the right to act: who may send, until when, and whether that is looked at where the byte leaves."""

from __future__ import annotations

import gzip
import shutil
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

from reconciler.clock import Stopwatch, SystemClock
from reconciler.errors import HeldBackError, LockedError, LockLostError, RecordsGoneError
from reconciler.executor import gate, scheduler
from reconciler.executor.scheduler import threads
from reconciler.model import Address, Kind, Origin, Record, Step, Verdict
from reconciler.providers.base import Leave, freely
from reconciler.providers.http.exchange import CarrierConnection
from reconciler.providers.http.messages import Answer, ApiCall, Auth, NetworkFault
from reconciler.sandbox import VirtualClock
from reconciler.state import database
from reconciler.state.lock import LEASE, Lock, Now
from reconciler.state.process import Process
from reconciler.state.store import Store
from tests.executor import test_scheduler
from tests.mutants.checking import check, reused
from tests.mutants.planting import planted, swapped
from tests.rig import Rig

NUMBER = Record(Address(Kind.NUMBER, "+12015550123"), "vt", Origin.BOUGHT)


def _process(pid: int, host: str = "runner", boot: str = "b1", *, alive: bool = True) -> Process:
    return Process("ann", host, pid, f"start of {pid}", lambda _pid, _start: alive, machine="m1", boot=boot)


def _records(rig: Rig, clock: VirtualClock | None = None) -> Store:
    return Store.open(f"sqlite:///{rig.folder / 'kept' / 'state.db'}", clock or rig.clock, create=True)


def _refuses(error: type[Exception], action: Callable[[], object]) -> bool:
    try:
        action()
    except error:
        return True
    return False


@check
def a_clone_of_the_same_name_is_not_judged_from_here(rig: Rig) -> None:
    with _records(rig) as holder, _records(rig) as taker:
        holder.acquire(process=_process(1))
        clone = _process(2, boot="b2", alive=False)
        assert _refuses(LockedError, lambda: taker.acquire(process=clone)), "a live lock was stolen by a clone"


@check
def a_wall_clock_that_is_fast_ends_no_lease(rig: Rig) -> None:
    fast = rig.clock.twin()
    fast.jump(960)
    with _records(rig) as holder, _records(rig, fast) as taker:
        holder.acquire(process=_process(1))
        assert _refuses(LockedError, lambda: taker.acquire(process=_process(2))), "a live lock was stolen"


@check
def a_run_writes_of_no_account_that_it_has_not_locked(rig: Rig) -> None:
    with _records(rig) as store:
        store.acquire(process=_process(1), accounts=["ib"])
        assert _refuses(LockLostError, lambda: store.put([NUMBER])), "a record was written under another account's lock"


@check
def a_run_over_everything_is_alone(rig: Rig) -> None:
    with _records(rig) as one, _records(rig) as every:
        one.acquire(process=_process(1), accounts=["ib"])
        assert _refuses(LockedError, lambda: every.acquire(process=_process(2))), "two runs have one account"


@check
def a_run_whose_lease_is_over_writes_nothing(rig: Rig) -> None:
    with _records(rig) as store:
        store.acquire(process=_process(1))
        rig.clock.pass_by(LEASE.total_seconds() + 1)
        assert _refuses(LockLostError, lambda: store.put([NUMBER])), "a run went on after its lease"


@check
def records_that_are_gone_are_not_written(rig: Rig) -> None:
    with _records(rig) as store:
        store.acquire(process=_process(1))
        shutil.move(rig.folder / "kept", rig.folder / "away")
        assert _refuses(RecordsGoneError, lambda: store.put([NUMBER])), "a record was written to a file that is gone"


@planted(reused(test_scheduler.test_what_waits_for_a_worker_has_no_permit, workers=threads))
def attempt_recorded_in_the_queue() -> AbstractContextManager[None]:
    """A call is put on record when it is queued: a crash leaves attempts that never left."""

    def at_once(gate: Any, permit: Callable[[], None]) -> Leave:
        gate._granted(permit)
        return freely

    return swapped((gate.Gate, "leave", at_once))


@planted(reused(test_scheduler.test_a_permit_that_is_too_old_is_worth_nothing))
def permit_that_never_ages() -> AbstractContextManager[None]:
    """A call leaves with a record of any age: after a pause the lock may be another's."""
    return swapped((gate, "OLDEST_PERMIT", 1e9))


@planted(reused(test_scheduler.test_a_permit_that_is_too_old_is_worth_nothing))
def sleep_of_the_machine_not_counted() -> AbstractContextManager[None]:
    """The age of a permit stands still while the machine sleeps."""
    return swapped((Stopwatch, "seconds", lambda watch: watch._clock.monotonic() - watch._monotonic))


@planted(reused(test_scheduler.test_nothing_leaves_after_a_permit_has_failed, workers=threads))
def queue_that_outlives_the_lock() -> AbstractContextManager[None]:
    """A record that cannot be made holds back its own call, and not those behind it."""

    def answer(gate: Any, asking: Any) -> None:
        watch = Stopwatch(gate._clock)
        try:
            asking.permit()
        except LockLostError:
            asking.granted.set_exception(HeldBackError("its record could not be made"))
        else:
            asking.granted.set_result(watch)

    return swapped((gate.Gate, "answer", answer))


@planted(reused(test_scheduler.test_no_write_leaves_after_a_signal, workers=threads))
def signal_that_the_queue_does_not_hear() -> AbstractContextManager[None]:
    """A write that has its worker is sent although the run was told to stop."""

    def begin(own: Any, clock: Any, _stopping: Any, ring: Any, _begin: Any = gate.Gate.__init__) -> None:
        _begin(own, clock, lambda: False, ring)

    def advance(own: Any, task: Any, value: Any) -> None:
        stopping, own.stopping = own.stopping, False
        advance_as_it_is(own, task, value)
        own.stopping = own.stopping or stopping

    advance_as_it_is = scheduler.Loop._advance
    return swapped((gate.Gate, "__init__", begin), (scheduler.Loop, "_advance", advance))


@planted(a_clone_of_the_same_name_is_not_judged_from_here)
def machines_told_apart_by_name() -> AbstractContextManager[None]:
    """A process that is not alive here is taken for dead, on whichever machine of that name it runs."""
    return swapped((Process, "runs_beside", lambda _process, _machine, _boot: True))


@planted(a_wall_clock_that_is_fast_ends_no_lease)
def lease_ended_by_the_takers_clock() -> AbstractContextManager[None]:
    """Whether a lease is over is told by the wall clock of who wants the lock."""
    return swapped((Lock, "is_over", lambda lock, _boot, now: now.wall >= lock.expires_at))


@planted(a_run_writes_of_no_account_that_it_has_not_locked)
def one_lock_for_every_record() -> AbstractContextManager[None]:
    """A run that holds the lock of one account writes the records of all."""
    return swapped((Lock, "covers", lambda _lock, _account: True))


@planted(a_run_over_everything_is_alone)
def everything_locked_beside_something() -> AbstractContextManager[None]:
    """A run over all accounts does not look at the locks of single ones."""
    from reconciler.state import lock

    return swapped((lock, "held", lambda _connection: []))


@planted(a_run_whose_lease_is_over_writes_nothing)
def lease_not_looked_at_by_its_holder() -> AbstractContextManager[None]:
    """A run that was paused for longer than its lease goes on as if nothing had been."""

    def never(_lock: Lock, _boot: str | None, _now: Now) -> bool:
        return False

    return swapped((Lock, "is_over", never))


@planted(start=4)
def lease_renewed_after_a_pause() -> AbstractContextManager[None]:
    """A run that was stopped past its lease renews it and sends what it had queued."""
    return swapped((Lock, "is_over", lambda lock, boot, _now: boot != lock.boot))


@planted(records_that_are_gone_are_not_written)
def deleted_records_written_on() -> AbstractContextManager[None]:
    """A run goes on writing to a file whose name was deleted, and ends with 0."""
    return swapped((database, "_is_there", lambda _path, _opened: True))


@check
def a_write_that_was_held_back_is_no_maybe(rig: Rig) -> None:
    def refuse() -> None:
        raise HeldBackError("the lock is lost")

    rig.write('numbers: {"+447700900123": {provider: ib}}\n')
    with rig.store() as store:
        session = rig.session(writes=True, store=store)
        change = rig.plan().changes[0]
        step = Step("buy", "ib", change.action, Kind.NUMBER, (change,), ())
        reply = session.providers["ib"].perform(step, "r" * 24, refuse)
    assert reply.verdict is Verdict.NOT_SENT, "a call that was held back counts as one that may have arrived"


@planted(a_write_that_was_held_back_is_no_maybe)
def held_back_taken_for_sent() -> AbstractContextManager[None]:
    """A call that was not let go is recorded as one that may have arrived: a person must settle it."""
    exchange = CarrierConnection.exchange

    def unsure(wire: CarrierConnection, call: Any, auth: Any, leave: Leave = freely) -> Answer:
        held: list[HeldBackError] = []

        def remember() -> None:
            try:
                leave()
            except HeldBackError as why:
                held.append(why)
                raise

        answer = exchange(wire, call, auth, remember)
        return Answer(None, message=answer.message, fault=NetworkFault.CUT) if held else answer

    return swapped((CarrierConnection, "exchange", unsure))


class _BrokenGzip(BaseHTTPRequestHandler):
    """Answers every request with a body that does not decode, and keeps the connection."""

    protocol_version = "HTTP/1.1"
    callers: ClassVar[list[object]] = []

    def do_GET(self) -> None:
        self.callers.append(self.client_address)
        body = gzip.compress(b"{}" * 100)[:20] + b"\xff" * 20
        self.send_response(200)
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Nothing."""


@check
def a_connection_over_which_an_answer_came_broken_is_not_used_again(_rig: Rig) -> None:
    _BrokenGzip.callers.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), _BrokenGzip) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        wire = CarrierConnection(f"http://127.0.0.1:{server.server_port}", SystemClock(), 20.0, None, {})
        answers = [wire.exchange(ApiCall("look", "GET", ("thing",)), Auth()) for _ in range(2)]
        wire.close()
        server.shutdown()
    assert [answer.fault for answer in answers] == [NetworkFault.CUT] * 2
    assert len(set(_BrokenGzip.callers)) == 2, (
        "the second call went over the connection that had brought a broken answer"
    )


@planted(a_connection_over_which_an_answer_came_broken_is_not_used_again)
def connection_kept_after_a_broken_answer() -> AbstractContextManager[None]:
    """A connection whose answer could not be read to its end is used for the next call."""
    return swapped((CarrierConnection, "_hang_up", lambda _connection: None))
