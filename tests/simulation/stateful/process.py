"""One run of the program as a virtual process: it has a pid, counts what it lives through, and may die at any point."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from reconciler.model import Plan, Report
from reconciler.state.lock import ALL, Lock
from reconciler.state.process import Process as Identity
from reconciler.state.store import Store
from reconciler.workflows.session import Options


class KilledError(BaseException):
    """The process dies here. No ``Exception``: nothing in the program may catch it."""


@dataclass(frozen=True, slots=True)
class Run:
    """What one apply is to live through. ``crash``: the boundary at which it dies (commits, and both sides of a call).

    ``meanwhile`` happens when it makes its ``call``-th call to a carrier.
    """

    options: Options = field(default_factory=Options)
    saved: Plan | None = None
    crash: int | None = None
    call: int = 0
    meanwhile: Callable[[], None] | None = None


@dataclass
class Process:
    """A running apply, or whatever else has the records open."""

    pid: int
    run: Run = field(default_factory=Run)
    boundaries: int = 0
    calls: int = 0
    writes: int = 0
    robbed: bool = False
    """Whether its lock was taken from it."""
    image: Image | None = None
    """What it left of the records when it died."""

    @property
    def allowed_releases(self) -> int:
        """How many numbers it may release; the configuration allows none."""
        return self.run.options.allow.releases or 0


@dataclass(frozen=True, slots=True)
class Ended:
    """How an apply ended: with a report, with an error of ours, or killed."""

    process: Process
    report: Report | None = None
    error: BaseException | None = None

    @property
    def code(self) -> int | None:
        """The exit code of its report; None without one."""
        return self.report.exit_code if self.report else None

    def __str__(self) -> str:
        if self.report is None:
            return f"{type(self.error).__name__}: {self.error}"
        outcomes = ", ".join(f"{o.address} {o.action} {o.result} ({o.words})" for o in self.report.outcomes)
        return f"exit {self.report.exit_code} [{outcomes}]"


@dataclass(frozen=True, slots=True)
class Image:
    """The bytes of the records: the file and its write-ahead log."""

    data: bytes
    log: bytes

    @classmethod
    def of(cls, path: Path) -> Image:
        """The records as they are; empty where there are none."""
        return cls(*(file.read_bytes() if file.exists() else b"" for file in (path, _log(path))))

    def put_back(self, path: Path) -> None:
        """Make the records what they were; nobody may have them open."""
        for file in (path, _log(path), path.with_name(path.name + "-shm")):
            file.unlink(missing_ok=True)
        if self.data:
            path.write_bytes(self.data)
            _log(path).write_bytes(self.log)


NO_RECORDS = Image(b"", b"")


def _log(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


class ProcessStore(Store):
    """The records as a virtual process opens them: its lock names that process, not the one that runs the tests."""

    identity: Identity

    @classmethod
    def of(cls, identity: Identity, *args: Any, **kwargs: Any) -> ProcessStore:
        """Open (see :meth:`Store.open`) as ``identity``."""
        store = cls.open(*args, **kwargs)
        if not isinstance(store, ProcessStore):
            raise TypeError("Store.open makes a store of the class that it is called on")
        store.identity = identity
        return store

    def acquire(
        self, wait: timedelta = timedelta(0), process: Identity | None = None, accounts: Collection[str] = ALL
    ) -> Lock:
        """Take the locks for the virtual process."""
        return super().acquire(wait, process or self.identity, accounts)
