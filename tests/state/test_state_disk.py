"""A disk with no room: SQLite's own writes fail under a real limit of the system, at every stage of a run.

A small file system cannot be had without privileges. A limit on how long a file may get (setrlimit(2),
``RLIMIT_FSIZE``) makes the same write(2) fail; Python ignores the signal that comes with it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from reconciler.errors import EXIT_OK, EXIT_STALE
from tests.simulation.sigkill.stage import Stage, staged
from tests.simulation.sigkill.trials import final_faults, lasting_faults, recover

KIB = 1024
LIMITS = range(8 * KIB, 392 * KIB, 24 * KIB)
"""From too little to open the records at all, to enough for all of a run but its last commits."""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with staged(tmp_path_factory.mktemp("disk") / "fleet") as fleet:
        yield fleet


def attempts(stage: Stage) -> int:
    """The tries on record."""
    with closing(sqlite3.connect(stage.records.path)) as records:
        return records.execute("SELECT count(*) FROM tnctl_attempts").fetchone()[0]


@pytest.mark.parametrize("limit", LIMITS)
def test_what_cannot_be_recorded_is_not_sent_and_the_records_stay_intact(stage: Stage, limit: int) -> None:
    stage.rewind()
    before = attempts(stage)
    ended = stage.run(file_size=limit)
    assert ended.code == EXIT_STALE, ended.said
    assert "Error: the records at sqlite:///.tnctl/state.db failed: disk I/O error" in ended.said
    assert sum(ended.calls) <= attempts(stage) - before
    assert lasting_faults(stage) == []
    applies, last = recover(stage)
    assert last.code == EXIT_OK, last.said
    assert applies <= 2, "a release without an answer is believed once its number is missing again, a run later"
    assert final_faults(stage) + lasting_faults(stage) == []


def test_the_limits_go_from_nothing_sent_to_everything_sent(stage: Stage) -> None:
    sent = []
    for limit in (LIMITS[0], LIMITS[len(LIMITS) // 3], LIMITS[-1]):
        stage.rewind()
        sent.append(sum(stage.run(file_size=limit).calls))
    assert sent[0] == 0 < sent[1] < sent[2]


def test_with_room_enough_the_same_run_ends_well(stage: Stage) -> None:
    stage.rewind()
    assert stage.run(file_size=8192 * KIB).code == EXIT_OK
    assert final_faults(stage) == []
