"""Directories with odd contents, paths that lead nowhere, and files that contradict one another."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from tests.corpus import case
from tests.corpus.case import CANARY, Case

_ACCOUNTS: Final = "version: 1\nproviders:\n  ib: {type: infobip}\n"
_NUMBER: Final = 'numbers:\n  "+447700900123": {provider: ib}\n'
_FOLDER: Final = ("-f", "fleet")
_RING: Final = "Too many levels of symbolic links"


def cases() -> Iterator[Case]:
    """All of them."""
    yield from _paths()
    yield from _contents()
    yield from _contradictions()


def _paths() -> Iterator[Case]:
    """A path given with ``-f`` that cannot be read."""
    yield case.paths("missing", _nothing, [("numbers.yaml:1:1", "no such file")], ())
    yield case.paths("missing-folder", _nothing, [("fleet:1:1", "no such file")], _FOLDER)
    yield case.paths("below-a-file", _files({"a": ""}), [("a/b.yaml:1:1", "Not a directory")], ("-f", "a/b.yaml"))
    yield case.paths("dangling-link", _linked("a.yaml", "nowhere"), [("a.yaml:1:1", "no such file")], ("-f", "a.yaml"))
    yield case.paths("link-to-itself", _linked("a.yaml", "a.yaml"), [("a.yaml:1:1", _RING)], ("-f", "a.yaml"))
    yield case.paths("two-links-in-a-ring", _ring, [("a.yaml:1:1", _RING)], ("-f", "a.yaml"))
    yield case.paths("endless-device", _nothing, [("/dev/zero:1:1", "larger than 32 MiB")], ("-f", "/dev/zero"))
    yield case.paths("empty-device", _nothing, [("/dev/null:1:1", "the file is empty")], ("-f", "/dev/null"))
    yield case.paths("long-name", _nothing, [(f"{'a' * 300}:1:1", "File name too long")], ("-f", "a" * 300))
    yield case.paths("command-in-name", _nothing, [(": :error: :x:1:1", "no such file")], ("-f", "::error::x"))
    yield case.paths("line-end-in-name", _nothing, [("a b.yaml:1:1", "no such file")], ("-f", "a\nb.yaml"))
    if os.geteuid() != 0:  # root reads everything
        locked, told = _with(_unreadable), [("fleet/b.yaml:1:1", "cannot be read: Permission denied")]
        yield case.paths("unreadable", locked, told, _FOLDER)


def _contents() -> Iterator[Case]:
    """A directory whose contents are not what they should be."""
    holds_none = [("fleet:1:1", "the directory holds no *.yaml or *.yml file")]
    for name, files in {
        "empty": {},
        "hidden-only": {".a.yaml": "version: 1"},
        "other-suffixes": {"a.yaml.bak": "version: 1", "a.json": "{}", "YAML": "version: 1", "a.YAML": "version: 1"},
        "folder-named-as-a-file": {"a.yaml/b.yaml": "version: 1"},
    }.items():
        yield case.paths(
            f"folder-{name}", _files({f"fleet/{file}": text for file, text in files.items()}), holds_none, _FOLDER
        )
    irregular = "is not a file"
    for name, make in {"pipe": os.mkfifo, "socket": _socket}.items():
        yield case.paths(f"folder-{name}", _with(make), [("fleet/b.yaml:1:1", irregular)], _FOLDER)
    for name, target, words in (("ring", "b.yaml", _RING), ("dangling", "nowhere", "no such file")):
        linked = _with(partial(_link, target))
        yield case.paths(f"folder-{name}", linked, [("fleet/b.yaml:1:1", words)], _FOLDER)
    one_bad = _files({"fleet/a.yaml": _ACCOUNTS, "fleet/b.yaml": "a: [x", "fleet/c.yaml": "b: {x"})
    yield case.paths(
        "folder-two-bad", one_bad, [("fleet/b.yaml:1:4", "never closed"), ("fleet/c.yaml:1:4", "never closed")], _FOLDER
    )
    faulty = _files({"fleet/a.yaml": f'{_ACCOUNTS}numbers: {{"+44": {{provider: other}}}}\n', "fleet/b.yaml": "a: [x"})
    yield case.paths(
        "folder-one-bad-one-faulty",
        faulty,
        [("fleet/a.yaml:4:11", "is not an E.164 number"), ("fleet/b.yaml:1:4", "never closed")],
        _FOLDER,
    )
    odd = _files({"fleet/a\nb.yaml": "version: 2\n"})
    yield case.paths("folder-line-end-in-name", odd, [("fleet/a b.yaml:1:10", "has no such setting")], _FOLDER)
    odd = _files({os.fsdecode(b"fleet/\xff.yaml"): "version: 2\n"})
    yield case.paths("folder-name-not-utf8", odd, [("fleet/\\udcff.yaml:1:10", "has no such setting")], _FOLDER)


def _contradictions() -> Iterator[Case]:
    """Files that are sound alone and not together; the second file is told, and names the first."""
    for name, text, second, place, words in (
        ("number", _NUMBER, _NUMBER, "2:3", "`+447700900123` is declared at fleet/a.yaml:5:3 already"),
        ("account", "", _ACCOUNTS, "3:3", "`ib` is declared at fleet/a.yaml:3:3 already"),
        ("state", "state: sqlite:///a\n", "state: sqlite:///a\n", "1:1", "`state` stands at fleet/a.yaml:4:1 already"),
        ("fleet", "fleet: a\n", "fleet: b\n", "1:1", "`fleet` is `a` at fleet/a.yaml:4:1: write the same"),
        ("safety", "safety: {}\n", "safety: {}\n", "1:1", "`safety` stands at fleet/a.yaml:4:1 already"),
        ("defaults", "defaults: {}\n", "defaults: {}\n", "1:1", "`defaults` stands at fleet/a.yaml:4:1 already"),
        ("version", "", "version: 2\n", "1:10", "`version` has no such setting"),
        ("one-empty", "", "", "1:1", "the file is empty"),
        ("one-list", "", f"- {CANARY}\n", "1:1", "must not be a list"),
    ):
        files = _files({"fleet/a.yaml": _ACCOUNTS + text, "fleet/b.yaml": second})
        yield case.paths(f"two-files-{name}", files, [(f"fleet/b.yaml:{place}", words)], _FOLDER)
    unversioned = _files({"fleet/a.yaml": "numbers: {}\n", "fleet/b.yaml": "safety: {}\n"})
    yield case.paths("two-files-no-version", unversioned, [("fleet/a.yaml:1:1", "`version` is missing")], _FOLDER)


def _nothing(_: Path) -> None:
    """An empty directory."""


def _files(texts: Mapping[str, str]) -> Callable[[Path], None]:
    """Lays out ``fleet`` and the files by their names."""

    def lay(folder: Path) -> None:
        (folder / "fleet").mkdir()
        for name, text in texts.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(text)

    return lay


def _with(make: Callable[[Path], object]) -> Callable[[Path], None]:
    """Lays out ``fleet`` with a sound file, and with what ``make`` makes beside it."""

    def lay(folder: Path) -> None:
        _files({"fleet/a.yaml": _ACCOUNTS})(folder)
        make(folder / "fleet" / "b.yaml")

    return lay


def _linked(name: str, target: str) -> Callable[[Path], None]:
    """Lays out one symbolic link."""
    return lambda folder: _link(target, folder / name)


def _link(target: str, path: Path) -> None:
    path.symlink_to(target)


def _ring(folder: Path) -> None:
    """Two links that lead to each other."""
    (folder / "a.yaml").symlink_to("b.yaml")
    (folder / "b.yaml").symlink_to("a.yaml")


def _socket(path: Path) -> None:
    """A socket that nobody listens on."""
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))


def _unreadable(path: Path) -> None:
    """A file that its owner may not read."""
    path.touch(mode=0o000)
