"""The smaller commands, and what all of them have in common."""

from __future__ import annotations

import io
import json
import logging
from pathlib import Path

import click
import pytest
from cli_helpers import ACCOUNTS, CO, GB, NJ, Run, said, write_fleet, write_pool

from reconciler import __version__
from reconciler.cli import failures, main
from reconciler.cli.main import tnctl as group
from reconciler.cli.state.group import COMMANDS as STATE_COMMANDS
from reconciler.state import plan_file

COMMON = ("--file", "--state", "--sandbox", "--no-color", "--verbose", "--log-format")


def every_command() -> list[list[str]]:
    """The path of each command that is no group."""
    groups = {"state", "sandbox"}
    return [
        *[[name] for name in main.COMMANDS if name not in groups],
        *[["state", name] for name in STATE_COMMANDS],
        ["sandbox", "serve"],
        ["sandbox", "switches"],
        ["sandbox", "reset"],
    ]


@pytest.mark.parametrize("path", every_command(), ids="-".join)
def test_every_command_has_help_and_the_common_options(
    tnctl: Run, capsys: pytest.CaptureFixture[str], path: list[str]
) -> None:
    assert tnctl(*path, "--help") == 0
    page = capsys.readouterr().out
    assert [option for option in COMMON if option not in page] == []


