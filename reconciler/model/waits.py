"""A wait that is over only when two clocks agree: the carrier's and ours. Pure.

One clock alone must never end a wait after which money moves or a number is gone for good: a single answer may carry
a ``Date`` that is stale or far ahead, and our own clock may jump. So a wait begins at one moment on both clocks and is
over when both say so. The carrier's clock is the ``Date`` of its answers: the first one after what is waited for is the
anchor. Ours is the wall clock at that moment, recorded, and within one run the time that has passed in it.

==========================  =======================  ============================================
the carrier's clock         our clock                the wait
==========================  =======================  ============================================
earlier than the anchor     any                      begins again on both clocks
any                         earlier than recorded    begins again on both clocks
the first ``Date``          any                      has its anchor now; ours counts on
not over                    any                      goes on
over                        not over                 goes on
over                        over                     is over
no ``Date``                 not over                 goes on
no ``Date``                 over                     never ends by itself: a person's
==========================  =======================  ============================================

So a wait can grow, and never hangs: where it begins again, it ends a whole wait later by clocks that run.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

ROUNDING = timedelta(seconds=1)
"""``Date`` and our records have whole seconds: two of them may look one second further apart than they are."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One moment on both clocks; ``carriers`` is None where no answer with a ``Date`` tells."""

    ours: datetime
    carriers: datetime | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """``length`` from ``since`` on, on both clocks."""

    since: Moment
    length: timedelta

    def seen(self, now: Moment) -> Wait:
        """The wait as the answers of ``now`` leave it: begun again where a clock reads earlier, else with its anchor.

        Judge only what this gives: see the table above.
        """
        if self._began_later(now):
            return replace(self, since=Moment(now.ours, now.carriers or self.since.carriers))
        return replace(self, since=Moment(self.since.ours, self.since.carriers or now.carriers))

    def left(self, now: Moment) -> timedelta:
        """What is left of it on the clock that says more; zero alone does not mean that it is over."""
        ours = self.length - (now.ours - self.since.ours)
        theirs = ours
        if now.carriers is not None and self.since.carriers is not None:
            theirs = self.length - (now.carriers - self.since.carriers)
        longer = max(ours, theirs) + ROUNDING
        return max(timedelta(0), longer)

    def over(self, now: Moment) -> bool:
        """Whether both clocks say that it is over."""
        return self.dated(now) and not self.left(now)

    def endless(self, now: Moment) -> bool:
        """Whether it is over by our clock, and the carrier's will never tell."""
        return not self.dated(now) and not self.left(now)

    def dated(self, now: Moment) -> bool:
        """Whether the carrier's clock is known at both ends."""
        return now.carriers is not None and self.since.carriers is not None

    def _began_later(self, now: Moment) -> bool:
        """Whether a clock reads earlier than when the wait began: then nobody knows how long it has lasted."""
        earlier = now.carriers is not None and self.since.carriers is not None and now.carriers < self.since.carriers
        return earlier or now.ours < self.since.ours
