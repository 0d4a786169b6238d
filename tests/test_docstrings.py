"""What a docstring refers to by name is there: a module, a file, a class, a function, a member."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import reconciler

ROOT = Path(reconciler.__file__).parent
_NAME = re.compile(r":(?:mod|class|func|meth|attr|data|exc):`~?([\w.]+)`|``(reconciler\.[\w.]+)``")
_FILE = re.compile(r"``(?!conftest)([\w/]+\.py)``")  # a conftest is the user's


def modules() -> Iterator[ModuleType]:
    """All of tnctl's that can be imported here: one is for PostgreSQL, whose driver is an extra."""
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT.parent).with_suffix("").parts
        try:
            yield importlib.import_module(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
        except ModuleNotFoundError as missing:
            if missing.name != "psycopg":
                raise


def references(tree: ast.AST, within: tuple[str, ...] = ()) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What texts in ``tree`` refer to, and the classes that each stands in."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from ((role or plain, within) for role, plain in _NAME.findall(node.value))
        yield from references(node, (*within, node.name) if isinstance(node, ast.ClassDef) else within)


def dangling(module: ModuleType) -> Iterator[str]:
    """What the texts of ``module`` refer to that is not there."""
    assert module.__file__
    text = Path(module.__file__).read_text(encoding="utf-8")
    yield from (name for name, within in references(ast.parse(text)) if not is_there(name, module, within))
    yield from (file for file in _FILE.findall(text) if not any(ROOT.rglob(file)))


def is_there(name: str, module: ModuleType, within: tuple[str, ...]) -> bool:
    """Whether ``name`` is a module, or can be reached from ``module`` or from a class around."""
    if name.startswith("reconciler"):
        return any(reached(importlib.import_module(place), rest) for place, rest in splits(name) if exists(place))
    scopes = [".".join(within[: n + 1]) for n in range(len(within))]
    return any(reached(module, f"{scope}.{name}" if scope else name) for scope in ("", *scopes))


def splits(name: str) -> Iterator[tuple[str, str]]:
    """Each way to read a dotted name as a module and what is in it."""
    parts = name.split(".")
    return ((".".join(parts[:n]), ".".join(parts[n:])) for n in range(len(parts), 0, -1))


def exists(module: str) -> bool:
    path = ROOT.parent.joinpath(*module.split("."))
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def reached(start: object, path: str) -> bool:
    """Whether the attributes of ``path`` lead somewhere, without another module on the way.

    A field of a dataclass or of a protocol counts.
    """
    for name in filter(None, path.split(".")):
        if name not in getattr(start, "__annotations__", {}) and not hasattr(start, name):
            return False
        start = getattr(start, name, None)
        if isinstance(start, ModuleType):
            return False
    return True


def test_what_a_docstring_refers_to_is_there() -> None:
    missing = {module.__name__: list(dangling(module)) for module in modules()}
    assert {name: targets for name, targets in missing.items() if targets} == {}


def test_a_reference_to_what_was_renamed_is_found() -> None:
    module = importlib.import_module("reconciler.config.loader")
    assert is_there("DEEPEST", module, ())
    assert is_there("reconciler.config.node.Node", module, ())
    assert not is_there("reconciler.config.load.node.Node", module, ())
    assert not is_there("DEEPER", module, ())
