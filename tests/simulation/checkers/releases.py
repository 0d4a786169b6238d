"""Given up is only what nobody declares, protects or keeps back, and what the approved plan says."""

from __future__ import annotations

from reconciler.sandbox.ledger import Entry, Event
from tests.simulation.checkers.base import Checker, Served
from tests.simulation.checkers.known import Known
from tests.simulation.process import Ended, Process
from tests.simulation.records import Records


class Releases(Checker):
    """A protection is on record once the number was bought under it, or an apply with it left nothing to do; it is
    lifted by an apply of a configuration that says so."""

    def __init__(self, known: Known) -> None:
        super().__init__(known)
        self._protected: set[str] = set()

    def records_replaced(self) -> None:
        self._protected.clear()

    def begins(self, process: Process) -> None:
        self._protected -= {tn for (_, tn), entry in self.known.declared.items() if entry.protect is False}

    def served(self, served: Served) -> None:
        for entry in served.booked:
            number = self.known.declared.get((entry.account, entry.key))
            match entry.event:
                case Event.CHARGE if number and number.protect:
                    self._protected.add(entry.key)
                case Event.RELEASE:
                    self._released(entry, served.process)
                case Event.DISABLE if any(n.tn == entry.key and n.sms for n in self.known.declared.values()):
                    self.false(f"SMS of {entry.key} was switched off, and it is declared on")

    def _released(self, entry: Entry, process: Process) -> None:
        if not process.run.allow and entry.key not in process.run.release:
            self.false(f"{entry.key} was released, and no release was allowed")
        if (entry.account, entry.key) in self.known.declared:
            self.false(f"{entry.key} was released and is declared")
        if entry.key in self._protected:
            self.false(f"{entry.key} was released and is protected")
        if not process.approves(entry.key):
            self.false(f"{entry.key} was released and is not in the plan that was approved")

    def ended(self, ended: Ended, records: Records) -> None:
        if ended.code == 0 and not ended.process.run.saved and not ended.process.run.only:
            kept = {tn for (account, tn), entry in self.known.declared.items() if entry.protect and account != "ip"}
            self._protected |= kept
