"""How many numbers send for each 10DLC campaign: too many are refused by the carriers, none may be charged for.

49 is T-Mobile's limit for a campaign without an approved number pool, and the fee for one that has had no number for
60 days is likewise by secondary sources, read 2026-01. ``max_numbers`` says that a larger pool was approved.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from reconciler.config.node import Node
from reconciler.config.problems import Problems
from reconciler.model import Address, Kind, Notice, Resource
from reconciler.model.fleet import Pool
from reconciler.model.suggestions import quoted

MAX_NUMBERS = 49
"""Numbers that a campaign may have when nothing is written."""


def too_many(
    campaigns: Node | None, resources: Iterable[Resource], pools: Iterable[Pool], problems: Problems
) -> list[Notice]:
    """A problem for each campaign that is over its limit, a notice for one that is near it or has no number at all."""
    members = _members(resources, pools)
    notices: list[Notice] = []
    for name, entry, mark in campaigns.entries() if campaigns is not None else ():
        address, limit = Address(Kind.CAMPAIGN, name), entry.int_at("max_numbers") or MAX_NUMBERS
        count = members[address]
        if count > limit:
            message = f"{quoted(name)} has {count} numbers, and may have {limit}: move some to another campaign, "
            problems.add(mark, message + "or write `max_numbers` when a number pool is approved")
        notices += _remarks(address, count, limit)
    return notices


def _members(resources: Iterable[Resource], pools: Iterable[Pool]) -> Counter[Address]:
    """Campaign -> its numbers, those that pools are to fill included."""
    members = Counter(resource.needs[-1] for resource in resources if resource.address.kind is Kind.ASSIGNMENT)
    for pool in pools:
        if pool.assigns is not None:
            members[pool.assigns] += pool.size
    return members


def _remarks(campaign: Address, count: int, limit: int) -> Iterator[Notice]:
    """What is worth knowing of a campaign that is within its limit; 45 of 49 is where "near" begins."""
    if count == 0:
        message = "no number sends for this campaign; one that stays without may be charged for after 60 days"
        yield Notice("info", message, str(campaign))
    elif -(-limit * 9 // 10) <= count <= limit:
        message = f"{count} of at most {limit} numbers: more need a number pool that the carriers approved"
        yield Notice("warning", message, str(campaign))
