"""Time for tests: it passes when somebody sleeps or says so, and a wall clock may jump while it does."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

DAWN = datetime(2026, 1, 13, 9, 0, tzinfo=UTC)


@dataclass(eq=False)
class _Repeated:
    """What is done every so many ``seconds``, and when next."""

    seconds: float
    action: Callable[[], None]
    due: float


class _Time:
    """Seconds that have passed, and what is done while they do, shared by every clock over it."""

    def __init__(self) -> None:
        self.repeated: list[_Repeated] = []
        self._passed = 0.0
        self._lock = threading.Lock()

    @property
    def passed(self) -> float:
        return self._passed

    def pass_by(self, seconds: float) -> None:
        with self._lock:
            self._passed += max(0.0, seconds)

    def pass_awake(self, seconds: float) -> None:
        """Let time pass, and do what falls due meanwhile."""
        end = self._passed + max(0.0, seconds)
        while due := [one for one in self.repeated if one.due <= end]:
            first = min(due, key=lambda one: one.due)
            self._reach(first.due)
            first.due = self._passed + first.seconds
            first.action()
        self._reach(end)

    def _reach(self, moment: float) -> None:
        with self._lock:
            self._passed = max(self._passed, moment)


class VirtualClock:
    """A :class:`~reconciler.clock.Clock` whose sleeping takes no time."""

    def __init__(self, start: datetime = DAWN, time: _Time | None = None) -> None:
        self._start = start
        self._time = time or _Time()
        self._suspended = 0.0

    def now(self) -> datetime:
        """The wall clock in UTC."""
        return self._start + timedelta(seconds=self._time.passed)

    def monotonic(self) -> float:
        """Seconds that have passed while this machine was awake; never goes back."""
        return self._time.passed - self._suspended

    def boot(self) -> float:
        """Seconds that have passed, those included in which this machine slept."""
        return self._time.passed

    def sleep(self, seconds: float) -> None:
        """Let that many seconds pass, here and on every twin, and do meanwhile what is due (see :meth:`every`)."""
        self._time.pass_awake(seconds)

    def every(self, seconds: float, action: Callable[[], None]) -> Callable[[], None]:
        """Call ``action`` so often while somebody sleeps, on this clock or a twin."""
        repeated = _Repeated(seconds, action, self._time.passed + seconds)
        self._time.repeated.append(repeated)
        return lambda: self._time.repeated.remove(repeated) if repeated in self._time.repeated else None

    def pass_by(self, seconds: float) -> None:
        """Let time pass in which nobody does anything, as while a process is stopped."""
        self._time.pass_by(seconds)

    def suspend(self, seconds: float) -> None:
        """Let this machine sleep: time passes everywhere, and its monotonic clock stands."""
        self._suspended += seconds
        self._time.pass_by(seconds)

    def jump(self, seconds: float) -> None:
        """Move this wall clock either way; no time passes and no twin notices."""
        self._start += timedelta(seconds=seconds)

    def twin(self) -> VirtualClock:
        """Another wall clock over the same time: the carrier's beside the client's."""
        return VirtualClock(self._start, self._time)
