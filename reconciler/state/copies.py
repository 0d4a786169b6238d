"""A copy of an SQLite file beside it, made while nobody writes, whole or not at all, and never over another."""

from __future__ import annotations

import os
import secrets
import sqlite3
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING

from reconciler.state.database import make_private, sync_directory

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def copied(path: Path | None, suffix: str) -> Iterator[None]:
    """Keep a copy of ``path`` as ``NAME.SUFFIX`` (no copy without a path: a server has backups of its own).

    The body then changes what was copied; when it fails, nothing is changed, and the copy goes again.
    """
    if path is None:
        yield
        return
    copy = _copy(path.resolve(), suffix)
    try:
        yield
    except BaseException:
        copy.unlink(missing_ok=True)
        raise


def _copy(path: Path, suffix: str) -> Path:
    """A whole copy under the first free name: ``NAME.SUFFIX``, then ``NAME.SUFFIX.2`` and on."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}.copy")
    try:
        make_private(draft)
        _back_up(path, draft)
        return _place(draft, path, suffix)
    finally:
        draft.unlink(missing_ok=True)


def _back_up(path: Path, draft: Path) -> None:
    """SQLite's own backup: what was committed, without the log, page by page."""
    source = f"{path.as_uri()}?mode=ro"
    with closing(sqlite3.connect(source, uri=True)) as old, closing(sqlite3.connect(draft)) as new:
        old.backup(new)
        new.execute("PRAGMA journal_mode = DELETE")
    handle = os.open(draft, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _place(draft: Path, path: Path, suffix: str) -> Path:
    """Give ``draft`` its name, which it shares with no earlier copy."""
    number = 1
    while True:
        copy = path.with_name(f"{path.name}.{suffix}" + (f".{number}" if number > 1 else ""))
        with suppress(FileExistsError):
            os.link(draft, copy)
            sync_directory(path.parent)
            return copy
        number += 1
