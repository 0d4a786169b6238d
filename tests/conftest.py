"""Fixtures that every part shares."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rig import Rig


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    """The program on fresh carriers with empty records."""
    return Rig(tmp_path)
