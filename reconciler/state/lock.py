"""One apply at a time, on any number of hosts, without trusting that a run ends tidily.

The lock is one row that is never deleted. Whoever takes it raises its *fence*; every later write first
checks, in its own transaction, that id and fence are still its own and that the lease has not run out. A run
that was paused for an hour while another took over therefore fails its next write, and what is not recorded
is not sent.

============================ =====================================================
the lock is held by          then it is
============================ =====================================================
nobody                       taken
a dead process of this host  taken over at once
a run whose lease is over    taken over
anybody else                 left alone: LockedError, after the wait that was asked
============================ =====================================================
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, select, update

from reconciler.clock import stamp
from reconciler.errors import LockedError, LockLostError
from reconciler.state import tables
from reconciler.state.rows import note, to_the_second

if TYPE_CHECKING:
    from reconciler.state.process import Process

LEASE = timedelta(minutes=15)
"""How long a lock holds without a sign of life."""

_LOOK = select(tables.lock)
_HOLD = _LOOK.with_for_update()
"""Every write begins with this one: other writers wait from here to the commit, on PostgreSQL as on SQLite."""


@dataclass(frozen=True, slots=True)
class Lock:
    """A held lock. ``id`` names it, ``fence`` rises with each holder, ``start`` shows a reused pid."""

    id: str
    fence: int
    holder: str
    host: str
    pid: int
    start: str | None
    acquired_at: datetime
    expires_at: datetime

    def is_over(self, process: Process, now: datetime) -> bool:
        """Whether ``process`` may take it over: the lease has ended, or the holder is dead on its host."""
        return now >= self.expires_at or process.knows_dead(self.host, self.pid, self.start)

    def is_held_here(self, process: Process) -> bool:
        """Whether the holder is on the host of ``process``, and alive as far as that can be told there."""
        return self.host == process.host and not process.knows_dead(self.host, self.pid, self.start)


def current(connection: Connection) -> Lock | None:
    """The lock as it stands, if it is held."""
    return _to_lock(connection.execute(_LOOK).one())


def _to_lock(row: Row[Any]) -> Lock | None:
    """The lock in ``row``, if it is held."""
    if row.lock_id is None:
        return None
    return Lock(
        id=row.lock_id,
        fence=row.fence,
        holder=row.holder,
        host=row.host,
        pid=row.pid,
        start=row.process_start,
        acquired_at=_moment(row.acquired_at),
        expires_at=_moment(row.expires_at),
    )


def _moment(text: str | None) -> datetime:
    """A moment of a held lock, which is always written; raises ``ValueError``."""
    if text is None:
        raise ValueError("a lock that is held and does not say since when")
    return datetime.fromisoformat(text)


def take(connection: Connection, process: Process, lock_id: str, now: datetime) -> Lock:
    """Take the lock under a new fence; raises LockedError while another run holds it."""
    row = connection.execute(_HOLD).one()
    holder = _to_lock(row)
    if holder is not None and not holder.is_over(process, now):
        raise _locked(holder)
    began = to_the_second(now)
    lock = Lock(
        id=lock_id,
        fence=row.fence + 1,
        holder=note(process.title),
        host=process.host,
        pid=process.pid,
        start=process.start,
        acquired_at=began,
        expires_at=began + LEASE,
    )
    _write(connection, lock)
    return lock


def check(connection: Connection, lock: Lock, now: datetime) -> Lock:
    """``lock``, renewed when less than half of its lease is left; raises LockLostError when it is lost."""
    stands = _to_lock(connection.execute(_HOLD).one())
    if stands is None or (stands.id, stands.fence) != (lock.id, lock.fence):
        successor = f"; it is now held by {stands.holder}" if stands else ""
        raise LockLostError(f"lock {lock.id} of this run was broken or taken over{successor}")
    if now >= stands.expires_at:
        raise LockLostError(f"lock {lock.id} of this run expired at {stamp(stands.expires_at)}")
    if stands.expires_at - now >= LEASE / 2:
        return stands
    renewed = replace(stands, expires_at=to_the_second(now) + LEASE)
    _write(connection, renewed)
    return renewed


def give_back(connection: Connection, lock: Lock) -> None:
    """Free the lock, unless another run has it by now."""
    mine = (tables.lock.c.lock_id == lock.id) & (tables.lock.c.fence == lock.fence)
    connection.execute(update(tables.lock).where(mine).values(lock_id=None))


def break_lock(connection: Connection, lock_id: str) -> bool:
    """Free the lock of that id, whoever holds it; whether it was held."""
    result = connection.execute(update(tables.lock).where(tables.lock.c.lock_id == lock_id).values(lock_id=None))
    return result.rowcount == 1


def _write(connection: Connection, lock: Lock) -> None:
    """Make ``lock`` the one that is held."""
    connection.execute(
        update(tables.lock).values(
            lock_id=lock.id,
            fence=lock.fence,
            holder=lock.holder,
            host=lock.host,
            pid=lock.pid,
            process_start=lock.start,
            acquired_at=stamp(lock.acquired_at),
            expires_at=stamp(lock.expires_at),
        )
    )


def _locked(lock: Lock) -> LockedError:
    """Who holds it, since when, and the way out."""
    message = f"{lock.holder} has held lock {lock.id} since {stamp(lock.acquired_at)}"
    hint = f"wait for it with `--lock-timeout 10m`; if that run is dead, `tnctl unlock {lock.id}`"
    return LockedError(message, hint=hint)
