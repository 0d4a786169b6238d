"""YAML written out with the place of every key and value, so that a message's LINE:COLUMN can be foretold."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

Path = tuple[str | int, ...]
"""Keys and list positions from the root down."""

_PLAIN_KEY = re.compile("[A-Za-z_][A-Za-z0-9_-]*")


class Raw(str):
    """Text that is written into the YAML as it stands, without quotes."""

    __slots__ = ()


@dataclass(slots=True)
class Sheet:
    """A document as text. ``keys`` and ``values`` give each one's ``LINE:COLUMN``."""

    lines: list[str] = field(default_factory=list)
    keys: dict[Path, str] = field(default_factory=dict)
    values: dict[Path, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The whole document."""
        return "".join(f"{line}\n" for line in self.lines)

    @property
    def here(self) -> str:
        """The place of the next character of the last line."""
        return f"{len(self.lines)}:{len(self.lines[-1]) + 1}"


def write(document: dict[str, Any]) -> Sheet:
    """``document`` in block style, its lists and what is in them in flow style."""
    sheet = Sheet()
    _map(sheet, document, ())
    return sheet


def _map(sheet: Sheet, members: dict[str, Any], path: Path) -> None:
    """The members of a map, each on lines of its own."""
    for number, (key, value) in enumerate(members.items()):
        at = (*path, key)
        sheet.lines.append("  " * len(path))
        if number == 0:
            sheet.values[path] = sheet.here
        sheet.keys[at] = sheet.here
        sheet.lines[-1] += f"{_key(key)}:"
        if isinstance(value, dict) and value:
            _map(sheet, value, at)
        else:
            sheet.lines[-1] += " "
            _flow(sheet, value, at)


def _flow(sheet: Sheet, value: Any, path: Path) -> None:
    """A scalar, a list, or a map, on the last line."""
    sheet.values[path] = sheet.here
    if isinstance(value, dict):
        _flow_members(sheet, value, path)
    elif isinstance(value, list):
        sheet.lines[-1] += "["
        for number, item in enumerate(value):
            sheet.lines[-1] += ", " if number else ""
            _flow(sheet, item, (*path, number))
        sheet.lines[-1] += "]"
    else:
        sheet.lines[-1] += value if isinstance(value, Raw) else json.dumps(value, ensure_ascii=False)


def _flow_members(sheet: Sheet, members: dict[str, Any], path: Path) -> None:
    """A map in braces, on the last line."""
    sheet.lines[-1] += "{"
    for number, (key, value) in enumerate(members.items()):
        sheet.lines[-1] += ", " if number else ""
        sheet.keys[*path, key] = sheet.here
        sheet.lines[-1] += f"{_key(key)}: "
        _flow(sheet, value, (*path, key))
    sheet.lines[-1] += "}"


def _key(key: str) -> str:
    """A key, quoted unless it is a word."""
    return key if isinstance(key, Raw) or _PLAIN_KEY.fullmatch(key) else json.dumps(key, ensure_ascii=False)
