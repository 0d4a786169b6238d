"""Time for tests: it passes when somebody sleeps or says so, and a wall clock may jump while it does."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

DAWN = datetime(2026, 1, 13, 9, 0, tzinfo=UTC)


class _Time:
    """Seconds that have passed, shared by every clock over it."""

    def __init__(self) -> None:
        self._passed = 0.0
        self._lock = threading.Lock()

    @property
    def passed(self) -> float:
        return self._passed

    def pass_by(self, seconds: float) -> None:
        with self._lock:
            self._passed += max(0.0, seconds)


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
        """Let that many seconds pass, here and on every twin."""
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
