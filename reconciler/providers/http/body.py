"""The body of an answer: how much of it is taken, what counts as JSON, and the carrier's words in it.

Money is read as ``Decimal``, never as a float. What Python's parser takes beyond all use (NaN, half of a
surrogate pair, an exponent that fills the memory) is no JSON here: it could not be stored or printed again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from reconciler.model.safe_text import quoted
from reconciler.providers.http.network_errors import LimitError

if TYPE_CHECKING:
    import requests

LARGEST = 16 * 2**20
"""Bytes of a body, decoded."""

_CHUNK = 2**16
_LARGEST_EXPONENT = 64
_CODE = re.compile(r"[3-9][0-9]{2}")
_WORDS_SCANNED = 4096
"""Characters of a carrier's text that are looked at, before it is cut to what is shown."""


def take(response: requests.Response, check: Callable[[], None]) -> bytes:
    """The whole decoded body; ``check`` is asked after every piece and raises when time is over.

    :class:`LimitError` when there is more than :data:`LARGEST`.
    """
    pieces, size = [], 0
    for piece in response.iter_content(_CHUNK):
        check()
        size += len(piece)
        if size > LARGEST:
            raise LimitError(f"the answer is larger than {LARGEST // 2**20} MiB")
        pieces.append(piece)
    check()
    return b"".join(pieces)


def parse(body: bytes) -> Any:
    """The JSON value of ``body``, fractions as ``Decimal``; ``ValueError`` when it is none, or a key has two values."""
    try:
        value = json.loads(
            body.decode("utf-8-sig"), parse_float=_decimal, parse_constant=_refuse, object_pairs_hook=_unambiguous
        )
        if b"\\ud" in body.lower():
            json.dumps(value, ensure_ascii=False, default=str).encode()
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return value


def words_in(value: Any, redact: Callable[[str], str]) -> str:
    """What a JSON body says in the shapes that the carriers use, without secrets and made plain."""
    return shown(_carrier_words(value), redact)


def with_own_code(message: str, value: Any, status: int) -> str:
    """``message`` with the ``code`` of a JSON body, where that speaks of a failure and is not the HTTP status.

    iNumbering's ``statusCode``, which is there in every answer, is for its provider to tell.
    """
    code = own_code(value)
    if not _CODE.fullmatch(code) or code == str(status):
        return message
    return f"{message} (code {code})" if message else f"code {code}"


def own_code(value: Any) -> str:
    """The ``code`` of a JSON body, whatever it is; empty where it has none."""
    said = value.get("code") if isinstance(value, Mapping) else None
    return str(said) if isinstance(said, str | int) else ""


def words_beside(body: bytes, status: int, redact: Callable[[str], str]) -> str:
    """What is to be said of a body that is no JSON: a short text of an error is quoted, a page is not."""
    start = body[:_WORDS_SCANNED].decode("utf-8", "replace").strip()
    if start.startswith("<"):
        return "HTML instead of JSON"
    if status >= 400 and not start.startswith(("{", "[")):
        return shown(start, redact)
    return "a body that is not JSON"


def words_without(status: int) -> str:
    """What a status says by itself."""
    if 200 <= status < 300:
        return ""
    if 300 <= status < 400:
        return "a redirect, which is never followed"
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "an unknown status"


def shown(text: str, redact: Callable[[str], str]) -> str:
    """``text`` as it may be printed and stored."""
    return quoted(redact(text[:_WORDS_SCANNED].encode("utf-8", "replace").decode()))


def _carrier_words(value: Any) -> str:
    """The text of ``value`` by its shape, in this order::

    {"requestError": {"serviceException": {"messageId", "text", "validationErrors"}}}   Infobip
    {"errorCode", "description"}                                                        Infobip, newer
    {"code", "error"}                                                                   IntelePeer
    {"status", "statusCode", "message"}, the text in either                             iNumbering
    "text"
    """
    if not isinstance(value, Mapping):
        return value if isinstance(value, str) else ""
    envelope = value.get("requestError")
    exception = envelope.get("serviceException") if isinstance(envelope, Mapping) else None
    if isinstance(exception, Mapping):
        return _coded(exception, "text", "messageId") + _validation(exception.get("validationErrors"))
    if description := _coded(value, "description", "errorCode"):
        return description
    return _text(value, "error") or _text(value, "message") or _text(value, "status")


def _coded(value: Mapping[str, Any], text: str, code: str) -> str:
    """``TEXT (CODE)``, or the one of them that is there."""
    message, name = _text(value, text), _text(value, code)
    return f"{message} ({name})" if message and name else message or name


def _validation(errors: Any) -> str:
    """``; field: error, error`` for each field of Infobip's ``validationErrors``."""
    if not isinstance(errors, Mapping):
        return ""
    rows = ((field, error if isinstance(error, list) else [error]) for field, error in errors.items())
    return "".join(f"; {field}: {', '.join(map(str, row))}" for field, row in rows)


def _text(value: Mapping[str, Any], field: str) -> str:
    """The text of ``field``; empty when it is absent or no text."""
    found = value.get(field)
    return found.strip() if isinstance(found, str) else ""


def _decimal(text: str) -> Decimal:
    """A fraction that can be written out: an exponent of a billion would take a gigabyte to print."""
    number = Decimal(text)
    if abs(number.adjusted()) > _LARGEST_EXPONENT:
        raise ValueError("a number beyond all use")
    return number


def _unambiguous(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object in which no key has two values: which of two prices holds is not for us to choose."""
    found = dict(pairs)
    if len(found) != len(pairs) and any(repr(found[key]) != repr(value) for key, value in pairs):
        raise ValueError("a key stands twice, with two values")
    return found


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")
