"""A carrier may repeat our request in its error text: credentials and what a webhook URL keeps secret are taken out."""

from __future__ import annotations

import base64
import binascii
import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus, unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from reconciler.providers.http.messages import Auth

SHORTEST = 4
"""Characters: anything shorter is no secret, and taking it out would shred every text."""

SHORTEST_IN_DATA = 8
"""The same of what is taken out of a body's own values: a number or a word must not be torn by a short key."""

MASK = "***"


class Redactor:
    """Replaces everything secret in one call's credentials and body, also URL-, base64- and JSON-encoded.

    ``more`` are secrets in it that cannot be told from the rest.
    """

    def __init__(self, auth: Auth, sent: Mapping[str, Any] | None = None, more: Sequence[str] = ()) -> None:
        self._auth = auth
        self._sent = sent or {}
        self._more = tuple(more)

    def __call__(self, text: str) -> str:
        """``text`` without the secrets."""
        if not text:
            return text  # most answers say nothing, and the forms need not be worked out for those
        pattern = _pattern((*_secrets(self._auth), *_secrets_of_urls(self._sent), *self._more))
        return pattern.sub(MASK, text) if pattern else text

    def of_data(self, value: Any, content: bytes) -> Any:
        """``value``, which ``content`` was parsed to, without the credentials of the call in any of its texts.

        No carrier has a reason to repeat them, and a row or a state is shown and recorded in many places. What else
        was sent stays: a webhook that is read back is compared.
        """
        secrets = tuple(_credentials(self._auth))
        plainly = content.replace(b"\\/", b"/").lower()
        if b"\\" not in plainly and not any(form in plainly for form in _in_data(secrets)):
            return value
        pattern = _pattern(secrets, SHORTEST_IN_DATA)
        return value if pattern is None else _without(pattern, value)


def _without(pattern: re.Pattern[str], value: Any) -> Any:
    if isinstance(value, str):
        return pattern.sub(MASK, value)
    if isinstance(value, list):
        return [_without(pattern, inner) for inner in value]
    if isinstance(value, dict):
        return {_without(pattern, name): _without(pattern, inner) for name, inner in value.items()}
    return value


@lru_cache(maxsize=256)
def _in_data(secrets: tuple[str, ...]) -> tuple[bytes, ...]:
    """The forms of ``secrets`` in a body, in lower case: to look for them is a fraction of a search by pattern."""
    return tuple({form.lower().encode("utf-8", "replace") for form in _forms_of(secrets, SHORTEST_IN_DATA)})


def _forms_of(secrets: tuple[str, ...], shortest: int) -> set[str]:
    # Twice: a body is JSON already, and may be quoted in a URL or in JSON once more.
    return {form for secret in secrets for once in _forms(secret) for form in _forms(once) if len(form) >= shortest}


@lru_cache(maxsize=256)
def _pattern(secrets: tuple[str, ...], shortest: int = SHORTEST) -> re.Pattern[str] | None:
    """What finds ``secrets`` in every form; None where none is long enough to be one. Most calls have the same."""
    longest_first = sorted(_forms_of(secrets, shortest), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE) if longest_first else None


def _secrets(auth: Auth) -> Iterator[str]:
    """The secret values, and the user name of Basic."""
    yield from _credentials(auth)
    yield from (pair.partition(":")[0] for pair in _pairs(auth))


def _credentials(auth: Auth) -> Iterator[str]:
    """The secret values: of headers also without their scheme, and of Basic the password apart."""
    yield from auth.body.values()
    for value in auth.headers.values():
        yield value
        yield value.partition(" ")[2]
    for pair in _pairs(auth):
        yield pair
        yield pair.partition(":")[2]


def _pairs(auth: Auth) -> Iterator[str]:
    """User name and password, with a colon between, of each header of Basic."""
    for value in auth.headers.values():
        scheme, _, credential = value.partition(" ")
        if scheme.lower() == "basic":
            yield _decoded(credential)


def _secrets_of_urls(sent: Mapping[str, Any]) -> Iterator[str]:
    """Of every URL in a body: the whole, and its user information and query, each also in parts and decoded."""
    for text in sent.values():
        if isinstance(text, str) and "://" in text:
            parts = urlsplit(text)
            login = parts.netloc.rpartition("@")[0]
            hidden = (
                login,
                *login.split(":", 1),
                parts.query,
                *(pair.partition("=")[2] for pair in parts.query.split("&")),
            )
            if any(hidden):
                yield from (text, *hidden, *map(unquote, hidden))


def _forms(secret: str) -> Iterator[str]:
    """``secret`` as it may come back."""
    raw = secret.encode("utf-8", "surrogateescape")
    yield secret
    yield quote(raw)
    yield quote(raw, safe="")
    yield quote_plus(raw)
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield base64.b64encode(raw).decode().rstrip("=")
    yield base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decoded(credential: str) -> str:
    try:
        return base64.b64decode(credential, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
