"""Tables: aligned columns for a terminal, pipes for markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reconciler.model import money
from reconciler.model.money import Total
from reconciler.model.safe_text import plain
from reconciler.planning.costs import Share
from reconciler.views import markup
from reconciler.views.folding import Emphasis
from reconciler.views.terminal import LONGEST_LINE, Colors, wrapped

NARROWEST = 30
"""Columns that the last one of a table has at least, if it needs them."""

WIDEST_GROUP = 40
"""Characters of a label that are shown beside its sums."""


NARROWEST_LAST = 20
"""Columns that it is made narrower to, before others are cut."""

NARROWEST_CELL = 6
"""Columns below which no cell is cut."""


@dataclass(frozen=True, slots=True)
class Table:
    """Cells that are safe for a terminal already. ``right`` are the columns to align to the right, from 0.

    ``whole`` are, beside those, the ones whose cells are never cut, such as an address that a reader copies. Where a
    table is too wide the others are, the widest first. What is too long in the last one goes on below itself, unless
    a row is to be one ``line``.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: frozenset[int] = frozenset()
    title: str = ""
    whole: frozenset[int] = frozenset({0})
    line: bool = False


def text(table: Table, colors: Colors, width: int) -> str:
    """The table with two spaces between its columns; ``width`` is where its last one goes on below itself."""
    widths = _widths(table, width)
    column = sum(widths[:-1]) + 2 * len(widths[:-1])
    header = colors(_aligned(_cut(table.columns, widths), widths, table.right), Emphasis.QUIET)
    lines = [colors.bold(table.title), header] if table.title else [header]
    for row in table.rows:
        first, *further = [row[-1]] if table.line else wrapped(row[-1], widths[-1]) or [""]
        cells = [*_cut(row[:-1], widths), _cut([first], widths[-1:])[0] if table.line else first]
        lines.append(_aligned(cells, widths, table.right))
        lines += [" " * column + part for part in further]
    return "\n".join(lines)


def _widths(table: Table, width: int) -> list[int]:
    """Of each column: as wide as its cells, but for those that must be cut so that no line is too long.

    Only what is longer than any line may be is cut: a narrow terminal wraps by itself.
    """
    widths = [max(map(len, column)) for column in zip(table.columns, *table.rows, strict=True)]
    last, whole, longest = len(widths) - 1, table.whole | table.right, max(width, LONGEST_LINE)
    before = sum(widths[:-1]) + 2 * last
    if not table.line:
        widths[-1] = min(widths[-1], max(NARROWEST, width - before))
    least = {place: NARROWEST_CELL for place in range(last) if place not in whole}
    if last not in whole or not table.line:
        least[last] = NARROWEST_CELL if table.line else NARROWEST_LAST
    excess = before + widths[-1] - longest
    if not table.line:
        excess -= _take(widths, {last: least.pop(last)}, excess)
    _take(widths, least, excess)
    return widths


def _take(widths: list[int], least: Mapping[int, int], excess: int) -> int:
    """Make the columns of ``least`` narrower, the widest first, until ``excess`` is gone; how much that was."""
    taken = 0
    while taken < excess:
        place = max(least, key=lambda one: widths[one] - least[one], default=None)
        if place is None or widths[place] <= least[place]:
            break
        widths[place] -= 1
        taken += 1
    return taken


def _cut(cells: Sequence[str], widths: Sequence[int]) -> list[str]:
    """``cells``, each within its width."""
    return [cell if len(cell) <= width else f"{cell[: width - 1]}…" for cell, width in zip(cells, widths, strict=False)]


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
