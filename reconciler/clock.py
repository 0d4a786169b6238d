"""Time, passed in: nothing in tnctl reads a clock or sleeps by itself, so that tests run on a virtual one."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What the program may know of time."""

    def now(self) -> datetime:
        """The wall clock, aware, in UTC. It may jump; nothing that waits is measured by it."""
        ...

    def monotonic(self) -> float:
        """Seconds from an arbitrary start; never goes back."""
        ...

    def boot(self) -> float:
        """Seconds from an arbitrary start, the same for all processes until the machine restarts; never goes back,
        and goes on while the machine sleeps."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait that many seconds."""
        ...

    def every(self, seconds: float, action: Callable[[], None]) -> Callable[[], None]:
        """Call ``action`` so often, whatever else goes on and maybe in another thread, until what comes back is called.

        ``action`` must not raise.
        """
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The wall clock in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds from an arbitrary start."""
        return time.monotonic()

    def boot(self) -> float:
        """Seconds since the machine started; where that cannot be told, those of :meth:`monotonic`."""
        return time.clock_gettime(_BOOT) if _BOOT is not None else time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait for real."""
        time.sleep(seconds)

    def every(self, seconds: float, action: Callable[[], None]) -> Callable[[], None]:
        """Call ``action`` in a thread of its own."""
        over = threading.Event()

        def repeat() -> None:
            while not over.wait(seconds):
                action()

        threading.Thread(target=repeat, name="tnctl-beat", daemon=True).start()
        return over.set


_BOOT: int | None = getattr(time, "CLOCK_BOOTTIME", None)
"""Linux alone has it; elsewhere the monotonic clock has to do."""


class Stopwatch:
    """How long ago it was made, by whichever of the monotonic and the boot clock says more."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._monotonic, self._boot = clock.monotonic(), clock.boot()

    def seconds(self) -> float:
        """Seconds since it was made, those in which the machine slept included."""
        return max(self._clock.monotonic() - self._monotonic, self._clock.boot() - self._boot)


def stamp(moment: datetime) -> str:
    """RFC 3339 in UTC with a ``Z``, to the second: ``2026-01-31T12:00:00Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_stamp(text: str) -> datetime:
    """The moment that :func:`stamp` wrote; ``ValueError`` for anything else."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
