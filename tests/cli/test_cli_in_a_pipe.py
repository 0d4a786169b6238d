"""What a pipe gets: lines of at most 120 columns, a record a line, and first of all whether it is the sandbox."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_helpers import ACCOUNTS, CO, GB, NJ, Run, write_fleet

from reconciler import package_data
from reconciler.views.terminal import LONGEST_LINE, bounded

LONG = "x" * 400


def widest(text: str) -> int:
    return max(map(len, text.splitlines()))


def test_no_line_in_a_pipe_is_longer_than_120_columns(tnctl: Run, capsys: pytest.CaptureFixture[str]) -> None:
    hook = f"https://hooks.example.com/{LONG}"
    label = "labels: {team: " + "t" * 60 + "}"
    line = f'  "+17205550142": {{provider: intelepeer, sms: true, webhook: "{hook}", {label}}}\n'
    Path("numbers.yaml").write_text(
        f"{ACCOUNTS}brands: {{{'b' * 60}: {{provider: voicetel, id: BACME01, name: NN, description: {LONG}}}}}\n"
        f"numbers:\n{GB}{NJ}{line}"
    )
    for command in (
        ["validate"],
        ["plan"],
        ["plan", "--all"],
        ["apply", "-y"],
        ["plan"],
        ["drift"],
        ["state", "list"],
        ["state", "show", "webhook/+17205550142"],
        ["state", "show", "number/+447700900123"],
        ["state", "ledger"],
        ["state", "ledger", "--compare"],
        ["search", "--provider", "infobip", "--country", "GB"],
        ["search", "--provider", "voicetel", "--province", "NJ"],
        ["coverage", "--provider", "voicetel", "--province", "NJ"],
        ["sandbox", "switches"],
    ):
        code = tnctl(*command, *([] if command[0] == "sandbox" else ["--sandbox"]))
        assert code in (0, 2), command
        out = capsys.readouterr().out
        assert widest(out) <= LONGEST_LINE, (command, out)
    Path("numbers.yaml").write_text(Path("numbers.yaml").read_text().replace("xxxx", "yyyy"))
    assert tnctl("plan", "--sandbox") == 0
    assert widest(capsys.readouterr().out) <= LONGEST_LINE


def test_state_list_has_one_record_a_line_and_its_address_whole(tnctl: Run, capsys: pytest.CaptureFixture[str]) -> None:
    name = "n" * 60
    Path("numbers.yaml").write_text(
        f"{ACCOUNTS}brands: {{{name}: {{provider: voicetel, id: BACME01, name: {'N' * 99}, description: {LONG}}}}}\n"
        f"numbers:\n{GB}{NJ}{CO}"
    )
    assert tnctl("apply", "--sandbox", "-y") == 0
    capsys.readouterr()
    assert tnctl("state", "list", "--sandbox", "--format", "json") == 0
    addresses = [record["address"] for record in json.loads(capsys.readouterr().out)["records"]]
    assert tnctl("state", "list", "--sandbox") == 0
    out = capsys.readouterr().out
    lines = [line for line in out.splitlines() if "/" in line]
    assert [line.split()[0] for line in lines] == addresses
    assert f"brand/{name}" in addresses
    assert widest(out) <= LONGEST_LINE


@pytest.mark.parametrize("fmt", ["text", "markdown"])
def test_under_the_sandbox_every_plan_report_and_drift_says_so_in_its_first_line(
    tnctl: Run, capsys: pytest.CaptureFixture[str], fmt: str
) -> None:
    write_fleet(GB)
    firsts = []
    for command in (["plan"], ["apply", "-y"], ["plan"], ["apply", "-y"], ["drift"]):
        assert tnctl(*command, "--sandbox", "--format", fmt) == 0
        firsts.append(capsys.readouterr().out.splitlines()[0])
    assert all("on the sandbox: the carriers are built in" in first for first in firsts), firsts
    assert tnctl("plan", "--sandbox", "--out", "p.json") == 0
    capsys.readouterr()
    assert tnctl("show", "p.json", "--format", fmt) == 0
    shown = capsys.readouterr().out
    assert "on the sandbox" in shown.splitlines()[0]
    assert shown.count("on the sandbox") == 1


def test_the_json_of_the_sandbox_says_so_and_keeps_to_its_schema(
    tnctl: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    from jsonschema import Draft202012Validator

    write_fleet(GB)
    for command in ("plan", "apply", "drift"):
        assert tnctl(command, "--sandbox", "--format", "json", *(["-y"] if command == "apply" else [])) == 0
        document = json.loads(capsys.readouterr().out)
        schema = json.loads(package_data.text(f"schemas/{'report' if command == 'apply' else command}.schema.json"))
        assert not list(Draft202012Validator(schema).iter_errors(document))
        assert document["notices"][0]["message"].startswith("on the sandbox")


def test_a_long_word_is_broken_and_keeps_its_indentation() -> None:
    assert bounded("a" * 300, 80).split("\n") == ["a" * 120, "    " + "a" * 116, "    " + "a" * 64]
    assert bounded("  - " + "b " * 80, 100).split("\n")[1].startswith("      b b")
    assert bounded("c" * 150, 200) == "c" * 150
