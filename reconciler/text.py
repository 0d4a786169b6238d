"""Words from outside, made safe to print, save and compare.

A carrier's text is untrusted output: it may carry control characters, terminal escapes or a CI system's
workflow commands. A webhook URL may carry a password, so its full form is never printed or saved.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

LONGEST_QUOTE = 200
"""Characters of a carrier's text that are ever shown."""

_CONTROL = re.compile(
    r"[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    r"\U000e0000-\U000e007f]+"
)
"""Control characters, and what is invisible or changes the direction of what follows."""
_COMMAND = re.compile("(?::(?=:))|(?:#(?=#))")
"""Where ``::`` (GitHub) or ``##`` (Azure, older GitHub) would begin a workflow command."""


def plain(text: object, limit: int = LONGEST_QUOTE) -> str:
    """``text`` on one line, without control or direction characters or workflow commands, at most ``limit`` long."""
    line = _COMMAND.sub(r"\g<0> ", _CONTROL.sub(" ", str(text))).strip()
    return line if len(line) <= limit else line[: limit - 1] + "…"


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class WebhookUrl:
    """A URL that may be a secret: it compares by the whole, and shows only scheme, host and path.

    Two URLs are equal when they differ only in the case of scheme and host, a default port or an empty path.
    """

    _raw: str

    def reveal(self) -> str:
        """The whole URL, for the carrier's request and for nothing else."""
        return self._raw

    @property
    def shown(self) -> str:
        """Scheme, host, port and path: what may be printed, saved and recorded."""
        parts = urlsplit(self._raw)
        return plain(urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", "")), 2048)

    @property
    def canonical(self) -> str:
        """The whole URL with scheme and host in lower case, no default port, and ``/`` for an empty path."""
        parts = urlsplit(self._raw)
        user, at, host = parts.netloc.rpartition("@")
        host = host.lower().removesuffix({"https": ":443", "http": ":80"}.get(parts.scheme.lower(), "\0"))
        return urlunsplit((parts.scheme.lower(), user + at + host, parts.path or "/", parts.query, parts.fragment))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, WebhookUrl) and self.canonical == other.canonical

    def __hash__(self) -> int:
        return hash(self.canonical)

    def __str__(self) -> str:
        return self.shown

    def __repr__(self) -> str:
        return f"WebhookUrl({self.shown!r})"
