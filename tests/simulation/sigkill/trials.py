"""A run that is killed, a recovery that is killed too, and what must hold after every one of them.

The checkers stand at the carriers' doors; here is what must be so once an apply has ended with 0, or a person is asked.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from reconciler.errors import EXIT_OK, EXIT_PERSON
from reconciler.model import Kind
from reconciler.sandbox.ledger import Event
from tests.simulation.checkers.convergence import misplaced, unfilled, unnamed
from tests.simulation.sigkill.points import Point, numbered, pairs
from tests.simulation.sigkill.stage import BOUGHT, ENABLED, RELEASED, Died, Stage

MOST_APPLIES = 3
"""Applies within which a fleet has converged once nothing strikes any more."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of one run that was killed at each of ``points`` in turn, and then left alone."""

    points: tuple[Point, ...]
    kills: int
    applies: int
    """Applies after the last kill, until nothing was left to do."""
    seconds: float
    """How long those took."""
    wrong: tuple[str, ...]
    """What must never happen and did."""

    def __str__(self) -> str:
        return f"killed {', then '.join(map(str, self.points))}: {'; '.join(self.wrong) or 'recovered'}"


@dataclass
class Tally:
    """Many trials summed up."""

    kills: int = 0
    trials: int = 0
    bad: list[Trial] = field(default_factory=list)
    worst_applies: int = 0
    worst_seconds: float = 0.0

    def add(self, trial: Trial) -> None:
        """Count one more."""
        self.kills += trial.kills
        self.trials += 1
        self.worst_applies = max(self.worst_applies, trial.applies)
        self.worst_seconds = max(self.worst_seconds, trial.seconds)
        if trial.wrong:
            self.bad.append(trial)

    def __str__(self) -> str:
        return (
            f"{self.kills} kills in {self.trials} trials, bad {len(self.bad)}, worst recovery "
            f"{self.worst_applies} applies and {self.worst_seconds:.1f} s"
        )


def rehearsed(stage: Stage) -> list[Point]:
    """The boundaries of an undisturbed run, which must go well."""
    stage.rewind()
    ended = stage.run()
    assert (ended.code, final_faults(stage)) == (EXIT_OK, []), ended.said
    return numbered(ended.commits, ended.calls)


def trials(stage: Stage, part: int = 0, parts: int = 1) -> Iterator[Trial]:
    """Every boundary of a run with every boundary of its recovery, for as long as somebody asks.

    ``part`` of ``parts`` (from 0) takes its share of the pairs.
    """
    for points in islice(pairs(rehearsed(stage)), part, None, parts):
        yield attempt(stage, points)


def attempt(stage: Stage, points: Sequence[Point]) -> Trial:
    """Kill a run at the first of ``points``, its recovery at the next, and so on; then let it recover."""
    stage.rewind()
    wrong: list[str] = []
    kills = 0
    for point in points:
        kills += stage.run(point).killed
        wrong += lasting_faults(stage)
    began = time.monotonic()
    applies, last = recover(stage)
    seconds = time.monotonic() - began
    wrong += lasting_faults(stage)
    wrong += final_faults(stage) if last.code == EXIT_OK else unfinished_faults(stage, last)
    return Trial(tuple(points), kills, applies, seconds, tuple(dict.fromkeys(wrong)))


def recover(stage: Stage) -> tuple[int, Died]:
    """Apply until nothing is left to do; how often, and how the last one ended."""
    applies, ended = 1, stage.run()
    while ended.code != EXIT_OK and applies < MOST_APPLIES:
        applies, ended = applies + 1, stage.run()
    return applies, ended


def lasting_faults(stage: Stage) -> list[str]:
    """What must not be true at any moment, above all not right after a kill."""
    enabled = [entry.key for entry in stage.sandbox.ledger.find(Event.ENABLE)]
    again = [f"SMS was enabled on {enabled}"] if enabled not in ([], [ENABLED]) else []
    return stage.checkers.broken + again


def final_faults(stage: Stage) -> list[str]:
    """What is not as declared although the last apply said that it is."""
    state, known, now = stage.snapshot(), stage.checkers.known, stage.clock.now()
    found = [f"{intent.address} is open" for intent in state.open_intents]
    found += [*misplaced(stage.sandbox, known, now), *unfilled(known, state), *unnamed(known, state)]
    found += [f"{RELEASED} was not released"] if RELEASED in known.owned("ib") else []
    live = {a.name for a, record in state.records.items() if a.kind is Kind.NUMBER and not record.tombstone}
    owned = set().union(*(known.owned(account) for account in BOUGHT))
    return found + [f"{tn} is on record and was released" for tn in sorted(live - owned)]


def unfinished_faults(stage: Stage, last: Died) -> list[str]:
    """Why it was wrong to stop before everything was done.

    One case is right: where nothing that exists can be read back, an order that was lost twice may not be sent a
    third time, so a person is asked, by name.
    """
    left = list(stage.snapshot().open_intents)
    twice_lost = [i for i in left if i.account == "vt" and len(i.attempts) == 2 and i.person]
    if last.code == EXIT_PERSON and left and left == twice_lost:
        return []
    return [f"not converged after {MOST_APPLIES} applies: exit code {last.code}: {last.said.strip()[-400:]}"]


def tally(found: Iterable[Trial], kills: int, told: Callable[[Trial, Tally], None] = lambda *_: None) -> Tally:
    """Sum up trials until at least so many processes were killed; ``told`` hears of each, and of the sum so far."""
    total = Tally()
    for trial in found:
        total.add(trial)
        told(trial, total)
        if total.kills >= kills:
            break
    return total
