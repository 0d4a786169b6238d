"""Two runs over one set of records, interleaved at every boundary of the first, in one process and virtual time.

The first run is stopped in the middle of a commit or a call, something happens to its lock, and it goes on without
knowing. Each order of events is exact and the same in every run of the tests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

from reconciler.errors import LockedError, LockLostError
from reconciler.sandbox import Rule, When
from reconciler.sandbox.ledger import Event
from reconciler.state.lock import LEASE
from reconciler.state.store import Store
from reconciler.workflows import apply
from reconciler.workflows.session import Options
from tests.rig import Rig

BRIEFLY = Options(wait=timedelta(seconds=10))
SOLD = {"ib": "+447700900123", "vt": "+12015550123", "api": "+12015550124"}
FLEET = """numbers:
  "+17205550142": {provider: ip, sms: true, webhook: "https://hooks.example.com/in"}
""" + "".join(f'  "{tn}": {{provider: {account}}}\n' for account, tn in SOLD.items())

MAY_SEND = ("commit intent", "commit attempt")
"""Boundaries after which one call may follow: its record was written while the lock was held."""


def nothing() -> None:
    """What happens at a boundary where nothing does."""


@dataclass
class Run:
    """One apply whose boundaries are counted; at the ``at``-th of them (from 1) ``strike`` happens, once."""

    rig: Rig
    at: int = 0
    strike: Callable[[], None] = nothing
    boundaries: list[str] = field(default_factory=list)
    sent_before: int | None = None
    """Writes that had been sent when it struck."""
    recorded_after: list[str] = field(default_factory=list)
    """What it wrote to the records after that, but for its lock."""
    lost: bool = False
    """Whether the run ended because its lock was lost."""

    def go(self) -> None:
        """Apply, to the end or until the lock is lost."""
        rig = self.rig
        rig.sandbox.guard = self._exchange
        url = f"sqlite:///{rig.folder / 'state.db'}"
        with Store.open(url, rig.clock, create=True, on_commit=self._committed) as store:
            try:
                apply.apply(rig.session(writes=True, store=store), BRIEFLY, lambda _plan: True, None)
            except LockLostError:
                self.lost = True

    def sent_after(self) -> int:
        """Writes that were begun after it struck."""
        assert self.sent_before is not None
        return self.rig.writes() - self.sent_before

    def _committed(self, label: str) -> None:
        if self.sent_before is not None and label != "lock":
            self.recorded_after.append(label)
        self._reach(f"commit {label}")

    @contextmanager
    def _exchange(self) -> Iterator[None]:
        self._reach("before a call")
        yield
        self._reach("after a call")

    def _reach(self, boundary: str) -> None:
        if self.sent_before is not None:
            return
        self.boundaries.append(boundary)
        if len(self.boundaries) == self.at:
            self.sent_before = self.rig.writes()
            self.strike()

    def records_to_come(self) -> int:
        """Of an undisturbed run: the number of the last boundary that has a record after it."""
        commits = [n for n, boundary in enumerate(self.boundaries, start=1) if boundary.startswith("commit")]
        return commits[-2] - 1  # the last commit gives the lock back, which is no record


@dataclass(frozen=True)
class World:
    """Records and carriers as they are before the two runs: a file and a snapshot."""

    records: bytes
    books: Mapping[str, Any]

    def rig(self, folder: Path) -> Rig:
        """A fresh rig in that state."""
        folder.mkdir()
        rig = Rig(folder, ids=count(100))
        rig.clock.sleep(60)
        rig.write(FLEET)
        (folder / "state.db").write_bytes(self.records)
        rig.sandbox.restore(self.books)
        return rig


def untouched(folder: Path) -> World:
    """Records of nothing, and carriers that know nothing of us."""
    rig = Rig(folder)
    rig.store().close()
    return World((folder / "state.db").read_bytes(), rig.sandbox.snapshot())


def unanswered(folder: Path, when: When) -> World:
    """After a run whose purchases all went unanswered, before or after the carriers committed them."""
    rig = Rig(folder)
    rig.write(FLEET)
    rig.sandbox.faults.plant(*(Rule("reset", account=account, call="write", when=when) for account in SOLD))
    rig.apply(Options(wait=timedelta(0)))
    return World((folder / "state.db").read_bytes(), rig.sandbox.snapshot())


@dataclass
class Rival:
    """Another run on another machine, over the same records and carriers."""

    rig: Rig

    def __post_init__(self) -> None:
        self.other = Rig(self.rig.folder, self.rig.clock, ids=count(200))
        self.other.sandbox = self.rig.sandbox

    def is_refused(self) -> None:
        """It finds the lock held, and goes away."""
        try:
            self.other.apply(BRIEFLY)
        except LockedError:
            return
        assert self._holder() is None, "a second run went on beside the first"

    def breaks_the_lock(self) -> None:
        """``tnctl unlock``."""
        with self.other.store() as store:
            holder = store.holder()
            if holder is not None:
                assert store.unlock(holder.id)

    def lets_it_expire(self) -> None:
        """Nobody gives a sign of life for as long as a lease lasts."""
        self.rig.clock.pass_by(LEASE.total_seconds())

    def breaks_the_lock_and_applies(self) -> None:
        """``tnctl unlock``, then a whole apply."""
        self.breaks_the_lock()
        self.other.apply(BRIEFLY)

    def applies_once_it_has_expired(self) -> None:
        """A whole apply in a pause that outlasted the lease."""
        self.lets_it_expire()
        self.other.apply(BRIEFLY)

    def _holder(self) -> object:
        with self.other.store() as store:
            return store.holder()

    def finish(self) -> list[int]:
        """Give way, then apply until nothing is left to do; the exit codes."""
        self.breaks_the_lock()
        codes: list[int] = []
        while len(codes) < 3 and codes[-1:] != [0]:
            codes.append(self.other.apply(BRIEFLY).exit_code)
            self.rig.clock.sleep(1000)
        return codes

    def ledger_faults(self) -> list[str]:
        """What the carriers charged or did that they should not have, by their own books."""
        ledger = self.rig.sandbox.ledger
        bought = sorted((entry.account, entry.key) for entry in ledger.charges())
        faults = [] if bought == sorted(SOLD.items()) else [f"bought {bought}"]
        enabled = len(ledger.find(Event.ENABLE))
        return faults if enabled == 1 else [*faults, f"SMS was enabled {enabled} times"]


REFUSED = (Rival.is_refused,)
IDLE = (Rival.breaks_the_lock, Rival.lets_it_expire)
BUSY = (Rival.breaks_the_lock_and_applies, Rival.applies_once_it_has_expired)
"""What a rival can do: nothing, take the lock away and leave, or take it away and do the work."""
