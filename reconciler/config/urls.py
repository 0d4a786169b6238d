"""Which URLs may be written for a carrier or a webhook: https to anywhere, plain http only to this machine.

No message repeats the URL: it may hold a password.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

LONGEST_URL = 2048

_MISPLACED = re.compile(r"[\s\\]")
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?\.?")


def webhook_problem(url: str) -> str | None:
    """What is wrong with ``url`` as a webhook, in words, or None."""
    parts = _split(url)
    return parts if isinstance(parts, str) else None


def base_problem(url: str) -> str | None:
    """What is wrong with ``url`` as a carrier's base address, in words, or None."""
    parts = _split(url)
    if isinstance(parts, str):
        return parts
    if "@" in parts.netloc:
        return "must not hold a user name or password: write them under `credentials` as references"
    if "?" in url:
        return "must not hold a query: write scheme, host and path only"
    return None


def has_login(url: str) -> bool:
    """Whether ``url`` carries a user name or password before its host."""
    return "@" in urlsplit(url).netloc


def _split(url: str) -> SplitResult | str:
    """The parts of an allowable URL, or what is wrong with it."""
    if len(url) > LONGEST_URL:
        return f"is longer than {LONGEST_URL} characters"
    if not url.isprintable() or _MISPLACED.search(url):
        return "holds a space, a backslash or a control character: percent-encode it"
    if "#" in url:
        return "must not hold a fragment: drop the # and what follows it"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "is not a URL: write https://HOST/PATH"
    if parts.scheme.lower() not in ("http", "https") or not _is_host(host):
        return "is not a URL with a host: write https://HOST/PATH"
    if parts.scheme.lower() == "http" and not _is_loopback(host):
        return "must be https: plain http is only for a loopback address such as http://127.0.0.1:8080"
    return parts


def _is_host(host: str) -> bool:
    """Whether ``host`` is a name in ASCII or an IP address."""
    try:
        return _HOST.fullmatch(host) is not None or bool(ip_address(host))
    except ValueError:
        return False


def _is_loopback(host: str) -> bool:
    """127.0.0.0/8, ::1 and localhost: what never leaves this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
