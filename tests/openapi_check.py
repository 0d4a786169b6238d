"""Whether requests and answers are what the carriers' own documents say: recorded at the adapter, held against OpenAPI.

Infobip and VoiceTel publish OpenAPI files (``tests/specs``). IntelePeer publishes none for these calls, so a small one
is written down here from its document. In all of them what is not named is unknown, and unknown is wrong.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import requests
from openapi_schema_validator import OAS31Validator, oas31_format_checker

from reconciler.sandbox import Sandbox
from reconciler.sandbox.adapter import SandboxAdapter

SPECS = Path(__file__).parent / "specs"
JSON_TYPE = "application/json"

Document = Mapping[str, Any]
"""An OpenAPI file, or as much of one as is needed: ``paths`` and ``components``."""


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
    """One carrier's documents, which share no path."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self._documents = [_closed(document) for document in documents]

    def operation_id(self, exchange: Exchange) -> str | None:
        """What the documents call this request; None when they do not know it."""
        found = self._find(exchange)
        return found.operation["operationId"] if found else None

    def problems(self, exchange: Exchange) -> list[str]:
        """What of the request and of its answer is not as documented."""
        found = self._find(exchange)
        if found is None:
            return [f"no such call: {exchange.method} {exchange.path}"]
        return [*found.of_parameters(exchange), *found.of_body(exchange), *found.of_answer(exchange)]

    def _find(self, exchange: Exchange) -> _Found | None:
        """The operation by path, a literal one before one with parameters, and by method."""
        candidates = (
            (template, document, operations)
            for document in self._documents
            for template, operations in document["paths"].items()
        )
        for template, document, operations in sorted(candidates, key=lambda found: "{" in found[0]):
            values = _path_values(template, exchange.path)
            if values is not None:
                operation = operations.get(exchange.method.lower())
                return _Found(document, operation, values) if operation else None
        return None


@dataclass(frozen=True, slots=True)
class _Found:
    """An operation of a document, and what a request's path says for its parameters."""

    document: Document
    operation: Document
    path_values: Mapping[str, str]

    def of_parameters(self, exchange: Exchange) -> Iterator[str]:
        """Unknown, missing and ill-typed parameters of path and query."""
        given = {("path", name): [value] for name, value in self.path_values.items()}
        query = parse_qs(exchange.query, keep_blank_values=True, strict_parsing=bool(exchange.query))
        given |= {("query", name): values for name, values in query.items()}
        known = {(p["in"], p["name"]): p for p in self.operation.get("parameters", ()) if p["in"] != "header"}
        for place, name in given.keys() - known.keys():
            yield f"unknown {place} parameter {name}"
        for (place, name), parameter in known.items():
            if (place, name) in given:
                value = _typed(given[place, name], self._resolved(parameter["schema"]))
                yield from self._violations(f"{place} parameter {name}", parameter["schema"], value)
            elif parameter.get("required"):
                yield f"missing {place} parameter {name}"

    def of_body(self, exchange: Exchange) -> Iterator[str]:
        """What is wrong with the request's body."""
        expected = self.operation.get("requestBody")
        if not exchange.body:
            if expected and expected.get("required"):
                yield "a body is missing"
        elif expected is None:
            yield "a body where none is expected"
        elif exchange.content_type not in expected["content"]:
            yield f"unknown content type {exchange.content_type!r}"
        else:
            schema = expected["content"][exchange.content_type]["schema"]
            yield from self._violations("body", schema, json.loads(exchange.body))

    def of_answer(self, exchange: Exchange) -> Iterator[str]:
        """What is wrong with an answer whose status is documented; a success has to be."""
        if str(exchange.status) not in self.operation["responses"]:
            if 200 <= exchange.status < 300:
                yield f"unknown status {exchange.status}"
            return
        expected = self._resolved(self.operation["responses"][str(exchange.status)])
        if "content" in expected:
            schema = expected["content"][JSON_TYPE]["schema"]
            yield from self._violations("answer", schema, json.loads(exchange.answer or b"null"))
        elif exchange.answer and exchange.status < 300:
            yield "an answer with a body where none is expected"

    def _violations(self, what: str, schema: Document, value: Any) -> Iterator[str]:
        """Where ``value`` departs from ``schema``, whose references point into the document."""
        rooted = {**schema, "components": self.document.get("components", {})}
        validator = OAS31Validator(rooted, format_checker=oas31_format_checker)
        for error in validator.iter_errors(value):
            yield f"{what}{error.json_path.removeprefix('$')}: {error.message}"

    def _resolved(self, part: Document) -> Document:
        """The part of the document itself, where ``part`` is a reference to it."""
        while "$ref" in part:
            steps = part["$ref"].removeprefix("#/").split("/")
            part = reduce(getitem, steps, self.document)
        return part


