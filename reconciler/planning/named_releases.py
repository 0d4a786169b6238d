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
from reconciler.model import TN_KINDS, Address, Kind, Mark, Notice, StateSnapshot
from reconciler.model.fleet import Safety
from reconciler.pools.desired import DesiredState


def refuse_wanted(safety: Safety, options: Iterable[str], desired_state: DesiredState) -> None:
    """Raise where a number is named that is declared: ConfigError with its place, UsageError for an option."""
    found = [
        f"{mark}: {_wanted(tn, desired_state)}" for _, tn, mark in _entries(safety) if _is_wanted(tn, desired_state)
    ]
    if found:
        raise ConfigError(found)
    for tn in sorted(options):
        if _is_wanted(tn, desired_state):
            raise UsageError(
                f"--release {tn}: {_wanted(tn, desired_state)}", hint="only what nobody declares is released"
            )


def notices(safety: Safety, options: Iterable[str], state: StateSnapshot) -> Iterator[Notice]:
    """What was done already, and can be taken out."""
    for key, tn, mark in _entries(safety):
        if _is_done(key, tn, state):
            message = f"not managed here any more: take it out of `safety.{key}`, at {mark}"
            yield Notice("info", message, str(Address(Kind.NUMBER, tn)))
    for tn in sorted(options):
        if _is_done("release", tn, state):
            yield Notice("info", f"not managed here any more: take --release {tn} out", str(Address(Kind.NUMBER, tn)))


def _entries(safety: Safety) -> Iterator[tuple[str, str, Mark]]:
    """(list, number, place) of every name."""
    lists: tuple[tuple[str, Mapping[str, Mark]], ...] = (("release", safety.release), ("forget", safety.forget))
    for key, named in lists:
        for tn, mark in named.items():
            yield key, tn, mark


def _is_wanted(tn: str, desired_state: DesiredState) -> bool:
    return any(Address(kind, tn) in desired_state.desired for kind in TN_KINDS)


def _wanted(tn: str, desired_state: DesiredState) -> str:
    """Who declares a number that is named to be given up."""
    allocation = desired_state.allocated.get(tn)
    if allocation is None:
        return f"{tn} is still declared: take its line out first"
    return f"{tn} has slot {allocation.slot.name}, and its pool keeps it: make the pool smaller, or take the name out"


def _is_done(key: str, tn: str, state: StateSnapshot) -> bool:
    """Whether nothing that the name allows is on record any more: of a release, the number alone counts."""
    if state.open_purchase(Address(Kind.NUMBER, tn)):
        return False
    kinds = TN_KINDS if key == "forget" else {Kind.NUMBER}
    held = (state.records.get(Address(kind, tn)) for kind in kinds)
    return all(record is None or record.tombstone for record in held)
