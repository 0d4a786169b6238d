"""Which numbers of a campaign are known not to be US long codes, by their area codes.

A +1 number may be of the United States and its territories, of Canada, of some twenty countries of the Caribbean, or
of no place at all (900). Only tables tell, those of the library ``phonenumbers``, and tables age. So it is a warning
and never an error, and of an area code that they do not know nothing is said. The rest of a number is not looked at:
the library calls some numbers invalid that are in use, or set aside for fiction.

========================  =======================================================
what the library says     what is said
========================  =======================================================
of the US, a long code    nothing
of the US, of other use   a warning: premium rates, personal numbers
of another country        a warning that names it
nothing                   nothing
========================  =======================================================
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final

from reconciler.model import Kind, Mark, Notice, Resource, phone
from reconciler.model.fleet import Pool
from reconciler.model.suggestions import quoted

MOST_NAMED: Final = 3
"""Numbers of one area code that a warning names; the others it counts."""

_UNITED_STATES: Final = frozenset({"US", "AS", "GU", "MP", "PR", "VI"})
"""With the territories, by ISO 3166-1."""

_SUBSCRIBERS: Final = tuple(f"{first}345678" for first in "23456789")
"""What is put behind an area code to ask about it: in some the library knows a few exchanges only."""


def outside(resources: Iterable[Resource], pools: Iterable[Pool]) -> Iterator[Notice]:
    """A warning for each area code without US long codes that a campaign has numbers of, or a pool looks there."""
    members: dict[str, dict[str, Mark | None]] = {}
    for code, called, mark in (*_numbers(resources), *_searches(pools)):
        members.setdefault(code, {}).setdefault(called, mark)
    for code, found in members.items():
        wrong = _unlike(code)
        if wrong is not None:
            mark = next(iter(found.values()))
            message = f"{_several(list(found))} in a campaign, and campaigns are for US long codes"
            yield Notice(
                "warning", f"{mark}: {message}, but area code {code} {wrong}: check that, or remove `campaign`"
            )


def _numbers(resources: Iterable[Resource]) -> Iterator[tuple[str, str, Mark | None]]:
    """Area code, number and place of each number that sends for a campaign."""
    for resource in resources:
        tn = resource.address.name
        if resource.address.kind is Kind.ASSIGNMENT and phone.is_nanp(tn):
            yield tn[2:5], quoted(tn), resource.mark


def _searches(pools: Iterable[Pool]) -> Iterator[tuple[str, str, Mark | None]]:
    """Area code, pool and its place for each search under one area code whose numbers are to send for a campaign."""
    for pool in pools:
        for search in pool.searches:
            code = str(search.fields.get("tn_mask", ""))[:3]
            if code.isdecimal() and any(resource.address.kind is Kind.ASSIGNMENT for resource in search.template):
                yield code, f"pool {quoted(pool.name)}", pool.mark


def _several(called: list[str]) -> str:
    """``A is``, ``A, B and C are``, ``A, B, C and 9 more are``."""
    if len(called) == 1:
        return f"{called[0]} is"
    if len(called) > MOST_NAMED:
        return f"{', '.join(called[:MOST_NAMED])} and {len(called) - MOST_NAMED} more are"
    return f"{', '.join(called[:-1])} and {called[-1]} are"


@cache
def _unlike(code: str) -> str | None:
    """What makes an area code another than those of US long codes; None when nothing does, as far as is known."""
    import phonenumbers  # takes 60 ms, and most runs have no need of it

    long_codes = (
        phonenumbers.PhoneNumberType.FIXED_LINE,
        phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
        phonenumbers.PhoneNumberType.MOBILE,
    )
    for subscriber in _SUBSCRIBERS:
        number = phonenumbers.PhoneNumber(country_code=1, national_number=int(code + subscriber))
        region, type_ = phonenumbers.region_code_for_number(number), phonenumbers.number_type(number)
        if region is None or type_ == phonenumbers.PhoneNumberType.UNKNOWN:
            continue
        if region not in _UNITED_STATES:
            return f"belongs to {region}, not to the US"
        return None if type_ in long_codes else "has no long codes"
    return None
