"""One schedule from its first apply to its last: faults all the time, then an end of faults, then a verdict."""

from __future__ import annotations

import hashlib
import random
import secrets
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from reconciler.errors import LockedError
from tests.simulation import ending, events
from tests.simulation.acts import Event, Run
from tests.simulation.canaries import LogLines
from tests.simulation.census import Census
from tests.simulation.engines import SHARED_MEMORY, compiled_once
from tests.simulation.seeded import schedule
from tests.simulation.world import World

DRIFTS = 4
"""Of so many schedules that converge, one is asked for a drift report as well."""


@dataclass(frozen=True, slots=True)
class Played:
    """A schedule that was played. ``digest`` is over the whole story; ``broken`` are the sentences that were false."""

    seed: int
    digest: str
    broken: tuple[str, ...]
    census: Census
    trace: tuple[str, ...]


def play(seed: int, *, shards: bool = False) -> Played:
    """Play the schedule of ``seed``, of the family with ``shards`` or without. The same seed gives the same story."""
    drawn = schedule.draw(seed, shards=shards)
    random.seed(seed)  # the transport's jitter
    folder = Path(tempfile.mkdtemp(prefix="simulation-", dir=SHARED_MEMORY))
    try:
        with compiled_once(), LogLines() as logged:
            world = World(drawn, folder)
            _play(world, drawn)
            world.checkers.shown("the records", b"".join(world.records.image()))
            world.checkers.shown("the log", "\n".join(logged.lines))
    finally:
        shutil.rmtree(folder)
    broken = tuple(world.checkers.broken)
    world.census.counts["schedules"] += 1
    if broken:
        world.census.failures[seed] = broken[0]
    story = tuple(world.trace)
    return Played(seed, hashlib.sha256("\n".join(story).encode()).hexdigest(), broken, world.census, story)


def fresh_seed() -> int:
    """A first seed that nobody has tried: above the fixed ones, far from any other."""
    return 1_000_000_000 + 1_000_000 * secrets.randbelow(1_000_000)


def play_range(first: int, last: int, *, shards: bool = False) -> Census:
    """Play the seeds from ``first`` up to ``last``, the first of them twice: it must tell the same story again."""
    census = Census()
    for seed in range(first, last):
        played = play(seed, shards=shards)
        census.add(played.census)
        if seed == first and play(seed, shards=shards).digest != played.digest:
            census.failures[seed] = "the same seed told another story"
    return census


def play_chunk(chunk: tuple[int, int, bool]) -> Census:
    """:func:`play_range` for a pool of processes, which imports it by its name."""
    first, last, shards = chunk
    return play_range(first, last, shards=shards)


def _play(world: World, drawn: schedule.Schedule) -> None:
    for act in drawn.acts:
        if isinstance(act, Event):
            events.happen(world, act)
            continue
        ended = world.apply(act)
        if isinstance(ended.error, LockedError) and drawn.seed % 2:
            world.unlock()
    last = Run(wait=900, allow=bool(drawn.seed % 4))
    ending.converge(world, last, drifts=drawn.seed % DRIFTS == 1)
