"""What a checker hears of: a write at a carrier's door, a call that was served, a run from its begin to its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from reconciler.sandbox.faults import Strike
from reconciler.sandbox.ledger import Entry
from reconciler.workflows.session import Planned
from tests.simulation.acts import Kind
from tests.simulation.carriers import Asked, unprocessed
from tests.simulation.fleet import NumberEntry, Pool
from tests.simulation.process import Ended, Process
from tests.simulation.records import Records, Written

if TYPE_CHECKING:
    from tests.simulation.checkers.known import Known


@dataclass(frozen=True, slots=True)
class Arrival:
    """A write at a carrier's door; ``written``: what another process can read of it right then."""

    asked: Asked
    process: Process
    written: Written
    now: datetime


@dataclass(frozen=True, slots=True)
class Served:
    """A call that its carrier has dealt with; ``silent``: its answer to an order names no number."""

    asked: Asked
    process: Process
    strike: Strike | None
    booked: Sequence[Entry]
    now: datetime
    silent: bool = False

    @property
    def unprocessed(self) -> bool:
        """Whether the client can know that the carrier has not looked at the call."""
        return unprocessed(self.strike)

    @property
    def answered(self) -> bool:
        """Whether the client was told that nothing was done, or given the carrier's own words untouched."""
        if self.strike is None or self.unprocessed:
            return True
        return self.strike.fault.name.startswith("4") or self.strike.fault.name.endswith("-date")


class Checker:
    """One kind of sentence that must never be false. It hears of everything, and says of what it sees."""

    def __init__(self, known: Known) -> None:
        self.known = known

    def false(self, sentence: str) -> None:
        """Something that must not be was seen."""
        self.known.false(sentence)

    def configured(self, entries: Sequence[NumberEntry], pool: Pool | None) -> None:
        """From now on these are declared."""

    def happened(self, kind: Kind) -> None:
        """Something has happened between two runs or within one."""

    def touched(self, account: str, tn: str) -> None:
        """A rival or a colleague has bought or released a number, or a person has said what became of its order."""

    def records_replaced(self) -> None:
        """The records were lost, or replaced by an older copy."""

    def begins(self, process: Process) -> None:
        """A run begins."""

    def planned(self, process: Process, planned: Planned) -> None:
        """A run has made its plan."""

    def arrives(self, arrival: Arrival) -> None:
        """A write is at the door of an account that is declared."""

    def misdirected(self, asked: Asked) -> None:
        """A write is at the door of an account that is not the one on record."""

    def served(self, served: Served) -> None:
        """A carrier has dealt with a call."""

    def shown(self, where: str, data: bytes | str) -> None:
        """Something is shown, logged or kept."""

    def ended(self, ended: Ended, records: Records) -> None:
        """A run has ended, or has died."""
