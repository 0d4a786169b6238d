"""YAML to nodes: scalars stay as written, places are right, both parsers agree, and nothing grows without bound."""

from __future__ import annotations

import time
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.config import loader
from reconciler.config.loader import Events
from reconciler.config.node import Node, plain
from reconciler.config.problems import MisreadError
from reconciler.model import Mark

PARSERS = [pytest.param(loader.PURE, id="pure"), pytest.param(loader.FASTEST, id="fastest")]

DIGITS = st.text("0123456789", min_size=1, max_size=18)
PHONE_LIKE = st.one_of(
    st.builds("+{}".format, DIGITS),
    st.builds("0{}".format, DIGITS),
    st.builds("+1 {} {} {}".format, DIGITS, DIGITS, DIGITS),
    st.builds("{}:{}:{}".format, DIGITS, DIGITS, DIGITS),
    st.builds("{}_{}".format, DIGITS, DIGITS),
    st.builds("0x{}".format, DIGITS),
    st.builds("{}e{}".format, DIGITS, DIGITS),
    st.builds("{}-{}-{}".format, DIGITS, DIGITS, DIGITS),
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**14), 10**14),
    st.text(st.characters(exclude_categories=("Cs", "Cc", "Co", "Cn")), max_size=20),
)
KEYS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Co", "Cn")), min_size=1, max_size=12)
TREES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4))


def parse(text: str, events: Events = loader.FASTEST) -> Node:
    return loader.parse(text, "numbers.yaml", events)


def places(node: Node) -> Any:
    """The whole tree with every place, to compare two parsers by."""
    if isinstance(node.value, dict):
        return node.mark, [(key, node.key_mark(key), places(member)) for key, member in node.value.items()]
    if isinstance(node.value, list):
        return node.mark, [places(item) for item in node.value]
    return node.mark, node.value, node.text


@pytest.mark.parametrize("events", PARSERS)
@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("+17205550142", "+17205550142"),
        ("0612345670", "0612345670"),
        ("190:20:30", "190:20:30"),
        ("NO", "NO"),
        ("yes", "yes"),
        ("on", "on"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("1e3", "1e3"),
        (".5", ".5"),
        (".inf", ".inf"),
        ("2026-01-31", "2026-01-31"),
        ("1234567890123456", "1234567890123456"),
        ("123456789012345", 123456789012345),
        ("0", 0),
        ("-7", -7),
        ("-0", "-0"),
        ("00", "00"),
        ("0.5", 0.5),
        ("'4'", "4"),
        ('"true"', "true"),
        ("true", True),
        ("FALSE", False),
        ("tRUE", "tRUE"),
        ("~", None),
        ("Null", None),
        ("", None),
        ("''", ""),
        ("|\n  x\n", "x\n"),
    ],
)
def test_a_scalar_is_read_by_our_own_rules(events: Events, written: str, value: object) -> None:
    read = parse(f"key: {written}", events).members["key"].value
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize("events", PARSERS)
@settings(deadline=None)
@given(text=PHONE_LIKE)
def test_nothing_that_looks_like_a_phone_number_changes_as_key_or_value(events: Events, text: str) -> None:
    node = parse(f"{text}: {text}", events)
    assert list(node.members) == [text]
    assert node.members[text].value == text


@pytest.mark.parametrize("events", PARSERS)
@settings(deadline=None)
@given(digits=DIGITS)
def test_bare_digits_keep_their_text(events: Events, digits: str) -> None:
    node = parse(f"{digits}: {digits}", events)
    assert list(node.members) == [digits]
    assert node.members[digits].text == digits
    assert str(node.members[digits].value) == digits


@pytest.mark.parametrize("events", PARSERS)
@settings(deadline=None)
@given(tree=TREES)
def test_loading_what_was_dumped_gives_the_same_tree(events: Events, tree: Any) -> None:
    text = yaml.safe_dump({"root": tree}, allow_unicode=True, default_style='"' if isinstance(tree, str) else None)
    assert plain(parse(text, events)) == {"root": tree}


@settings(deadline=None)
@given(tree=TREES)
def test_both_parsers_give_the_same_values_at_the_same_places(tree: Any) -> None:
    text = yaml.safe_dump({"root": tree, "again": tree})
    assert places(parse(text, loader.PURE)) == places(parse(text, loader.FASTEST))


@pytest.mark.parametrize("events", PARSERS)
def test_every_key_and_value_knows_its_line_and_column_from_one(events: Events) -> None:
    node = parse('# é\nnumbers:\n  "+17205550142": {provider: intelepeer,\n    sms: true}\n', events)
    entry = node.members["numbers"].members["+17205550142"]
    assert node.members["numbers"].key_mark("+17205550142") == Mark("numbers.yaml", 3, 3)
    assert entry.mark == Mark("numbers.yaml", 3, 19)
    assert entry.key_mark("sms") == Mark("numbers.yaml", 4, 5)
    assert entry.members["sms"].mark == Mark("numbers.yaml", 4, 10)


