"""Infobip's answers as our nouns: telephone numbers, pages, rows, prices and reservations.

===========================================  ===========================================================
``reservationStatus``                        Status
===========================================  ===========================================================
missing, null, empty                         ACTIVE
``PENDING``                                  ENABLING
``BILLING_FAILED`` ``RESERVATION_FAILED``    ERROR
``ERROR``
any other value                              UNKNOWN, the word is kept
===========================================  ===========================================================
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from reconciler.model import Address, Found, Kind, Offer, Price, Resource, Status, Unread
from reconciler.model.phone import is_e164
from reconciler.model.safe_text import quoted
from reconciler.providers import complaints, listed, prices
from reconciler.providers.http.messages import Answer
from reconciler.providers.infobip import quirks
from reconciler.providers.reads import UnreadableError, denies, failure, unusable

Row = Mapping[str, Any]

_RESERVATIONS: Mapping[str, Status] = {
    "PENDING": Status.ENABLING,
    "BILLING_FAILED": Status.ERROR,
    "RESERVATION_FAILED": Status.ERROR,
    "ERROR": Status.ERROR,
}

_WHOLE_NUMBER = re.compile(r"[0-9]{1,9}")
_PRICE = prices.Names("currency", "pricePerMonth", "setupPrice", "initialMonthPrice")


def digits(tn: str) -> str:
    """E.164 as the carrier writes it: ``447700900123``."""
    return tn.removeprefix("+")


def e164(value: object) -> str | None:
    """The carrier's digits, text or integer, as E.164; None for anything else (a short code)."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    tn = f"+{text.removeprefix('+')}"
    return tn if is_e164(tn) else None


def page(answer: Answer) -> tuple[list[Row], int]:
    """The rows of a page and ``numberCount``; raises :class:`UnreadableError` for anything that is no such page.

    What is no row stays as an empty one: it may be any number, see :func:`numbers`.
    """
    if not answer.ok:
        raise unusable(answer)
    body = answer.json if isinstance(answer.json, dict) else {}
    if says_failure(body):
        raise unusable(answer, "an error in a success")
    rows, count = body.get("numbers"), _count(body.get("numberCount"))
    if not isinstance(rows, list) or count is None:
        raise unusable(answer, "not a list of numbers with their count")
    return [row if isinstance(row, dict) else {} for row in rows], count


def says_failure(body: Row) -> bool:
    """Whether a body is the carrier's error, in the documented form, the newer one or any other, whatever else is in
    it."""
    return bool(complaints.of_head(body))


def says_failed_purchase(row: Row) -> bool:
    """The same of the row of a purchase, however deep, and in words."""
    told = row.get("message")
    return bool(complaints.anywhere(row) or (isinstance(told, str) and complaints.in_words(told)))


def numbers(rows: Iterable[Row]) -> tuple[dict[str, list[Row]], str]:
    """TN -> its rows, and why a number that has none is not proved absent; short codes and channels are left out."""
    return listed.by_number(rows, "number", e164, exempt=quirks.may_lack_a_number)


