"""Clients as forked processes: a fork from one that has imported everything costs tens of milliseconds.

Each is a real process with a pid, a lock and an exit code of its own. They are forked from a server process that has
no threads, never from the one that serves the carriers.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing.context import ForkServerContext, ForkServerProcess

from tests.simulation.sigkill.client import Errand, run

KILLED = -9
"""The exit code of a process that SIGKILL ended."""

PRELOADED = [
    "__main__",
    "tests.simulation.sigkill.client",
    "reconciler.cli.apply",
    "reconciler.cli.carriers",
    "reconciler.config.load",
    "reconciler.providers.infobip.provider",
    "reconciler.providers.intelepeer.provider",
    "reconciler.providers.inumbering.provider",
    "reconciler.state.plan_file",
    "reconciler.views.render",
    "reconciler.workflows.apply",
    "reconciler.workflows.plan",
    "tests.simulation.sigkill.warm",
]
"""What is imported once, before the first fork; the rest of tnctl follows from these."""

PATIENCE = 120.0
"""Seconds after which a client that has not ended is a failure."""


class Clients:
    """Runs errands at once, each in a process; ``kill`` and ``join`` are there while they run."""

    def __init__(self, errands: Sequence[Errand]) -> None:
        context = _context()
        self._gate = context.Event()
        self._processes: list[ForkServerProcess] = [
            context.Process(target=run, args=(errand, self._gate)) for errand in errands
        ]

    def start(self) -> None:
        """Fork them all, then let them begin together."""
        for process in self._processes:
            process.start()
        self._gate.set()

    @property
    def pids(self) -> list[int]:
        """The process ids of those that were started."""
        return [process.pid for process in self._processes if process.pid is not None]

    def kill(self) -> None:
        """End them as a crash does."""
        for process in self._processes:
            with suppress(ProcessLookupError):
                process.kill()

    def ended(self) -> list[int]:
        """The exit codes of those that have ended."""
        return [process.exitcode for process in self._processes if process.exitcode is not None]

    def join(self) -> list[int]:
        """Wait for all; their exit codes. One that does not end is killed, and an ``AssertionError``."""
        for process in self._processes:
            process.join(PATIENCE)
        unfinished = len(self._processes) - len(self.ended())
        if unfinished:
            self.kill()
        assert not unfinished, f"{unfinished} clients did not end within {PATIENCE:g} s"
        return self.ended()


def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    return context


def together(errands: Sequence[Errand], meanwhile: Callable[[Clients], None] = lambda _: None) -> list[int]:
    """The exit codes of ``errands`` run at once, sorted; ``meanwhile`` is called while they run."""
    clients = Clients(errands)
    clients.start()
    meanwhile(clients)
    return sorted(clients.join())
