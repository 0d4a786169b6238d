"""An order goes out again only as the truth table of open orders lets it.

Once an apply, twice in all where nothing can be read, never before ``settle_after`` has passed since the last attempt,
and never under a second intent while the outcome of the first is open.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime

from tests.simulation.carriers import Asked
from tests.simulation.checkers.base import Arrival, Checker, Served
from tests.simulation.checkers.known import LONG_AGO, Known, NumberAt
from tests.simulation.process import Ended
from tests.simulation.records import Records, Written

MOST_ORDERS = 2
"""Times that one order goes out at an account that cannot be read."""

Sent = tuple[int, datetime]
"""Under which intent something was ordered, and when."""


class Orders(Checker):
    """No wait is ended by one clock: time is how late it really is, whatever a ``Date`` or our clock say."""

    def __init__(self, known: Known) -> None:
        super().__init__(known)
        self._tries: defaultdict[tuple[str, int], list[datetime]] = defaultdict(list)
        self._sent: Counter[tuple[int, NumberAt]] = Counter()
        self._written: dict[int, Written] = {}
        """Process -> what was written of its last call: another may call in the middle of it."""
        self._left: dict[int, datetime] = {}
        """When the last write of each process left it; its carrier may look at it much later."""
        self._unanswered: dict[NumberAt, Sent] = {}
        """What was ordered with an outcome that no process has heard."""
        self._last: dict[int, tuple[NumberAt, Sent]] = {}
        """Process -> the order that was the last call of its."""

    def touched(self, account: str, tn: str) -> None:
        self._unanswered.pop((account, tn), None)

    def records_replaced(self) -> None:
        self._tries.clear()
        self._unanswered.clear()

    def arrives(self, arrival: Arrival) -> None:
        asked, written, pid = arrival.asked, arrival.written, arrival.process.pid
        self._written[pid], self._left[pid] = written, arrival.now
        if not asked.orders or written.intent is None:
            return
        if self._open_elsewhere((asked.account, asked.tn), written.intent):
            self.false(f"{asked.tn} was ordered anew while the outcome of an earlier order was open")
        self._may_repeat(asked, self._tries[asked.account, written.intent], arrival.now)

    def _open_elsewhere(self, number: NumberAt, intent: int) -> bool:
        """Whether another intent has ordered that number, nobody has heard what came of it, and it never went back."""
        other, sent = self._unanswered.get(number, (intent, LONG_AGO))
        return other != intent and all(entry.at < sent for entry in self.known.ledger.releases(*number))

    def _may_repeat(self, asked: Asked, tries: list[datetime], now: datetime) -> None:
        """Where both clocks have lied since the last attempt, nobody can know better."""
        if not tries:
            return
        if asked.account == "vt" and len(tries) >= MOST_ORDERS:
            self.false(f"the order of {asked.tn} was sent {len(tries) + 1} times under one intent")
        if now - tries[-1] >= self.known.settle_after[asked.account]:
            return
        if min(self.known.jumped, self.known.skewed.get(asked.account, LONG_AGO)) >= tries[-1]:
            self.known.excused.add((asked.account, asked.tn))
        else:
            self.false(f"{asked.tn} was ordered again {(now - tries[-1]).total_seconds():g} s after the last attempt")

    def served(self, served: Served) -> None:
        asked, pid = served.asked, served.process.pid
        self._last.pop(pid, None)
        if asked.orders and not served.unprocessed:
            self._ordered(served, (asked.account, asked.tn))

    def _ordered(self, served: Served, number: NumberAt) -> None:
        pid, intent = served.process.pid, self._written.get(served.process.pid, Written(None, None)).intent
        if intent is not None:
            self._tries[number[0], intent].append(self._left.get(pid, served.now))
            self._last[pid] = number, (intent, served.now)
            if served.process.robbed or not served.answered:
                self._unanswered[number] = intent, served.now
        self._sent[pid, number] += 1
        if self._sent[pid, number] > 1:
            self.false(f"one apply sent the order of {number[1]} at {number[0]} twice")

    def ended(self, ended: Ended, records: Records) -> None:
        last = self._last.pop(ended.process.pid, None)
        if last is not None and ended.unheard:
            self._unanswered[last[0]] = last[1]
