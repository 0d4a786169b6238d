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

    from reconciler.http.call import Auth

SHORTEST = 4
"""Characters: anything shorter is no secret, and taking it out would shred every text."""

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


@lru_cache(maxsize=256)
def _pattern(secrets: tuple[str, ...]) -> re.Pattern[str] | None:
    """What finds ``secrets`` in every form; None where none is long enough to be one. Most calls have the same."""
    # Twice: a body is JSON already, and may be quoted in a URL or in JSON once more.
    forms = {form for secret in secrets for once in _forms(secret) for form in _forms(once) if len(form) >= SHORTEST}
    longest_first = sorted(forms, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE) if forms else None


def _secrets(auth: Auth) -> Iterator[str]:
    """The secret values: of headers also without their scheme, and user name and password of Basic apart."""
    yield from auth.body.values()
    for value in auth.headers.values():
        yield value
        scheme, _, credential = value.partition(" ")
        yield credential
        if scheme.lower() == "basic":
            pair = _decoded(credential)
            yield pair
            yield from pair.split(":", 1)


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
