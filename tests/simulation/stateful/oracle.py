"""What must hold at the doors of the carriers and in their ledgers, whatever a run lives through.

Judged on what carriers were asked and what they did. Our records are believed in one thing only: which attempts were
durable at the moment when a call arrived.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from reconciler.model import Intent, Memory
from reconciler.sandbox.ledger import Event, Ledger
from reconciler.state.lock import Lock
from tests.simulation.stateful.fleet import Line
from tests.simulation.stateful.process import Process
from tests.simulation.stateful.watched import Asked, Served

SETTLE_AFTER = {"vt": timedelta(seconds=900), "api": timedelta(seconds=900), "ib": timedelta(seconds=300)}
"""How long an unanswered order stays open at iNumbering, on the carrier's clock."""

MOST_ORDERS = 2
"""Times that one order goes out at an account of iNumbering's that cannot be read."""

Slot = tuple[str, str]
"""Account and number."""


class Oracle:
    """Collects ``broken``: the sentences of the contract that turned out false."""

    def __init__(self) -> None:
        self.broken: list[str] = []
        self.by_hand: set[str] = set()
        """Numbers that a rival or a colleague has bought or released."""
        self.orphans: set[str] = set()
        """Numbers that our records need not hold: a person dropped them, or the records were lost."""
        self.protected: set[str] = set()
        """Numbers whose protection an apply has recorded, and none has lifted."""
        self._lines: dict[Slot, Line] = {}
        self._unsettled: dict[Slot, int] = {}
        self._tries: defaultdict[tuple[str, int], list[datetime]] = defaultdict(list)
        self._sent: Counter[tuple[int, Slot]] = Counter()
        self._intent: int | None = None

    def false(self, sentence: str) -> None:
        """Something that must not be was seen."""
        if sentence not in self.broken:
            self.broken.append(sentence)

    # What people do

    def declare(self, lines: Iterable[Line]) -> None:
        """From now on these are declared."""
        self._lines = {(line.account, line.tn): line for line in lines}

    def settled_by_hand(self, account: str, tn: str) -> None:
        """A person has said what became of the orders of a number, or has had it forgotten."""
        self.orphans.add(tn)
        self._unsettled.pop((account, tn), None)

    def touched(self, account: str, tn: str) -> None:
        """A rival or a colleague has bought or released a number."""
        self.by_hand.add(tn)
        self._unsettled.pop((account, tn), None)

    def records_replaced(self, ledger: Ledger) -> None:
        """The records were lost, or replaced by an older copy."""
        self.orphans |= {entry.key for entry in ledger.charges()}
        self.protected.clear()
        self._unsettled.clear()
        self._tries.clear()

    def applying(self) -> None:
        """An apply of the present configuration begins: it may lift protections."""
        self.protected -= {line.tn for line in self._lines.values() if line.protect is False}

    def applied(self) -> None:
        """A plain apply has ended with nothing left to do: it has recorded what is protected."""
        self.protected |= {tn for (account, tn), line in self._lines.items() if line.protect and account != "ip"}

    # What the carriers see

    def arrives(self, asked: Asked, process: Process, durable: Memory, holder: Lock | None, now: datetime) -> None:
        """A write is at a carrier's door; ``durable`` and ``holder``: what another process can read right then."""
        intents = [i for i in durable.open_intents if i.provider == asked.account and _is_about(i, asked)]
        if not intents:
            self.false(f"{asked.call} {asked.tn} came to {asked.account}, and no attempt of it was recorded")
        if process.robbed or holder is None or holder.pid != process.pid:
            self.false(f"{asked.call} {asked.tn} came from a process that did not hold the lock")
        self._intent = intents[0].id if intents else None
        if asked.orders and intents:
            self._order_is_allowed(asked, intents[0], now)

    def _order_is_allowed(self, asked: Asked, intent: Intent, now: datetime) -> None:
        slot, tries = (asked.account, asked.tn), self._tries[asked.account, intent.id]
        if self._unsettled.get(slot, intent.id) != intent.id:
            self.false(f"{asked.tn} was ordered anew while the outcome of an earlier order was open")
        if asked.reference and asked.reference != intent.reference:
            self.false(f"{asked.tn} was ordered under another reference than the recorded one")
        if not tries:
            return
        if asked.account == "vt" and len(tries) >= MOST_ORDERS:
            self.false(f"{asked.tn} was ordered {len(tries) + 1} times")
        if now - tries[-1] < SETTLE_AFTER[asked.account]:
            self.false(f"{asked.tn} was ordered again {(now - tries[-1]).total_seconds():g} s after the last attempt")

    def leaves(self, asked: Asked, served: Served, process: Process, now: datetime) -> None:
        """A carrier has dealt with a call of ``process``."""
        if asked.orders and not served.unprocessed:
            self._ordered(asked, served, process, now)
        for entry in served.booked:
            slot = (entry.account, entry.key)
            if entry.event is Event.CHARGE:
                self._charged(slot, process)
            elif entry.event is Event.RELEASE:
                self._released(slot, process)
            elif entry.event is Event.DISABLE and any(n.tn == entry.key and n.messages for n in self._lines.values()):
                self.false(f"SMS of {entry.key} was switched off, and it is declared on")

    def _ordered(self, asked: Asked, served: Served, process: Process, now: datetime) -> None:
        slot = (asked.account, asked.tn)
        if self._intent is not None:
            self._tries[asked.account, self._intent].append(now)
            if not served.settles:
                self._unsettled[slot] = self._intent
        self._sent[process.pid, slot] += 1
        if self._sent[process.pid, slot] > 1:
            self.false(f"one apply ordered {asked.tn} twice")

    def unheard(self, asked: Asked) -> None:
        """The process dies over a call that its carrier has dealt with, or cannot record the answer."""
        if asked.orders and self._intent is not None:
            self._unsettled[asked.account, asked.tn] = self._intent

    def _charged(self, slot: Slot, process: Process) -> None:
        account, tn = slot
        self.orphans.discard(tn)
        if slot not in self._lines:
            self.false(f"{tn} was bought at {account} and is not declared there")
        if not _in_plan(tn, process):
            self.false(f"{tn} was bought and is not in the plan that was approved")

    def _released(self, slot: Slot, process: Process) -> None:
        account, tn = slot
        self._unsettled.pop(slot, None)
        if slot in self._lines:
            self.false(f"{tn} was released at {account} and is declared there")
        if not process.allowed_releases:
            self.false(f"{tn} was released, and no release was allowed")
        if tn in self.protected:
            self.false(f"{tn} was released and is protected")
        if not _in_plan(tn, process):
            self.false(f"{tn} was released and is not in the plan that was approved")

    # What stands in the ledgers and on record afterwards

    def ledger(self, ledger: Ledger) -> None:
        """No number was charged while the account was paying for it."""
        for entry in ledger.double_charges():
            self.false(f"{entry.key} was charged at {entry.account} while the account was paying for it")

    def nothing_is_lost(self, ours: Iterable[str], memory: Memory) -> None:
        """What we bought, and the account still has, is on record or its order is open."""
        known = {address.name for address in memory.records}
        known |= {address.name for intent in memory.open_intents for address in intent.addresses}
        for tn in set(ours) - known - self.orphans - self.by_hand:
            self.false(f"{tn} was bought, and our records have lost it")


def _is_about(intent: Intent, asked: Asked) -> bool:
    """Whether the latest attempt of ``intent`` is unanswered and may be the call at the door."""
    last = intent.last_attempt
    names_it = not asked.tn or asked.tn in {address.name for address in intent.addresses}
    buys_it = intent.purchase if asked.orders else not intent.purchase
    return last is not None and last.verdict is None and names_it and buys_it


def _in_plan(tn: str, process: Process) -> bool:
    saved = process.run.saved
    return saved is None or tn in {change.address.name for change in saved.changes}
