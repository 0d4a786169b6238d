"""Bringing records of an earlier format to the present one: in place, in one transaction, or not at all.

Whoever opens older records brings them here, a plan too. It takes no lock of a run: the database lets one process at a
time write, and each looks again, once it may write, whether there is still something to do. An older tnctl that is at
work on the records is never disturbed: while it holds their lock, they are locked for this one (exit code 7).

A file is copied before, beside itself, while nobody writes: whole or not at all, and never over another.

To add a column or a table, write it into ``tables.py`` and as one line into :data:`STEPS`.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from itertools import count
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Connection, Index, Table, func, inspect, select, text, update

from reconciler.clock import stamp
from reconciler.errors import LockedError
from reconciler.state import files, tables

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from reconciler.state.database import Database
    from reconciler.state.location import Location

Migration = Callable[[Connection], None]
"""A small change of shape or content, inside the one transaction."""

_log = logging.getLogger(__name__)

MIGRATION = 0x746E63746D
"""Key of the PostgreSQL advisory lock under which one process at a time brings records to this format ("tnctm")."""


def _column(column: Column[Any], default: str | None = None) -> Migration:
    """Add ``column`` of ``tables.py``; one that must have a value gives ``default`` (as SQL) to the rows there are."""

    def step(connection: Connection) -> None:
        dialect = connection.dialect
        kind = column.type.compile(dialect=dialect)
        filled = "" if default is None else f" NOT NULL DEFAULT {default}"
        connection.execute(text(f"ALTER TABLE {column.table.name} ADD COLUMN {column.name} {kind}{filled}"))

    return step


def _table(table: Table) -> Migration:
    """Make ``table`` of ``tables.py`` with its indexes."""
    return lambda connection: table.create(connection)


def _index(table: Table, name: str) -> Migration:
    """Make that index of ``table``, whose columns are there."""
    index: Index = next(index for index in table.indexes if index.name == name)
    return lambda connection: index.create(connection)


def _wider(column: Column[Any]) -> Migration:
    """Let ``column`` hold 64 bits; in SQLite any integer does."""

    def step(connection: Connection) -> None:
        if connection.dialect.name != "sqlite":
            connection.execute(text(f"ALTER TABLE {column.table.name} ALTER COLUMN {column.name} TYPE BIGINT"))

    return step


def _claim_slots(connection: Connection) -> None:
    """Write beside each open purchase the slot that it carries; of two for one slot, the older has it."""
    claimed: set[str] = set()
    wanted = select(tables.intents.c.id, tables.intents.c.carrier)
    wanted = wanted.where(tables.intents.c.status == "open", tables.intents.c.action == "create")
    for row in connection.execute(wanted.order_by(tables.intents.c.id)).all():
        slot = json.loads(row.carrier).get("slot")
        if isinstance(slot, str) and slot not in claimed:
            claimed.add(slot)
            mine = tables.intents.c.id == row.id
            connection.execute(update(tables.intents).where(mine).values(slot=slot))


def _remember_fence(connection: Connection) -> None:
    """Let every account's fence begin above that of the one lock."""
    fence = connection.execute(text("SELECT MAX(fence) FROM tnctl_lock")).scalar() or 0
    connection.execute(tables.meta.insert().values(key=tables.FENCE, value=str(fence)))


STEPS: Mapping[int, Sequence[Migration]] = {
    1: (
        _column(tables.attempts.c.anchored_at),
        _column(tables.attempts.c.about, "''"),
        _column(tables.records.c.retired_answered),
        _column(tables.records.c.made_answered),
        _wider(tables.records.c.release_after),
        _index(tables.records, "tnctl_records_by_slot"),
        _column(tables.intents.c.slot),
        _claim_slots,
        _index(tables.intents, "tnctl_intents_by_slot"),
        _table(tables.locks),
        _remember_fence,
    ),
}
"""Format -> what brings it to the next one."""


_HELD_FOR_GOOD = """
    UPDATE tnctl_lock SET lock_id = 'format-2', fence = fence + 1, holder = 'a newer tnctl (which changed the format)',
    host = '', pid = 0, process_start = NULL, acquired_at = :now, expires_at = '9999-12-31T23:59:59Z'
"""


