"""Words from outside, made safe to print, save and compare.

A carrier's text is untrusted output: it may carry control characters, terminal escapes or a CI system's
workflow commands. A webhook URL may carry a password, so its full form is never printed or saved. Of a webhook that
is kept in the environment the path may be the secret: of that, scheme and host alone are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

from reconciler.model.rfc3986 import normal

LONGEST_QUOTE = 200
"""Characters of a carrier's text that are ever shown."""

_CONTROL = re.compile(
    r"[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    r"\U000e0000-\U000e007f]+"
)
"""Control characters, and what is invisible or changes the direction of what follows."""
_COMMAND = re.compile("(?::(?=:))|(?:#(?=#))")
"""Where ``::`` (GitHub) or ``##`` (Azure, older GitHub) would begin a workflow command."""

_LOGIN = re.compile(r"\b([A-Za-z][A-Za-z0-9+.-]+:/{1,2})\S*@")
"""The user information of a URL, of one too that was taken for a path: everything to the last ``@``, as a password may
hold one that nobody encoded."""
_URL = re.compile(r"\b(https?:(?:\\?/){2})(?:[^\s\"'<>]*@)?([^\s\"'<>/\\?#]+)[^\s\"'<>]*", re.IGNORECASE)
"""A web address in running text, its slashes perhaps escaped as JSON may have them; groups: scheme, host."""


def plain(text: object, limit: int = LONGEST_QUOTE) -> str:
    """``text`` on one line, without control or direction characters or workflow commands, at most ``limit`` long."""
    line = _COMMAND.sub(r"\g<0> ", _CONTROL.sub(" ", str(text))).strip()
    return line if len(line) <= limit else line[: limit - 1] + "…"


def quoted(text: object, limit: int = LONGEST_QUOTE) -> str:
    """A carrier's words as they may be shown and kept: :func:`plain`, and of web addresses only scheme and host."""
    return plain(without_paths(str(text)), limit)


def without_logins(text: str) -> str:
    """``text`` with the user information of every URL in it masked."""
    return _LOGIN.sub(r"\1***@", text)


def without_paths(text: str) -> str:
    """``text`` with every web address in it cut to scheme and host: what a carrier quotes may be a webhook's secret."""
    return _URL.sub(lambda found: f"{found[1]}{found[2]}", text)


def without_paths_within(value: Any) -> Any:
    """A JSON value with :func:`without_paths` in each of its texts."""
    if isinstance(value, str):
        return without_paths(value)
    if isinstance(value, Mapping):
        return {name: without_paths_within(inner) for name, inner in value.items()}
    return [without_paths_within(inner) for inner in value] if isinstance(value, list) else value


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class WebhookUrl:
    """A URL that may be a secret: it compares by the whole, and shows only scheme, host and path.

    ``hidden``: it comes from the environment, and even its path is not shown.
    Two URLs are equal when they have one normal form.
    """

    _raw: str
    hidden: bool = False

    def reveal(self) -> str:
        """The whole URL, for the carrier's request and for nothing else."""
        return self._raw

    @property
    def shown(self) -> str:
        """Scheme, host, port and path (of a hidden one not even that): what may be printed, saved and recorded."""
        parts = urlsplit(self._raw)
        path = "" if self.hidden else parts.path
        return plain(urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], path, "", "")), 2048)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What of its path may not come back in anybody's words: of a hidden one the whole and its segments."""
        if not self.hidden:
            return ()
        path = urlsplit(self._raw).path
        segments = path.split("/")
        return tuple(filter(None, {path.strip("/"), *segments, *map(unquote, segments)}))

    def hide(self) -> WebhookUrl:
        """The same, of which only scheme and host are ever shown."""
        return replace(self, hidden=True)

    @property
    def canonical(self) -> str:
        """The whole URL in the normal form of RFC 3986."""
        return str(normal(self._raw))

    def but_for_a_slash(self, other: WebhookUrl) -> bool:
        """Whether the two differ by one slash at the end of the path, and by nothing else."""
        return normal(self._raw).but_for_a_slash(normal(other._raw))

    @property
    def but_for_a_slash_forms(self) -> tuple[str, ...]:
        """The normal forms that differ from this one's by that."""
        return tuple(map(str, normal(self._raw).but_for_a_slash_forms))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, WebhookUrl) and self.canonical == other.canonical

    def __hash__(self) -> int:
        return hash(self.canonical)

    def __str__(self) -> str:
        return self.shown

    def __repr__(self) -> str:
        return f"WebhookUrl({self.shown!r})"


def shows_no_path(shown: str) -> bool:
    """Whether a URL as it was shown, saved or recorded has no path: then it may be one of which none is ever shown."""
    return not urlsplit(shown).path.strip("/")
