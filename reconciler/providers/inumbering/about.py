"""What an answer to a write says that it is about, wherever in its body that stands.

The documents show successes that name nothing. One that names something else than what was asked for proves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from reconciler.providers import complaints
from reconciler.providers.http.messages import Answer
from reconciler.providers.inumbering import convert

NOT_DONE = ("numbers_error", "numbers_failed", "numbers_fail", "failed")
"""Where it lists what was not done: each call has its own word (V)."""

_NUMBER = re.compile(r"(?<![0-9])(?:\+?1)?([2-9][0-9]{9})(?![0-9])")
_NAMES_A_NUMBER = re.compile(r"(?i)tns?|dids?|e164|(telephone|phone)?_?numbers?(_success)?")
_NAMES_A_CAMPAIGN = re.compile(r"(?i)(tn|external)?_?campaign(_?id)?")
_NAMES_A_BRAND = re.compile(r"(?i)(messaging)?_?brand(_?id)?")


def numbers(answer: Answer) -> set[str]:
    """The telephone numbers that the answer is about, in E.164; those that it lists as failed aside."""
    listed = {tn for tn in map(convert.e164, _under(_NAMES_A_NUMBER, answer)) if tn}
    said = {tn for digits in _NUMBER.findall(convert.text(answer)) if (tn := convert.e164(digits))}
    return listed | said


def complaint(answer: Answer) -> str:
    """What in a success says that it is none, by its fields or in its words; empty for nothing."""
    return complaints.anywhere(convert.body(answer)) or complaints.in_words(convert.text(answer))


def campaigns(answer: Answer) -> set[str]:
    """The campaigns that it names, in capitals."""
    return _ids(_NAMES_A_CAMPAIGN, answer)


def brands(answer: Answer) -> set[str]:
    """The brands that it names, in capitals."""
    return _ids(_NAMES_A_BRAND, answer)


def _ids(names: re.Pattern[str], answer: Answer) -> set[str]:
    return {value.strip().upper() for value in _under(names, answer) if isinstance(value, str) and value.strip()}


def _under(names: re.Pattern[str], answer: Answer) -> Iterator[object]:
    """The values whose field has such a name."""
    return (value for name, value in _leaves("", convert.body(answer)) if names.fullmatch(name))


def _leaves(name: str, value: Any) -> Iterator[tuple[str, object]]:
    """(field, value) of everything in a body that is neither map nor list; a list has its field's name."""
    if isinstance(value, Mapping):
        for field, inner in value.items():
            if not complaints.is_of_trouble(str(field)):
                yield from _leaves(str(field), inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(name, inner)
    else:
        yield name, value
