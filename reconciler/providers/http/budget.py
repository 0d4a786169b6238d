"""How fast an account may be asked: a token bucket for each kind of call, which a 429 pauses.

The carriers publish a rate for some calls only, and answer 429 for the rest. So a bucket without a rate lets
everything through until it is paused.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from reconciler.clock import Clock

DEFAULT = "*"
"""The key of the budget that all calls share which have none of their own."""

LONGEST_UNTOLD_PAUSE = 32.0
"""Seconds: where the doubling ends when a carrier answers 429 without saying for how long."""

_EPSILON = 1e-9
"""Seconds below which waiting is rounding error: a sleep that short may not move the clock at all."""


@dataclass(frozen=True, slots=True)
class Rate:
    """``per_second`` calls on average, up to ``burst`` of them at once after a rest."""

    per_second: float
    burst: int = 1

    def __post_init__(self) -> None:
        if self.per_second <= 0 or self.burst < 1:
            raise ValueError(f"{self} lets no call through")


class Bucket:
    """One rate, kept by the generic cell rate algorithm; safe to share between threads."""

    def __init__(self, rate: Rate | None, clock: Clock, sleep: Callable[[float], None]) -> None:
        self._interval = 1 / rate.per_second if rate else 0.0
        self._tolerance = self._interval * (rate.burst - 1) if rate else 0.0
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._next_due = clock.monotonic()
        """When the next call would be due if all came evenly spaced."""
        self._paused_until = clock.monotonic()
        self._streak = 0

    def take(self) -> None:
        """Wait until a call may go, and count it."""
        while (wait := self._claim()) > _EPSILON:
            self._sleep(wait)

    def throttled(self, retry_after: float | None) -> float:
        """Pause after a 429 for ``retry_after`` seconds, else for 1, 2, 4 … seconds; returns the pause.

        Calls in flight together get their 429 for one excess: only the first after a pause makes it longer.
        """
        with self._lock:
            now = self._clock.monotonic()
            if now >= self._paused_until:
                self._streak += 1
            told = min(2.0 ** (self._streak - 1), LONGEST_UNTOLD_PAUSE) if retry_after is None else retry_after
            self._paused_until = max(self._paused_until, now + told)
            return told

    def answered(self) -> None:
        """Anything but a 429 came: the next pause starts short again."""
        with self._lock:
            self._streak = 0

    def _claim(self) -> float:
        """Seconds to wait; 0 when the call was counted and may go now."""
        with self._lock:
            now = self._clock.monotonic()
            wait = max(self._paused_until, self._next_due - self._tolerance) - now
            if wait > _EPSILON:
                return wait
            self._next_due = max(now, self._next_due) + self._interval
            return 0.0


class Budgets:
    """A bucket for each call that has a rate of its own, and one that all the others share."""

    def __init__(self, rates: Mapping[str, Rate], clock: Clock, sleep: Callable[[float], None]) -> None:
        self._buckets = {name: Bucket(rate, clock, sleep) for name, rate in rates.items()}
        self._shared = self._buckets.get(DEFAULT) or Bucket(None, clock, sleep)

    def of(self, name: str) -> Bucket:
        """The bucket that the call ``name`` draws from."""
        return self._buckets.get(name, self._shared)
