"""A named check of the program: a small function on fresh carriers, or an existing test that is reused."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.rig import Rig


@dataclass(frozen=True, slots=True)
class Check:
    """``run`` gets an empty folder and raises AssertionError for what is wrong."""

    name: str
    run: Callable[[Path], None]


def check(function: Callable[[Rig], None]) -> Check:
    """A check of the program on fresh carriers."""
    return Check(_spoken(function), lambda folder: function(Rig(folder)))


def reused(test: Callable[..., None], **arguments: Any) -> Check:
    """An existing test, with ``arguments`` where it is parametrised."""

    def run(folder: Path) -> None:
        wanted = inspect.signature(test).parameters
        given: dict[str, Any] = {"tmp_path": folder, "rig": Rig(folder)}
        test(**{name: value for name, value in given.items() if name in wanted}, **arguments)

    details = ", ".join(getattr(value, "__name__", str(value)) for value in arguments.values())
    return Check(_spoken(test) + (f" ({details})" if details else ""), run)


def _spoken(function: Callable[..., None]) -> str:
    return function.__name__.removeprefix("test_").replace("_", " ")
