"""Records know the fleet that they are of, and a starter names it and keeps its records out of the repository."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from cli_helpers import GB, NJ, Run, said, write_fleet
from served import CREDENTIALS, Served, served

ONE = 'numbers: {"+447700900123": {provider: ib}}\n'
OTHER = 'numbers: {"+447700900124": {provider: ib}}\n'


@pytest.fixture
def carriers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    with served() as found:
        yield found


def test_staging_and_production_on_one_set_of_records_do_not_plan_each_others_release(
    tnctl: Run, capsys: pytest.CaptureFixture[str], carriers: Served
) -> None:
    carriers.write(f"fleet: production\n{ONE}", "production.yaml")
    carriers.write(f"fleet: staging\n{OTHER}", "staging.yaml")
    carriers.write(OTHER, "nameless.yaml")
    assert tnctl("apply", "-y", "-f", "production.yaml") == 0
    for file, message in (("staging.yaml", "is of the fleet staging"), ("nameless.yaml", "names no fleet")):
        for command in (
            ["apply", "-y", "--allow-releases", "9"],
            ["plan"],
            ["drift"],
            ["state", "resolve", "number/+447700900123", "--as", "not-owned"],
        ):
            assert tnctl(*command, "-f", file) == 6
            assert f"these records are of the fleet production, and the configuration {message}" in said(capsys)
    assert (carriers.charges(), carriers.writes()) == (1, 1)
    assert tnctl("drift", "-f", "production.yaml") == 0
    assert tnctl("apply", "-y", "-f", "staging.yaml", "--state", "sqlite:///staging.db") == 0


def test_a_plan_that_was_only_looked_at_gives_the_records_no_name(
    tnctl: Run, capsys: pytest.CaptureFixture[str], carriers: Served
) -> None:
    carriers.write(f"fleet: one\n{ONE}", "one.yaml")
    carriers.write(f"fleet: two\n{OTHER}", "two.yaml")
    assert tnctl("plan", "-f", "one.yaml") == 0
    assert tnctl("apply", "-y", "-f", "two.yaml") == 0
    assert tnctl("apply", "-y", "-f", "one.yaml") == 6


def test_a_name_that_is_written_later_is_taken_up_and_said(
    tnctl: Run, capsys: pytest.CaptureFixture[str], carriers: Served
) -> None:
    carriers.write(ONE)
    assert tnctl("apply", "-y") == 0
    carriers.write(f"fleet: support\n{ONE}")
    assert tnctl("plan") == 0
    assert "the next apply makes them those of the fleet support" in " ".join(said(capsys).split())
    assert tnctl("apply", "-y") == 0, "nothing to do but this"
    capsys.readouterr()
    assert tnctl("plan") == 0
    assert "the next apply makes them" not in " ".join(said(capsys).split())
    carriers.write(ONE)
    assert tnctl("plan") == 6


def test_two_configurations_without_a_name_are_told_of_names_where_one_gives_up_all_of_the_others(
    tnctl: Run, capsys: pytest.CaptureFixture[str], carriers: Served
) -> None:
    carriers.write(ONE, "production.yaml")
    carriers.write(OTHER, "staging.yaml")
    assert tnctl("apply", "-y", "-f", "production.yaml") == 0
    assert tnctl("plan", "-f", "staging.yaml") == 0
    told = " ".join(said(capsys).split())
    assert "give each its own records and a name: `fleet: NAME`" in told
    assert tnctl("apply", "-y", "-f", "staging.yaml") == 5


def test_files_may_all_say_the_same_name_and_no_other(
    tnctl: Run, capsys: pytest.CaptureFixture[str], carriers: Served
) -> None:
    carriers.write(f"fleet: support\n{ONE}", "fleet/a.yaml")
    Path("fleet/b.yaml").write_text("fleet: support\n")
    assert tnctl("validate", "-f", "fleet") == 0
    Path("fleet/b.yaml").write_text("fleet: sales\n")
    assert tnctl("validate", "-f", "fleet") == 1
    assert "fleet/b.yaml:1:1: `fleet` is `support` at fleet/a.yaml:3:1: write the same, or remove it" in said(capsys)


@pytest.mark.parametrize("written", ['""', "'  '", "123", "a b", "{env: X}", "", "-x", "x" * 64])
def test_a_name_that_is_none_is_refused_in_its_place(
    tnctl: Run, capsys: pytest.CaptureFixture[str], carriers: Served, written: str
) -> None:
    carriers.write(f"fleet: {written}\n{ONE}")
    assert tnctl("validate") == 1
    assert "numbers.yaml:3:" in said(capsys)


def test_the_sandboxs_records_know_their_fleet_too(tnctl: Run) -> None:
    write_fleet(GB, file="a.yaml")
    write_fleet(NJ, file="b.yaml")
    for name in "ab":
        path = Path(f"{name}.yaml")
        path.write_text(f"fleet: {name}\n{path.read_text()}")
    assert tnctl("apply", "--sandbox", "-y", "-f", "a.yaml") == 0
    assert tnctl("plan", "--sandbox", "-f", "b.yaml") == 6


@pytest.mark.parametrize(
    ("folder", "file", "name"),
    [
        ("support", "numbers.yaml", "support"),
        ("Our Fleet (EU)", "numbers.yaml", "Our-Fleet-EU"),
        ("true", "numbers.yaml", "true"),
        ("2024", "numbers.yaml", "2024"),
        ("电话", "numbers.yaml", "fleet"),
        ("x" * 100, "numbers.yaml", "x" * 63),
        ("support", "staging.yaml", "support-staging"),
    ],
)
def test_init_names_the_fleet_after_its_folder(
    tnctl: Run, directory: Path, monkeypatch: pytest.MonkeyPatch, folder: str, file: str, name: str
) -> None:
    (directory / folder).mkdir()
    monkeypatch.chdir(directory / folder)
    assert tnctl("init", "-f", file) == 0
    assert yaml.safe_load(Path(file).read_text())["fleet"] == name
    assert tnctl("validate", "-f", file) == 0
    assert tnctl("apply", "--sandbox", "-y", "-f", file) == 0


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, ".tnctl/\n"),
        ("", ".tnctl/\n"),
        ("*.log\n", "*.log\n.tnctl/\n"),
        ("*.log", "*.log\n.tnctl/\n"),
        (".tnctl\n", ".tnctl\n"),
        ("/.tnctl/\r\n*.log\r\n", "/.tnctl/\r\n*.log\r\n"),
        ("**/.tnctl/", "**/.tnctl/"),
        ("# .tnctl/\n", "# .tnctl/\n.tnctl/\n"),
    ],
)
def test_init_keeps_the_records_out_of_the_repository_and_says_so_once(
    tnctl: Run, capsys: pytest.CaptureFixture[str], before: str | None, after: str
) -> None:
    ignore = Path(".gitignore")
    if before is not None:
        ignore.write_bytes(before.encode())
    assert tnctl("init") == 0
    assert ignore.read_bytes().decode() == after
    assert ("and .tnctl/ in .gitignore" in said(capsys)) is (before != after)
    Path("numbers.yaml").unlink()
    assert tnctl("init") == 0
    assert ignore.read_bytes().decode() == after


def test_init_over_an_existing_file_writes_nothing_at_all(tnctl: Run) -> None:
    Path("numbers.yaml").write_text("mine")
    assert tnctl("init") == 1
    assert [path.name for path in Path().iterdir()] == ["numbers.yaml"]


def test_init_goes_on_where_the_gitignore_cannot_be_written(tnctl: Run) -> None:
    Path(".gitignore").mkdir()
    assert tnctl("init") == 0
    assert Path("numbers.yaml").exists()


@pytest.mark.skipif(shutil.which("git") is None, reason="git says what it ignores")
def test_git_does_not_see_the_records_of_a_starter(tnctl: Run) -> None:
    subprocess.run(["git", "init", "-q"], check=True)
    assert tnctl("init") == 0
    assert tnctl("apply", "--sandbox", "-y") == 0
    seen = subprocess.run(["git", "status", "--porcelain"], capture_output=True, encoding="utf-8", check=True).stdout
    assert sorted(seen.split()) == [".gitignore", "??", "??", "numbers.yaml"]
