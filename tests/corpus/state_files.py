"""Records that are not intact: cut, overwritten, of another program, of another format, or with rows nobody wrote."""

from __future__ import annotations

import random
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Final

from tests.corpus import case
from tests.corpus.case import Case
from tests.rig import Rig

_FLEET: Final = """numbers:
  "+17205550142": {provider: ip, sms: true, webhook: "https://hooks.example.com/in"}
  "+447700900123": {provider: ib, labels: {team: support}}
"""

_STATEMENTS: Final = (
    ("no-meta", "DROP TABLE tnctl_meta", "does not hold tnctl's records"),
    ("no-records", "DROP TABLE tnctl_records", "no such table"),
    ("no-locks", "DROP TABLE tnctl_locks", "no such table"),
    ("other-columns", "ALTER TABLE tnctl_records RENAME COLUMN seal TO zeal", "no such column"),
    ("meta-without-value", "ALTER TABLE tnctl_meta RENAME COLUMN value TO worth", "no such column"),
    ("empty-meta", "DELETE FROM tnctl_meta", "have lost their identity"),
    ("newer", "UPDATE tnctl_meta SET value = '99' WHERE key = 'format_version'", "have format 99"),
    ("older", "UPDATE tnctl_meta SET value = '0' WHERE key = 'format_version'", "have lost their identity"),
    ("foreign-digit", "UPDATE tnctl_meta SET value = '²' WHERE key = 'format_version'", "have lost their identity"),
    ("word-for-format", "UPDATE tnctl_meta SET value = 'x' WHERE key = 'format_version'", "have lost their identity"),
    ("no-lineage", "DELETE FROM tnctl_meta WHERE key = 'lineage'", "have lost their identity"),
    ("empty-lineage", "UPDATE tnctl_meta SET value = '' WHERE key = 'lineage'", "have lost their identity"),
    ("short-key", "UPDATE tnctl_meta SET value = 'ab' WHERE key = 'key'", "have lost their identity"),
    ("key-not-hex", "UPDATE tnctl_meta SET value = 'xyz' WHERE key = 'key'", "have lost their identity"),
    ("serial", "UPDATE tnctl_meta SET value = 'x' WHERE key = 'serial'", "what no tnctl wrote"),
    ("kind", "UPDATE tnctl_records SET kind = 'fax' WHERE kind = 'number'", "what no tnctl wrote"),
    ("origin", "UPDATE tnctl_records SET origin = 'x'", "what no tnctl wrote"),
    ("applied-no-json", "UPDATE tnctl_records SET applied = '{'", "what no tnctl wrote"),
    ("applied-list", "UPDATE tnctl_records SET applied = '[]'", "what no tnctl wrote"),
    ("carrier-number", "UPDATE tnctl_records SET carrier = '1'", "what no tnctl wrote"),
    ("labels-empty", "UPDATE tnctl_records SET labels = ''", "what no tnctl wrote"),
    ("moment", "UPDATE tnctl_records SET made_at = 'yesterday'", "what no tnctl wrote"),
    ("blob", "UPDATE tnctl_records SET applied = x'ff'", "what no tnctl wrote"),
)


@cache
def intact() -> bytes:
    """The file of records that an apply has written."""
    with tempfile.TemporaryDirectory() as name:
        rig = Rig(Path(name))
        rig.write(_FLEET)
        rig.apply()
        with closing(sqlite3.connect(rig.folder / "state.db")) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            database.execute("PRAGMA journal_mode = DELETE")
        return (rig.folder / "state.db").read_bytes()


def cases() -> Iterator[Case]:
    """All of them."""
    yield from _bytes()
    for name, statement, words in _STATEMENTS:
        yield case.state(f"sql-{name}", _edited(statement), words)
    yield case.state("folder", Path.mkdir, "the records at sqlite:///state.db")
    yield case.state("other-program", _other_program, "does not hold tnctl's records")
    yield case.state("log-without-file", _orphan_log, "are gone, but their log state.db-wal is there")


def _bytes() -> Iterator[Case]:
    """A file that is no whole database."""
    whole, chance = intact(), random.Random(1)
    yield case.state("empty", b"", "are an empty file")
    for eighth in range(1, 8):
        yield case.state(f"cut-at-{eighth}-eighths", whole[: len(whole) * eighth // 8], "the records at")
    for name, raw in {
        "one-byte": b"S",
        "header-only": whole[:100],
        "one-page": whole[:4096],
        "random": chance.randbytes(20_000),
        "random-behind-header": whole[:100] + chance.randbytes(len(whole) - 100),
        "zeroes": bytes(20_000),
        "zeroes-behind-header": whole[:100] + bytes(len(whole) - 100),
        "zeroed-page": whole[:8192] + bytes(4096) + whole[12288:],
        "text": b"version: 1\n" * 1000,
        "page-size": whole[:16] + b"\xff\xff" + whole[18:],
        "byte-order": whole[1::2] + whole[::2],
    }.items():
        yield case.state(name, raw, "state.db")


def _edited(statement: str) -> Callable[[Path], None]:
    """Lays out intact records after one SQL statement."""

    def make(path: Path) -> None:
        path.write_bytes(intact())
        with closing(sqlite3.connect(path)) as database, database:
            database.execute("PRAGMA foreign_keys = OFF")
            database.execute(statement)

    return make


def _other_program(path: Path) -> None:
    """A sound database of something else."""
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE cookies (name TEXT)")


def _orphan_log(path: Path) -> None:
    """A write-ahead log whose database was deleted."""
    path.with_name(f"{path.name}-wal").write_bytes(b"x")
