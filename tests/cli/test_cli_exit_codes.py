"""Every exit code of the contract, reached through the command line on the sandbox."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from cli_helpers import CO, GB, NJ, SANDBOX_STATE, Run, said, sandbox_books, write_fleet

from reconciler.clock import SystemClock
from reconciler.errors import LockLostError
from reconciler.state.process import Process
from reconciler.state.store import Store


@pytest.fixture
def applied(tnctl: Run, capsys: pytest.CaptureFixture[str]) -> Run:
    """A fleet of one number at Infobip and one at iNumbering, applied."""
    write_fleet(GB, NJ)
    assert tnctl("apply", "--sandbox", "-y") == 0
    capsys.readouterr()
    return tnctl


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["plan", "--nonsense"],
        ["plan", "--format", "html"],
        ["plan", "--expires", "90"],
        ["plan", "--expires", "0s"],
        ["plan", "--out", "-"],
        ["plan", "--only", "nonsense"],
        ["plan", "--only", "numbers/*"],
        ["plan", "--only", "*/"],
        ["plan", "--exclude", "label.team"],
        ["plan", "--exclude", "label.=support"],
        ["plan", "--sandbox", "--exclude", "provider=nobody"],
        ["plan", "--sandbox", "--only", "provider="],
        ["drift", "--sandbox", "--only", "provider=Infobip"],
        ["apply", "--sandbox", "-y", "--only", "provider=nobody"],
        ["apply", "--sandbox", "-y", "--allow-empty", "nobody"],
        ["apply", "--sandbox", "-y", "--allow-empty", ""],
        ["search", "--sandbox", "--provider", "nobody"],
        ["coverage", "--sandbox", "--provider", "nobody"],
        ["apply", "--allow-releases", "-1"],
        ["apply", "--sandbox"],
        ["apply", "--sandbox", "-y", "--expect-digest", "sha256:00"],
        ["apply", "--sandbox", "-y", "--wait", "1m", "--no-wait"],
        ["show"],
        ["show", "missing.json"],
        ["state", "show", "numbers/+12015550123"],
        ["state", "show", "number/2015550123"],
        ["state", "resolve", "number/+12015550123"],
        ["unlock"],
    ],
)
def test_bad_usage_ends_with_1_and_says_what_to_do(
    tnctl: Run, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    write_fleet(GB)
    assert tnctl(*arguments) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("Error: ")
    assert "\nhint: " in captured.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["plan", "--sandbox", "--only", "provider=infobipp"],
        ["drift", "--sandbox", "--exclude", "provider=infobipp"],
        ["apply", "--sandbox", "-y", "--allow-empty", "infobip", "--allow-empty", "infobipp"],
        ["search", "--sandbox", "--provider", "infobipp"],
        ["coverage", "--sandbox", "--provider", "infobipp"],
    ],
)
def test_an_account_that_nobody_has_is_answered_with_those_that_there_are(
    tnctl: Run, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    write_fleet(GB)
    assert tnctl(*arguments) == 1
    message = capsys.readouterr().err
    assert "'infobipp'" in message.partition("\nhint: ")[0]
    assert message.endswith("\nhint: there are: intelepeer, voicetel, infobip\n")


def test_an_account_is_missed_also_where_there_is_none(tnctl: Run, capsys: pytest.CaptureFixture[str]) -> None:
    Path("numbers.yaml").write_text("version: 1\n")
    assert tnctl("search", "--provider", "infobip") == 1
    assert capsys.readouterr().err.endswith("\nhint: there is none: declare it under `providers`\n")


def test_an_account_that_only_our_records_know_can_be_named(applied: Run, capsys: pytest.CaptureFixture[str]) -> None:
    fleet = Path("numbers.yaml").read_text()
    Path("numbers.yaml").write_text("".join(line for line in fleet.splitlines(True) if "infobip" not in line))
    assert applied("plan", "--sandbox", "--only", "provider=infobip") == 0
    assert applied("apply", "--sandbox", "-y", "--allow-empty", "infobip") != 1
    assert applied("plan", "--sandbox", "--only", "provider=infobipp") == 1
    assert capsys.readouterr().err.endswith("\nhint: there are: intelepeer, voicetel, infobip\n")


@pytest.mark.parametrize("group", [[], ["state"], ["sandbox"]], ids=["tnctl", "state", "sandbox"])
def test_a_group_without_a_command_shows_its_help_on_stderr(
    tnctl: Run, capsys: pytest.CaptureFixture[str], group: list[str]
) -> None:
    assert tnctl(*group, "--help") == 0
    page = capsys.readouterr().out
    assert tnctl(*group) == 1
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", f"Error: no command given\n\n{page}")


def test_a_plan_that_goes_to_stdout_is_asked_for_by_its_format(tnctl: Run, capsys: pytest.CaptureFixture[str]) -> None:
    write_fleet(GB)
    assert tnctl("plan", "--sandbox", "--out", "-") == 1
    assert "`--format json` prints it" in said(capsys)


def test_a_mistyped_command_is_answered_with_the_one_that_was_meant(
    tnctl: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tnctl("plann") == 1
    assert "Did you mean 'plan'?" in said(capsys)


def test_every_problem_of_a_configuration_stands_on_a_line_of_its_own(
    tnctl: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    write_fleet('  "+1": {provider: infobip}\n', '  "+447700900123": {provider: infobipp}\n')
    assert tnctl("validate") == 1
    first, second, hint = capsys.readouterr().err.splitlines()
    assert first.startswith("numbers.yaml:7:3: ")
    assert second.startswith("numbers.yaml:8:31: ")
    assert hint.startswith("hint: ")


def test_all_missing_credentials_are_named_at_once(tnctl: Run, capsys: pytest.CaptureFixture[str]) -> None:
    write_fleet(GB, NJ)
    assert tnctl("plan") == 1
    message = said(capsys)
    assert "INFOBIP_API_KEY" in message
    assert "INUMBERING_API_KEY" in message
    assert "INTELEPEER_TOKEN" not in message, "no resource uses that account"


def test_an_account_that_is_left_out_needs_no_credentials(tnctl: Run, capsys: pytest.CaptureFixture[str]) -> None:
    write_fleet(GB, NJ)
    assert tnctl("plan", "--exclude", "provider=infobip") == 1
    message = said(capsys)
    assert "INUMBERING_API_KEY" in message
    assert "INFOBIP_API_KEY" not in message


def test_a_plan_ends_with_2_only_when_asked_to(tnctl: Run) -> None:
    write_fleet(GB)
    assert tnctl("plan", "--sandbox") == 0
    assert tnctl("plan", "--sandbox", "--detailed-exitcode") == 2


def test_drift_ends_with_2(applied: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert applied("drift", "--sandbox") == 0
    books = sandbox_books()
    with books.guard():
        books.infobip().portal_release("+447700900123")
    capsys.readouterr()
    # The number is too fresh to be missed: a list may lag for as long as `settle_after`.
    write_fleet(GB, NJ)
    Path("numbers.yaml").write_text(
        Path("numbers.yaml").read_text().replace("{type: infobip}", "{type: infobip, settle_after: 0s}")
    )
    assert applied("drift", "--sandbox", "--format", "json") == 2
    (drifted,) = json.loads(capsys.readouterr().out)["drift"]
    assert (drifted["address"], drifted["class"]) == ("number/+447700900123", "missing")


def test_an_apply_that_does_not_wait_ends_with_3_and_the_next_one_with_0(tnctl: Run) -> None:
    write_fleet(CO)
    assert tnctl("apply", "--sandbox", "-y", "--no-wait") == 3
    assert tnctl("apply", "--sandbox", "-y") == 0


def test_what_is_blocked_needs_a_person_and_ends_with_4(applied: Run) -> None:
    write_fleet(GB, NJ.replace("route: 4", "route: 5"))
    assert applied("plan", "--sandbox") == 0
    assert applied("apply", "--sandbox", "-y") == 4


def test_a_release_ends_with_5_until_it_is_allowed(applied: Run, capsys: pytest.CaptureFixture[str]) -> None:
    write_fleet(NJ, CO)
    assert applied("plan", "--sandbox") == 0
    assert applied("apply", "--sandbox", "-y") == 5
    assert "--allow-releases 1" in said(capsys)
    assert not sandbox_books().ledger.releases()
    assert applied("apply", "--sandbox", "-y", "--allow-releases", "1", "--allow-empty", "infobip") == 0
    assert len(sandbox_books().ledger.releases()) == 1


def test_a_saved_plan_is_applied_once_and_never_when_damaged(tnctl: Run, capsys: pytest.CaptureFixture[str]) -> None:
    write_fleet(GB)
    assert tnctl("plan", "--sandbox", "--out", "plan.json") == 0
    plan = Path("plan.json")
    assert plan.stat().st_mode & 0o777 == 0o600
    Path("damaged.json").write_text(plan.read_text().replace("+447700900123", "+447700900124"))
    assert tnctl("show", "damaged.json") == 6
    assert tnctl("apply", "damaged.json", "--sandbox") == 6
    assert tnctl("apply", "plan.json", "--sandbox", "--expect-digest", "00" * 32) == 6
    digest = json.loads(plan.read_text())["digest"]
    assert tnctl("apply", "plan.json", "--sandbox", "--expect-digest", digest) == 0
    assert tnctl("apply", "plan.json", "--sandbox") == 6
    assert len(sandbox_books().ledger.charges()) == 1


def test_records_that_are_damaged_end_with_6(applied: Run) -> None:
    Path(SANDBOX_STATE.removeprefix("sqlite:///")).write_bytes(b"no database, but some bytes" * 100)
    assert applied("plan", "--sandbox") == 6
    assert applied("apply", "--sandbox", "-y") == 6


def test_a_run_that_finds_the_lock_taken_ends_with_7_until_it_is_broken(
    applied: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    with Store.open(SANDBOX_STATE, SystemClock(), create=False) as store, store.locked() as lock:
        assert applied("plan", "--sandbox") == 0, "a plan never locks"
        assert applied("apply", "--sandbox", "-y") == 7
        assert f"tnctl unlock {lock.id}" in said(capsys)
        assert applied("unlock", "someone-elses", "--sandbox") == 1
        capsys.readouterr()
        assert applied("unlock", lock.id, "--sandbox") == 0
        warning = capsys.readouterr().err
        assert f"pid {os.getpid()} seems to be alive on this host; its next record fails its fence" in warning
        with pytest.raises(LockLostError):
            store.heartbeat()
    assert applied("apply", "--sandbox", "-y") == 0


def test_a_lock_of_another_host_is_broken_without_a_warning(applied: Run, capsys: pytest.CaptureFixture[str]) -> None:
    with Store.open(SANDBOX_STATE, SystemClock(), create=False) as store:
        lock = store.acquire(process=Process("ann", "another-host", 1))
        capsys.readouterr()
        assert applied("unlock", lock.id, "--sandbox") == 0
        assert capsys.readouterr().err == ""
