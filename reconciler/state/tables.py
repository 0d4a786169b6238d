"""The shape of the records: one small set of typed tables for SQLite and PostgreSQL alike.

::

    meta     format version, lineage, sealing key, serial
    lock     one row, never deleted: its fence only rises
    locks    the same by account: one row each, made when an account is first locked
    records  what is ours, and what was last applied          one row an address, slots too
    intents ─┬─ intent_addresses                              written before a call, closed after it
             └─ attempts                                      one row a try
    ledger   purchases and releases that are settled
    plans ──── plan_outcomes                                  which plans ran, and how far
    resolutions                                               what a person settled, and on what evidence

Every table begins with ``tnctl_``, because a PostgreSQL database may hold other people's tables too.
Moments are RFC 3339 text in UTC, money is decimal text (never a float), maps are JSON text: both databases
keep them byte for byte. Durations are whole seconds.

What changes here also stands as a line in ``migrations.py``, which brings older records to this shape.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    select,
    text,
)
from sqlalchemy.dialects import registry
from sqlalchemy.schema import CreateIndex, CreateTable, ExecutableDDLElement

if TYPE_CHECKING:
    from sqlalchemy import Connection

FORMAT_VERSION = 2
"""The format that this tnctl writes, and the newest that it reads."""

metadata = MetaData()

_LONG = BigInteger().with_variant(Integer(), "sqlite")
"""64 bits, as every integer of SQLite has."""


def _text(name: str, *, key: bool = False) -> Column[str]:
    """A text column that always has a value."""
    return Column(name, Text, primary_key=key, nullable=False)


def _maybe(name: str) -> Column[str]:
    """A text column that may be unknown."""
    return Column(name, Text, nullable=True)


def _address(*, key: bool = False) -> list[Column[str]]:
    """The two halves of an address."""
    return [_text("kind", key=key), _text("name", key=key)]


def _price() -> list[Column[Any]]:
    """A price, all of it null when it is unknown; ``price_as_of`` is a date when it is the price book's."""
    return [_maybe("currency"), _maybe("setup"), _maybe("monthly"), _maybe("first_month"), _maybe("price_as_of")]


UNFILLED = "unfilled"
"""Key in meta: the pools that were declared as the records began, and had no number (see ``past.py``)."""

UNCLAIMED = "unclaimed"
"""Key in meta: it was said that this user keeps no claims (see ``claims.py``)."""

_OPEN = text("status = 'open'")
"""Of an index: the rows of intents whose outcome is not known, so that a slot is claimed by one of them."""

SLOT_ROWS = text("kind = 'slot'")
"""Of an index, and of the queries that use it: the records that say which slot has which number."""

meta = Table("tnctl_meta", metadata, _text("key", key=True), _text("value"))

locks = Table(
    "tnctl_locks",
    metadata,
    _text("account", key=True),
    Column("fence", _LONG, nullable=False),
    _maybe("lock_id"),
    _maybe("holder"),
    _maybe("host"),
    _maybe("machine"),
    _maybe("boot"),
    Column("pid", Integer, nullable=True),
    _maybe("process_start"),
    _maybe("acquired_at"),
    _maybe("expires_at"),
    Column("expires_boot", Float, nullable=True),
)
"""The locks by account. An account's first fence is above the one that meta names under :data:`FENCE`."""

FENCE = "fence"
"""Key in meta: the last fence of records that had one lock for all (absent in records that never did)."""

FLEET = "fleet"
"""Key in meta: the name of what these are the records of (absent until an apply had one)."""

records = Table(
    "tnctl_records",
    metadata,
    *_address(key=True),
    _text("provider"),
    _text("origin"),
    _text("applied"),
    _text("seal"),
    _text("carrier"),
    _text("labels"),
    Column("protect", Boolean, nullable=False),
    Column("gone", Boolean, nullable=False),
    _maybe("made_at"),
    _maybe("made_answered"),
    _maybe("updated_at"),
    _text("word"),
    _maybe("since"),
    Column("release_after", _LONG, nullable=True),
    _maybe("retired_at"),
    _maybe("retired_answered"),
    Index("tnctl_records_by_slot", "applied", sqlite_where=SLOT_ROWS, postgresql_where=SLOT_ROWS),
)

intents = Table(
    "tnctl_intents",
    metadata,
    Column("id", Integer, primary_key=True),
    _text("plan_id"),
    _text("provider"),
    _text("action"),
    _text("reference"),
    _text("carrier"),
    *_price(),
    _text("created_at"),
    _text("status"),
    _text("person"),
    _maybe("closed_at"),
    _text("how"),
    _text("evidence"),
    _text("who"),
    _maybe("slot"),
    Index("tnctl_intents_by_status", "status"),
    Index("tnctl_intents_by_slot", "slot", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
    sqlite_autoincrement=True,
)

intent_addresses = Table(
    "tnctl_intent_addresses",
    metadata,
    Column("intent_id", ForeignKey(intents.c.id), primary_key=True),
    Column("position", Integer, primary_key=True),
    *_address(),
    Index("tnctl_intent_addresses_by_address", "kind", "name"),
)

attempts = Table(
    "tnctl_attempts",
    metadata,
    Column("intent_id", ForeignKey(intents.c.id), primary_key=True),
    Column("n", Integer, primary_key=True),
    _text("at"),
    _maybe("answered"),
    _maybe("verdict"),
    _text("words"),
    Column("status", Integer, nullable=True),
    _maybe("anchored_at"),
    _text("about"),
)

ledger = Table(
    "tnctl_ledger",
    metadata,
    Column("id", Integer, primary_key=True),
    _text("at"),
    _text("event"),
    _text("plan_id"),
    *_address(),
    _text("provider"),
    *_price(),
    _text("reference"),
    Index("tnctl_ledger_by_address", "kind", "name"),
    sqlite_autoincrement=True,
)

plans = Table(
    "tnctl_plans",
    metadata,
    _text("plan_id", key=True),
    _text("digest"),
    _text("status"),
    _text("started_at"),
    _maybe("ended_at"),
)

plan_outcomes = Table(
    "tnctl_plan_outcomes",
    metadata,
    _text("plan_id", key=True),
    *_address(key=True),
    _text("result"),
    ForeignKeyConstraint(["plan_id"], [plans.c.plan_id]),
)

resolutions = Table(
    "tnctl_resolutions",
    metadata,
    Column("id", Integer, primary_key=True),
    *_address(),
    _text("provider"),
    Column("owned", Boolean, nullable=False),
    _text("evidence"),
    _text("who"),
    _text("at"),
    Index("tnctl_resolutions_by_address", "kind", "name"),
    sqlite_autoincrement=True,
)

EVERY_COLUMN = select(*metadata.sorted_tables).limit(0)
"""Fails where a table or a column is missing, and reads no row of any."""


def make(connection: Connection) -> None:
    """Make all tables, where there is none of them."""
    for statement in _definitions(connection.dialect.name):
        connection.exec_driver_sql(statement)


@cache
def _definitions(dialect: str) -> tuple[str, ...]:
    """The statements that make the tables and their indexes."""
    spoken = registry.load(dialect)()
    made: list[ExecutableDDLElement] = []
    for table in metadata.sorted_tables:
        made += [CreateTable(table), *map(CreateIndex, table.indexes)]
    return tuple(str(statement.compile(dialect=spoken)) for statement in made)
