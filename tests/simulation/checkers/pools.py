"""A pool never gets more numbers than it had slots, loses none that it needs, and each slot keeps its number."""

from __future__ import annotations

from reconciler.model import slots
from reconciler.sandbox.ledger import Event
from tests.simulation.checkers.base import Checker, Served
from tests.simulation.checkers.known import Known
from tests.simulation.process import Ended
from tests.simulation.records import Records


class Pools(Checker):
    """The pool has a range of numbers of its own, so that the ledger alone tells which are its."""

    def __init__(self, known: Known) -> None:
        super().__init__(known)
        self._slots: dict[str, str] = {}
        """Slot -> the number that it had when it was last looked at."""

    def records_replaced(self) -> None:
        self._slots.clear()

    def served(self, served: Served) -> None:
        pool, booked = self.known.pool, served.booked
        if pool is None or not any(self.known.in_the_pool((entry.account, entry.key)) for entry in booked):
            return
        last, held = booked[-1], len(self.known.at_the_pool())
        if last.event is Event.CHARGE and held > self.known.largest:
            self.false(f"{last.key} was bought for a pool that never had more than {self.known.largest} slots")
        if last.event is Event.RELEASE and held < pool.size and last.key not in self.known.mistaken:
            self.false(f"{last.key} was released, and its pool of {pool.size} has {held} left")

    def ended(self, ended: Ended, records: Records) -> None:
        if self.known.pool is None or ended.process.state is None:
            return
        held = {slot.name: str(record.applied[slots.NUMBER]) for slot, record in ended.process.state.slots.items()}
        given_up = self.known.foreign | self.known.orphans
        for slot, tn in held.items():
            before = self._slots.get(slot, tn)
            if before not in given_up | {tn} and not self.known.ledger.releases(tn=before):
                self.false(f"slot {slot} had {before} and has {tn}")
        if len(set(held.values())) < len(held):
            self.false(f"two slots have one number: {held}")
        self._slots |= held
