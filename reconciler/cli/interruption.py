"""SIGINT and SIGTERM during an apply: what is under way may end, nothing new begins, the report is still shown.

=====================  =======================================================================================
the signal comes       then
=====================  =======================================================================================
before the lock        the process says so and ends at once: nothing is under way
while it plans         after 5 s the reads in flight are cut; nothing is shown, asked or sent
while it works         no write begins; after 5 s the calls in flight are cut, and an unanswered write is a *maybe*
at the prompt          the answer is no
a second time          the process ends at once: intents are durable, and a dead run's lock is taken over
=====================  =======================================================================================

Either way the exit code is 128 and the signal's number, and worker threads do not keep the process alive.
"""

from __future__ import annotations

import os
import queue
import select
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TextIO

from reconciler.cli import failures
from reconciler.cli.output import cry, say
from reconciler.clock import SystemClock
from reconciler.errors import InterruptedRunError, TnctlError
from reconciler.executor.scheduler import PATIENCE_ON_STOP, Loop

SIGNALS = (signal.SIGINT, signal.SIGTERM)

LOOK_AGAIN = 0.2
"""Seconds after which the prompt looks whether there was a signal."""

Exit = Callable[[int], object]
"""Ends the process with that exit code, whatever its threads do."""


class WakeableClock(SystemClock):
    """The machine's clock. A signal wakes who sleeps in the main thread: Python's own sleep would go on after it."""

    def __init__(self) -> None:
        # The one queue that a signal handler may put into while it interrupts a get of the same thread.
        self._bell: queue.SimpleQueue[None] = queue.SimpleQueue()

    def sleep(self, seconds: float) -> None:
        """Wait that many seconds, in the main thread until :meth:`wake` at the longest."""
        if threading.current_thread() is not threading.main_thread():
            super().sleep(seconds)
            return
        with suppress(queue.Empty):
            self._bell.get(timeout=max(0.0, seconds))

    def wake(self) -> None:
        """End the present sleep of the main thread, or its next one."""
        self._bell.put(None)


class Interruption:
    """The signals of one apply; ``code`` is the exit code once there was one. ``cut`` ends the calls in flight."""

    def __init__(self, clock: WakeableClock, cut: Callable[[], None], leave: Exit = os._exit) -> None:
        self.code: int | None = None
        self._clock = clock
        self._cut = cut
        self._leave = leave
        self._loop: Loop | None = None
        self._asking = False

    def watch(self, loop: Loop) -> None:
        """From now on the run holds the lock, and ``loop`` is what a signal must stop."""
        self._loop = loop

    def handle(self, number: int, _frame: FrameType | None) -> None:
        """What a signal does."""
        if self.code is None and self._loop is None:
            cry("interrupted before it had its lock; nothing was sent")
        if self.code is not None or self._loop is None:
            self._leave(128 + number)
            return
        self.code = 128 + number
        if self._asking:
            raise _NoAnswerError
        self._loop.stop()
        self._clock.wake()
        # The loop cuts the calls of its own tasks; this also ends the reads of a plan that is being made.
        timer = threading.Timer(PATIENCE_ON_STOP, self._cut)
        timer.daemon = True
        timer.start()

    def ask(self, question: str) -> bool:
        """Whether the person at the terminal answers ``yes``, in full; a signal is a no."""
        try:
            self._asking = True
            say(question)
            # A signal that comes just before a blocking read would wait for the person; between two looks it cannot.
            while not _answered(sys.stdin):
                pass
            answer = sys.stdin.readline()
            self._asking = False
        except _NoAnswerError:
            self._asking = False
            return False
        return answer.strip() == "yes"


def _answered(stream: TextIO) -> bool:
    """Whether there is something to read now, or soon; a stream that cannot be watched is read at once."""
    try:
        return bool(select.select([stream], [], [], LOOK_AGAIN)[0])
    except (OSError, ValueError):
        return True


class _NoAnswerError(Exception):
    """Raised by the signal's handler where the main thread waits for a person."""


@contextmanager
def interruptible(clock: WakeableClock, cut: Callable[[], None], leave: Exit = os._exit) -> Iterator[Interruption]:
    """Handle signals while the block runs. After one, the process ends with its code when the block is done."""
    stop = Interruption(clock, cut, leave)
    before = {number: signal.signal(number, stop.handle) for number in SIGNALS}
    try:
        yield stop
    except InterruptedRunError as error:
        say(error.message)
    except TnctlError as error:
        if stop.code is None:
            raise
        failures.expected(error)
    finally:
        if stop.code is None:
            for number, handler in before.items():
                signal.signal(number, handler)
    if stop.code is not None:
        leave(stop.code)
