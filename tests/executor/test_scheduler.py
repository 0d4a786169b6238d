"""The loop: a write leaves with a permit that was made just before, in the loop's own thread, or not at all.

Tasks run in the order in which they came and came back, and none outlives the loop.
"""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable, Generator, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager, suppress
from inspect import CORO_CLOSED, getcoroutinestate

import pytest

from reconciler.errors import HeldBackError, LockLostError
from reconciler.executor.gate import OLDEST_PERMIT
from reconciler.executor.scheduler import (
    Call,
    InlineExecutor,
    Loop,
    Sleep,
    Stopped,
    Task,
    Workers,
    Write,
    threads,
)
from reconciler.providers.base import Leave, freely
from reconciler.sandbox import VirtualClock

Permit = Callable[[], None]


class CarrierConnection:
    """Where the bytes of several writes would leave. ``reached`` lets a test wait until a worker is about to ask."""

    def __init__(self) -> None:
        self.left: list[str] = []
        self.held: list[str] = []

    async def write(self, name: str, permit: Permit) -> None:
        """A task that writes once."""

        def send(leave: Leave) -> None:
            try:
                leave()
            except HeldBackError as why:
                self.held.append(f"{name}: {why}")
            else:
                self.left.append(name)

        with suppress(Stopped):
            await Write("ib", send, permit)


def inline(_size: int) -> Executor:
    return InlineExecutor()


def loop(workers: Workers, size: int = 1, clock: VirtualClock | None = None) -> Loop:
    return Loop(clock or VirtualClock(), workers, {"ib": size})


@pytest.mark.parametrize("workers", [inline, threads])
def test_a_permit_is_made_in_the_thread_of_the_loop(workers: Workers) -> None:
    wire, made_in = CarrierConnection(), list[int]()
    running = loop(workers)
    running.spawn(wire.write("order", lambda: made_in.append(threading.get_ident())))
    running.run()
    running.close()
    assert wire.left == ["order"]
    assert made_in == [threading.get_ident()]


@pytest.mark.parametrize("workers", [inline, threads])
def test_what_waits_for_a_worker_has_no_permit(workers: Workers) -> None:
    """Ten writes over two workers: never more permits than what was given back and two."""
    wire, permits = CarrierConnection(), list[int]()
    running = loop(workers, size=2)

    def permit() -> None:
        permits.append(len(permits) - len(wire.left))

    for n in range(10):
        running.spawn(wire.write(str(n), permit))
    running.run()
    running.close()
    assert len(wire.left) == 10
    assert max(permits) <= 2


@pytest.mark.parametrize("workers", [inline, threads])
def test_nothing_leaves_after_a_permit_has_failed(workers: Workers) -> None:
    wire, asked = CarrierConnection(), list[str]()
    running = loop(workers, size=4)

    def lost() -> None:
        asked.append("asked")
        raise LockLostError("the lock was broken")

    for n in range(10):
        running.spawn(wire.write(str(n), lost))
    with pytest.raises(LockLostError):
        running.run()
    running.close()
    assert wire.left == []
    assert asked == ["asked"]


def test_a_permit_that_is_too_old_is_worth_nothing() -> None:
    wire, clock = CarrierConnection(), VirtualClock()
    running = loop(inline, clock=clock)
    running.spawn(wire.write("slow", lambda: clock.sleep(OLDEST_PERMIT + 1)))
    running.spawn(wire.write("asleep", lambda: clock.suspend(OLDEST_PERMIT + 1)))
    running.spawn(wire.write("prompt", lambda: clock.sleep(OLDEST_PERMIT - 1)))
    running.run()
    assert wire.left == ["prompt"]
    assert len(wire.held) == 2


@pytest.mark.parametrize("workers", [inline, threads])
def test_no_write_leaves_after_a_signal(workers: Workers) -> None:
    wire = CarrierConnection()
    running = loop(workers)
    running.spawn(wire.write("first", running.stop))
    running.spawn(wire.write("second", lambda: pytest.fail("asked")))
    running.run()
    running.close()
    assert wire.left == ["first"]


