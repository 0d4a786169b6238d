"""Accounts that the operator vouches for, when somebody else has written the configuration.

A pull request may change everything in its branch. Its ``base_url`` would be sent the account's key, its
``credentials`` may be a command to run, and its ``state`` the records to act upon. So a file of the operator's, which
no branch can change, says these things, and holds:

=======================  =====================================================================================
``providers``            the accounts and no others; what the file leaves open of one, such as ``settle_after``,
                         the configuration may say; never ``base_url``, ``credentials`` or ``limits``
``state``                where the records are, from the file's folder; the configuration never says it
``safety``               the limits, all of them, when the file has any; the configuration may still name numbers
                         under ``release`` and ``forget``: a pull request is where that is agreed on
``prices``               the price book, all of it; where the file has ``safety`` or ``prices``, the configuration
                         has none, as one that says 0.00 would pass every limit
=======================  =====================================================================================

Nor does the configuration lead out of its own folder, by a link or by ``..``; and where ``state`` is not said, the
records that lie in that folder may be the branch's own, which is a warning.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from jsonschema.protocols import Validator

from reconciler.config import schema
from reconciler.config.node import EMPTY, Node, plain
from reconciler.config.problems import MisreadError, Problems
from reconciler.model import Mark, Notice
from reconciler.model.fleet import SANDBOX, STATE_FILE
from reconciler.model.suggestions import instead, quoted

_HELD: Final = ("version", "providers", "state", "safety")
SECTIONS: Final = frozenset({*_HELD, "prices"})
"""What a file of trusted accounts may hold."""

_OPERATORS: Final = ("base_url", "credentials", "limits")
"""What of an account a configuration may not say beside such a file."""

_OF_NUMBERS: Final = ("release", "forget")
"""What of ``safety`` is no limit, but names numbers."""


def read(file: Path, problems: Problems) -> Node:
    """The document of a file of trusted accounts; nothing, and a problem, where it cannot be read."""
    problems.files.insert(0, str(file))
    if not os.path.lexists(file):
        problems.add(Mark(str(file), 1, 1), "no such file: --trusted-accounts or TNCTL_ACCOUNTS names it", missing=True)
        problems.unread.add("providers")
        return EMPTY
    try:
        return schema.read(file, problems)
    except MisreadError as error:
        problems.misread(error)
        problems.unread.add("providers")
        return EMPTY


def check(root: Node, problems: Problems, judge: Validator) -> None:
    """Add problems for what is wrong with the document of a file of trusted accounts."""
    if root is EMPTY:
        return
    schema.check(root, problems, judge)
    for key in ("version", "providers"):
        if root.sound and not root.has(key):
            problems.add(root.mark, f"{quoted(key)} is missing: a file of trusted accounts needs it")
    if root.get("providers") is None:
        problems.unread.add("providers")
    for key in root.members.keys() - SECTIONS:
        message = (
            f"does not belong in a file of trusted accounts: it holds {', '.join(map(quoted, _HELD))} and `prices`"
        )
        problems.add(root.key_mark(key), f"{quoted(key)} {message}")


def hold(root: Node, vouched: Node, problems: Problems) -> tuple[Node, list[Notice]]:
    """``root`` with what ``vouched`` says in the place of its own; problems for what it may not say itself."""
    if root.has("state"):
        problems.add(root.key_mark("state"), f"`state` {_not_here(vouched)}")
    providers, notices = _accounts(root.members.get("providers", EMPTY), vouched, problems)
    limits, more = _safety(root.get("safety"), vouched.get("safety"))
    book, vain = _prices(root, vouched)
    held = {"providers": providers, "state": vouched.get("state"), "safety": limits, "prices": book}
    members = {key: node for key, node in {**root.members, **held}.items() if node is not None}
    marks = {key: vouched.key_mark(key) if vouched.has(key) else root.key_mark(key) for key in members}
    return Node(members, root.file, root.line, root.column, key_marks=marks), [*notices, *more, *vain]


def _not_here(vouched: Node) -> str:
    return f"is not said here beside trusted accounts, {vouched.file or 'their file'} alone says it: remove it"


def _accounts(section: Node, vouched: Node, problems: Problems) -> tuple[Node, list[Notice]]:
    """The accounts of ``vouched``, each with what ``section`` says of it and may."""
    trusted = vouched.get("providers") or EMPTY
    notices: list[Notice] = []
    members: dict[str, Node] = {name: entry for name, entry, _ in trusted.entries()}
    for name, entry in section.members.items():
        if name not in trusted.members and "providers" not in problems.unread:
            message = f"{quoted(name)} is no account of {vouched.file}: {instead(name, trusted.members)}"
            problems.add(section.key_mark(name), message)
        elif name in members:
            _refuse_own(entry, members[name], vouched, problems)
            notices += _overruled(f"account {quoted(name)}", entry, members[name])
            members[name] = _joined(members[name], entry, entry.members.keys())
    return _like(trusted, members), notices


def _refuse_own(entry: Node, trusted: Node, vouched: Node, problems: Problems) -> None:
    """Complain of what an account in the configuration may not say."""
    for key in _OPERATORS:
        if entry.has(key):
            problems.add(entry.key_mark(key), f"{quoted(key)} {_not_here(vouched)}")
    said, known = entry.text_at("type"), trusted.text_at("type")
    if said is not None and known is not None and said != known:
        problems.add(entry.key_mark("type"), f"`type` is {known} in {vouched.file}: write that, or another account")


def _safety(own: Node | None, trusted: Node | None) -> tuple[Node | None, list[Notice]]:
    """The limits of ``trusted``, where there are any, with the numbers that ``own`` names."""
    if trusted is None or own is None:
        return trusted or own, []
    return _joined(trusted, own, _OF_NUMBERS), _overruled("`safety`", own, trusted, whole=True)


def _prices(root: Node, vouched: Node) -> tuple[Node | None, list[Notice]]:
    """The price book: that of ``vouched``, which has it all once it bounds what is spent."""
    if not (vouched.has("safety") or vouched.has("prices")):
        return root.members.get("prices"), []
    if not root.has("prices"):
        return vouched.members.get("prices"), []
    message = f"has no effect here: {vouched.file} says what is spent, and alone may say what that is: write it there"
    return vouched.members.get("prices"), [Notice("warning", f"{root.key_mark('prices')}: `prices` {message}")]


def _overruled(what: str, own: Node, trusted: Node, *, whole: bool = False) -> list[Notice]:
    """What the configuration says in vain. ``whole``: also what ``trusted`` leaves open, but for lists of numbers."""

    def is_vain(key: str, said: Node) -> bool:
        if key in trusted.members:
            return bool(plain(trusted.members[key]) != plain(said))
        return whole and key not in _OF_NUMBERS

    vain = [key for key, said in own.members.items() if is_vain(key, said)]
    if not vain:
        return []
    message = f"{', '.join(map(quoted, vain))} has no effect here: {trusted.file} holds"
    return [Notice("warning", f"{own.key_mark(vain[0])}: {what}: {message}")]


def _joined(trusted: Node, own: Node, more: Iterable[str]) -> Node:
    """``trusted`` with those members of ``own`` that it does not have itself and that are among ``more``."""
    allowed = [key for key in more if key in own.members and key not in _OPERATORS]
    return _like(trusted, {**{key: own.members[key] for key in allowed}, **trusted.members}, own)


def _like(node: Node, members: dict[str, Node], other: Node = EMPTY) -> Node:
    """A map where ``node`` stands, with these members; their keys stand where they are written."""
    marks = {key: (node if node.has(key) else other).key_mark(key) for key in members}
    return Node(members, node.file, node.line, node.column, key_marks=marks)


def refuse_strays(paths: Sequence[Path], files: Iterable[Path], problems: Problems) -> None:
    """Complain of each of ``files``, all that ``paths`` name, that links lead out of the configuration's folder."""
    folders = [_folder(path, problems) for path in paths]
    for file in files:
        if not any(_is_in(os.path.realpath(file), folder) for folder in folders if folder):
            message = "leads out of the configuration's folder: beside trusted accounts a link may not"
            problems.add(Mark(str(file), 1, 1), message)


