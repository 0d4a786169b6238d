"""Carriers that kill their client at the moment of a call, with the checkers at their doors."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

from reconciler.clock import Clock
from reconciler.sandbox import AccountSpec
from reconciler.sandbox.faults import Strike
from reconciler.sandbox.ledger import Entry
from reconciler.sandbox.messages import Effect, Response, TransportEffect
from tests.simulation.carriers import Asked, TappedSandbox
from tests.simulation.checkers import Arrival, Checkers, Served
from tests.simulation.process import Process
from tests.simulation.records import Records
from tests.simulation.sigkill.points import Kind, Point, Side


class DeadlySandbox(TappedSandbox):
    """Carriers that kill their client at one call, before or after they commit what it asks for."""

    records: Records
    checkers: Checkers
    process: Process

    def __init__(self, accounts: Mapping[str, AccountSpec], clock: Clock) -> None:
        super().__init__(accounts, clock, self, seed=0)
        self.calls: list[bool] = []
        """Of each call whether it changed anything, oldest first."""
        self.in_turn = threading.RLock()
        self._fatal: Point | None = None
        self._kill: Callable[[], None] = lambda: None

    def aim(self, point: Point | None, kill: Callable[[], None]) -> None:
        """Forget the calls so far, and from now on ``kill`` at ``point``, if that is a call."""
        with self.in_turn:
            self.calls.clear()
            self._fatal = point if point and point.kind is Kind.CALL else None
            self._kill = kill

    def exchange(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> TransportEffect:
        """One request; the fatal one gets no answer, and from before the commit on it does not count."""
        with self.in_turn:
            point = self._fatal
            if point is None or len(self.calls) + 1 != point.n:
                return self._noted(method, target, headers, body)
            self._fatal = None
            if point.side is Side.AFTER:
                self._noted(method, target, headers, body)
            self._kill()
            return TransportEffect(Response(500, {}), self.clock.now(), Effect.RESET)

    def _noted(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> TransportEffect:
        self.dirty = False
        effect = super().exchange(method, target, headers, body)
        self.calls.append(self.dirty)
        return effect

    # The tap

    def before(self, asked: Asked) -> None:
        """A call has arrived, and nothing of it is done yet."""
        if asked.writes:
            self.process.writes += 1
            written = self.records.written(asked.account, asked.tn, asked.key)
            self.checkers.arrives(Arrival(asked, self.process, written, self.clock.now()))

    def shown(self, asked: Asked, target: str, body: bytes) -> None:
        """Nothing is learned from answers here."""

    def after(self, asked: Asked, strike: Strike | None, booked: list[Entry]) -> None:
        """A call is done, and its answer is on the way."""
        self.checkers.served(Served(asked, self.process, strike, booked, self.clock.now()))
