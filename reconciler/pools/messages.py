"""What a plan says of searches, and of slots that nothing could be found for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from reconciler.model import Notice, money
from reconciler.model.fleet import Ceiling, Pool, Search
from reconciler.model.safe_text import plain
from reconciler.pools.allocations import Allocation

NAMED = 5
"""Exchanges that a shortage names."""

_NEARBY: Final = ("npa", "lata", "province", "rate_center")
"""What may be counted where a search found too little; the first that the search tells is asked for."""


@dataclass(frozen=True, slots=True)
class Shortage:
    """A pool that could not be filled: how many slots stay empty, and the carrier's counts of what is on offer near.

    ``unknown_prices``: whether numbers without a known price were taken. ``looked_at``: how many numbers were looked
    at, where the carrier has more. ``currencies``: those of numbers on offer that the pool has no limit in;
    ``unreadable``: how many are on offer at a price that cannot be read.
    """

    pool: Pool
    missing: int
    unknown_prices: bool = True
    looked_at: int = 0
    currencies: Collection[str] = ()
    unreadable: int = 0
    coverage: Sequence[Mapping[str, Any]] = ()


def place(search: Search) -> str:
    """Where a search looks: ``in HACKENSACK, NJ (201xxxxxxx, LATA 224)``; ``in GB (SMS, with 4477)``."""
    fields = search.fields
    where = ", ".join(str(fields[key]) for key in ("rate_center", "province", "country") if fields.get(key))
    details = ", ".join(_details(fields))
    at = f"in {where}" if where else f"at {search.account}"
    return plain(f"{at} ({details})" if details else at)


def on_offer(left: int, shown: int, *, more: bool) -> str:
    """What a number was chosen from: ``200 on offer``; ``12 left of the first 13 on offer``.

    ``left`` of those ``shown`` could be chosen. ``more``: the carrier may have others.
    """
    every = f"the first {shown:,} on offer" if more else f"{shown:,} on offer"
    return every if left == shown else f"{left:,} left of {every}"


def taken_back(allocation: Allocation) -> str:
    """Why a pool gets a number back that one of its slots had."""
    return (
        f"given up as {allocation.slot.name} and never released here, so it goes on costing: it is taken back, and "
        "none is bought in its place; released at the carrier since? then say so: "
        f"`tnctl state resolve {allocation.number} --as not-owned --evidence TEXT`"
    )


def _details(fields: Mapping[str, Any]) -> Iterator[str]:
    if fields.get("tn_mask"):
        yield str(fields["tn_mask"])
    if fields.get("lata"):
        yield f"LATA {fields['lata']}"
    yield from map(str, fields.get("capabilities", ()))
    if fields.get("contains"):
        yield f"with {fields['contains']}"


def coverage_query(search: Search) -> dict[str, Any] | None:
    """What to count where a search found too little: the carrier takes one filter, and under a narrow one, such as
    the rate center that has just run out, there would be nothing to see. None for a search without a place."""
    npa = str(search.fields.get("tn_mask", ""))[:3]
    known = {**search.fields, "npa": npa if npa.isascii() and npa.isdigit() else None}
    key = next((key for key in _NEARBY if known.get(key)), None)
    return {"count_by": "npaNxx", key: known[key]} if key else None


def shortage(short: Shortage, taken: Collection[str]) -> Notice:
    """The warning about slots that stay empty. ``taken`` numbers are counted by the carrier and not to be had."""
    pool = short.pool
    slots = "slot" if pool.size == 1 else "slots"
    searches = " nor ".join(dict.fromkeys(place(search) for search in pool.searches))
    parts = (
        "nothing more",
        f"among the first {short.looked_at:,}" if short.looked_at else "",
        f"on offer {searches}",
        "" if short.unknown_prices else "at a known price",
        " and ".join(_limits(pool)),
    )
    message = (
        f"pool {pool.name}: {short.missing} of {pool.size} {slots} cannot be filled: {' '.join(filter(None, parts))}"
    )
    more = _priced_in(short.currencies), _unread_prices(short.unreadable), _elsewhere(short.coverage, taken)
    return Notice("warning", message + "".join(more))


def _limits(pool: Pool) -> Iterator[str]:
    if pool.max_monthly:
        yield f"within {_amount(pool.max_monthly)} a month"
    if pool.max_setup:
        yield f"within {_amount(pool.max_setup)} set-up"


def _priced_in(currencies: Collection[str]) -> str:
    """That numbers are on offer, and what the limits would have to be written in."""
    if not currencies:
        return ""
    named = " and ".join(sorted(currencies))
    return f"; there are numbers on offer priced in {named}: only a limit in that currency takes them"


def _unread_prices(many: int) -> str:
    """That numbers are on offer which are never bought, as they are."""
    if not many:
        return ""
    have = "number on offer has" if many == 1 else "numbers on offer have"
    return f"; {many:,} {have} a price that cannot be read, and nothing is bought at such a price: ask the carrier"


def _amount(ceiling: Ceiling) -> str:
    return f"{money.show(ceiling.amount, ceiling.currency)} {ceiling.currency}"


def _elsewhere(rows: Sequence[Mapping[str, Any]], taken: Collection[str]) -> str:
    """Where the carrier counts numbers, most first: ``201-389 HACKENSACK (20)``."""
    ours = Counter(tn[2:8] for tn in taken if tn.startswith("+1"))
    counts: dict[str, int] = {}
    for row in rows:
        npa, nxx, count = str(row.get("npa", "")), str(row.get("nxx", "")), row.get("count")
        left = int(str(count)) - ours[npa + nxx] if str(count).isascii() and str(count).isdigit() else 0
        if left > 0:
            counts[plain(f"{npa}-{nxx} {row.get('rcAbbre', '')}".strip())] = left
    named = sorted(counts, key=lambda name: (-counts[name], name))
    listed = ", ".join(f"{name} ({counts[name]})" for name in named[:NAMED])
    more = f" and {len(named) - NAMED} exchanges more" if len(named) > NAMED else ""
    return f"; coverage nearby: {listed}{more}" if listed else ""
