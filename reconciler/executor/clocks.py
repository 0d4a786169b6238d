"""Our clock as one run reads it, for waits that must end by ours and by the carrier's (``waits.py``).

The wall clock may jump while a run goes on. So a run reads it once, at its start, and counts from there what its
stopwatch says; and from an attempt that it makes itself, it counts nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from reconciler.clock import Clock, Stopwatch
from reconciler.model import Attempt, Intent
from reconciler.model.capabilities import Capabilities
from reconciler.model.waits import Moment
from reconciler.planning.open_orders import Waiting, processed, waiting
from reconciler.state.store import Store


@dataclass
class RunClock:
    """When this run began, by the wall clock, and what has passed since by one that does not jump."""

    clock: Clock
    began: datetime = field(init=False)
    _watch: Stopwatch = field(init=False)
    _attempted: dict[int, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.began, self._watch = self.clock.now(), Stopwatch(self.clock)

    def attempted(self, intent: Intent) -> None:
        """This run is about to send an attempt of ``intent``: what is waited for is counted from here."""
        self._attempted[intent.id] = self._watch.seconds()

    def waited(self, store: Store, intent: Intent, caps: Capabilities, date: datetime | None) -> tuple[Intent, Waiting]:
        """How long the last attempt of ``intent`` is to be waited out, judged by answers of that ``date``.

        The wait's anchor is recorded, and where the wait has begun again, from when.
        """
        last = processed(intent)[-1]
        found = waiting(last, caps, Moment(self._ours(intent, last), date))
        return self._noted(store, intent, last, found.wait.since), found

    def _ours(self, intent: Intent, last: Attempt) -> datetime:
        passed = self._watch.seconds()
        if intent.id in self._attempted:
            return (last.anchored_at or last.at) + timedelta(seconds=passed - self._attempted[intent.id])
        return self.began + timedelta(seconds=passed)

    def _noted(self, store: Store, intent: Intent, last: Attempt, since: Moment) -> Intent:
        begun_again = since.ours != (last.anchored_at or last.at)
        if begun_again:
            self._attempted[intent.id] = self._watch.seconds()
            since = Moment(max(since.ours, self.clock.now()), since.carriers)  # whichever a later run finds nearer
        elif since.carriers == last.answered:
            return intent
        return store.note_wait(intent, last.n, since)
