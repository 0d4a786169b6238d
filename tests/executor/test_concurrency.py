"""Several applies at once on one set of records: one proceeds, and one that has lost its lock sends nothing more."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path

import pytest

from reconciler.errors import EXIT_LOCKED, EXIT_OK
from reconciler.sandbox import When
from tests.executor.commands import PATIENCE, Desk, desk, eventually
from tests.executor.thefts import BUSY, IDLE, MAY_SEND, REFUSED, Rival, Run, World, unanswered, untouched
from tests.simulation.sigkill.client import Errand
from tests.simulation.sigkill.processes import Clients, together

MEMORY = Path("/dev/shm")
ONE = 'numbers: {"+447700900123": {provider: ib}}\n'


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path) as ready:
        yield ready


@pytest.mark.parametrize("records", ["none yet", "there"])
@pytest.mark.parametrize("many", [2, 4, 8])
def test_of_processes_that_apply_at_once_one_proceeds_and_the_rest_end_with_7(
    place: Desk, many: int, records: str
) -> None:
    if records == "there":
        place.write("numbers: {}\n")
        assert place.apply() == EXIT_OK
        place.sandbox.answers.clear()
    place.write(ONE)

    def until_the_rest_has_left(clients: Clients) -> None:
        assert place.sandbox.in_flight.wait(PATIENCE)
        eventually(lambda: len(clients.ended()) == many - 1, "all but one have ended")
        place.sandbox.answers.set()

    codes = together([Errand(place.folder)] * many, until_the_rest_has_left)
    assert codes == [EXIT_OK] + [EXIT_LOCKED] * (many - 1)
    assert len(place.sandbox.ledger.charges()) == place.writes() == 1
    assert place.open_intents() == []


def test_of_processes_that_wait_for_their_turn_each_gets_it_and_one_buys(place: Desk) -> None:
    place.write(ONE)
    place.sandbox.answers.set()
    errand = Errand(place.folder, ("apply", "-y", "--lock-timeout", "1m"))
    assert together([errand] * 4) == [EXIT_OK] * 4
    assert len(place.sandbox.ledger.charges()) == 1


@pytest.fixture(scope="module")
def folders() -> Iterator[Iterator[Path]]:
    """A new folder each time, in memory where there is such a place: no power fails here, and to sync is slow."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as home:
        yield (Path(home) / str(n) for n in count())


WORLDS: dict[str, Callable[[Path], World]] = {
    "a first run": untouched,
    "a run after orders that were lost": lambda folder: unanswered(folder, When.BEFORE),
    "a run after answers that were lost": lambda folder: unanswered(folder, When.AFTER),
}


@pytest.mark.parametrize("happens", [*REFUSED, *IDLE, *BUSY], ids=lambda happens: happens.__name__)
@pytest.mark.parametrize("name", WORLDS)
def test_whatever_becomes_of_the_lock_nothing_is_sent_without_it_and_nothing_is_bought_twice(
    tmp_path: Path,
    folders: Iterator[Path],
    name: str,
    happens: Callable[[Rival], None],
) -> None:
    start = WORLDS[name](tmp_path)
    rehearsal = Run(start.rig(next(folders)))
    rehearsal.go()
    for at in range(1, len(rehearsal.boundaries) + 1):
        rig = start.rig(next(folders))
        rival = Rival(rig)
        run = Run(rig, at, partial(happens, rival))
        run.go()
        where = f"at boundary {at}, {run.boundaries[-1]}"
        assert run.boundaries == rehearsal.boundaries[:at]
        if happens in REFUSED:
            assert not run.lost, where
        else:
            assert run.recorded_after == [], where
            assert run.sent_after() <= (run.boundaries[-1] in MAY_SEND), where
            assert run.lost or happens in BUSY or at > rehearsal.records_to_come(), where
        assert rival.finish()[-1] == EXIT_OK, where
        assert rival.ledger_faults() == [], where


def test_the_interleavings_are_five_hundred_and_more(tmp_path: Path, folders: Iterator[Path]) -> None:
    boundaries = 0
    for n, make in enumerate(WORLDS.values()):
        (tmp_path / str(n)).mkdir()
        run = Run(make(tmp_path / str(n)).rig(next(folders)))
        run.go()
        boundaries += len(run.boundaries)
    assert boundaries * len(REFUSED + IDLE + BUSY) >= 500
