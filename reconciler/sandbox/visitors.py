"""Who may use the hand on a sandbox: programs of this machine, and no page that a browser here happens to show.

A browser sends a page's requests to loopback too, and a name of the page's own may lead there (DNS rebinding). It says
so in its headers, which no page can forge:

===================================  ==========================================================================
header                               lets in
===================================  ==========================================================================
``Host``                             a name or address of this machine; anything else is a name that was rebound
``Sec-Fetch-Site``                   ``same-origin``, ``none``, or that there is none: no browser
``Origin``, and else ``Referer``     the very host of the request, or that there is none
``Content-Type`` of what is posted   any but the two that only a browser's form sends
===================================  ==========================================================================
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

_OF_FORMS = ("text/plain", "multipart/form-data")


def objection(headers: Mapping[str, str]) -> str | None:
    """Why a request with those headers, their names in lower case, is not served; None where it is."""
    host = headers.get("host", "")
    if "host" in headers and not is_this_machine(host):
        return "the Host of a request to /-/ must be this machine: use http://127.0.0.1 or http://localhost"
    if headers.get("sec-fetch-site", "none").lower() not in ("same-origin", "none"):
        return "a page of another site may not use /-/"
    for name in ("origin", "referer"):
        if name in headers and _place(headers[name]) != host.lower():
            return "a page of another site may not use /-/"
    if headers.get("content-type", "").partition(";")[0].strip().lower() in _OF_FORMS:
        return "what is posted to /-/ is JSON: send it as application/json"
    return None


def is_this_machine(host: str) -> bool:
    """Whether the value of a ``Host`` header, with a port or without, is a loopback name or address."""
    try:
        parts = urlsplit(f"//{host}")
        name, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    if parts.netloc != host or "@" in host:
        return False
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name.removesuffix(".") == "localhost" or name.removesuffix(".").endswith(".localhost")


def _place(url: str) -> str:
    """Host and port of a page's address; nothing for ``null`` and whatever is none."""
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:
        return ""
