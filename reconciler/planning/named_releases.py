"""Numbers that somebody names to be given up: ``safety.release``, ``safety.forget`` and ``--release``. Pure.

==================================  ====================================================
the number                          then
==================================  ====================================================
has a line                          a problem of the configuration, told when it is read
has a slot that its pool keeps      an error: the pool declares it
on record, wanted by nobody         it is given up as it is named
else                                done: a notice, to take the name out
==================================  ====================================================
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from reconciler.errors import ConfigError, UsageError
from reconciler.model import TN_KINDS, Address, Kind, Mark, Memory, Notice
from reconciler.model.fleet import Safety
from reconciler.pools.desired import Roster


def refuse_wanted(safety: Safety, options: Iterable[str], roster: Roster) -> None:
    """Raise where a number is named that is declared: ConfigError with its place, UsageError for an option."""
    found = [f"{mark}: {_wanted(tn, roster)}" for _, tn, mark in _entries(safety) if _is_wanted(tn, roster)]
    if found:
        raise ConfigError(found)
    for tn in sorted(options):
        if _is_wanted(tn, roster):
            raise UsageError(f"--release {tn}: {_wanted(tn, roster)}", hint="only what nobody declares is released")


def notices(safety: Safety, options: Iterable[str], memory: Memory) -> Iterator[Notice]:
    """What was done already, and can be taken out."""
    for key, tn, mark in _entries(safety):
        if _is_done(key, tn, memory):
            words = f"not managed here any more: take it out of `safety.{key}`, at {mark}"
            yield Notice("info", words, str(Address(Kind.NUMBER, tn)))
    for tn in sorted(options):
        if _is_done("release", tn, memory):
            yield Notice("info", f"not managed here any more: take --release {tn} out", str(Address(Kind.NUMBER, tn)))


def _entries(safety: Safety) -> Iterator[tuple[str, str, Mark]]:
    """(list, number, place) of every name."""
    lists: tuple[tuple[str, Mapping[str, Mark]], ...] = (("release", safety.release), ("forget", safety.forget))
    for key, named in lists:
        for tn, mark in named.items():
            yield key, tn, mark


def _is_wanted(tn: str, roster: Roster) -> bool:
    return any(Address(kind, tn) in roster.desired for kind in TN_KINDS)


def _wanted(tn: str, roster: Roster) -> str:
    """Who declares a number that is named to be given up."""
    seat = roster.seats.get(tn)
    if seat is None:
        return f"{tn} is still declared: take its line out first"
    return f"{tn} has slot {seat.slot.name}, and its pool keeps it: make the pool smaller, or take the name out"


def _is_done(key: str, tn: str, memory: Memory) -> bool:
    """Whether nothing that the name allows is on record any more: of a release, the number alone counts."""
    if memory.open_purchase(Address(Kind.NUMBER, tn)):
        return False
    kinds = TN_KINDS if key == "forget" else {Kind.NUMBER}
    held = (memory.records.get(Address(kind, tn)) for kind in kinds)
    return all(record is None or record.gone for record in held)
