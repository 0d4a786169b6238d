"""``python -m tests.simulation``: many schedules on all cores, or the story of one.

It prints what was played and covered, and each failing seed with the sentence that was false; exit 1 when there is one.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
from collections.abc import Iterator, Sequence

from tests.simulation.census import Census
from tests.simulation.seeded.play import fresh_seed, play, play_chunk

CHUNK = 50
"""Schedules that a worker plays before it reports."""


def main(arguments: Sequence[str]) -> int:
    """Parse, play, print; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--schedules", type=int, default=5000, help="how many (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="the first seed (default: %(default)s)")
    parser.add_argument("--fresh", action="store_true", help="begin with a seed that nobody has tried, and print it")
    parser.add_argument(
        "--shards", action="store_true", help="the family whose runs are about one account now and then"
    )
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (default: one a core)")
    parser.add_argument("--trace", type=int, metavar="SEED", help="tell the story of one schedule instead")
    options = parser.parse_args(arguments)
    if options.trace is not None:
        return tell(options.trace, shards=options.shards)
    if options.fresh:
        options.seed = fresh_seed()
        print(f"seeds {options.seed} to {options.seed + options.schedules - 1}", flush=True)
    census = Census()
    for part in played(options.seed, options.seed + options.schedules, options.jobs, shards=options.shards):
        _warn_of(part)
        census.add(part)
        _show_progress(census, options.schedules)
    print(census.report())
    for seed, sentence in sorted(census.failures.items()):
        print(f"FAILED seed {seed}: {sentence}")
    print(f"{len(census.failures)} of {options.schedules} schedules failed")
    return 1 if census.failures else 0


def tell(seed: int, *, shards: bool = False) -> int:
    """Print one schedule's story and what was false in it."""
    played = play(seed, shards=shards)
    print(*played.trace, *(f"FALSE: {sentence}" for sentence in played.broken), f"digest {played.digest}", sep="\n")
    return 1 if played.broken else 0


def played(first: int, last: int, jobs: int, *, shards: bool = False) -> Iterator[Census]:
    chunks = [(start, min(start + CHUNK, last), shards) for start in range(first, last, CHUNK)]
    with multiprocessing.get_context("spawn").Pool(jobs) as pool:
        yield from pool.imap_unordered(play_chunk, chunks)


def _warn_of(part: Census) -> None:
    for seed, sentence in part.failures.items():
        print(f"seed {seed}: {sentence}", file=sys.stderr)


def _show_progress(census: Census, schedules: int) -> None:
    if sys.stderr.isatty():
        failed = len(census.failures)
        print(f"\r{census.counts['schedules']} of {schedules}, {failed} failed", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
