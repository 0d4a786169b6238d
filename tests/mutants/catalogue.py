"""All the planted bugs: each module registers its own when it is imported."""

from __future__ import annotations

from tests.mutants import (
    answers,
    inputs,
    leaving,
    limits,
    lists,
    lost,
    messages,
    orders,
    ownership,
    purse,
    reads,
    repeats,
    sites,
)
from tests.mutants.planting import BUGS

MODULES = (orders, repeats, leaving, ownership, sites, lost, answers, reads, lists, limits, purse, messages, inputs)
"""Where the bugs are; importing one plants nothing."""

__all__ = ["BUGS", "MODULES"]
