"""Finding, checking and making the records, so that no two runs ever begin two lineages.

A file appears whole or not at all: it is made under another name and then linked into place, which fails when
another process was first. A file that is there is checked before it is used; one that is damaged, of a newer
format or not ours is refused, never repaired and never replaced: starting over would forget what was bought.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import Connection, func, inspect, select, text

from reconciler.errors import DamagedRecordsError, StateError
from reconciler.state import files, migrations, schemas, tables
from reconciler.state.database import Database, open_file, open_memory, open_server
from reconciler.state.failures import failure_of, state_error

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from reconciler.state.location import Location

Token = Callable[[], str]
"""Makes unguessable text, new at each call."""

Fresh = Callable[[], dict[str, str]]
"""Makes the identity of new records, as the meta table holds it."""

_SANDBOX = "sandbox"

_EVERY_META = select(tables.meta)
_HAS_META = text("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'tnctl_meta'")

_CREATION = 0x746E63746C
"""Key of the PostgreSQL advisory lock under which tables are made ("tnctl")."""


def new_token() -> str:
    """256 random bits in hex."""
    return secrets.token_hex(32)


@dataclass(frozen=True, slots=True)
class Identity:
    """What tells records from any others: the lineage, the key of the seals, and whether they are the sandbox's.

    ``fleet`` is the name of what they are the records of; empty until an apply has had one.
    """

    lineage: str
    key: bytes = field(repr=False)
    sandbox: bool = False
    fleet: str = ""


def open_database(
    location: Location, now: datetime, *, create: bool, sandbox: bool, token: Token
) -> tuple[Database, Identity, bool]:
    """The records at ``location``, their identity, and whether they exist; raises StateError.

    Missing ones are made when ``create``; else an empty stand-in is returned that exists in memory only. Those of an
    earlier format are brought to the present one; raises LockedError while an older tnctl is at work on them.
    """
    fresh = _identity_of(token, sandbox=sandbox)
    if location.path is None:
        found = _open_server(location, create, fresh)
    else:
        found = _open_file(location, location.path, create, fresh)
    if found is not None:
        return found, _checked(found, location, now), True
    stand_in = open_memory(location)
    with stand_in.writing() as connection:
        _fill(connection, fresh)
    return stand_in, _checked(stand_in, location, now), False


def _open_file(location: Location, path: Path, create: bool, fresh: Fresh) -> Database | None:
    """The SQLite file, made when it is missing and ``create``."""
    try:
        orphans = [log.name for log in _logs(path) if log.exists()]  # before the file: another may be making both
        if not os.path.lexists(path):
            if orphans:
                raise DamagedRecordsError(
                    f"the records at {location.shown} are gone, but their log {orphans[0]} is there"
                )
            if not create:
                return None
            _make_file(path, location, fresh)
        if path.is_symlink() and not path.exists():
            raise StateError(
                f"the records at {location.shown} are a link to a file that is not there",
                hint="mount or restore what it leads to; new records in its place would know of no number",
            )
        if path.is_file() and path.stat().st_size == 0:
            raise DamagedRecordsError(f"the records at {location.shown} are an empty file: they were cut short")
    except (OSError, sqlite3.Error) as error:
        message = f"the records at {location.shown} cannot be reached: {error}"
        raise state_error(message, failure_of(error), server=False) from None
    return open_file(path, location)


def _logs(path: Path) -> list[Path]:
    """SQLite's write-ahead log and rollback journal of ``path``."""
    return [path.with_name(path.name + suffix) for suffix in ("-wal", "-journal")]


def _make_file(path: Path, location: Location, fresh: Fresh) -> None:
    """Make the file whole and put it in place; another process that is quicker wins.

    It is made in memory: on a disk without room for all of it there will be nothing.
    """
    files.make_folder(path.parent)
    with closing(open_memory(location)) as database:
        with database.writing() as connection:
            _fill(connection, fresh)
        with suppress(FileExistsError):  # made by another process meanwhile: its lineage is the one
            files.create_whole(path, database.image())


def _open_server(location: Location, create: bool, fresh: Fresh) -> Database | None:
    """The PostgreSQL records; their tables are made in one transaction, one process at a time."""
    database = open_server(location)
    try:
        with database.writing() as connection:
            found = _found_or_made(connection, location, create, fresh)
    except BaseException:
        database.close()
        raise
    if found:
        return database
    database.close()
    return None


