"""Infobip's numbers, rows and pages, as the tests write them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from provider_bench import INFOBIP, want

from reconciler.model import Address, Kind, Resource

TN, OTHER, MINE, AMERICAN = "+447700900123", "+447700900124", "+447700900150", "+12125550123"
NUMBER = Address(Kind.NUMBER, TN)
NEWER = replace(INFOBIP, options={"api_path": "/numbers/1/numbers"})


def number(tn: str = TN, **carrier: Any) -> Resource:
    return want(Kind.NUMBER, tn, carrier)


def row(tn: str = TN, key: Any = "KEY", **fields: Any) -> dict[str, Any]:
    price = {"pricePerMonth": 5, "setupPrice": 0, "currency": "EUR"}
    return {"numberKey": key, "number": tn[1:], "country": "GB", "shared": False, "price": price} | fields


def page(*rows: Any, count: Any = None) -> dict[str, Any]:
    return {"numbers": list(rows), "numberCount": len(rows) if count is None else count}
