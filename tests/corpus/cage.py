"""Runs the program on hostile input where it can do no harm, and measures what it took.

Each run is a child forked from one small process that has everything imported, so a run costs milliseconds and its
peak memory is its own: a child of the test runner would count the runner's memory as its own. Limits of the operating
system end a run that hangs or swallows memory; the runner sees a signal instead of dying itself.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

MOST_ADDRESS_SPACE = 2 * 1024**3
"""Bytes. Far above what is allowed: it protects the machine, the verdict protects the program."""

MOST_CPU_SECONDS = 20
MOST_WALL_SECONDS = 60

ENVIRON = {"STATE_URL": "sqlite:///state.db", "HOOK": "https://hooks.example.com/in", "LC_ALL": "C.UTF-8"}
"""The environment of every run."""


@dataclass(frozen=True, slots=True)
class Run:
    """What one run of the program did. ``code`` is negative when a signal ended it."""

    code: int
    output: str
    """Standard output, then standard error."""
    cpu_seconds: float
    peak_bytes: int


class Cage:
    """The parent of the runs."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(self, folder: Path, arguments: Sequence[str]) -> Run:
        """``tnctl ARGUMENTS`` in ``folder``."""
        to, back = self._process.stdin, self._process.stdout
        assert to is not None
        assert back is not None
        print(json.dumps([str(folder), *arguments]), file=to, flush=True)
        return Run(**json.loads(back.readline()))


@contextmanager
def opened() -> Iterator[Cage]:
    """A cage while the block runs."""
    command = [sys.executable, "-m", "tests.corpus.cage"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Cage(process)


def serve(requests: IO[str], answers: IO[str]) -> None:
    """Run what ``requests`` ask for, one a line, until they end."""
    _import_everything()
    gc.collect()
    gc.freeze()  # a collection in a child would touch, and so copy, every page of what was imported
    for request in requests:
        folder, *arguments = json.loads(request)
        print(json.dumps(asdict(_forked(folder, arguments))), file=answers, flush=True)


def _import_everything() -> None:
    """What the commands import when they run, so that no run pays for it or is measured with it."""
    import reconciler.cli.context
    import reconciler.cli.main
    import reconciler.cli.show
    import reconciler.cli.state.group
    import reconciler.cli.state.show
    import reconciler.cli.validate
    import reconciler.views.render  # noqa: F401
    from reconciler.testing import load_configuration
    from tests.corpus.full import FULL
    from tests.corpus.sheet import write

    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "numbers.yaml"
        whole.write_text(write(dict(FULL)).text)
        load_configuration([whole], ENVIRON)  # imports what only a whole configuration needs, and compiles its schema


def _forked(folder: str, arguments: list[str]) -> Run:
    """One run in a child."""
    names = [os.path.join(folder, f".{stream}") for stream in ("stdout", "stderr")]
    child = os.fork()
    if child == 0:
        _be_the_program(folder, arguments, names)
    _, status, usage = os.wait4(child, 0)
    output = "".join(Path(name).read_bytes().decode("utf-8", "replace") for name in names)
    return Run(os.waitstatus_to_exitcode(status), output, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def _be_the_program(folder: str, arguments: list[str], names: list[str]) -> None:
    """Become ``tnctl``; never returns."""
    from reconciler.cli import main

    code: Any = 70
    try:
        resource.setrlimit(resource.RLIMIT_AS, (MOST_ADDRESS_SPACE, MOST_ADDRESS_SPACE))
        resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_SECONDS, MOST_CPU_SECONDS))
        signal.alarm(MOST_WALL_SECONDS)
        for stream, name in enumerate(names, start=1):
            os.dup2(os.open(name, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), stream)
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(ENVIRON)
        sys.argv = ["tnctl", *arguments]
        main.main()
    except SystemExit as end:
        code = end.code
    finally:
        os._exit(code)


if __name__ == "__main__":
    serve(sys.stdin, sys.stdout)
