"""Which records of one PostgreSQL database hold which number, so that no two of them buy or release the same one.

Records in other schemas of the database are other people's, on the same carrier accounts perhaps. What each manages
stands in one table that all share, ``tnctl_shared.claims``: a number at a type of carrier belongs to one schema. A
claim is made in the commit of the purchase's intent, or of the record that takes the number over, and is given back in
the one after which neither is there any more. Shared numbers, which a carrier gives to several, are nobody's alone.

==============================  =====================================================================
a claim of                      is
==============================  =====================================================================
this schema                     made and given back as its records and open purchases say
another schema with records     left alone: its number is not ours to buy, take over or release
a schema without records        nobody's: taken over by whoever has the number
==============================  =====================================================================

Records in an SQLite file share nothing. A user who may not use the table does without, and is told so once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, func, select, text

from reconciler.errors import ClaimedError

if TYPE_CHECKING:
    from sqlalchemy import Row

Claim = tuple[str, str]
"""A type of carrier and a number in E.164."""

MAKING: Final = 0x746E63746E
"""Key of the advisory lock under which the table is made ("tnctn")."""

_TABLE = "tnctl_shared.claims"

_MAKE = (
    "CREATE SCHEMA IF NOT EXISTS tnctl_shared",
    "GRANT USAGE ON SCHEMA tnctl_shared TO PUBLIC",
    f"""CREATE TABLE IF NOT EXISTS {_TABLE} (
        carrier text NOT NULL, number text NOT NULL, records text NOT NULL, account text NOT NULL,
        claimed_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (carrier, number))""",
    f"GRANT SELECT, INSERT, UPDATE, DELETE ON {_TABLE} TO PUBLIC",
)

_RIGHTS = text("""
    SELECT has_schema_privilege(n.oid, 'USAGE') AS usage, c.oid IS NOT NULL AS made,
      coalesce(has_table_privilege(c.oid, 'SELECT'), false) AS reads,
      coalesce(has_table_privilege(c.oid, 'INSERT') AND has_table_privilege(c.oid, 'UPDATE')
        AND has_table_privilege(c.oid, 'DELETE'), false) AS writes
    FROM pg_namespace n LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = 'claims'
    WHERE n.nspname = 'tnctl_shared'
""")
_MAY_MAKE = text("""
    SELECT coalesce((SELECT pg_has_role(nspowner, 'USAGE') FROM pg_namespace WHERE nspname = 'tnctl_shared'),
      has_database_privilege(current_database(), 'CREATE'))
""")

_HELD = """
    SELECT r.provider AS account, r.name AS number FROM tnctl_records r
      WHERE r.kind IN ('number', 'sms') AND NOT r.gone AND r.carrier NOT LIKE '%"shared"\\:true%'
    UNION SELECT i.provider, a.name FROM tnctl_intents i JOIN tnctl_intent_addresses a ON a.intent_id = i.id
      WHERE i.status = 'open' AND i.action = 'create' AND a.kind IN ('number', 'sms')
"""
"""What these records manage, or are about to."""

_TYPED = f"""
    SELECT DISTINCT ON (t.carrier, h.number) t.carrier, h.number, h.account FROM ({_HELD}) h
      JOIN unnest(CAST(:accounts AS text[]), CAST(:carriers AS text[])) AS t(account, carrier) ON t.account = h.account
      WHERE CAST(:every AS boolean) OR h.number = ANY(CAST(:numbers AS text[]))
      ORDER BY t.carrier, h.number, h.account
"""

_IS_LIVING = """
    EXISTS (SELECT 1 FROM pg_class k JOIN pg_namespace n ON n.oid = k.relnamespace
      WHERE n.nspname = c.records AND k.relname = 'tnctl_meta')
"""

_ABOUT = "(CAST(:every AS boolean) OR c.number = ANY(CAST(:numbers AS text[])))"

_BURY = text(f"DELETE FROM {_TABLE} c WHERE c.records <> current_schema() AND {_ABOUT} AND NOT {_IS_LIVING}")
_CLAIM = text(f"""
    INSERT INTO {_TABLE} AS c (carrier, number, records, account)
      SELECT w.carrier, w.number, current_schema(), w.account FROM ({_TYPED}) w
      ON CONFLICT (carrier, number) DO UPDATE SET account = excluded.account
        WHERE c.records = excluded.records AND c.account <> excluded.account
""")
_GIVE_BACK = text(f"""
    DELETE FROM {_TABLE} c WHERE c.records = current_schema() AND {_ABOUT}
      AND NOT EXISTS (SELECT 1 FROM ({_HELD}) h WHERE h.account = c.account AND h.number = c.number)
""")
_RIVAL = text(f"""
    SELECT c.carrier, c.number, c.records FROM {_TABLE} c JOIN ({_TYPED}) w
      ON w.carrier = c.carrier AND w.number = c.number WHERE c.records <> current_schema() LIMIT 1
""")
_OTHERS = text(
    f"SELECT c.carrier, c.number, c.records FROM {_TABLE} c WHERE c.records <> current_schema() AND {_IS_LIVING}"
)


def are_kept(connection: Connection) -> bool:
    """Whether this user keeps claims: on a server, where the table is there and may be written."""
    rights = _rights(connection)
    return rights is not None and bool(rights.usage and rights.made and rights.writes)


def prepare(connection: Connection) -> bool:
    """Make the table where it is missing and this user may; whether claims are kept from now on."""
    if connection.dialect.name == "sqlite":
        return False
    if not are_kept(connection) and connection.execute(_MAY_MAKE).scalar():
        connection.execute(select(func.pg_advisory_xact_lock(MAKING)))
        for statement in _MAKE:
            connection.execute(text(statement))
    return are_kept(connection)


def others(connection: Connection) -> dict[Claim, str]:
    """What other records of the database hold, and which records: none where this user may not look."""
    rights = _rights(connection)
    if rights is None or not (rights.usage and rights.made and rights.reads):
        return {}
    return {(row.carrier, row.number): row.records for row in connection.execute(_OTHERS)}


def _rights(connection: Connection) -> Row[tuple[bool, bool, bool, bool]] | None:
    """What this user may do with the table; None where there is none, or never one."""
    return None if connection.dialect.name == "sqlite" else connection.execute(_RIGHTS).one_or_none()


def follow(connection: Connection, types: Mapping[str, str], numbers: Iterable[str] | None) -> None:
    """Make and give back claims of ``numbers`` (None: of all) as the records and open purchases say by now.

    ``types``: account -> type of its carrier. What other records hold is left to them.
    """
    about = {"every": numbers is None, "numbers": sorted(numbers or ())}
    connection.execute(_BURY, about)
    connection.execute(_CLAIM, {**about, **_arrays(types)})
    connection.execute(_GIVE_BACK, about)


def refuse_rivals(connection: Connection, types: Mapping[str, str], numbers: Iterable[str]) -> None:
    """Raise ClaimedError where these records have one of ``numbers`` that others hold."""
    about = {"every": False, "numbers": sorted(numbers), **_arrays(types)}
    if (rival := connection.execute(_RIVAL, about).first()) is not None:
        raise ClaimedError(f"records {rival.records} hold {rival.number}")


def _arrays(types: Mapping[str, str]) -> dict[str, list[str]]:
    return {"accounts": list(types), "carriers": list(types.values())}
