"""``tnctl sandbox``: carriers for other people's tests, as their processes see them."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from cli_helpers import CO, GB, NJ, Run, command, environment, said, write_fleet

from reconciler.cli.sandbox import sandbox
from reconciler.sandbox import FAULTS, describe_switches
from reconciler.sandbox.sandbox import CALLS

CREDENTIALS = {"INTELEPEER_TOKEN": "t", "INUMBERING_API_KEY": "k", "INFOBIP_API_KEY": "k"}
APP = {"Authorization": "App any"}


@contextmanager
def served(*options: str) -> Iterator[tuple[str, str]]:
    """A real ``tnctl sandbox serve`` while the block runs: its URL, and what it printed."""
    run = subprocess.Popen(
        command("sandbox", "serve", *options),
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    assert run.stdout is not None
    assert run.stderr is not None
    try:
        assert "until interrupted" in run.stderr.readline()
        lines = []
        while not (lines and lines[-1].startswith("  infobip:")):
            lines.append(run.stdout.readline())
        (url,) = re.findall(r"INFOBIP_URL=(http://127\.0\.0\.1:[0-9]+)/infobip", "".join(lines))
        yield url, "".join(lines)
    finally:
        run.send_signal(signal.SIGTERM)
        run.communicate(timeout=20)


def test_what_serve_prints_points_tnctl_at_it(tnctl: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    with served() as (url, printed):
        block = printed[printed.index("providers:") :]
        Path("fleet.yaml").write_text(f"version: 1\n{block}numbers:\n{GB}{NJ}{CO}")
        assert tnctl("validate", "-f", "fleet.yaml") == 0
        assert tnctl("apply", "-f", "fleet.yaml", "-y") == 0
        charged = requests.get(f"{url}/-/ledger?event=charge", timeout=10).json()["entries"]
    assert {entry["key"] for entry in charged} == {"+447700900123", "+12015550123"}


def test_an_account_with_the_sibling_calls_is_printed_with_them() -> None:
    write_fleet(NJ)
    fleet = Path("numbers.yaml")
    fleet.write_text(fleet.read_text().replace("{type: inumbering}", "{type: inumbering, account_api: true}"))
    with served() as (_, printed):
        assert "  voicetel: {type: inumbering, account_api: true, base_url: " in printed


def test_switches_faults_and_latency_hold_from_the_first_call_and_again_after_a_reset() -> None:
    options = [
        "--switch",
        "infobip.purchase_status=201",
        "--switch",
        "infobip.error_form=errorCode",
        "--latency",
        "0.3",
    ]
    with served(*options, "--fault", "503,call=purchase,account=infobip") as (url, _):
        for _ in range(2):
            numbers = f"{url}/infobip/numbers/1/numbers"
            began = time.monotonic()
            first = requests.post(numbers, json={"number": "12125550100"}, headers=APP, timeout=10)
            assert time.monotonic() - began >= 0.3
            assert (first.status_code, first.json()["errorCode"]) == (503, "E503")
            again = requests.post(numbers, json={"number": "12125550100"}, headers=APP, timeout=10)
            assert again.status_code == 201
            assert requests.post(f"{url}/-/reset", timeout=10).ok


def test_chaos_is_the_same_for_the_same_seed() -> None:
    def run(seed: str) -> list[int | str]:
        with served("--chaos", "0.4", "--seed", seed) as (url, _):
            assert requests.get(f"{url}/-/faults", timeout=10).json()["chaos"] == {"rate": 0.4, "seed": int(seed)}
            return [outcome(lambda: requests.get(f"{url}/infobip/sms/1/numbers", **asked)) for _ in range(12)]

    asked = {"headers": APP, "timeout": 0.5, "allow_redirects": False, "stream": True}
    assert run("7") == run("7") != run("8")


def outcome(call: Callable[[], requests.Response]) -> int | str:
    try:
        with call() as response:
            return response.status_code
    except requests.RequestException as error:
        return type(error).__name__


def test_everything_wrong_is_told_at_once_and_nothing_is_served(tnctl: Run, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = ("--switch", "infobip.takn=404", "--switch", "infobib.taken=404", "--fault", "timeout,call=purchse")
    assert tnctl("sandbox", "serve", *wrong) == 1
    message = said(capsys)
    for meant in ("did you mean `taken`?", "did you mean `infobip`?", "did you mean `purchase`?"):
        assert meant in message
    assert "tnctl sandbox switches" in message


@pytest.mark.parametrize(
    ("option", "value"), [("--latency", "soon"), ("--latency", "-1"), ("--chaos", "2"), ("--chaos", "often")]
)
def test_a_number_that_cannot_be_is_refused(
    tnctl: Run, capsys: pytest.CaptureFixture[str], option: str, value: str
) -> None:
    assert tnctl("sandbox", "serve", option, value) == 1
    assert option in said(capsys)


def test_switches_lists_every_switch_fault_and_call(tnctl: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert tnctl("sandbox", "switches", "--format", "json") == 0
    listed = json.loads(capsys.readouterr().out)
    known = [(row.carrier, row.switch, list(row.settings), row.default, row.about) for row in describe_switches()]
    fields = ("type", "switch", "settings", "default", "about")
    assert [tuple(row[field] for field in fields) for row in listed["switches"]] == known
    assert [(row["fault"], row["when"]) for row in listed["faults"]] == [
        (fault.name, list(fault.moments)) for fault in FAULTS.values()
    ]
    assert {(row["type"], row["call"]): row["writes"] for row in listed["calls"]} == {
        (carrier.value, call): writes for carrier, calls in CALLS.items() for call, writes in calls.items()
    }
    for form in ("text", "markdown"):
        assert tnctl("sandbox", "switches", "--format", form) == 0
        page = capsys.readouterr().out
        for word in (
            *(row.switch for row in describe_switches()),
            *FAULTS,
            *(call for row in CALLS.values() for call in row),
        ):
            assert word.replace("_", "\\_") in page or word in page


def test_every_command_of_the_sandbox_stands_in_the_readme() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    (row,) = re.findall(r"^\| `tnctl sandbox` \|.*$", readme, re.M)
    assert all(f"`{name}`" in row for name in sandbox.commands)


def test_an_account_of_the_sandbox_takes_its_numbers_along_under_a_new_name(
    tnctl: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    line = 'numbers: {"+447700900123": {provider: NAME}}\n'
    accounts = "version: 1\nproviders: {NAME: {type: infobipMOVED, settle_after: 0s}}\n"

    def write(name: str, moved: str = "") -> None:
        text = accounts.replace("MOVED", f", moved: {moved}" if moved else "") + line
        Path("numbers.yaml").write_text(text.replace("NAME", name))

    write("ib")
    assert tnctl("apply", "--sandbox", "-y") == 0
    for moved in ("ib", ""):
        write("eu", moved)
        assert tnctl("apply", "--sandbox", "-y") == 0
        capsys.readouterr()
        assert tnctl("plan", "--sandbox") == 0
        assert "no changes" in said(capsys).casefold()
