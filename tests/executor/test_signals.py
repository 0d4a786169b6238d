"""SIGINT and SIGTERM to a real ``tnctl apply``: while a call is in flight, while it waits, and while it asks."""

from __future__ import annotations

import os
import pty
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.errors import EXIT_OK, EXIT_SIGINT, EXIT_SIGTERM
from reconciler.model import Verdict
from reconciler.sandbox.ledger import Event
from tests.executor.commands import PATIENCE, Desk, Running, desk, eventually

SIGNALS = [(signal.SIGINT, EXIT_SIGINT), (signal.SIGTERM, EXIT_SIGTERM)]
both_signals = pytest.mark.parametrize(("number", "code"), SIGNALS, ids=["SIGINT", "SIGTERM"])

LIMIT = 10.0
"""Seconds in which a run must have ended: the call in flight is left 5."""

AT_ONCE = 4.5
"""Seconds in which it must have where nothing is in flight."""

ONE = 'numbers: {"+447700900123": {provider: ib}}\n'
WITH_WEBHOOK = 'numbers: {"+17205550142": {provider: ip, sms: true, webhook: "https://hooks.example.com/in"}}\n'
FOUR = "numbers:\n" + "".join(f'  "+44770090012{n}": {{provider: ib}}\n' for n in range(4))


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path) as ready:
        yield ready


def begun(place: Desk, numbers: str) -> Running:
    """An apply of ``numbers``, one call at a time to each account, whose first write waits for its answer."""
    place.write(numbers)
    path = place.folder / "numbers.yaml"
    path.write_text(
        path.read_text().replace("requests_per_second: 1000", "requests_per_second: 1000, max_in_flight: 1")
    )
    process = place.start("apply", "-y")
    assert place.sandbox.in_flight.wait(PATIENCE)
    return process


def signalled(process: Running, number: signal.Signals) -> None:
    """Send the signal and return once the process has taken it."""
    process.send_signal(number)
    eventually(lambda: not _pending(process.pid, number), "the signal was taken")


@both_signals
def test_a_call_in_flight_is_cut_after_five_seconds_and_recorded_as_a_maybe(
    place: Desk, number: signal.Signals, code: int
) -> None:
    process = begun(place, ONE)
    process.send_signal(number)
    assert process.wait(LIMIT) == code
    (intent,) = place.open_intents()
    assert [attempt.verdict for attempt in intent.attempts] == [Verdict.MAYBE]
    assert place.apply() == EXIT_OK
    assert place.open_intents() == []
    assert len(place.sandbox.ledger.charges()) == place.writes() == 1


@both_signals
def test_a_call_that_is_answered_within_the_five_seconds_keeps_its_outcome_and_what_needs_it_is_not_sent(
    place: Desk, number: signal.Signals, code: int
) -> None:
    process = begun(place, WITH_WEBHOOK)
    signalled(process, number)
    place.sandbox.answers.set()
    assert process.wait(LIMIT) == code
    assert (place.writes(), place.open_intents()) == (1, [])
    assert place.sandbox.intelepeer("ip").webhook("+17205550142") is None
    assert place.apply() == EXIT_OK
    assert place.writes() == 2


def test_of_purchases_that_wait_for_their_turn_none_is_sent_when_the_one_in_flight_is_cut(
    place: Desk,
) -> None:
    process = begun(place, FOUR)
    assert len(place.open_intents()) == 1, "what waits for its turn is on no record"
    process.send_signal(signal.SIGTERM)
    assert process.wait(LIMIT) == EXIT_SIGTERM
    assert place.writes() == 1
    assert place.apply() == EXIT_OK
    assert place.open_intents() == []
    assert len(place.sandbox.ledger.charges()) == place.writes() == 4


def test_of_purchases_that_wait_for_their_turn_none_is_sent_when_the_one_in_flight_is_answered(
    place: Desk,
) -> None:
    process = begun(place, FOUR)
    assert len(place.open_intents()) == 1, "what waits for its turn is on no record"
    signalled(process, signal.SIGTERM)
    place.sandbox.answers.set()
    assert process.wait(LIMIT) == EXIT_SIGTERM
    assert place.writes() == 1


