"""The words of a field's name, by which is judged what no document names: ``numbersFailed``, ``price_per_week``."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
"""A word, in whichever case the name is written."""


@lru_cache(maxsize=1024)
def words(name: str) -> tuple[str, ...]:
    """The words of ``name``, in lower case. Each row of a long list has the same names."""
    return tuple(word.casefold() for word in _WORD.findall(name))