def _count(value: object) -> int | None:
    """A count, as a number or as text; None for anything else."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return int(text) if _WHOLE_NUMBER.fullmatch(text) else None


def key(row: Row) -> str:
    """The ``numberKey``; empty when there is none to act with."""
    found = row.get("numberKey")
    return found if isinstance(found, str) else ""


def exact(tn: str, rows: Sequence[Row]) -> list[Row]:
    """The rows of exactly ``tn`` in a list asked for by its digits, however loosely the carrier matches them.

    A row without those digits did not come for this question, so a list with one, and without ``tn``, proves nothing
    about it, nor does one with a row that cannot be read: raises :class:`UnreadableError`.
    """
    named, doubt = numbers(rows)
    if tn in named:
        return named[tn]
    if doubt:
        raise UnreadableError(doubt)
    if any(digits(tn) not in str(other.get("number")) for other in rows):
        raise UnreadableError("the carrier answers with other numbers than the one asked for")
    return []


def the_row(tn: str, answer: Answer) -> Row | None:
    """The row of exactly ``tn`` in the answer to a read by key; None for any other answer.

    Raises :class:`UnreadableError` for a row whose number cannot be read.
    """
    if not answer.ok or not isinstance(answer.json, dict):
        return None
    if says_failure(answer.json):
        why = f"asked for by its key: {failure(answer)} (an error in a success)"
        raise UnreadableError(why, denied=denies(answer))
    named, doubt = numbers([answer.json])
    if doubt:
        raise UnreadableError(f"asked for by its key: {doubt}")
    return next(iter(named.get(tn, ())), None)


def search_filters(query: Mapping[str, Any], *, repeat: bool) -> dict[str, str | Sequence[str]]:
    """``country``, ``capabilities`` (text or a list) and ``contains``, as the carrier's filters; without empty ones.

    ``repeat``: several capabilities repeat the parameter; otherwise they are joined with commas.
    """
    capabilities = query.get("capabilities") or ()
    wanted = capabilities.split(",") if isinstance(capabilities, str) else list(capabilities)
    filters: dict[str, str | Sequence[str]] = {"capabilities": wanted if repeat else ",".join(wanted)}
    filters |= {"country": str(query.get("country") or ""), "number": str(query.get("contains") or "")}
    return {name: value for name, value in filters.items() if value}


def fits(row: Row, query: Mapping[str, Any]) -> bool:
    """Whether an owned number is one that a search for these fields is after; a shared one never is."""
    capabilities = row.get("capabilities")
    able = set(map(str, capabilities)) if isinstance(capabilities, list) else set()
    return (
        not _is_shared(row)
        and set(query.get("capabilities") or ()) <= able
        and query.get("country") in (None, row.get("country"))
        and str(query.get("contains") or "") in str(row.get("number"))
    )


def owned(account: str, rows: Iterable[Row]) -> tuple[dict[str, Resource], dict[str, Unread], str]:
    """TN -> number for what can be read, TN -> why for rows without a key, and why the rest is not proved absent."""
    named, doubt = numbers(rows)
    found = {tn: _one_of(account, tn, same) for tn, same in named.items() if any(map(key, same))}
    return found, {tn: Unread("the account lists it without a numberKey") for tn in named if tn not in found}, doubt


def _one_of(account: str, tn: str, same: Sequence[Row]) -> Resource:
    """The number of these rows. Under several keys nobody can tell which of them is billed, or would be given back."""
    keys = sorted(set(map(key, same)))
    if len(keys) == 1:
        return number(account, tn, same[0])
    carrier_status = f"listed under {len(keys)} numberKeys: {', '.join(quoted(one) or 'none' for one in keys)}"
    return Resource(Address(Kind.NUMBER, tn), account, status=Status.UNKNOWN, carrier_status=carrier_status)


def number(account: str, tn: str, row: Row) -> Resource:
    """An owned number, as listed."""
    status, carrier_status = reservation(row)
    return Resource(
        Address(Kind.NUMBER, tn),
        account,
        external={"numberKey": key(row)},
        status=status,
        carrier_status=carrier_status,
        price=price(row),
        shared=_is_shared(row),
    )


def reservation(row: Row) -> tuple[Status, str]:
    """How the number stands, by the table above, and the carrier's own word for it."""
    carrier_status = row.get("reservationStatus")
    if carrier_status is None or carrier_status == "":
        return Status.ACTIVE, ""
    return _RESERVATIONS.get(str(carrier_status).strip().upper(), Status.UNKNOWN), quoted(carrier_status)


def offer(row: Row) -> Offer | None:
    """A number on offer; None for a row that cannot be bought by a key as a telephone number."""
    tn = e164(row.get("number"))
    if tn is None or not key(row) or quirks.may_lack_a_number(row):
        return None
    country = row.get("country")
    kept = {"numberKey": key(row), "country": quoted(country) if isinstance(country, str) else ""}
    return Offer(tn, external=kept, price=price(row), row=row, shared=_is_shared(row))


def offers(rows: Iterable[Row]) -> Found:
    """The numbers on offer that can be bought, each once, and why there may be more."""
    named, doubt = numbers(rows)
    told = (offer_of(same)[0] for same in named.values())
    return Found([one for one in told if one is not None], doubt)


def offer_of(same: Sequence[Row]) -> tuple[Offer | None, str]:
    """The offer in the rows of one number, a dedicated one rather than a shared one, or why it must not be bought.

    Neither: the rows have no key to buy it with.
    """
    offers = [one for one in map(offer, same) if one is not None]
    preferred = [one for one in offers if not one.shared] or offers
    keys = {one.external["numberKey"] for one in preferred}
    if len(keys) > 1:
        return None, f"it is offered under {len(keys)} numberKeys: {', '.join(sorted(map(quoted, keys)))}"
    return (preferred[0] if preferred else None), ""


def price(row: Row) -> Price | None:
    """What the row says it costs, in its price or beside it; None, unknown and not free, when it says nothing."""
    return prices.of_row(row, _PRICE)


def _is_shared(row: Row) -> bool:
    """Whether it says so, in whatever form; documented is a boolean, and what is none is not taken for a no."""
    return str(row.get("shared")).strip().casefold() not in ("none", "false", "0", "")
