"""The gate before the first byte of a write: it leaves only once the record of its attempt stands.

A worker that has its turn and a connection waits here while the loop's thread runs the task's ``permit`` (the record of
the attempt, under the fence of the lock).

::

    worker: ...turn, connection -- leave() --> loop: permit() --> worker: first byte, at once
                                                  |raises            |older than OLDEST_PERMIT
                                                  v                  v
                                            the run ends        HeldBackError: not sent
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field

from reconciler.clock import Clock, Stopwatch
from reconciler.errors import HeldBackError
from reconciler.providers.base import Leave

OLDEST_PERMIT = 10.0
"""Seconds, sleep of the machine included, after which a permit is worth nothing: the lock may be another's by then."""


@dataclass(eq=False, slots=True)
class Asking:
    """A worker that waits for leave; ``granted`` gets the stopwatch that was started before ``permit`` ran."""

    permit: Callable[[], None]
    granted: Future[Stopwatch] = field(default_factory=Future)


class Gate:
    """Where each write stops before its first byte, until the loop's thread has run its permit.

    ``ring`` puts who asks where the loop looks; ``stopping`` tells whether it was told to stop.
    """

    def __init__(self, clock: Clock, stopping: Callable[[], bool], ring: Callable[[Asking], None]) -> None:
        self.thread = 0
        """The loop's; what asks in it, as an inline executor's calls do, is answered on the spot."""
        self._clock = clock
        self._stopping = stopping
        self._ring = ring
        self._asking: set[Asking] = set()
        self._closed = False
        self._lock = threading.Lock()

    def leave(self, permit: Callable[[], None]) -> Leave:
        """What the worker of one write calls before its first byte."""

        def leave() -> None:
            inline = threading.get_ident() == self.thread
            watch = self._granted(permit) if inline else self._asked(permit)
            if watch.seconds() > OLDEST_PERMIT:
                raise HeldBackError(f"held back: more than {OLDEST_PERMIT:g} s passed after its record was made")

        return leave

    def answer(self, asking: Asking) -> None:
        """Run the permit of a worker that asks. What it raises is raised here too, and refuses the worker."""
        with self._lock:
            self._asking.discard(asking)
        try:
            watch = self._granted(asking.permit)
        except HeldBackError as refused:
            asking.granted.set_exception(refused)
        except BaseException:
            asking.granted.set_exception(HeldBackError("its record could not be made"))
            raise
        else:
            asking.granted.set_result(watch)

    def close(self) -> None:
        """Refuse all who ask, now and later."""
        with self._lock:
            self._closed = True
            asking, self._asking = self._asking, set()
        for one in asking:
            one.granted.set_exception(HeldBackError("the run has ended"))

    def _asked(self, permit: Callable[[], None]) -> Stopwatch:
        """In a worker: wait for the loop's thread to run ``permit``."""
        asking = Asking(permit)
        with self._lock:
            if self._closed:
                raise HeldBackError("the run has ended")
            self._asking.add(asking)
        self._ring(asking)
        return asking.granted.result()

    def _granted(self, permit: Callable[[], None]) -> Stopwatch:
        """In the loop's thread: run ``permit``. Once that fails, the lock or the records are lost: no other is run."""
        if self._stopping():
            raise HeldBackError("interrupted before it was sent")
        if self._closed:
            raise HeldBackError("the run has ended")
        watch = Stopwatch(self._clock)
        try:
            permit()
        except HeldBackError:  # this very write is refused; the others are asked for themselves
            raise
        except BaseException:
            self.close()
            raise
        return watch