@pytest.mark.parametrize("workers", [inline, threads])
def test_a_task_gets_what_its_call_returned_or_raised(workers: Workers) -> None:
    got = list[object]()

    async def task() -> None:
        got.append(await Call("ib", lambda: 7))
        got.append(await Write("ib", lambda _leave: "sent", freely))
        await Sleep(1)
        with pytest.raises(ZeroDivisionError):
            await Call("ib", lambda: 1 // 0)

    running = loop(workers)
    running.spawn(task())
    running.run()
    running.close()
    assert got == [7, "sent"]


def test_tasks_go_on_in_the_order_in_which_their_time_comes_and_of_equals_in_which_they_came() -> None:
    story = list[str]()

    async def task(name: str, seconds: float) -> None:
        story.append(f"{name} begins")
        await Call("ib", lambda: story.append(f"{name} calls"))
        await Sleep(seconds)
        story.append(f"{name} ends")

    running = loop(inline)
    for name, seconds in (("a", 2), ("b", 1), ("c", 1)):
        running.spawn(task(name, seconds))
    running.run()
    assert story == [
        *("a begins", "a calls", "b begins", "b calls", "c begins", "c calls"),
        *("b ends", "c ends", "a ends"),
    ]


def test_a_task_may_not_await_what_the_loop_does_not_know() -> None:
    class Foreign:
        def __await__(self) -> Generator[str, None, None]:
            yield "a future of another loop"

    async def task(what: Awaitable[object]) -> None:
        await what

    running = loop(inline)
    running.spawn(task(Foreign()))
    with pytest.raises(TypeError, match="may not await"):
        running.run()


class Unfinished:
    """Tasks that the error of one leaves where they stand: asleep, in a call, in a write, and about to go on."""

    def __init__(self, workers: Workers) -> None:
        self.written = list[str]()
        self.commits = 0
        self.go_on = threading.Event()
        self.loop = loop(workers, size=4)
        self.loop.together = self.together
        self.tasks: list[Task] = [
            self.then_write(Sleep(60)),
            self.then_write(Call("ib", lambda: self.go_on.wait(10))),
            self.then_write(Write("ib", lambda _leave: self.go_on.wait(10), freely)),
            self.breaks(),
            self.then_write(Sleep(0)),
        ]

    @contextmanager
    def together(self) -> Iterator[None]:
        try:
            yield
        finally:
            self.commits += 1

    async def then_write(self, what: Awaitable[object]) -> None:
        try:
            await what
        except Stopped:
            self.written.append("interrupted")
        self.written.append("went on")

    async def breaks(self) -> None:
        await Sleep(0)
        raise LockLostError("the lock was broken")

    def are_closed(self) -> bool:
        return {getcoroutinestate(task) for task in self.tasks} == {CORO_CLOSED}


def test_what_an_error_leaves_unfinished_is_closed_and_writes_nothing() -> None:
    left = Unfinished(threads)
    for task in left.tasks:
        left.loop.spawn(task)
    with pytest.raises(LockLostError):
        left.loop.run()
    commits = left.commits
    assert left.are_closed()
    left.go_on.set()
    left.loop.close()
    assert left.written == []
    assert left.commits == commits == len(left.tasks) + 1  # each began, and one went on


def test_what_never_ran_is_closed_with_the_loop() -> None:
    left = Unfinished(inline)
    for task in left.tasks:
        left.loop.spawn(task)
    left.loop.close()
    assert left.are_closed()
    assert (left.written, left.commits) == ([], 0)


def test_a_task_whose_commit_fails_is_closed() -> None:
    left = Unfinished(inline)

    @contextmanager
    def fails() -> Iterator[None]:
        yield
        raise LockLostError("the lock was broken")

    left.loop.together = fails
    for task in left.tasks:
        left.loop.spawn(task)
    with pytest.raises(LockLostError):
        left.loop.run()
    assert left.are_closed()
    assert left.written == []
