"""The published schema is the one that validates; its errors become sentences with a place.

It is that of the built-in carriers. Where an account is of a carrier that another package brings, the schema that
validates is the published one with that carrier's type, options, credentials and search fields in it.

``schemas/config.schema.json`` carries in ``x-write``, beside each rule, what to write instead. Nothing here repeats a
value from the file: it may be a credential put in the wrong place.

Of a large fleet nearly every number is right: a quick check of the same schema vouches for those, and of the rest
equal ones are validated once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend

from reconciler import package_data
from reconciler.config import loader, source
from reconciler.config.fast_schema import ANNOTATIONS, compiled
from reconciler.config.node import Node, plain
from reconciler.config.problems import MisreadError, Problems
from reconciler.model import Mark
from reconciler.model.carrier_spec import CarrierSpec, Schema, UnusableCarrierError
from reconciler.model.suggestions import instead, near, quoted

MOST_ADVISED = 100
"""Unknown keys of one mapping that are compared with the known ones: the comparison is slow."""

Sentence = tuple[Mark, str]

_KIND_WORDS: Final = (
    (bool, "true or false"),
    (str, "text"),
    (int, "a whole number"),
    (float, "a number"),
    (list, "a list"),
    (dict, "a map"),
)


def read(file: Path, problems: Problems) -> Node:
    """The tree of one file; raises MisreadError for what is no YAML, and for a map that is not of ours.

    A private key, or somebody's password file, may pass for YAML: nothing of it is repeated, not even a key.
    """
    twice: list[Sentence] = []
    root = loader.parse(source.read(file), str(file), twice=lambda mark, message: twice.append((mark, message)))
    known = document()["properties"]
    if root.members and not any(key in known for key in root.members):
        message = f"is no configuration of tnctl: none of its keys is one of {', '.join(map(quoted, known))}"
        raise MisreadError(Mark(str(file), 1, 1), message)
    for mark, message in twice:
        problems.add(mark, message)
    return root


def check(root: Node, problems: Problems, judge: Validator | None = None) -> None:
    """Validate one document: add a problem for each error and mark the offending values unsound. ``judge`` is that of
    the published schema unless given, see :func:`judge`.

    A missing ``version`` is left to the merge: one file of several may hold it.
    """
    whole = plain(root)
    if isinstance(whole, dict) and isinstance(whole.get("numbers"), dict):
        whole["numbers"] = {}
        _check_numbers(root.members["numbers"], problems)
    for error in (judge or _validator()).iter_errors(whole):
        if error.validator != "required" or error.absolute_path:
            _tell(root, error, problems)


def _check_numbers(numbers: Node, problems: Problems) -> None:
    """Validate the entries of ``numbers``. The form of the keys is a cross-check of its own."""
    quick = compiled(definition("number"), document()["$defs"])
    validator = _validator().evolve(schema=definition("number"))
    seen: dict[str, tuple[ValidationError, ...]] = {}
    for key, entry in numbers.members.items():
        value = plain(entry)
        if quick(value):
            continue
        shape = repr(value)
        if shape not in seen:
            seen[shape] = tuple(validator.iter_errors(value))
        for error in seen[shape]:
            _tell(entry, error, problems, name=key)


@cache
def document() -> Mapping[str, Any]:
    """The published schema."""
    parsed: dict[str, Any] = json.loads(package_data.text("schemas/config.schema.json"))
    return parsed


def definition(name: str) -> Mapping[str, Any]:
    """One of the schema's ``$defs``."""
    found: Mapping[str, Any] = document()["$defs"][name]
    return found


def types(published: Schema | None = None) -> tuple[str, ...]:
    """The carriers that the published schema has."""
    return tuple((published or document())["$defs"]["provider"]["properties"]["type"]["enum"])


def installed(carriers: Iterable[CarrierSpec], published: Schema | None = None) -> Schema:
    """The published schema, and in it those of ``carriers`` that other packages bring.

    Raises UnusableCarrierError where one has a name for something of its own that is another's already.
    """
    published = published or document()
    others = [spec for spec in carriers if spec.type not in types(published)]
    if not others:
        return published
    whole: dict[str, Any] = deepcopy(dict(published))
    account, search = (whole["$defs"][name]["properties"] for name in ("provider", "search"))
    secret = {"$ref": "#/$defs/secret"}
    for spec in others:
        account["type"]["enum"].append(spec.type)
        _add(account, spec.options, spec)
        _add(search, spec.search_fields, spec)
        _add(account["credentials"]["properties"], {n: secret for way in spec.credentials for n in sorted(way)}, spec)
    *most, last = account["type"]["enum"]
    account["type"]["x-write"] = f"{', '.join(most)} or {last}" if most else last
    return whole


def _add(properties: dict[str, Schema], more: Mapping[str, Schema], spec: CarrierSpec) -> None:
    """Add what a carrier has of its own; several may have the same, by the same rules."""
    for name, rules in more.items():
        if _bare(properties.setdefault(name, rules)) != _bare(rules):
            raise UnusableCarrierError(f"carrier `{spec.type}` has a `{name}` that is another's: mend its package")


def _bare(rules: Schema) -> Schema:
    """What of a schema refuses a value."""
    return {keyword: rule for keyword, rule in rules.items() if keyword not in ANNOTATIONS}


def judge(carriers: Mapping[str, CarrierSpec]) -> Validator:
    """What validates a configuration that has accounts of ``carriers``."""
    schema = installed(carriers.values())
    return _validator() if schema is document() else _strict()(schema)


@cache
def _validator() -> Draft202012Validator:
    """That of the published schema."""
    return _strict()(document())


