"""Telephone numbers (TNs) in the one form used everywhere inside: E.164, ``+`` and 7 to 15 ASCII digits.

Validity is the E.164 expression and the shape of the North American Numbering Plan (NANP), nothing else:
a library's opinion of what is "assigned" calls N11 exchanges valid and fiction ranges invalid.
Each carrier's own form is made at its edge, in its ``convert.py``.
"""

from __future__ import annotations

import re

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_NANP = re.compile(r"\+1[2-9][0-9]{2}[2-9][0-9]{6}")
TOLL_FREE_CODES = frozenset({"800", "833", "844", "855", "866", "877", "888"})


def is_e164(text: str) -> bool:
    """Whether ``text`` is ``+``, a digit 1 to 9, then 6 to 14 more digits (``fullmatch``: no newline slips in)."""
    return _E164.fullmatch(text) is not None


def is_nanp(text: str) -> bool:
    """Whether ``text`` is a well-formed +1 number: N 2-9 in the area and exchange codes, no N11 exchange."""
    return _NANP.fullmatch(text) is not None and text[6:8] != "11" and text[3:5] != "11"


def is_toll_free(tn: str) -> bool:
    """Whether ``tn`` is in a NANP toll-free code."""
    return is_nanp(tn) and tn[2:5] in TOLL_FREE_CODES


def problem(text: str) -> str | None:
    """What is wrong with ``text`` as a phone number, in words for a message, or None when it is well-formed."""
    if not is_e164(text):
        return "not an E.164 number: write + and 7 to 15 digits, in quotes"
    if text.startswith("+1") and not is_nanp(text):
        return (
            "not a North American number: +1 is followed by 10 digits, area and exchange code each begin "
            "with 2-9, and neither is an N11 code"
        )
    return None
