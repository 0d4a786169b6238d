"""Plan files that are not what was saved: cut, grown, nested, and every value of a real one damaged.

Damage to a value is sealed with a fresh digest, so that what is tested is the reading of the plan and not its digest.
"""

from __future__ import annotations

import copy
import json
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import rfc8785

from reconciler.state import plan_file
from tests.corpus import case
from tests.corpus.case import CANARY, Case
from tests.rig import Rig

_FLEET: Final = """numbers:
  "+17205550142": {provider: ip, sms: true, webhook: "https://hooks.example.com/in"}
  "+447700900123": {provider: ib}
"""

_SHAPE: Final = "is not as schemas/plan.schema.json has it"
_NO_JSON: Final = "the file is not JSON as tnctl writes it"
_OPAQUE: Final = frozenset({"before", "after", "carrier"})
"""Members that the schema leaves open: what is in them is bound by the digest alone."""


@cache
def saved() -> bytes:
    """A plan as it is saved: it enables messages, sets a webhook, and buys a number."""
    with tempfile.TemporaryDirectory() as name:
        rig = Rig(Path(name))
        rig.write(_FLEET)
        return plan_file.dumps(rig.plan())


def document() -> dict[str, Any]:
    """A copy of the document in :func:`saved`."""
    return copy.deepcopy(_document())


@cache
def _document() -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(saved())
    return parsed


def sealed(changed: dict[str, Any]) -> bytes:
    """``changed`` with the digest that it should have."""
    return rfc8785.dumps({**changed, "digest": plan_file.digest(changed)})


def cases() -> Iterator[Case]:
    """All of them."""
    yield from _bytes()
    yield from _sizes()
    yield from _spliced()
    yield from _values()
    yield from _contradictions()


