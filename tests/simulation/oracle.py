"""What must hold on the carriers' ledger and at the door of every carrier, whatever goes wrong.

Judged on what the carriers did and were asked, never on what our records claim. The records are read in one place:
by another connection, when a write arrives, to see that its attempt was durable before its first byte.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from reconciler.model import TN_KINDS, Action, Change, Kind, Memory, Origin, Report, Result, slots
from reconciler.sandbox.faults import Strike
from reconciler.sandbox.ledger import Entry, Event, Ledger
from tests.simulation.carriers import Asked, unprocessed
from tests.simulation.fleet import Desk, Line
from tests.simulation.records import Written
from tests.simulation.seeded.schedule import DATES

SETTLE_AFTER = {"vt": timedelta(seconds=900), "api": timedelta(seconds=900), "ib": timedelta(seconds=300)}
"""Each account's ``settle_after`` in this configuration: its default."""

LONG_AGO = datetime.min.replace(tzinfo=UTC)

WRONG_DATES = DATES - {"no-date"}


class Oracle:
    """Collects ``broken``: the sentences that are false."""

    def __init__(self) -> None:
        self.broken: list[str] = []
        self.foreign: set[str] = set()
        """TNs that somebody else has bought or released."""
        self._declared: dict[tuple[str, str], Line] = {}
        self._desk: Desk | None = None
        self._largest = 0
        """The largest size that the pool ever had."""
        self._slots: dict[str, str] = {}
        """Slot -> the number that it had when it was last looked at."""
        self._protected: set[str] = set()
        self._sent: Counter[tuple[int, str, str]] = Counter()
        self._tries: defaultdict[tuple[str, int], list[datetime]] = defaultdict(list)
        self._written: dict[int, Written] = {}
        """Process -> what was written of its last call: another may call in the middle of it."""
        self._left: dict[int, datetime] = {}
        """When the last write of each process left it; its carrier may look at it much later."""
        self._jumped = LONG_AGO
        """When our clock was last set."""
        self._skewed: dict[str, datetime] = {}
        """Account -> when it last told a wrong ``Date``."""
        self._excused: set[tuple[str, str]] = set()
        """Account and number of the orders that were sent again too early because both clocks lied."""
        self.misled: set[str] = set()
        """TNs that were offered under the key of another, and those others, which then were bought."""
        self.mistaken: set[str] = set()
        """The latter alone: no slot has ever been filled with them."""
        self.garbled: set[str] = set()
        """Those of them whose answer was garbled too, or heard by a process that died: nobody can know better."""

    def declare(self, lines: Sequence[Line], desk: Desk | None = None) -> None:
        """From now on these are declared."""
        self._declared = {(line.account, line.tn): line for line in lines}
        self._desk = desk
        self._largest = max(self._largest, desk.size if desk else 0)
        self._protected |= {line.tn for line in lines if line.protect}

    def forget_intents(self) -> None:
        """The records were lost or replaced: their intents begin anew."""
        self._tries.clear()

    def arrives(self, asked: Asked, written: Written, pid: int, now: datetime, *, robbed: bool) -> None:
        """A write of process ``pid`` is at a carrier's door; ``robbed``: its lock was taken from it earlier."""
        self._written[pid], self._left[pid] = written, now
        if written.intent is None:
            self._break(f"{asked.call} {asked.tn} arrived at {asked.account} and no attempt of it is recorded")
        if robbed or written.holder is None or written.holder.pid != pid:
            self._break(f"{asked.call} {asked.tn} was sent by process {pid}, which does not hold the lock")
        if asked.orders and written.intent is not None:
            self._repeat_is_allowed(asked, self._tries[asked.account, written.intent], now)

    def _repeat_is_allowed(self, asked: Asked, tries: list[datetime], now: datetime) -> None:
        """No wait is ended by one clock: ``now`` is how late it really is, whatever a ``Date`` or our clock say.

        Where both have lied since the last attempt, nobody can know better.
        """
        if not tries:
            return
        if asked.account == "vt" and len(tries) >= 2:
            self._break(f"the order of {asked.tn} was sent {len(tries) + 1} times under one intent")
        if now - tries[-1] >= SETTLE_AFTER[asked.account]:
            return
        if min(self._jumped, self._skewed.get(asked.account, LONG_AGO)) >= tries[-1]:
            self._excused.add((asked.account, asked.tn))
        else:
            self._break(f"{asked.tn} was ordered again {(now - tries[-1]).total_seconds():g} s after the last attempt")

    def served(
        self,
        asked: Asked,
        strike: Strike | None,
        booked: list[Entry],
        pid: int,
        now: datetime,
        *,
        silent: bool = False,
    ) -> None:
        """A carrier has dealt with a call of ``pid``; ``silent``: its answer to an order names no number."""
        written = self._written.get(pid, Written(None, None))
        if strike is not None and strike.fault.name in WRONG_DATES:
            self._skewed[asked.account] = now
        if asked.orders and not unprocessed(strike):
            if written.intent is not None:
                self._tries[asked.account, written.intent].append(self._left.get(pid, now))
            self._sent[pid, asked.account, asked.tn] += 1
            if self._sent[pid, asked.account, asked.tn] > 1:
                self._break(f"one apply sent the order of {asked.tn} at {asked.account} twice")
        if asked.orders and written.name not in ("", asked.tn):
            self.misled |= {asked.tn, written.name}
            self.mistaken.add(asked.tn)
            self.garbled |= self.misled if silent or strike is not None else set()
        for entry in booked:
            pooled = self._desk is not None and self._desk.covers(entry.account, entry.key)
            wanted = pooled or (entry.account, entry.key) in self._declared or entry.key in self.misled
            if entry.event is Event.CHARGE and not wanted:
                self._break(f"{entry.key} was bought at {entry.account} and is not declared there")

    def clock_set(self, now: datetime) -> None:
        """Somebody sets our clock."""
        self._jumped = now

    def released(self, booked: list[Entry], *, allowed: bool) -> None:
        """A carrier has dealt with a write of a run that was ``allowed`` to release numbers, or not."""
        for entry in booked:
            if entry.event is not Event.RELEASE:
                continue
            if not allowed:
                self._break(f"{entry.key} was released, and no release was allowed")
            if (entry.account, entry.key) in self._declared:
                self._break(f"{entry.key} was released and is declared")
            if entry.key in self._protected:
                self._break(f"{entry.key} was released and is protected")

    def presumed(self, memory: Memory, owned: set[str]) -> int:
        """How many numbers of the pool we had to presume ours that the account does not have."""
        records = (record for record in memory.records.values() if record.origin is Origin.PRESUMED)
        desk = self._desk
        theirs = {r.address.name for r in records if desk and desk.covers(r.provider, r.address.name)}
        return len(theirs - owned)

    def pool(self, booked: list[Entry], held: int) -> None:
        """A carrier has dealt with a write, and the pool's account has ``held`` numbers of its range."""
        if self._desk is None or not any(self._desk.covers(entry.account, entry.key) for entry in booked):
            return
        if booked[-1].event is Event.CHARGE and held > self._largest:
            self._break(f"{booked[-1].key} was bought for a pool that never had more than {self._largest} slots")
        if booked[-1].key in self.mistaken:
            return
        if booked[-1].event is Event.RELEASE and held < self._desk.size:
            self._break(f"{booked[-1].key} was released, and its pool of {self._desk.size} has {held} left")

    def slots(self, memory: Memory, ledger: Ledger) -> None:
        """No slot has another number than before, but for one that went back or that somebody else took."""
        held = {slot.name: str(record.applied[slots.NUMBER]) for slot, record in memory.slots.items()}
        for slot, tn in held.items():
            before = self._slots.get(slot, tn)
            if before != tn and not ledger.releases(tn=before) and before not in self.foreign:
                self._break(f"slot {slot} had {before} and has {tn}")
        if len(set(held.values())) < len(held):
            self._break(f"two slots have one number: {held}")
        self._slots |= held

    def in_sync(self, changes: Sequence[Change], shown: set[str]) -> None:
        """Nothing is in sync that no answer of the run showed."""
        for change in changes:
            if change.address.kind in TN_KINDS and change.address.name[-10:] not in shown:
                self._break(f"{change.address} is in sync, and no read of the run named it")

    def all_named(self, ledger: Ledger, named: set[str]) -> None:
        """Every number that is paid for is on record, or an open order names it."""
        paid = {entry.key for entry in ledger.charges() if not ledger.releases(entry.account, entry.key)}
        for tn in sorted(paid - named - self.foreign - self.garbled):
            self._break(f"{tn} is paid for and nothing names it any more")

    def ledger(self, ledger: Ledger) -> None:
        """Nothing was charged twice."""
        for entry in ledger.double_charges():
            if (entry.account, entry.key) in self._excused:
                continue
            self._break(f"{entry.key} was charged at {entry.account} while the account was paying for it")

    def reported(self, report: Report, ledger: Ledger) -> None:
        """What an apply says that it bought was charged, what it says that it released went back."""
        for outcome in report.outcomes:
            tn, account = outcome.address.name, outcome.provider
            if outcome.address.kind is not Kind.NUMBER or outcome.result is not Result.DONE:
                continue
            if tn in self.foreign | self.garbled:
                continue
            bought = outcome.action is Action.CREATE and "presumed" not in outcome.words
            if bought and not ledger.charges(account, tn):
                self._break(f"an apply says that it bought {tn}, and {account} has charged nothing for it")
            if outcome.action is Action.DELETE and not ledger.releases(account, tn):
                self._break(f"an apply says that it released {tn}, and {account} still has it")

    def broke(self, sentence: str) -> None:
        """Something else that must not be was seen."""
        self._break(sentence)

    def _break(self, sentence: str) -> None:
        if sentence not in self.broken:
            self.broken.append(sentence)
