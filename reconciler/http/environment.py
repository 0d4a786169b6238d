"""Proxy and CA bundle, from the environment and said explicitly.

``requests`` left to itself would also read ``.netrc``, whose entry replaces our ``Authorization`` header.
"""

from __future__ import annotations

import ipaddress
import ssl
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from requests.utils import DEFAULT_CA_BUNDLE_PATH

from reconciler.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

CA_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
"""The first one set names the CA bundle: a file, or a directory of hashed certificates."""


def proxies_for(base_url: str, environ: Mapping[str, str]) -> dict[str, str]:
    """Scheme -> proxy for ``base_url``: empty for none, and always for a loopback address.

    Reads ``HTTPS_PROXY`` or ``HTTP_PROXY`` by the scheme, then ``ALL_PROXY``; and ``NO_PROXY``. Each name is
    looked for in lower case first.
    """
    url = urlsplit(base_url)
    host = url.hostname or ""
    proxy = _variable(environ, f"{url.scheme}_proxy") or _variable(environ, "all_proxy")
    if not proxy or is_loopback(host) or _excepted(host, url.port, _variable(environ, "no_proxy")):
        return {}
    if "://" in proxy and urlsplit(proxy).scheme.lower() not in ("http", "https"):
        raise UsageError(
            f"the proxy of {url.scheme.upper()}_PROXY or ALL_PROXY is not an HTTP proxy",
            hint="name an http:// or https:// proxy, or list the carrier's host in NO_PROXY",
        )
    return {url.scheme: proxy}


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
    except (OSError, ssl.SSLError) as error:
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


def _variable(environ: Mapping[str, str], name: str) -> str:
    return environ.get(name) or environ.get(name.upper()) or ""


def _excepted(host: str, port: int | None, no_proxy: str) -> bool:
    """Whether ``no_proxy`` has the host, a domain above it or all (``*``); ``host:port``, that port only."""
    for rule in no_proxy.lower().replace(",", " ").split():
        name, _, rule_port = rule.partition(":")
        domain = name.lstrip("*").lstrip(".")
        if rule == "*" or ((host == domain or host.endswith(f".{domain}")) and rule_port in ("", str(port))):
            return True
    return False
