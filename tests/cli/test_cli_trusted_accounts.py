"""``tnctl plan`` of a foreign branch: no key leaves for its ``base_url``, and no command of it runs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import click
import pytest
from cli_helpers import Run, said

from reconciler.cli.main import COMMANDS
from reconciler.cli.main import tnctl as group
from reconciler.cli.state.group import COMMANDS as STATE_COMMANDS

KEY = "canary8Rf2VnQpLs6"
NUMBERS = 'numbers:\n  "+447700900123": {provider: infobip}\n'


class Collector(BaseHTTPRequestHandler):
    """Keeps the headers of whoever asks, and answers as an account that owns nothing and is offered nothing."""

    heard: list[str]

    def do_GET(self) -> None:
        self.heard.append(str(self.headers))
        body = b'{"numbers": [], "numberCount": 0}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def collector() -> Iterator[tuple[str, list[str]]]:
    """A carrier's look-alike: its URL, and what it was told."""
    heard: list[str] = []
    server = HTTPServer(("127.0.0.1", 0), type("Told", (Collector,), {"heard": heard}))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", heard
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_foreign_branch_gets_no_key_and_runs_no_command(
    tnctl: Run,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    collector: tuple[str, list[str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    monkeypatch.setenv("INFOBIP_API_KEY", KEY)
    url, heard = collector
    ran = Path("ran").absolute()
    trusted = tmp_path_factory.mktemp("operator") / "accounts.yaml"
    trusted.write_text(f"version: 1\nproviders: {{infobip: {{type: infobip, base_url: '{url}'}}}}\n")
    for hostile in (f"base_url: '{url}/mine'", f"credentials: {{api_key: {{command: [touch, '{ran}']}}}}"):
        Path("numbers.yaml").write_text(f"version: 1\nproviders: {{infobip: {{type: infobip, {hostile}}}}}\n{NUMBERS}")
        assert tnctl("plan", "--trusted-accounts", str(trusted)) == 1
        assert "is not said here beside trusted accounts" in said(capsys)
        assert not heard
        assert not ran.exists()
    monkeypatch.setenv("TNCTL_ACCOUNTS", str(trusted))
    Path("numbers.yaml").write_text(f"version: 1\nproviders: {{infobip: {{type: infobip}}}}\n{NUMBERS}")
    assert tnctl("plan") == 0
    assert KEY in heard[0]
    assert KEY not in said(capsys)


def test_every_command_takes_trusted_accounts() -> None:
    context = group.make_context("tnctl", [], resilient_parsing=True)
    for name in [*COMMANDS, *STATE_COMMANDS]:
        state = group.get_command(context, "state")
        assert isinstance(state, click.Group)
        command = group.get_command(context, name) or state.get_command(context, name)
        assert command is not None
        if not isinstance(command, click.Group):
            assert "TNCTL_ACCOUNTS" in {parameter.envvar for parameter in command.params}, name


@pytest.mark.parametrize("blank", ["", " "])
def test_an_unset_secret_of_the_ci_is_not_no_trusted_accounts(
    tnctl: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, blank: str
) -> None:
    Path("numbers.yaml").write_text(f"version: 1\nproviders: {{infobip: {{type: infobip}}}}\n{NUMBERS}")
    assert tnctl("plan", "--sandbox", "--trusted-accounts", blank) == 1
    assert "empty" in said(capsys)
    monkeypatch.setenv("TNCTL_ACCOUNTS", blank)
    assert tnctl("plan", "--sandbox") == 1
    assert "TNCTL_ACCOUNTS" in said(capsys)


def test_records_that_a_branch_may_have_brought_along_are_a_warning(
    tnctl: Run, capsys: pytest.CaptureFixture[str], collector: tuple[str, list[str]], directory: Path
) -> None:
    folder = directory / "operator"
    folder.mkdir()
    trusted = folder / "accounts.yaml"
    text = f"version: 1\nproviders: {{infobip: {{type: infobip, base_url: '{collector[0]}'}}}}\n"
    trusted.write_text(text.replace("infobip,", "infobip, credentials: {api_key: {env: HOME}},"))
    Path("numbers.yaml").write_text(f"version: 1\n{NUMBERS}")
    plan = ("plan", "--trusted-accounts", str(trusted))
    warning = "lie with the configuration, so that a branch can bring its own"
    assert tnctl(*plan, "--state", "sqlite:///mine.db") == 0
    assert warning not in " ".join(said(capsys).split())
    assert tnctl(*plan) == 0
    assert tnctl(*plan) == 0
    assert warning in " ".join(said(capsys).split())
    trusted.write_text(f"{trusted.read_text()}state: sqlite:///records.db\n")
    assert tnctl(*plan) == 0
    assert warning not in " ".join(said(capsys).split())
