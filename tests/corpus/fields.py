"""Every field of the published schema: each wrong type in it, nothing in it, its absence, its name misspelt, twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from jsonschema import Draft202012Validator

from reconciler.config import schema
from tests.corpus import case
from tests.corpus.case import CANARY, Case
from tests.corpus.full import Field, fields, replaced, without
from tests.corpus.sheet import Path, Raw, Sheet, write

_WRONG: Final[dict[str, Any]] = {
    "boolean": True,
    "integer": 7,
    "number": 7.5,
    "string": CANARY,
    "null": None,
    "array": [CANARY],
    "object": {CANARY: CANARY},
}
"""JSON type -> a value of that type that belongs nowhere."""

EMPTY: Final[dict[str, Any]] = {"array": [], "object": {}, "string": "", "null": None}
"""JSON type -> its empty value."""


def cases() -> Iterator[Case]:
    """All of them."""
    for field in fields():
        if field.path:
            yield from _wrong_types(field)
            yield from _empty(field)
        if field.path and isinstance(field.path[-1], str):
            yield _twice(field.path)
        if field.is_closed_map:
            yield from _missing(field)
            yield from _misspelt(field)


def _named(sort: str, path: Path, sheet: Sheet, *told: case.Told) -> Case:
    """A case that says what was done where."""
    return case.config(f"{sort}:{'/'.join(map(str, path))}", sheet.text, *told)


def _wrong_types(field: Field) -> Iterator[Case]:
    """A value of every type that the field does not take. The walk stops there: nothing else is told."""
    for kind, value in _WRONG.items():
        if kind not in field.types:
            sheet = write(replaced(field.path, value))
            yield _named(f"{kind}-in", field.path, sheet, (sheet.values[field.path], _refusal(field, kind)))


def _refusal(field: Field, kind: str) -> str:
    """How a value of the wrong type is refused."""
    if "type" not in field.rule:
        return "has no such setting"
    if "credentials" in field.path and kind == "string":
        return "a credential is never written out"
    return "must not be"


def refused_when_empty(field: Field, kind: str) -> bool:
    """Whether the published schema refuses the empty value of ``kind`` in that very place."""
    errors = Draft202012Validator(schema.document()).iter_errors(replaced(field.path, EMPTY[kind]))
    return any(tuple(error.absolute_path) == field.path for error in errors)


def _empty(field: Field) -> Iterator[Case]:
    """Nothing in a field, of a type that it takes."""
    for kind in EMPTY:
        if kind in field.types and refused_when_empty(field, kind):
            sheet = write(replaced(field.path, EMPTY[kind]))
            place = sheet.values[field.path]
            absent = field.rule.get("required", ()) if kind == "object" else ()
            form = "has no such setting" if "enum" in field.rule else "is not of the right form"
            told = [(place, f"`{key}` is missing") for key in absent] or [(place, form)]
            yield _named(f"empty-{kind}-in", field.path, sheet, *told)


def _missing(field: Field) -> Iterator[Case]:
    """A map without one of the keys that it must have."""
    for key in field.rule.get("required", ()):
        if key in field.value:
            sheet = write(without((*field.path, key)))
            place = sheet.values.get(field.path, sheet.keys.get(field.path))
            assert place is not None
            yield _named("missing", (*field.path, key), sheet, (place, f"`{key}` is missing"))


def _misspelt(field: Field) -> Iterator[Case]:
    """A key that nobody knows beside each one that the map may have: the message names what was meant."""
    for key in field.rule["properties"]:
        path = (*field.path, f"{key}{key[-1]}")
        takes_one = field.rule.get("maxProperties") == 1
        sheet = write(replaced(field.path, {path[-1]: CANARY}) if takes_one else replaced(path, {CANARY: CANARY}))
        yield _named("misspelt", path, sheet, (sheet.keys[path], f"did you mean `{key}`?"))


def _twice(path: Path) -> Case:
    """The same key a second time in its map, quoted in another way: with most loaders the last wins silently."""
    again = (*path[:-1], Raw(f"'{path[-1]}'"))
    sheet = write(replaced(again, CANARY))
    return _named("twice", path, sheet, (sheet.keys[again], "is written twice"))
