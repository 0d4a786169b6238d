"""What a person sees while a run is at work."""

from __future__ import annotations

import io
import re

import pytest
from views_samples import at, change

from reconciler.model import Action, Outcome, Result, Step
from reconciler.views.progress import MOST_RUNNING, Bar
from reconciler.views.render import Progress, Quiet


def step(*addresses: str, action: Action = Action.CREATE) -> Step:
    changes = tuple(change(address, "voicetel", action, "declared") for address in addresses)
    return Step(f"{action.value} {addresses[0]}", "voicetel", action, changes[0].address.kind, changes)


def ended(address: str, result: Result = Result.DONE, message: str = "") -> Outcome:
    return Outcome(at(address), "voicetel", Action.CREATE, result, message)


def walk(listener: Progress | Quiet) -> None:
    """A run of three changes in two steps."""
    listener.note("number/+12015550125: it is ours")
    listener.planned(2)
    number = step("number/+12015550123")
    listener.started(number)
    listener.waiting(number, "accepted")
    listener.waiting(number, "accepted")
    listener.waiting(number, "provisioning\x1b[2J")
    listener.finished(ended("number/+12015550123", message="bought"))
    listener.started(step("assignment/+12015550123", "assignment/+12015550124"))
    listener.finished(ended("assignment/+12015550123"))
    listener.finished(ended("assignment/+12015550124", Result.FAILED, "HTTP 409: no such campaign\n::error::x"))


def test_a_log_has_one_plain_line_for_each_thing_that_has_happened() -> None:
    stream = io.StringIO()
    with Progress(stream, terminal=False, color=False) as progress:
        walk(progress)
    assert stream.getvalue().splitlines() == [
        "note  number/+12015550125: it is ours",
        "waiting  create number/+12015550123: accepted",
        "waiting  create number/+12015550123: provisioning [2J",
        "done  create number/+12015550123",
        "done  create assignment/+12015550123",
        "failed  create assignment/+12015550124: HTTP 409: no such campaign : :error: :x",
    ]


def test_a_log_may_have_colour() -> None:
    stream = io.StringIO()
    Progress(stream, terminal=False, color=True).finished(ended("brand/acme"))
    assert stream.getvalue() == "\x1b[32mdone  create brand/acme\x1b[0m\n"


def test_a_terminal_shows_the_bar_and_lets_it_go() -> None:
    stream = io.StringIO()
    with Progress(stream, terminal=True, color=False) as progress:
        walk(progress)
        during = progress._bar
        assert during is not None
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", stream.getvalue())
    assert "note  number/+12015550125: it is ours" in text
    assert "2 of 2 steps" in text
    assert progress._bar is None
    assert not during._live.is_started


def test_the_bar_goes_when_the_run_breaks() -> None:
    progress = Progress(io.StringIO(), terminal=True, color=False)
    progress.planned(1)
    bar = progress._bar
    assert bar is not None
    with pytest.raises(ValueError, match="is not an address"), progress:
        at("not an address")
    assert not bar._live.is_started


def test_the_cursor_is_never_left_hidden() -> None:
    stream = io.StringIO()
    bar = Bar(stream, 1, color=False)
    try:
        assert stream.getvalue().rfind("\x1b[?25h") > stream.getvalue().rfind("\x1b[?25l")
    finally:
        bar.stop()


def test_what_is_printed_to_stdout_beside_the_bar_stays_there(capsys: pytest.CaptureFixture[str]) -> None:
    stream = io.StringIO()
    with Progress(stream, terminal=True, color=False) as progress:
        progress.planned(1)
        print("a result")
    assert capsys.readouterr().out == "a result\n"
    assert "a result" not in stream.getvalue()


def test_no_bar_is_drawn_for_nothing() -> None:
    stream = io.StringIO()
    with Progress(stream, terminal=True, color=False) as progress:
        progress.planned(0)
    assert stream.getvalue() == ""


@pytest.fixture
def bar() -> Bar:
    shown = Bar(io.StringIO(), 10, color=False)
    shown.stop()
    return shown


def drawn(bar: Bar) -> str:
    with bar._live.console.capture() as captured:
        bar._live.console.print(bar._drawn())
    return captured.get()


def test_a_batch_is_one_step_that_ends_with_its_last_change(bar: Bar) -> None:
    bar.started(step("assignment/+12015550123", "assignment/+12015550124"))
    bar.finished(ended("assignment/+12015550123"))
    assert "0 of 10 steps" in drawn(bar)
    bar.finished(ended("assignment/+12015550124"))
    assert "1 of 10 steps" in drawn(bar)
    assert "assignment" not in drawn(bar)


def test_a_change_that_never_started_counts(bar: Bar) -> None:
    bar.finished(ended("number/+12015550123", Result.SKIPPED))
    assert "1 of 10 steps" in drawn(bar)


def test_the_bar_lists_a_few_running_steps_and_counts_the_others(bar: Bar) -> None:
    for n in range(MOST_RUNNING + 3):
        bar.started(step(f"number/+1201555{n:04}"))
    bar.waiting(step("number/+12015550000"), "accepted")
    text = drawn(bar)
    assert "create number/+12015550000: accepted" in text
    assert text.count("create number/") == MOST_RUNNING
    assert "and 3 more" in text


def test_quiet_takes_everything_and_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    walk(Quiet())
    assert capsys.readouterr() == ("", "")
