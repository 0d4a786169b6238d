"""Thousands of lives of an account, each with its own carriers, faults and crashes.

``pytest -n auto`` shares the chunks among the cores. ``python -m tests.simulation --trace SEED`` explains a failure.
"""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from reconciler.sandbox import FAULTS
from tests.simulation.acts import Event, Kind, Run
from tests.simulation.records import Records
from tests.simulation.seeded import schedule
from tests.simulation.seeded.play import play, play_range

SCHEDULES = 500
"""``.ci/run`` plays those up to 5000, and more of those over single accounts."""

CHUNKS = 20


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_no_schedule_buys_twice_loses_a_number_or_acts_on_a_guess(chunk: int) -> None:
    each = SCHEDULES // CHUNKS
    assert play_range(chunk * each, (chunk + 1) * each).failures == {}


@pytest.mark.parametrize("chunk", range(2))
def test_no_schedule_of_runs_over_single_accounts_does_either(chunk: int) -> None:
    assert play_range(chunk * 75, (chunk + 1) * 75, shards=True).failures == {}


SEEDS_THAT_FAILED = [
    *(778_445, 782_555, 782_083, 50_002_149, 50_006_126, 50_001_952, 50_009_142, 50_005_088, 3213, 3496),
    *(546_064_000_724, 546_064_001_615, 546_064_001_918, 546_064_009_840, 546_064_013_653, 546_064_013_166),
    *(669_995_000_506, 669_995_005_171, 669_995_011_286, 620_072_025_181, 620_072_035_369, 620_072_048_288),
    *(502_753_017_071, 971_711_008_979),
]


@pytest.mark.parametrize("seed", SEEDS_THAT_FAILED)
def test_a_seed_that_failed_once_does_not_fail_again(seed: int) -> None:
    """Faults of the program: an apply that fell over a pool that shrank, exit 0 over a number that nobody declared any
    more. Faults of the model: numbers sold under the key of others, a call in the middle of another, two clocks that
    lie at once, a wait that counts from when the carrier looked, a release that is refused with the word of a port."""
    assert play(seed).broken == ()


@pytest.mark.parametrize("seed", [951_278_000_245, 951_278_002_742])
def test_nor_does_one_of_those_over_single_accounts(seed: int) -> None:
    """Faults of the model: a run over no account waits for the lock of another such."""
    assert play(seed, shards=True).broken == ()


@pytest.mark.parametrize("seed", range(3))
def test_the_same_seed_tells_the_same_story(seed: int) -> None:
    first, second = play(seed), play(seed)
    assert first.trace == second.trace
    assert len(first.trace) > 5


def test_two_seeds_tell_two_stories() -> None:
    assert play(1).digest != play(2).digest


def test_the_schedules_reach_every_fault_every_event_and_every_kind_of_boundary() -> None:
    drawn = [schedule.draw(seed) for seed in range(1000)]
    thrown = {name for plan in drawn for name in (plan.chaos.faults if plan.chaos else ())}
    planted = {rule.fault for plan in drawn for rule in plan.rules}
    assert thrown == schedule.OLDER
    assert planted == set(FAULTS)
    acts = [act for plan in drawn for act in plan.acts]
    happening = {act.kind for act in acts if isinstance(act, Event)}
    midcall = {act.midcall[1].kind for act in acts if isinstance(act, Run) and act.midcall}
    assert happening | midcall == set(Kind) - {Kind.HEAL}
    crashes = {act.crash for act in acts if isinstance(act, Run)}
    assert crashes >= {None, *range(1, 25)}


def test_a_torn_log_loses_no_commit_but_the_last() -> None:
    whole = (b"file", b"first commit" + b"last commit")
    cut = {Records(Path("unused")).torn(whole, 12, Random(seed)) for seed in range(50)}
    assert {image[0] for image in cut} == {b"file"}
    assert all(image[1].startswith(b"first commit") and image[1] != whole[1] for image in cut)
    assert Records(Path("unused")).torn(whole, 23, Random(0)) == whole
