"""The numbered boundaries of a run: each commit of ours and each call of a carrier, from both sides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import cycle, islice


class Kind(StrEnum):
    """What is counted."""

    COMMIT = "commit"
    """A transaction of ours that writes."""
    CALL = "call"
    """A request that has reached a carrier."""


class Side(StrEnum):
    """Whether it was done when the kill strikes."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Point:
    """Where a run is killed: on one side of its ``n``-th commit or call, counted from 1."""

    kind: Kind
    n: int
    side: Side

    def __str__(self) -> str:
        return f"{self.side} {self.kind} {self.n}"


def numbered(commits: int, calls: Sequence[bool]) -> list[Point]:
    """Every boundary of a run with so many commits and these calls (True: the carrier changed something).

    A call that changes nothing has no commit to stand before or after: it is one boundary.
    """
    points = [Point(Kind.COMMIT, n, side) for n in range(1, commits + 1) for side in Side]
    for n, wrote in enumerate(calls, start=1):
        points += [Point(Kind.CALL, n, side) for side in (Side if wrote else (Side.BEFORE,))]
    return points


def pairs(points: Sequence[Point]) -> Iterator[tuple[Point, Point]]:
    """Where to kill a run, and where its recovery: every pair once.

    Each round takes every boundary once for the run and once for the recovery, so that a part of the pairs already
    covers both.
    """
    for shift in range(len(points)):
        yield from zip(points, islice(cycle(points), shift, None), strict=False)