def _found_or_made(connection: Connection, location: Location, create: bool, fresh: Fresh) -> bool:
    """Whether the records are on the server, by now when ``create``."""
    if schemas.check(connection, location) and _has_tables(connection):
        return True
    if create:
        connection.execute(select(func.pg_advisory_xact_lock(_CREATION)))
        schemas.make(connection, location)
        if not _has_tables(connection):
            _fill(connection, fresh)
    return create


def _has_tables(connection: Connection) -> bool:
    """Whether any table of ours is there; some of them missing is damage, found by :func:`_checked`."""
    return not set(tables.metadata.tables).isdisjoint(inspect(connection).get_table_names())


def _fill(connection: Connection, fresh: Fresh) -> None:
    """The tables and the identity."""
    tables.make(connection)
    connection.execute(tables.meta.insert(), [{"key": key, "value": value} for key, value in fresh().items()])


def _identity_of(token: Token, *, sandbox: bool) -> Fresh:
    """Makes the meta table of new records."""
    return lambda: {
        "format_version": str(tables.FORMAT_VERSION),
        "lineage": token()[:32],
        "key": hashlib.sha256(token().encode()).hexdigest(),
        "serial": "0",
        "world": _SANDBOX if sandbox else "carriers",
    }


def _checked(database: Database, location: Location, now: datetime) -> Identity:
    """The identity of intact records, in the present format by then; raises StateError for anything else."""
    try:
        identity = _looked_at(database, location, pages=database.dialect == "sqlite")
        if identity is None:
            migrations.bring_up(database, location, now)
            identity = _looked_at(database, location, pages=False)
    except BaseException:
        database.leave()
        raise
    if identity is None:
        raise StateError(f"the records at {location.shown} stay in an older format")
    return identity


def _looked_at(database: Database, location: Location, *, pages: bool) -> Identity | None:
    """The identity of intact records; None for those of an older format. ``pages``: look at each of them."""
    with database.reading() as connection:
        if pages:
            _check_pages(connection, location)
        values = _meta(connection, location)
        if migrations.is_older(values.get("format_version", "")):
            return None
        identity = _identity(values, location)
        connection.execute(tables.EVERY_COLUMN)
        return identity


def _check_pages(connection: Connection, location: Location) -> None:
    """SQLite's own look at every page; stops at the first fault."""
    verdict = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
    if verdict != "ok":
        raise DamagedRecordsError(f"the records at {location.shown} are damaged: {location.redact(str(verdict))}")


def _meta(connection: Connection, location: Location) -> dict[str, str]:
    """The meta table as a map."""
    if not _has_meta(connection):
        message = f"the database at {location.shown} does not hold tnctl's records"
        raise StateError(message, hint="name the right one with `--state`, or restore it from a backup")
    return {row.key: row.value for row in connection.execute(_EVERY_META)}


def _has_meta(connection: Connection) -> bool:
    """Whether there is a meta table. SQLite is asked itself: SQLAlchemy's inspection takes as long as ten reads."""
    if connection.dialect.name == "sqlite":
        return connection.execute(_HAS_META).first() is not None
    return inspect(connection).has_table(tables.meta.name)


def _identity(values: dict[str, str], location: Location) -> Identity:
    """The identity in ``values``, when this tnctl can read what follows."""
    version, lineage = values.get("format_version", ""), values.get("lineage", "")
    if version.isascii() and version.isdigit() and int(version) > tables.FORMAT_VERSION:
        message = f"the records at {location.shown} have format {version}; this tnctl reads {tables.FORMAT_VERSION}"
        raise StateError(message, hint="use the newer tnctl that wrote them")
    try:
        key = bytes.fromhex(values.get("key", ""))
    except ValueError:
        key = b""
    if version != str(tables.FORMAT_VERSION) or not lineage or len(key) != hashlib.sha256().digest_size:
        raise DamagedRecordsError(f"the records at {location.shown} have lost their identity (format, lineage or key)")
    return Identity(lineage, key, values.get("world") == _SANDBOX, values.get(tables.FLEET, ""))
