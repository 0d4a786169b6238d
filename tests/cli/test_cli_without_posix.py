"""Without ``fcntl`` and what else Windows lacks, every module imports, and the sandbox works."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from cli_helpers import GB, environment, write_fleet

HIDDEN = """
import importlib.abc, os, pkgutil, signal, sys, warnings
warnings.simplefilter("ignore")
for name in ("fcntl", "pwd", "grp", "termios", "resource", "readline"):
    sys.modules[name] = None
for name in ("getuid", "geteuid", "getgid", "fork", "mkfifo", "chown", "uname"):
    delattr(os, name)
for name in ("pause", "SIGKILL", "SIGHUP", "SIGALRM", "pthread_sigmask"):
    delattr(signal, name)
"""
EVERY_MODULE = """
import reconciler
for module in pkgutil.walk_packages(reconciler.__path__, "reconciler."):
    if not module.name.endswith("__main__"):
        try:
            __import__(module.name)
        except ModuleNotFoundError as missing:  # the driver of PostgreSQL is an extra
            if missing.name != "psycopg":
                raise
"""
APPLY = """
from reconciler.cli import main
sys.exit(main.run(["apply", "--sandbox", "-y"]))
"""


@pytest.mark.parametrize("what", [EVERY_MODULE, APPLY])
def test_no_command_dies_where_there_is_no_fcntl(what: str) -> None:
    write_fleet(GB)
    run = subprocess.run(
        [sys.executable, "-c", HIDDEN + what],
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert Path(".tnctl").exists() is (what is APPLY)