@pytest.mark.parametrize("events", PARSERS)
def test_a_value_that_is_not_there_stands_where_its_key_does(events: Events) -> None:
    node = parse("a: {b: , c}", events)
    assert [member.mark.column for member in node.members["a"].members.values()] == [5, 10]


@pytest.mark.parametrize("events", PARSERS)
def test_an_alias_repeats_the_value_with_its_own_place(events: Events) -> None:
    node = parse("a: &x {sms: true}\nb: *x\n", events)
    assert plain(node) == {"a": {"sms": True}, "b": {"sms": True}}
    assert node.members["b"].mark.line == 1


def test_aliases_may_repeat_in_proportion_to_what_is_written() -> None:
    shared = "a: &x {k: [1, 2, 3, 4]}\n" + "".join(f"b{i}: *x\n" for i in range(5000))
    assert len(parse(shared).members) == 5001


def test_a_small_file_of_nested_aliases_is_refused_before_it_expands() -> None:
    bomb = "a0: &a0 [1,1,1,1,1,1,1,1]\n" + "".join(
        f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 8)}]\n" for i in range(1, 40)
    )
    begun = time.perf_counter()
    with pytest.raises(MisreadError, match="aliases repeat"):
        parse(bomb)
    assert time.perf_counter() - begun < 1


def test_more_values_than_a_file_may_hold_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loader, "MOST_NODES", 10)
    with pytest.raises(MisreadError, match="more than 10 values"):
        parse("[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]")


FAR_TOO_DEEP = 3_000
"""Levels: beyond those at which libyaml itself gives up."""

STAIRS = "".join(f"{' ' * level}a:\n" for level in range(1, FAR_TOO_DEEP))


@pytest.mark.parametrize("events", PARSERS)
@pytest.mark.parametrize(
    ("text", "twice", "too_deep"),
    [
        pytest.param(f"a: 1\na: 2\nb: {'[' * FAR_TOO_DEEP}", (2, 1), (3, 67), id="lists"),
        pytest.param(f"a: 1\na: 2\nb: {'{b: ' * FAR_TOO_DEEP}", (2, 1), (3, 256), id="maps"),
        pytest.param(f"{{a: 1, a: 2, b: {'[' * FAR_TOO_DEEP}", (1, 8), (1, 80), id="lists-on-its-line"),
        pytest.param(f"{{a: 1, a: 2, b: {'{b: ' * FAR_TOO_DEEP}", (1, 8), (1, 269), id="maps-on-its-line"),
        pytest.param(f"a: 1\na: 2\nb:\n{'- ' * FAR_TOO_DEEP}x", (2, 1), (4, 127), id="dashes"),
        pytest.param(f"a: 1\na: 2\nb:\n{STAIRS}", (2, 1), (67, 65), id="indentation"),
        pytest.param(f"b:\n a: 1\n a: 2\n{STAIRS.replace('a:', 'b:')}", (3, 2), (67, 65), id="indentation-beside-it"),
    ],
)
def test_what_is_far_too_deep_is_told_at_its_place_and_the_key_that_is_written_twice_before_it_once(
    events: Events, text: str, twice: tuple[int, int], too_deep: tuple[int, int]
) -> None:
    told: dict[tuple[Mark, str], None] = {}
    with pytest.raises(MisreadError, match="nested more than 64 levels deep: nothing in a configuration is") as caught:
        loader.parse(text, "numbers.yaml", events, lambda mark, message: told.update({(mark, message): None}))
    assert caught.value.mark == Mark("numbers.yaml", *too_deep)
    ((mark, message),) = told
    assert mark == Mark("numbers.yaml", *twice)
    assert message.startswith("`a` is written twice: the first is at ")


@pytest.mark.parametrize("events", PARSERS)
def test_a_key_that_is_written_twice_before_the_depths_is_refused_where_nobody_is_told(events: Events) -> None:
    with pytest.raises(MisreadError, match="`a` is written twice"):
        parse(f"{{a: 1, a: 2, b: {'[' * FAR_TOO_DEEP}", events)


@pytest.mark.parametrize("events", PARSERS)
@settings(deadline=None)
@given(text=st.text("ab:-[]{}#&*!|>'\"%@`,? \n<=+0", max_size=60))
def test_any_text_gives_a_tree_or_a_refusal_with_a_place(events: Events, text: str) -> None:
    try:
        mark = parse(text, events).mark
    except MisreadError as refusal:
        mark = refusal.mark
    assert mark.line >= 1
    assert mark.column >= 1
