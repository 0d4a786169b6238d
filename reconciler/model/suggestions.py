"""What to write instead: the nearest known word, or the E.164 form of something that was meant as a phone number."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache

from reconciler.model import phone
from reconciler.model.calling_codes import calling_code, calling_codes
from reconciler.model.safe_text import plain

LONGEST_WORD = 64
"""Words beyond this are not compared: the comparison is quadratic in their length."""

MOST_CANDIDATES = 200
"""Names beyond this are not compared: a misspelt name in each of 100,000 numbers must not take minutes."""

MOST_SHOWN = 12
"""Names listed when none is near."""

_SEPARATORS = re.compile(r"[ .()-]")
_WRITTEN = re.compile(r"\+?[0-9 .()-]+")
_NANP_DIGITS = 10
_ZERO_STAYS = frozenset({"39", "378", "225", "241", "242"})
"""Calling codes behind which a zero is part of the number."""


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


def phone_form(text: str, *, north_american: bool = False) -> str | None:
    """The E.164 number that ``text`` certainly means, written otherwise; None where it may as well mean another.

    ============================= ===============================================================================
    written                       the number
    ============================= ===============================================================================
    ``+44 7700 900123``           without the separators
    ``+44 (0)7700 900123``        without the zero that is dialled within the country only, where there is one
    ``0044 7700 900123``          ``00`` is a plus; not before a 1, as ``001`` is a prefix of its own in places
    ``(720) 555-0142``            +1 before it, at an account that has +1 numbers alone (``north_american``)
    ``+44 07700 900123``, letters none: an extension, two numbers, or a zero too many
    ============================= ===============================================================================
    """
    if len(text) > LONGEST_WORD or _WRITTEN.fullmatch(text) is None:
        return None
    if text.startswith("+"):
        return _international(text[1:])
    if text.startswith("00"):
        return None if text[2:].lstrip(" .-").startswith("1") else _international(text[2:])
    digits = _SEPARATORS.sub("", text)
    national = digits[1:] if len(digits) == _NANP_DIGITS + 1 and digits[0] == "1" else digits
    return f"+1{national}" if north_american and phone.is_nanp(f"+1{national}") else None


def _international(text: str) -> str | None:
    """The number of a text that begins with a country's calling code."""
    head, zero, tail = text.partition("(0)")
    tn = f"+{_SEPARATORS.sub('', head + tail)}"
    code = calling_code(tn) or ""
    national = tn[len(code) + 1 :]
    if zero and (_SEPARATORS.sub("", head) != code or not _drops_zero(code)):
        return None
    if not code or (national.startswith("0") and code not in _ZERO_STAYS):
        return None
    return tn if phone.problem(tn) is None and _is_of_a_length(tn) else None


def _drops_zero(code: str) -> bool:
    """Whether a zero is dialled before a number within the country of that calling code, and not from abroad."""
    from phonenumbers import PhoneMetadata  # imported here: its tables take a while, and few configurations are wrong

    metadata = PhoneMetadata.metadata_for_region(calling_codes()[code], None)
    return metadata is not None and metadata.national_prefix == "0"


def _is_of_a_length(tn: str) -> bool:
    """Whether numbers of that country are as long: one that is longer may be two, or have an extension."""
    from phonenumbers import ValidationResult, is_possible_number_with_reason, parse

    return is_possible_number_with_reason(parse(tn)) == ValidationResult.IS_POSSIBLE
