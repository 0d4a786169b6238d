"""The README says nothing that is not so: its plan is a real one, its configuration validates, its tables are whole.

``TNCTL_REGOLD=1 pytest tests/test_readme.py`` writes the plan, and the example under ``plans/``, anew.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from reconciler import errors
from reconciler.cli.main import tnctl as cli
from reconciler.model import Plan
from reconciler.providers.infobip import client as infobip_client
from reconciler.providers.intelepeer import client as intelepeer_client
from reconciler.providers.inumbering import client as inumbering_client
from reconciler.state import plan_file
from reconciler.testing import load_configuration
from reconciler.views import render
from reconciler.workflows.session import Planned
from tests.rig import ENVIRON, Rig

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
EXAMPLE = ROOT / "plans" / "example.json"

ACCOUNTS = """version: 1
providers:
  intelepeer: {type: intelepeer}
  voicetel: {type: inumbering}
  infobip: {type: infobip}
brands:
  acme: {provider: voicetel, id: BACME01, name: ACME, description: ACME alerts}
campaigns:
  alerts: {provider: voicetel, brand: acme, id: CACME01, description: Delivery alerts}
"""
BEFORE = """numbers:
  "+17205550142": {provider: intelepeer, sms: true, webhook: https://old.example/inbound}
  "+12015550123": {provider: voicetel, campaign: alerts, route: 4}
  "+447700900123": {provider: infobip}
  "+447700900124": {provider: infobip}
"""
AFTER = """numbers:
  "+17205550142": {provider: intelepeer, sms: true, webhook: https://hooks.example.com/inbound}
  "+17205550143": {provider: intelepeer, sms: true, webhook: https://hooks.example.com/inbound}
  "+12015550123": {provider: voicetel, campaign: alerts, route: 4}
  "+447700900123": {provider: infobip}
  "+447700900125": {provider: infobip}
"""


def readme() -> str:
    return README.read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", readme(), re.S)


@pytest.fixture
def planned(tmp_path: Path) -> Planned:
    """The plan that the README shows: a fleet brought up, then edited."""
    rig = Rig(tmp_path, names={"intelepeer": "ip", "voicetel": "vt", "infobip": "ib"}, real=True)
    rig.write(BEFORE, ACCOUNTS)
    assert rig.apply().exit_code == 0
    rig.clock.sleep(3600)
    rig.write(AFTER, ACCOUNTS)
    return rig.planned()


@pytest.fixture
def example(planned: Planned) -> Plan:
    return planned.plan


def test_the_plan_in_the_readme_is_a_real_one(planned: Planned) -> None:
    text = render.plan(planned.plan, "text", shares=planned.shares, width=110)
    shown = f"<!-- plan:begin -->\n```text\n$ tnctl plan\n{text.rstrip()}\n```\n<!-- plan:end -->"
    if os.environ.get("TNCTL_REGOLD"):
        README.write_text(re.sub(r"<!-- plan:begin -->.*<!-- plan:end -->", lambda _: shown, readme(), flags=re.S))
    normal = re.compile(r"sha256:[0-9a-f]{64}")
    assert normal.sub("sha256:…", shown) in normal.sub("sha256:…", readme())


def test_the_saved_example_is_a_plan_as_this_version_makes_it(example: Plan) -> None:
    if os.environ.get("TNCTL_REGOLD"):
        EXAMPLE.write_bytes(plan_file.dumps(example))
    saved = plan_file.load(EXAMPLE)
    assert [(c.address, c.action, c.reason, c.diff) for c in saved.changes] == [
        (c.address, c.action, c.reason, c.diff) for c in example.changes
    ]
    assert set(json.loads(EXAMPLE.read_text())) == set(plan_file.to_json(example))


def test_the_configuration_in_the_readme_validates(tmp_path: Path) -> None:
    whole = [block for block in blocks("yaml") if block.startswith("version: 1")]
    assert whole
    for n, block in enumerate(whole):
        (tmp_path / f"{n}.yaml").write_text(block)
        fleet = load_configuration([tmp_path / f"{n}.yaml"], ENVIRON)
        assert fleet.resources or fleet.pools


def test_every_command_stands_in_the_readme_and_has_help() -> None:
    context = cli.make_context("tnctl", [], resilient_parsing=True)
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command is not None
        assert f"`tnctl {name}`" in readme()
        assert command.get_short_help_str()


def test_every_exit_code_stands_in_the_readme() -> None:
    codes = {value for name, value in vars(errors).items() if name.startswith("EXIT_")}
    listed = {int(n) for row in re.findall(r"^\| ([0-9, ]+) \|", readme(), re.M) for n in row.split(", ")}
    assert codes == listed


@pytest.mark.parametrize("client", [intelepeer_client, inumbering_client, infobip_client], ids=lambda m: m.__package__)
def test_every_call_of_a_client_has_its_row(client: object) -> None:
    source = Path(str(client.__file__)).read_text()  # type: ignore[attr-defined]
    table = readme()[readme().index("## The carriers") : readme().index("## GitOps")]
    names = set(re.findall(r'_post\(\s*"([A-Za-z]+)"', source)) & {
        "tnInventory",
        "tnInventoryCoverage",
        "tnOrder",
        "addMessagingBrand",
        "addMessagingCampaign",
        "tnMessagingCampaign",
    }
    assert all(name in table for name in names)
    for path in ("provision", "webhook", "available", "numbers/list", "disconnect", "route", "campaigns", "gateways"):
        assert path in table


def test_every_error_has_a_hint_and_a_drawn_place() -> None:
    def tree(error: type[errors.TnctlError]) -> list[type[errors.TnctlError]]:
        return [error, *(found for child in error.__subclasses__() for found in tree(child))]

    for error in tree(errors.TnctlError):
        assert error.default_hint
        if error.__module__ == "reconciler.errors":
            assert error.__name__ in (errors.__doc__ or "")


@pytest.mark.skipif(shutil.which("curl") is None, reason="the example is in curl")
def test_the_carriers_that_serve_answer_curl_as_shown(tmp_path: Path) -> None:
    shown = readme().partition("<!-- serve:begin -->\n```console\n")[2].partition("```")[0]
    serve, *calls = [call.partition("\n")[::2] for call in shown.removeprefix("$ ").split("\n$ ")]
    arguments = shlex.split(serve[0].replace("--port 8080", "--port 0"))[1:]
    with served(tmp_path, arguments) as url:
        for call, answer in calls:
            argv = [part.replace("http://127.0.0.1:8080", url) for part in shlex.split(call)]
            run = subprocess.run([*argv, "-sS"], capture_output=True, encoding="utf-8", timeout=30, check=False)
            assert (run.returncode, run.stdout.startswith('{"error"')) == (28 if "(28)" in answer else 0, False), run
            if answer.startswith("{"):
                assert lasting(json.loads(run.stdout)) == lasting(json.loads(answer))


@contextmanager
def served(folder: Path, arguments: list[str]) -> Iterator[str]:
    """``tnctl`` with those arguments while the block runs, and the URL that it serves at."""
    run = subprocess.Popen(
        [sys.executable, "-m", "reconciler", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    assert run.stdout is not None
    try:
        yield re.findall(r"=(http://127\.0\.0\.1:[0-9]+)/", run.stdout.readline())[0]
    finally:
        run.terminate()
        run.communicate(timeout=20)


def lasting(ledger: dict[str, Any]) -> list[object]:
    """The ledger without what depends on the day."""
    return [ledger["charged_twice"]] + [
        {**entry, "at": "", "price": {**entry["price"], "first_month": ""}} for entry in ledger["entries"]
    ]


def test_the_blocks_that_ci_runs_are_one_command_each() -> None:
    first, second = blocks("sh")[:2]
    assert len(first.strip().splitlines()) == len(second.strip().splitlines()) == 1
    assert "--sandbox" in first
    assert "pytest" in second


def test_nothing_tells_people_to_install_tnctl_from_an_index_where_the_name_is_nobodys() -> None:
    texts = [
        *ROOT.glob("*.*"),
        *(ROOT / "reconciler").rglob("*.py"),
        *(ROOT / ".ci").iterdir(),
        *ROOT.glob(".github/**/*.y*ml"),
    ]
    advice = re.compile(r"""(?:pip|pipx|uv|uvx)\s+(?:\w+\s+)*(?:-\S+\s+)*['"`]?tnctl\b|install `?tnctl\[""")
    assert [path.name for path in texts if path.is_file() and advice.search(path.read_text(encoding="utf-8"))] == []
