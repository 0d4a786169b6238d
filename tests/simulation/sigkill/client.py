"""The production command line in a forked process that can be told where to die.

Nothing of it is replaced: it is ``main()`` with real sockets and a real SQLite file. Added are a listener to the
commits, which kills its own process at one of them, and where asked a clock that runs faster, so that a recovery that
waits for a carrier takes tenths of a second.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing.synchronize import Event as Gate
from pathlib import Path
from typing import Any
from unittest import mock

from sqlalchemy import Engine, event

from reconciler.cli import interruption, main
from reconciler.clock import Clock, SystemClock
from reconciler.state.store import Store
from tests.simulation.canaries import PLAIN
from tests.simulation.sigkill.points import Kind, Point, Side

ENVIRON = PLAIN
LOG, COMMITS = "client.log", "commits.log"
"""In the folder of a client: what it printed, and what it began to commit, a line each."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Time that runs ``factor`` times as fast as the machine's, from ``anchor`` (seconds since the epoch) on."""

    anchor: float
    factor: float = 20.0

    def clock(self) -> Clock:
        """A clock of that pace; those of several processes agree."""
        return _PacedClock(self)


class _PacedClock:
    def __init__(self, pace: Pace) -> None:
        self._pace = pace

    def now(self) -> datetime:
        passed = (time.time() - self._pace.anchor) * self._pace.factor
        return datetime.fromtimestamp(self._pace.anchor, UTC) + timedelta(seconds=passed)

    def monotonic(self) -> float:
        return time.monotonic() * self._pace.factor

    def boot(self) -> float:
        return self.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(max(0.0, seconds) / self._pace.factor)

    def every(self, seconds: float, action: Callable[[], None]) -> Callable[[], None]:
        return SystemClock().every(seconds / self._pace.factor, action)


@dataclass(frozen=True, slots=True)
class Errand:
    """One command: where, what, at which commit to die, how fast time runs, and how long a file may get in bytes.

    ``environ`` is added to the environment.
    """

    folder: Path
    arguments: tuple[str, ...] = ("apply", "-y")
    point: Point | None = None
    pace: Pace | None = None
    file_size: int | None = None
    environ: Mapping[str, str] = field(default_factory=dict)


def run(errand: Errand, gate: Gate | None) -> None:
    """Run ``errand`` in this process, which it ends, once ``gate`` is open, if there is one."""
    if gate is not None:
        gate.wait(60)
    os.chdir(errand.folder)
    os.environ.update(ENVIRON)
    os.environ.update(errand.environ)
    _print_to(errand.folder / LOG)
    _listen(errand.point, errand.folder / COMMITS)
    if errand.pace:
        _quicken(errand.pace.clock())
    if errand.file_size is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (errand.file_size, errand.file_size))
    sys.argv = ["tnctl", *errand.arguments]
    main.main()


def _print_to(path: Path) -> None:
    """Send both streams to ``path``, beginning anew."""
    descriptor = os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_APPEND)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(descriptor, stream.fileno())
    os.close(descriptor)


def _listen(point: Point | None, log: Path) -> None:
    """Count the commits that write, and die on the asked side of the asked one."""
    descriptor = os.open(log, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_APPEND)
    begun, done = _killer(point, Side.BEFORE), _killer(point, Side.AFTER)

    writing = False

    def told(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        nonlocal writing
        if statement.startswith("BEGIN"):
            writing = statement == "BEGIN IMMEDIATE"

    def before(_connection: object) -> None:
        if writing:
            os.write(descriptor, b"commit\n")
            begun()

    event.listen(Engine, "before_cursor_execute", told)
    event.listen(Engine, "commit", before)
    opened = Store.open

    def open_watched(*args: Any, **kwargs: Any) -> Store:
        return opened(*args, **kwargs, on_commit=lambda _label: done())

    mock.patch.object(Store, "open", staticmethod(open_watched)).start()


def _killer(point: Point | None, side: Side) -> Callable[[], None]:
    """Kills this process when called for the time that ``point`` names, if it names a commit from this side."""
    fatal = point.n if point and (point.kind, point.side) == (Kind.COMMIT, side) else 0
    calls = 0

    def count() -> None:
        nonlocal calls
        calls += 1
        if calls == fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    return count


def _quicken(clock: Clock) -> None:
    """Let the program's own clocks tell the time of ``clock``."""
    for kind in (SystemClock, interruption.WakeableClock):
        for name in ("now", "monotonic", "sleep"):
            setattr(kind, name, staticmethod(getattr(clock, name)))
