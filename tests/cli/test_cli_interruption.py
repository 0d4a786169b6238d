"""What a signal does to an apply, moment by moment; no test here sends a real one."""

from __future__ import annotations

import io
import signal
import threading

import pytest

from reconciler.cli import interruption
from reconciler.cli.interruption import Interruption, WakeableClock, interruptible
from reconciler.errors import CarrierError
from reconciler.executor.scheduler import Loop, threads


@pytest.fixture
def left() -> list[int]:
    """The exit codes with which the process would have ended."""
    return []


@pytest.fixture
def stop(left: list[int], monkeypatch: pytest.MonkeyPatch) -> Interruption:
    """The signals of an apply whose calls in flight need no cutting."""
    monkeypatch.setattr(interruption, "PATIENCE_ON_STOP", 3600.0)
    return Interruption(WakeableClock(), lambda: None, left.append)


def working() -> Loop:
    """A loop with nothing to do."""
    return Loop(WakeableClock(), threads, {})


def test_before_the_lock_a_signal_ends_the_process(
    stop: Interruption, left: list[int], capfd: pytest.CaptureFixture[str]
) -> None:
    stop.handle(signal.SIGTERM, None)
    assert left == [143]
    assert capfd.readouterr().err == "interrupted before it had its lock; nothing was sent\n"


def test_the_first_signal_stops_the_loop_and_the_second_ends_the_process(stop: Interruption, left: list[int]) -> None:
    loop = working()
    stop.watch(loop)
    stop.handle(signal.SIGINT, None)
    assert (loop.stopping, stop.code, left) == (True, 130, [])
    stop.handle(signal.SIGINT, None)
    assert left == [130]


def test_calls_in_flight_are_cut_when_patience_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interruption, "PATIENCE_ON_STOP", 0.0)
    cut = threading.Event()
    stop = Interruption(WakeableClock(), cut.set, lambda _code: None)
    stop.watch(working())
    stop.handle(signal.SIGINT, None)
    assert cut.wait(10)


def test_a_sleeper_in_the_main_thread_is_woken() -> None:
    clock = WakeableClock()
    clock.wake()
    before = clock.monotonic()
    clock.sleep(3600)
    assert clock.monotonic() - before < 60


@pytest.mark.parametrize(("typed", "agreed"), [("yes\n", True), ("y\n", False), ("YES\n", False), ("", False)])
def test_only_yes_in_full_is_a_yes(
    stop: Interruption, monkeypatch: pytest.MonkeyPatch, typed: str, agreed: bool
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    assert stop.ask("Apply?") is agreed


def test_a_signal_at_the_prompt_is_a_no(stop: Interruption, left: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    class Interrupted(io.StringIO):
        def readline(self, *_: object) -> str:
            stop.handle(signal.SIGINT, None)
            return "yes\n"

    stop.watch(working())
    monkeypatch.setattr("sys.stdin", Interrupted())
    assert stop.ask("Apply?") is False
    assert (stop.code, left) == (130, [])


def test_an_error_after_a_signal_is_told_and_the_signals_code_wins(
    left: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    with interruptible(WakeableClock(), lambda: None, left.append) as stop:
        stop.code = 130
        raise CarrierError("the reads were cut")
    assert left == [130]
    assert "the reads were cut" in capsys.readouterr().err


def test_without_a_signal_nothing_is_changed(left: list[int]) -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(CarrierError), interruptible(WakeableClock(), lambda: None, left.append):
        raise CarrierError("as it is")
    assert (signal.getsignal(signal.SIGINT), left) == (before, [])
