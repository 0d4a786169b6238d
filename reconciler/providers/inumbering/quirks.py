"""iNumbering's budgets, batch sizes, result codes and quirks, each with its source and the date it was read.

S: seed document, V: the vendor's OpenAPI files and SDK, M: secondary public material; all read 2026-01.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from reconciler.providers.http.budget import Rate

BUDGETS: Mapping[str, Rate] = {"*": Rate(20, burst=10)}
"""Undocumented, so this is ours. A 429 pauses it; an account may set its own."""

MAX_IN_FLIGHT = 4

ASSIGNMENTS_A_CALL = 1_000
"""Far below the documented 100,000 (V), so that one unanswered call leaves few numbers to look up."""

CAMPAIGNS_A_CALL = 100
"""Of a read. The documented maximum of the newer API (V); of this one none is known."""

ANY_NUMBER = "x" * 10
"""The mask that every number matches (S)."""

COUNT_BY = "npaNxx"
"""How coverage counts when it is not told (S)."""

SUCCESS, PARTIAL_SUCCESS, NO_RESULT, EXISTS, NOT_FOUND = 200, 425, 430, 470, 404

KEY_REFUSALS = frozenset({401, 408})
"""Body codes that speak of the API key (V, M), under whatever HTTP status."""

REFUSALS = frozenset({400, 401, 403, 404, 405, 408, 409, 414, 417, 422, 432})
"""Body codes after which nothing was ordered: bad input, key (401, 408), invalid TN or parameter (409), missing
field (414), too many (417, 422), TN excluded (432) (V, M). Not 410 (a database's error), 411 (unknown) and 431 (try
again): an order may have gone through before them."""

REGISTRATION_REFUSALS = REFUSALS | {NO_RESULT}
"""For brands, campaigns and assignments, "no result found" is a refusal: the brand or campaign is not there (V)."""

FOR_EVERY_NUMBER = frozenset({401, 403, 405, 408})
"""Refusals of a batch that are about no number of it: each alone would be refused alike."""

ACCOUNT_REFUSALS = frozenset({400, 401, 403, 405, 408, 414, 422})
"""The same for the sibling calls; what 404 and 409 mean for one number is told by the rows, or by a read."""

CAMPAIGN_REFUSALS = frozenset({400, 404, 409, NO_RESULT})
"""Codes by which a read of several campaigns may be refused for one that the account lacks (undocumented)."""

BARE_STATUSES = frozenset({400, 401, 403, 404, 405, 422, NO_RESULT, EXISTS})
"""HTTP statuses believed without the carrier's body. The others may come from a proxy on the way, such as 408."""

_OF_PROXIES = frozenset({407, 429})

_EXISTING_ORDER = re.compile(r"\bexisting\s+order\b", re.IGNORECASE)
_THERE = re.compile(
    r"(?<!not )\balready\s+(been\s+)?(exists?|assigned|associated|attached|added)\b"
    r"|\balready\s+(in|on|has|under|in use by)\s+((a|the|this)\s+)?campaign\b",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(r"\b(another|other|different)\b|\bremov(e|es|ed|ing|al)\b", re.IGNORECASE)
_EXISTS = re.compile(r"\bexists\b", re.IGNORECASE)
_NEGATED = re.compile(r"\b(no|not|none|never|nor|without|cannot)\b|n't\b", re.IGNORECASE)
_CAMPAIGN = re.compile(r"(\bcampaign\W+)?\b(C[A-Z0-9]{6})\b", re.IGNORECASE)
_PORTING = re.compile(r"\bport(ing|ed)\b|\bport[\s-]*(in|out)\b|\bactive port\b", re.IGNORECASE)
_PUT_OFF = re.compile(r"\b(pending|queued|await\w*|approval|scheduled)\b", re.IGNORECASE)
_ALREADY_EXISTS = re.compile(r"\balready\s+exists\b", re.IGNORECASE)


def is_error(status: int | None) -> bool:
    """Whether an HTTP status is one over which the carrier's own errors come (V: 4xx)."""
    return status is not None and 400 <= status < 500 and status not in _OF_PROXIES


def on_existing_order(text: str) -> bool:
    """Whether an order was refused because the TN is on one already, maybe ours (M: a 200 with a null ``orderId``)."""
    return bool(_EXISTING_ORDER.search(text))


def already_exists(text: str) -> bool:
    """Whether a brand or campaign is registered already, whatever the code beside it (V: 470 with such a text)."""
    return bool(_ALREADY_EXISTS.search(text))


def is_elsewhere(text: str) -> bool:
    """Whether what exists already is another one, or another account's."""
    return bool(_ELSEWHERE.search(text))


def is_there(text: str) -> bool:
    """Whether an assignment was refused because the number has a campaign already, in whatever words (undocumented) but
    those of another account or campaign, or of a removal."""
    said = _THERE.search(text) or (_EXISTS.search(text) and not _NEGATED.search(text))
    return bool(said) and not is_elsewhere(text)


def other_campaigns(text: str, campaign: str) -> set[str]:
    """The ids of campaigns that ``text`` names, ``campaign`` aside.

    An id is C and six capital letters or digits (V). A word of seven letters may look like one: it counts where it has
    a digit, where it alone is in capitals, or right behind "campaign".
    """
    capitals = text == text.upper()
    named = {
        word.upper()
        for behind, word in _CAMPAIGN.findall(text)
        if behind or any(map(str.isdigit, word)) or (word.isupper() and not capitals)
    }
    return named - {campaign.upper()}


def is_porting(text: str) -> bool:
    """Whether a release was refused because the number is being ported (V: "Special Status: The number is currently
    porting.")."""
    return bool(_PORTING.search(text))


def is_put_off(text: str) -> bool:
    """Whether the words of a release that was taken say that it is not done yet, or may never be (undocumented)."""
    return bool(_PUT_OFF.search(text)) or is_porting(text)


def is_empty_account(code: int | None, numbers: object) -> bool:
    """Whether a list answer means "no numbers": 404 with a string where the list is expected (V)."""
    return code == NOT_FOUND and numbers == "Not Found"
