"""Whether requests and answers are what the carriers' documents say: recorded at the adapter, held against a contract.

What a contract (``tests/contract.py``) does not name is unknown, and unknown is wrong.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from reconciler.sandbox import Sandbox
from reconciler.sandbox.adapter import SandboxAdapter
from tests import contract
from tests.contract import Operation, Schema

JSON_TYPE = "application/json"


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request as it went out, and its answer. ``path`` is raw, without the sandbox's account in front."""

    method: str
    path: str
    query: str
    body: bytes
    content_type: str
    status: int
    answer: bytes


class Recorder(SandboxAdapter):
    """The sandbox's adapter, remembering account -> exchanges in ``heard``."""

    def __init__(self, sandbox: Sandbox, heard: dict[str, list[Exchange]]) -> None:
        super().__init__(sandbox)
        self._heard = heard

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        """Exchange one request with the sandbox and remember it."""
        response = super().send(request, *args, **options)
        url = urlsplit(request.url or "")
        _, account, path = url.path.split("/", 2)
        body = request.body or b""
        exchange = Exchange(
            method=request.method or "",
            path=f"/{path}",
            query=url.query,
            body=body if isinstance(body, bytes) else body.encode(),
            content_type=request.headers.get("Content-Type", ""),
            status=response.status_code,
            answer=response.content,
        )
        self._heard.setdefault(account, []).append(exchange)
        return response


class Checker:
    """One carrier's contract."""

    def __init__(self, carrier: str) -> None:
        self._contract = contract.load(carrier)

    def call(self, exchange: Exchange) -> str | None:
        """The name of the call that this request makes; None when the contract does not know it."""
        operation = self._contract.find(exchange.method, exchange.path)
        return operation.name if operation else None

    def problems(self, exchange: Exchange) -> list[str]:
        """What of the request and of its answer is not as documented."""
        operation = self._contract.find(exchange.method, exchange.path)
        if operation is None:
            return [f"no such call: {exchange.method} {exchange.path}"]
        return [*_of_parameters(operation, exchange), *_of_body(operation, exchange), *_of_answer(operation, exchange)]


def _of_parameters(operation: Operation, exchange: Exchange) -> Iterator[str]:
    """Unknown, missing and ill-typed parameters of path and query."""
    given = {("path", name): [value] for name, value in (operation.path_values(exchange.path) or {}).items()}
    query = parse_qs(exchange.query, keep_blank_values=True, strict_parsing=bool(exchange.query))
    given |= {("query", name): values for name, values in query.items()}
    for place, name in given.keys() - operation.parameters.keys():
        yield f"unknown {place} parameter {name}"
    for (place, name), parameter in operation.parameters.items():
        if (place, name) in given:
            value = _typed(given[place, name], parameter.schema)
            yield from _violations(f"{place} parameter {name}", parameter.schema, value)
        elif parameter.required:
            yield f"missing {place} parameter {name}"


def _of_body(operation: Operation, exchange: Exchange) -> Iterator[str]:
    """What is wrong with the request's body."""
    expected = operation.body
    if not exchange.body:
        if expected and expected.required:
            yield "a body is missing"
    elif expected is None:
        yield "a body where none is expected"
    elif exchange.content_type != JSON_TYPE:
        yield f"unknown content type {exchange.content_type!r}"
    else:
        yield from _violations("body", expected.schema, json.loads(exchange.body))


def _of_answer(operation: Operation, exchange: Exchange) -> Iterator[str]:
    """What is wrong with an answer whose status is documented; a success has to be."""
    if exchange.status not in operation.answers:
        if 200 <= exchange.status < 300:
            yield f"unknown status {exchange.status}"
        return
    expected = operation.answers[exchange.status]
    if expected is not None:
        yield from _violations("answer", expected, json.loads(exchange.answer or b"null"))
    elif exchange.answer and exchange.status < 300:
        yield "an answer with a body where none is expected"


def _violations(what: str, schema: Schema, value: Any) -> Iterator[str]:
    return (f"{what}{violation}" for violation in contract.violations(schema, value))


def _typed(values: Sequence[str], schema: Schema) -> Any:
    """The texts of one parameter as its schema's type, where they can be; a list repeats its parameter."""
    if schema["type"] == "array":
        return list(values)
    (text,) = values
    return int(text) if schema["type"] == "integer" and re.fullmatch(r"-?[0-9]+", text) else text
