"""The sandbox's books on disk, so that what one command bought the next one sees.

One JSON file, replaced whole, under a lock file that is held for one exchange at a time: two commands, or a command
beside ``tnctl sandbox serve``, take turns and each sees what the other did. The answer to a write leaves only after
the file is in place, so that a client that was answered is never contradicted by a restart.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from pathlib import Path

from reconciler.errors import TnctlError
from reconciler.sandbox.hub import Sandbox

Signature = tuple[int, int, int]

UNKNOWN: Signature = (0, 0, 0)
"""Of no file: what is in memory is not what is on disk, and is read anew."""


class SandboxStoreError(TnctlError):
    """The sandbox's file cannot be read: it is damaged, or of another version."""

    default_hint = "start the sandbox afresh with `tnctl sandbox reset`"


class SandboxStore:
    """The books of one directory, such as ``.tnctl/sandbox``."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._book = directory / "book.json"
        self._lock = directory / "lock"
        self._seen: Signature | None = None

    def attach(self, sandbox: Sandbox) -> None:
        """Load the books into ``sandbox``, and from then on keep both alike around every exchange.

        Raises :class:`SandboxStoreError` for a file that is not ours.
        """
        self.directory.mkdir(parents=True, exist_ok=True)
        sandbox.guard = lambda: self.transaction(sandbox)
        with self.transaction(sandbox):
            pass

    @contextlib.contextmanager
    def transaction(self, sandbox: Sandbox) -> Iterator[None]:
        """Hold the lock; read what others wrote before the block, write what it changed after it.

        What a block that fails changed is forgotten at the next one.
        """
        with self._locked():
            self._refresh(sandbox)
            sandbox.dirty = False
            try:
                yield
            except BaseException:
                self._seen = UNKNOWN
                raise
            if sandbox.dirty:
                self._save(sandbox)

    def reset(self) -> bool:
        """Forget everything; whether there was anything."""
        if not self._book.exists():
            return False
        with self._locked():
            self._book.unlink(missing_ok=True)
        return True

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        with self._lock.open("a") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    def _refresh(self, sandbox: Sandbox) -> None:
        signature = self._signature()
        if signature == self._seen:
            return
        if signature is None:
            sandbox.clear()
        else:
            self._load(sandbox)
        self._seen = signature

    def _load(self, sandbox: Sandbox) -> None:
        try:
            sandbox.restore(json.loads(self._book.read_bytes()))
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            raise SandboxStoreError(f"{self._book}: not a sandbox of this version") from error

    def _save(self, sandbox: Sandbox) -> None:
        fresh = self._book.with_suffix(".new")
        fresh.write_text(json.dumps(sandbox.snapshot()))
        fresh.replace(self._book)
        self._seen = self._signature()

    def _signature(self) -> Signature | None:
        """What tells one version of the file from another; None when there is none."""
        try:
            stat = os.stat(self._book)
        except FileNotFoundError:
            return None
        return (stat.st_ino, stat.st_mtime_ns, stat.st_size)
