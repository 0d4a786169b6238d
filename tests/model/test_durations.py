"""Durations are read strictly and shown as people write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.model import durations


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("15m", 900), ("2h", 7200), ("30d", 2592000), ("0", 0)])
def test_a_duration_is_a_whole_number_and_a_unit(text: str, seconds: int) -> None:
    assert durations.parse(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "15",
        "s",
        "-1s",
        "+1s",
        "1.5h",
        "1h30m",
        " 1s",
        "1s\n",
        "1S",
        "٣s",
        "1w",
        "9999999s",
        "100000h",
        "10000d",
        "30000d",
    ],
)
def test_anything_else_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(ValueError, match="such as 90s, 15m or 2h"):
        durations.parse(text)


@pytest.mark.parametrize("text", ["999999s", "999999m", "99999h", "9999d"])
def test_the_longest_that_may_be_written_fits_any_column_and_any_moment(text: str) -> None:
    assert durations.parse(text).total_seconds() < 2**31
    assert datetime(2100, 1, 1, tzinfo=UTC) + durations.parse(text)


@settings(deadline=None)
@given(seconds=st.integers(0, 999_999))
def test_what_is_shown_reads_back_as_the_same(seconds: int) -> None:
    assert durations.parse(durations.show(timedelta(seconds=seconds))) == timedelta(seconds=seconds)


@pytest.mark.parametrize(("seconds", "text"), [(900, "15m"), (7200, "2h"), (86400, "1d"), (61, "61s"), (0, "0s")])
def test_the_largest_unit_without_remainder_is_shown(seconds: int, text: str) -> None:
    assert durations.show(timedelta(seconds=seconds)) == text
