"""Bytes that are no printable UTF-8, which the two YAML parsers would read in two ways."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tests.corpus import case
from tests.corpus.case import Case

_TEXT: Final = "version: 1\nnumbers: {}\n"
_HEAD: Final = b"version: 1\nstate: "

_NOT_UTF8: Final = (
    ("latin-1", b"caf\xe9\n", 4),
    ("lone-continuation", b"\x80\n", 1),
    ("overlong-slash", b"\xc0\xaf\n", 1),
    ("overlong-nul", b"\xc0\x80\n", 1),
    ("surrogate", b"\xed\xa0\x80\n", 1),
    ("beyond-unicode", b"\xf4\x90\x80\x80\n", 1),
    ("five-bytes", b"\xf8\x88\x80\x80\x80\n", 1),
    ("cut-short", b"\xe2\x82", 1),
    ("after-wide-characters", "€𝟏".encode() + b"\xff\n", 3),
)
"""Name, the bytes of the value of ``state``, and the character of it that is at fault."""

_CONTROLS: Final = (*range(0x01, 0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F, 0x80, 0x84, 0x86, 0x9F, 0xFEFF, 0xFFFE)
"""Characters that a file must not hold as themselves. Tabs and line ends are judged elsewhere."""


def cases() -> Iterator[Case]:
    """All of them."""
    for name, raw, column in _NOT_UTF8:
        yield case.config(f"utf8-{name}", _HEAD + raw, (f"2:{7 + column}", "not UTF-8"))
    for code in _CONTROLS:
        raw = _HEAD + f"ab{chr(code)}c\n".encode()
        yield case.config(f"control-{code:04x}", raw, ("2:10", f"the control character U+{code:04X}"))
    yield case.config("nul-first", b"\0" + _TEXT.encode(), ("1:1", "the control character U+0000"))
    yield case.config("nul-only", b"\0" * 4096, ("1:1", "the control character U+0000"))
    yield case.config("utf8-with-mark", _TEXT.encode("utf-8-sig"), ("1:1", "a byte order mark"))
    yield case.config("utf16", _TEXT.encode("utf-16"), ("1:1", "not UTF-8"))
    yield case.config("utf16-without-mark", _TEXT.encode("utf-16-le"), ("1:2", "the control character U+0000"))
    yield case.config("utf32", _TEXT.encode("utf-32"), ("1:1", "not UTF-8"))
    yield case.config("gzip", bytes.fromhex("1f8b0800000000000003"), ("1:2", "not UTF-8"))
    yield from _line_ends()


def _line_ends() -> Iterator[Case]:
    """Every line end that YAML 1.1 knows moves the place by one line."""
    for name, end in (("cr", "\r"), ("crlf", "\r\n"), ("nel", "\x85"), ("ls", "\u2028"), ("ps", "\u2029")):
        text = f"version: 1{end}safety: {{}}{end}nonsense: 1{end}"
        yield case.config(f"line-end-{name}", text, ("3:1", "has no `nonsense`"))
