"""Carriers that keep their client waiting."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from reconciler.clock import Clock
from reconciler.sandbox import AccountSpec, Sandbox
from reconciler.sandbox.messages import TransportEffect

PATIENCE = 60.0
"""Seconds after which a test that waits for another process has failed."""


class SlowSandbox(Sandbox):
    """Carriers that commit what changes something at once, and answer it only when they are told to.

    ``slow_reads``: they answer nothing at all until then.
    """

    def __init__(self, accounts: Mapping[str, AccountSpec], clock: Clock) -> None:
        super().__init__(accounts, clock)
        self.calls: list[bool] = []
        """Of each call whether it changed anything, oldest first."""
        self.in_turn = threading.RLock()
        self.in_flight = threading.Event()
        """Set once a call waits for its answer."""
        self.answers = threading.Event()
        """Set to let every answer go."""
        self.slow_reads = False

    def exchange(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> TransportEffect:
        """One request; waits in the thread of its connection."""
        with self.in_turn:
            self.dirty = False
            effect = super().exchange(method, target, headers, body)
            self.calls.append(self.dirty)
            waits = self.dirty or self.slow_reads
        if waits:
            self.in_flight.set()
            self.answers.wait(PATIENCE)
        return effect