def _path_values(template: str, path: str) -> dict[str, str] | None:
    """The parameters of a raw path, decoded; None when the path is another, also by a slash at its end."""
    pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(template))
    match = re.fullmatch(pattern, path)
    return {name: unquote(value) for name, value in match.groupdict().items()} if match else None


def _typed(values: Sequence[str], schema: Document) -> Any:
    """The texts of one parameter as its schema's type, where they can be; a list repeats its parameter."""
    if schema["type"] == "array":
        return list(values)
    (text,) = values
    return int(text) if schema["type"] == "integer" and re.fullmatch(r"-?[0-9]+", text) else text


def _closed(schema: Any) -> Any:
    """A copy in which an object has the properties that are named and no others."""
    if isinstance(schema, list):
        return [_closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    copy = {name: _closed(part) for name, part in schema.items()}
    if copy.get("type") == "object" and "properties" in copy:
        copy.setdefault("additionalProperties", False)
    return copy


def _load(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((SPECS / name).read_text(encoding="utf-8"))
    return document


def infobip() -> Checker:
    """Infobip's numbers API, as it is served under ``/numbers/1/numbers``."""
    return Checker([_load("infobip-numbers.json")])


def voicetel() -> Checker:
    """The iNumbering Provisioning API and its siblings.

    One defect of the files is mended: ``/v2.1/messaging/campaigns/`` requires ``campaigns``, which it does not define,
    and defines ``campaignIDs``, which it does not require (``campaignIDs`` in ``voicetel-messaging.json``, v2.1.6).
    """
    messaging = _load("voicetel-messaging.json")
    messaging["components"]["schemas"]["campaignIDs"]["required"] = ["apikey", "campaignIDs"]
    others = ("voicetel-iNumbering.json", "voicetel-numbers.json", "voicetel-gateways.json")
    return Checker([messaging, *map(_load, others)])


def intelepeer() -> Checker:
    """IntelePeer's SMS provisioning, from "Provisioning Telephone Numbers for SMS": its URIs, examples and codes."""
    return Checker([INTELEPEER])


def _object(*required: str, **properties: Document) -> Document:
    return {"type": "object", "required": list(required), "properties": properties}


def _json(schema: Document) -> Document:
    return {"content": {JSON_TYPE: {"schema": schema}}}


def _call(operation_id: str, *, body: Document | None = None, answers: Document) -> Document:
    """An operation on one telephone number, which stands in its path in E.164."""
    tn = {
        "name": "tn",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "pattern": r"^\+[1-9][0-9]{6,14}$"},
    }
    request = {} if body is None else {"requestBody": body}
    return {"operationId": operation_id, "parameters": [tn], **request, "responses": answers}


_TEXT: Document = {"type": "string"}
_STATES = ["requested", "provisioning", "provisioned", "derequested", "deprovisioning", "error"]
_STATE = _object("state", state={"enum": [*_STATES, None]})
"""The six documented states; null is how the sandbox shows a number that was never enabled, which no document does."""

INTELEPEER: Document = {
    "paths": {
        "/sms/v1/{tn}/provision": {
            "get": _call("getProvision", answers={"200": _json(_object("provisioning", provisioning=_STATE))}),
            # The samples post an empty form, an empty JSON object, or nothing.
            "post": _call("provision", body=_json(_object()), answers={"202": {}}),
            "delete": _call("deprovision", answers={"202": {}}),
        },
        "/sms/v1/{tn}/webhook": {
            "get": _call(
                "getWebhook",
                # Without a webhook set, which the document does not show, the sandbox leaves the field out.
                answers={
                    "200": _json(_object("tn_e164", "provisioning", webhook=_TEXT, tn_e164=_TEXT, provisioning=_STATE))
                },
            ),
            "post": _call(
                "setWebhook",
                body={
                    **_json(_object("webhook", webhook={"type": "string", "pattern": "^https?://"})),
                    "required": True,
                },
                answers={"200": {}},
            ),
        },
    }
}
