"""The normal form of a URL: RFC 3986, sections 6.2.2 (syntax) and 6.2.3 (scheme), and nothing beyond it.

=========================  ===================================  ======================
what may differ            for example                          normal form
=========================  ===================================  ======================
case of scheme and host    ``HTTPS://Hooks.Example/In``         ``https://hooks.example/In``
percent-encoding           ``/%7ea%2fb``                        ``/~a%2Fb``
dot segments               ``/a/./b/../c``                      ``/a/c``
the scheme's own port      ``https://h:443/``, ``https://h:/``  ``https://h/``
an empty path              ``https://h``                        ``https://h/``
=========================  ===================================  ======================

A slash at the end, the order of a query, an empty query: these are other URLs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

_PARTS = re.compile(r"(?:([^:/?#]+):)?(?://([^/?#]*))?([^?#]*)(\?[^#]*)?(#.*)?", re.DOTALL)
"""Appendix B of the RFC; it matches any text."""
_AUTHORITY = re.compile(r"(?:(.*)@)?(\[[^\]]*\]|[^:]*)(?::([0-9]*))?", re.DOTALL)
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_PORTS = {"https": "443", "http": "80"}


@dataclass(frozen=True, slots=True, repr=False)
class Normal:
    """A URL in its normal form, cut where its path begins and ends. It may hold a secret."""

    head: str
    path: str
    tail: str

    def __str__(self) -> str:
        return self.head + self.path + self.tail

    def but_for_a_slash(self, other: Normal) -> bool:
        """Whether the two differ by one slash at the end of the path, and by nothing else."""
        return other in self.but_for_a_slash_forms

    @property
    def but_for_a_slash_forms(self) -> tuple[Normal, ...]:
        """This URL with one more slash at the end of its path, and with one less where it has one to spare."""
        more = replace(self, path=f"{self.path}/")
        less = [replace(self, path=self.path[:-1])] if self.path.endswith("/") and self.path != "/" else []
        return (more, *less)


def normal(url: str) -> Normal:
    """The normal form of ``url``; what is no URL at all is kept as it is, but for its escapes."""
    match = _PARTS.fullmatch(url)
    scheme, authority, path, query, fragment = match.groups() if match else (None, None, url, None, None)
    scheme = None if scheme is None else scheme.lower()
    path = _escapes(path)
    if authority is not None:
        path = _without_dots(path) if path else "/"
    head = ("" if scheme is None else f"{scheme}:") + ("" if authority is None else f"//{_host(authority, scheme)}")
    return Normal(head, path, _escapes(query or "") + _escapes(fragment or ""))


def _host(authority: str, scheme: str | None) -> str:
    """User information, host and port."""
    match = _AUTHORITY.fullmatch(authority)
    if match is None:
        return authority
    user, host, port = match.groups()
    before = "" if user is None else f"{_escapes(user)}@"
    return before + _escapes(host.lower()).lower() + (f":{port}" if port and port != _PORTS.get(scheme or "") else "")


def _escapes(text: str) -> str:
    """``text`` with unreserved characters as themselves, and all other escapes in upper case."""
    return _ESCAPE.sub(_escape, text) if "%" in text else text


def _escape(match: re.Match[str]) -> str:
    character = chr(int(match[1], 16))
    return character if character in _UNRESERVED else match[0].upper()


def _without_dots(path: str) -> str:
    """Section 5.2.4, of a path that begins with a slash."""
    if "/." not in path:
        return path
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    return "/" + "/".join([*kept, ""] if segments[-1] in (".", "..") else kept)
