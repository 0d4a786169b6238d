"""The command line as a process: the first hour of a new user, start-up, pipes, terminals and signals."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from cli_helpers import CO, GB, Run, command, environment, process, sandbox_books, write_fleet

HEAVY = ("requests", "sqlalchemy", "jsonschema", "deepdiff", "rich", "urllib3", "rfc8785")


def test_the_first_hour_of_a_new_user_ends_with_nothing_to_do() -> None:
    first = [process("init"), process("plan", "--sandbox", "--detailed-exitcode")]
    assert [run.returncode for run in first] == [0, 2], first
    applied = process("apply", "--sandbox", "-y", "--format", "json")
    assert applied.returncode == 0, applied.stderr
    assert json.loads(applied.stdout)["summary"]["done"] == 3
    assert process("plan", "--sandbox", "--detailed-exitcode").returncode == 0
    again = process("apply", "--sandbox", "-y", "--format", "json")
    assert again.returncode == 0
    assert all(made["writes"] == 0 for made in json.loads(again.stdout)["requests"].values())
    drift = process("drift", "--sandbox")
    assert (drift.returncode, drift.stderr) == (0, "")


def test_no_help_page_imports_anything_heavy() -> None:
    script = f"""
import sys
from reconciler.cli.main import run
from reconciler.cli import main
from reconciler.cli.state import group as state
pages = [[], *[[name] for name in main.COMMANDS], *[["state", name] for name in state.COMMANDS]]
assert all(run([*page, "--help"]) == 0 for page in pages)
print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment(), capture_output=True, encoding="utf-8", check=True
    )
    assert done.stderr.strip() == "[]"


def test_without_a_terminal_an_apply_needs_a_yes_or_a_saved_plan() -> None:
    refused = process("apply", "--sandbox", "-f", "missing.yaml")
    assert refused.returncode == 1
    assert "no terminal" in refused.stderr, "it is refused before the configuration is read"


@pytest.mark.parametrize(("answer", "code", "bought"), [("yes\n", 0, 1), ("y\n", 1, 0)])
def test_on_a_terminal_only_yes_in_full_applies_the_plan(answer: str, code: int, bought: int) -> None:
    write_fleet(GB)
    ours, theirs = pty.openpty()
    os.write(ours, answer.encode())
    done = process("apply", "--sandbox", stdin=theirs)
    os.close(theirs)
    os.close(ours)
    assert done.returncode == code, done.stderr
    assert "Only 'yes' is accepted" in done.stderr
    assert "number/+447700900123" in done.stdout
    assert len(sandbox_books().ledger.charges()) == bought


@pytest.mark.parametrize(
    ("answer", "options", "code", "bought"),
    [("yes\n", [], 0, 1), ("no\n", [], 1, 0), ("\n", [], 1, 0), ("no\n", ["-y"], 0, 1)],
)
def test_on_a_terminal_a_saved_plan_too_is_shown_and_asked_for(
    tnctl: Run, answer: str, options: list[str], code: int, bought: int
) -> None:
    write_fleet(GB)
    assert tnctl("plan", "--sandbox", "--out", "plan.json") == 0
    ours, theirs = pty.openpty()
    os.write(ours, answer.encode())
    done = process("apply", "plan.json", "--sandbox", *options, stdin=theirs)
    os.close(theirs)
    os.close(ours)
    assert done.returncode == code, done.stderr
    assert ("Only 'yes' is accepted" in done.stderr) is (not options)
    assert "Plan: 1 to create." in done.stdout
    assert len(sandbox_books().ledger.charges()) == bought


def test_a_saved_plan_that_was_not_approved_may_be_applied_later(tnctl: Run) -> None:
    write_fleet(GB)
    assert tnctl("plan", "--sandbox", "--out", "plan.json") == 0
    ours, theirs = pty.openpty()
    os.write(ours, b"no\n")
    assert process("apply", "plan.json", "--sandbox", stdin=theirs).returncode == 1
    os.close(theirs)
    os.close(ours)
    done = process("apply", "plan.json", "--sandbox")
    assert done.returncode == 0, "without a terminal a saved plan is its own approval"
    assert "Only 'yes' is accepted" not in done.stderr
    assert len(sandbox_books().ledger.charges()) == 1


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_apply_reports_at_once_and_can_be_resumed(tnctl: Run, number: int, code: int) -> None:
    write_fleet(CO)
    run = subprocess.Popen(
        command("apply", "--sandbox", "-y", "--format", "json"),
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    assert run.stderr is not None
    while not run.stderr.readline().startswith("waiting"):
        assert run.poll() is None
    run.send_signal(number)
    stdout, _ = run.communicate(timeout=20)
    assert run.returncode == code
    report = json.loads(stdout)
    assert report["exit_code"] == code
    assert {change["outcome"] for change in report["changes"]} == {"waiting", "skipped"}
    assert tnctl("apply", "--sandbox", "-y") == 0


def test_a_reader_that_leaves_is_no_error() -> None:
    write_fleet(CO)
    run = subprocess.Popen(
        command("plan", "--sandbox"), env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert run.stdout is not None
    assert run.stderr is not None
    run.stdout.close()
    assert (run.stderr.read(), run.wait(timeout=30)) == (b"", 0)
    run.stderr.close()


def test_an_apply_goes_on_when_the_reader_of_its_progress_leaves() -> None:
    write_fleet(GB, CO)
    run = subprocess.Popen(
        command("apply", "--sandbox", "-y"), env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert run.stderr is not None
    run.stderr.close()
    assert run.wait(timeout=30) == 0
    assert len(sandbox_books().ledger.charges()) == 1


def test_a_result_that_cannot_be_written_is_an_error() -> None:
    write_fleet(CO)
    with Path("/dev/full").open("w") as full:
        run = subprocess.run(command("graph"), env=environment(), stdout=full, stderr=subprocess.PIPE, check=False)
    assert run.returncode == 1
    assert b"the result could not be written" in run.stderr


def test_sandbox_serve_tells_how_to_use_it_and_ends_with_its_signal() -> None:
    write_fleet(CO.replace('"https://hooks.example.com/inbound"', "{env: NOT_SET_HERE}"))
    run = subprocess.Popen(
        command("sandbox", "serve"), env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    )
    assert run.stderr is not None
    assert "until interrupted" in run.stderr.readline()
    run.send_signal(signal.SIGTERM)
    stdout, _ = run.communicate(timeout=20)
    assert run.returncode == 143
    for line in ("export INFOBIP_API_KEY=", "export VOICETEL_URL=http://127.0.0.1:", "curl "):
        assert line in stdout
