"""Whether a planted bug is caught: by the simulation, at the first schedule that only the bug breaks, or by its check.

A schedule counts only when the sound program survives it. A bug that merely makes the program fall over with a
TypeError and the like is not caught but badly planted: that is an error here.
"""

from __future__ import annotations

import re
import tempfile
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

import pytest

from reconciler.errors import TnctlError
from tests.mutants import checks
from tests.mutants.checking import Check
from tests.mutants.planting import Bug
from tests.simulation.seeded.play import play
from tests.simulation.seeded.schedule import draw

SCHEDULES = 400
"""Schedules of the simulation that a bug may survive at the most."""

CI_SIZE = 5000
"""Seeds that every CI run of the simulation plays at least; what is caught here is caught there."""

_FELL_OVER = re.compile(r"(Type|Attribute|Name|Key|Index|Unbound\w*|Assertion)Error at ")
_NOT_RAISED = re.compile(r"DID NOT RAISE (?:<class '(?:\w+\.)*)?(\w+)(?:'>)?")
"""What pytest says of an error that did not come, in either of its forms."""


@dataclass(frozen=True, slots=True)
class Catch:
    """What caught a bug, after how many schedules of the simulation (None: a check did), and what was seen."""

    by: str
    schedules: int | None
    seen: str


class BadlyPlantedError(Exception):
    """The bug makes the program fall over instead of doing the wrong thing."""


def caught(bug: Bug, schedules: int = SCHEDULES) -> Catch | None:
    """What catches ``bug``; None when it survives."""
    if bug.check is None:
        return _by_simulation(bug, schedules)
    with bug.plant():
        seen = complaint(bug.check)
    return Catch(f"check: {bug.check.name}", None, seen) if seen else None


def complaint(check: Check) -> str:
    """What ``check`` finds wrong with the program as it is now; empty when nothing is."""
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        try:
            check.run(Path(folder))
        except (AssertionError, TnctlError, pytest.fail.Exception) as error:
            return _told(error)
    return ""


def _by_simulation(bug: Bug, schedules: int) -> Catch | None:
    for played, seed in enumerate(islice(_seeds(bug), schedules), 1):
        with bug.plant():
            broken = play(seed).broken
        if not broken:
            continue
        if _FELL_OVER.match(broken[0]):
            raise BadlyPlantedError(f"{bug.name}, schedule {seed}: {broken[0]}")
        if not play(seed).broken:
            return Catch("simulation", played, f"seed {seed}: {broken[0]}")
    return None


def _seeds(bug: Bug) -> Iterator[int]:
    """The seeds of a CI run from the bug's ``start`` on, then those before; of them those of its kind ``where``."""
    seeds = chain(range(bug.start, CI_SIZE), range(bug.start))
    return (seed for seed in seeds if bug.where is None or bug.where(draw(seed)))


def _told(error: BaseException) -> str:
    """The sentence of a check here or of the program; for a reused test, what was not so and where."""
    sentence = (str(error).splitlines() or [""])[0]
    tests = str(Path(__file__).parents[1])
    frame = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(tests)][-1]
    place = Path(frame.filename)
    of_a_check = place == Path(checks.__file__) and not sentence.startswith("assert ")
    if isinstance(error, TnctlError) or of_a_check:
        return _plainly(sentence)
    wrong = sentence if isinstance(error, pytest.fail.Exception) else frame.line
    return f"{_plainly(wrong or sentence)} ({place.name}:{frame.lineno})"


def _plainly(sentence: str) -> str:
    return _NOT_RAISED.sub(r"no \1 was raised", sentence)
