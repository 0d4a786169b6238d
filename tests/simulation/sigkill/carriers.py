"""Carriers that do something to their client at the moment of a call: kill it, or keep it waiting."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

from reconciler.clock import Clock
from reconciler.sandbox import AccountSpec, Sandbox
from reconciler.sandbox.messages import Response
from reconciler.sandbox.transport_effects import Effect, Reaction
from tests.simulation.sigkill.points import Kind, Point, Side

PATIENCE = 60.0
"""Seconds after which a test that waits for another process has failed."""


class WatchedSandbox(Sandbox):
    """Carriers that note of each call whether it changed anything, oldest first."""

    def __init__(self, accounts: Mapping[str, AccountSpec], clock: Clock) -> None:
        super().__init__(accounts, clock)
        self.calls: list[bool] = []
        self.in_turn = threading.RLock()

    def exchange(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reaction:
        """One request, noted."""
        with self.in_turn:
            self.dirty = False
            reaction = super().exchange(method, target, headers, body)
            self.calls.append(self.dirty)
            return reaction


class DeadlySandbox(WatchedSandbox):
    """Carriers that kill their client at one call, before or after they commit what it asks for."""

    def __init__(self, accounts: Mapping[str, AccountSpec], clock: Clock) -> None:
        super().__init__(accounts, clock)
        self._fatal: Point | None = None
        self._kill: Callable[[], None] = lambda: None

    def aim(self, point: Point | None, kill: Callable[[], None]) -> None:
        """Forget the calls so far, and from now on ``kill`` at ``point``, if that is a call."""
        with self.in_turn:
            self.calls.clear()
            self._fatal = point if point and point.kind is Kind.CALL else None
            self._kill = kill

    def exchange(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reaction:
        """One request; the fatal one gets no answer, and from before the commit on it does not count."""
        with self.in_turn:
            point = self._fatal
            if point is None or len(self.calls) + 1 != point.n:
                return super().exchange(method, target, headers, body)
            self._fatal = None
            if point.side is Side.AFTER:
                super().exchange(method, target, headers, body)
            self._kill()
            return Reaction(Response(500, {}), self.clock.now(), Effect.RESET)


class SlowSandbox(WatchedSandbox):
    """Carriers that commit what changes something at once, and answer it only when they are told to.

    ``slow_reads``: they answer nothing at all until then.
    """

    def __init__(self, accounts: Mapping[str, AccountSpec], clock: Clock) -> None:
        super().__init__(accounts, clock)
        self.in_flight = threading.Event()
        """Set once a call waits for its answer."""
        self.answers = threading.Event()
        """Set to let every answer go."""
        self.slow_reads = False

    def exchange(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reaction:
        """One request; waits in the thread of its connection."""
        with self.in_turn:
            reaction = super().exchange(method, target, headers, body)
            waits = self.calls[-1] or self.slow_reads
        if waits:
            self.in_flight.set()
            self.answers.wait(PATIENCE)
        return reaction
