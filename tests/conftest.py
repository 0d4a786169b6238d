"""Fixtures that every part shares."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

pytest.register_assert_rewrite("reconciler.testing")

from tests.rig import Rig  # noqa: E402
from tests.simulation.engines import compiled_once  # noqa: E402

settings.register_profile("same", derandomize=True, database=None)
settings.register_profile("random", derandomize=False)
settings.load_profile(os.environ.get("TNCTL_HYPOTHESIS", "same"))
"""A change is judged by the same examples each time; ``TNCTL_HYPOTHESIS=random`` looks for new ones."""


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    """The program on fresh carriers with empty records."""
    return Rig(tmp_path)


@pytest.fixture(scope="session", autouse=True)
def compiled_statements() -> Iterator[None]:
    """Each test opens records anew; their statements are compiled once a process."""
    with compiled_once():
        yield


def pytest_collection_finish() -> None:
    """Let the garbage collector pass over the thousands of collected tests, which stay to the end, and pass less often.

    A test makes and drops tens of thousands of objects, few of them in circles.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
