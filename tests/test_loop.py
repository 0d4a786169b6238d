"""The loop: a write leaves with a permit that was made just before, in the loop's own thread, or not at all."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from concurrent.futures import Executor
from contextlib import suppress
from typing import Any

import pytest

from reconciler.errors import HeldBackError, LockLostError
from reconciler.executor.scheduler import (
    OLDEST_PERMIT,
    InlineExecutor,
    Leave,
    Loop,
    Request,
    Stopped,
    Workers,
    Write,
    threads,
)
from reconciler.sandbox import VirtualClock

Permit = Callable[[], None]


class Wire:
    """Where the bytes of several writes would leave. ``reached`` lets a test wait until a worker is about to ask."""

    def __init__(self) -> None:
        self.left: list[str] = []
        self.held: list[str] = []

    def write(self, name: str, permit: Permit) -> Generator[Request, Any, None]:
        """A task that writes once."""

        def send(leave: Leave) -> None:
            try:
                leave()
            except HeldBackError as why:
                self.held.append(f"{name}: {why}")
            else:
                self.left.append(name)

        with suppress(Stopped):
            yield Write("ib", send, permit)


def inline(_size: int) -> Executor:
    return InlineExecutor()


def loop(workers: Workers, size: int = 1, clock: VirtualClock | None = None) -> Loop:
    return Loop(clock or VirtualClock(), workers, {"ib": size})


@pytest.mark.parametrize("workers", [inline, threads])
def test_a_permit_is_made_in_the_thread_of_the_loop(workers: Workers) -> None:
    wire, made_in = Wire(), list[int]()
    running = loop(workers)
    running.spawn(wire.write("order", lambda: made_in.append(threading.get_ident())))
    running.run()
    running.close()
    assert wire.left == ["order"]
    assert made_in == [threading.get_ident()]


@pytest.mark.parametrize("workers", [inline, threads])
def test_what_waits_for_a_worker_has_no_permit(workers: Workers) -> None:
    """Ten writes over two workers: never more permits than what was given back and two."""
    wire, permits = Wire(), list[int]()
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
    wire, asked = Wire(), list[str]()
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
    wire, clock = Wire(), VirtualClock()
    running = loop(inline, clock=clock)
    running.spawn(wire.write("slow", lambda: clock.sleep(OLDEST_PERMIT + 1)))
    running.spawn(wire.write("asleep", lambda: clock.suspend(OLDEST_PERMIT + 1)))
    running.spawn(wire.write("prompt", lambda: clock.sleep(OLDEST_PERMIT - 1)))
    running.run()
    assert wire.left == ["prompt"]
    assert len(wire.held) == 2


@pytest.mark.parametrize("workers", [inline, threads])
def test_no_write_leaves_after_a_signal(workers: Workers) -> None:
    wire = Wire()
    running = loop(workers)
    running.spawn(wire.write("first", running.stop))
    running.spawn(wire.write("second", lambda: pytest.fail("asked")))
    running.run()
    running.close()
    assert wire.left == ["first"]
