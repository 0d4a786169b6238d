"""The sibling calls of an account that has them (``/v2.1/numbers/…``, ``/v2.1/messaging/…``, ``/v2.1/gateways/…``)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from reconciler.sandbox import spelling
from reconciler.sandbox.carrier import Ruling
from reconciler.sandbox.inumbering.state import GATEWAYS, INumberingState
from reconciler.sandbox.ledger import Event
from reconciler.sandbox.messages import Request, Response

PORTING = "Special Status: The number is currently porting."
"""The documented reason of a number that cannot be released."""

Row = dict[str, Any]


def numbers_list(state: INumberingState, request: Request, now: datetime) -> Ruling:
    """Owned numbers, filtered by part of the number or by route; none: 404 and the *string* "Not Found"."""
    fields = request.fields()
    part, route = fields.get("number"), fields.get("route")
    rows = [
        spelling.write(_listed_row(tn, held), "number", state.switches.row_spelling)
        for tn, held in sorted(state.book["owned"].items())
        if _listed(state, held, now) and route in (None, held["route"]) and (part is None or str(part) in tn[2:])
    ]
    if rows:
        return Ruling(state.success(numbers=rows))
    return Ruling(state.failed(404, {"status": "Error", "statusCode": "404", "numbers": "Not Found"}))


def _listed_row(tn: str, held: Mapping[str, Any]) -> Row:
    return {"number": tn[2:], "route": str(held["route"]), "ip": GATEWAYS[held["route"]]}


def _listed(state: INumberingState, held: Mapping[str, Any], now: datetime) -> bool:
    switches = state.switches
    return not switches.list_hidden and now.timestamp() >= held["at"] + switches.list_lag_seconds


def numbers_disconnect(state: INumberingState, request: Request, now: datetime) -> Ruling:
    """Release numbers; those that cannot be are named in a 409, the others go all the same."""
    rows = _number_rows(request)
    if rows is None:
        return Ruling(state.failure(400, "Field Required: numbers"))
    tns = list(dict.fromkeys(f"+1{row['number']}" for row in rows))
    gone = [tn for tn in tns if tn in state.book["owned"] and tn not in state.book["porting"]]

    def release() -> None:
        for tn in gone:
            state.give_back(tn, now)

    done = [{"number": tn[2:]} for tn in gone]
    if len(gone) == len(tns):
        return Ruling(state.success(message="Numbers removed", numbers=done), release)
    if state.switches.porting_refusal == "text" and not gone:
        return Ruling(state.failure(409, PORTING))
    errors = [_undisconnected(state, tn) for tn in tns if tn not in gone]
    return Ruling(_conflict(state, "Remove result", done, numbers_error=errors), release)


def _undisconnected(state: INumberingState, tn: str) -> Row:
    if tn in state.book["porting"]:
        return {"number": tn[2:], "reason": PORTING}
    return {"number": tn[2:]}


def numbers_route(state: INumberingState, request: Request, now: datetime) -> Ruling:
    """Set the route of numbers; those that cannot be are named in a 409, the others are set all the same."""
    rows = _number_rows(request)
    if rows is None or not all(isinstance(row.get("route"), int) for row in rows):
        return Ruling(state.failure(400, "Field Required: numbers"))
    failed = [_unrouted(row) for row in rows if not _routable(state, row)]
    done = [{"number": str(row["number"]), "route": row["route"]} for row in rows if _routable(state, row)]

    def reroute() -> None:
        for row in done:
            state.reroute(f"+1{row['number']}", row["route"])
            state.log(now, Event.ROUTE, f"+1{row['number']}", reference=str(row["route"]))

    if not failed:
        return Ruling(state.success(message="Route results", numbers=done), reroute)
    return Ruling(_conflict(state, "Route result", done, numbers_failed=failed), reroute)


def _routable(state: INumberingState, row: Row) -> bool:
    return f"+1{row['number']}" in state.book["owned"] and row["route"] in GATEWAYS


def _unrouted(row: Row) -> Row:
    message = "Failed" if row["route"] in GATEWAYS else "Invalid Route"
    return {"number": str(row["number"]), "route": row["route"], "message": message}


def _conflict(state: INumberingState, message: str, done: list[Row], **failed: list[Row]) -> Response:
    document = {"status": "Error", "statusCode": "409", "message": message, "numbers_success": done or None}
    return state.failed(409, {**document, **failed})


def _number_rows(request: Request) -> list[Row] | None:
    """``numbers`` of the body, each a row with an integer ``number``; None for another shape."""
    rows = request.fields().get("numbers")
    if not isinstance(rows, list) or not rows:
        return None
    shaped = all(isinstance(row, dict) and type(row.get("number")) is int for row in rows)
    return rows if shaped else None


def messaging_campaigns(state: INumberingState, request: Request, now: datetime) -> Ruling:
    """Which numbers each of the campaigns asked for has."""
    try:
        asked = [row["campaignID"] for row in request.fields()["campaignIDs"]]
    except (KeyError, TypeError):
        return Ruling(state.failure(400, "Field Required: campaignIDs"))
    known = [campaign for campaign in asked if campaign in state.book["campaigns"]]
    manner = state.switches.unknown_campaign
    if len(known) < len(asked) and manner == "400":
        return Ruling(state.failure(400, "Invalid campaignID"))
    shown = asked if manner == "empty" else known
    numbers = {campaign: _assigned(state, campaign, now) for campaign in shown}
    if state.switches.campaign_map == "without-empty":
        numbers = {campaign: tns for campaign, tns in numbers.items() if tns}
    word = state.switches.campaign_word
    return Ruling(
        state.success(
            message="Campaign results",
            campaign_numbers=numbers or ({} if state.switches.campaign_map == "whole" else []),
            campaign_event_status=dict.fromkeys(known, word) if word else {},
        )
    )


def _assigned(state: INumberingState, campaign: str, now: datetime) -> list[Any]:
    prefix = "1" if state.switches.campaign_number_digits == "11" else ""
    visible = now.timestamp() - state.switches.list_lag_seconds
    return [
        _spelled(prefix + tn[2:], state.switches.row_spelling)
        for tn, held in sorted(state.book["assignments"].items())
        if held["campaign"] == campaign and held["at"] <= visible
    ]


def _spelled(digits: str, manner: str) -> Any:
    return spelling.spelled(digits, manner) if digits.endswith("5") else digits


def gateways_list(state: INumberingState, _request: Request, _now: datetime) -> Ruling:
    """The routes that numbers may have."""
    rows = [{"route": str(route), "gateway": gateway} for route, gateway in GATEWAYS.items()]
    return Ruling(state.success(gateways=rows))
