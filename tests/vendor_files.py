"""A contract of ours held against the vendor's own OpenAPI files.

For each call of the contract, whatever it states has to be in the vendor's file just so, and whatever the vendor
requires has to be in the contract. The fields and parameters of the vendor's that we have no use for may be missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import getitem
from typing import Any

from tests.contract import Contract, Operation, Part, Schema

JSON_TYPE = "application/json"
BOUNDS = ("type", "format", "enum", "pattern", "minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems")
"""The keywords of a schema that have to be the same."""

Document = Mapping[str, Any]
"""An OpenAPI file, or a part of one."""


def differences(contract: Contract, documents: Sequence[Document]) -> list[str]:
    """Where a contract is not what the vendor's files say."""
    return [difference for operation in contract.operations for difference in _of_operation(operation, documents)]


def _of_operation(ours: Operation, documents: Sequence[Document]) -> Iterator[str]:
    call = f"{ours.method} {ours.path}"
    for document in documents:
        theirs = document["paths"].get(ours.path, {}).get(ours.method.lower())
        if theirs is not None:
            yield from (f"{call}: {difference}" for difference in Comparison(document).of_operation(ours, theirs))
            return
    yield f"{call}: the vendor has no such call"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Parts of a contract beside parts of the vendor's file, whose references point into ``document``."""

    document: Document

    def of_operation(self, ours: Operation, theirs: Document) -> Iterator[str]:
        """What differs in a call's name, parameters, body and answers."""
        yield from _unlike("name", ours.name, theirs["operationId"])
        yield from self._of_parameters(ours.parameters, theirs.get("parameters", ()))
        yield from self._of_body(ours.body, theirs.get("requestBody"))
        yield from self._of_answers(ours.answers, theirs["responses"])

    def _of_parameters(self, ours: Mapping[tuple[str, str], Part], theirs: Sequence[Document]) -> Iterator[str]:
        known = {(each["in"], each["name"]): each for each in map(self._resolved, theirs)}
        due = {key for key, each in known.items() if each.get("required")}
        yield from (f"{place} parameter {name}: not the vendor's" for place, name in sorted(ours.keys() - known.keys()))
        yield from (f"{place} parameter {name}: required, not ours" for place, name in sorted(due - ours.keys()))
        for key in (key for key in ours if key in known):
            where = " parameter ".join(key)
            yield from _unlike(f"{where} required", ours[key].required, key in due)
            yield from self._of_schema(where, ours[key].schema, known[key]["schema"])

    def _of_body(self, ours: Part | None, theirs: Document | None) -> Iterator[str]:
        if ours is None or theirs is None:
            yield from _unlike("body", ours is not None, theirs is not None)
            return
        yield from _unlike("body required", ours.required, theirs.get("required", False))
        yield from self._of_schema("body", ours.schema, self._content(theirs))

    def _of_answers(self, ours: Mapping[int, Schema | None], theirs: Document) -> Iterator[str]:
        yield from _unlike("codes", sorted(map(str, ours)), sorted(theirs))
        for code in (code for code in ours if str(code) in theirs):
            schema, content = ours[code], self._content(self._resolved(theirs[str(code)]))
            if schema is None or content is None:
                yield from _unlike(f"{code} has a body", schema is not None, content is not None)
            else:
                yield from self._of_schema(str(code), schema, content)

    def _of_schema(self, where: str, ours: Schema, theirs: Document | None) -> Iterator[str]:
        theirs = self._resolved(theirs or {})
        for bound in BOUNDS:
            yield from _unlike(f"{where} {bound}", _sorted(ours.get(bound)), _sorted(theirs.get(bound)))
        if "properties" in ours:
            yield from self._of_fields(where, ours, theirs)
        for inner, step in (("items", "[]"), ("additionalProperties", "{}")):
            if isinstance(ours.get(inner), Mapping):
                yield from self._of_schema(where + step, ours[inner], theirs.get(inner))

    def _of_fields(self, where: str, ours: Schema, theirs: Document) -> Iterator[str]:
        yield from _unlike(f"{where} required", sorted(ours["required"]), sorted(theirs.get("required", ())))
        for name, schema in ours["properties"].items():
            if name in theirs.get("properties", {}):
                yield from self._of_schema(f"{where}.{name}", schema, theirs["properties"][name])
            else:
                yield f"{where}.{name}: not the vendor's"

    def _content(self, part: Document) -> Document | None:
        content = part.get("content", {}).get(JSON_TYPE)
        return content["schema"] if content else None

    def _resolved(self, part: Document) -> Document:
        """The part of the document itself, where ``part`` is a reference to it."""
        while "$ref" in part:
            part = reduce(getitem, part["$ref"].removeprefix("#/").split("/"), self.document)
        return part


def _unlike(where: str, ours: Any, theirs: Any) -> Iterator[str]:
    if ours != theirs:
        yield f"{where}: {ours} here, {theirs} at the vendor's"


def _sorted(bound: Any) -> Any:
    return sorted(bound, key=str) if isinstance(bound, list) else bound
