"""The database of a schedule: opened as the program does, and put back to what a crash would have left of it.

A process that dies leaves the file and its write-ahead log as they are, or with the log torn inside the frames of
the commit that was being written. So an image is the bytes of both, taken at a commit, with the tail cut at random.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from reconciler.state.lock import ALL, EVERYTHING, NO_ACCOUNT

Image = tuple[bytes, bytes]
"""The file and its write-ahead log."""

NO_RECORDS: Image = (b"", b"")

_EVIDENCE = """
    SELECT i.id, x.name, i.reference FROM tnctl_intents i
    JOIN tnctl_attempts a ON a.intent_id = i.id
    JOIN tnctl_intent_addresses x ON x.intent_id = i.id
    WHERE i.status = 'open' AND i.provider = ? AND a.verdict IS NULL
      AND (? = '' OR x.name = ? OR (? <> '' AND instr(i.carrier, ?) > 0))
      AND (? = '' OR x.kind = 'number')
      AND a.n = (SELECT max(n) FROM tnctl_attempts WHERE intent_id = i.id)
    ORDER BY i.id DESC LIMIT 1
"""


_NAMED = """
    SELECT name FROM tnctl_records WHERE kind = 'number'
    UNION SELECT x.name FROM tnctl_intent_addresses x JOIN tnctl_intents i ON i.id = x.intent_id
        WHERE i.status = 'open' AND x.kind = 'number'
    UNION SELECT a.about FROM tnctl_attempts a JOIN tnctl_intents i ON i.id = a.intent_id WHERE i.status = 'open'
"""


_HELD = "SELECT 1 FROM tnctl_records WHERE kind = 'number' AND provider = ? AND gone = 0"


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds the lock, as the records say."""

    pid: int
    host: str
    lock_id: str
    expires_at: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """What another process can read of a call that is about to be served: the intent of its open attempt, the lock.

    ``name`` is what the intent says that it is about: another number than the carrier's, where an offer was garbled.
    """

    intent: int | None
    holder: Holder | None
    name: str = ""
    reference: str = ""


class Records:
    """One SQLite database."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._log = path.with_name(path.name + "-wal")
        self._logged = 0
        self._kept: sqlite3.Connection | None = None
        self._watched = 0

    @property
    def url(self) -> str:
        """Where the program finds them."""
        return f"sqlite:///{self.path}"

    @contextmanager
    def watched(self) -> Iterator[None]:
        """While a run has the records open, keep the connection of the other process that looks at them.

        It is closed before the run's own: SQLite tidies up when the last one is.
        """
        self._watched += 1
        try:
            yield
        finally:
            self._watched -= 1
            if not self._watched:
                self._let_go()

    def image(self) -> Image:
        """The bytes as they are now; empty for a file that is not there."""
        return _bytes(self.path), _bytes(self._log)

    def put_back(self, image: Image) -> None:
        """Make the database what ``image`` holds; nobody may have it open."""
        self.lose()
        for path, data in zip((self.path, self._log), image, strict=True):
            if data:
                path.write_bytes(data)

    def lose(self) -> None:
        """Delete the database."""
        self._let_go()
        for path in (self.path, self._log, self.path.with_name(self.path.name + "-shm")):
            path.unlink(missing_ok=True)

    def committed(self) -> int:
        """Note a commit; the size of the log before it."""
        before = self._logged
        try:
            self._logged = os.stat(self._log).st_size
        except FileNotFoundError:
            self._logged = 0
        return before

    def torn(self, image: Image, before: int, rng: Random) -> Image:
        """``image`` with the log cut inside the last commit, whose frames begin at ``before``."""
        data, log = image
        return (data, log[: rng.randrange(before, len(log))]) if 0 < before < len(log) else image

    def written(self, account: str, tn: str, key: str = "") -> Written:
        """What is durable now of a call to ``account`` (about the number ``tn``, or what ``key`` is said to stand for,
        if that is not empty)."""
        with self._looking() as other:
            found = next(iter(other.execute(_EVIDENCE, (account, tn, tn, key, key, tn)).fetchall()), None)
            holder = next(iter(_holders(other, {account})), None)
            return Written(found[0], holder, *found[1:]) if found else Written(None, holder)

    def named(self) -> set[str]:
        """The numbers that a record or an open order names, or the answer to one (with its key), in E.164."""
        if not self.path.exists():
            return set()
        with self._looking() as other:
            return {name.partition(" ")[0] for (name,) in other.execute(_NAMED).fetchall()}

    def hold_numbers_of(self, account: str) -> bool:
        """Whether a number of that account is on record."""
        if not self.path.exists():
            return False
        with self._looking() as other:
            return bool(other.execute(_HELD, (account,)).fetchall())

    def holders(self, accounts: Collection[str] = ALL) -> Iterator[Holder]:
        """Who holds a lock that is in the way of ``accounts``."""
        if self.path.exists():
            with self._looking() as other:
                found = _holders(other, accounts)
            yield from found

    @contextmanager
    def _looking(self) -> Iterator[sqlite3.Connection]:
        """A connection of another process; every statement over it is read to its end, so that it holds nothing."""
        self._kept = self._kept or sqlite3.connect(self.path)
        try:
            yield self._kept
        finally:
            if not self._watched:
                self._let_go()

    def _let_go(self) -> None:
        if self._kept is not None:
            self._kept.close()
            self._kept = None


def _holders(connection: sqlite3.Connection, accounts: Collection[str]) -> list[Holder]:
    rows = connection.execute(
        "SELECT DISTINCT account, pid, host, lock_id, expires_at FROM tnctl_locks WHERE lock_id IS NOT NULL"
    ).fetchall()
    wanted = {EVERYTHING, *(accounts or {NO_ACCOUNT})}
    found = {Holder(*rest) for account, *rest in rows if EVERYTHING in accounts or account in wanted}
    return sorted(found, key=lambda holder: holder.lock_id)


def _bytes(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""
