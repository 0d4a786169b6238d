"""What the schedules of a run have met, so that "0 of n" can be judged by what n covered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass
class Census:
    """Counts of many schedules."""

    counts: Counter[str] = field(default_factory=Counter)
    strikes: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(fault, account.call) -> how often it struck there."""
    crashes: Counter[str] = field(default_factory=Counter)
    """Boundary -> how often a process died there."""
    events: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    """Exit code of the last apply -> how many schedules ended so."""
    failures: dict[int, str] = field(default_factory=dict)
    """Seed -> what was false."""

    def add(self, other: Census) -> None:
        """Count what ``other`` has counted, too."""
        self.counts += other.counts
        self.strikes += other.strikes
        self.crashes += other.crashes
        self.events += other.events
        self.ends += other.ends
        self.failures |= other.failures

    def report(self) -> str:
        """The whole census as text."""
        totals = ", ".join(f"{count} {what}" for what, count in sorted(self.counts.items()))
        sections = [
            totals,
            _lines("killed at", self.crashes),
            _lines("events", self.events),
            _lines("at the end, once the faults had healed", self.ends),
            self._table(),
        ]
        return "\n\n".join(section for section in sections if section)

    def _table(self) -> str:
        """Fault x call; a dot where a fault never met a call."""
        faults = sorted({fault for fault, _ in self.strikes})
        calls = sorted({call for _, call in self.strikes})
        if not faults:
            return ""
        wide = max(map(len, faults)) + 1
        legend = [f"  {n:>2} {call}" for n, call in enumerate(calls, 1)]
        head = " " * wide + "".join(f"{n:>7}" for n in range(1, len(calls) + 1))
        rows = [fault.ljust(wide) + self._row(fault, calls) for fault in faults]
        return "\n".join(["faults by call:", *legend, head, *rows])

    def _row(self, fault: str, calls: Iterable[str]) -> str:
        return "".join(f"{self.strikes[fault, call] or '.':>7}" for call in calls)


def _lines(title: str, counter: Counter[str]) -> str:
    lines = [f"  {count:>9} {what}" for what, count in counter.most_common()]
    return "\n".join([f"{title}:", *lines]) if lines else ""
