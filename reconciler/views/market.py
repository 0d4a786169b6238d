"""What a carrier has for sale, as tables: whatever columns its rows have, nested ones by their path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from reconciler.text import plain
from reconciler.views import words
from reconciler.views.tables import Table

WIDEST_CELL = 60


def table(rows: Sequence[Mapping[str, Any]]) -> Table:
    """The carrier's rows under the columns that any of them has; numbers stand to the right."""
    flat = [dict(_flat(row)) for row in rows]
    columns = tuple(dict.fromkeys(column for row in flat for column in row))
    right = {place for place, column in enumerate(columns) if all(_is_number(row.get(column)) for row in flat)}
    cells = tuple(tuple(_cell(row.get(column)) for column in columns) for row in flat)
    return Table(columns, cells, frozenset(right))


def _flat(row: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """``{"price": {"currency": …}}`` as ``price.currency``."""
    for name, content in row.items():
        path = f"{prefix}{plain(name)}"
        if isinstance(content, Mapping):
            yield from _flat(content, f"{path}.")
        else:
            yield path, content


def _is_number(content: object) -> bool:
    return isinstance(content, int | Decimal) and not isinstance(content, bool)


def _cell(content: object) -> str:
    match content:
        case None:
            return ""
        case bool():
            return "yes" if content else "no"
        case list() | tuple():
            return plain(", ".join(map(_cell, content)), WIDEST_CELL)
        case _:
            return plain(words.value(content), WIDEST_CELL)
