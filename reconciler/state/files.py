"""Files and folders of ours: for their owner alone whatever the umask, and whole or not at all.

A plan holds what a fleet is and costs, and the records more than that. A file under another name takes the old one's
place once it is complete and on the disk, so that a full disk or a kill leaves what was there.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

FOLDER_MODE = 0o700
FILE_MODE = 0o600


def make_folder(folder: Path) -> None:
    """Make what is missing of ``folder``; ``Path.mkdir`` would leave the parents that it makes to the umask."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    for one in reversed(missing):
        with suppress(FileExistsError):  # made by another process meanwhile
            one.mkdir(mode=FOLDER_MODE)
            one.chmod(FOLDER_MODE)


def opener(name: str, flags: int) -> int:
    """For ``open``: what it makes is for its owner alone."""
    return os.open(name, flags, FILE_MODE)


def replace_whole(path: Path, content: bytes) -> None:
    """Put ``content`` in the place of ``path``, a regular file or none; raises OSError and then has changed nothing."""
    draft = _draft(path, content)
    try:
        _keep_owner(path, draft)
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def _keep_owner(path: Path, draft: Path) -> None:
    """Let ``draft`` belong to whom ``path`` belongs, when root writes for somebody else."""
    if getattr(os, "geteuid", lambda: None)() == 0 and path.exists():
        owner = path.stat()
        os.chown(draft, owner.st_uid, owner.st_gid)


def create_whole(path: Path, content: bytes) -> None:
    """Make ``path`` with ``content``; raises FileExistsError for anything that is there, and OSError."""
    if os.path.lexists(path):
        raise FileExistsError(path)
    draft = _draft(path, content)
    try:
        os.link(draft, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        _write_new(path, content)
    finally:
        draft.unlink(missing_ok=True)
    sync_folder(path.parent)


def _write_new(path: Path, content: bytes) -> None:
    """Make ``path`` itself with ``content``, or leave nothing there."""
    with open(path, "xb", opener=opener) as file:
        try:
            path.chmod(FILE_MODE)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        except OSError:
            path.unlink(missing_ok=True)
            raise


def _draft(path: Path, content: bytes) -> Path:
    """A file with ``content`` beside ``path``, on the disk."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:100]}.", suffix=".new")
    try:
        with open(handle, "wb") as file:
            os.chmod(name, FILE_MODE)  # a umask may have taken from the owner as well
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        with suppress(OSError):
            os.unlink(name)
        raise
    return Path(name)


def sync_folder(folder: Path) -> None:
    """Let a new name in ``folder`` outlive a power cut, where the system can do that."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            with suppress(OSError):  # a file system that cannot
                os.fsync(handle)
        finally:
            os.close(handle)