def _folder(path: Path, problems: Problems) -> str:
    """The folder that ``path`` may lead into, links resolved; empty, and a problem, where one leads out on the way."""
    above = os.path.realpath(os.path.dirname(os.path.abspath(path)))
    here = os.path.realpath(os.curdir)
    strays = not path.is_absolute() and ".." not in path.parts and not _is_in(above, here)
    if strays or not _is_in(os.path.realpath(path), above):
        problems.add(Mark(str(path), 1, 1), "is reached by a link that leads elsewhere: name the file or folder itself")
        return ""
    return os.path.realpath(path) if path.is_dir() else above


def _is_in(path: str, folder: str) -> bool:
    """Whether ``path`` is ``folder`` or below it; both without links."""
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def refuse_stray_records(folder: Path, problems: Problems) -> None:
    """Complain where what tnctl keeps in the configuration's ``folder`` is a link that leads out of it."""
    inside = os.path.realpath(folder)
    for path in (folder / STATE_FILE, folder / SANDBOX):
        if not _is_in(os.path.realpath(path), inside):
            message = "leads out of the configuration's folder: beside trusted accounts a link may not; remove it"
            problems.add(Mark(str(path), 1, 1), message)
            return


def records_of_the_branch(path: Path, vouched: Path) -> Notice | None:
    """A warning where there are records at ``path``, in the configuration's folder, and nobody else names others."""
    if not os.path.lexists(path):
        return None
    message = (
        f"the records {path} lie with the configuration, so that a branch can bring its own: say `state` in {vouched}, "
        "or name the records with --state or TNCTL_STATE"
    )
    return Notice("warning", message)


def placed(file: Path, paths: Iterable[Path]) -> Iterator[Notice]:
    """A warning where whoever changes the configuration can change the file of trusted accounts as well."""
    spots = {os.path.realpath(file), os.path.join(os.path.realpath(file.parent), file.name)}
    for path in paths:
        folder = Path(os.path.realpath(path if path.is_dir() else path.parent))
        above = next((one for one in (folder, *folder.parents) if (one / ".git").exists()), folder)
        if any(_is_in(spot, str(above)) for spot in spots):
            message = "lies with the configuration, so that a branch can change it: keep it outside the repository"
            yield Notice("warning", f"the file of trusted accounts {file} {message}")
            return
