"""What a run did that it must not: the documented refusal of hostile input, as checks."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from tests.corpus.cage import Cage, Run
from tests.corpus.case import CANARY, VALIDATE, Case

MOST_CPU_SECONDS = 1.0
"""Processor time, not wall-clock: tests share the machine. Start-up is not counted."""

MOST_BYTES = 200 * 1024**2

_PROBLEM = re.compile(r"(.+?:[0-9]+:[0-9]+): (.+)")


def judged(case: Case, cage: Cage) -> tuple[Run, list[str]]:
    """One run of ``case`` in an empty directory, and what was wrong with it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        case.lay(folder)
        run = cage.run(folder, case.arguments)
    return run, faults(case, run)


def faults(case: Case, run: Run) -> list[str]:
    """What ``run`` did that it must not, in words."""
    lines = run.output.splitlines()
    checks = {
        f"exit code {run.code}, not {case.code}": run.code == case.code,
        "a traceback or a bug": not re.search("Traceback|this is a bug", run.output),
        "a secret is repeated": CANARY not in run.output,
        "a line that cannot be printed": all(line.isprintable() for line in run.output.split("\n")),
        "no hint at the end": bool(lines) and lines[-1].startswith("hint: "),
        f"it does not say {case.words!r}": case.words in run.output,
        f"{run.cpu_seconds:.2f} s of processor time": run.cpu_seconds <= MOST_CPU_SECONDS,
        f"{run.peak_bytes / 2**20:.0f} MiB": run.peak_bytes <= MOST_BYTES,
    }
    found = [words for words, holds in checks.items() if not holds]
    if case.arguments[:1] == VALIDATE:
        found += _misplaced(case, lines[:-1])
    return [f"{words}\n{run.output[:2000]}" if number == 0 else words for number, words in enumerate(found)]


def _misplaced(case: Case, lines: list[str]) -> list[str]:
    """How the problems told differ from those expected: each line has a place, and the places are these."""
    told = [match.groups() if (match := _PROBLEM.fullmatch(line)) else (line, "") for line in lines]
    places, expected = sorted(place for place, _ in told), sorted(place for place, _ in case.told)
    if places != expected:
        return [f"told at {places[:9]}, expected at {expected[:9]}"]
    messages: dict[str, str] = {}
    for place, words in told:
        messages[place] = messages.get(place, "") + "\n" + words
    return [f"{words!r} is not told at {place}" for place, words in case.told if words not in messages[place]]
