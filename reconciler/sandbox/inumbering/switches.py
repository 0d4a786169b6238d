"""The switches of the sandbox iNumbering: what no document says of it, and the misbehaviour worth surviving."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from reconciler.sandbox import spelling
from reconciler.sandbox.switches import Of, Switches


@dataclass(frozen=True)
class INumberingSwitches(Switches):
    """The behaviour of one iNumbering account."""

    errors_as: Annotated[
        str, Of("http", "body", about="whether an error is a real HTTP 4xx or a 200 whose body says it")
    ] = "http"
    error_text_in: Annotated[str, Of("message", "status", about="which field of an error body holds the words")] = (
        "message"
    )
    brand_exists: Annotated[
        str, Of("470", "409", "200", about="what adding a brand again answers; 409 says `already exists`")
    ] = "470"
    campaign_exists: Annotated[
        str, Of("409", "470", "200", about="what adding a campaign again answers; 409 says `already exists`")
    ] = "409"
    order_again: Annotated[
        str,
        Of(
            "200-null",
            "409",
            "buys-again",
            about="ordering a number that this account has; the last charges twice",
        ),
    ] = "200-null"
    order_taken: Annotated[
        str, Of("409", "200-null", about="ordering a number that somebody else has, or that does not exist")
    ] = "409"
    partial_assignment: Annotated[
        str, Of("425", "432", about="a batch with an unusable number: the rest is assigned, or none")
    ] = "425"
    search_empty: Annotated[str, Of("430", "empty", about="how a search shows that it found nothing")] = "430"
    search_cache_seconds: Annotated[
        float, Of(0, 600, about="how long a search keeps answering what it answered first")
    ] = 0
    list_lag_seconds: Annotated[
        float, Of(0, 5, 120, 900, about="how long a new number or assignment is missing from the lists")
    ] = 0
    list_hidden: Annotated[
        bool, Of(False, True, about="the list of owned numbers is empty though the account owns some")
    ] = False
    campaign_number_digits: Annotated[str, Of("11", "10", about="the form of the numbers in the campaign map")] = "11"
    unknown_campaign: Annotated[
        str,
        Of("omitted", "empty", "400", about="how the campaign map shows a campaign that the account lacks"),
    ] = "omitted"
    row_spelling: Annotated[str, Of(*spelling.MANNERS, about=spelling.ABOUT)] = "plain"
    campaign_word: Annotated[
        str,
        Of(
            "CAMPAIGN_DCA_COMPLETE",
            "ACTIVE",
            "CAMPAIGN_BILLED",
            "CAMPAIGN_SHARE_ADD",
            "CAMPAIGN_SHARE_DELETE",
            "MNO_CAMPAIGN_OPERATION_SUSPENDED",
            "CAMPAIGN_EXPIRED",
            "CAMPAIGN_INVALID_ID",
            "CAMPAIGN_SOMETHING_NEW",
            "",
            about="the word for how every campaign stands at the registry; none: it is not in that map",
        ),
    ] = "CAMPAIGN_DCA_COMPLETE"
    campaign_map: Annotated[
        str,
        Of("whole", "without-empty", about="whether the map lacks campaigns without numbers, and is then a list"),
    ] = "whole"
    assigned_again: Annotated[
        str,
        Of("moves", "exists", "exists-unnamed", about="assigning a number that a campaign has: done, or 409 in words"),
    ] = "moves"
    refused_batch: Annotated[
        str, Of("no", "409", about="whether a number that is not on the account has its whole batch refused")
    ] = "no"
    porting_refusal: Annotated[
        str, Of("row", "text", about="whether the refusal to release a porting number names it in a row")
    ] = "row"
    requests_per_second: Annotated[float, Of(0, 20, about="the rate limit of each call; 0: none")] = 0