def test_a_second_signal_ends_the_run_at_once_and_its_intent_stays(place: Desk) -> None:
    process = begun(place, ONE)
    began = time.monotonic()
    signalled(process, signal.SIGINT)
    process.send_signal(signal.SIGTERM)
    assert process.wait(LIMIT) == EXIT_SIGTERM
    assert time.monotonic() - began < AT_ONCE
    (intent,) = place.open_intents()
    assert [attempt.verdict for attempt in intent.attempts] == [None]
    assert place.apply() == EXIT_OK
    assert len(place.sandbox.ledger.charges()) == 1


@both_signals
def test_a_signal_while_a_number_is_being_provisioned_ends_the_wait_at_once(
    place: Desk, number: signal.Signals, code: int
) -> None:
    place.sandbox.intelepeer("ip").turn(stage_seconds=600)
    place.sandbox.answers.set()
    place.write(WITH_WEBHOOK)
    process = place.start("apply", "-y")
    eventually(lambda: place.sandbox.calls[-2:] == [True, False], "the first look after the enablement")
    began = time.monotonic()
    process.send_signal(number)
    assert process.wait(LIMIT) == code
    assert time.monotonic() - began < AT_ONCE
    assert place.writes() == 1
    assert place.open_intents() == []
    place.sandbox.intelepeer("ip").turn(stage_seconds=0)
    assert place.apply() == EXIT_OK
    assert len(place.sandbox.ledger.find(Event.ENABLE)) == 1


@both_signals
def test_a_signal_while_it_plans_shows_and_sends_nothing(
    place: Desk, number: signal.Signals, code: int, tmp_path: Path
) -> None:
    place.sandbox.slow_reads = True
    place.write(ONE)
    with (tmp_path / "said").open("wb+") as said:
        process = place.spawn("apply", "-y", terminal=said.fileno())
        assert place.sandbox.in_flight.wait(PATIENCE)
        process.send_signal(number)
        assert process.wait(LIMIT) == code
    assert (tmp_path / "said").read_text() == "interrupted while planning; nothing was sent\n"
    assert place.writes() == 0


def asked(place: Desk) -> tuple[Running, int]:
    """An apply that has asked and waits for a person, and the descriptor of that person's terminal."""
    place.write(ONE)
    ours, theirs = pty.openpty()
    process = place.spawn("apply", terminal=theirs)
    os.close(theirs)
    _read_until(ours, b"Only 'yes' is accepted.")
    eventually(lambda: _sleeps(process.pid), "it reads from the terminal")
    return process, ours


@both_signals
def test_a_signal_at_the_prompt_is_a_no(place: Desk, number: signal.Signals, code: int) -> None:
    process, ours = asked(place)
    process.send_signal(number)
    assert process.wait(AT_ONCE) == code
    os.close(ours)
    assert place.writes() == 0
    with place.records() as store:
        assert (store.snapshot().records, store.snapshot().open_intents, store.holder()) == ({}, (), None)


def test_yes_at_the_prompt_is_a_yes(place: Desk) -> None:
    place.sandbox.answers.set()
    process, ours = asked(place)
    os.write(ours, b"yes\n")
    _read_until(ours, b"Apply: 1 done.")
    assert process.wait(PATIENCE) == EXIT_OK
    os.close(ours)
    assert len(place.sandbox.ledger.charges()) == 1


def _read_until(terminal: int, message: bytes) -> None:
    shown = b""
    while message not in shown:
        piece = os.read(terminal, 4096)
        assert piece, shown
        shown += piece


def _pending(pid: int, number: signal.Signals) -> bool:
    """Whether such a signal has not reached the process yet (proc(5) ``status``)."""
    status = Path(f"/proc/{pid}/status").read_text()
    masks = [int(line.split()[1], 16) for line in status.splitlines() if line.startswith(("SigPnd", "ShdPnd"))]
    return any(mask >> (number - 1) & 1 for mask in masks)


def _sleeps(pid: int) -> bool:
    """Whether the process waits for something to come (proc(5) ``stat``, field 3)."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "S"
