"""A directory of its own for each test, and ``tnctl`` in this process."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_helpers import Run

from reconciler.cli import main


@pytest.fixture(autouse=True)
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, and an environment that says nothing to tnctl."""
    monkeypatch.chdir(tmp_path)
    for name in (
        "TNCTL_STATE",
        "TNCTL_SANDBOX",
        "TNCTL_ACCOUNTS",
        "INTELEPEER_TOKEN",
        "INUMBERING_API_KEY",
        "INFOBIP_API_KEY",
    ):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def tnctl() -> Iterator[Run]:
    """Runs one command in this process; its exit code. What logging a command set up is undone."""
    logger = logging.getLogger("reconciler")
    before = (logger.handlers[:], logger.propagate, logger.level)
    yield lambda *arguments: main.run(arguments)
    logger.handlers[:], logger.propagate = before[0], before[1]
    logger.setLevel(before[2])
