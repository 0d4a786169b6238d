"""Records that a tnctl of format 1 wrote, put where a test wants them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import Engine

from reconciler.state import tables
from reconciler.state.location import Location

FOLDER = Path(__file__).with_name("format_1")

SLOTS = {"number/+12013895349": "nj-support.2", "number/+447700900002": "uk-desk.2"}
"""Open purchases of theirs that are for a slot."""

OPEN = {**dict.fromkeys(SLOTS, 1), "number/+447700900125": 1, "number/+447700900127": 1}
"""Open outcomes of theirs -> attempts."""


def lay_out(url: str) -> None:
    """Put them at ``url``, where nothing is yet."""
    location = Location.parse(url)
    if location.path is not None:
        location.path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(FOLDER / "state.db", location.path)
        return
    with (
        engine_of(url) as engine,
        closing(engine.raw_connection()) as connection,
    ):  # the driver's own: SQLAlchemy would look for parameters
        connection.cursor().execute((FOLDER / "state.sql").read_text())
        connection.commit()


@contextmanager
def engine_of(url: str) -> Iterator[Engine]:
    """An engine beside tnctl's own."""
    location = Location.parse(url)
    engine = create_engine(location.url if location.path is None else f"sqlite:///{location.path}")
    try:
        yield engine
    finally:
        engine.dispose()


def content(url: str) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table of ours, as it stands."""
    with engine_of(url) as engine, engine.connect() as connection:
        names = [name for name in sorted(inspect(connection).get_table_names()) if name.startswith("tnctl_")]
        return {name: sorted(map(tuple, connection.execute(text(f"SELECT * FROM {name}"))), key=repr) for name in names}


def shape(url: str) -> dict[str, object]:
    """Columns, keys and indexes of the tables that this tnctl has."""
    found: dict[str, object] = {}
    with engine_of(url) as engine:
        look = inspect(engine)
        for name in tables.metadata.tables:
            columns = {(c["name"], repr(c["type"]), c["nullable"]) for c in look.get_columns(name)}
            indexes = {(i["name"], tuple(i["column_names"]), bool(i["unique"])) for i in look.get_indexes(name)}
            found[name] = (columns, look.get_pk_constraint(name)["constrained_columns"], indexes)
    return found


def format_of(url: str) -> str:
    """The format that the records say they have."""
    return str(dict(content(url)["tnctl_meta"])["format_version"])
