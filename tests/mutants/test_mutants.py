"""Every planted bug is caught; with none planted, nothing is seen."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace

import pytest

from reconciler.executor import attempts
from tests.mutants.catalogue import BUGS
from tests.mutants.checking import Check
from tests.mutants.harness import BadlyPlantedError, caught, complaint
from tests.mutants.planting import Bug, swapped
from tests.simulation.seeded.play import play

CHECKS = {bug.check.name: bug.check for bug in BUGS if bug.check}


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_a_planted_bug_is_caught(bug: Bug) -> None:
    catch = caught(bug)
    assert catch is not None, f"nothing noticed that: {bug.sentence}"


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_a_check_finds_nothing_wrong_with_the_program_as_it_is(check: Check) -> None:
    assert complaint(check) == ""


def test_the_simulation_finds_nothing_wrong_with_the_program_as_it_is() -> None:
    assert [seed for seed in range(20) if play(seed).broken] == []


def test_what_changes_nothing_is_not_caught() -> None:
    sound = Bug("none", "Nothing is wrong.", nullcontext, None)
    assert caught(sound, schedules=5) is None
    assert caught(replace(sound, check=next(iter(CHECKS.values())))) is None


def test_a_program_that_merely_falls_over_is_not_caught_but_badly_planted() -> None:
    broken = Bug("broken", "Nothing works.", lambda: swapped((attempts, "send", None)), None)
    with pytest.raises(BadlyPlantedError, match="TypeError"):
        caught(broken)


def test_there_are_many_bugs_and_each_has_its_own_name_and_a_sentence() -> None:
    assert len(BUGS) >= 28
    assert len({bug.name for bug in BUGS}) == len(BUGS)
    assert all(bug.sentence.endswith(".") for bug in BUGS)
