"""Many waits, few threads: runs coroutines that ask for carrier calls and for time.

A task is a coroutine. It awaits :class:`Call` to have a function run in its account's worker pool, :class:`Write`
for one that changes something, or :class:`Sleep` to be left alone for a while; the value of the ``await`` is what
that function has returned. Everything between two of them runs in the one thread that called :meth:`Loop.run`, so
tasks share state (and the records) without locks, and a thousand numbers that wait for a carrier occupy no worker.

::

    task --await Call--> pool of its account --result--> task --await Sleep--> timer --> task --return--> done

A write asks once more before its first byte leaves (:mod:`reconciler.executor.gate`).

There is no asyncio in it: with :class:`InlineExecutor` and a virtual clock the same code is deterministic.
"""

from __future__ import annotations

import heapq
import queue
import threading
from collections import deque
from collections.abc import Callable, Coroutine, Generator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Generic, Self, TypeVar, cast

from reconciler.clock import Clock
from reconciler.executor.gate import Asking, Gate
from reconciler.providers.base import Leave

LONGEST_NAP = 0.2
"""Seconds after which the loop looks up to see whether it was asked to stop."""

BEAT = 15.0
"""Seconds between two heartbeats, and the longest sleep."""

PATIENCE_ON_STOP = 5.0
"""Seconds that calls in flight are left after a stop before they are cut."""


T = TypeVar("T")


class TaskRequest(Generic[T]):
    """What a task may await; the loop does what it asks for, and hands back a ``T``."""

    __slots__ = ()

    def __await__(self) -> Generator[Self, object, T]:
        return cast(T, (yield self))  # the one place that takes the loop's word for what it hands back


@dataclass(frozen=True, slots=True)
class Call(TaskRequest[T]):
    """Run ``function`` in the worker pool of ``account``; the task gets its result."""

    account: str
    function: Callable[[], T]


@dataclass(frozen=True, slots=True)
class Write(TaskRequest[T]):
    """Run ``function`` in the worker pool of ``account``; its ``leave`` runs ``permit`` in the loop's thread."""

    account: str
    function: Callable[[Leave], T]
    permit: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Sleep(TaskRequest[None]):
    """Resume the task after ``seconds``."""

    seconds: float


class Stopped(BaseException):
    """Thrown into a task that asks for anything after the loop was told to stop: the request was not begun."""


Task = Coroutine[object, object, None]


