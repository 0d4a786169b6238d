"""YAML to a tree of :class:`~reconciler.config.node.Node`, by rules that suit phone numbers.

PyYAML reads ``+17205550142`` as an int without its plus, ``0612345670`` as octal, ``190:20:30`` as base 60 and
``NO`` as false; of two equal keys the last wins silently; a few aliases can expand without end; and its own
constructor is slow. So only its parser's *events* are used, from the C library where there is one, and the tree
is built here:

================================================ =========================================
plain scalar, as written                          value
================================================ =========================================
``true True TRUE`` ``false False FALSE``          bool
``null Null NULL ~`` and nothing at all           None
decimal, no plus, no leading zero, < 16 digits    int, or float when it has a point
anything else, and whatever is quoted             text, exactly as written
a key                                             text, exactly as written
================================================ =========================================

A value that is not there stands where its key does. Both parsers give the same events; their error texts differ,
so messages are our own (see ``_WORDS``).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

import yaml

from reconciler.config.merge import chain, join
from reconciler.config.node import Node, Scalar
from reconciler.config.problems import MisreadError
from reconciler.model import Mark
from reconciler.model.suggestions import quoted

DEEPEST = 64
"""Levels of nesting."""

MOST_NODES = 1_000_000
"""Values in one file, counting what an alias repeats."""

ALIAS_ALLOWANCE = 10_000
"""Values that aliases may repeat in any file, beside ten times what is written out."""

_FEWER_LEVELS = 500
"""Characters back from 1,000 levels to where there are fewer, and still more than :data:`DEEPEST`."""

Events = Callable[[str], Any]
"""Makes an event source with ``get_event()`` from text."""

Told = Callable[[Mark, str], None]
"""Is told of a problem that does not stop the reading: its place, and what to do. The same may be told again."""

PURE: Final[Events] = yaml.SafeLoader
FASTEST: Final[Events] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_INT = re.compile(r"0|-?[1-9][0-9]{0,14}")
_FLOAT = re.compile(r"-?(?:0|[1-9][0-9]{0,8})\.[0-9]{1,6}")
_WORD_VALUES: Final[dict[str, Scalar]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_SURROGATE = re.compile("[\ud800-\udfff]")
_DIRECTIVE = re.compile(r"(?:[ \t]*+(?:#[^\r\n]*+)?\r?\n)*+%")

_WORDS: Final = (
    ("cannot start any token", "no value can begin with this character: put the text in quotes"),
    ("values are not allowed", "a colon is out of place: quote text that holds one, and check the indentation"),
    ("entries are not allowed", "a list cannot begin here: put each `- item` on a line of its own"),
    ("could not find expected ':'", "a key without a colon: write `key: value`"),
    ("or ']'", "this [ is never closed, or a comma is missing after it"),
    ("or '}'", "this { is never closed, or a comma is missing after it"),
    ("unexpected end of stream", "this quote is never closed"),
    ("escape", "this double-quoted text holds an escape that YAML does not know: use single quotes"),
    ("hex", "this double-quoted text holds an escape that YAML does not know: use single quotes"),
    ("alphabetic or numeric", "a name must follow & or *: quote text that begins with one of them"),
    ("document start", "the document has ended: a file holds one"),
    ("tag", "tags (`!`) are not supported: quote text that begins with `!`"),
)
_EMPTY: Final = "the file is empty: write at least `version: 1`"
_AT_CONTEXT: Final = ("unexpected end of stream", "escape", "hex", "could not find expected ':'", "or ']'", "or '}'")
"""Errors that are better told where the scalar begins than where the parser gave up."""


def parse(text: str, file: str, events: Events = FASTEST, twice: Told | None = None) -> Node:
    """The document in ``text``, which has passed :func:`reconciler.config.source.checked`.

    Raises :class:`MisreadError` at the first thing that is not YAML or that this loader refuses. A key that is written
    twice is told to ``twice``, and the first of its values stands, or of a section all that its parts have; without
    ``twice`` it is refused like the rest.
    """
    if _DIRECTIVE.match(text):
        raise MisreadError(Mark(file, 1, 1), "directives (`%`) are not supported: remove the line")
    try:
        return _Builder(file, events(text), twice).document()
    except yaml.MarkedYAMLError as error:
        if shallower := _before_the_depths(error, text):
            return parse(shallower, file, events, twice)
        raise _misread(error, file) from None
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError):  # the pure parser calls chr() unguarded
        raise MisreadError(Mark(file, 1, 1), "not YAML that can be read") from None


class _Builder:
    """Turns the events of one file into nodes. Recursion is bounded by :data:`DEEPEST`."""

    def __init__(self, file: str, source: Any, twice: Told | None) -> None:
        self._file = file
        self._twice = twice
        self._next = source.get_event
        self._anchors: dict[str, tuple[Node, int, int]] = {}
        """Name -> the node, how many values it holds with itself, how many levels lie below it."""
        self._count = 0
        self._repeated = 0
        self._deepest = 0

    def document(self) -> Node:
        """The only document of the stream."""
        self._next()
        event = self._next()
        if isinstance(event, yaml.StreamEndEvent):
            raise MisreadError(Mark(self._file, 1, 1), _EMPTY)
        root = self._value(self._next(), 1)
        if root.value is None:
            raise MisreadError(root.mark, _EMPTY)
        self._next()
        event = self._next()
        if not isinstance(event, yaml.StreamEndEvent):
            raise self._error(event, "a second document begins here: a file holds one")
        return root

    def _value(self, event: Any, depth: int) -> Node:
        """The value that ``event`` begins."""
        self._count += 1
        if self._count > MOST_NODES:
            raise self._error(event, f"more than {MOST_NODES:,} values: split the file into several")
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, depth)
        return self._collection(event, depth)

    def _scalar(self, event: Any) -> Node:
        """A scalar by the table above."""
        if event.tag is not None:
            raise self._tag(event)
        text = self._text(event)
        value: Scalar = text
        if not event.style:
            if text in _WORD_VALUES:
                value = _WORD_VALUES[text]
            elif _INT.fullmatch(text):
                value = int(text)
            elif _FLOAT.fullmatch(text):
                value = float(text)
        mark = event.start_mark
        node = Node(value, self._file, mark.line + 1, mark.column + 1, text)
        if event.anchor is not None:
            self._anchors[event.anchor] = (node, 1, 0)
        return node

    def _collection(self, event: Any, depth: int) -> Node:
        """A list or mapping with all that is in it."""
        if depth > DEEPEST:
            raise self._too_deep(event)
        if event.tag is not None:
            raise self._tag(event)
        before, outside, self._deepest = self._count - 1, self._deepest, depth
        mark = event.start_mark
        node = Node(None, self._file, mark.line + 1, mark.column + 1)
        if isinstance(event, yaml.MappingStartEvent):
            self._fill_mapping(node, depth)
        else:
            node.value = self._items(depth)
        if event.anchor is not None:
            self._anchors[event.anchor] = (node, self._count - before, self._deepest - depth)
        self._deepest = max(outside, self._deepest)
        return node

    def _items(self, depth: int) -> list[Node]:
        """The items of a list, up to its end."""
        items: list[Node] = []
        event = self._next()
        while not isinstance(event, yaml.SequenceEndEvent):
            items.append(self._value(event, depth + 1))
            event = self._next()
        return items

    def _fill_mapping(self, node: Node, depth: int) -> None:
        """The members of a mapping, up to its end."""
        members: dict[str, Node] = {}
        marks: dict[str, Mark] = {}
        again: dict[str, list[Node]] = {}
        node.value, node.key_marks = members, marks
        event = self._next()
        while not isinstance(event, yaml.MappingEndEvent):
            key = self._key(event)
            mark = Mark(self._file, event.start_mark.line + 1, event.start_mark.column + 1)
            if key in members:
                self._repeated_key(key, mark, marks[key])
                again.setdefault(key, [members[key]]).append(self._value(self._next(), depth + 1))
            else:
                marks[key] = mark
                members[key] = member = self._value(self._next(), depth + 1)
                if member.text == "" and member.value is None:
                    member.line, member.column = mark.line, mark.column
            event = self._next()
        if depth == 1:
            members.update({key: self._section(parts) for key, parts in again.items()})

    def _section(self, parts: list[Node]) -> Node:
        """A section that is written more than once: what is declared in any of its parts counts as declared."""
        alike = [part for part in parts if type(part.value) is type(parts[0].value)]
        if isinstance(parts[0].value, list):
            return chain(alike)
        return join(alike, self._repeated_key) if isinstance(parts[0].value, dict) else parts[0]

    def _repeated_key(self, key: str, mark: Mark, first: Mark) -> None:
        """Tell of a key that is written twice, or refuse it."""
        message = f"{quoted(key)} is written twice: the first is at {first.line}:{first.column}; remove one"
        if self._twice is None:
            raise MisreadError(mark, message)
        self._twice(mark, message)

    def _key(self, event: Any) -> str:
        """The text of a key, exactly as written."""
        if not isinstance(event, yaml.ScalarEvent):
            raise self._error(event, "a key must be plain text: quote it if it begins with *, [ or {")
        if event.tag is not None:
            raise self._tag(event)
        if event.anchor is not None:
            raise self._error(event, "a key cannot have an anchor: quote it if it begins with &")
        key = self._text(event)
        if not key:
            raise self._error(event, "a key is empty: write its name before the colon")
        if key == "<<" and not event.style:
            raise self._error(event, "merge keys (`<<`) are not supported: write the keys out, or use `defaults`")
        return key

    def _alias(self, event: Any, depth: int) -> Node:
        """The node that an alias repeats; shared, but counted as often as it is read."""
        if event.anchor not in self._anchors:
            raise self._error(event, "no value before this has that anchor: quote text that begins with *")
        node, size, below = self._anchors[event.anchor]
        if depth + below > DEEPEST:
            raise self._too_deep(event)
        self._deepest = max(self._deepest, depth + below)
        written = self._count - self._repeated
        self._count += size
        self._repeated += size
        if self._repeated > ALIAS_ALLOWANCE + 10 * written:
            raise self._error(event, "aliases repeat far more than the file writes out: write the values out")
        return node

    def _text(self, event: Any) -> str:
        """The text of a scalar. Half a character, which only an escape can write, is none."""
        text: str = event.value
        if event.style == '"' and _SURROGATE.search(text):
            raise self._error(event, dict(_WORDS)["escape"])
        return text

    def _too_deep(self, event: Any) -> MisreadError:
        return self._error(event, f"nested more than {DEEPEST} levels deep: nothing in a configuration is")

    def _tag(self, event: Any) -> MisreadError:
        return self._error(event, "tags (`!`) are not supported: quote text that begins with `!`")

    def _error(self, event: Any, message: str) -> MisreadError:
        mark = event.start_mark
        return MisreadError(Mark(self._file, mark.line + 1, mark.column + 1), message)


def _before_the_depths(error: yaml.MarkedYAMLError, text: str) -> str:
    """``text`` up to where it is far too deep for us, and not yet for the parser; empty for any other complaint.

    libyaml from 0.2.6 on gives up at 1,000 levels, and looks ahead: it may complain before its events have shown even
    :data:`DEEPEST` of them. One character opens one level at most.
    """
    if error.problem_mark is None or "nesting depth" not in (error.problem or ""):
        return ""
    return text[: error.problem_mark.index - _FEWER_LEVELS]


def _misread(error: yaml.MarkedYAMLError, file: str) -> MisreadError:
    """A parser's complaint in our words; its own may repeat a secret, and differ from one parser to the other."""
    problem = error.problem or ""
    message = next(
        (words for needle, words in _WORDS if needle in problem),
        "not YAML from here on: check indentation, quotes and brackets above",
    )
    at = error.problem_mark
    if error.context_mark is not None and any(needle in problem for needle in _AT_CONTEXT):
        at = error.context_mark
    return MisreadError(Mark(file, at.line + 1, at.column + 1) if at else Mark(file, 1, 1), message)
