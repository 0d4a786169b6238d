"""Nothing is called in sync that no answer of the run showed."""

from __future__ import annotations

from reconciler.model import TN_KINDS
from reconciler.workflows.session import Planned
from tests.simulation.checkers.base import Checker
from tests.simulation.process import Process


class InSync(Checker):
    """``shown`` are the last ten digits of every number that was asked for or answered."""

    def planned(self, process: Process, planned: Planned) -> None:
        for change in planned.comparison.in_sync:
            if change.address.kind in TN_KINDS and change.address.name[-10:] not in process.shown:
                self.false(f"{change.address} is in sync, and no read of the run named it")
