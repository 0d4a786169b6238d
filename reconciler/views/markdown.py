"""A document as a comment on a pull request: short enough to be taken, with what is loud on top."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from reconciler.model import Notice
from reconciler.model.safe_text import plain
from reconciler.planning.costs import Share
from reconciler.views import phrases, tables
from reconciler.views.document import SHARES_TITLE, Bill, Document
from reconciler.views.folding import Emphasis, Line, fold, fold_notices
from reconciler.views.markup import code, escape, prose, row

__all__ = ["LONGEST", "escape", "render"]

LONGEST = 60_000
"""Characters of a whole document. GitHub takes 65,536 in a comment."""
MOST_ROWS = 200
MOST_NOTICES = 50
MOST_SHARES = 20
_ROOM_FOR_ROWS = 38_000
_ROOM_FOR_NOTICES = 12_000
_LONGEST_SENTENCE = 400
"""Characters of a reason in a cell, before escaping."""


def render(document: Document) -> str:
    """``document`` in GitHub's markdown, at most :data:`LONGEST` characters."""
    blocks = [
        f"### {escape(document.title)}{', ' if document.banner else ''}{prose(document.banner)}",
        f"**{prose(document.summary)}**",
        _changes(document),
        _bill(document.bill),
        _shares(document.shares),
        _notices(fold_notices(document.remarks, every=document.every)),
        _footer(document),
    ]
    return "\n\n".join(filter(None, blocks)) + "\n"


def _changes(document: Document) -> str:
    pairs = [(s.title, line) for s in document.sections for line in fold(s.rows, every=document.every)]
    if not pairs:
        return ""
    # What is cut off at the end must never be what nobody may overlook.
    pairs.sort(key=lambda pair: pair[1].emphasis is not Emphasis.LOUD)
    taken, left = _fit((_row(account, line) for account, line in pairs), len(pairs), MOST_ROWS, _ROOM_FOR_ROWS)
    table = [row(["", "object", "account", "", "why"]), row(["---"] * 5), *taken]
    return "\n".join(table) + _more(left, "line")


def _row(account: str, line: Line) -> str:
    details = "".join(f"<br>{code(path)}: {code(before)} → {code(after)}" for path, before, after in line.details)
    why = prose(plain(line.sentence, _LONGEST_SENTENCE)) + details
    word = f"**{escape(line.word)}**" if line.emphasis is Emphasis.LOUD else escape(line.word)
    return row([code(line.mark), code(line.label), escape(account), word, why])


def _bill(bill: Bill) -> str:
    if not bill:
        return ""
    parts = [
        f"**{escape(bill.title)}**",
        tables.markdown(tables.money_table(bill.totals)) if bill.totals else "",
        bill.least.capitalize(),
        f"Price unknown: {escape(phrases.some(bill.unknown))}" if bill.unknown else "",
    ]
    return "\n\n".join(filter(None, parts))


def _shares(shares: Sequence[Share]) -> str:
    if not shares:
        return ""
    table = tables.shares_table(shares[:MOST_SHARES])
    return f"**{SHARES_TITLE}**\n\n{tables.markdown(table)}{_more(len(shares) - len(table.rows), 'row')}"


def _notices(notices: Sequence[Notice]) -> str:
    if not notices:
        return ""
    items = (
        f"- **{escape(notice.severity)}** {prose(plain(phrases.notice(notice), _LONGEST_SENTENCE))}"
        for notice in notices
    )
    taken, left = _fit(items, len(notices), MOST_NOTICES, _ROOM_FOR_NOTICES)
    return "**Notices**\n\n" + "\n".join(taken) + _more(left, "notice")


def _footer(document: Document) -> str:
    facts = [
        *([escape(document.heading)] if document.heading else []),
        *(f"{escape(name)}: {code(content)}" for name, content in document.facts),
    ]
    return f"<sub>{' · '.join(facts)}</sub>" if facts else ""


def _fit(lines: Iterable[str], total: int, most: int, room: int) -> tuple[list[str], int]:
    """The first of ``lines``, at most ``most`` and ``room`` characters of them, and how many are left."""
    taken: list[str] = []
    for line in lines:
        room -= len(line) + 1
        if len(taken) == most or room < 0:
            break
        taken.append(line)
    return taken, total - len(taken)


def _more(left: int, noun: str) -> str:
    return f"\n\n… and {left:,} more {noun}{'' if left == 1 else 's'}." if left else ""
