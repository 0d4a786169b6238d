"""A wait that two clocks must end: its truth table, cell by cell, and that it grows but never hangs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.waits import Moment, Wait

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
LENGTH = timedelta(seconds=900)
LONG = 901
FAR = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


def at(ours: float, carriers: float | None) -> Moment:
    theirs = None if carriers is None else START + timedelta(seconds=carriers)
    return Moment(START + timedelta(seconds=ours), theirs)


def wait(anchor: float | None = 0) -> Wait:
    return Wait(at(0, anchor), LENGTH)


@pytest.mark.parametrize(
    ("ours", "carriers", "over"),
    [(899, 899, False), (900, 900, False), (LONG, 900, False), (900, LONG, False), (LONG, LONG, True)],
)
def test_it_is_over_only_when_both_clocks_say_so_and_a_second_more(ours: int, carriers: int, over: bool) -> None:
    now = at(ours, carriers)
    assert wait().seen(now).over(now) is over


@pytest.mark.parametrize(("ours", "carriers"), [(10_000, 2), (2, 10_000)])
def test_one_clock_that_is_ahead_ends_no_wait(ours: int, carriers: int) -> None:
    now = at(ours, carriers)
    judged = wait().seen(now)
    assert (judged.over(now), judged.since) == (False, at(0, 0))
    assert judged.left(now) == timedelta(seconds=899)


def test_the_first_date_is_the_anchor_and_ours_counts_on() -> None:
    now = at(600, 50)
    assert wait(None).seen(now).since == at(0, 50)


def test_an_answer_that_is_earlier_than_the_anchor_begins_the_wait_again_on_both_clocks() -> None:
    now = at(600, -5)
    assert wait().seen(now).since == now


def test_our_clock_that_reads_earlier_than_recorded_begins_the_wait_again_on_both_clocks() -> None:
    now = at(-3600, 600)
    assert wait().seen(now).since == now
    silent = at(-3600, None)
    assert wait().seen(silent).since == at(-3600, 0), "an answer without a Date moves no anchor of the carrier's"


@pytest.mark.parametrize(("anchor", "carriers"), [(None, None), (0, None)])
def test_without_a_date_it_never_ends_by_itself_and_says_so_when_ours_is_over(
    anchor: float | None, carriers: float | None
) -> None:
    early, late = at(60, carriers), at(LONG, carriers)
    assert [wait(anchor).seen(now).endless(now) for now in (early, late)] == [False, True]
    assert not wait(anchor).seen(late).over(late)


def test_a_date_in_the_year_9999_blocks_for_no_longer_than_a_wait() -> None:
    absurd = Moment(START, FAR)
    begun = Wait(at(0, None), LENGTH).seen(absurd)
    assert begun.since.carriers == FAR
    again = begun.seen(at(2, 2))
    assert again.since == at(2, 2)
    assert again.seen(at(2 + LONG, 2 + LONG)).over(at(2 + LONG, 2 + LONG))


jumps = st.lists(st.tuples(st.integers(-100_000, 100_000), st.integers(-100_000, 100_000) | st.none()), max_size=8)


@given(jumps)
def test_whatever_the_clocks_did_it_ends_a_whole_wait_after_they_run_again(
    disturbed: list[tuple[int, int | None]],
) -> None:
    going = wait(None)
    for ours, carriers in disturbed:
        going = going.seen(at(ours, carriers))
    settled = at(0, 0)
    going = going.seen(settled)
    horizon = 100_000 + LONG  # as far ahead as the farthest anchor of the carrier's, or of ours
    later = at(horizon, horizon)
    assert going.seen(later).over(later)


@given(jumps, st.integers(0, 900))
def test_no_single_clock_ever_ends_it(disturbed: list[tuple[int, int | None]], passed: int) -> None:
    """Ours runs true: until it says so, nothing that the carrier's Dates do can end it."""
    going = wait(None)
    for _, carriers in disturbed:
        going = going.seen(at(0, carriers))
        now = at(passed, carriers)
        assert not going.seen(now).over(now)
