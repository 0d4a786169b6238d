"""Words from outside, made inert in GitHub's and GitLab's markdown.

A carrier's text may hold HTML, a link, an image that loads, or an ``@mention`` that calls a whole team. A backslash
does not stop a mention or a bare URL, since those are found after the markdown is read: a zero-width space does.
Inside a code span everything is inert, so that is where URLs and commands go.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_SPACE = "&#8203;"
_SPECIAL = {character: f"\\{character}" for character in "\\*_[]~"} | {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    "|": "&#124;",
    "`": "&#96;",
    "$": "&#36;",
    "@": f"@{_SPACE}",
    "#": f"#{_SPACE}",
}
_TABLE = str.maketrans(_SPECIAL)
_LINK = re.compile(r"(?i)://|www\.")
_PIPE = re.compile(r"(\\*)\|")
_INERT = re.compile(r"(`[^`]+`|\bhttps?://[^\s`;,()<>\"']+)")


def escape(text: str) -> str:
    """``text`` so that markdown shows it as it is, in a paragraph, a list or a cell."""
    return _LINK.sub(lambda found: f"{found[0][:-1]}{_SPACE}{found[0][-1]}", text.translate(_TABLE))


def code(text: str) -> str:
    """``text`` as a code span; a backtick in it becomes an apostrophe."""
    return f"`{text.replace('`', chr(39))}`" if text.strip() else ""


def prose(text: str) -> str:
    """A sentence with its commands (in backticks) and URLs as code spans, the rest escaped."""
    parts = _INERT.split(text)
    return "".join(code(part.strip("`")) if place % 2 else escape(part) for place, part in enumerate(parts))


def row(cells: Iterable[str]) -> str:
    """One line of a table; a pipe in a code span would else end its cell, even one that follows a backslash."""
    return "| " + " | ".join(_PIPE.sub(r"\1\1\\|", cell) for cell in cells) + " |"
