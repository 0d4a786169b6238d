"""The quick check vouches for exactly what the published schema allows, as far as numbers go."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.config import loader, schema
from reconciler.config.fast_schema import compiled
from reconciler.config.problems import Problems

TEXTS = st.sampled_from(["voicetel", "", "https://h.example/x", "a\n", "x" * 501, "NAME", "9", "a b"])
LEAVES = st.one_of(TEXTS, st.none(), st.booleans(), st.integers(-2, 10), st.just(10**9), st.floats(0, 2), st.just([]))
KEYS = st.sampled_from(["enabled", "provider", "env", "team", "a b", "file"])
VALUES = LEAVES | st.dictionaries(KEYS, LEAVES, max_size=3)
FIELDS = st.sampled_from(["provider", "sms", "webhook", "campaign", "route", "protect", "labels", "smss"])
ENTRIES = st.dictionaries(FIELDS, VALUES, max_size=5) | VALUES

VALID: list[Any] = [
    {"provider": "a", "sms": True, "webhook": "https://h.example/x", "labels": {"team": "x"}},
    {"sms": {"enabled": False, "provider": "b"}, "webhook": {"env": "NAME"}, "route": 4, "protect": False},
    {"campaign": "alerts"},
    {},
]


@settings(deadline=None)
@given(entry=ENTRIES | st.sampled_from(VALID))
def test_it_agrees_with_the_judge_on_every_entry(entry: Any) -> None:
    quick = compiled(schema.definition("number"), schema.document()["$defs"])
    judge = schema._validator().evolve(schema=schema.definition("number"))
    assert quick(entry) is judge.is_valid(entry)


def test_it_vouches_for_what_a_fleet_is_made_of() -> None:
    quick = compiled(schema.definition("number"), schema.document()["$defs"])
    assert all(quick(entry) for entry in VALID)


def test_a_keyword_that_it_does_not_know_vouches_for_nothing() -> None:
    assert not compiled({"type": "string", "format": "uri"}, {})("https://h.example/x")
    assert not compiled({"type": "null"}, {})(None)


def test_a_rule_without_words_points_to_the_published_schema() -> None:
    assert schema._write({"minItems": 1}) == "write what `schemas/config.schema.json` says"


def test_equal_faulty_entries_are_each_told_of_at_their_own_place() -> None:
    text = 'numbers: {"+17205550142": {smss: 1}, "+17205550143": {smss: 1}}'
    problems = Problems()
    schema.check(loader.parse(text, "f"), problems)
    assert [line.split(": ")[0] for line in problems.lines()] == ["f:1:28", "f:1:55"]
