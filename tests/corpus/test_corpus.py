"""Every malformed input is refused as documented, within its limits; what is changed at random does no harm."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from reconciler.config import schema, source
from reconciler.config.problems import MisreadError
from reconciler.errors import EXIT_OK, ConfigError
from reconciler.testing import load_configuration
from tests.corpus import cage, case, fuzz, malformed, plan_files, state_files, verdict
from tests.corpus.cage import ENVIRON, Cage, Run
from tests.corpus.case import Case
from tests.corpus.cases import configurations, every_case, families
from tests.corpus.fields import EMPTY, refused_when_empty
from tests.corpus.full import FULL, fields, replaced
from tests.corpus.sheet import write

FAMILIES = families()
FUZZED = 500
"""Inputs changed at random in each test run; ``python -m tests.corpus --fuzz 200000`` makes more."""

READ_BY_THE_PURE_PARSER = 50_000
"""Bytes of a case up to which both parsers are compared: the pure one takes seconds a megabyte."""

REFUSING = frozenset(Draft202012Validator.VALIDATORS) - {"$ref", "$dynamicRef", "if", "items", "properties"}
"""Keywords that fail by themselves; those left out pass on what another schema says."""

TOLD_ELSEWHERE = frozenset({"config-yaml-escape-beyond-unicode"})
"""Refused by both parsers, but the pure one raises a bare OverflowError there and cannot say where."""


@pytest.fixture(scope="module")
def opened() -> Iterator[Cage]:
    with cage.opened() as found:
        yield found


def test_the_corpus_is_large_and_no_two_cases_have_one_name() -> None:
    assert len(malformed.FILES) >= 100
    assert [case.name for case in malformed.cases() if not case.told] == []
    names = Counter(case.name for case in every_case())
    assert len(names) >= 2000
    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize("family", FAMILIES)
def test_malformed_input_is_refused_in_words_with_a_place_within_a_second(family: str, opened: Cage) -> None:
    found = {case.name: verdict.judged(case, opened)[1] for case in FAMILIES[family]}
    assert {name: faults for name, faults in found.items() if faults} == {}


def sound(name: str, raw: bytes, like: tuple[str, ...]) -> Case:
    return Case(name, lambda folder: (folder / name).write_bytes(raw), like, EXIT_OK)


@pytest.mark.parametrize(
    "intact",
    [
        sound(case.CONFIG, write(dict(FULL)).text.encode(), case.VALIDATE),
        sound(case.PLAN, plan_files.saved(), case.SHOW_PLAN),
        sound(case.STATE, state_files.intact(), case.LIST_RECORDS),
    ],
    ids=lambda case: case.name,
)
def test_what_the_cases_are_made_from_is_itself_intact(intact: Case, opened: Cage, tmp_path: Path) -> None:
    intact.lay(tmp_path)
    run = opened.run(tmp_path, intact.arguments)
    assert run.code == EXIT_OK, run.output


def named_properties(rule: Any) -> Iterator[tuple[int, str]]:
    """Every property that a schema names, with the identity of the map that names it."""
    if isinstance(rule, Mapping):
        properties = rule.get("properties")
        if isinstance(properties, Mapping):
            yield from ((id(properties), key) for key in properties)
        for inner in rule.values():
            yield from named_properties(inner)
    elif isinstance(rule, list):
        for inner in rule:
            yield from named_properties(inner)


def test_every_field_of_the_published_schema_is_walked() -> None:
    reached = {
        (id(field.rule["properties"]), key)
        for field in fields()
        if "properties" in field.rule and isinstance(field.value, Mapping)
        for key in field.value
    }
    assert set(named_properties(schema.document())) <= reached


@pytest.mark.parametrize("kind", EMPTY)
def test_nothing_in_a_field_is_taken_or_refused_in_words_at_its_place(kind: str, tmp_path: Path) -> None:
    path = tmp_path / case.CONFIG
    for field in fields():
        if not field.path:
            continue
        sheet = write(replaced(field.path, EMPTY[kind]))
        path.write_text(sheet.text)
        try:
            load_configuration([path], ENVIRON)
            told = ""
        except ConfigError as refusal:
            told = "\n".join(refusal.problems)
        refused = f"{path}:{sheet.values[field.path]}: "
        assert refused in told or not refused_when_empty(field, kind), (field.path, told)


def with_words(rule: Any) -> Iterator[tuple[str, bool]]:
    """Every part of a schema that can refuse a value by keywords of its own, and whether it says what to write."""
    if isinstance(rule, Mapping):
        own = sorted(REFUSING & rule.keys())
        if own:
            yield f"{rule.get('title') or rule.get('description')}: {own}", "x-write" in rule
        for key, inner in rule.items():
            if key in ("properties", "$defs"):
                for member in inner.values():
                    yield from with_words(member)
            elif key != "if":
                yield from with_words(inner)


def test_every_keyword_of_the_schema_that_can_fail_has_words() -> None:
    found = list(with_words(schema.document()))
    assert len(found) > 50
    assert [place for place, said in found if not said] == []


@pytest.mark.parametrize("malformed_input", configurations(), ids=lambda case: case.name)
def test_both_parsers_are_of_one_mind_about_a_malformed_file(malformed_input: Case, tmp_path: Path) -> None:
    malformed_input.lay(tmp_path)
    path = tmp_path / case.CONFIG
    if path.stat().st_size > READ_BY_THE_PURE_PARSER:
        return
    try:
        text = source.read(path)
    except MisreadError:
        return
    pure, fastest = fuzz.readings(text)
    assert (pure.refusal is None) is (fastest.refusal is None)
    assert pure.refusal == fastest.refusal or malformed_input.name in TOLD_ELSEWHERE
    assert fuzz.disagreement(text, pure, fastest) is None


@pytest.mark.parametrize("value", ["{a:,b: c}", "{a: in? x}", "{a: https://x.example/?b=c}", "in\tx"])
def test_the_parsers_differ_only_where_the_editions_of_yaml_do(value: str) -> None:
    text = f"a: {value}"
    pure, fastest = fuzz.readings(text)
    assert (pure.refusal is None) is not (fastest.refusal is None)
    assert fuzz.disagreement(text, pure, fastest) is None


@pytest.mark.parametrize("text", ["a: b", "a: 'b'", "a: {b: c}", "a: [b, ':', '?']", "a: |\n  b?\n"])
def test_elsewhere_both_parsers_read_the_same(text: str) -> None:
    pure, fastest = fuzz.readings(text)
    assert pure == fastest
    assert pure.refusal is None


def test_inputs_changed_at_random_end_well_or_are_refused_in_words(tmp_path: Path) -> None:
    found = {number: fuzz.fault(fuzz.made(1, number), tmp_path) for number in range(FUZZED)}
    assert {number: fault for number, fault in found.items() if fault is not None} == {}


def test_an_input_changed_at_random_is_the_same_whatever_was_made_before_it() -> None:
    numbers = range(40)
    assert [fuzz.made(7, n) for n in numbers] == [fuzz.made(7, n) for n in reversed(numbers)][::-1]
    assert len({fuzz.made(7, n).raw for n in numbers}) > 35


def test_random_changes_reach_past_the_first_refusal(tmp_path: Path) -> None:
    taken = 0
    for number in range(200):
        given = fuzz.made(3, number)
        if not given.is_plan:
            (tmp_path / case.CONFIG).write_bytes(given.raw)
            try:
                load_configuration([tmp_path / case.CONFIG], ENVIRON)
                taken += 1
            except ConfigError:
                pass
    assert taken > 5


CALM = Run(1, "numbers.yaml:2:3: `a` is wrong: write b\nhint: correct it\n", 0.1, 10**6)
WRONG = Case("x", lambda _: None, case.VALIDATE, 1, (("numbers.yaml:2:3", "write b"),))


def changed(**values: Any) -> Run:
    return Run(
        **{name: values.get(name, getattr(CALM, name)) for name in ("code", "output", "cpu_seconds", "peak_bytes")}
    )


def test_the_judge_finds_nothing_wrong_with_a_documented_refusal() -> None:
    assert verdict.faults(WRONG, CALM) == []


@pytest.mark.parametrize(
    "run",
    [
        changed(code=0),
        changed(code=-9),
        changed(cpu_seconds=1.1),
        changed(peak_bytes=201 * 2**20),
        changed(output=""),
        changed(output=CALM.output.replace("hint: correct it\n", "")),
        changed(output=CALM.output.replace("2:3", "2:4")),
        changed(output=CALM.output.replace("write b", "write c")),
        changed(output=CALM.output.replace("`a`", "`CANARY`")),
        changed(output=CALM.output.replace("`a`", "`\x1b[31m`")),
        changed(output=f"numbers.yaml:1:1: also this\n{CALM.output}"),
        changed(output=f"Traceback (most recent call last)\n{CALM.output}"),
        changed(output=f"no place\n{CALM.output}"),
    ],
)
def test_the_judge_finds_each_way_of_being_wrong(run: Run) -> None:
    assert verdict.faults(WRONG, run) != []


def test_the_cage_measures_what_a_run_takes(opened: Cage, tmp_path: Path) -> None:
    sound(case.CONFIG, write(dict(FULL)).text.encode(), case.VALIDATE).lay(tmp_path)
    small = opened.run(tmp_path, case.VALIDATE)
    items = b"a: [" + b"1," * 150_000 + b"1]\n"
    sound(case.CONFIG, items, case.VALIDATE).lay(tmp_path)
    large = opened.run(tmp_path, case.VALIDATE)
    assert large.peak_bytes > small.peak_bytes + 10 * 2**20
    assert large.cpu_seconds > small.cpu_seconds
    sound(case.CONFIG, write(dict(FULL)).text.encode(), case.VALIDATE).lay(tmp_path)
    after = opened.run(tmp_path, case.VALIDATE)
    assert after.code == EXIT_OK
    assert after.peak_bytes < large.peak_bytes - 10 * 2**20
    assert after.cpu_seconds < large.cpu_seconds


def test_a_run_that_hangs_is_ended_and_the_next_one_is_made(opened: Cage, tmp_path: Path) -> None:
    sound(case.CONFIG, write(dict(FULL)).text.encode(), case.VALIDATE).lay(tmp_path)
    assert opened.run(tmp_path, ("sandbox", "serve", "--port", "0"), seconds=1).code == -signal.SIGALRM
    assert opened.run(tmp_path, case.VALIDATE).code == EXIT_OK
