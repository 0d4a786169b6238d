"""One malformed input: how it is laid out in an empty directory, what is run on it, and how it must be refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from reconciler.errors import EXIT_ERROR, EXIT_STALE

CANARY = "CANARY"
"""Stands wherever a secret may have been put; no output may hold it."""

CONFIG = "numbers.yaml"
PLAN = "plan.json"
STATE = "state.db"

VALIDATE = ("validate",)
SHOW_PLAN = ("show", PLAN)
LIST_RECORDS = ("state", "list", "--state", f"sqlite:///{STATE}")

Told = tuple[str, str]
"""``FILE:LINE:COLUMN``, and words that the message there must hold."""


@dataclass(frozen=True, slots=True)
class Case:
    """One input. ``told`` are all the places that a refused configuration names, each as often as it is named.

    ``words`` must stand in the output of any case.
    """

    name: str
    lay: Callable[[Path], object]
    arguments: tuple[str, ...]
    code: int
    told: tuple[Told, ...] = ()
    words: str = ""


def config(name: str, text: str | bytes, *told: Told) -> Case:
    """A malformed ``numbers.yaml``; the places of ``told`` are written ``LINE:COLUMN``."""
    raw = text.encode() if isinstance(text, str) else text
    placed = tuple((f"{CONFIG}:{place}", words) for place, words in told)
    return Case(f"config-{name}", partial(_write, CONFIG, raw), VALIDATE, EXIT_ERROR, placed)


def paths(name: str, lay: Callable[[Path], object], told: Iterable[Told], arguments: Sequence[str]) -> Case:
    """Files and directories that no configuration can be read from."""
    return Case(f"paths-{name}", lay, (*VALIDATE, *arguments), EXIT_ERROR, tuple(told))


def plan(name: str, raw: bytes | Callable[[Path], object], words: str) -> Case:
    """A damaged plan file: its bytes, or what makes it at a path."""
    lay = partial(_write, PLAN, raw) if isinstance(raw, bytes) else partial(_at, PLAN, raw)
    return Case(f"plan-{name}", lay, SHOW_PLAN, EXIT_STALE, words=words)


def state(name: str, raw: bytes | Callable[[Path], object], words: str) -> Case:
    """Damaged records: their bytes, or what makes them at a path."""
    lay = partial(_write, STATE, raw) if isinstance(raw, bytes) else partial(_at, STATE, raw)
    return Case(f"state-{name}", lay, LIST_RECORDS, EXIT_STALE, words=words)


def _write(file: str, raw: bytes, folder: Path) -> None:
    (folder / file).write_bytes(raw)


def _at(file: str, make: Callable[[Path], object], folder: Path) -> None:
    make(folder / file)
