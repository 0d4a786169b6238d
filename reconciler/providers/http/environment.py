"""Proxy and CA bundle, from the environment and said explicitly.

``requests`` left to itself would also read ``.netrc``, whose entry replaces our ``Authorization`` header.
"""

from __future__ import annotations

import ipaddress
import re
import ssl
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

from requests.utils import DEFAULT_CA_BUNDLE_PATH

from reconciler.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

CA_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
"""The first one set names the CA bundle: a file, or a directory of hashed certificates."""

_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?\.?")


def proxies_for(base_url: str, environ: Mapping[str, str]) -> dict[str, str]:
    """Scheme -> proxy for ``base_url``: empty for none, and always for a loopback address.

    Reads ``HTTPS_PROXY`` or ``HTTP_PROXY`` by the scheme, then ``ALL_PROXY``; and ``NO_PROXY``. Each name is
    looked for in lower case first.
    """
    url = urlsplit(base_url)
    host = url.hostname or ""
    name, proxy = _first(environ, f"{url.scheme}_proxy", "all_proxy")
    if not proxy or is_loopback(host) or _excepted(host, url.port, _first(environ, "no_proxy")[1]):
        return {}
    return {url.scheme: _proxy(name, proxy)}


def _first(environ: Mapping[str, str], *names: str) -> tuple[str, str]:
    """The first variable of ``names`` that is set, in lower case or in capitals, and its value; else empty texts."""
    every = (spelled for name in names for spelled in (name, name.upper()))
    return next(((name, environ[name].strip()) for name in every if environ.get(name, "").strip()), ("", ""))


def _proxy(name: str, text: str) -> str:
    """The URL of a proxy, its user name and password encoded; raises UsageError, which shows neither."""
    scheme, separator, rest = text.partition("://")
    scheme, rest = (scheme.lower(), rest) if separator else ("http", text)
    login, at, place = rest.rpartition("@")
    if scheme not in ("http", "https"):
        raise UsageError(f"the proxy in {name} is not an HTTP proxy", hint=_hint(name))
    try:
        parts = urlsplit(f"//{place}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    if _HOST.fullmatch(host) is None and not _is_address(host):
        raise UsageError(f"the proxy in {name} cannot be read", hint=_hint(name))
    user, colon, password = login.partition(":")
    quoted = f"{_encoded(user)}{colon}{_encoded(password)}{at}"
    return f"{scheme}://{quoted}{f'[{host}]' if ':' in host else host}{f':{port}' if port is not None else ''}"


def _hint(name: str) -> str:
    return f"let {name} be http://HOST:PORT, unset it, or list the carrier's host in NO_PROXY"


def _encoded(text: str) -> str:
    """``text`` as it may stand in a URL, whether it was encoded or not."""
    return quote(unquote(text), safe="")


def _is_address(host: str) -> bool:
    try:
        return bool(ipaddress.ip_address(host))
    except ValueError:
        return False


def tls_context(environ: Mapping[str, str]) -> ssl.SSLContext:
    """The context that verifies carriers; raises ``UsageError`` when the CA bundle named cannot be read."""
    variable = next((name for name in CA_VARIABLES if environ.get(name)), None)
    if variable is None:
        return ssl.create_default_context(cafile=DEFAULT_CA_BUNDLE_PATH)
    bundle = Path(environ[variable])
    try:
        if bundle.is_dir():
            return ssl.create_default_context(capath=bundle)
        return ssl.create_default_context(cafile=bundle)
    except (OSError, ValueError) as error:  # SSLError is an OSError
        raise UsageError(
            f"the CA bundle that {variable} names cannot be read",
            hint=f"let {variable} name a file or directory of PEM certificates, or unset it",
        ) from error


def is_loopback(host: str) -> bool:
    """Whether ``host`` is this machine by its name or address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _excepted(host: str, port: int | None, no_proxy: str) -> bool:
    """Whether ``no_proxy`` has the host, a domain above it or all (``*``); ``host:port``, that port only."""
    for rule in no_proxy.lower().replace(",", " ").split():
        name, _, rule_port = rule.rpartition(":") if rule.count(":") == 1 else (rule, "", "")
        domain = name.lstrip("*").lstrip(".")
        if rule == "*" or host == rule.strip("[]"):
            return True
        if domain and (host == domain or host.endswith(f".{domain}")) and rule_port in ("", str(port)):
            return True
    return False