class InlineExecutor(Executor):
    """Runs each call at once, in the caller's thread."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run ``fn`` now; the future is done on return."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # the future carries it, as every executor's does
            future.set_exception(error)
        return future


Workers = Callable[[int], Executor]
"""Makes a worker pool of that size."""


def threads(size: int) -> Executor:
    """A pool of ``size`` threads."""
    return ThreadPoolExecutor(size, thread_name_prefix="tnctl")


@dataclass
class Loop:
    """Drives tasks to their end. ``sizes`` is account -> how many calls may be in flight there."""

    clock: Clock
    workers: Workers
    sizes: dict[str, int]
    on_halt: Callable[[], None] = lambda: None
    """Called at once when the loop is told to stop: writes that wait for their turn must not begin."""
    on_stop: Callable[[], None] = lambda: None
    """Called once, when calls in flight must be cut."""
    heartbeat: Callable[[], None] = lambda: None
    """Called every :data:`BEAT` seconds while the loop runs."""
    together: Callable[[], AbstractContextManager[None]] = nullcontext
    """Entered around what a task does between two requests: what it writes meanwhile has one commit."""
    stopping: bool = False
    _tasks: dict[Task, None] = field(default_factory=dict)
    """All that have not ended, in the order in which they came."""
    _ready: deque[tuple[Task, object]] = field(default_factory=deque)
    _timers: list[tuple[float, int, Task]] = field(default_factory=list)
    _running: dict[Future[object], Task] = field(default_factory=dict)
    _finished: queue.SimpleQueue[Future[object] | Asking | None] = field(default_factory=queue.SimpleQueue)
    _pools: dict[str, Executor] = field(default_factory=dict)
    _serial: count[int] = field(default_factory=count)
    _next_beat: float = field(init=False)

    def __post_init__(self) -> None:
        self._next_beat = self.clock.monotonic() + BEAT
        self._gate = Gate(self.clock, lambda: self.stopping, self._finished.put)

    def spawn(self, task: Task) -> None:
        """Add a task; it starts when the loop next runs."""
        self._tasks[task] = None
        self._ready.append((task, None))

    def stop(self) -> None:
        """Begin nothing more; safe to call from a signal handler."""
        self.stopping = True
        self.on_halt()
        self._finished.put(None)

    def run(self) -> None:
        """Run until every task has ended. An error ends it, and closes every task where it stands."""
        self._gate.thread = threading.get_ident()
        try:
            self._run()
        finally:
            self._close_tasks()

    def close(self) -> None:
        """Let the workers go; those that still ask for leave are refused it, and tasks that never ran are closed."""
        self._gate.close()
        self.on_halt()
        self._close_tasks()
        for pool in self._pools.values():
            pool.shutdown(wait=not self.stopping, cancel_futures=True)
        self._pools.clear()

    def _run(self) -> None:
        cut_at: float | None = None
        while self._ready or self._timers or self._running:
            self._advance_ready()
            if self.stopping and cut_at is None:
                self._wake_sleepers()
                cut_at = self.clock.monotonic() + PATIENCE_ON_STOP
            if cut_at is not None and self._running and self.clock.monotonic() >= cut_at:
                self.on_stop()
                cut_at = float("inf")
            self._wait()
            self._beat()

    def _close_tasks(self) -> None:
        """Close what has not ended. A task catches no GeneratorExit, and writes nothing on its way out: what it has
        written before has its commit, and what is open then is settled by the next run."""
        tasks, self._tasks = self._tasks, {}
        self._ready.clear()
        self._timers.clear()
        self._running.clear()
        for task in tasks:
            task.close()

    def _advance_ready(self) -> None:
        while self._ready:
            task, value = self._ready.popleft()
            self._advance(task, value)

    def _advance(self, task: Task, value: object) -> None:
        try:
            with self.together():
                request = task.throw(value) if isinstance(value, BaseException) else task.send(value)
                while self.stopping:
                    request = task.throw(Stopped())
        except StopIteration:
            del self._tasks[task]
            return
        match request:
            case Sleep():
                due = self.clock.monotonic() + request.seconds
                heapq.heappush(self._timers, (due, next(self._serial), task))
            case Call():
                self._submit(task, request.account, request.function)
            case Write():
                self._submit(task, request.account, request.function, self._gate.leave(request.permit))
            case _:
                raise TypeError(f"a task may not await {request!r}")

    def _submit(self, task: Task, account: str, function: Callable[..., object], *arguments: Leave) -> None:
        future = self._pool(account).submit(function, *arguments)
        self._running[future] = task
        future.add_done_callback(self._finished.put)

    def _pool(self, account: str) -> Executor:
        if account not in self._pools:
            self._pools[account] = self.workers(self.sizes.get(account, 1))
        return self._pools[account]

    def _wait(self) -> None:
        """Take what has finished, or nap until the next timer is due."""
        if self._running:
            self._take(self._nap(LONGEST_NAP))
        elif self._timers and not self.stopping:
            self.clock.sleep(min(max(0.0, self._nap(float("inf"))), BEAT))
        now = self.clock.monotonic()
        while self._timers and self._timers[0][0] <= now:
            self._ready.append((heapq.heappop(self._timers)[2], None))

    def _beat(self) -> None:
        if self.clock.monotonic() >= self._next_beat:
            self._next_beat = self.clock.monotonic() + BEAT
            self.heartbeat()

    def _nap(self, longest: float) -> float:
        return min(longest, self._timers[0][0] - self.clock.monotonic()) if self._timers else longest

    def _take(self, timeout: float) -> None:
        try:
            future = self._finished.get(timeout=max(0.0, timeout))
        except queue.Empty:
            return
        if isinstance(future, Asking):
            self._gate.answer(future)
        elif future is not None and future in self._running:
            error = future.exception()
            self._ready.append((self._running.pop(future), error if error else future.result()))

    def _wake_sleepers(self) -> None:
        self._ready.extend((task, Stopped()) for _, _, task in self._timers)
        self._timers.clear()
