"""What the sandbox iNumbering has on offer: the same numbers in every run, made from one small table.

Each area code (NPA) has the fiction lines 555-0100 to 555-0199 in its first rate center, and ``lines`` numbers in
each further exchange (NXX). HOBOKEN is a shortage: two numbers and no more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from zlib import crc32

FICTION = "555"


@dataclass(frozen=True, slots=True)
class RateCenter:
    """A place where numbers are rated; ``lines`` numbers in each of its exchanges but 555, which has 100."""

    npa: str
    nxxs: tuple[str, ...]
    name: str
    city: str
    lata: int
    province: str
    lines: int = 20


RATE_CENTERS = (
    RateCenter("201", (FICTION, "389", "487"), "HACKENSACK", "HACKENSACK", 224, "NJ"),
    RateCenter("201", ("216",), "HOBOKEN", "HOBOKEN", 224, "NJ", lines=2),
    RateCenter("973", (FICTION, "242"), "NEWARK", "NEWARK", 224, "NJ"),
    RateCenter("212", (FICTION, "226", "431"), "NWYRCYZN01", "NEW YORK", 132, "NY"),
    RateCenter("617", (FICTION, "227"), "BOSTON", "BOSTON", 128, "MA"),
    RateCenter("305", (FICTION, "347"), "MIAMI", "MIAMI", 460, "FL"),
    RateCenter("404", (FICTION, "214"), "ATLANTA", "ATLANTA", 438, "GA"),
    RateCenter("312", (FICTION, "226", "427"), "CHICAGOZN1", "CHICAGO", 358, "IL"),
    RateCenter("512", (FICTION, "236"), "AUSTIN", "AUSTIN", 558, "TX"),
    RateCenter("720", (FICTION, "242", "867"), "DENVER", "DENVER", 656, "CO"),
    RateCenter("702", (FICTION, "224"), "LAS VEGAS", "LAS VEGAS", 721, "NV"),
    RateCenter("415", (FICTION, "221"), "SNFC CNTRL", "SAN FRANCISCO", 722, "CA"),
    RateCenter("206", (FICTION, "223"), "SEATTLE", "SEATTLE", 674, "WA"),
)


@cache
def inventory() -> Mapping[str, RateCenter]:
    """Ten digits -> where the number is rated, in ascending order; sold ones included."""
    stocked = {
        f"{center.npa}{nxx}{line:04d}": center
        for center in RATE_CENTERS
        for nxx in center.nxxs
        for line in _lines(center, nxx)
    }
    return MappingProxyType(dict(sorted(stocked.items())))


def _lines(center: RateCenter, nxx: str) -> list[int]:
    if nxx == FICTION:
        return list(range(100, 200))
    start = crc32(f"{center.npa}{nxx}".encode()) % 8000 + 1000
    return [start + 7 * n for n in range(center.lines)]
