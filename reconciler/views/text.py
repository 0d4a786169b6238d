"""A document for a terminal or a log: one line an object, aligned, wrapped under its own reason.

::

    voicetel
      + number/+12015550123  create  declared, not owned, and offered for sale (route 4; price unknown)
      ~ number/+12015550124  update  route is 4, declared 5
            route: 4 -> 5
"""

from __future__ import annotations

from collections.abc import Sequence

from reconciler.model import Notice
from reconciler.planning.costs import Share
from reconciler.views import phrases, tables
from reconciler.views.document import SHARES_TITLE, Bill, Document
from reconciler.views.folding import Emphasis, Line, fold, fold_notices
from reconciler.views.terminal import Colors, bounded, wrapped

WIDEST_LABEL = 40
"""Columns that addresses are aligned to; a longer one pushes its own line only."""
NARROWEST_REASON = 30
"""Columns below which a reason moves to lines of its own."""

_SEVERITIES = {"error": Emphasis.LOUD, "warning": Emphasis.CHANGE, "info": Emphasis.QUIET}


def render(document: Document, *, color: bool, width: int) -> str:
    """``document`` as lines of at most ``width`` columns, but for words that are longer."""
    colors = Colors(color)
    facts = [_fact(f"{name}: ", content, colors, width) for name, content in document.facts]
    blocks = [
        "\n".join(colors(line, Emphasis.INFO) for line in wrapped(document.banner, width)),
        document.heading if document.sections else "",
        _legend(document.legend, colors, width),
        *(_section(s.title, fold(s.rows, every=document.every), colors, width) for s in document.sections),
        _bill(document.bill, colors, width),
        _shares(document.shares, colors, width),
        _notices(fold_notices(document.remarks, every=document.every), colors, width),
        "\n".join(facts) if document.sections else "",
        "\n".join(map(colors.bold, wrapped(document.summary, width))),
    ]
    rendered = "\n\n".join(filter(None, blocks)) + "\n"
    return rendered if color else bounded(rendered, width)  # a terminal wraps by itself, and copies whole words


def _fact(head: str, content: str, colors: Colors, width: int) -> str:
    first, *further = wrapped(content, max(NARROWEST_REASON, width - len(head)))
    return f"\n{' ' * len(head)}".join(colors(line, Emphasis.QUIET) for line in (head + first, *further))


def _legend(legend: Sequence[tuple[str, str, Emphasis]], colors: Colors, width: int) -> str:
    """The marks with their meanings, as many beside one another as there is room for."""
    lines: list[str] = []
    room = 0
    for mark, meaning, emphasis in legend:
        entry = f"{mark} {meaning}"
        if len(entry) + 3 > room:
            lines.append("")
            room = width
        lines[-1] += f"  {colors(entry, emphasis)} "
        room -= len(entry) + 3
    return "\n".join(line.rstrip() for line in lines)


def _section(title: str, lines: Sequence[Line], colors: Colors, width: int) -> str:
    label = min(WIDEST_LABEL, max(len(line.label) for line in lines))
    word = max(len(line.word) for line in lines)
    return "\n".join([colors.bold(title), *(_line(line, label, word, colors, width) for line in lines)])


def _line(line: Line, label: int, word: int, colors: Colors, width: int) -> str:
    head = f"  {line.mark} {line.label:<{label}}  {line.word:<{word}}"
    details = [f"        {path}: {before} -> {after}" for path, before, after in line.details]
    painted = _beside(head, line.emphasis, line.sentence, colors, width)
    return "\n".join([painted, *(colors(detail, Emphasis.CHANGE) for detail in details)])


def _beside(head: str, emphasis: Emphasis, sentence: str, colors: Colors, width: int) -> str:
    """``head``, and the sentence to the right of it, or below it where that is too narrow."""
    column = len(head) + 2
    if sentence and width - column >= NARROWEST_REASON:
        return colors(head, emphasis) + "  " + f"\n{' ' * column}".join(wrapped(sentence, width - column))
    below = wrapped(sentence, max(NARROWEST_REASON, width - 8))
    return "\n        ".join([colors(head.rstrip(), emphasis), *below])


def _bill(bill: Bill, colors: Colors, width: int) -> str:
    if not bill:
        return ""
    table = tables.text(tables.money_table(bill.totals), colors, width).splitlines() if bill.totals else []
    unknown = wrapped(f"price unknown: {phrases.some(bill.unknown)}", width - 2) if bill.unknown else []
    least = wrapped(bill.least, width - 2) if bill.least else []
    return "\n  ".join([colors.bold(bill.title), *table, *least, *unknown])


def _shares(shares: Sequence[Share], colors: Colors, width: int) -> str:
    if not shares:
        return ""
    table = tables.text(tables.shares_table(shares), colors, width).splitlines()
    return "\n  ".join([colors.bold(SHARES_TITLE), *table])


def _notices(notices: Sequence[Notice], colors: Colors, width: int) -> str:
    if not notices:
        return ""
    lines = [
        _beside(f"  {notice.severity:<7}", _SEVERITIES[notice.severity], phrases.notice(notice), colors, width)
        for notice in notices
    ]
    return "\n".join([colors.bold("Notices"), *lines])
