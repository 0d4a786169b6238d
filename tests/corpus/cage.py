"""Runs the program on hostile input where it can do no harm, and measures what it took.

The runs are made by children forked from one small process that has everything imported, so a run costs milliseconds
and its peak memory is not the test runner's. A child makes one run after the other: to fork for each would cost three
times the run. It makes no more once it has grown, so that what one run needs is not counted as the next one's. Limits
of the operating system end a run that hangs or swallows memory; the runner sees a signal instead of dying itself.
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
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, NoReturn

MOST_ADDRESS_SPACE = 2 * 1024**3
"""Bytes. Far above what is allowed: it protects the machine, the verdict protects the program."""

MOST_CPU_SECONDS = 20
MOST_WALL_SECONDS = 60

MOST_RUNS = 40
MOST_GROWTH = 8 * 1024**2
"""Runs of one child, and bytes by which its peak may have grown, before another takes its place."""

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

    def run(self, folder: Path, arguments: Sequence[str], seconds: int = MOST_WALL_SECONDS) -> Run:
        """``tnctl ARGUMENTS`` in ``folder``, ended by a signal after ``seconds``."""
        to, back = self._process.stdin, self._process.stdout
        assert to is not None
        assert back is not None
        print(json.dumps([seconds, str(folder), *arguments]), file=to, flush=True)
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
    child: _Child | None = None
    for request in requests:
        child = child or _Child()
        print(json.dumps(asdict(child.run(request))), file=answers, flush=True)
        if child.has_ended:
            child = None


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


class _Child:
    """A process forked from this one, which makes runs until it is spent or one of them ends it."""

    def __init__(self) -> None:
        to_child, self._requests = os.pipe()
        answers, to_parent = os.pipe()
        self._id = os.fork()
        if self._id == 0:
            os.close(self._requests)
            os.close(answers)
            _make_runs(to_child, to_parent)
        os.close(to_child)
        os.close(to_parent)
        self._answers = os.fdopen(answers, encoding="ascii")
        self._cpu_seconds = 0.0
        """Of the runs that were answered."""
        self.has_ended = False

    def run(self, request: str) -> Run:
        """The run that ``request`` asks for; the child may have ended by it."""
        os.write(self._requests, request.encode("ascii"))
        answer = self._answers.readline()
        if not answer:
            return self._ended(request)
        run, more = json.loads(answer)
        self._cpu_seconds += run["cpu_seconds"]
        if not more:
            self._close()
        return Run(**run)

    def _close(self) -> tuple[int, resource.struct_rusage]:
        """Let the child end; its exit code, and what it took in all."""
        self.has_ended = True
        os.close(self._requests)
        self._answers.close()
        _, status, usage = os.wait4(self._id, 0)
        return os.waitstatus_to_exitcode(status), usage

    def _ended(self, request: str) -> Run:
        """The run that ended the child, by a signal or by leaving without an answer."""
        _, folder, *_ = json.loads(request)
        code, usage = self._close()
        took = usage.ru_utime + usage.ru_stime - self._cpu_seconds
        return Run(code, _printed(folder), took, usage.ru_maxrss * 1024)


def _make_runs(requests: int, answers: int) -> NoReturn:
    """Be the child: make the runs asked for, and say of each what it did and whether another may follow."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_ADDRESS_SPACE, MOST_ADDRESS_SPACE))
    os.environ.clear()
    os.environ.update(ENVIRON)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 + MOST_GROWTH
    with os.fdopen(requests, encoding="ascii") as asked:
        for number, request in enumerate(asked, start=1):
            run = _measured(request)
            more = number < MOST_RUNS and run.peak_bytes < grown
            os.write(answers, f"{json.dumps([asdict(run), more])}\n".encode("ascii"))
            if not more:
                break
    os._exit(0)


def _measured(request: str) -> Run:
    """One run in this process, within its limits."""
    before = _cpu_seconds()
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(before) + MOST_CPU_SECONDS, most))
    seconds, folder, *arguments = json.loads(request)
    signal.alarm(seconds)
    code = _exit_code(folder, arguments)
    signal.alarm(0)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return Run(code, _printed(folder), _cpu_seconds() - before, peak)


def _cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _exit_code(folder: str, arguments: list[str]) -> int:
    """Be ``tnctl`` until it ends; what it prints goes to files in its folder."""
    from reconciler.cli import main

    for stream, name in enumerate(_streams(folder), start=1):
        descriptor = os.open(name, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
        os.dup2(descriptor, stream)
        os.close(descriptor)
    os.chdir(folder)
    sys.argv = ["tnctl", *arguments]
    try:
        main.main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    return 70


def _printed(folder: str) -> str:
    """What a run in ``folder`` has printed so far."""
    there = [path for path in _streams(folder) if path.exists()]
    return "".join(path.read_bytes().decode("utf-8", "replace") for path in there)


def _streams(folder: str) -> list[Path]:
    """Where a run's standard output and standard error go."""
    return [Path(folder) / ".stdout", Path(folder) / ".stderr"]


if __name__ == "__main__":
    serve(sys.stdin, sys.stdout)
