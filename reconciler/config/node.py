"""A configuration value that knows where it stands.

YAML libraries give either plain values or places; messages need both. A :class:`Node` is one value with its file,
line and column; a mapping also keeps the place of each key. A value that broke a rule is marked unsound, so that
later checks pass over it instead of complaining about it again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reconciler.model import Mark

Scalar = str | int | float | bool | None
Value = Scalar | dict[str, "Node"] | list["Node"]


class Node:
    """One value: ``value`` is a scalar, a list of nodes, or a dict of nodes, with the place of each key in
    ``key_marks``.

    ``text`` is a scalar exactly as written. Not a dataclass: a fleet has a million of them.
    """

    __slots__ = ("column", "file", "key_marks", "line", "sound", "text", "value")

    def __init__(
        self,
        value: Value,
        file: str,
        line: int,
        column: int,
        text: str | None = None,
        key_marks: dict[str, Mark] | None = None,
    ) -> None:
        self.value = value
        self.file = file
        self.line = line
        self.column = column
        self.text = text
        self.key_marks = key_marks
        self.sound = True

    def __repr__(self) -> str:
        return f"Node({type(self.value).__name__} at {self.mark})"

    @property
    def mark(self) -> Mark:
        """Where the value begins."""
        return Mark(self.file, self.line, self.column)

    @property
    def members(self) -> dict[str, Node]:
        """The members of a mapping, sound or not; empty for any other value."""
        return self.value if isinstance(self.value, dict) else {}

    def key_mark(self, key: str) -> Mark:
        """Where the key of a member begins; for a key that is not written, where the mapping does."""
        mark = self.key_marks.get(key) if self.key_marks else None
        return mark or self.mark

    def entries(self) -> Iterator[tuple[str, Node, Mark]]:
        """The sound members of a mapping, each with the place of its key."""
        for key, node in self.members.items():
            if node.sound:
                yield key, node, self.key_mark(key)

    def has(self, key: str) -> bool:
        """Whether ``key`` is written at all, sound or not."""
        return key in self.members

    def get(self, key: str) -> Node | None:
        """The sound member ``key``, or None."""
        node = self.members.get(key)
        return node if node is not None and node.sound else None

    def text_at(self, key: str) -> str | None:
        """The member ``key`` when it is sound text."""
        node = self.get(key)
        return node.value if node is not None and isinstance(node.value, str) else None

    def int_at(self, key: str) -> int | None:
        """The member ``key`` when it is a sound whole number."""
        node = self.get(key)
        return node.value if node is not None and type(node.value) is int else None

    def bool_at(self, key: str) -> bool | None:
        """The member ``key`` when it is a sound true or false."""
        node = self.get(key)
        return node.value if node is not None and isinstance(node.value, bool) else None


EMPTY = Node({}, "", 1, 1)
"""A mapping that is not written."""


def plain(node: Node) -> Any:
    """The value without its places: dicts, lists and scalars."""
    value = node.value
    if isinstance(value, dict):
        return {key: plain(member) for key, member in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value
