"""Several files, one configuration: maps merge by key, and what can stand only once must stand only once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from reconciler.config.node import Node
from reconciler.config.problems import Problems
from reconciler.model import Mark
from reconciler.model.suggestions import quoted

MERGED = frozenset({"providers", "brands", "campaigns", "numbers", "pools"})
"""Sections whose members may come from any file."""

LISTED = frozenset({"prices"})
"""Sections whose lines may come from any file, one file's after another's."""

AGREED = frozenset({"fleet"})
"""What any file may say, if all say the same."""

Twice = Callable[[str, Mark, Mark], None]
"""Is told of a key that two mappings have: the key, where the second one is, and the first."""

ONCE = frozenset({"state", "defaults", "safety"})
"""Sections that stand in one file and hold for all."""


def merge(documents: Sequence[Node], problems: Problems) -> Node:
    """One root over ``documents``, at least one, each a mapping; what is unsound in them stays so."""
    if "version" not in problems.unread and not any(document.has("version") for document in documents):
        problems.add(documents[0].mark, "`version` is missing: write `version: 1`")
    if len(documents) == 1:
        return documents[0]
    sections: dict[str, list[tuple[Node, Mark]]] = {}
    for document in documents:
        for key, member, mark in document.entries():
            sections.setdefault(key, []).append((member, mark))
    _refuse_differing({key: parts for key, parts in sections.items() if key in AGREED}, problems)
    _refuse_repeated({key: parts for key, parts in sections.items() if key in ONCE}, problems)
    first = documents[0]
    root = Node(None, first.file, first.line, first.column)
    root.value = {key: _whole(key, [member for member, _ in parts], problems) for key, parts in sections.items()}
    root.key_marks = {key: parts[0][1] for key, parts in sections.items()}
    return root


def _whole(key: str, parts: Sequence[Node], problems: Problems) -> Node:
    """One section of all the files that have it."""

    def twice(name: str, mark: Mark, first: Mark) -> None:
        problems.add(mark, f"{quoted(name)} is declared at {first} already: keep one of the two")

    if key in MERGED:
        return join(parts, twice)
    return chain(parts) if key in LISTED else parts[0]


def _refuse_repeated(sections: dict[str, list[tuple[Node, Mark]]], problems: Problems) -> None:
    """Complain of every second appearance of a section that stands once."""
    for key, ((_, first), *others) in sections.items():
        for _, mark in others:
            problems.add(mark, f"{quoted(key)} stands at {first} already: keep one, it holds for all files")


def _refuse_differing(sections: dict[str, list[tuple[Node, Mark]]], problems: Problems) -> None:
    """Complain of every appearance that says something else than the first."""
    for key, ((first, place), *others) in sections.items():
        for node, mark in others:
            if node.value != first.value:
                problems.add(
                    mark, f"{quoted(key)} is {quoted(str(first.value))} at {place}: write the same, or remove it"
                )


def chain(lists: Sequence[Node]) -> Node:
    """One list with the lines of all ``lists``."""
    lines = [line for node in lists if isinstance(node.value, list) for line in node.value]
    return Node(lines, lists[0].file, lists[0].line, lists[0].column)


def join(maps: Sequence[Node], twice: Twice) -> Node:
    """One mapping with the members of all ``maps``; of two equal keys the first stays, and ``twice`` is told."""
    members: dict[str, tuple[Node, Mark]] = {}
    for node in maps:
        for key, member in node.members.items():
            mark = node.key_mark(key)
            first = members.setdefault(key, (member, mark))
            if first[1] is not mark:
                twice(key, mark, first[1])
    place = maps[0]
    return Node(
        {key: member for key, (member, _) in members.items()},
        place.file,
        place.line,
        place.column,
        key_marks={key: mark for key, (_, mark) in members.items()},
    )
