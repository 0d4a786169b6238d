"""Fixtures that every part shares."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from tests.rig import Rig


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    """The program on fresh carriers with empty records."""
    return Rig(tmp_path)


def pytest_collection_finish() -> None:
    """Let the garbage collector pass over the thousands of collected tests: they stay to the end anyway."""
    gc.collect()
    gc.freeze()