def test_the_groups_help_shows_each_command_with_a_sentence_that_fits(
    tnctl: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tnctl("--help") == 0
    commands = capsys.readouterr().out.partition("Commands:")[2]
    assert len(commands.splitlines()) == len(main.COMMANDS) + 1, "one line each"
    assert "..." not in commands
    context = click.Context(group)
    assert group.list_commands(context) == list(main.COMMANDS)


def test_the_version_is_that_of_the_package(tnctl: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert tnctl("--version") == 0
    assert capsys.readouterr().out == f"tnctl {__version__}\n"


def test_init_writes_a_valid_file_and_never_over_another(tnctl: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert tnctl("init") == 0
    assert tnctl("validate") == 0
    assert "numbers.yaml: valid, 2 numbers at 2 accounts" in said(capsys)
    Path("numbers.yaml").write_text("mine")
    assert tnctl("init") == 1
    assert Path("numbers.yaml").read_text() == "mine"
    assert tnctl("init", "-f", "missing/numbers.yaml") == 1


def test_validate_counts_numbers_and_shows_warnings(tnctl: Run, capsys: pytest.CaptureFixture[str]) -> None:
    write_fleet(GB, NJ, CO)
    with Path("numbers.yaml").open("a") as file:
        file.write("brands:\n  odd: {provider: voicetel, id: BODDLENGTH1, name: Odd, description: An odd id}\n")
    assert tnctl("validate") == 0
    first, *warnings = capsys.readouterr().out.splitlines()
    assert first == "numbers.yaml: valid, 3 numbers and 1 brand at 3 accounts"
    assert warnings[0].startswith("warning: ")
    assert tnctl("validate", "--state", "mysql://host/base") == 1


def test_validate_counts_the_accounts_of_pools(tnctl: Run, capsys: pytest.CaptureFixture[str]) -> None:
    pool = "pools: {desk: {provider: infobip, size: 3, search: {country: GB}}}\n"
    Path("numbers.yaml").write_text(ACCOUNTS + pool)
    assert tnctl("validate") == 0
    assert said(capsys) == "numbers.yaml: valid, 1 pool of 3 numbers at 1 account\n"


@pytest.mark.parametrize(
    ("declared", "counts"),
    [
        ("brands: {acme: {provider: voicetel, id: BACME01, name: A, description: A}}", "1 brand at 1 account"),
        (
            "brands: {acme: {provider: voicetel, id: BACME01, name: A, description: A}}\n"
            "campaigns: {alerts: {provider: voicetel, brand: acme, id: CACME01, description: A}}\n"
            'numbers: {"+12015550123": {provider: voicetel}, "+447700900123": {provider: infobip}}',
            "2 numbers, 1 brand and 1 campaign at 2 accounts",
        ),
        ("numbers: {}", "nothing declared at 3 accounts"),
    ],
)
def test_validate_does_not_say_no_numbers_at_no_accounts_beside_a_brand(
    tnctl: Run, capsys: pytest.CaptureFixture[str], declared: str, counts: str
) -> None:
    Path("numbers.yaml").write_text(f"{ACCOUNTS}{declared}\n")
    assert tnctl("validate") == 0
    assert said(capsys).splitlines()[0] == f"numbers.yaml: valid, {counts}"


def test_a_missing_configuration_is_answered_with_one_way_to_get_one(
    tnctl: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tnctl("plan") == 1
    problem, hint = said(capsys).splitlines()
    assert problem.endswith("no such file: name one with -f, or write a starter with `tnctl init`")
    assert hint == "hint: then run `tnctl validate`"


def test_a_missing_plan_file_is_answered_with_how_to_make_one(tnctl: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert tnctl("show", "none.json") == 1
    assert "hint: name a file that `tnctl plan --out FILE` has saved" in said(capsys)


def test_a_saved_plan_is_shown_as_it_was_printed(tnctl: Run, capsys: pytest.CaptureFixture[str]) -> None:
    write_fleet(GB)
    for fmt in ("text", "json", "markdown"):
        assert tnctl("plan", "--sandbox", "--out", "plan.json", "--format", fmt) == 0
        printed = capsys.readouterr()
        assert "saved to plan.json" in printed.err
        Path("numbers.yaml").rename("elsewhere.yaml")
        assert tnctl("show", "plan.json", "--format", fmt) == 0, "no configuration is needed"
        assert capsys.readouterr().out == printed.out
        Path("elsewhere.yaml").rename("numbers.yaml")
        assert Path("plan.json").read_bytes() == plan_file.dumps(plan_file.load(Path("plan.json")))
    assert list(Path().glob(".plan.json*")) == []


def test_what_is_alike_is_listed_one_by_one_when_asked(tnctl: Run, capsys: pytest.CaptureFixture[str]) -> None:
    write_fleet(*(GB.replace("123", f"{n}") for n in range(100, 125)))
    assert tnctl("plan", "--sandbox", "--out", "plan.json") == 0
    assert "25 x number" in capsys.readouterr().out
    assert tnctl("plan", "--sandbox", "--all") == 0
    planned = capsys.readouterr().out
    assert tnctl("show", "plan.json", "--all") == 0
    shown = capsys.readouterr().out
    assert all(text.count("+ number/+4477009001") == 25 for text in (planned, shown))


def cells(text: str) -> list[tuple[str, ...]]:
    """The words of each line, without the bars of a table in markdown."""
    return [tuple(line.replace("|", " ").split()) for line in text.splitlines()]


@pytest.mark.parametrize("fmt", ["text", "markdown"])
def test_a_saved_plan_is_shown_as_it_was_printed_but_for_labels_and_what_releases_save(
    tnctl: Run, capsys: pytest.CaptureFixture[str], fmt: str
) -> None:
    write_fleet(GB)
    assert tnctl("apply", "--sandbox", "-y") == 0
    write_fleet(GB.replace("123", "125").replace("infobip", "infobip, labels: {team: a}"), NJ, CO)
    with Path("numbers.yaml").open("a") as file:
        file.write("brands: {acme: {provider: voicetel, name: ACME, id: BACME01, description: ACME alerts}}\n")
    capsys.readouterr()
    assert tnctl("plan", "--sandbox", "--out", "plan.json", "--format", fmt) == 0
    planned = cells(capsys.readouterr().out)
    assert tnctl("show", "plan.json", "--format", fmt) == 0
    shown = cells(capsys.readouterr().out)
    told, untold = [row for row in planned if row not in shown], [row for row in shown if row not in planned]
    assert [row[0] for row in told] == ["all", "infobip", "team=a"]
    assert [(*row[:-1], "unknown") for row in told[:2]] == untold


def test_a_plan_that_cannot_be_saved_leaves_nothing_behind(tnctl: Run, capsys: pytest.CaptureFixture[str]) -> None:
    write_fleet(GB)
    Path("taken").mkdir()
    assert tnctl("plan", "--sandbox", "--out", "taken") == 1
    assert "taken cannot be written" in said(capsys)
    assert sorted(path.name for path in Path().iterdir()) == [".tnctl", "numbers.yaml", "taken"]


def test_only_the_report_goes_to_stdout_when_a_machine_reads_it(tnctl: Run, capsys: pytest.CaptureFixture[str]) -> None:
    write_fleet(GB)
    assert tnctl("apply", "--sandbox", "-y", "--format", "json") == 0
    captured = capsys.readouterr()
    report = json.loads(captured.out)
    assert report["exit_code"] == 0
    assert report["requests"].keys() == {"infobip"}
    assert "1 to create" in captured.err


def test_no_at_the_prompt_is_answered_with_one_sentence(
    tnctl: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_fleet(GB, NJ, CO)
    monkeypatch.setattr("reconciler.cli.apply.is_terminal", lambda _stream: True)
    monkeypatch.setattr("sys.stdin", io.StringIO("no\n"))
    assert tnctl("apply", "--sandbox", "--no-color") == 1
    _plan, _, after = capsys.readouterr().out.partition("Plan: 4 to create.\n")
    assert after == "Not approved; nothing was sent (on the sandbox).\n"


def test_the_sandbox_never_touches_the_records_of_real_runs(
    tnctl: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_fleet(GB)
    monkeypatch.setenv("TNCTL_SANDBOX", "1")
    assert tnctl("apply", "-y") == 0
    assert not Path(".tnctl/state.db").exists()
    monkeypatch.setenv("TNCTL_STATE", "sqlite:///mine.db")
    assert tnctl("plan") == 0
    assert Path("mine.db").exists()
    monkeypatch.delenv("TNCTL_STATE")
    assert tnctl("sandbox", "reset") == 0
    assert not Path(".tnctl/sandbox").exists()
    capsys.readouterr()
    assert tnctl("plan", "--detailed-exitcode") == 2


def test_reading_commands_make_no_records(tnctl: Run) -> None:
    write_fleet(GB)
    assert tnctl("drift", "--sandbox") == 1, "nothing was ever applied"
    assert tnctl("state", "list", "--sandbox") == 0
    assert not Path(".tnctl/sandbox/state.db").exists()


def test_a_search_in_capitals_is_sent_as_documented_and_a_country_that_is_none_is_not_sent(
    tnctl: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    write_fleet()
    assert tnctl("search", "--sandbox", "--provider", "voicetel", "--tn-mask", "201XXXXXXX") == 0
    assert tnctl("search", "--sandbox", "--provider", "infobip", "--country", "gb") == 0
    capsys.readouterr()
    assert tnctl("search", "--sandbox", "--provider", "infobip", "--country", "UK") == 1
    assert "no country is UK: write GB" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        (["--provider", "voicetel", "--tn-mask", "201xxxxxxx", "--province", "NJ", "--lata", "224"], "telephoneNumber"),
        (["--provider", "infobip", "--country", "GB", "--capabilities", "SMS", "--contains", "4477"], "numberKey"),
    ],
)
def test_search_shows_every_field_of_the_carriers_rows(
    tnctl: Run, capsys: pytest.CaptureFixture[str], arguments: list[str], field: str
) -> None:
    write_fleet()
    assert tnctl("search", "--sandbox", *arguments, "--quantity", "2", "--format", "json") == 0
    offers = json.loads(capsys.readouterr().out)["offers"]
    assert len(offers) == 2
    assert all(field in row for row in offers)


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["search", "--provider", "voicetel", "--country", "GB"], "--tn-mask"),
        (["search", "--provider", "infobip", "--lata", "224"], "--contains"),
        (["search", "--provider", "intelepeer"], "inumbering"),
        (["search", "--provider", "nobody"], "there are: intelepeer, voicetel, infobip"),
        (["search", "--provider", "voicetel", "--tn-mask", "201"], "--help"),
        (["search", "--provider", "voicetel", "--quantity", "0"], "--help"),
        (["search", "--provider", "infobip", "--country", "UK"], "--help"),
        (["coverage", "--provider", "infobip"], "inumbering"),
        (["coverage", "--provider", "voicetel", "--npa", "201", "--lata", "224"], "one of"),
    ],
)
def test_a_search_that_a_carrier_cannot_make_is_refused_with_what_it_can(
    tnctl: Run, capsys: pytest.CaptureFixture[str], arguments: list[str], hint: str
) -> None:
    write_fleet()
    assert tnctl(*arguments, "--sandbox") == 1
    error, told = capsys.readouterr().err.splitlines()
    assert error.startswith("Error: ")
    assert hint in told


def test_coverage_counts_by_what_is_asked(tnctl: Run, capsys: pytest.CaptureFixture[str]) -> None:
    write_fleet()
    asked = ["coverage", "--sandbox", "--provider", "voicetel", "--count-by", "state", "--npa", "201"]
    assert tnctl(*asked, "--format", "json") == 0
    rows = json.loads(capsys.readouterr().out)["coverage"]
    assert rows
    assert all("count" in row for row in rows)


def test_a_graph_names_what_is_declared(tnctl: Run, capsys: pytest.CaptureFixture[str]) -> None:
    write_fleet(CO)
    assert tnctl("graph") == 0
    assert "sms/+17205550142" in capsys.readouterr().out
    assert tnctl("graph", "--format", "dot") == 0
    assert capsys.readouterr().out.startswith("digraph")


def test_a_graph_shows_the_slots_of_pools_with_the_numbers_that_they_have(
    tnctl: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    write_pool(1)
    assert tnctl("graph", "--sandbox") == 0
    assert '["slot/desk.0, empty"]' in capsys.readouterr().out
    assert tnctl("apply", "--sandbox", "-y") == 0
    capsys.readouterr()
    assert tnctl("graph", "--sandbox") == 0
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert 's0["slot/desk.0"]' in lines
    assert 'n0["number/+12012163706"]' in lines
    assert "s0 --> n0" in lines


def test_an_apply_that_could_not_fill_a_pool_says_so_in_its_report(
    tnctl: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    write_pool(3)
    shortage = "pool desk: 1 of 3 slots cannot be filled: nothing more on offer in HOBOKEN"
    assert tnctl("apply", "--sandbox", "-y", "--format", "json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["exit_code"], told["summary"]["done"]) == (0, 2)
    assert [notice["severity"] for notice in told["notices"] if shortage in notice["message"]] == ["warning"]
    for fmt in ("text", "markdown"):
        assert tnctl("apply", "--sandbox", "-y", "--format", fmt) == 0
        report = capsys.readouterr().out
        assert shortage in " ".join(report.split())
        assert "Nothing to do. 2 objects cannot be read back. With 1 warning: see the notices." in report


def test_verbose_logs_every_call_as_json_and_no_secret(
    tnctl: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_fleet(GB)
    monkeypatch.setenv("INFOBIP_API_KEY", "canary-4711")
    assert tnctl("plan", "--sandbox", "-v", "--log-format", "json") == 0
    captured = capsys.readouterr()
    lines = [json.loads(line) for line in captured.err.splitlines()]
    assert any(line["logger"] == "reconciler.providers.http" and line["level"] == "debug" for line in lines)
    assert "canary" not in captured.out + captured.err


def test_a_bug_is_told_by_its_class_alone_and_traced_only_when_asked(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger("reconciler"), "propagate", True)
    secret = "canary-4711"
    with pytest.raises(KeyError) as caught:
        dict[str, str]()[secret]
    with caplog.at_level(logging.DEBUG, "reconciler"):
        assert failures.unexpected(caught.value) == 1
    message = said(capsys)
    assert "unexpected KeyError: this is a bug in tnctl" in message
    assert "test_cli_commands.py" in caplog.text
    assert "test_cli_commands.py" not in message
    assert secret not in message + "".join(record.getMessage() for record in caplog.records)
