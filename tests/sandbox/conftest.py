"""What the sandbox's tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sandbox_desk import Desk


@pytest.fixture
def desk() -> Iterator[Desk]:
    """Three accounts as they are by default."""
    made = Desk()
    with made.session:
        yield made
