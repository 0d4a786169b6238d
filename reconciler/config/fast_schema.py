"""A fast yes for the values of which a fleet has 100,000.

``jsonschema`` takes some 100 µs a number, as long as all else together. So the published schema is also compiled to
plain predicates. They only ever say "valid": whatever they do not vouch for, ``jsonschema`` judges and words.
A keyword unknown here vouches for nothing, so the schema may grow without this module.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

Check = Callable[[Any], bool]
SchemaDocument = Mapping[str, Any]
Maker = Callable[[Any, SchemaDocument, SchemaDocument], Check]
"""Makes the check of one keyword from its value, the schema it stands in, and the ``$defs``."""

_TYPES: Final[Mapping[str, Check]] = {
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "string": lambda value: isinstance(value, str),
    "object": lambda value: isinstance(value, dict),
}


def compiled(schema: SchemaDocument, definitions: SchemaDocument) -> Check:
    """A predicate that is true only for values that ``schema`` allows."""
    checks = [
        _KEYWORDS.get(keyword, _unknown)(value, schema, definitions)
        for keyword, value in schema.items()
        if keyword not in ANNOTATIONS
    ]
    return checks[0] if len(checks) == 1 else lambda value: all(check(value) for check in checks)


def _always(answer: bool) -> Check:
    """The same answer for every value."""
    return lambda _: answer


def _unknown(_: Any, __: SchemaDocument, ___: SchemaDocument) -> Check:
    """A keyword that this module does not know."""
    return _always(False)


def _ref(target: str, _: SchemaDocument, definitions: SchemaDocument) -> Check:
    return compiled(definitions[target.rpartition("/")[2]], definitions)


def _type(names: str | list[str], _: SchemaDocument, __: SchemaDocument) -> Check:
    checks = [_TYPES.get(name, _always(False)) for name in ([names] if isinstance(names, str) else names)]
    return checks[0] if len(checks) == 1 else lambda value: any(check(value) for check in checks)


def _pattern(pattern: str, _: SchemaDocument, __: SchemaDocument) -> Check:
    matches = re.compile(pattern.removeprefix("^").removesuffix("$")).fullmatch
    return lambda value: not isinstance(value, str) or matches(value) is not None


def _min_length(least: int, _: SchemaDocument, __: SchemaDocument) -> Check:
    return lambda value: not isinstance(value, str) or len(value) >= least


def _minimum(least: float, _: SchemaDocument, __: SchemaDocument) -> Check:
    return lambda value: isinstance(value, bool) or not isinstance(value, int | float) or value >= least


def _maximum(most: float, _: SchemaDocument, __: SchemaDocument) -> Check:
    return lambda value: isinstance(value, bool) or not isinstance(value, int | float) or value <= most


def _required(keys: list[str], _: SchemaDocument, __: SchemaDocument) -> Check:
    return lambda value: not isinstance(value, dict) or all(key in value for key in keys)


def _min_properties(least: int, _: SchemaDocument, __: SchemaDocument) -> Check:
    return lambda value: not isinstance(value, dict) or len(value) >= least


def _property_names(schema: SchemaDocument, _: SchemaDocument, definitions: SchemaDocument) -> Check:
    check = compiled(schema, definitions)
    return lambda value: not isinstance(value, dict) or all(check(key) for key in value)


def _properties(schemas: Mapping[str, SchemaDocument], _: SchemaDocument, definitions: SchemaDocument) -> Check:
    checks = {key: compiled(schema, definitions) for key, schema in schemas.items()}
    return lambda value: (
        not isinstance(value, dict) or all(checks[key](member) for key, member in value.items() if key in checks)
    )


def _additional(allowed: bool | SchemaDocument, schema: SchemaDocument, definitions: SchemaDocument) -> Check:
    known = frozenset(schema.get("properties", ()))
    check = _always(allowed) if isinstance(allowed, bool) else compiled(allowed, definitions)
    return lambda value: (
        not isinstance(value, dict) or all(check(member) for key, member in value.items() if key not in known)
    )


ANNOTATIONS: Final = frozenset({"title", "description", "default", "examples", "x-write"})
"""Keywords that refuse nothing."""

_KEYWORDS: Final[Mapping[str, Maker]] = {
    "$ref": _ref,
    "type": _type,
    "pattern": _pattern,
    "minLength": _min_length,
    "minimum": _minimum,
    "maximum": _maximum,
    "required": _required,
    "minProperties": _min_properties,
    "propertyNames": _property_names,
    "properties": _properties,
    "additionalProperties": _additional,
}
