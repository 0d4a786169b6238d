"""Clients as forked processes: a fork from one that has imported everything costs tens of milliseconds.

Each is a real process with a pid, a lock and an exit code of its own. They are forked from a server process that has
no threads, never from the one that serves the carriers.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing.context import ForkServerContext, ForkServerProcess
from multiprocessing.synchronize import Event as Gate

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


class Client:
    """One errand in a process; it can be waited for and told of signals as a :class:`subprocess.Popen` can."""

    def __init__(self, errand: Errand, gate: Gate | None = None) -> None:
        self._process: ForkServerProcess = context().Process(target=run, args=(errand, gate))

    def start(self) -> Client:
        """Fork it."""
        self._process.start()
        return self

    @property
    def pid(self) -> int:
        """Its process id; it must have been started."""
        assert self._process.pid is not None
        return self._process.pid

    def poll(self) -> int | None:
        """The exit code, negative for a signal's; None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, when it has ended within ``timeout`` seconds; else it is killed: an ``AssertionError``."""
        self._process.join(PATIENCE if timeout is None else timeout)
        code = self.poll()
        if code is None:
            self.kill()
        assert code is not None, "a client did not end in time"
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it as a crash does."""
        with suppress(ProcessLookupError):
            self._process.kill()


class Clients:
    """Runs errands at once, each in a process; ``kill`` and ``join`` are there while they run."""

    def __init__(self, errands: Sequence[Errand]) -> None:
        self._gate = context().Event()
        self._clients = [Client(errand, self._gate) for errand in errands]

    def start(self) -> None:
        """Fork them all, then let them begin together."""
        for client in self._clients:
            client.start()
        self._gate.set()

    @property
    def pids(self) -> list[int]:
        """The process ids of those that were started."""
        return [client.pid for client in self._clients]

    def kill(self) -> None:
        """End them as a crash does."""
        for client in self._clients:
            client.kill()

    def ended(self) -> list[int]:
        """The exit codes of those that have ended."""
        return [code for client in self._clients if (code := client.poll()) is not None]

    def join(self) -> list[int]:
        """Wait for all; their exit codes. When one does not end, all are killed: an ``AssertionError``."""
        try:
            return [client.wait() for client in self._clients]
        except AssertionError:
            self.kill()
            raise


def context() -> ForkServerContext:
    """What processes are made from that are forked from one with everything imported."""
    forking = multiprocessing.get_context("forkserver")
    forking.set_forkserver_preload(PRELOADED)
    return forking


def together(errands: Sequence[Errand], meanwhile: Callable[[Clients], None] = lambda _: None) -> list[int]:
    """The exit codes of ``errands`` run at once, sorted; ``meanwhile`` is called while they run."""
    clients = Clients(errands)
    clients.start()
    meanwhile(clients)
    return sorted(clients.join())
