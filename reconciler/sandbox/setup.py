"""How a sandbox is to misbehave from the start, and again after a reset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from reconciler.model import NOTHING
from reconciler.sandbox.faults import Chaos, Faults, Rule
from reconciler.sandbox.sandbox import Sandbox
from reconciler.sandbox.switches import Setting


@dataclass(frozen=True, slots=True)
class Setup:
    """``switches``: account -> switch -> setting; any other is as at first. ``latency`` in seconds."""

    switches: Mapping[str, Mapping[str, Setting]] = NOTHING
    rules: tuple[Rule, ...] = ()
    chaos: Chaos | None = None
    seed: int = 0
    latency: float = 0.0

    def make(self, sandbox: Sandbox) -> None:
        """Set ``sandbox`` up like this, whatever was set or planted before; its books stay."""
        for name, carrier in sandbox.carriers.items():
            carrier.turn_back()
            carrier.turn(**self.switches.get(name, NOTHING))
        sandbox.faults = Faults(self.seed)
        sandbox.faults.plant(*self.rules)
        if self.chaos is not None:
            sandbox.faults.unleash(self.chaos)
        sandbox.latency = self.latency
        sandbox.jumped = timedelta(0)
