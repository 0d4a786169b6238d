"""iNumbering's answers as our nouns: what a body says of itself, its telephone numbers, and its rows.

An answer is judged by its body; errors come as HTTP 4xx or as 200 with an error inside, and both read the same here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from reconciler.model import Address, Found, Kind, Offer, Resource, Status
from reconciler.model.phone import is_nanp
from reconciler.model.safe_text import quoted
from reconciler.providers import complaints, listed, reads
from reconciler.providers.http.messages import Answer
from reconciler.providers.inumbering import quirks
from reconciler.providers.reads import UnreadableError, failure

_TEN_DIGITS = re.compile(r"(?:\+?1)?([0-9]{10})")
_NO_ID = frozenset({"", "0", "null", "none", "false", "undefined", "nan"})
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

    None when the answer contradicts itself or says nothing that can be believed: what stands under another status than
    2xx and 4xx may be a proxy's, or yesterday's.
    """
    if answer.fault is not None or not (answer.ok or quirks.is_error(answer.status)):
        return None
    said = whole_number(body(answer).get("statusCode"))
    if said is None:
        return answer.status if answer.status in quirks.BARE_STATUSES else None
    if said != quirks.SUCCESS:
        return said
    succeeded = answer.ok and str(body(answer).get("status")).casefold() == "success"
    return quirks.SUCCESS if succeeded else None


def text(answer: Answer) -> str:
    """What the answer says in words: upstream errors stand in ``status``, the proxy's own in ``message``."""
    said = (body(answer).get(key) for key in ("status", "message"))
    return " ".join(message for message in said if isinstance(message, str))


def order_id(answer: Answer) -> str:
    """The ``orderId``, text or integer; empty when there is none, in whatever spelling."""
    told = quoted(_text(body(answer).get("orderId"))).strip()
    return "" if told.casefold() in _NO_ID else told


def why(answer: Answer) -> str:
    """Why an answer is of no use, with the body's code where it differs from the HTTP status."""
    return failure(answer) + _code_beside(answer)


def said(answer: Answer) -> str:
    """The carrier's words about a write, with the body's code where it differs from the HTTP status."""
    return f"{answer.message}{_code_beside(answer)}".strip()


def denies(answer: Answer) -> bool:
    """Whether ``answer`` refuses who asks, by its status or by a code in its body."""
    return reads.denies(answer) or whole_number(body(answer).get("statusCode")) in reads.DENIED


def _code_beside(answer: Answer) -> str:
    told = whole_number(body(answer).get("statusCode"))
    return "" if told in (None, answer.status, quirks.SUCCESS) else f" (code {told})"


def rows(answer: Answer, field: str) -> list[Any]:
    """The rows under ``field`` of a success; else raises :class:`UnreadableError`."""
    check_success(answer)
    found = body(answer).get(field)
    if not isinstance(found, list):
        raise UnreadableError(f"HTTP {answer.status}: {field} is no list of rows")
    return found


def check_success(answer: Answer) -> None:
    """Raise :class:`UnreadableError` for a read that is no success, or one with an error in it."""
    if code(answer) != quirks.SUCCESS:
        raise UnreadableError(why(answer), denied=denies(answer))
    if complaint := complaints.of_head(body(answer)):
        raise UnreadableError(f"HTTP {answer.status}: an error in a success: {complaint}")


def offers(answer: Answer) -> Found:
    """The numbers on offer; "no result" is none. Prices are not told. Raises :class:`UnreadableError`."""
    if _is_none(answer, "tnResult"):
        return Found()
    found, doubt = listed.by_number(rows(answer, "tnResult"), "telephoneNumber", e164)
    return Found([Offer(tn, row=same[0]) for tn, same in found.items()], doubt)


def exact_offer(tn: str, answer: Answer) -> list[Offer]:
    """The offer of ``tn`` in the answer to its exact mask; empty when it is not offered.

    An answer with other numbers did not heed the mask and proves nothing, nor does one with a row that cannot be read:
    raises :class:`UnreadableError`.
    """
    found = offers(answer)
    exact = [offer for offer in found if offer.tn == tn][:1]
    if found.doubt and not exact:
        raise UnreadableError(found.doubt)
    if found and not exact:
        raise UnreadableError(f"HTTP {answer.status}: the answer is about other numbers than the one asked for")
    return exact


def counts(answer: Answer) -> list[Mapping[str, Any]]:
    """The rows of a coverage; "no result" is none. Raises :class:`UnreadableError`."""
    return [] if _is_none(answer, "tnInventoryCoverageList") else _objects(answer, "tnInventoryCoverageList")


def owned(account: str, answer: Answer) -> tuple[dict[str, Resource], str]:
    """TN -> number, for all that the account lists, its short codes left out, and why what it does not list is not
    proved absent. Raises :class:`UnreadableError`."""
    if quirks.is_empty_account(code(answer), body(answer).get("numbers")):
        return {}, ""
    found, doubt = listed.by_number(rows(answer, "numbers"), "number", e164)
    return {tn: _one_of(account, tn, same) for tn, same in found.items()}, doubt


