"""Which URLs may be written for a carrier or a webhook: https to anywhere, plain http only to this machine.

A webhook's is written out or kept in the environment. No message repeats a URL: it may hold a password.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from reconciler.config.node import Node
from reconciler.config.problems import Problems
from reconciler.model import Notice
from reconciler.model.safe_text import WebhookUrl
from reconciler.model.suggestions import quoted

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


@dataclass(slots=True)
class Webhooks:
    """Makes URLs of the nodes of ``webhook``. With ``stand_ins`` a missing variable gives one."""

    environ: Mapping[str, str]
    stand_ins: bool
    problems: Problems
    notices: list[Notice] = field(default_factory=list)
    _made: dict[int, WebhookUrl | None] = field(default_factory=dict)

    def url(self, node: Node) -> WebhookUrl | None:
        """The URL of a sound ``webhook`` node; None, and a problem, when there is none to be had."""
        if id(node) not in self._made:
            text = self._from_environment(node) if isinstance(node.value, dict) else str(node.value)
            self._made[id(node)] = None if text is None else self._checked(node, text)
        return self._made[id(node)]

    def _from_environment(self, node: Node) -> str | None:
        """What the variable of ``{env: NAME}`` holds."""
        name = node.text_at("env")
        if name is None:
            return None
        value = self.environ.get(name)
        if value is None and self.stand_ins:
            return f"https://hooks.example.com/{name}"
        if value is None:
            self.problems.add(node.mark, f"environment variable {quoted(name)} is not set: set it to the webhook's URL")
        elif not value.strip():
            self.problems.add(node.mark, f"environment variable {quoted(name)} is empty: set it to the webhook's URL")
            return None
        return value

    def _checked(self, node: Node, text: str) -> WebhookUrl | None:
        """``text`` as a URL, if it may be one."""
        wrong = webhook_problem(text)
        if wrong is not None:
            self.problems.add(node.mark, f"`webhook` {wrong}")
            return None
        if isinstance(node.value, str) and has_login(text):
            message = "the webhook's user name or password stands in the file: keep the URL in a variable, {env: NAME}"
            self.notices.append(Notice("warning", f"{node.mark}: {message}"))
        return WebhookUrl(text, hidden=isinstance(node.value, dict))
