"""``python -m tests.corpus``: run every case and say how each went; ``--fuzz N`` instead changes inputs at random."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.corpus import cage, fuzz
from tests.corpus.cases import every_case
from tests.corpus.verdict import judged

_SHOWN_FAULTS = 20
_BETWEEN_REPORTS = 10_000


def main() -> int:
    """1 when anything did what it must not."""
    parser = argparse.ArgumentParser(prog="python -m tests.corpus", description=__doc__)
    parser.add_argument("--fuzz", metavar="N", type=int, help="change N inputs at random")
    parser.add_argument("--seed", metavar="S", type=int, default=1, help="which inputs: the same for the same seed")
    parser.add_argument("--show", metavar="I", type=int, help="write input I of the seed to standard output")
    given = parser.parse_args()
    if given.show is not None:
        sys.stdout.buffer.write(fuzz.made(given.seed, given.show).raw)
        return 0
    return _fuzz(given.fuzz, given.seed) if given.fuzz else _run_cases()


def _run_cases() -> int:
    """Every case once; the faults, and what the most costly took."""
    cases, bad, slowest, largest = every_case(), 0, 0.0, 0
    with cage.opened() as opened:
        for case in cases:
            run, faults = judged(case, opened)
            slowest, largest = max(slowest, run.cpu_seconds), max(largest, run.peak_bytes)
            if faults:
                bad += 1
                print(f"{case.name}: {'; '.join(faults)}")
    print(f"{len(cases)} cases, {bad} bad; at most {slowest:.2f} s and {largest / 2**20:.0f} MiB each")
    return bool(bad)


def _fuzz(count: int, seed: int) -> int:
    """Inputs 0 to ``count``; the first faults in full."""
    bad, began = 0, time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        for number in range(count):
            found = fuzz.fault(fuzz.made(seed, number), Path(name))
            if found is not None:
                bad += 1
                if bad <= _SHOWN_FAULTS:
                    print(f"seed {seed}, input {number}: {found}", flush=True)
            if (number + 1) % _BETWEEN_REPORTS == 0:
                print(f"{number + 1} inputs, {bad} bad, {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    print(f"{count} inputs of seed {seed}, {bad} bad")
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
