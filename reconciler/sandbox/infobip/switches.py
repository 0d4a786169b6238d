"""The switches of the sandbox Infobip: what no document says of it, and the misbehaviour worth surviving."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from reconciler.sandbox import spelling
from reconciler.sandbox.switches import Of, Switches


@dataclass(frozen=True)
class InfobipSwitches(Switches):
    """The behaviour of one Infobip account."""

    taken: Annotated[
        str, Of("400", "404", "404-empty", about="what buying a number answers that is no longer on offer")
    ] = "400"
    purchase_again: Annotated[
        str, Of("refused", "charges", about="buying with a key that this account already bought with")
    ] = "refused"
    purchase_status: Annotated[str, Of("200", "201", about="the status of a purchase that succeeded")] = "200"
    key_changes: Annotated[bool, Of(True, False, about="whether the key changes at purchase")] = True
    key_style: Annotated[
        str, Of("percent", "path", "plain", about="some keys hold `%`, or `/` and `..`, or none does")
    ] = "percent"
    unknown_key: Annotated[
        str, Of("404", "404-empty", about="what GET and DELETE of a key answer that is not the account's")
    ] = "404"
    number_match: Annotated[str, Of("contains", "prefix", "exact", about="how the `number` filter matches")] = (
        "contains"
    )
    page_cap: Annotated[int, Of(1000, 50, 20, about="the most rows on a page, whatever `limit` asks for")] = 1000
    large_limit: Annotated[
        str, Of("cut", "400", about="whether a `limit` beyond the documented 50 is cut to that, or refused")
    ] = "cut"
    paging: Annotated[
        str,
        Of(
            "intact",
            "repeated",
            "shifting",
            "endless",
            "wrong-count",
            "size-ignored",
            about="pages that repeat a row, miss a row, never end, count wrongly, or ignore `limit`",
        ),
    ] = "intact"
    list_lag_seconds: Annotated[
        float, Of(0, 5, 120, 900, about="how long a bought number is missing from the owned list")
    ] = 0
    list_hidden: Annotated[
        bool, Of(False, True, about="the list of owned numbers is empty though the account owns some")
    ] = False
    available_lag_seconds: Annotated[
        float, Of(0, 120, about="how long a bought number is still listed as available, under its old key")
    ] = 0
    reservation_seconds: Annotated[
        float, Of(0, 60, about="how long a bought number shows `reservationStatus` PENDING")
    ] = 0
    row_spelling: Annotated[str, Of(*spelling.MANNERS, about=spelling.ABOUT)] = "plain"
    purchase_body: Annotated[
        bool, Of(True, False, about="whether a purchase is answered with the number, or with a 201 without a body")
    ] = True
    reservation_word: Annotated[
        str,
        Of(
            "",
            "PENDING",
            "BILLING_FAILED",
            "ERROR",
            "RESERVATION_FAILED",
            "ON_HOLD",
            about="the `reservationStatus` that a bought number has for good; empty: none",
        ),
    ] = ""
    listed_twice: Annotated[
        str,
        Of(
            "no",
            "dedicated",
            "shared",
            about="whether numbers that end in 5 are listed under a second key, and as what",
        ),
    ] = "no"
    offered_as: Annotated[
        str, Of("dedicated", "shared", "both", about="as what the numbers that end in 5 are on offer")
    ] = "dedicated"
    prices: Annotated[
        str,
        Of(
            "numbers",
            "text",
            "noise",
            "lower-case",
            "blanks",
            "comma",
            "no-setup",
            "no-currency",
            about="how a price is written: JSON numbers, decimal text, with what floating point leaves, `eur`, `EUR `, "
            "a comma for the point, `setupPrice` null, `currency` null",
        ),
    ] = "numbers"
    charges: Annotated[
        str,
        Of(
            "quoted",
            "dearer",
            "unreadable",
            "untold",
            about="what a purchase is answered to cost: as quoted, a thousand times that, no amount, or nothing at all",
        ),
    ] = "quoted"
    error_form: Annotated[
        str,
        Of("requestError", "errorCode", about="the form of error bodies: the documented or the newer one"),
    ] = "requestError"
    rate_limits: Annotated[str, Of("off", "documented", about="whether the documented limits are enforced")] = "off"
