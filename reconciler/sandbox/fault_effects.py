"""The faults that change an answer, each as a pure function from the carrier's own answer to the spoiled one.

The carrier's refusal goes in as well, so that a planted 500 or 409 has the words that carrier would use.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import cache
from http import HTTPStatus
from typing import Any

from reconciler.sandbox.messages import JSON_TYPE, Response

Refuse = Callable[[int, str], Response]
Corruption = Callable[[Response, Refuse, datetime], Response]

STATUSES = {
    400: "Bad request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict",
    422: "Unprocessable entity",
    500: "Internal server error",
    502: "Bad gateway",
    503: "Service unavailable",
    504: "Gateway timeout",
}
REDIRECTS = (301, 302, 303, 307, 308)
ELSEWHERE = "https://elsewhere.example/collect"
PAGE = b"<!doctype html><html><body><h1>It works</h1></body></html>"
BOMB_SIZE = 64 * 1024 * 1024


def status(code: int) -> Corruption:
    """The carrier refuses with that status."""
    return lambda _answer, refuse, _now: refuse(code, STATUSES[code])


def throttled(retry_after: Callable[[datetime], str | None]) -> Corruption:
    """429, with the ``Retry-After`` that the function makes of the carrier's clock; None: without one."""

    def corrupt(_answer: Response, refuse: Refuse, now: datetime) -> Response:
        value = retry_after(now)
        return with_header(refuse(429, "Too many requests"), "Retry-After", value)

    return corrupt


def redirected(code: int) -> Corruption:
    """A redirect to a host that must never see the credential."""
    return lambda _answer, _refuse, _now: Response(code, {"Location": ELSEWHERE})


def page(code: int) -> Corruption:
    """A page of HTML."""
    return lambda _answer, _refuse, _now: Response(code, {"Content-Type": "text/html"}, PAGE)


def rewritten(change: Callable[[Any], Any]) -> Corruption:
    """The answer with every object of its body changed; an answer without JSON stays as it is."""

    def corrupt(answer: Response, _refuse: Refuse, _now: datetime) -> Response:
        document = answer.json()
        if document is None:
            return answer
        return _with_body(answer, json.dumps(_walk(document, change)).encode())

    return corrupt


def with_header(response: Response, name: str, value: str | None) -> Response:
    """The response with one more header, or without that header."""
    headers = {key: kept for key, kept in response.headers.items() if key != name}
    return Response(response.status, headers if value is None else {**headers, name: value}, response.body)


def _with_body(answer: Response, body: bytes) -> Response:
    return Response(answer.status, answer.headers, body)


def _walk(value: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(value, dict):
        return change({key: _walk(inner, change) for key, inner in value.items()})
    if isinstance(value, list):
        return [_walk(inner, change) for inner in value]
    return value


def _wrong_content_type(answer: Response, _refuse: Refuse, _now: datetime) -> Response:
    return with_header(answer, "Content-Type", "text/plain")


def _truncated_json(answer: Response, _refuse: Refuse, _now: datetime) -> Response:
    return _with_body(answer, answer.body[: len(answer.body) // 2] or b"{")


def _bad_gzip(answer: Response, _refuse: Refuse, _now: datetime) -> Response:
    body = gzip.compress(answer.body or b"{}", mtime=0)
    return with_header(_with_body(answer, body[:12] + b"\xff\xfe" + body[14:]), "Content-Encoding", "gzip")


def _gzip_bomb(answer: Response, _refuse: Refuse, _now: datetime) -> Response:
    return with_header(_with_body(answer, _bomb()), "Content-Encoding", "gzip")


@cache
def _bomb() -> bytes:
    return gzip.compress(b'{"status":"' + b"0" * BOMB_SIZE + b'"}', mtime=0)


def _empty_200(_answer: Response, _refuse: Refuse, _now: datetime) -> Response:
    return Response(200, {"Content-Type": JSON_TYPE})


def _failure_in_body(_answer: Response, refuse: Refuse, _now: datetime) -> Response:
    refused = refuse(500, "Internal server error")
    return Response(200, refused.headers, refused.body)


def _error_inside(answer: Response, _refuse: Refuse, _now: datetime) -> Response:
    """The answer that would have been, with an error in it."""
    told = answer.json()
    body = {**(told if isinstance(told, dict) else {}), "errors": [{"code": "E_BACKEND", "message": "backend failed"}]}
    status = 200 if answer.status == HTTPStatus.NO_CONTENT else answer.status
    return Response(status, {**answer.headers, "Content-Type": JSON_TYPE}, json.dumps(body).encode())


def _under_503(code: int, text: str) -> Corruption:
    """What the carrier says where there is nothing, by a server that is out of order."""

    def corrupt(_answer: Response, refuse: Refuse, _now: datetime) -> Response:
        refused = refuse(code, text)
        told = refused.json()
        body = {**told, "numbers": "Not Found"} if isinstance(told, dict) else told
        return Response(503, refused.headers, json.dumps(body).encode())

    return corrupt


def _other_number(answer: Response, _refuse: Refuse, _now: datetime) -> Response:
    return _with_body(answer, re.sub(rb"[0-9]{9,14}(?=[^0-9]|$)", _next_number, answer.body))


def _next_number(match: re.Match[bytes]) -> bytes:
    digits = match.group()
    return digits[:-1] + str((int(digits[-1:]) + 1) % 10).encode()


def _renamed(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    return {f"{name}V2": value for name, value in fields.items()}


def _added(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**fields, "links": [{"rel": "self"}], "traceId": None}


def _missing(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    return dict(list(fields.items())[1:])


def _integers(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: _integer(value) for name, value in fields.items()}


def _integer(value: Any) -> Any:
    return int(value) if isinstance(value, str) and re.fullmatch(r"[1-9][0-9]*", value) else value


SPOILS: Mapping[str, Corruption] = {
    **{str(code): status(code) for code in STATUSES},
    **{str(code): redirected(code) for code in REDIRECTS},
    "429-seconds": throttled(lambda _now: "2"),
    "429-date": throttled(lambda now: format_datetime(now + timedelta(seconds=2), usegmt=True)),
    "429-absent": throttled(lambda _now: None),
    "429-negative": throttled(lambda _now: "-5"),
    "429-absurd": throttled(lambda _now: "99999999999999999999"),
    "html-200": page(200),
    "html-502": page(502),
    "wrong-content-type": _wrong_content_type,
    "truncated-json": _truncated_json,
    "bad-gzip": _bad_gzip,
    "gzip-bomb": _gzip_bomb,
    "empty-200": _empty_200,
    "failure-in-body": _failure_in_body,
    "error-inside": _error_inside,
    "not-found-503": _under_503(404, "Not Found"),
    "no-result-503": _under_503(430, "No result found"),
    "other-number": _other_number,
    "renamed-fields": rewritten(_renamed),
    "added-fields": rewritten(_added),
    "missing-fields": rewritten(_missing),
    "ints-for-strings": rewritten(_integers),
}
"""Name of a fault -> what it makes of an answer."""
