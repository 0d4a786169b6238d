"""What a terminal can show: colour, which may be left out, and long sentences in few columns.

Every emphasis is said by a mark or a word as well; no line breaks what a reader copies.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import wrap

from reconciler.views.folding import Emphasis

_CODES = {
    Emphasis.GOOD: "32",
    Emphasis.CHANGE: "33",
    Emphasis.BAD: "31",
    Emphasis.INFO: "36",
    Emphasis.QUIET: "2",
    Emphasis.LOUD: "1;31",
}
"""SGR parameters (ECMA-48), of the eight colours that every terminal has."""


@dataclass(frozen=True, slots=True)
class Colors:
    """Paints text for a terminal, or leaves it alone."""

    color: bool

    def __call__(self, text: str, emphasis: Emphasis) -> str:
        """``text`` with its emphasis."""
        return self._sgr(text, _CODES[emphasis])

    def bold(self, text: str) -> str:
        """``text`` as a title."""
        return self._sgr(text, "1")

    def _sgr(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.color and text else text


LONGEST_LINE = 120
"""Columns of a line that nobody's terminal can wrap; a wider terminal may have longer ones."""

_DEEPEST = 40
"""Columns of indentation that the rest of a broken line keeps, at most."""

_COMMAND = re.compile(r"`[^`]+`")
_GLUE = "\u00a0"


def wrapped(sentence: str, width: int) -> list[str]:
    """The lines of ``sentence``; a command in backticks stays whole, and a word that is too long runs over."""
    glued = _COMMAND.sub(lambda command: command[0].replace(" ", _GLUE), sentence)
    return [line.replace(_GLUE, " ") for line in wrap(glued, width, break_long_words=False, break_on_hyphens=False)]


def bounded(text: str, width: int) -> str:
    """``text`` without a line that is longer than ``width`` and :data:`LONGEST_LINE`: a long word is broken too."""
    longest = max(width, LONGEST_LINE)
    return "\n".join(piece for line in text.split("\n") for piece in _pieces(line, longest))


def _pieces(line: str, longest: int) -> Iterator[str]:
    """``line`` in pieces, at a blank where there is one; those after the first are indented as it is, and a little."""
    indent = min(len(line) - len(line.lstrip()) + 4, _DEEPEST)
    while len(line) > longest:
        blank = line.rfind(" ", indent, longest + 1)
        cut = blank if blank > indent else longest
        yield line[:cut].rstrip()
        line = " " * indent + line[cut:].lstrip()
    yield line
