"""``python -m tests.evidence``: the table of the README, measured anew. ``--write`` puts it there.

It plays simulated schedules, kills real processes and plants bugs in the client. "0 of n" bounds a rate at 3/n (with
95 % confidence) and no more, so the table says what n was.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.mutants.__main__ import caught_by_number
from tests.mutants.catalogue import BUGS
from tests.mutants.harness import SCHEDULES as SCHEDULES_A_BUG
from tests.simulation.__main__ import played
from tests.simulation.census import Census
from tests.simulation.seeded.play import fresh_seed
from tests.simulation.sigkill.stage import staged
from tests.simulation.sigkill.trials import Tally, tally, trials

README = Path(__file__).parent.parent / "README.md"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was measured."""

    census: Census
    seed: int
    """The first of the schedules' seeds, drawn at random."""
    kills: Tally
    planted: int
    caught: int

    @property
    def sound(self) -> bool:
        """Whether nothing went wrong and every planted bug was caught."""
        return not self.census.failures and not self.kills.bad and self.caught == self.planted

    def table(self) -> str:
        """The Markdown of it."""
        counts, bad = self.census.counts, len(self.census.failures)
        schedules, killed = counts["schedules"], self.kills.kills
        rows = [
            (
                "simulated schedules, and their seeds (a new first one is drawn at each measuring)",
                self._seeds(schedules),
            ),
            ("applies, purchases and crashes in them", _several(self.census)),
            ("double purchases, lost records, unlisted releases in them", _bounded(bad, schedules)),
            ("real SIGKILLs, those of recoveries included", f"{killed:,}"),
            ("double purchases, lost records, unlisted releases after them", _bounded(len(self.kills.bad), killed)),
            ("applies that the worst recovery from a kill took", f"{self.kills.worst_applies}"),
            ("bugs planted in our own client, and caught", f"{self.planted}, {self.caught}"),
        ]
        lines = [f"| {what} | {measured} |" for what, measured in rows]
        return "\n".join(["| measured | |", "|---|---|", *lines])

    def _seeds(self, schedules: int) -> str:
        return f"{schedules:,}, {self.seed} to {self.seed + schedules - 1}"


def main() -> int:
    """Measure, print, and write when asked; 1 when anything went wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.evidence", description=__doc__)
    parser.add_argument("--schedules", type=int, default=5000, help="simulated (default: %(default)s)")
    parser.add_argument("--kills", type=int, default=500, help="real ones (default: %(default)s)")
    parser.add_argument("--jobs", type=int, default=2, help="processes (default: %(default)s)")
    parser.add_argument("--write", action="store_true", help="put the table into the README")
    parser.add_argument("--seed", type=int, help="the first seed (default: one that nobody has tried)")
    options = parser.parse_args()
    seed = fresh_seed() if options.seed is None else options.seed
    found = Evidence(
        census=_simulated(seed, options.schedules, options.jobs),
        seed=seed,
        kills=_killed(options.kills),
        planted=len(BUGS),
        caught=_caught(options.jobs),
    )
    print(found.table())
    if options.write:
        shown = f"<!-- evidence:begin -->\n{found.table()}\n<!-- evidence:end -->"
        pattern = r"<!-- evidence:begin -->.*<!-- evidence:end -->"
        README.write_text(re.sub(pattern, lambda _: shown, README.read_text(), flags=re.S))
    return 0 if found.sound else 1


def _simulated(seed: int, schedules: int, jobs: int) -> Census:
    census = Census()
    for part in played(seed, seed + schedules, jobs):
        for failed, sentence in part.failures.items():
            print(f"seed {failed}: {sentence}", file=sys.stderr, flush=True)
        census.add(part)
    return census


def _killed(kills: int) -> Tally:
    with tempfile.TemporaryDirectory() as folder, staged(Path(folder) / "fleet") as stage:
        return tally(trials(stage), kills, lambda _trial, _total: None)


def _caught(jobs: int) -> int:
    with ProcessPoolExecutor(jobs) as workers:
        catches = workers.map(partial(caught_by_number, schedules=SCHEDULES_A_BUG), range(len(BUGS)))
        return sum(catch is not None for catch in catches)


def _several(census: Census) -> str:
    return ", ".join(f"{census.counts[what]:,}" for what in ("applies", "purchases", "crashes"))


def _bounded(bad: int, tries: int) -> str:
    return f"{bad}" if bad else f"0 (a rate of at most {3 / tries:.2g})"


if __name__ == "__main__":
    sys.exit(main())
