"""Infobip's budgets, page sizes and quirks, each with its source and the date it was read.

S: seed document, V: the vendor's OpenAPI file and documentation; all read 2026-01.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconciler.model.phone import is_nanp
from reconciler.providers.http.budget import Rate

BUDGETS: Mapping[str, Rate] = {
    "listAvailable": Rate(1, burst=2),
    "listOwned": Rate(1, burst=2),
    "getOwned": Rate(10),
    "purchase": Rate(1),
    "cancel": Rate(1),
}
"""Documented for each account (V)."""

MAX_IN_FLIGHT = 4

PAGE = 1_000
"""Rows asked for when everything is listed. No maximum is published, so what comes back is what counts."""

PAGE_REFUSALS = frozenset({400, 422})
"""What a page may be answered that is larger than the carrier takes (undocumented)."""

PAGE_BY_NUMBER = 50
"""Rows asked for when one number is looked up: the documented default (S)."""

MOST_ASKED_AFTER = 100
"""Numbers on record that a whole list may lack and that are then asked for one by one; more means a wrong list."""

MOST_PAGES = 5_000
"""Of a whole list: more would take longer than any run."""

MOST_PAGES_BY_NUMBER = 20
"""Of the rows for one number: more means that the filter was not heeded."""

MOST_SEARCH_PAGES = 100

NEWER_PATH = "/numbers/1/numbers"

_NO_TELEPHONE_NUMBERS = frozenset(
    {"SHORT_CODE", "SHORT_CODE_USSD", "WHATSAPP", "VIBER", "VIBER_VOICE", "FACEBOOK", "RCS", "TELEGRAM"}
    | {"KAKAO_SANGDAM", "OPEN_CHANNEL"}
)


def sold_by_number(api_path: str) -> frozenset[str]:
    """The countries whose numbers are bought by number and not by key: the US on the newer path (V)."""
    return frozenset({"US"}) if api_path == NEWER_PATH else frozenset()


def is_bought_by_number(api_path: str, country: object, tn: str) -> bool:
    """Whether a purchase names the number instead of its key.

    Where the offer told no country, a number of the NANP is taken for an American one.
    """
    countries = sold_by_number(api_path)
    return country in countries or (bool(countries) and not country and is_nanp(tn))


def may_lack_a_number(row: Mapping[str, Any]) -> bool:
    """Whether a row may have no ``number``: short codes and chat channels are listed among the numbers (V)."""
    return row.get("type") in _NO_TELEPHONE_NUMBERS


def repeats_capabilities(api_path: str) -> bool:
    """Whether several capabilities repeat the parameter: the newer path (V); the older joins them with a comma (S)."""
    return api_path == NEWER_PATH
