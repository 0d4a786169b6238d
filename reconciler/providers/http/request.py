"""A call as it goes over the wire: every path segment reaches its own resource and no other.

``requests`` and ``urllib3`` tidy URLs: ``..`` climbs, ``%2E`` becomes a dot again. A ``numberKey`` comes from
a carrier and may hold anything, so the URL is built here and set after ``requests`` has prepared the rest.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import requests

from reconciler import __version__
from reconciler.providers.http.messages import Tn

if TYPE_CHECKING:
    from reconciler.providers.http.messages import ApiCall, Auth

_HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "gzip, deflate",
    "User-Agent": f"tnctl/{__version__}",
}


def prepare(base_url: str, call: ApiCall, auth: Auth) -> requests.PreparedRequest:
    """The request of ``call`` under ``base_url``, credentials included.

    ``ValueError`` when it cannot be written: half a surrogate pair, an empty segment, a header of two lines.
    """
    headers = {**_HEADERS, **auth.headers}
    body: bytes | None = None
    if call.json is not None or auth.body:
        body = json.dumps({**(call.json or {}), **auth.body}, allow_nan=False).encode()
        headers["Content-Type"] = "application/json"
    request = requests.Request(call.method, base_url, headers=headers, data=body).prepare()
    request.url = (request.url or base_url).rstrip("/") + target(call)
    return request


def target(call: ApiCall) -> str:
    """Path and query of ``call`` below the base URL: ``/sms/1/numbers/a%2Fb?limit=50``."""
    path = "".join(f"/{_segment(segment)}" for segment in call.path) + "/" * call.trailing_slash
    return f"{path}?{urlencode(call.query, doseq=True, quote_via=quote, safe='')}" if call.query else path


def _segment(text: str) -> str:
    """``text`` as exactly one path segment, also where it is a dot segment."""
    if not text:
        raise ValueError("an empty path segment would name another resource")
    if isinstance(text, Tn) and text.startswith("+"):
        return "+" + quote(text[1:], safe="")
    quoted = quote(text, safe="")
    return quoted.replace(".", "%2E") if text in (".", "..") else quoted
