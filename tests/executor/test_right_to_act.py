"""Nothing leaves after the right to act is lost: the lock broken or taken over, the process stopped, the records gone.

Real processes, real sockets, and the carriers' own ledger. Each run has two purchases in flight and ten more in its
queue when something happens to it.
"""

from __future__ import annotations

import shutil
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from reconciler.errors import EXIT_LOCKED, EXIT_OK, EXIT_STALE
from tests.executor.commands import PATIENCE, Desk, Running, desk, eventually

NUMBERS = [f"+4477009001{n:02}" for n in range(20, 32)]
TWELVE = "numbers:\n" + "".join(f'  "{tn}": {{provider: ib}}\n' for tn in NUMBERS) + "safety: {max_purchases: 20}\n"
IN_FLIGHT = 2


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path) as ready:
        yield ready


def ended(process: Running, place: Desk) -> int:
    """The exit code, once the carriers answer what is in flight."""
    place.sandbox.answers.set()
    return process.wait(PATIENCE)


def age_the_lease(place: Desk) -> None:
    """What a minute without a sign of life does to a lock."""
    with closing(sqlite3.connect(place.folder / ".tnctl/state.db")) as records, records:
        records.execute("UPDATE tnctl_locks SET expires_at = '2026-01-01T00:00:00Z', expires_boot = 0")


def bought_once(place: Desk) -> None:
    """Every number was charged for once, whoever sent the orders."""
    assert sorted(entry.key for entry in place.sandbox.ledger.charges()) == NUMBERS
    assert place.open_intents() == []


def test_a_run_whose_lock_is_broken_sends_nothing_more(place: Desk) -> None:
    process = place.begun(TWELVE, IN_FLIGHT)
    with place.records() as store:
        holder = store.holder()
    assert holder is not None
    assert place.start("unlock", holder.id).wait(PATIENCE) == EXIT_OK
    assert ended(process, place) == EXIT_LOCKED
    assert place.writes() == IN_FLIGHT
    assert place.apply() == EXIT_OK
    bought_once(place)


def test_a_run_that_was_paused_past_its_lease_sends_nothing_more_once_it_goes_on(place: Desk) -> None:
    process = place.begun(TWELVE, IN_FLIGHT)
    process.send_signal(signal.SIGSTOP)
    age_the_lease(place)
    assert place.apply() == EXIT_OK
    before = place.writes()
    process.send_signal(signal.SIGCONT)
    assert process.wait(PATIENCE) == EXIT_LOCKED
    assert place.writes() == before
    bought_once(place)


def test_a_killed_run_leaves_no_open_attempt_that_was_not_sent(place: Desk) -> None:
    process = place.begun(TWELVE, IN_FLIGHT)
    process.kill()
    process.wait(PATIENCE)
    left = [str(intent.address.name) for intent in place.open_intents()]
    assert sorted(left) == sorted(entry.key for entry in place.sandbox.ledger.charges())
    assert len(left) == IN_FLIGHT
    assert place.apply() == EXIT_OK
    bought_once(place)


def test_a_run_whose_records_are_deleted_sends_nothing_more_and_does_not_end_with_0(place: Desk) -> None:
    process = place.begun(TWELVE, IN_FLIGHT)
    shutil.move(place.folder / ".tnctl", place.folder / "away")
    assert ended(process, place) == EXIT_STALE
    assert place.writes() == IN_FLIGHT
    shutil.rmtree(place.folder / ".tnctl", ignore_errors=True)
    shutil.move(place.folder / "away", place.folder / ".tnctl")
    assert place.apply() == EXIT_OK
    bought_once(place)


def test_a_run_over_another_account_goes_on_beside_one_that_is_stopped(place: Desk) -> None:
    process = place.begun(TWELVE, IN_FLIGHT)
    other = '  "+12015550123": {provider: vt}\n'
    place.write(TWELVE.replace("numbers:\n", "numbers:\n" + other))
    assert place.start("apply", "-y", "--only", "provider=ib").wait(PATIENCE) == EXIT_LOCKED
    beside = place.start("apply", "-y", "--only", "provider=vt")
    eventually(lambda: place.writes() == IN_FLIGHT + 1, "the other account's order")
    place.sandbox.answers.set()
    assert beside.wait(PATIENCE) == EXIT_OK
    assert process.wait(PATIENCE) == EXIT_OK
