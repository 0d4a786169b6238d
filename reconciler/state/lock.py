"""One run at a time over each account, on any number of hosts, without trusting that a run ends tidily.

There is one row an account, one for :data:`EVERYTHING` and one for :data:`NO_ACCOUNT`; rows are never deleted.
Whoever takes a lock raises its *fence*; every later write first checks, in its own transaction, that all rows of the
run still have its id and fences and that the lease has not run out. A run that was paused while another took over
therefore fails its next write, and what is not recorded is not sent.

================================ =====================================================
a row that is wanted is held by  then it is
================================ =====================================================
nobody                           taken
a dead process of this machine   taken over at once
a run whose lease is over        taken over
anybody else                     left alone: LockedError, after the wait that was asked
================================ =====================================================

A lease ends by the clock of the database, not by that of who wants it: on PostgreSQL the server's. SQLite has none of
its own; there it is the boot clock, which does not jump, and the wall clock only between different machines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from reconciler.clock import stamp
from reconciler.errors import LockedError, LockLostError
from reconciler.state import tables
from reconciler.state.rows import note, to_the_second

if TYPE_CHECKING:
    from collections.abc import Collection

    from reconciler.state.process import Process

LEASE = timedelta(seconds=60)
"""How long a lock holds without a sign of life."""

BEAT = timedelta(seconds=15)
"""How often a run that holds a lock gives one."""

EVERYTHING = "*"
"""The row of a run that may touch any account: it is held alone."""

ALL = frozenset({EVERYTHING})

NO_ACCOUNT = "-"
"""The row of a run that touches none, as that of a plan without a change: also what it writes is fenced."""

_LOCKS = tables.locks
_ROWS = select(_LOCKS).where(_LOCKS.c.account.in_(bindparam("wanted", expanding=True))).order_by(_LOCKS.c.account)
_HELD = select(_LOCKS).where(_LOCKS.c.lock_id.is_not(None)).order_by(_LOCKS.c.account)
_MINE = select(_LOCKS).where(_LOCKS.c.lock_id == bindparam("of_id")).order_by(_LOCKS.c.account)
_HOLD, _HOLD_MINE = _ROWS.with_for_update(), _MINE.with_for_update()
"""Every write begins with its own rows: others that want them wait from here to the commit."""

_FREE = update(_LOCKS).where(_LOCKS.c.lock_id == bindparam("of_id")).values(lock_id=None)
_TAKE = update(_LOCKS).where(_LOCKS.c.account == bindparam("of_account"))
_FIRST_FENCE = select(tables.meta.c.value).where(tables.meta.c.key == tables.FENCE)


@dataclass(frozen=True, slots=True)
class Now:
    """This moment by the database's clock; ``boot`` is the machine's boot clock where the database has none."""

    wall: datetime
    boot: float | None = None


@dataclass(frozen=True, slots=True)
class Lock:
    """What one run holds: ``id`` names it over all its accounts, ``fences`` is account -> fence."""

    id: str
    fences: Mapping[str, int]
    holder: str
    machine: str
    boot: str | None
    pid: int
    start: str | None
    acquired_at: datetime
    expires_at: datetime
    expires_boot: float | None = None

    def covers(self, account: str) -> bool:
        """Whether the run may write of that account."""
        return account in self.fences or EVERYTHING in self.fences

    def is_over(self, boot: str | None, now: Now) -> bool:
        """Whether its lease has ended, as seen from the machine of that boot."""
        same_clock = None not in (boot, now.boot, self.expires_boot) and boot == self.boot
        if same_clock and now.boot is not None and self.expires_boot is not None:
            return now.boot >= self.expires_boot
        return now.wall >= self.expires_at

    def is_of_the_dead(self, process: Process) -> bool:
        """Whether its holder was a process of this very machine, and has ended."""
        return process.runs_beside(self.machine, self.boot) and not process.alive(self.pid, self.start)

    def is_held_here(self, process: Process) -> bool:
        """Whether the holder is on the machine of ``process``, and alive as far as that can be told there."""
        return process.runs_beside(self.machine, self.boot) and process.alive(self.pid, self.start)


def held(connection: Connection) -> list[Lock]:
    """The locks as they stand."""
    runs: dict[str, list[Row[Any]]] = {}
    for row in connection.execute(_HELD):
        runs.setdefault(row.lock_id, []).append(row)
    return [_to_lock(rows) for rows in runs.values()]


def take(connection: Connection, accounts: Collection[str], process: Process, lock_id: str, now: Now) -> Lock:
    """Take the lock of each of ``accounts`` under a new fence, or of none; raises LockedError for who has one."""
    wanted = sorted(ALL if EVERYTHING in accounts else accounts or {NO_ACCOUNT})
    looked_at = sorted({EVERYTHING, *wanted})
    rows = _rows(connection, looked_at)
    if len(rows) < len(looked_at):
        _make_rows(connection, looked_at)
        rows = _rows(connection, looked_at)
    for lock in _in_the_way(connection, wanted, rows):
        if not lock.is_over(process.boot, now) and not lock.is_of_the_dead(process):
            raise _locked(lock)
        connection.execute(_FREE, {"of_id": lock.id})
    began = to_the_second(now.wall)
    lock = Lock(
        id=lock_id,
        fences={account: rows[account].fence + 1 for account in wanted},
        holder=note(process.title),
        machine=process.machine,
        boot=process.boot,
        pid=process.pid,
        start=process.start,
        acquired_at=began,
        **_lease(now),
    )
    _write(connection, lock, process.host)
    return lock


def _in_the_way(connection: Connection, wanted: Sequence[str], rows: Mapping[str, Row[Any]]) -> list[Lock]:
    """The locks that hold some of what is ``wanted``, each over all that it holds: that is what is waited for."""
    if wanted == [*ALL]:
        return held(connection)
    ids = {row.lock_id for row in rows.values() if row.lock_id}
    return [lock for lock in held(connection) if lock.id in ids] if ids else []


def _rows(connection: Connection, accounts: Sequence[str]) -> dict[str, Row[Any]]:
    return {row.account: row for row in connection.execute(_HOLD, {"wanted": accounts})}


def check(connection: Connection, lock: Lock, now: Now) -> Lock:
    """``lock``, renewed when it is time for a beat; raises LockLostError when any of it is lost."""
    rows = connection.execute(_HOLD_MINE, {"of_id": lock.id}).all()
    if {row.account: row.fence for row in rows} != lock.fences:
        raise LockLostError(f"lock {lock.id} of this run was broken or taken over{_successor(connection, lock)}")
    stands = _to_lock(rows)
    if stands.is_over(lock.boot, now):
        raise LockLostError(f"lock {lock.id} of this run expired at {stamp(stands.expires_at)}")
    lease = _lease(now)
    if lease["expires_at"] - stands.expires_at < BEAT / 2:
        return stands
    connection.execute(_RENEW, {"of_id": lock.id, **_lease_columns(**lease)})
    return replace(stands, **lease)


def give_back(connection: Connection, lock: Lock) -> None:
    """Free what is held, unless another run has it by now."""
    connection.execute(_FREE, {"of_id": lock.id})


def break_lock(connection: Connection, lock_id: str) -> bool:
    """Free the lock of that id over all its accounts, whoever holds it; whether it was held."""
    return connection.execute(_FREE, {"of_id": lock_id}).rowcount > 0


def _make_rows(connection: Connection, accounts: Sequence[str]) -> None:
    """A free row for each account that has none. Two at once may want to: then one of them waits for the other."""
    known = set(connection.execute(_ACCOUNTS, {"wanted": accounts}).scalars())
    if missing := [account for account in accounts if account not in known]:
        fence = int(connection.execute(_FIRST_FENCE).scalar_one_or_none() or 0)
        if connection.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(_NEW_ROWS)))
            missing = [
                a for a in missing if a not in connection.execute(_ACCOUNTS, {"wanted": accounts}).scalars().all()
            ]
        if missing:
            connection.execute(insert(_LOCKS), [{"account": account, "fence": fence} for account in missing])


_ACCOUNTS = select(_LOCKS.c.account).where(_LOCKS.c.account.in_(bindparam("wanted", expanding=True)))

_NEW_ROWS = 0x746E63746E
"""Key of the PostgreSQL advisory lock under which rows are made ("tnctn")."""

_RENEW = (
    update(_LOCKS)
    .where(_LOCKS.c.lock_id == bindparam("of_id"))
    .values(expires_at=bindparam("expires_at"), expires_boot=bindparam("expires_boot"))
)


def _lease(now: Now) -> dict[str, Any]:
    """When a lease that begins now ends, by both clocks."""
    boot = None if now.boot is None else now.boot + LEASE.total_seconds()
    return {"expires_at": to_the_second(now.wall) + LEASE, "expires_boot": boot}


def _lease_columns(expires_at: datetime, expires_boot: float | None) -> dict[str, Any]:
    return {"expires_at": stamp(expires_at), "expires_boot": expires_boot}


def _write(connection: Connection, lock: Lock, host: str) -> None:
    """Make ``lock`` the one that is held."""
    columns = {
        "lock_id": lock.id,
        "holder": lock.holder,
        "host": host,
        "machine": lock.machine,
        "boot": lock.boot,
        "pid": lock.pid,
        "process_start": lock.start,
        "acquired_at": stamp(lock.acquired_at),
        **_lease_columns(lock.expires_at, lock.expires_boot),
    }
    for account, fence in lock.fences.items():
        connection.execute(_TAKE, {"of_account": account, "fence": fence, **columns})


def _to_lock(rows: Sequence[Row[Any]]) -> Lock:
    """The lock in the rows of one run; raises ``ValueError`` for what no tnctl wrote."""
    row = rows[0]
    return Lock(
        id=row.lock_id,
        fences={one.account: one.fence for one in rows},
        holder=row.holder,
        machine=row.machine or "",
        boot=row.boot,
        pid=row.pid,
        start=row.process_start,
        acquired_at=_moment(row.acquired_at),
        expires_at=min(_moment(one.expires_at) for one in rows),
        expires_boot=row.expires_boot,
    )


def _moment(text: str | None) -> datetime:
    """A moment of a held lock, which is always written; raises ``ValueError``."""
    if text is None:
        raise ValueError("a lock that is held and does not say since when")
    return datetime.fromisoformat(text)


def _successor(connection: Connection, lock: Lock) -> str:
    """Who holds now what ``lock`` held."""
    rows = connection.execute(_ROWS, {"wanted": sorted(lock.fences)}).all()
    holders = sorted({row.holder for row in rows if row.lock_id not in (None, lock.id)})
    return f"; it is now held by {', '.join(holders)}" if holders else ""


def _locked(lock: Lock) -> LockedError:
    """Who holds it, since when, and the way out."""
    names = {EVERYTHING: "everything", NO_ACCOUNT: "no account"}
    accounts = ", ".join(names.get(account, account) for account in sorted(lock.fences))
    message = f"{lock.holder} has held lock {lock.id} (over {accounts}) since {stamp(lock.acquired_at)}"
    hint = f"wait for it with `--lock-timeout 10m`; if that run is dead, `tnctl unlock {lock.id}`"
    return LockedError(message, hint=hint)
