"""One way to a transaction, on SQLite and on PostgreSQL, and one way in which either fails.

The only differences between the two are here:

=================== ===================================== ==========================================
                    SQLite                                PostgreSQL
=================== ===================================== ==========================================
a write begins      ``BEGIN IMMEDIATE``: one writer       the lock row ``FOR UPDATE``: one writer
a read sees         a snapshot (WAL)                      a snapshot (``REPEATABLE READ``)
a commit survives   ``synchronous=FULL``                  the server's default
=================== ===================================== ==========================================

Whatever a driver raises becomes a StateError: its words without secrets, and what to do next.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import UTC
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import Connection, Engine, create_engine, event, func, select, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import StaticPool

from reconciler.errors import DamagedRecordsError, LockedError, RecordsGoneError, StateError, UsageError
from reconciler.state.failures import failure_of, state_error
from reconciler.state.lock import Now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from reconciler.clock import Clock
    from reconciler.state.location import Location

BUSY_SECONDS = 10
"""How long SQLite waits for another process's commit, which takes milliseconds."""

IMPATIENCE = "1s"
"""How long a run that wants the lock waits for rows, before it looks at its own time again."""
_LOGS_AHEAD = b"\2\2"
"""The write and read versions in a file's header, by which every connection keeps a write-ahead log (WAL)."""

_SERVER_CLOCK = select(func.clock_timestamp())
_IMPATIENTLY = text(f"SET LOCAL lock_timeout = '{IMPATIENCE}'")

_IS_HELD = "55P03"
"""PostgreSQL's ``lock_not_available``."""

_ENDED = "57014"
"""PostgreSQL's ``query_canceled``: a statement that took too long, or that somebody ended. One that waited for a row
names it as its context; without that nothing tells why, and it is a failure like any other."""

_MANNERS: Mapping[str, Any] = {"hide_parameters": True, "enable_from_linting": False}
"""Of any engine: errors quote no values; the check that names all tables in one statement is no mistake."""


