"""``python -m tests.simulation.sigkill --kills 2000``: as many real kills as wanted, and what came of them."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.simulation.sigkill.stage import staged
from tests.simulation.sigkill.trials import Tally, Trial, tally, trials

EVERY = 50
"""Trials between two lines of progress."""


def main() -> int:
    """Kill, recover, count; 0 when nothing was bought twice, lost or released unasked, and all recovered."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.sigkill", description=__doc__)
    parser.add_argument("--kills", type=int, default=2000, help="how many processes to kill at least")
    wanted = parser.parse_args().kills
    with tempfile.TemporaryDirectory() as folder, staged(Path(folder) / "fleet") as stage:
        total = tally(trials(stage), wanted, _tell)
    print(total)
    return 1 if total.bad else 0


def _tell(trial: Trial, total: Tally) -> None:
    if trial.wrong:
        print(trial, file=sys.stderr)
    if total.trials % EVERY == 0:
        print(total, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
