"""The sandbox's books on disk, so that what one command bought the next one sees.

One file of JSON lines: a head that names the file, then the changes of one exchange a line, the first of them all that
there was when the file was written. A lock file is held for one exchange at a time: two commands, or a command beside
``tnctl sandbox serve``, take turns, and each reads the lines that the other added. The answer to a write leaves only
after its line is in place, so that a client that was answered is never contradicted by a restart, also after a kill.
A line that a kill cut short was never answered: it is overwritten. A file that has grown long is written anew, with one
line of changes and another name in its head; so a write costs what it changed, not what there is.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from reconciler.errors import TnctlError
from reconciler.sandbox.sandbox import AFRESH, Sandbox

if TYPE_CHECKING:
    from filelock import FileLock

FORMAT = 2

SLACK = 1_000_000
"""Bytes of changes that a file may always have; beyond, it may have as many as its first line has."""

_OWNER_ONLY = 0o600
_LOOK_AGAIN = 0.005
"""Seconds after which who waits for the lock looks again."""

Signature = tuple[int, int, int]


class SandboxStoreError(TnctlError):
    """The sandbox's file cannot be read: it is damaged, or of another version."""

    default_hint = "start the sandbox afresh with `tnctl sandbox reset`"


@dataclass(frozen=True, slots=True)
class _Known:
    """What of the file a sandbox holds: up to ``end``. ``head`` and ``first`` are its first lines' bytes and size."""

    head: bytes
    first: int
    end: int
    signature: Signature | None

    @property
    def is_long(self) -> bool:
        """Whether the file is worth writing anew."""
        return self.end > 2 * self.first + SLACK


_NO_FILE = _Known(b"", 0, 0, None)


class SandboxStore:
    """The books of one directory, such as ``.tnctl/sandbox``."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._book = directory / "book.json"
        self._lock = directory / "lock"
        self._held: FileLock | None = None
        self._known: _Known | None = None

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
            known, self._known = self._refresh(sandbox), None
            yield
            changes = sandbox.take_changes()
            self._known = self._save(sandbox, known, changes) if changes else known

    def reset(self) -> bool:
        """Forget everything; whether there was anything."""
        if not self._book.exists():
            return False
        with self._locked():
            self._book.unlink(missing_ok=True)
        return True

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        if self._held is None:
            from filelock import FileLock  # imported here: real carriers need none, and it takes its time

            self._held = FileLock(self._lock, mode=_OWNER_ONLY, thread_local=False)
        with self._held.acquire(poll_interval=_LOOK_AGAIN):
            yield

    def _refresh(self, sandbox: Sandbox) -> _Known:
        """Bring ``sandbox`` up to what is in the file."""
        known, signature = self._known, self._signature()
        if known is not None and known.signature == signature:
            return known
        self._known = None
        if signature is None:
            sandbox.restore(AFRESH)
            return _NO_FILE
        try:
            return self._read(sandbox, known or _NO_FILE, signature)
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            raise SandboxStoreError(f"{self._book}: not a sandbox of this version") from error

    def _read(self, sandbox: Sandbox, known: _Known, signature: Signature) -> _Known:
        """Take in the lines after those that are known, or all of them when it is another file."""
        with self._book.open("rb") as file:
            head = file.readline()
            _check(head)
            if head != known.head:
                sandbox.restore(AFRESH)
                known = _Known(head, 0, len(head), signature)
            first, end = known.first, known.end
            file.seek(end)
            for line in file:
                if not line.endswith(b"\n"):
                    break
                sandbox.take_in(json.loads(line))
                first, end = first or len(line), end + len(line)
        return _Known(head, first, end, signature)

    def _save(self, sandbox: Sandbox, known: _Known, changes: Mapping[str, Any]) -> _Known:
        if known is _NO_FILE or known.is_long:
            return self._write_anew(sandbox)
        line = _line(changes)
        with self._book.open("r+b") as file:
            file.seek(known.end)
            file.truncate()
            file.write(line)
        return replace(known, end=known.end + len(line), signature=self._signature())

    def _write_anew(self, sandbox: Sandbox) -> _Known:
        head = _line({"format": FORMAT, "name": uuid4().hex})
        first = _line({"cleared": True, **sandbox.snapshot()})
        fresh = self._book.with_suffix(".new")
        with open(fresh, "wb", opener=lambda name, flags: os.open(name, flags, _OWNER_ONLY)) as file:
            file.write(head + first)
        fresh.replace(self._book)
        return _Known(head, len(first), len(head) + len(first), self._signature())

    def _signature(self) -> Signature | None:
        """What tells one version of the file from another; None when there is none."""
        try:
            stat = os.stat(self._book)
        except FileNotFoundError:
            return None
        return (stat.st_ino, stat.st_mtime_ns, stat.st_size)


def _line(values: Mapping[str, Any]) -> bytes:
    return json.dumps(values, separators=(",", ":")).encode() + b"\n"


def _check(head: bytes) -> None:
    if json.loads(head)["format"] != FORMAT:
        raise ValueError
