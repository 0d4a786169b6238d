"""iNumbering's answers as our nouns: what a body says of itself, its telephone numbers, and its rows.

An answer is judged by its body; errors come as HTTP 4xx or as 200 with an error inside, and both read the same here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from reconciler.http import Answer
from reconciler.model import Address, Kind, Offer, Resource
from reconciler.phone import is_nanp
from reconciler.providers.answers import UnreadableError, failure
from reconciler.providers.inumbering import limits
from reconciler.text import plain

_TEN_DIGITS = re.compile(r"(?:\+?1)?([0-9]{10})")
_WHOLE_NUMBER = re.compile(r"[0-9]{1,9}")


def ten_digits(tn: str) -> str:
    """E.164 of the NANP as the carrier writes it: ``2015550123``."""
    return tn.removeprefix("+1")


def is_like(mask: object, tn: str) -> bool:
    """Whether a mask of ten places, each a digit or x, matches ``tn``; without a mask anything does."""
    places = str(mask or "x" * 10).lower()
    digits = ten_digits(tn)
    return len(places) == len(digits) and all(p in ("x", d) for p, d in zip(places, digits, strict=True))


def e164(value: object) -> str | None:
    """The carrier's ten or eleven digits, text or integer, as E.164; None for anything else (a short code)."""
    shape = _TEN_DIGITS.fullmatch(_text(value))
    tn = f"+1{shape.group(1)}" if shape else ""
    return tn if is_nanp(tn) else None


def whole_number(value: object) -> int | None:
    """A route or a code, which comes as text or as an integer; None for anything else."""
    text = _text(value)
    return int(text) if _WHOLE_NUMBER.fullmatch(text) else None


def body(answer: Answer) -> Mapping[str, Any]:
    """The answer's object; empty when it has none."""
    return answer.json if isinstance(answer.json, dict) else {}


def code(answer: Answer) -> int | None:
    """The result code: 200 only when status line, ``statusCode`` and ``status`` all say success; else the error's.

    None when the answer contradicts itself or says nothing that can be believed.
    """
    said = whole_number(body(answer).get("statusCode"))
    if said is None:
        return answer.status if answer.status in limits.BARE_STATUSES else None
    if said != limits.SUCCESS:
        return said
    succeeded = answer.ok and str(body(answer).get("status")).casefold() == "success"
    return limits.SUCCESS if succeeded else None


def text(answer: Answer) -> str:
    """What the answer says in words: upstream errors stand in ``status``, the proxy's own in ``message``."""
    said = (body(answer).get(key) for key in ("status", "message"))
    return " ".join(words for words in said if isinstance(words, str))


def order_id(answer: Answer) -> str:
    """The ``orderId``, text or integer; empty when there is none."""
    return plain(_text(body(answer).get("orderId")))


def why(answer: Answer) -> str:
    """Why an answer is of no use, with the body's code where it differs from the HTTP status."""
    said = whole_number(body(answer).get("statusCode"))
    reason = failure(answer)
    return reason if said in (None, answer.status, limits.SUCCESS) else f"{reason} (code {said})"


def rows(answer: Answer, field: str, key: str = "") -> list[Mapping[str, Any]]:
    """The rows under ``field`` of a success, each of which has ``key``; else raises :class:`UnreadableError`.

    A row without its key means a format that we do not know: what is not among such rows is not proved absent.
    """
    if code(answer) != limits.SUCCESS:
        raise UnreadableError(why(answer))
    listed = body(answer).get(field)
    if not isinstance(listed, list) or not all(isinstance(row, dict) and (not key or key in row) for row in listed):
        raise UnreadableError(f"HTTP {answer.status}: {field} is no list of rows {f'with {key}' if key else ''}")
    return listed


def offers(answer: Answer) -> list[Offer]:
    """The numbers on offer; "no result" is none. Prices are not told. Raises :class:`UnreadableError`."""
    if _is_none(answer, "tnResult"):
        return []
    found = ((e164(row["telephoneNumber"]), row) for row in rows(answer, "tnResult", "telephoneNumber"))
    return [Offer(tn, row=row) for tn, row in found if tn]


def exact_offer(tn: str, answer: Answer) -> list[Offer]:
    """The offer of ``tn`` in the answer to its exact mask; empty when it is not offered.

    An answer with other numbers did not heed the mask and proves nothing: raises :class:`UnreadableError`.
    """
    listed = offers(answer)
    exact = [offer for offer in listed if offer.tn == tn][:1]
    if listed and not exact:
        raise UnreadableError(f"HTTP {answer.status}: the answer is about other numbers than the one asked for")
    return exact


def counts(answer: Answer) -> list[Mapping[str, Any]]:
    """The rows of a coverage; "no result" is none. Raises :class:`UnreadableError`."""
    return [] if _is_none(answer, "tnInventoryCoverageList") else rows(answer, "tnInventoryCoverageList")


def owned(account: str, answer: Answer) -> dict[str, Resource]:
    """TN -> number, for all that the account lists; its short codes are left out. Raises :class:`UnreadableError`."""
    if limits.is_empty_account(code(answer), body(answer).get("numbers")):
        return {}
    listed = rows(answer, "numbers", "number")
    found = ((e164(row["number"]), whole_number(row.get("route"))) for row in listed)
    return {tn: number(account, tn, route) for tn, route in found if tn}


def exactly_owned(account: str, tn: str, answer: Answer) -> dict[str, Resource]:
    """``tn``, if it is owned, in a list asked for by its digits; rows without them raise :class:`UnreadableError`."""
    listed = owned(account, answer)
    if listed and tn not in listed:
        raise UnreadableError(f"HTTP {answer.status}: the answer is about other numbers than the one asked for")
    return {tn: listed[tn]} if listed else {}


def number(account: str, tn: str, route: int | None) -> Resource:
    """An owned number; a route that cannot be read is left out."""
    return Resource(Address(Kind.NUMBER, tn), account, {} if route is None else {"route": route})


def assigned(answer: Answer) -> dict[str, list[str]]:
    """TN -> the campaigns that have it, of those asked for. Raises :class:`UnreadableError`."""
    if code(answer) != limits.SUCCESS:
        raise UnreadableError(why(answer))
    listed = body(answer).get("campaign_numbers")
    if not isinstance(listed, dict) or not all(isinstance(tns, list) for tns in listed.values()):
        raise UnreadableError(f"HTTP {answer.status}: the answer has no map of campaign_numbers")
    campaigns: dict[str, list[str]] = {}
    for campaign, tns in listed.items():
        for tn in filter(None, map(e164, tns)):
            campaigns.setdefault(tn, []).append(campaign)
    return campaigns


def routes(answer: Answer) -> frozenset[int]:
    """The ids of the account's gateways. Raises :class:`UnreadableError`."""
    ids = [whole_number(row["route"]) for row in rows(answer, "gateways", "route")]
    return frozenset(route for route in ids if route is not None)


def row_of(tn: str, answer: Answer, field: str) -> Mapping[str, Any] | None:
    """The row about ``tn`` under ``field``, which is a list, null or missing."""
    listed = body(answer).get(field)
    found = (row for row in listed if isinstance(row, dict)) if isinstance(listed, list) else ()
    return next((row for row in found if e164(row.get("number")) == tn), None)


def _is_none(answer: Answer, field: str) -> bool:
    """Whether a search says "no result", by its code or by a null where the rows would be."""
    if code(answer) == limits.SUCCESS:
        return field in body(answer) and body(answer)[field] is None
    return code(answer) == limits.NO_RESULT


def _text(value: object) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
