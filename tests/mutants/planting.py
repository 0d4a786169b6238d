"""A planted bug: a name, one sentence of what goes wrong, a patch of the program, and what must see it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from reconciler.sandbox import When
from tests.mutants.checking import Check
from tests.simulation.acts import Event, Kind
from tests.simulation.carriers import ORDERS
from tests.simulation.seeded.schedule import Schedule

Patch = Callable[[], AbstractContextManager[None]]
Where = Callable[[Schedule], bool]


@dataclass(frozen=True, slots=True)
class Bug:
    """``plant`` puts it into the program for as long as its context lasts.

    ``check`` None: the simulation sees it; of the seeds of a CI run only those are played whose schedules are of
    the kind ``where``, if that is given, and first those from ``start`` on: both shorten the search.
    """

    name: str
    sentence: str
    plant: Patch
    check: Check | None
    where: Where | None = None
    start: int = 0


BUGS: list[Bug] = []
"""Every bug whose module has been imported; ``catalogue.py`` imports them all."""


def planted(check: Check | None = None, *, where: Where | None = None, start: int = 0) -> Callable[[Patch], Patch]:
    """Register the decorated patch as a bug of its name; its docstring is the sentence."""

    def register(patched: Patch) -> Patch:
        sentence = " ".join((patched.__doc__ or "").split())
        BUGS.append(Bug(patched.__name__.replace("_", " "), sentence, patched, check, where, start))
        return patched

    return register


@contextmanager
def swapped(*swaps: tuple[Any, str, Any]) -> Iterator[None]:
    """While this lasts, each (owner, name, value) of ``swaps`` holds: a function, constant or property replaced."""
    with ExitStack() as stack:
        for owner, name, value in swaps:
            stack.enter_context(patch.object(owner, name, value))
        yield


def refusing_an_order_as(fault: str) -> Where:
    """Schedules in which a first order comes to nothing and is answered with ``fault``."""

    def plants(schedule: Schedule) -> bool:
        certain = (rule for rule in schedule.rules if (rule.fault, rule.when, rule.first) == (fault, When.BEFORE, 1))
        return any(rule.call in ORDERS for rule in certain)

    return plants


def dropping_a_number(schedule: Schedule) -> bool:
    """Schedules in which the configuration loses a number that its carrier would take back."""
    edits = (act.entries for act in schedule.acts if isinstance(act, Event) and act.kind is Kind.EDIT)
    releasable = {entry.tn for entry in schedule.entries if entry.account in ("api", "ib")}
    return any(releasable - {entry.tn for entry in entries} for entries in edits)
