"""A copy of an SQLite file beside it, made while nobody writes, whole or not at all, and never over another."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager, suppress
from itertools import count
from typing import TYPE_CHECKING

from reconciler.state import files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


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
