"""From paths on the command line to text that both YAML parsers read alike.

The two parsers disagree about byte order marks, control characters and broken UTF-8, and neither bounds what it
reads. So files are read, bounded and decoded here, and each refusal names the place.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from reconciler.config.problems import MisreadError, Problems
from reconciler.model import Mark

LARGEST_FILE = 32 * 1024 * 1024
"""Bytes. A fleet of 100,000 numbers takes about 10 MiB."""

_LINE_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_UP_TO_TAB = re.compile(r"^([^\t\n]*+)\t", re.MULTILINE)
_COMMENT = re.compile(r"(?:^|\s)#")
_SUFFIXES = frozenset({".yaml", ".yml"})


def expand(paths: Iterable[Path], problems: Problems) -> list[Path]:
    """The files that ``paths`` name: a file is itself, a directory its visible ``*.yaml`` and ``*.yml``, sorted.

    A file named twice, also by another path, is read once.
    """
    files: dict[str, Path] = {}
    for path in paths:
        try:
            for file in _files_of(path, problems):
                files.setdefault(os.path.realpath(file), file)
        except (OSError, ValueError) as error:
            problems.misread(_unopened(path, error))
        except MisreadError as error:
            problems.misread(error)
    return list(files.values())


def _files_of(path: Path, problems: Problems) -> Iterator[Path]:
    """``path`` itself, or the configuration files directly in it."""
    if not path.is_dir():
        yield path
        return
    found = [
        file
        for file in sorted(path.iterdir())
        if file.suffix in _SUFFIXES and not file.name.startswith(".") and not file.is_dir()
    ]
    if not found:
        raise MisreadError(_top(path), "the directory holds no *.yaml or *.yml file: name one that does")
    for file in found:
        if file.exists() and not file.is_file():  # opening a pipe would wait for a writer
            problems.add(_top(file), "is not a file: move it elsewhere, or rename it")
        else:
            yield file


def read(path: Path) -> str:
    """The text of one file; :class:`MisreadError` when it is not readable, too large, not UTF-8 or not printable."""
    try:
        with path.open("rb") as stream:
            raw = stream.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        raise _unopened(path, error) from None
    if len(raw) > LARGEST_FILE:
        raise MisreadError(_top(path), f"larger than {LARGEST_FILE // 2**20} MiB: split it into several files")
    return checked(_decoded(raw, path), str(path))


def _decoded(raw: bytes, path: Path) -> str:
    """``raw`` as UTF-8; the place of the first bad byte otherwise."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        mark = place(raw[: error.start].decode("utf-8"), error.start, str(path))
        raise MisreadError(mark, "not UTF-8: save the file as UTF-8") from None


def checked(text: str, file: str) -> str:
    """``text`` itself when it holds nothing that YAML forbids or that the two parsers treat differently."""
    if text.startswith("\ufeff"):
        raise MisreadError(Mark(file, 1, 1), "begins with a byte order mark: save the file as UTF-8 without one")
    found = _UNPRINTABLE.search(text)
    if found is not None:
        name = f"U+{ord(found[0]):04X}"
        message = f"holds the control character {name}: remove it, or write it as an escape in double quotes"
        raise MisreadError(place(text, found.start(), file), message)
    if "\t" in text:
        _refuse_tabs(text, file)
    return text


def _refuse_tabs(text: str, file: str) -> None:
    """Refuse a tab outside comments: one parser takes it for a space and the other for an error."""
    for line in _UP_TO_TAB.finditer(text):
        if not _COMMENT.search(line[1]):
            raise MisreadError(place(text, line.end(1), file), "a tab: use spaces, or \\t in double quotes")


def place(text: str, offset: int, file: str) -> Mark:
    """The line and column of the character at ``offset``."""
    line, start = 1, 0
    for found in _LINE_BREAK.finditer(text, 0, offset):
        line, start = line + 1, found.end()
    return Mark(file, line, min(offset, len(text)) - start + 1)


def _top(path: Path) -> Mark:
    """The place of a message about a file as a whole."""
    return Mark(str(path), 1, 1)


def _unopened(path: Path, error: Exception) -> MisreadError:
    """Why a file could not be opened, and what to do."""
    if isinstance(error, FileNotFoundError):
        why = "no such file: name one with -f, or write a starter with `tnctl init`"
        return MisreadError(_top(path), why, missing=True)
    if isinstance(error, OSError) and error.strerror:
        return MisreadError(_top(path), f"cannot be read: {error.strerror}")
    return MisreadError(_top(path), "not a usable path")
