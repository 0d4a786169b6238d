"""Every file under ``malformed/`` says in its ``# expect: LINE:COLUMN: words`` comments all that is wrong with it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from reconciler.config import loader, source
from reconciler.config.load import load_configuration
from reconciler.config.problems import MisreadError
from reconciler.errors import ConfigError

CASES = sorted((Path(__file__).parent / "malformed").glob("*.yaml"))
EXPECT = re.compile(r"# expect: ([0-9]+:[0-9]+): (.+)")
PROBLEM = re.compile(r"numbers\.yaml:([0-9]+:[0-9]+): (.+)")


def expected(case: Path) -> list[tuple[str, str]]:
    """Place and words of each problem that ``case`` announces."""
    found = EXPECT.findall(case.read_bytes().decode("utf-8", "replace"))
    return sorted(found)


def told(case: Path, directory: Path) -> list[tuple[str, str]]:
    """Place and message of each problem that loading a copy of ``case`` tells."""
    copy = Path(shutil.copy(case, directory / "numbers.yaml"))
    with pytest.raises(ConfigError) as caught:
        load_configuration([copy], {})
    matches = [PROBLEM.fullmatch(line.removeprefix(f"{directory}/")) for line in caught.value.problems]
    return sorted((match[1], match[2]) for match in matches if match)


def test_the_corpus_is_large_and_each_case_expects_something() -> None:
    assert len(CASES) >= 45
    assert [case.name for case in CASES if not expected(case)] == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_a_malformed_configuration_is_told_of_with_every_problem_and_its_place(case: Path, tmp_path: Path) -> None:
    wanted, got = expected(case), told(case, tmp_path)
    assert [place for place, _ in got] == [place for place, _ in wanted], got
    for place, words in wanted:
        assert any(words in message for at, message in got if at == place), (place, words, got)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_no_message_repeats_a_credential_or_breaks_its_line(case: Path, tmp_path: Path) -> None:
    for _, message in told(case, tmp_path):
        assert "CANARY" not in message
        assert message.isprintable()


@pytest.mark.parametrize("case", [case for case in CASES if case.stem.startswith("yaml-")], ids=lambda case: case.stem)
def test_both_parsers_refuse_a_file_at_the_same_place_with_the_same_words(case: Path) -> None:
    try:
        text = source.read(case)
    except MisreadError:
        return
    refusals = []
    for events in (loader.PURE, loader.FASTEST):
        with pytest.raises(MisreadError) as caught:
            loader.parse(text, "numbers.yaml", events)
        refusals.append((caught.value.mark, caught.value.message))
    assert refusals[0] == refusals[1]
