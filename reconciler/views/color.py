"""Colour that may be left out: every emphasis is said by a mark or a word as well."""

from __future__ import annotations

from dataclasses import dataclass

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
