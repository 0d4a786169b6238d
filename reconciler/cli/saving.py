"""Where a result may be saved: a regular file, never in the place of something that is needed as it is."""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.errors import UsageError
from reconciler.state import files

if TYPE_CHECKING:
    from reconciler.cli.options import Common
    from reconciler.model.fleet import Fleet

_HINT = "name another place with --out"

_KINDS = (
    (stat.S_ISDIR, "a directory"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
)


def check_out(path: Path, common: Common, fleet: Fleet, state: Path | None) -> None:
    """Raise UsageError where ``path`` is none that a plan may be saved to: no regular file, or one that is in use."""
    from reconciler.config import load

    _check_kind(path)
    in_use = {
        "the configuration": [*load.files(common.files), *filter(None, [common.accounts])],
        "a credential": _credentials(fleet),
        "the records": _records(state),
    }
    for what, taken in in_use.items():
        if any(_is_same(path, one) for one in taken):
            raise UsageError(f"{path} is a file of {what}, and stays as it is", hint=_HINT)
    target = _target(path)
    for folder in common.files:
        if folder.is_dir() and _is_same(folder, target.parent) and target.suffix in (".yaml", ".yml"):
            raise UsageError(f"{path} would be read as a file of the configuration", hint=_HINT)


def save(path: Path, content: bytes) -> None:
    """Write ``content`` whole or not at all, for its owner's eyes only; a link is followed. Raises UsageError."""
    _check_kind(path)
    try:
        files.replace_whole(_target(path), content)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}", hint=_HINT) from None


def _check_kind(path: Path) -> None:
    """Raise UsageError for what is there and no regular file."""
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        return
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be written: {_why(error)}", hint=_HINT) from None
    if not stat.S_ISREG(mode):
        kind = next((message for is_kind, message in _KINDS if is_kind(mode)), "no regular file")
        raise UsageError(f"{path} cannot be written: it is {kind}, and a plan is a regular file", hint=_HINT)


def _why(error: Exception) -> str:
    return error.strerror if isinstance(error, OSError) and error.strerror else "not a usable path"


def _target(path: Path) -> Path:
    """Where ``path`` leads."""
    return Path(os.path.realpath(path))


def _is_same(one: Path, other: Path) -> bool:
    """Whether both are one file, by whatever names and links."""
    try:
        return os.path.samefile(one, other)
    except (OSError, ValueError):
        return _target(one) == _target(other)


def _credentials(fleet: Fleet) -> Iterator[Path]:
    """The files that hold a credential, and those that a command which tells one is made of."""
    for ref in (ref for account in fleet.accounts.values() for ref in account.credentials.values()):
        if ref.kind == "file":
            yield ref.path
        elif ref.kind == "command":
            yield from (ref.folder / part for part in ref.target)


def _records(state: Path | None) -> Iterable[Path]:
    """The records' file, those that SQLite keeps beside it, and the copies of earlier formats."""
    if state is None:
        return ()
    beside = [state.with_name(state.name + suffix) for suffix in ("", "-wal", "-shm", "-journal")]
    return [*beside, *_target(state).parent.glob(f"{glob.escape(_target(state).name)}.format-*")]
