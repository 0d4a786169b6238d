"""What to write instead: the nearest known word, or the E.164 form of something that was meant as a phone number."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache

from reconciler import phone
from reconciler.text import plain

LONGEST_WORD = 64
"""Words beyond this are not compared: the comparison is quadratic in their length."""

MOST_CANDIDATES = 200
"""Names beyond this are not compared: a misspelt name in each of 100,000 numbers must not take minutes."""

MOST_SHOWN = 12
"""Names listed when none is near."""

_SEPARATORS = re.compile(r"[ .()/-]")


@lru_cache(maxsize=1024)
def near(word: str, candidates: tuple[str, ...]) -> str | None:
    """The candidate that ``word`` was probably meant to be."""
    if len(word) > LONGEST_WORD or len(candidates) > MOST_CANDIDATES:
        return None
    by_folded = {name.casefold(): name for name in candidates}
    found = get_close_matches(word.casefold(), by_folded, n=1, cutoff=0.6)
    return by_folded[found[0]] if found else None


def instead(word: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown word: the near miss, else what there is to choose from."""
    candidates = tuple(known)
    meant = near(word, candidates)
    if meant is not None:
        return f"did you mean {quoted(meant)}?"
    if not candidates:
        return "none is declared"
    shown = ", ".join(quoted(name) for name in candidates[:MOST_SHOWN])
    return f"write one of {shown}" + (" …" if len(candidates) > MOST_SHOWN else "")


def quoted(word: str) -> str:
    """``word`` as it may stand in a message; what cannot be seen of it is written as an escape."""
    seen = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in word[:LONGEST_WORD])
    return f"`{plain(seen if len(word) <= LONGEST_WORD else f'{seen}…', LONGEST_WORD)}`"


def phone_form(text: str) -> str | None:
    """The E.164 number that ``text`` was probably meant to be: separators dropped, ``+`` or ``+1`` put before it."""
    if len(text) > LONGEST_WORD:
        return None
    digits = _SEPARATORS.sub("", text)
    forms = (digits, f"+1{digits}", f"+{digits}", f"+{digits.removeprefix('00')}")
    return next((form for form in forms if phone.problem(form) is None), None)