def _one_of(account: str, tn: str, same: list[listed.Row]) -> Resource:
    """The number of these rows; one that is listed with several routes is neither the one nor the other."""
    routes = dict.fromkeys(whole_number(row.get("route")) for row in same)
    if len(routes) == 1:
        return number(account, tn, next(iter(routes)))
    carrier_status = f"listed {len(same)} times, with the routes {', '.join(map(str, routes))}"
    return replace(number(account, tn, None), status=Status.UNKNOWN, carrier_status=carrier_status)


def exactly_owned(account: str, tn: str, answer: Answer) -> dict[str, Resource]:
    """``tn``, if it is owned, in a list asked for by its digits; other rows alone raise :class:`UnreadableError`."""
    found, doubt = owned(account, answer)
    if tn in found:
        return {tn: found[tn]}
    if found or doubt:
        raise UnreadableError(
            doubt or f"HTTP {answer.status}: the answer is about other numbers than the one asked for"
        )
    return {}


def number(account: str, tn: str, route: int | None) -> Resource:
    """An owned number; a route that cannot be read is left out."""
    return Resource(Address(Kind.NUMBER, tn), account, {} if route is None else {"route": route})


def assigned(
    answer: Answer, campaigns: Sequence[str], without: Collection[str] = ()
) -> tuple[dict[str, list[str]], dict[str, str]]:
    """TN -> the campaigns that have it, of those asked for, and campaign -> why what it does not list is not proved
    absent: it is not in the map, or a number of its own cannot be read. Raises :class:`UnreadableError`.

    An empty map may come as an empty list, as PHP writes it. Those of ``without`` may rightly be missing from it.
    """
    check_success(answer)
    told = _map(body(answer).get("campaign_numbers"))
    if told is None:
        raise UnreadableError(f"HTTP {answer.status}: the answer has no map of campaign_numbers")
    members: dict[str, list[str]] = {}
    doubts: dict[str, str] = {}
    for campaign in campaigns:
        if campaign in without and campaign not in told:
            continue
        found, doubt = _campaign_numbers(campaign, told)
        doubts |= {campaign: doubt} if doubt else {}
        for tn in found:
            members.setdefault(tn, []).append(campaign)
    return members, doubts


def _campaign_numbers(campaign: str, told: Mapping[str, Any]) -> tuple[list[str], str]:
    """The numbers of one campaign, which a map with gaps may hold in place of a list."""
    numbers = told.get(campaign)
    if isinstance(numbers, dict):
        numbers = list(numbers.values())
    if not isinstance(numbers, list):
        lacking = "lacks" if campaign not in told else "has no list of numbers for"
        return [], f"the campaign map that was asked for {lacking} {campaign}"
    found, doubt = listed.by_number([{"number": tn} for tn in numbers], "number", e164)
    return list(found), doubt


def registry(answer: Answer) -> dict[str, str]:
    """Campaign -> the word for how it stands at the registry, of those that have one; an error tells none."""
    if code(answer) != quirks.SUCCESS:
        return {}
    told = _map(body(answer).get("campaign_event_status")) or {}
    return {
        campaign: quoted(carrier_status)
        for campaign, carrier_status in told.items()
        if isinstance(carrier_status, str) and carrier_status.strip()
    }


def routes(answer: Answer) -> tuple[frozenset[int], str]:
    """The ids of the account's gateways, and why there may be more. Raises :class:`UnreadableError`."""
    told = rows(answer, "gateways")
    ids = [whole_number(row.get("route")) if isinstance(row, dict) else None for row in told]
    unreadable = len([route for route in ids if route is None])
    doubt = f"the list of gateways has {unreadable} that cannot be read" if unreadable else ""
    return frozenset(route for route in ids if route is not None), doubt


def row_of(tn: str, answer: Answer, fields: Sequence[str]) -> Mapping[str, Any] | None:
    """The row about ``tn`` under one of ``fields``, each of which is a list, null or missing."""
    return next((row for row in _told(answer, fields) if e164(row.get("number")) == tn), None)


def numbers_in(answer: Answer, fields: Sequence[str]) -> set[str]:
    """The numbers that have a row under one of ``fields``."""
    return {tn for row in _told(answer, fields) if (tn := e164(row.get("number")))}


def _told(answer: Answer, fields: Sequence[str]) -> list[Mapping[str, Any]]:
    lists = [body(answer).get(field) for field in fields]
    return [row for rows in lists if isinstance(rows, list) for row in rows if isinstance(row, dict)]


def _is_none(answer: Answer, field: str) -> bool:
    """Whether a search says "no result", by its code or by a null where the rows would be."""
    if code(answer) == quirks.SUCCESS:
        return field in body(answer) and body(answer)[field] is None and not complaints.of_head(body(answer))
    return code(answer) == quirks.NO_RESULT


def _objects(answer: Answer, field: str) -> list[Mapping[str, Any]]:
    """The rows under ``field``, all of which are objects. Raises :class:`UnreadableError`."""
    found = rows(answer, field)
    if not all(isinstance(row, dict) for row in found):
        raise UnreadableError(f"HTTP {answer.status}: {field} is no list of rows")
    return found


def _map(value: object) -> Mapping[str, Any] | None:
    """A map, whose empty form may be an empty list; None for anything else."""
    if isinstance(value, dict):
        return value
    return {} if value == [] else None


def _text(value: object) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
