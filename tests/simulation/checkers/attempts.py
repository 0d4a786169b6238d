"""Nothing is sent that is not on record: the attempt is durable before the first byte, under the order's reference."""

from __future__ import annotations

from tests.simulation.checkers.base import Arrival, Checker


class Attempts(Checker):
    """Looks at the records over a connection of its own, while the write stands at the carrier's door."""

    def arrives(self, arrival: Arrival) -> None:
        asked, written = arrival.asked, arrival.written
        if written.intent is None:
            self.false(f"{asked.call} {asked.tn} arrived at {asked.account} and no attempt of it is recorded")
        elif asked.reference not in ("", written.reference):
            self.false(f"{asked.tn} was ordered under another reference than the recorded one")
