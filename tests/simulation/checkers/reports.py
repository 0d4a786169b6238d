"""What an apply says that it bought was charged, and what it says that it released went back."""

from __future__ import annotations

from reconciler.model import Action, Kind, Result
from tests.simulation.checkers.base import Checker
from tests.simulation.process import Ended
from tests.simulation.records import Records


class Reports(Checker):
    """Held against the carriers' ledger."""

    def ended(self, ended: Ended, records: Records) -> None:
        ledger = self.known.ledger
        for outcome in ended.report.outcomes if ended.report else ():
            tn, account = outcome.address.name, outcome.account
            if outcome.address.kind is not Kind.NUMBER or outcome.result is not Result.DONE:
                continue
            if tn in self.known.foreign | self.known.garbled:
                continue
            bought = outcome.action is Action.CREATE and "presumed" not in outcome.message
            if bought and not ledger.charges(account, tn):
                self.false(f"an apply says that it bought {tn}, and {account} has charged nothing for it")
            if outcome.action is Action.DELETE and not ledger.releases(account, tn):
                self.false(f"an apply says that it released {tn}, and {account} still has it")
