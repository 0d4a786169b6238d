"""No number is charged for while its account is paying for it."""

from __future__ import annotations

from tests.simulation.checkers.base import Checker
from tests.simulation.process import Ended
from tests.simulation.records import Records


class DoublePurchases(Checker):
    """Judged on the carriers' own ledger."""

    def ended(self, ended: Ended, records: Records) -> None:
        for entry in self.known.ledger.double_charges():
            if (entry.account, entry.key) not in self.known.excused:
                self.false(f"{entry.key} was charged at {entry.account} while the account was paying for it")
