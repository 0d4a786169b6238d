"""``python -m tests.mutants``: the recall table, each planted bug with what caught it; exit 1 if one survived."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tests.mutants.catalogue import BUGS
from tests.mutants.harness import SCHEDULES, Catch, caught


def main(arguments: Sequence[str] | None = None) -> int:
    """Plant every bug, or those whose name contains the given text."""
    options = _options(arguments)
    chosen = [number for number, bug in enumerate(BUGS) if options.name in bug.name]
    with ProcessPoolExecutor(options.jobs) as workers:
        catches = list(workers.map(partial(caught_by_number, schedules=options.schedules), chosen))
    found = dict(zip(chosen, catches, strict=True))
    Console(width=options.width).print(_table(found.items()))
    survivors = [BUGS[number].name for number, catch in found.items() if catch is None]
    sys.stdout.write(f"{len(found) - len(survivors)} of {len(found)} planted bugs were caught\n")
    sys.stdout.writelines(f"not caught: {name}\n" for name in survivors)
    return 1 if survivors or not found else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("name", nargs="?", default="", help="only bugs whose name contains this")
    parser.add_argument("--schedules", type=int, default=SCHEDULES, help="schedules of the simulation for a bug")
    parser.add_argument("--jobs", type=int, default=2, help="bugs at a time")
    parser.add_argument("--width", type=int, default=160, help="of the table, in characters")
    return parser.parse_args(arguments)


def caught_by_number(number: int, schedules: int) -> Catch | None:
    """By number: patches do not travel to another process, and numbers do."""
    return caught(BUGS[number], schedules)


def _table(found: Iterable[tuple[int, Catch | None]]) -> Table:
    table = Table("planted bug", "caught by", "schedules", "what was seen")
    for number, catch in found:
        bug = BUGS[number]
        row = (catch.by, str(catch.schedules or "-"), catch.seen) if catch else ("NOTHING", "-", bug.sentence)
        table.add_row(bug.name, *map(escape, row))
    return table


if __name__ == "__main__":
    sys.exit(main())
