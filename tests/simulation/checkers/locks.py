"""Only who holds the lock sends; nobody is locked out by who is not there."""

from __future__ import annotations

from reconciler.errors import LockedError, LockLostError
from tests.simulation.checkers.base import Arrival, Checker
from tests.simulation.process import Ended, Process
from tests.simulation.records import Records


class Locks(Checker):
    """The lock and its fence. ``living``: the pids of the runs that have begun and not ended."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self._living: set[int] = set()

    def begins(self, process: Process) -> None:
        self._living.add(process.pid)

    def arrives(self, arrival: Arrival) -> None:
        asked, process, holder = arrival.asked, arrival.process, arrival.written.holder
        if process.robbed or holder is None or holder.pid != process.pid:
            self.false(f"{asked.call} {asked.tn} was sent by process {process.pid}, which does not hold the lock")

    def ended(self, ended: Ended, records: Records) -> None:
        self._living.discard(ended.process.pid)
        if not isinstance(ended.error, LockedError) or isinstance(ended.error, LockLostError):
            return
        if ended.process.calls:
            self.false("a run that did not get the lock asked a carrier")
        holders = list(records.holders(ended.process.accounts))
        if all(holder.host == ended.process.run.host and holder.pid not in self._living for holder in holders):
            self.false(f"a run was locked out by {holders}, who are not there")
