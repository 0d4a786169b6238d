"""Changes at random: to bytes as a broken disk or editor makes them, and to tokens as a confused person does."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Sequence
from random import Random
from typing import Any, Final

Mutation = Callable[[Random, bytes, Sequence[bytes]], bytes]
"""The bytes changed, with other seeds to take parts from."""

LONGEST: Final = 16_384
"""Bytes. Mutations that repeat would grow without end."""

_TOKEN = re.compile(rb"[A-Za-z0-9_.+/-]+|\s+|.", re.DOTALL)

_HOSTILE: Final = tuple(
    token.encode("utf-8", "surrogatepass")
    for token in (
        *("&a ", "*a", "<<: ", "!!", "!x ", "? ", ": ", "- ", ", ", "{", "}", "[", "]", "|", ">", "|+2\n", ">-\n", "#"),
        *("'", '"', "\\", '"\\x41"', '"\\ud800"', "---\n", "...\n", "%YAML 1.1\n", "%", "@", "`", "~", "=", "\t", "\r"),
        *("\n", "\n  ", "\0", "\x1b", "\x85", "\u2028", "\ufeff", "\u202e", "\u200b", "\ud800", "٣", "＋", "é", "𝟏"),
        *("+17205550142", "0612345670", "190:20:30", "0x1F", "1e999", ".nan", "NaN", "NO", "true", "null", "-0", "1.0"),
        *("9" * 20, "x" * 600, "[" * 70, "{a: " * 70, "version: 1\n", "provider", "sms", "env", "CACME01", "::error::"),
    )
)


def mutated(chance: Random, seeds: Sequence[bytes]) -> bytes:
    """One of ``seeds``, changed a few times."""
    raw = chance.choice(seeds)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 5, 8))):
        raw = chance.choice(_MUTATIONS)(chance, raw, seeds)
    return raw[:LONGEST]


def _span(chance: Random, raw: bytes) -> tuple[int, int]:
    """Where a part of ``raw`` begins and ends; mostly a short one."""
    start = chance.randrange(len(raw) + 1)
    return start, min(len(raw), start + int(2 ** chance.uniform(0, 9)))


def _flip(chance: Random, raw: bytes, _: Sequence[bytes]) -> bytes:
    """One bit."""
    if not raw:
        return raw
    at = chance.randrange(len(raw))
    return raw[:at] + bytes([raw[at] ^ 1 << chance.randrange(8)]) + raw[at + 1 :]


def _cut(chance: Random, raw: bytes, _: Sequence[bytes]) -> bytes:
    """Without a part, or without all that follows."""
    start, end = _span(chance, raw)
    return raw[:start] + (raw[end:] if chance.random() < 0.8 else b"")


def _repeat(chance: Random, raw: bytes, _: Sequence[bytes]) -> bytes:
    """A part again, where it stands or elsewhere."""
    start, end = _span(chance, raw)
    at = end if chance.random() < 0.5 else chance.randrange(len(raw) + 1)
    return raw[:at] + raw[start:end] * chance.choice((1, 1, 2, 20)) + raw[at:]


def _splice(chance: Random, raw: bytes, seeds: Sequence[bytes]) -> bytes:
    """A part of another seed."""
    other = chance.choice(seeds)
    start, end = _span(chance, other)
    at = chance.randrange(len(raw) + 1)
    return raw[:at] + other[start:end] + raw[at:]


def _insert(chance: Random, raw: bytes, _: Sequence[bytes]) -> bytes:
    """A token that parsers are known to stumble over."""
    at = chance.randrange(len(raw) + 1)
    return raw[:at] + chance.choice(_HOSTILE) + raw[at:]


def _replace_token(chance: Random, raw: bytes, _: Sequence[bytes]) -> bytes:
    """Such a token in place of another."""
    tokens = _TOKEN.findall(raw) or [b""]
    tokens[chance.randrange(len(tokens))] = chance.choice(_HOSTILE)
    return b"".join(tokens)


def _swap_tokens(chance: Random, raw: bytes, _: Sequence[bytes]) -> bytes:
    """Two tokens in each other's place."""
    tokens = _TOKEN.findall(raw) or [b""]
    one, other = chance.randrange(len(tokens)), chance.randrange(len(tokens))
    tokens[one], tokens[other] = tokens[other], tokens[one]
    return b"".join(tokens)


def _swap_lines(chance: Random, raw: bytes, _: Sequence[bytes]) -> bytes:
    """Two lines in each other's place, or one of them indented."""
    lines = raw.split(b"\n")
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    lines[one] = chance.choice((b"", b"", b" ", b"  ", b"- ")) + lines[one]
    return b"\n".join(lines)


_MUTATIONS: Final[tuple[Mutation, ...]] = (
    _flip,
    _cut,
    _repeat,
    _splice,
    _insert,
    _insert,
    _replace_token,
    _replace_token,
    _swap_tokens,
    _swap_lines,
)

_VALUES: Final[tuple[Any, ...]] = (
    *(None, True, 0, -1, 2**53, 2**53 + 1, 10**400, "", "x", "\0", "\u202e", "a\n", "::error::", "9" * 400 + ".00"),
    *("0.00", "create", "number/x", "slot/x", "2026-02-30T00:00:00Z", "1.7", [], {}, [[]], {"x": []}, ["number/x"]),
)


def altered(chance: Random, document: Any) -> Any:
    """``document``, which is changed, with one of its values replaced, removed, doubled, or moved elsewhere."""
    places = list(_places(document))
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        owner, step = chance.choice(places)
        other_owner, other_step = chance.choice(places)
        try:
            _alter(chance, owner, step, other_owner[other_step])
        except (KeyError, IndexError):  # an earlier change removed it
            continue
    return document


def _alter(chance: Random, owner: Any, step: Any, other: Any) -> None:
    """One change to what ``owner`` has at ``step``."""
    kind = chance.randrange(4)
    if kind == 0:
        del owner[step]
    elif kind == 1 and isinstance(owner, list):
        owner.append(owner[step])
    else:
        owner[step] = copy.deepcopy(other if kind == 2 else chance.choice(_VALUES))


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Each member of each map and list below ``value``, as its owner and where it is there."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for step, member in members for place in ((value, step), *_places(member))]
