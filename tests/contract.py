"""The carriers' contracts (``tests/contracts``): what their documents state of the calls that we make, as facts.

::

    vendor_files: [numbers.json]    the vendor's own OpenAPI files, for whoever has them
    types:                          names for shapes
      Number: {tn*: string, kind: [mobile, fixed], tags: list of string}
    calls:
      POST /numbers/{key}:          method and path
        name: rename                what the vendor calls it
        path: {key: string}         every parameter of the path
        query: {limit: int32}       the parameters of the query
        body*: {label*: string}     JSON
        answers: {200: Number, 404: nothing}

``*`` marks what is required. A shape is the name of a type, ``string``, ``integer``, ``int32``, ``int64``, ``number``,
``boolean``, ``string like REGEX``, ``list of SHAPE``, ``map of SHAPE`` or ``SHAPE or null``; a list is one of its
values, and a mapping is an object that has these fields and no others.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import yaml
from jsonschema import Draft202012Validator, FormatChecker

CONTRACTS = Path(__file__).parent / "contracts"

Schema = Mapping[str, Any]
"""A JSON Schema without references."""

SCALARS: Mapping[str, Schema] = {
    "string": {"type": "string"},
    "integer": {"type": "integer"},
    "int32": {"type": "integer", "format": "int32"},
    "int64": {"type": "integer", "format": "int64"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
}

STATED = {"name", "path", "query", "body", "body*", "answers"}

FORMATS = FormatChecker(formats=())
FORMATS.checks("int32")(lambda value: not isinstance(value, int) or -(2**31) <= value < 2**31)
FORMATS.checks("int64")(lambda value: not isinstance(value, int) or -(2**63) <= value < 2**63)


@dataclass(frozen=True, slots=True)
class Part:
    """A parameter or a body."""

    schema: Schema
    required: bool


@dataclass(frozen=True, slots=True)
class Operation:
    """One call. ``parameters``: by place (``path`` or ``query``) and name; ``answers``: by code, None for no body."""

    name: str
    method: str
    path: str
    parameters: Mapping[tuple[str, str], Part]
    body: Part | None
    answers: Mapping[int, Schema | None]

    def path_values(self, path: str) -> dict[str, str] | None:
        """The parameters of a raw path, decoded; None when the path is another, also by a slash at its end."""
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(self.path))
        match = re.fullmatch(pattern, path)
        return {name: unquote(value) for name, value in match.groupdict().items()} if match else None


@dataclass(frozen=True, slots=True)
class Contract:
    """One carrier's calls, no path of which is another's."""

    vendor_files: tuple[str, ...]
    operations: tuple[Operation, ...]

    def find(self, method: str, path: str) -> Operation | None:
        """The call that a request makes, by its raw path: a literal one before one with parameters."""
        return next(
            (one for one in self.operations if one.method == method and one.path_values(path) is not None), None
        )


@cache
def load(carrier: str) -> Contract:
    """The contract of ``intelepeer``, ``inumbering`` or ``infobip``."""
    return parse((CONTRACTS / f"{carrier}.yaml").read_text(encoding="utf-8"))


def parse(text: str) -> Contract:
    """A contract as it is written."""
    document = yaml.safe_load(text)
    shapes = Shapes(document.get("types", {}))
    operations = [_operation(call, stated, shapes) for call, stated in document["calls"].items()]
    return Contract(
        tuple(document.get("vendor_files", ())),
        tuple(sorted(operations, key=lambda operation: "{" in operation.path)),
    )


def _operation(call: str, stated: Mapping[str, Any], shapes: Shapes) -> Operation:
    if unknown := stated.keys() - STATED:
        raise ValueError(f"{call}: {sorted(unknown)} says nothing")
    method, path = call.split(" ")
    return Operation(
        stated["name"],
        method,
        path,
        {
            (place, name): Part(shapes.schema(shape), required=place == "path")
            for place in ("path", "query")
            for name, shape in stated.get(place, {}).items()
        },
        next((Part(shapes.schema(stated[key]), key == "body*") for key in ("body", "body*") if key in stated), None),
        {code: None if shape == "nothing" else shapes.schema(shape) for code, shape in stated["answers"].items()},
    )


@dataclass(frozen=True, slots=True)
class Shapes:
    """What shapes mean where ``types`` have these names."""

    types: Mapping[str, Any]

    def schema(self, shape: Any) -> Schema:
        """A shape as JSON Schema."""
        if isinstance(shape, dict):
            return self._object(shape)
        if isinstance(shape, list):
            return {"type": ["string", "null"] if None in shape else "string", "enum": shape}
        return self._worded(shape)

    def _object(self, fields: Mapping[str, Any]) -> Schema:
        return {
            "type": "object",
            "required": [field[:-1] for field in fields if field.endswith("*")],
            "properties": {field.removesuffix("*"): self.schema(shape) for field, shape in fields.items()},
            "additionalProperties": False,
        }

    def _worded(self, shape: str) -> Schema:
        if shape.endswith(" or null"):
            schema = self.schema(shape.removesuffix(" or null"))
            return {**schema, "type": [schema["type"], "null"]}
        if shape.startswith("list of "):
            return {"type": "array", "items": self.schema(shape.removeprefix("list of "))}
        if shape.startswith("map of "):
            return {"type": "object", "additionalProperties": self.schema(shape.removeprefix("map of "))}
        if shape.startswith("string like "):
            return {"type": "string", "pattern": shape.removeprefix("string like ")}
        return SCALARS[shape] if shape in SCALARS else self.schema(self.types[shape])


def violations(schema: Schema, value: Any) -> list[str]:
    """Where a value departs from its schema: ``.numbers[0].tn: what is wrong``."""
    errors = Draft202012Validator(schema, format_checker=FORMATS).iter_errors(value)
    return [f"{error.json_path.removeprefix('$')}: {error.message}" for error in errors]
