"""Tables: aligned columns for a terminal, pipes for markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reconciler import money
from reconciler.finances import Share
from reconciler.money import Total
from reconciler.text import plain
from reconciler.views import markup
from reconciler.views.ink import Ink
from reconciler.views.rows import Tone
from reconciler.views.wrapping import wrapped

NARROWEST = 30
"""Columns that the last one of a table has at least, if it needs them."""

WIDEST_GROUP = 40
"""Characters of a label that are shown beside its sums."""


@dataclass(frozen=True, slots=True)
class Table:
    """Cells that are safe for a terminal already. ``right`` are the columns to align to the right, from 0."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: frozenset[int] = frozenset()
    title: str = ""


def text(table: Table, ink: Ink, width: int) -> str:
    """The table with two spaces between its columns; what is too long in the last one goes on below itself."""
    widths = [max(map(len, column)) for column in zip(table.columns, *table.rows, strict=True)]
    column = sum(widths[:-1]) + 2 * len(widths[:-1])
    last = min(widths[-1], max(NARROWEST, width - column))
    header = ink(_aligned(table.columns, widths, table.right), Tone.QUIET)
    lines = [ink.bold(table.title), header] if table.title else [header]
    for row in table.rows:
        first, *further = wrapped(row[-1], last) or [""]
        lines.append(_aligned([*row[:-1], first], [*widths[:-1], last], table.right))
        lines += [" " * column + part for part in further]
    return "\n".join(lines)


def markdown(table: Table) -> str:
    """The table in GitHub's form, its cells escaped."""
    ends = ["---:" if column in table.right else "---" for column in range(len(table.columns))]
    title = [f"**{markup.prose(table.title)}**", ""] if table.title else []
    head = [*title, markup.row(map(markup.escape, table.columns)), markup.row(ends)]
    return "\n".join([*head, *(markup.row(map(markup.prose, row)) for row in table.rows)])


def money_table(totals: Mapping[str, Total]) -> Table:
    """Sums by currency."""
    rows = tuple(
        (currency, *(money.show(amount, currency) for amount in (total.setup, total.first_month, total.monthly)))
        for currency, total in totals.items()
    )
    return Table(("currency", "set-up", "first month", "monthly"), rows, right=frozenset({1, 2, 3}))


def shares_table(shares: Sequence[Share]) -> Table:
    """Sums by group and currency; a group is named once."""
    rows = tuple(
        (
            "" if place and shares[place - 1].group == share.group else plain(share.group, WIDEST_GROUP),
            share.currency,
            money.show(share.added.setup, share.currency),
            money.show(share.added.first_month, share.currency),
            money.show(share.added.monthly, share.currency),
            "unknown" if share.saved is None else money.show(share.saved, share.currency),
        )
        for place, share in enumerate(shares)
    )
    columns = ("account or label", "currency", "set-up", "first month", "monthly", "saved a month")
    return Table(columns, rows, right=frozenset({2, 3, 4, 5}))


def _aligned(cells: Sequence[str], widths: Sequence[int], right: frozenset[int]) -> str:
    padded = [
        cell.rjust(width) if column in right else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return "  ".join(padded).rstrip()
