"""An apply with nothing changed since one that ended well sends nothing that could change anything."""

from __future__ import annotations

from reconciler.errors import EXIT_OK
from tests.simulation.acts import Kind
from tests.simulation.checkers.base import Checker
from tests.simulation.checkers.known import Known
from tests.simulation.process import Ended, Process
from tests.simulation.records import Records

QUIET = frozenset({Kind.SLEEP, Kind.JUMP, Kind.SAVE})
"""What changes nothing that an apply would have to mend."""


class Quiet(Checker):
    """``known.calm`` is true from an apply that left nothing to do until something happens."""

    def __init__(self, known: Known) -> None:
        super().__init__(known)
        self._running: list[Process] = []

    def happened(self, kind: Kind) -> None:
        self.known.calm = self.known.calm and kind in QUIET

    def records_replaced(self) -> None:
        self.known.calm = False

    def begins(self, process: Process) -> None:
        self._running.append(process)

    def ended(self, ended: Ended, records: Records) -> None:
        process = ended.process
        self._running.remove(process)
        if self._running:
            return  # a run in the middle of another
        disturbed = process.run.midcall is not None or bool(process.astray)
        if self.known.calm and process.writes and not disturbed:
            self.false(f"{process.writes} writes of an apply after which nothing had changed")
        self.known.calm = ended.code == EXIT_OK and not disturbed and not process.run.saved and not process.run.only
