"""Inputs changed at random: each ends well or is refused in words with a place, soon, and alike by both YAML parsers.

Input ``N`` of seed ``S`` is always the same, whatever ran before it.
"""

from __future__ import annotations

import json
import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any

from reconciler import package_data
from reconciler.config import loader, source
from reconciler.config.node import Node
from reconciler.config.problems import MisreadError
from reconciler.errors import ConfigError, DamagedPlanError
from reconciler.state import plan_file
from reconciler.testing import load_configuration
from reconciler.views import render
from tests.corpus import malformed, mutate, plan_files
from tests.corpus.cage import ENVIRON
from tests.corpus.full import FULL
from tests.corpus.sheet import write

MOST_CPU_SECONDS = 1.0
MOST_WALL_SECONDS = 20.0
PLANS_AMONG = 4
"""One input in so many is a plan file, the rest are configurations."""

_PROBLEM = re.compile(r".+?:[1-9][0-9]*:[1-9][0-9]*: .+")
_TAKEN_BY_ONE = re.compile(r"(?s)[\[{].*(?::[,\[\]{}]|\?)|[|>][-+0-9]*#|\S\t+\S")
"""What one parser refuses and the other takes, as they follow different editions of YAML.

In flow style, ``:`` right before a bracket or comma (the C parser refuses ``{a:,b}``) and ``?`` in unquoted text (the
pure one refuses ``{a: b?c}``); a comment right behind ``|`` or ``>``, and a tab between words of unquoted text (the
pure one refuses both).
"""


class HangError(BaseException):
    """An input took too long; no ``except Exception`` of the program under test may stop it."""


@dataclass(frozen=True, slots=True)
class Input:
    """A changed configuration or plan file. ``sealed``: its digest was made to fit."""

    raw: bytes
    is_plan: bool = False
    sealed: bool = False


def made(seed: int, number: int) -> Input:
    """The input of that number."""
    chance = Random(f"{seed}:{number}")  # a text is hashed alike in every process
    if number % PLANS_AMONG:
        return Input(mutate.mutated(chance, _configurations()))
    if chance.random() < 0.5:
        return Input(mutate.mutated(chance, (plan_files.saved(),)), is_plan=True)
    document = mutate.altered(chance, plan_files.document())
    try:
        return Input(plan_files.sealed(document), is_plan=True, sealed=True)
    except (ValueError, RecursionError):  # it has no canonical form, so no digest
        return Input(json.dumps(document).encode(), is_plan=True)


@cache
def _configurations() -> tuple[bytes, ...]:
    """What is changed: every option there is, the example, and what is malformed already."""
    files = [file.read_bytes() for file in malformed.FILES]
    example = package_data.text("numbers.yaml.example").encode()
    return (*[write(dict(FULL)).text.encode(), example] * (len(files) // 2), *files)


def fault(given: Input, folder: Path) -> str | None:
    """What the program does with the input that it must not, in words. ``folder`` takes a file."""
    began = time.process_time()
    try:
        with _limited(MOST_WALL_SECONDS):
            found = _plan_fault(given) if given.is_plan else _config_fault(given.raw, folder / "numbers.yaml")
    except (Exception, HangError) as error:
        return f"{type(error).__name__}: {error}"
    took = time.process_time() - began
    return found or (f"{took:.2f} s of processor time" if took > MOST_CPU_SECONDS else None)


@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    """Raise :class:`HangError` when the block takes longer."""

    def hang(_number: int, _frame: FrameType | None) -> None:
        raise HangError

    before = signal.signal(signal.SIGALRM, hang)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _config_fault(raw: bytes, path: Path) -> str | None:
    """A configuration loads, or is refused with the place of every problem."""
    path.write_bytes(raw)
    try:
        load_configuration([path], ENVIRON)
    except ConfigError as refusal:
        for line in refusal.problems:
            if not (_PROBLEM.fullmatch(line) and line.isprintable()):
                return f"a problem without a place, or that cannot be printed: {line!r}"
    try:
        text = source.read(path)
    except MisreadError:
        return None
    return disagreement(text, *readings(text))


@dataclass(frozen=True, slots=True)
class Reading:
    """What one parser makes of a text: the values with their places, or why and where it refuses them."""

    values: Any = None
    refusal: tuple[Any, str] | None = None


def readings(text: str) -> tuple[Reading, Reading]:
    """What the pure and the fastest parser make of ``text``."""
    return _reading(text, loader.PURE), _reading(text, loader.FASTEST)


def _reading(text: str, events: loader.Events) -> Reading:
    try:
        return Reading(_places(loader.parse(text, "numbers.yaml", events)))
    except MisreadError as refusal:
        return Reading(refusal=(refusal.mark, refusal.message))


def disagreement(text: str, pure: Reading, fast: Reading) -> str | None:
    """How the two readings of ``text`` differ, in words; None also for what is known and harmless.

    What both parsers take must mean the same to the last place.
    """
    if pure.values == fast.values:
        return None
    if pure.refusal is None and fast.refusal is None:
        return "the parsers read different values"
    if _TAKEN_BY_ONE.search(text):
        return None
    return f"only the {'C' if pure.refusal else 'pure'} parser takes it"


def _places(node: Node) -> Any:
    if isinstance(node.value, dict):
        return node.mark, [(key, node.key_mark(key), _places(member)) for key, member in node.value.items()]
    if isinstance(node.value, list):
        return node.mark, [_places(item) for item in node.value]
    return node.mark, node.value, node.text


def _plan_fault(given: Input) -> str | None:
    """A plan file is refused, unless it is the very plan that was saved or was sealed anew; that can be shown."""
    try:
        plan = plan_file.loads(given.raw)
    except DamagedPlanError as refusal:
        return None if refusal.message.isprintable() else f"a message that cannot be printed: {refusal.message!r}"
    if not given.sealed and plan_file.dumps(plan) != plan_files.saved():
        return "a changed plan is taken for intact"
    render.plan(plan, "text", color=False, width=100)
    return None
