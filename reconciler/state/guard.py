"""The one gate to a write: the locks are ours, the transaction is whole, and a listener hears of the commit."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING

from reconciler.errors import LockedError, LockLostError, RecordsGoneError, StateError
from reconciler.state import lock as locking
from reconciler.state.begun import Begun
from reconciler.state.joint import Joint

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
    """Holds the locks for one run and lets its writes through while it holds all of them."""

    def __init__(self, database: Database, clock: Clock, token: Token, on_commit: OnCommit) -> None:
        self._database = database
        self._clock = clock
        self._token = token
        self._on_commit = on_commit
        self._thread = threading.get_ident()
        self._rest: Callable[[], None] = lambda: None
        self._lock: Lock | None = None
        self._joint: Joint | None = None
        self.begun = Begun()
        """The intents of this run, which the records must know as long as it is at work."""
        self.changes = 0
        """How many writes this run has begun, signs of life aside."""

    def acquire(self, accounts: Collection[str], wait: timedelta, process: Process) -> Lock:
        """Take the locks of ``accounts`` for ``process``; looks again for up to ``wait``, then raises LockedError."""
        self.begun.clear()
        deadline = self._clock.monotonic() + wait.total_seconds()
        while True:
            try:
                lock = self._take(accounts, process)
            except LockedError:
                left = deadline - self._clock.monotonic()
                if left <= 0:
                    raise
                self._clock.sleep(min(POLL_SECONDS, left))
            else:
                self._rest = self._clock.every(locking.BEAT.total_seconds(), self._beat_by_itself)
                return lock

    def _take(self, accounts: Collection[str], process: Process) -> Lock:
        """Take the locks now or raise LockedError."""
        with self._database.writing() as connection:
            self._database.impatient(connection)
            now = self._database.now(connection, self._clock)
            lock = locking.take(connection, accounts, process, self._token()[:8], now)
        self._lock = lock
        self._committed("lock")
        return lock

    def release(self) -> None:
        """Give the locks back. A database that fails is no error: a lock that stays behind ends by itself.

        Raises RecordsGoneError all the same: what the run wrote is lost.
        """
        lock, self._lock = self._lock, None
        self._rest()
        if lock is None:
            return
        try:
            with self._database.writing() as connection:
                locking.give_back(connection, lock)
        except RecordsGoneError:
            raise
        except (StateError, LockedError):
            return
        self._committed("lock")

    def covers(self, account: str) -> bool:
        """Whether this run holds the lock of that account."""
        return self._lock is not None and self._lock.covers(account)

    @property
    def held(self) -> bool:
        """Whether this run holds a lock."""
        return self._lock is not None

    @contextmanager
    def together(self) -> Iterator[Joint]:
        """Let all writes in here have one commit, at the end of it; without a write there is none."""
        if self._joint is not None:
            yield self._joint
            return
        self._joint = joint = Joint(self._database, self._check)
        try:
            yield joint
        finally:
            self._joint = None
            joint.commit()
            if joint.labels:
                self._committed(joint.labels[0])

    @contextmanager
    def writing(self, label: str, accounts: Collection[str] = ()) -> Iterator[Connection]:
        """A transaction that begins with a look at the fences; raises LockLostError when one is not ours.

        ``accounts``: whose records are about to be written; each must be under the lock.
        """
        lock = self._mine()
        if stray := [account for account in accounts if not lock.covers(account)]:
            raise LockLostError(
                f"this run does not hold the lock of {', '.join(sorted(stray))}, whose records it is to write"
            )
        with self.together() as joint, joint.write(label) as connection:
            self.changes += label != "lock"
            yield connection

    def _mine(self) -> Lock:
        """The lock of this run; raises LockLostError without one."""
        if self._lock is None:
            raise LockLostError("the records are written under the lock only, and this run does not hold it")
        return self._lock

    def _check(self, connection: Connection) -> None:
        """The look at the fences, and at what this run has written: records that were put back know neither."""
        self.begun.check(connection)
        self._lock = locking.check(connection, self._mine(), self._database.now(connection, self._clock))

    def beat(self) -> None:
        """A sign of life; raises LockLostError when the lock is lost."""
        with self.writing("lock"):
            pass

    def _beat_by_itself(self) -> None:
        """A sign of life whatever the run does meanwhile. That the lock is lost is found out by the next write."""
        with suppress(StateError, LockedError, OSError):
            if threading.get_ident() == self._thread:
                self._renew(self._database)
            else:
                with closing(self._database.again()) as database:
                    self._renew(database)

    def _renew(self, database: Database) -> None:
        if (lock := self._lock) is not None:
            with database.writing() as connection:
                locking.check(connection, lock, database.now(connection, self._clock))

    def _committed(self, label: str) -> None:
        """Tell the listener. One that raises ends the run as a crash does: the lock stays in the records."""
        try:
            self._on_commit(label)
        except BaseException:
            self._lock = None
            self._rest()
            raise
