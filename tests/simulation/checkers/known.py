"""What all checkers may know: what is declared, whom the carriers charge for what, who else touched it, who lied."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from reconciler.sandbox.ledger import Event, Ledger
from tests.simulation.checkers.base import Arrival, Checker, Served
from tests.simulation.fleet import NumberEntry, Pool
from tests.simulation.process import Ended
from tests.simulation.records import Records, Written

SETTLE_AFTER = {"vt": timedelta(seconds=900), "api": timedelta(seconds=900), "ib": timedelta(seconds=300)}
"""Each account's ``settle_after`` where none is configured."""

LONG_AGO = datetime.min.replace(tzinfo=UTC)

WRONG_DATES = frozenset({"stale-date", "fast-date", "absurd-date"})

NumberAt = tuple[str, str]
"""Account and number."""


class Known(Checker):
    """Facts. It is the first to hear of anything, and never finds anything wrong itself.

    A carrier may offer one number under the key of another: then the other is bought, *misled*. Where the answer was
    garbled too, or heard by a process that died, nobody can know better, *garbled*.
    """

    def __init__(
        self,
        ledger: Ledger,
        owned: Callable[[str], set[str]] = lambda _account: set(),
        settle_after: Mapping[str, timedelta] = SETTLE_AFTER,
    ) -> None:
        super().__init__(self)
        self.broken: list[str] = []
        """The sentences that were false."""
        self.ledger = ledger
        self.owned = owned
        """Account -> the numbers that it has, whoever bought them."""
        self.settle_after = settle_after
        self.declared: dict[NumberAt, NumberEntry] = {}
        self.pool: Pool | None = None
        self.largest = 0
        """The largest size that the pool ever had."""
        self.foreign: set[str] = set()
        """Numbers that somebody else has bought or released."""
        self.orphans: set[str] = set()
        """Numbers that the records need not hold: they were lost or restored, or a person had them forgotten."""
        self.misled: set[str] = set()
        self.mistaken: set[str] = set()
        """Of those the bought ones alone: no slot has ever been filled with them."""
        self.garbled: set[str] = set()
        self.jumped = LONG_AGO
        """When our clock was last set."""
        self.skewed: dict[str, datetime] = {}
        """Account -> when it last told a wrong ``Date``."""
        self.excused: set[NumberAt] = set()
        """Orders that were sent again too early because both clocks lied."""
        self.calm = False
        """Whether the last apply left nothing to do, and nothing has happened since."""
        self._written: dict[int, Written] = {}
        self._ordered: set[str] = set()

    def false(self, sentence: str) -> None:
        """Keep a sentence that turned out false, once."""
        if sentence not in self.broken:
            self.broken.append(sentence)

    def in_the_pool(self, tn_at: NumberAt) -> bool:
        """Whether that number can only be the pool's."""
        return self.pool is not None and self.pool.covers(*tn_at)

    def at_the_pool(self) -> set[str]:
        """The numbers that the pool's account has of the pool's range, and that were meant to be the pool's."""
        if self.pool is None:
            return set()
        account = self.pool.account
        held = {tn for tn in self.owned(account) if self.in_the_pool((account, tn))}
        return held - self.foreign - self.mistaken - self.orphans

    def configured(self, entries: Sequence[NumberEntry], pool: Pool | None) -> None:
        self.declared = {(entry.account, entry.tn): entry for entry in entries}
        self.pool = pool
        self.largest = max(self.largest, pool.size if pool else 0)

    def records_replaced(self) -> None:
        self.orphans |= self._ordered | {entry.key for entry in self.ledger.charges()}

    def arrives(self, arrival: Arrival) -> None:
        self._written[arrival.process.pid] = arrival.written

    def served(self, served: Served) -> None:
        asked, strike = served.asked, served.strike
        if strike is not None and strike.fault.name in WRONG_DATES:
            self.skewed[asked.account] = served.now
        name = self._written.get(served.process.pid, Written(None, None)).name
        if asked.orders:
            self._ordered.add(asked.tn)
            self.orphans -= {entry.key for entry in served.booked if entry.event is Event.CHARGE} & {asked.tn}
        if asked.orders and name not in ("", asked.tn):
            self.misled |= {asked.tn, name}
            self.mistaken.add(asked.tn)
            self.garbled |= self.misled if served.silent or strike is not None else set()

    def ended(self, ended: Ended, records: Records) -> None:
        if ended.killed:
            self.garbled |= self.misled
