"""Tables for a spreadsheet or a script: RFC 4180 with a header, but each line ends with a line feed alone.

A carrier's text may begin with ``=`` or ``@``, which a spreadsheet would run as a formula: an apostrophe before it
makes it text. Numbers with a sign, telephone numbers among them, stay as they are.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from reconciler.model.safe_text import plain
from reconciler.views import phrases

_FORMULA = re.compile(r"[=+@\-].*", re.S)
_SIGNED = re.compile(r"[+-][0-9]+([.][0-9]+)?")


def dumps(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """``rows`` under ``columns``; what a row lacks is empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([_inert(column) for column in columns])
    writer.writerows([_inert(cell(row.get(column))) for column in columns] for row in rows)
    return text.getvalue()


def cell(content: object) -> str:
    """One value: nothing is empty, lists have commas between, decimals keep their digits."""
    match content:
        case None:
            return ""
        case bool():
            return "true" if content else "false"
        case list() | tuple():
            return ",".join(map(cell, content))
        case int() | Decimal():
            return f"{content:f}" if isinstance(content, Decimal) else str(content)
        case _:
            return plain(content, phrases.LONGEST_VALUE)


def _inert(text: str) -> str:
    return f"'{text}" if _FORMULA.fullmatch(text) and not _SIGNED.fullmatch(text) else text
