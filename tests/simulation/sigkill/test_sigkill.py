"""SIGKILL at every numbered boundary of a run and of its recovery; ``python -m tests.simulation.sigkill`` does more."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from importlib.util import find_spec

import pytest

from reconciler.errors import EXIT_OK, EXIT_REFUSED, EXIT_RESUME
from tests.simulation.sigkill.points import Kind, Point, Side, numbered, pairs
from tests.simulation.sigkill.processes import PRELOADED
from tests.simulation.sigkill.stage import KEPT, RELEASED, RELEASING, Stage, staged
from tests.simulation.sigkill.trials import attempt, final_faults, lasting_faults, rehearsed, tally, trials

PARTS = 4
KILLS_A_PART = 12
"""``.ci/run`` kills 160 runs more."""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with staged(tmp_path_factory.mktemp("kills") / "fleet") as fleet:
        yield fleet


def call_of(stage: Stage, wrote: int) -> int:
    """The number, among all calls of a run, of the ``wrote``-th that changes something."""
    stage.rewind()
    calls = stage.run().calls
    return [n for n, changed in enumerate(calls, start=1) if changed][wrote - 1]


def test_what_clients_are_forked_with_is_there() -> None:
    assert all(find_spec(name) for name in PRELOADED[1:]), "a module that is not there is left out without a word"


@pytest.mark.parametrize("part", range(PARTS))
def test_a_run_killed_anywhere_and_its_recovery_too_buys_once_loses_nothing_and_converges(
    stage: Stage, part: int
) -> None:
    total = tally(trials(stage, part, PARTS), KILLS_A_PART)
    assert total.bad == [], str(total)
    assert total.kills >= KILLS_A_PART


def test_the_first_round_of_trials_covers_every_boundary_of_run_and_recovery() -> None:
    points = numbered(3, [False, True])
    first = [pair for pair, _ in zip(pairs(points), points, strict=False)]
    assert [run for run, _ in first] == [recovery for _, recovery in first] == points
    assert len(set(pairs(points))) == len(points) ** 2


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("n", range(1, 7))
def test_every_write_to_a_carrier_may_be_lost_or_unanswered_three_times_running(
    stage: Stage, n: int, side: Side
) -> None:
    point = Point(Kind.CALL, call_of(stage, n), side)
    trial = attempt(stage, [point] * 3)
    assert trial.wrong == ()
    assert trial.kills >= 1


def test_a_killed_release_is_not_sent_again_without_the_allowance(stage: Stage) -> None:
    for point in [p for p in rehearsed(stage) if p.kind is Kind.CALL and p.side is Side.BEFORE]:
        stage.rewind()
        assert stage.run(point).killed
        released = stage.sandbox.ledger.releases()
        ended = stage.run(arguments=("apply", "-y"))
        # Refused, or, where the release itself was cut off, waiting until reads can tell what became of it.
        assert ended.code in (EXIT_OK if released else EXIT_REFUSED, EXIT_RESUME), ended.said
        assert stage.sandbox.ledger.releases() == released


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("n", range(1, 5))
def test_a_kill_while_the_records_are_made_leaves_none_or_whole_ones(stage: Stage, n: int, side: Side) -> None:
    stage.begin_again()
    starting = (*RELEASING, "--new-records")
    assert stage.run(Point(Kind.COMMIT, n, side), starting).killed
    assert stage.run(arguments=starting).code == EXIT_OK
    assert sorted(entry.key for entry in stage.sandbox.ledger.charges("ib")) == [KEPT, RELEASED]
    assert lasting_faults(stage) == []


def test_the_checks_notice_a_number_that_is_not_on_record(stage: Stage) -> None:
    stage.rewind()
    assert stage.run().code == EXIT_OK
    assert (lasting_faults(stage), final_faults(stage)) == ([], [])
    shutil.rmtree(stage.folder / ".tnctl")
    stage.run(arguments=("validate",))
    assert f"{KEPT} is paid for and nothing names it any more" in lasting_faults(stage)


def test_the_checks_notice_a_second_purchase_and_a_number_that_somebody_else_released(stage: Stage) -> None:
    stage.rewind()
    ledger = stage.sandbox.ledger
    ledger.add(ledger.charges(tn=KEPT)[0])
    stage.run(arguments=("validate",))
    assert lasting_faults(stage) == [f"{KEPT} was charged at ib while the account was paying for it"]
    stage.rewind()
    stage.sandbox.infobip("ib").portal_release(KEPT)
    assert f"converged, and yet {KEPT} at ib is not owned" in final_faults(stage)
