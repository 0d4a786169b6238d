"""Search, coverage and order (``/v2/iNumbering/tnInventory/``, ``tnInventoryCoverage/``, ``tnOrder/``)."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

from reconciler.model.phone import is_nanp
from reconciler.sandbox import spelling
from reconciler.sandbox.carrier import Ruling
from reconciler.sandbox.inumbering.state import DEFAULT_ROUTE, GATEWAYS, INumberingState
from reconciler.sandbox.inumbering.stock import RateCenter, inventory
from reconciler.sandbox.messages import Request, Response

LARGEST_SEARCH = 10_000
LONGEST_REFERENCE = 50
_MASK = re.compile(r"[0-9xX]{10}")
_REFERENCE = re.compile(r"[^<\\^~{}>=\[\]!`]*")

Row = dict[str, Any]


def search(state: INumberingState, request: Request, now: datetime) -> Ruling:
    """Numbers on offer by mask and place, cached for as long as the switch says."""
    fields = request.fields()
    if problem := _search_problem(state, fields):
        return Ruling(problem)
    criteria = {key: value for key, value in sorted(fields.items()) if key != "apikey"}
    key = json.dumps(criteria)
    cached = state.book["cache"].get(key)
    lifetime = state.switches.search_cache_seconds
    if cached is not None and now.timestamp() < cached["at"] + lifetime:
        return Ruling(_found(state, cached["rows"]))
    rows = _rows(state, criteria)
    entry = {"at": now.timestamp(), "rows": rows}
    remember = (lambda: state.book["cache"].update({key: entry})) if lifetime else None
    return Ruling(_found(state, rows), remember)


def _search_problem(state: INumberingState, fields: Mapping[str, Any]) -> Response | None:
    for name in ("tnMask", "quantity"):
        if fields.get(name) in (None, ""):
            return state.failure(414, f"Fields Are Required: {name}")
    mask, quantity, lata = fields["tnMask"], fields["quantity"], fields.get("lata", 0)
    if not isinstance(mask, str) or not _MASK.fullmatch(mask):
        return state.failure(409, "Invalid Input Parameters: tnMask")
    if type(quantity) is not int or quantity < 1 or type(lata) is not int:
        return state.failure(409, "Invalid Input Parameters")
    if quantity >= LARGEST_SEARCH:
        return state.failure(417, "Quantity must be less than 10000")
    return None


def _rows(state: INumberingState, criteria: Mapping[str, Any]) -> list[Row]:
    mask = re.compile(criteria["tnMask"].lower().replace("x", "[0-9]"))
    rows: list[Row] = []
    for digits, center in inventory().items():
        if mask.fullmatch(digits) and _in_place(center, criteria) and state.offered(f"+1{digits}"):
            rows.append(_row(digits, center))
            if len(rows) == criteria["quantity"]:
                break
    return rows


def _in_place(center: RateCenter, criteria: Mapping[str, Any]) -> bool:
    place = {"rateCenter": center.name, "province": center.province, "lata": center.lata}
    return all(criteria.get(field) in (None, "", value) for field, value in place.items())


def _row(digits: str, center: RateCenter) -> Row:
    return {
        "telephoneNumber": digits,
        "rateCenter": center.name,
        "city": center.city,
        "lata": center.lata,
        "province": center.province,
    }


def _found(state: INumberingState, rows: list[Row]) -> Response:
    if not rows and state.switches.search_empty == "430":
        return state.failure(430, "No Result Found")
    manner = state.switches.row_spelling
    return state.success(tnResult=[spelling.write(row, "telephoneNumber", manner) for row in rows])


def coverage(state: INumberingState, request: Request, _now: datetime) -> Ruling:
    """How many numbers are on offer, by state, rate center, exchange or block of a thousand."""
    fields = request.fields()
    count_by = fields.get("countBy", "npaNxx")
    if count_by not in _GROUPS:
        return Ruling(state.failure(409, "Invalid Input Parameters: countBy"))
    wanted = {name: fields[name] for name in _FILTERS if fields.get(name) not in (None, "")}
    counts: Counter[tuple[tuple[str, str], ...]] = Counter()
    for digits, cell in _cells().items():
        if wanted.items() <= cell.items() and state.offered(f"+1{digits}"):
            counts[tuple((name, cell[name]) for name in _GROUPS[count_by])] += 1
    rows = [{**dict(group), "count": count} for group, count in counts.items()]
    return Ruling(state.success(tnInventoryCoverageList=rows))


_FILTERS = ("npa", "lata", "rcAbbre", "locState")
_GROUPS = {
    "state": ("locState",),
    "rateCenter": ("rcAbbre", "locState", "lata"),
    "npaNxx": ("npa", "nxx", "lata", "rcAbbre", "locState"),
    "block": ("npa", "nxx", "block", "lata", "rcAbbre", "locState"),
}


@cache
def _cells() -> dict[str, dict[str, str]]:
    """Where each number of the inventory is counted."""
    return {
        digits: {
            "npa": digits[:3],
            "nxx": digits[3:6],
            "block": digits[6],
            "lata": str(center.lata),
            "rcAbbre": center.name,
            "locState": center.province,
        }
        for digits, center in inventory().items()
    }


def order(state: INumberingState, request: Request, now: datetime) -> Ruling:
    """Buy exactly the numbers named, all or none; ``orderId`` is a timestamp that cannot be looked up."""
    placed = request.fields().get("tnOrder")
    items = _items(placed)
    if items is None or not isinstance(placed, dict):
        return Ruling(state.failure(400, "tn should be an array of tnItem"))
    reference = placed.get("customerOrderReference", "")
    if problem := _order_problem(state, items, reference):
        return Ruling(problem)

    def buy() -> None:
        for item in items:
            state.take(f"+1{item['tn']}", item.get("route", DEFAULT_ROUTE), now, reference)

    return Ruling(state.success(orderId=str(int(now.timestamp()))), buy)


def _items(placed: object) -> list[Row] | None:
    tn_list = placed.get("tnList") if isinstance(placed, dict) else None
    items = tn_list.get("tnItem") if isinstance(tn_list, dict) else None
    if not isinstance(items, list) or not items or not all(isinstance(item, dict) for item in items):
        return None
    return items


def _order_problem(state: INumberingState, items: list[Row], reference: object) -> Response | None:
    if not isinstance(reference, str) or len(reference) > LONGEST_REFERENCE or not _REFERENCE.fullmatch(reference):
        return state.failure(410, "Error specific to customerOrderReference", orderId=None)
    for item in items:
        tn, route = item.get("tn"), item.get("route", DEFAULT_ROUTE)
        if type(tn) is not int or not is_nanp(f"+1{tn}"):
            return state.failure(409, "Invalid TN Submitted", orderId=None)
        if type(route) is not int or route not in GATEWAYS:
            return state.failure(409, "Invalid Input Parameters: route", orderId=None)
        if problem := _unavailable(state, f"+1{tn}"):
            return problem
    return None


def _unavailable(state: INumberingState, tn: str) -> Response | None:
    ours = tn in state.book["owned"]
    manner = state.switches.order_again if ours else state.switches.order_taken
    if state.offered(tn) or manner == "buys-again":
        return None
    text = f"TN {tn[2:]} is on an existing order" if ours else f"TN {tn[2:]} is not available"
    if manner == "200-null":
        return state.success(orderId=None, status=text)
    return state.failure(409, text, orderId=None)
