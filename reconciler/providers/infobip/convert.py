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

from reconciler.http import Answer
from reconciler.model import Address, Kind, Offer, Price, Resource, Status
from reconciler.phone import is_e164
from reconciler.providers import prices
from reconciler.providers.answers import UnreadableError, failure
from reconciler.providers.infobip import limits
from reconciler.text import plain

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

    A row that ought to name a number and does not means a format that we do not know: what is not among such rows
    is not proved absent.
    """
    if not answer.ok:
        raise UnreadableError(failure(answer))
    body = answer.json if isinstance(answer.json, dict) else {}
    rows, count = body.get("numbers"), _count(body.get("numberCount"))
    if not isinstance(rows, list) or count is None:
        raise UnreadableError(f"{failure(answer)} (not a list of numbers with their count)")
    if not all(isinstance(row, dict) and ("number" in row or limits.may_lack_a_number(row)) for row in rows):
        raise UnreadableError(f"HTTP {answer.status}: a row of the list has no number")
    return rows, count


def _count(value: object) -> int | None:
    """A count, as a number or as text; None for anything else."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return int(text) if _WHOLE_NUMBER.fullmatch(text) else None


def key(row: Row) -> str:
    """The ``numberKey``; empty when there is none to act with."""
    found = row.get("numberKey")
    return found if isinstance(found, str) else ""


def about(tn: str, rows: Iterable[Row]) -> Row | None:
    """The row of exactly ``tn``, a dedicated one rather than a shared one."""
    return min((row for row in rows if e164(row.get("number")) == tn), key=_is_shared, default=None)


def exact(tn: str, rows: Sequence[Row]) -> Row | None:
    """The row of exactly ``tn`` in a list asked for by its digits, however loosely the carrier matches them.

    A row without those digits did not come for this question, so a list with one, and without ``tn``, proves nothing
    about it: raises :class:`UnreadableError`.
    """
    row = about(tn, rows)
    if row is None and any(digits(tn) not in str(other.get("number")) for other in rows):
        raise UnreadableError("the carrier answers with other numbers than the one asked for")
    return row


def the_row(tn: str, answer: Answer) -> Row | None:
    """The row of exactly ``tn`` in the answer to a read by key; None for any other answer."""
    return about(tn, [answer.json]) if answer.ok and isinstance(answer.json, dict) else None


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


def owned(account: str, rows: Sequence[Row]) -> tuple[dict[str, Resource], dict[str, str]]:
    """TN -> number for what can be read, and TN -> why for rows without a key; the other rows are left out."""
    named = ((e164(row.get("number")), row) for row in sorted(rows, key=_is_shared, reverse=True))
    chosen = {tn: row for tn, row in named if tn}
    found = {tn: number(account, tn, row) for tn, row in chosen.items() if key(row)}
    return found, {tn: "the account lists it without a numberKey" for tn in chosen if tn not in found}


def number(account: str, tn: str, row: Row) -> Resource:
    """An owned number, as listed."""
    status, word = reservation(row)
    kept = {"numberKey": key(row)}
    return Resource(Address(Kind.NUMBER, tn), account, carrier=kept, status=status, word=word, price=price(row))


def reservation(row: Row) -> tuple[Status, str]:
    """How the number stands, by the table above, and the carrier's own word for it."""
    word = row.get("reservationStatus")
    if word is None or word == "":
        return Status.ACTIVE, ""
    return _RESERVATIONS.get(str(word), Status.UNKNOWN), plain(word)


def offer(row: Row) -> Offer | None:
    """A number on offer; None for a row that cannot be bought by a key as a telephone number."""
    tn = e164(row.get("number"))
    if tn is None or not key(row) or limits.may_lack_a_number(row):
        return None
    country = row.get("country")
    kept = {"numberKey": key(row), "country": plain(country) if isinstance(country, str) else ""}
    return Offer(tn, carrier=kept, price=price(row), row=row, shared=_is_shared(row))


def price(row: Row) -> Price | None:
    """What the row says it costs; None, which is unknown and not free, when it says nothing."""
    return prices.read(row.get("price"), _PRICE)


def _is_shared(row: Row) -> bool:
    return row.get("shared") is True
