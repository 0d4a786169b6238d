"""The schema of a PostgreSQL database that holds the records: whether it can be used, and making it.

What a user may not use is never taken for empty: records that are only out of reach would be begun anew, and their
pools filled a second time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection, text

from reconciler.errors import StateError

if TYPE_CHECKING:
    from reconciler.state.location import Location

_USABLE = text("SELECT has_schema_privilege(oid, 'USAGE') FROM pg_namespace WHERE nspname = :name")
_CURRENT = text("SELECT current_schema()")
_MAY_MAKE = text("SELECT has_database_privilege(current_database(), 'CREATE'), current_user")


def check(connection: Connection, location: Location) -> bool:
    """Whether the schema is there; raises StateError where it is out of reach."""
    if location.schema is None:
        usable = connection.execute(_CURRENT).scalar() is not None
    else:
        found = connection.execute(_USABLE, {"name": location.schema}).scalar()
        if found is None:
            return False
        usable = bool(found)
    if not usable:
        named = f"the schema {location.schema}" if location.schema else "any schema of its search path"
        raise StateError(
            f"the records at {location.shown} are out of reach: this user may not use {named}",
            hint="let the owner of the schema GRANT USAGE on it to this user, or name another with `?schema=NAME`; the "
            "records are as they were",
        )
    return True


def make(connection: Connection, location: Location) -> None:
    """Make the schema where it is missing; raises StateError where this user may not."""
    if check(connection, location):
        return
    allowed, user = connection.execute(_MAY_MAKE).one()
    if not allowed:
        raise StateError(
            f"the schema {location.schema} of {location.shown} is not there, and this user may not make it",
            hint=f'let the owner of the database run `CREATE SCHEMA {location.schema} AUTHORIZATION "{user}"`',
        )
    connection.execute(text(f"CREATE SCHEMA {location.schema}"))
