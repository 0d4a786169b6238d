"""Long sentences in few columns, without breaking what a reader copies."""

from __future__ import annotations

import re
from textwrap import wrap

_COMMAND = re.compile(r"`[^`]+`")
_GLUE = "\u00a0"


def wrapped(sentence: str, width: int) -> list[str]:
    """The lines of ``sentence``; a command in backticks stays whole, and a word that is too long runs over."""
    glued = _COMMAND.sub(lambda command: command[0].replace(" ", _GLUE), sentence)
    return [line.replace(_GLUE, " ") for line in wrap(glued, width, break_long_words=False, break_on_hyphens=False)]
