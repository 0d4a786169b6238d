"""Every number that the carriers charge for is on record, or an open order names it: above all right after a kill."""

from __future__ import annotations

from tests.simulation.checkers.base import Checker
from tests.simulation.process import Ended
from tests.simulation.records import Records


class LostRecords(Checker):
    """Read from the database as the run left it, whether it ended or died."""

    def ended(self, ended: Ended, records: Records) -> None:
        known = self.known
        back = {(entry.account, entry.key) for entry in known.ledger.releases()}
        paid = {entry.key for entry in known.ledger.charges() if (entry.account, entry.key) not in back}
        for tn in sorted(paid - known.foreign - known.garbled - known.orphans - records.named()):
            self.false(f"{tn} is paid for and nothing names it any more")
