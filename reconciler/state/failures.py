"""What kind of failure a database's error is, and the way out of each, which never makes it worse.

=========== ============================== ============================== =================================
kind        SQLite's result codes          PostgreSQL's SQLSTATE          the records
=========== ============================== ============================== =================================
full        FULL, IOERR, NOMEM             53, 58 (no room, input/output) as they were
read-only   READONLY                       25006 (a standby)              as they were
access      CANTOPEN, PERM, AUTH           42501, 28, 3D000, 3F000        as they were
unreachable                                08, 57P, 53300, or none        as they were
busy        BUSY, LOCKED, PROTOCOL         55, 40, 57014, 25P03           as they were
range       TOOBIG, MISMATCH, RANGE        22, 54                         as they were; a value does not fit
damaged     CORRUPT, NOTADB, FORMAT, ERROR XX, 42P01, 42703 (no table)    not what tnctl wrote
=========== ============================== ============================== =================================

Only of damaged records is it said that they are; anything unknown is no damage.
"""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from reconciler.errors import DamagedRecordsError, StateError


class Failure(StrEnum):
    """A kind of failure."""

    FULL = "full"
    READ_ONLY = "read-only"
    ACCESS = "access"
    UNREACHABLE = "unreachable"
    BUSY = "busy"
    RANGE = "range"
    DAMAGED = "damaged"
    OTHER = "other"


_SQLITE: Final[Mapping[int, Failure]] = {
    sqlite3.SQLITE_FULL: Failure.FULL,
    sqlite3.SQLITE_IOERR: Failure.FULL,
    sqlite3.SQLITE_NOMEM: Failure.FULL,
    sqlite3.SQLITE_READONLY: Failure.READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: Failure.ACCESS,
    sqlite3.SQLITE_PERM: Failure.ACCESS,
    sqlite3.SQLITE_AUTH: Failure.ACCESS,
    sqlite3.SQLITE_BUSY: Failure.BUSY,
    sqlite3.SQLITE_LOCKED: Failure.BUSY,
    sqlite3.SQLITE_PROTOCOL: Failure.BUSY,
    sqlite3.SQLITE_TOOBIG: Failure.RANGE,
    sqlite3.SQLITE_MISMATCH: Failure.RANGE,
    sqlite3.SQLITE_RANGE: Failure.RANGE,
    sqlite3.SQLITE_CORRUPT: Failure.DAMAGED,
    sqlite3.SQLITE_NOTADB: Failure.DAMAGED,
    sqlite3.SQLITE_FORMAT: Failure.DAMAGED,
    sqlite3.SQLITE_ERROR: Failure.DAMAGED,
}
"""Primary result code -> kind. ``ERROR`` is what a statement of ours gets that meets other tables than ours."""

_SERVER: Final[Mapping[str, Failure]] = {
    "53300": Failure.UNREACHABLE,
    "53": Failure.FULL,
    "58": Failure.FULL,
    "25006": Failure.READ_ONLY,
    "42501": Failure.ACCESS,
    "28": Failure.ACCESS,
    "3D": Failure.ACCESS,
    "3F": Failure.ACCESS,
    "08": Failure.UNREACHABLE,
    "57014": Failure.BUSY,
    "57": Failure.UNREACHABLE,
    "25P": Failure.BUSY,
    "55": Failure.BUSY,
    "40": Failure.BUSY,
    "22": Failure.RANGE,
    "54": Failure.RANGE,
    "XX": Failure.DAMAGED,
    "42P01": Failure.DAMAGED,
    "42703": Failure.DAMAGED,
}
"""The longest beginning of an SQLSTATE -> kind."""

_SYSTEM: Final[Mapping[int, Failure]] = {
    errno.ENOSPC: Failure.FULL,
    errno.EDQUOT: Failure.FULL,
    errno.EFBIG: Failure.FULL,
    errno.EIO: Failure.FULL,
    errno.EROFS: Failure.READ_ONLY,
}
"""The system's error numbers -> kind; any other of a file is one of access."""

_REFUSED: Final = ("authentication failed", "no password supplied", "does not exist", "no pg_hba.conf entry")
"""Words of a server that is reached and lets nobody in: libpq gives no SQLSTATE for them."""

_HINTS: Final[Mapping[Failure, str]] = {
    Failure.FULL: "make room on the disk, or look at it, and run the command again; nothing was sent without a record, "
    "and the records are as they were",
    Failure.READ_ONLY: "give this user write access to the file and its directory, and run the command again; the "
    "records are as they were",
    Failure.ACCESS: "give this user access to the file and its directory, and run the command again; the records are "
    "as they were",
    Failure.UNREACHABLE: "check that the database answers and that the credentials in the URL are right, and run the "
    "command again; nothing was sent without a record",
    Failure.BUSY: "another process holds the records: wait for it, or close the backup or editor that has them open, "
    "and run the command again",
    Failure.RANGE: "a value does not fit into the records, which are as they were: shorten it in the configuration, or "
    "report this if none of yours is to blame",
    Failure.OTHER: "the records are as they were; run the command again, and report this if it fails again",
}

_SERVER_HINTS: Final[Mapping[Failure, str]] = {
    Failure.FULL: "make room on the server's disk, or for more, and run the command again; nothing was sent without a "
    "record, and the records are as they were",
    Failure.READ_ONLY: "this server takes no writes, as a standby does: name the one that does in the state URL, or "
    "wait until it is it; the records are as they were",
    Failure.BUSY: "the server did not come to an end in time, or somebody ended it: look at its load and at the "
    "sessions that hold the records, and run the command again; the records are as they were",
    Failure.ACCESS: "check the user, the password and the database in the state URL, and let the owner of the database "
    "GRANT this user what it lacks, or name a schema of its own with `?schema=NAME`; the records are as they were",
}
"""Where a server takes another way out than a file."""


def failure_of(error: BaseException) -> Failure:
    """The kind of a driver's or the system's ``error``."""
    if isinstance(error, OverflowError | UnicodeEncodeError):
        return Failure.RANGE  # it has no column: raised before the statement is sent
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", None)
        return Failure.OTHER if code is None else _SQLITE.get(code & 0xFF, Failure.OTHER)
    if isinstance(error, OSError):
        return _SYSTEM.get(error.errno or 0, Failure.ACCESS)
    return _failure_of_server(error)


def _failure_of_server(error: BaseException) -> Failure:
    """The kind of psycopg's ``error``; without a code the server was not reached, or the connection broke."""
    code = getattr(error, "sqlstate", None)
    if isinstance(code, str):
        beginnings = (code[:length] for length in range(len(code), 1, -1))
        return next((_SERVER[beginning] for beginning in beginnings if beginning in _SERVER), Failure.OTHER)
    name = type(error).__name__
    if name == "OperationalError":
        return Failure.ACCESS if any(message in str(error) for message in _REFUSED) else Failure.UNREACHABLE
    return Failure.RANGE if name == "DataError" else Failure.OTHER


def state_error(message: str, failure: Failure, *, server: bool) -> StateError:
    """``message`` as an error with the way out of ``failure``."""
    if failure is Failure.DAMAGED:
        return DamagedRecordsError(message)
    hints = {**_HINTS, **_SERVER_HINTS} if server else _HINTS
    return StateError(message, hint=hints[failure])