def is_older(version: str) -> bool:
    """Whether records of that format can be brought to the present one."""
    return version.isascii() and version.isdigit() and int(version) in STEPS


def bring_up(database: Database, location: Location, now: datetime) -> None:
    """Bring older records to the present format, with a copy of an SQLite file kept beside.

    Does nothing where another process was quicker. Raises LockedError while an older tnctl is at work on them, and
    StateError when it cannot be done; the records then are what they were.
    """
    with database.writing() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(MIGRATION)))
        version = _version(connection)
        if not is_older(version):
            return
        _refuse_living(connection, location, now)
        with copied(location.path, f"format-{version}") as copy:
            _change(connection, int(version))
            _shut_out_older(connection, now)
    kept = f"; as they were, they are kept in {copy}" if copy else ""
    _log.warning("the records at %s now have format %d%s", location.shown, tables.FORMAT_VERSION, kept)


def _version(connection: Connection) -> str:
    """The format as it is now that nobody else writes."""
    wanted = select(tables.meta.c.value).where(tables.meta.c.key == "format_version")
    return str(connection.execute(wanted).scalar_one())


def _change(connection: Connection, version: int) -> None:
    """All steps from ``version`` on; what comes out has every column, or nothing of it stays."""
    for older in range(version, tables.FORMAT_VERSION):
        for step in STEPS[older]:
            step(connection)
    mine = tables.meta.c.key == "format_version"
    connection.execute(update(tables.meta).where(mine).values(value=str(tables.FORMAT_VERSION)))
    connection.execute(tables.EVERY_COLUMN)


def _shut_out_older(connection: Connection, now: datetime) -> None:
    """Hold the one lock of format 1 for good: a run that opened the records before, and now wants to write, is told."""
    connection.execute(text(_HELD_FOR_GOOD), {"now": stamp(now)})


def _refuse_living(connection: Connection, location: Location, now: datetime) -> None:
    """Raise LockedError while a run of an older tnctl holds the lock, which it does for 15 minutes after it died."""
    if "tnctl_lock" not in inspect(connection).get_table_names():
        return
    held = "SELECT lock_id, holder, expires_at FROM tnctl_lock WHERE lock_id IS NOT NULL"
    if connection.dialect.name == "postgresql":
        held += " FOR UPDATE"  # its every write begins here, and waits until we are done
    for row in connection.execute(text(held)).all():
        if row.expires_at is not None and now < datetime.fromisoformat(row.expires_at):
            raise LockedError(
                f"an older tnctl is at work on the records at {location.shown} ({row.holder}, lock {row.lock_id}), and "
                "this one would change their format",
                hint=f"run the command again when that run has ended; if it died, its lock ends at {row.expires_at}, "
                f"or with `tnctl unlock {row.lock_id}` of the older tnctl",
            )


@contextmanager
def copied(path: Path | None, suffix: str) -> Iterator[Path | None]:
    """Keep a copy of ``path`` as ``NAME.SUFFIX``, told to the body; none without a path: a server has its own backups.

    The body then changes what was copied; when it fails, nothing is changed, and the copy goes again.
    """
    if path is None:
        yield None
        return
    copy = _copy(path.resolve(), suffix)
    try:
        yield copy
    except BaseException:
        copy.unlink(missing_ok=True)
        raise


def _copy(path: Path, suffix: str) -> Path:
    """A copy under the first free name: ``NAME.SUFFIX``, then ``NAME.SUFFIX.2`` and on."""
    image = _image(path)
    for number in count(1):
        copy = path.with_name(f"{path.name}.{suffix}" + (f".{number}" if number > 1 else ""))
        with suppress(FileExistsError):
            files.create_whole(copy, image)
            return copy
    raise AssertionError


def _image(path: Path) -> bytes:
    """SQLite's own backup, page by page: what was committed, whether it is in the file yet or in its log."""
    source = f"{path.as_uri()}?mode=ro"
    with closing(sqlite3.connect(source, uri=True)) as old, closing(sqlite3.connect(":memory:")) as new:
        old.backup(new)
        return new.serialize()