def _strict() -> type[Draft202012Validator]:
    """JSON Schema 2020-12, strict where YAML and Python are lax: a pattern matches the whole text, 1.0 is no int."""
    types = Draft202012Validator.TYPE_CHECKER.redefine(
        "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool)
    )
    typed_extend: Callable[..., type[Draft202012Validator]] = extend
    return typed_extend(Draft202012Validator, {"pattern": _whole_pattern}, type_checker=types)


def _whole_pattern(_: Validator, pattern: str, value: Any, __: Mapping[str, Any]) -> Iterator[ValidationError]:
    """``^…$`` over the whole text: Python's ``$`` would let a trailing newline pass."""
    if isinstance(value, str) and not re.fullmatch(pattern.removeprefix("^").removesuffix("$"), value):
        yield ValidationError("does not match")


def _tell(root: Node, error: ValidationError, problems: Problems, name: str = "") -> None:
    """Add what ``error`` says about the values below ``root``, whose own key is ``name``; once for each value."""
    path: list[str | int] = list(error.absolute_path)
    node = _at(root, path)
    subject = _subject(path, name)
    if "propertyNames" in error.absolute_schema_path:
        key = str(error.instance)
        problems.add(node.key_mark(key), f"{quoted(key)} cannot be a key of {subject}: {_write(error.schema)}")
        return
    if not node.sound:
        return
    say = _SENTENCES.get(str(error.validator), _say_form)
    for mark, message in say(node, error, subject):
        problems.add(mark, message)


def _at(root: Node, path: Iterable[str | int]) -> Node:
    """The node at ``path``."""
    node = root
    for step in path:
        node = node.value[step] if isinstance(node.value, list) and isinstance(step, int) else node.members[str(step)]
    return node


def _subject(path: list[str | int], name: str) -> str:
    """What a message calls the value at ``path``: its key, or its place in a list."""
    steps = [name, *path] if name else path
    if not steps:
        return "the configuration"
    if isinstance(steps[-1], int):
        return f"item {steps[-1] + 1} of {quoted(str(steps[-2]))}"
    return quoted(steps[-1])


def _write(schema: Any) -> str:
    """What to write, by the schema at hand or the definition that it refers to."""
    if "x-write" not in schema and "$ref" in schema:
        schema = definition(schema["$ref"].rpartition("/")[2])
    return f"write {schema.get('x-write', 'what `schemas/config.schema.json` says')}"


def _say_type(node: Node, error: ValidationError, subject: str) -> Iterator[Sentence]:
    """A value of the wrong kind."""
    node.sound = False
    kind = next((word for type_, word in _KIND_WORDS if isinstance(node.value, type_)), "empty")
    if _is_secret(error) and isinstance(node.value, str):
        yield node.mark, f"{subject}: a credential is never written out in the configuration: {_write(error.schema)}"
    else:
        none = _write_none(node, error, subject)
        advice = _write(error.schema)
        yield node.mark, f"{subject} must not be {kind}: {f'{none}; else {advice}' if none else advice}"


def _write_none(node: Node, error: ValidationError, subject: str) -> str:
    """How to write that there are none of what a known key with nothing behind it may hold.

    Behind a key of one's own, such as a number, that would be advice to give it up.
    """
    is_known_key = list(error.absolute_schema_path)[-3:-2] == ["properties"]
    if node.value is not None or not is_known_key:
        return ""
    judge = _validator().evolve(schema=error.schema)
    none = next((shown for empty, shown in (({}, "{}"), ([], "[]")) if judge.is_valid(empty)), None)
    return f"write {subject.removesuffix('`')}: {none}` or remove the key" if none else ""


def _say_choice(node: Node, error: ValidationError, subject: str) -> Iterator[Sentence]:
    """A value that is none of those allowed."""
    node.sound = False
    schema: Any = error.schema
    meant = near(str(node.value), tuple(map(str, schema.get("enum", ()))))
    advice = f"did you mean {quoted(meant)}?" if meant else _write(error.schema)
    yield node.mark, f"{subject} has no such setting: {advice}"


def _say_required(node: Node, error: ValidationError, subject: str) -> Iterator[Sentence]:
    """Members that are missing. The validator reports each of them; all are told at the first."""
    schema: Any = error.schema
    for key in schema["required"]:
        if key not in node.members:
            yield node.mark, f"{quoted(key)} is missing in {subject}: {_write(schema['properties'][key])}"


def _say_unknown(node: Node, error: ValidationError, subject: str) -> Iterator[Sentence]:
    """Keys that nobody knows, each at its own place."""
    schema: Any = error.schema
    known: Mapping[str, Any] = schema["properties"]
    unknown = [(key, mark) for key, _, mark in node.entries() if key not in known]
    for index, (key, mark) in enumerate(unknown):
        node.members[key].sound = False
        shown = "such key" if _is_secret(error) else quoted(key)
        yield mark, f"{subject} has no {shown}: {instead(key, known) if index < MOST_ADVISED else 'remove it'}"


def _say_form(node: Node, error: ValidationError, subject: str) -> Iterator[Sentence]:
    """A value of the right kind but not of the right form, length or size."""
    node.sound = False
    yield node.mark, f"{subject} is not of the right form: {_write(error.schema)}"


def _is_secret(error: ValidationError) -> bool:
    """Whether the error lies among credentials, where not even a key is repeated."""
    return "credentials" in error.absolute_path


_SENTENCES: Final[Mapping[str, Callable[[Node, ValidationError, str], Iterator[Sentence]]]] = {
    "type": _say_type,
    "enum": _say_choice,
    "const": _say_choice,
    "required": _say_required,
    "additionalProperties": _say_unknown,
}
