"""Speed: statements are compiled once a process, not once for each of the thousands of databases that are opened.

SQLAlchemy keeps compiled statements with an engine. A test opens its records anew for each run, as the program does,
and spent two thirds of its time on compiling the same forty statements. What is executed stays the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from sqlalchemy import Engine, create_engine

from reconciler.state import database

_MEMORY = Path("/dev/shm")
SHARED_MEMORY = _MEMORY if _MEMORY.is_dir() else None
"""Where a database costs no disk, on systems that have it."""

_first: list[Engine] = []


def _create_engine(*args: Any, **kwargs: Any) -> Engine:
    engine = create_engine(*args, **kwargs)
    if engine.dialect.name != "sqlite":
        return engine
    if not _first:
        _first.append(engine)
    engine.dialect = _first[0].dialect
    engine._compiled_cache = _first[0]._compiled_cache
    return engine


@contextmanager
def compiled_once() -> Iterator[None]:
    """While this is entered, all engines of the records share the statements that they have compiled."""
    with patch.object(database, "create_engine", _create_engine):
        yield
