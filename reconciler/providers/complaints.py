"""What in a success says that it is none.

A documented error is an answer of its own. But carriers also answer 200, or ``Success``, with an error inside, in
forms that no document shows: so it is found by what names and words mean, and proves nothing more than a doubt.

=============================================  ==================================================================
in the body                                    is a complaint
=============================================  ==================================================================
a name of trouble: ``errors``,                 unless its value says that there is none: null, false, 0, empty
``numbers_failed``, ``errorMessage`` …
a name of a state: ``status``, ``result`` …    where it is a word of failure: ``Error``, ``REJECTED`` …
``statusCode``, ``httpStatus`` …               from 400 up
a name of what was done: ``success``,          where it is false
``removed`` …
``message`` and ``status``, as words           of a write, where they say no: "No TNs were ordered", "not available";
                                               of a read, where they say out of order: "backend unavailable"
=============================================  ==================================================================
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from reconciler.model.safe_text import quoted

_TROUBLE: Final = re.compile(
    r"errors?|fail(s|ed|ures?)?|exceptions?|faults?|reject(ed|ions?)?|declined|refused|denied|unsuccessful"
)
_STATE: Final = re.compile(r"status|result|outcome|state")
_CODE: Final = re.compile(r"statuscode|http(status)?code|httpstatus")
_DONE: Final = re.compile(
    r"success(ful)?|succeeded|ok|done|completed|accepted|removed|released|disconnected|ordered|purchased|bought|assigned"
    r"|registered|routed|processed|quantity"
)
_NO: Final = re.compile(
    r"0*|no|none|null|false|n/?a|-|ok|success(ful(ly)?)?"
    r"|(no|0|none|without)( \w+)? (errors?|exceptions?|fail(ed|ures?)?)"
)
"""What text says under a name of trouble where there is none."""

_NONE_OF: Final = r"(?<!\b0 )(?<!\bno )(?<!\bnone )(?<!\bwithout )"
"""What may not stand before a word of trouble: "completed without errors"."""

_SAYS_NO: Final = re.compile(
    rf"{_NONE_OF}\b(fail(ed|ure)|declined|rejected|refused|denied|insufficient|unavailable|unsuccessful|unable)\b"
    r"|(?<!\bdo )\b(not|never|cannot|nothing|none of)\b|(?<!\bdo)n't\b"
    r"|\bno (tns?|dids?|(telephone |phone )?numbers?|orders?|brands?|campaigns?)\b",
    re.IGNORECASE,
)

_OUT_OF_ORDER: Final = re.compile(
    rf"{_NONE_OF}\b(errors?|exception|fail(ed|ure)|unavailable|unable|timed? ?out|temporarily|try (it )?again"
    r"|partial(ly)?|incomplete)\b",
    re.IGNORECASE,
)
"""The same of a read: that nothing was found is no complaint there."""

_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
"""A word, in whichever case the name is written."""


def of_head(body: Any) -> str:
    """The complaint in the fields of ``body`` itself, its rows aside, or in its ``message``; empty for none."""
    told = body.get("message") if isinstance(body, Mapping) else None
    out_of_order = quoted(told) if isinstance(told, str) and _OUT_OF_ORDER.search(told) else ""
    return next(_complaints(body, deep=False), out_of_order)


def anywhere(body: Any) -> str:
    """The complaint in ``body``, however deep; empty for none."""
    return next(_complaints(body, deep=True), "")


def in_words(text: str) -> str:
    """``text``, the words of a success, where they say no; else empty."""
    return quoted(text) if _SAYS_NO.search(text) else ""


def is_of_trouble(name: str) -> bool:
    """Whether a field's name is one of trouble: what stands under it was not done."""
    return any(map(_TROUBLE.fullmatch, words(name)))


def _complaints(value: Any, *, deep: bool) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if _complains(str(name), inner):
                yield quoted(name if isinstance(inner, Mapping | list) else f"{name}: {inner}")
            elif deep:
                yield from _complaints(inner, deep=True)
    elif isinstance(value, list) and deep:
        for inner in value:
            yield from _complaints(inner, deep=True)


def _complains(name: str, value: Any) -> bool:
    text, bare = str(value).strip(" .!").casefold(), "".join(words(name))
    if is_of_trouble(name):
        return bool(value) and not _NO.fullmatch(text)
    if _CODE.fullmatch(bare):
        return text.isascii() and text.isdigit() and int(text) >= 400
    if _STATE.fullmatch(bare):
        return isinstance(value, str) and is_of_trouble(value)
    return bool(_DONE.fullmatch(bare)) and text in ("false", "0")


@lru_cache(maxsize=1024)
def words(name: str) -> tuple[str, ...]:
    """The words of ``name``, in lower case. Each row of a long list has the same names."""
    return tuple(word.casefold() for word in _WORD.findall(name))