def _bytes() -> Iterator[Case]:
    """What is no JSON, or not the JSON that was saved."""
    whole = saved()
    for tenth in range(10):
        yield case.plan(f"cut-at-{tenth}-tenths", whole[: len(whole) * tenth // 10], _NO_JSON)
    for name, raw in {
        "garbage-behind": whole + b"x",
        "twice": whole + whole,
        "utf16": b"\xfe\xff" + whole.decode().encode("utf-16-be")[1:],
        "nul-behind": whole + b"\0",
        "gzip": bytes.fromhex("1f8b0800000000000003"),
        "yaml": b"format_version: '1.1'\n",
        "single-quotes": whole.replace(b'"', b"'"),
    }.items():
        yield case.plan(name, raw, _NO_JSON)
    for name, raw in {"null": b"null", "list": b"[]", "text": b'"plan"', "number": b"1", "empty-map": b"{}"}.items():
        yield case.plan(f"only-{name}", raw, f"the document {_SHAPE}")
    flipped = whole.replace(b"+447700900123", b"+447700900124")
    yield case.plan("another-number", flipped, "its digest does not match")
    for version, words in {
        "2.0": "plan format 2.0 is not the 1.1",
        "1.2": "plan format 1.2 is not the 1.1",
        "1.0": "plan format 1.0 is of an earlier tnctl and has no seal",
    }.items():
        other = whole.replace(b'"format_version":"1.1"', f'"format_version":"{version}"'.encode())
        yield case.plan(f"format-{version}", other, words)


def _sizes() -> Iterator[Case]:
    """Files that hurt whoever reads them without care."""

    def sparse(path: Path) -> None:
        with path.open("wb") as file:
            file.truncate(plan_file.LARGEST + 1)

    yield case.plan("larger-than-any", sparse, "too large for a plan file")
    yield case.plan("deep-lists", b"[" * 1_000_000, _NO_JSON)
    yield case.plan("deep-lists-closed", b"[" * 100_000 + b"]" * 100_000, _NO_JSON)
    yield case.plan("deep-maps", b'{"a":' * 1_000_000, _NO_JSON)
    yield case.plan("spaces", b" " * 10_000_000, _NO_JSON)
    yield case.plan("long-text", b'"' + b"x" * 10_000_000, _NO_JSON)
    yield case.plan("many-items", b"[" + b"1," * 500_000 + b"1]", f"the document {_SHAPE}")


def _spliced() -> Iterator[Case]:
    """A value of the saved document replaced, as text, by what JSON or RFC 8785 has no form for."""
    for name, text, words in (
        ("float", b"0.5", _NO_JSON),
        ("whole-float", b"4.0", _NO_JSON),
        ("exponent", b"1e999", _NO_JSON),
        ("nan", b"NaN", _NO_JSON),
        ("infinity", b"Infinity", _NO_JSON),
        ("minus-infinity", b"-Infinity", _NO_JSON),
        ("endless-digits", b"9" * 10_000, _NO_JSON),
        ("unsafe-integer", b"9007199254740993", "not a plan"),
        ("half-a-character", b'"\\ud800"', "not a plan"),
        ("deep", b"[" * 900 + b"]" * 900, "plan.json: "),
        ("twice", b'1,"serial":1', _NO_JSON),
    ):
        yield case.plan(f"serial-{name}", _spliced_at(b'"serial":', text), words)
        yield case.plan(f"carrier-{name}", _spliced_at(b'"carrier":{', b'"serial":' + text + b","), words)


def _spliced_at(before: bytes, text: bytes) -> bytes:
    """The saved bytes with ``text`` after the first ``before``; in place of a number that stands there."""
    head, _, tail = saved().partition(before)
    return head + before + text + tail.lstrip(b"0123456789")


def _values() -> Iterator[Case]:
    """Each value of the document with another type, each member missing, and a member that nobody knows."""
    for path, value in _places(_document(), ()):
        shown = "/".join(map(str, path))
        if path and path != ("digest",) and isinstance(path[-1], str) and path[-2:-1] not in {("reads",), ("carrier",)}:
            yield case.plan(f"missing:{shown}", sealed(_changed(path, drop=True)), "plan.json: ")
        if path and path != ("digest",) and not isinstance(path[-1], int):
            wrong = 7.5 if path[-1] not in _OPAQUE else [CANARY]
            yield case.plan(f"wrong-type:{shown}", _unsealed(path, wrong), "not a plan")
        if isinstance(value, dict) and path[-1:] != ("reads",) and (not path or path[-1] not in _OPAQUE):
            yield case.plan(f"unknown-key:{shown}", sealed(_changed((*path, CANARY), 1)), _SHAPE)


def _places(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Each value with the way to it; not into those that the schema leaves open."""
    yield path, value
    if path and path[-1] in _OPAQUE:
        return
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, member in members:
        yield from _places(member, (*path, step))


def _changed(path: tuple[Any, ...], value: Any = None, *, drop: bool = False) -> dict[str, Any]:
    """The document with ``value`` at ``path``, or with nothing there."""
    changed = document()
    owner: Any = changed
    for step in path[:-1]:
        owner = owner[step]
    if drop:
        del owner[path[-1]]
    else:
        owner[path[-1]] = value
    return changed


def _unsealed(path: tuple[Any, ...], value: Any) -> bytes:
    """The document with ``value`` at ``path``, and the digest that is right for it."""
    return sealed(_changed(path, value))


def _contradictions() -> Iterator[Case]:
    """Plans of the right shape and digest that say what cannot be."""
    number = next(n for n, change in enumerate(_document()["changes"]) if change["kind"] == "number")
    sums, place = "the plan contradicts itself", ("changes", number)
    for name, path, value, words in (
        ("sums", ("summary", "create"), 99, sums),
        ("another-kind", (*place, "kind"), "sms", sums),
        ("cheaper", ("cost", "EUR", "monthly"), "0.01", sums),
        ("no-unknown", ("cost", "unknown"), ["number/+447700900123"], sums),
        ("no-such-day", ("created_at",), "2026-02-30T00:00:00Z", "not a plan"),
        ("no-such-hour", ("expires_at",), "2026-02-03T99:00:00Z", "not a plan"),
        ("line-end-behind-moment", ("created_at",), "2026-02-03T00:00:00Z\n", "not a plan"),
        ("foreign-digits", ("created_at",), "٢٠٢٦-02-03T00:00:00Z", "not a plan"),
        ("too-precise", (*place, "cost", "setup"), f"{'9' * 2000}.00", ""),
        ("many-decimals", (*place, "cost", "setup"), f"0.{'1' * 2000}", ""),
        ("line-end-behind-address", (*place, "needs"), ["slot/x\n"], "not a plan"),
    ):
        yield case.plan(f"says-{name}", sealed(_changed(path, value)), words)
