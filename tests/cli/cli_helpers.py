"""What the tests of the command line share: fleets small enough to read, and ways to run a command on them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import reconciler
from reconciler.cli import carriers, context
from reconciler.cli.options import Common
from reconciler.clock import SystemClock
from reconciler.sandbox import Sandbox

REPOSITORY = Path(reconciler.__file__).parents[1]

ACCOUNTS = """\
version: 1
providers:
  intelepeer: {type: intelepeer}
  voicetel: {type: inumbering}
  infobip: {type: infobip}
"""
GB = '  "+447700900123": {provider: infobip}\n'
NJ = '  "+12015550123": {provider: voicetel, route: 4}\n'
CO = '  "+17205550142": {provider: intelepeer, sms: true, webhook: "https://hooks.example.com/inbound"}\n'

SANDBOX_STATE = "sqlite:///.tnctl/sandbox/state.db"
"""The sandbox's records of a configuration in the working directory."""

Run = Callable[..., int]
"""``tnctl(*arguments)`` in this process, in an empty directory of its own: the exit code."""


def write_fleet(*lines: str, file: str = "numbers.yaml") -> None:
    """Declare the numbers of ``lines`` at three accounts, in the working directory."""
    Path(file).write_text(ACCOUNTS + ("numbers:\n" + "".join(lines) if lines else ""))


def write_pool(size: int) -> None:
    """Declare a pool of ``size`` numbers in a place where the sandbox offers two."""
    pool = f"{{provider: voicetel, size: {size}, search: {{rate_center: HOBOKEN}}}}"
    Path("numbers.yaml").write_text(f"{ACCOUNTS}pools: {{desk: {pool}}}\n")


def environment() -> dict[str, str]:
    """This process's environment without what would steer tnctl, and with the package to test on the path."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TNCTL_", "NO_COLOR"))}
    return {**kept, "PYTHONPATH": str(REPOSITORY)}


def command(*arguments: str) -> list[str]:
    """The argument vector of a real ``tnctl`` process."""
    return [sys.executable, "-m", "reconciler", *arguments]


def process(*arguments: str, stdin: int = subprocess.DEVNULL) -> subprocess.CompletedProcess[str]:
    """A whole run of a real ``tnctl`` process, without a terminal."""
    return subprocess.run(
        command(*arguments),
        env=environment(),
        stdin=stdin,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def sandbox_books() -> Sandbox:
    """The sandbox of the working directory, to look into its ledger or to change things behind tnctl's back."""
    common = Common(sandbox=True)
    return carriers.serve(context.load_fleet(common).accounts, SystemClock(), context.sandbox_folder(common))


def said(capsys: pytest.CaptureFixture[str]) -> str:
    """What was printed since the last look, results first."""
    captured = capsys.readouterr()
    return captured.out + captured.err
