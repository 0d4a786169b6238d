"""``tnctl`` as a process of its own, in a folder with a configuration, told of signals.

Most are forked from a process that has everything imported: what is tested here begins after that. Those that have a
terminal, or run within another command, are started as users start them.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import reconciler
from reconciler.clock import SystemClock
from reconciler.model import Intent
from reconciler.sandbox.server import running
from reconciler.state.store import Store
from tests.executor.slow_carriers import PATIENCE, SlowSandbox
from tests.simulation.sigkill.client import ENVIRON, Errand
from tests.simulation.sigkill.processes import Client
from tests.simulation.sigkill.stage import accounts, specs

ROOT = Path(reconciler.__file__).parent.parent


def eventually(happened: Callable[[], object], what: str) -> None:
    """Return once ``happened()`` is true; ``AssertionError`` when it never is."""
    until, never = time.monotonic() + PATIENCE, threading.Event()
    while not happened():
        assert time.monotonic() < until, f"never happened: {what}"
        never.wait(0.01)


class Running(Protocol):
    """A process: a part of :class:`subprocess.Popen`."""

    @property
    def pid(self) -> int:
        """Its process id."""

    def poll(self) -> int | None:
        """Its exit code, negative for a signal's; None while it runs."""

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, once it has ended; raises when ``timeout`` seconds pass before."""

    def send_signal(self, number: int, /) -> None:
        """Send it a signal."""

    def kill(self) -> None:
        """End it as a crash does."""


@dataclass
class Desk:
    """A folder from which ``tnctl`` is run against carriers that answer writes when they are told to."""

    folder: Path
    sandbox: SlowSandbox
    url: str
    state: str = ""
    """Where the records are, if not beside the configuration."""
    _running: list[Running] = field(default_factory=list)

    def write(self, text: str) -> None:
        """Make ``text`` (without version and providers) the configuration."""
        providers = "".join(f"  {name}: {{{fields}}}\n" for name, fields in accounts(self.url).items())
        (self.folder / "numbers.yaml").write_text(f"version: 1\nproviders:\n{providers}{text}")

    def start(self, *arguments: str) -> Running:
        """Begin ``tnctl arguments`` in a forked process."""
        client = Client(Errand(self.folder, arguments, environ=self._environ())).start()
        self._running.append(client)
        return client

    def spawn(self, *arguments: str, terminal: int | None = None, within: Sequence[str] = ()) -> Running:
        """Begin ``tnctl arguments`` as a user does; ``terminal`` is the descriptor of one to read from and write to,
        ``within`` a command that runs it, such as one that gives it namespaces of its own."""
        streams = subprocess.DEVNULL if terminal is None else terminal
        process = subprocess.Popen(
            [*within, sys.executable, "-m", "reconciler", *arguments],
            cwd=self.folder,
            env={**os.environ, **ENVIRON, **self._environ(), "PYTHONPATH": str(ROOT)},
            stdin=streams,
            stdout=streams,
            stderr=streams,
        )
        self._running.append(process)
        return process

    def _environ(self) -> Mapping[str, str]:
        return {"COLUMNS": "100", **({"TNCTL_STATE": self.state} if self.state else {})}

    def begun(self, text: str, in_flight: int = 2) -> Running:
        """An apply of ``text`` that has ``in_flight`` writes waiting for their answers, and may have no more."""
        self.write(text)
        path = self.folder / "numbers.yaml"
        rate = "requests_per_second: 1000"
        path.write_text(path.read_text().replace(rate, f"{rate}, max_in_flight: {in_flight}"))
        process = self.start("apply", "-y")
        eventually(lambda: self.writes() == in_flight, f"{in_flight} writes are in flight")
        return process

    def apply(self) -> int:
        """Run ``tnctl apply -y`` to its end, with carriers that answer at once; its exit code."""
        self.sandbox.answers.set()
        return self.start("apply", "-y").wait(PATIENCE)

    @contextmanager
    def records(self) -> Iterator[Store]:
        """The records as they are now."""
        url = self.state or f"sqlite:///{self.folder}/.tnctl/state.db"
        with Store.open(url, SystemClock(), create=False) as store:
            yield store

    def open_intents(self) -> list[Intent]:
        """What is on record as begun and not settled."""
        with self.records() as store:
            return list(store.snapshot().open_intents)

    def writes(self) -> int:
        """The calls so far that changed something at a carrier."""
        with self.sandbox.in_turn:
            return sum(self.sandbox.calls)

    def close(self) -> None:
        """Leave no process behind."""
        for process in self._running:
            if process.poll() is None:
                process.kill()
                process.wait(PATIENCE)


@contextmanager
def desk(folder: Path) -> Iterator[Desk]:
    """A desk in ``folder`` while the block runs."""
    sandbox = SlowSandbox(specs(), SystemClock())
    with running(sandbox) as url:
        place = Desk(folder, sandbox, url)
        try:
            yield place
        finally:
            sandbox.answers.set()
            place.close()