class Database:
    """An open database. Used from one thread."""

    def __init__(self, engine: Engine, location: Location, still_there: Callable[[], bool] = lambda: True) -> None:
        self._engine = engine
        self._still_there = still_there
        self._location = location
        self._server = engine.dialect.name != "sqlite"
        self._reader = engine.execution_options(isolation_level="REPEATABLE READ") if self._server else engine
        self._kept: Connection | None = None
        self._writing: Connection | None = None

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self._engine.dialect.name

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one moment; raises StateError, also for rows that no tnctl wrote.

        Inside of a write it is that write's, and sees what was written.
        """
        with self.translated():
            if self._writing is not None:
                yield self._writing
            else:
                with self._begun(self._reader, "BEGIN") as connection:
                    yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that no other writer interleaves with: whole or not at all, then durable.

        Raises RecordsGoneError, and commits nothing, where the file was deleted or replaced: an open file outlives its
        name, and what is written to it is lost.
        """
        with self.translated(), self._begun(self._engine, "BEGIN IMMEDIATE") as connection:
            self._writing = connection
            try:
                yield connection
            finally:
                self._writing = None
            if not self._still_there():
                raise RecordsGoneError(
                    f"the records at {self._location.shown} were deleted or replaced during this run"
                )

    @contextmanager
    def _begun(self, engine: Engine, how: str) -> Iterator[Connection]:
        """A transaction. A server's connection comes from the pool, which looks whether it still lives.

        SQLite's one connection is kept, and told to begin: its driver would begin before the first INSERT only, after
        what we have read.
        """
        if self._server:
            with engine.begin() as connection:
                yield connection
            return
        if self._kept is None:
            self._kept = engine.connect()
        with self._kept.begin():
            self._kept.exec_driver_sql(how)
            yield self._kept

    def now(self, connection: Connection, clock: Clock) -> Now:
        """This moment by the database's clock; SQLite has none, so that ``clock`` tells it."""
        if not self._server:
            return Now(clock.now(), clock.boot())
        return Now(connection.execute(_SERVER_CLOCK).scalar_one().astimezone(UTC))

    def impatient(self, connection: Connection) -> None:
        """Let this transaction wait for rows that others hold for :data:`IMPATIENCE` at the most."""
        if self._server:
            connection.execute(_IMPATIENTLY)

    def again(self) -> Database:
        """The same database over a connection of its own, for another thread."""
        path = self._location.path
        return open_server(self._location) if path is None else open_file(path, self._location)

    def image(self) -> bytes:
        """All of an SQLite database as the bytes of a file that has a write-ahead log from then on."""
        with self.reading() as connection:
            whole = cast("sqlite3.Connection", connection.connection.driver_connection).serialize()
        return whole[:18] + _LOGS_AHEAD + whole[20:]

    def close(self) -> None:
        """Close the connection; SQLite then folds its write-ahead log into the file."""
        if self._kept is not None:
            self._kept.close()
        self._engine.dispose()

    def leave(self) -> None:
        """Close the connection to what is not intact, and leave SQLite's write-ahead log beside it as it is.

        It may be another file's, or all that is left of what was written last. Only the last connection folds it in,
        and one that may not write cannot.
        """
        with ExitStack() as stack:
            if self._location.path is not None:
                with suppress(sqlite3.Error):
                    address = f"{self._location.path.absolute().as_uri()}?mode=ro"
                    last = stack.enter_context(closing(sqlite3.connect(address, uri=True)))
                    last.execute("PRAGMA schema_version").fetchall()  # a connection has a log once it has read
            self.close()

    def failure(self, error: BaseException) -> StateError:
        """A driver's ``error`` as one that names the records and what to do next."""
        text = self._location.redact(str(error).strip())
        message = f"the records at {self._location.shown} failed: {text}"
        return state_error(message, failure_of(error), server=self._location.path is None)

    def _held(self) -> LockedError:
        """The error for rows, or a file, that some other session holds and does not let go of."""
        return LockedError(
            f"the records at {self._location.shown} are held by another session that does not let go of them",
            hint="run the command again; if this stays, look for a stopped or paused tnctl, a backup or an open editor "
            "of the database, and end it",
        )

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Turn a driver's errors into ours. Not chained: theirs quote the connection's parameters."""
        try:
            yield
        except DBAPIError as error:
            if _is_held(error.orig):
                raise self._held() from None
            raise self.failure(error.orig or error) from None
        except (SQLAlchemyError, sqlite3.Error) as error:
            raise self.failure(error) from None
        except (OverflowError, UnicodeEncodeError) as error:
            raise self.failure(error) from None
        except (ValueError, ArithmeticError) as error:
            text = self._location.redact(str(error))
            raise DamagedRecordsError(
                f"the records at {self._location.shown} are damaged: a row holds what no tnctl wrote: {text}"
            ) from None


def open_file(path: Path, location: Location) -> Database:
    """The SQLite database in ``path``, which must exist: a missing one is never made by opening it."""
    address = f"{path.absolute().as_uri()}?mode=rw"
    there = path.stat()
    return Database(_sqlite(lambda: _connect(address)), location, lambda: _is_there(path, there))


def _is_there(path: Path, opened: os.stat_result) -> bool:
    """Whether ``path`` still names the file that was opened."""
    try:
        return os.path.samestat(path.stat(), opened)
    except OSError:
        return False


def _is_held(error: BaseException | None) -> bool:
    """Whether a driver's error says that another session holds what was wanted."""
    if getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return True
    code = getattr(error, "sqlstate", None)
    return code == _IS_HELD or (code == _ENDED and bool(getattr(getattr(error, "diag", None), "context", None)))


def open_memory(location: Location) -> Database:
    """An empty database that ends with the process, standing in for records that do not exist."""
    return Database(_sqlite(lambda: _connect(":memory:")), location)


def open_server(location: Location) -> Database:
    """The PostgreSQL database; connects at the first transaction."""
    try:
        engine = create_engine(
            location.url,
            pool_size=1,
            max_overflow=0,
            pool_pre_ping=True,
            **_MANNERS,
        )
        from reconciler.state import server
    except ImportError:
        hint = "install it with `pip install 'psycopg[binary]'`"
        raise UsageError("PostgreSQL records need the psycopg driver, which is not installed", hint=hint) from None

    def connect(_dialect: object, _record: object, args: Sequence[Any], parameters: Mapping[str, Any]) -> object:
        return server.connect(*args, schema=location.schema, **parameters)

    event.listen(engine, "do_connect", connect)
    return Database(engine, location)


def _connect(address: str) -> sqlite3.Connection:
    """A connection whose commits are durable, and whose transactions begin when they are told to."""
    connection = sqlite3.connect(address, timeout=BUSY_SECONDS, isolation_level=None, uri=True)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def _sqlite(connect: Callable[[], sqlite3.Connection]) -> Engine:
    """An engine over one connection, as the records are used from one thread."""
    return create_engine("sqlite://", creator=connect, poolclass=StaticPool, **_MANNERS)
