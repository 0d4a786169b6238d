"""Bought is only what is declared, or fits a pool, and stands in the plan that was approved."""

from __future__ import annotations

from reconciler.sandbox.ledger import Event
from tests.simulation.checkers.base import Checker, Served


class Purchases(Checker):
    """A number that was sold under the key of another is nobody's fault."""

    def served(self, served: Served) -> None:
        for entry in served.booked:
            if entry.event is not Event.CHARGE or entry.key in self.known.misled:
                continue
            number = (entry.account, entry.key)
            if not self.known.in_the_pool(number) and number not in self.known.declared:
                self.false(f"{entry.key} was bought at {entry.account} and is not declared there")
            if not served.process.approves(entry.key):
                self.false(f"{entry.key} was bought and is not in the plan that was approved")
