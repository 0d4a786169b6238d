"""The one gate to a write: the lock is ours, the transaction is whole, and a listener hears of the commit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from reconciler.errors import LockedError, LockLostError, StateError
from reconciler.state import lock as locking

if TYPE_CHECKING:
    from datetime import timedelta

    from sqlalchemy import Connection

    from reconciler.clock import Clock
    from reconciler.state.database import Database
    from reconciler.state.lock import Lock
    from reconciler.state.opening import Token
    from reconciler.state.process import Process

POLL_SECONDS = 1.0
"""How often a run that waits for the lock looks again."""

OnCommit = Callable[[str], None]
"""Told after each commit what it was: lock, plan, intent, attempt, outcome, record or resolution."""


class Guard:
    """Holds the lock for one run and lets its writes through while it is held."""

    def __init__(self, database: Database, clock: Clock, token: Token, on_commit: OnCommit) -> None:
        self._database = database
        self._clock = clock
        self._token = token
        self._on_commit = on_commit
        self._lock: Lock | None = None

    def acquire(self, wait: timedelta, process: Process) -> Lock:
        """Take the lock for ``process``; looks again for up to ``wait``, then raises LockedError."""
        deadline = self._clock.monotonic() + wait.total_seconds()
        while True:
            try:
                return self._take(process)
            except LockedError:
                left = deadline - self._clock.monotonic()
                if left <= 0:
                    raise
                self._clock.sleep(min(POLL_SECONDS, left))

    def _take(self, process: Process) -> Lock:
        """Take the lock now or raise LockedError."""
        with self._database.writing() as connection:
            lock = locking.take(connection, process, self._token()[:8], self._clock.now())
        self._lock = lock
        self._committed("lock")
        return lock

    def release(self) -> None:
        """Give the lock back. Never raises for the database: a lock that stays behind ends by itself."""
        lock, self._lock = self._lock, None
        if lock is None:
            return
        with suppress(StateError):
            with self._database.writing() as connection:
                locking.give_back(connection, lock)
            self._committed("lock")

    @contextmanager
    def writing(self, label: str) -> Iterator[Connection]:
        """A transaction that begins with a look at the fence; raises LockLostError when it is not ours."""
        if self._lock is None:
            raise LockLostError("the records are written under the lock only, and this run does not hold it")
        with self._database.writing() as connection:
            renewed = locking.check(connection, self._lock, self._clock.now())
            yield connection
        self._lock = renewed
        self._committed(label)

    def _committed(self, label: str) -> None:
        """Tell the listener. One that raises ends the run as a crash does: the lock stays in the records."""
        try:
            self._on_commit(label)
        except BaseException:
            self._lock = None
            raise
