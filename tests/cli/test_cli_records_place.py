"""Records belong to the configuration, wherever the command is run; those of an earlier tnctl are moved by people."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from cli_helpers import GB, Run, said, write_fleet
from served import CREDENTIALS, Served, served

from reconciler.state.tables import FORMAT_VERSION

PHONE = 'numbers: {"+447700900123": {provider: ib}}\n'
STATE = Path(".tnctl/state.db")


@pytest.fixture
def carriers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    with served() as found:
        yield found


@pytest.fixture
def elsewhere(directory: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Another working directory, with ``project`` beside it."""
    other = directory / "elsewhere"
    other.mkdir()
    monkeypatch.chdir(other)
    return other


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def age(state: Path) -> None:
    """Make ``state`` look like records of an earlier format."""
    with closing(sqlite3.connect(state)) as connection, connection:
        connection.execute("UPDATE tnctl_meta SET value = '1' WHERE key = 'format_version'")


def test_cron_in_the_root_directory_finds_the_projects_records(
    tnctl: Run, capsys: pytest.CaptureFixture[str], carriers: Served, directory: Path, elsewhere: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    numbers = carriers.write(PHONE, directory / "project/numbers.yaml")
    monkeypatch.chdir(numbers.parent)
    assert tnctl("apply", "-y") == 0
    for file in (str(numbers), "../project/numbers.yaml", "../project"):
        monkeypatch.chdir(elsewhere)
        assert tnctl("apply", "-y", "-f", file) == 0
        assert "0 to create" not in said(capsys)
        assert tnctl("drift", "-f", file) == 0
        assert tnctl("state", "list", "-f", file) == 0
        assert "number/+447700900123" in said(capsys)
    assert carriers.charges() == 1
    assert files(elsewhere) == []


def test_a_directory_that_is_named_has_the_records_in_it(
    tnctl: Run, carriers: Served, directory: Path, elsewhere: Path
) -> None:
    carriers.write(PHONE, directory / "fleet/a.yaml")
    assert tnctl("apply", "-y", "-f", str(directory / "fleet")) == 0
    assert files(directory / "fleet") == [".tnctl/state.db", "a.yaml"]


def test_a_link_to_the_configuration_leads_to_its_records(
    tnctl: Run, carriers: Served, directory: Path, elsewhere: Path
) -> None:
    numbers = carriers.write(PHONE, directory / "project/numbers.yaml")
    (elsewhere / "numbers.yaml").symlink_to(numbers)
    assert tnctl("apply", "-y") == 0
    assert (files(elsewhere), (numbers.parent / STATE).exists()) == (["numbers.yaml"], True)


def test_files_of_several_folders_must_say_where_their_records_are(
    tnctl: Run, capsys: pytest.CaptureFixture[str], carriers: Served, directory: Path, elsewhere: Path
) -> None:
    carriers.write("", directory / "a/accounts.yaml")
    (directory / "b").mkdir()
    (directory / "b/numbers.yaml").write_text(PHONE)
    two = ("-f", str(directory / "a/accounts.yaml"), "-f", str(directory / "b"))
    for command in (["plan"], ["apply", "-y"], ["drift"], ["state", "list"], ["plan", "--sandbox"], ["validate"]):
        assert tnctl(*command, *two) == 1
        assert "write `state` in one of the files, or name the records with --state" in said(capsys)
    assert tnctl("plan", *two, "--state", "sqlite:///mine.db") == 0
    assert files(elsewhere) == ["mine.db"]
    (directory / "b/state.yaml").write_text("state: sqlite:///records/x.db\n")
    assert tnctl("apply", "-y", *two) == 0
    assert tnctl("plan", "--sandbox", *two) == 0
    assert files(directory / "a") == ["accounts.yaml"]
    assert {"records/x.db", ".tnctl/sandbox/state.db"} < set(files(directory / "b"))


@pytest.mark.parametrize("written", ["sqlite:///records/x.db", "{env: WHERE}"])
def test_a_relative_path_in_yaml_starts_at_the_file_that_says_it(
    tnctl: Run, carriers: Served, directory: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    monkeypatch.setenv("WHERE", "sqlite:///records/x.db")
    numbers = carriers.write(f"state: {written}\n{PHONE}", directory / "project/numbers.yaml")
    assert tnctl("apply", "-y", "-f", str(numbers)) == 0
    assert (files(elsewhere), files(numbers.parent)) == ([], ["numbers.yaml", "records/x.db"])


def test_a_relative_path_on_the_command_line_starts_at_the_working_directory(
    tnctl: Run, carriers: Served, directory: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = carriers.write(PHONE, directory / "project/numbers.yaml")
    assert tnctl("plan", "-f", str(numbers), "--state", "sqlite:///a.db") == 0
    monkeypatch.setenv("TNCTL_STATE", "sqlite:///b.db")
    assert tnctl("plan", "-f", str(numbers)) == 0
    assert (files(elsewhere), files(numbers.parent)) == (["a.db", "b.db"], ["numbers.yaml"])


def test_the_sandbox_lies_with_the_configuration_too(
    tnctl: Run, capsys: pytest.CaptureFixture[str], directory: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(directory)
    write_fleet(GB)
    monkeypatch.chdir(elsewhere)
    assert tnctl("apply", "--sandbox", "-y", "-f", "../numbers.yaml") == 0
    assert tnctl("drift", "--sandbox", "-f", "../numbers.yaml") == 0
    assert (files(elsewhere), Path("../.tnctl/sandbox/book.json").exists()) == ([], True)
    assert tnctl("sandbox", "reset") == 0
    assert Path("../.tnctl/sandbox/book.json").exists(), "that was the working directory's"
    assert tnctl("sandbox", "reset", "-f", "../numbers.yaml") == 0
    assert not Path("../.tnctl/sandbox").exists()
    assert f"{directory / '.tnctl/sandbox'} is empty" in said(capsys)


def left_behind(tnctl: Run, carriers: Served, directory: Path, text: str = PHONE) -> Path:
    """Apply ``text``, then leave its records in the working directory, as an earlier tnctl made them: (project)."""
    assert tnctl("apply", "-y", "-f", str(carriers.write(text))) == 0
    project = directory / "project"
    project.mkdir()
    shutil.move("numbers.yaml", project)
    return project / "numbers.yaml"


COMMANDS = (["apply", "-y"], ["plan"], ["drift"], ["state", "list"], ["state", "forget", "number/+447700900123"])


@pytest.mark.parametrize("text", [PHONE, f"state: sqlite:///{STATE}\n{PHONE}"], ids=["default", "written"])
def test_records_left_in_the_working_directory_are_refused_with_the_command_that_moves_them(
    tnctl: Run, capsys: pytest.CaptureFixture[str], carriers: Served, directory: Path, text: str
) -> None:
    numbers = left_behind(tnctl, carriers, directory, text)
    for command in COMMANDS:
        capsys.readouterr()
        assert tnctl(*command, "-f", str(numbers)) == 6
        told = said(capsys)
        assert "nothing is done on empty ones" in told
    assert files(numbers.parent) == ["numbers.yaml"]
    command = told.rstrip().splitlines()[-1]
    assert command == f"mv {directory}/.tnctl {directory}/project/.tnctl"
    subprocess.run(command, shell=True, check=True)
    assert tnctl("apply", "-y", "-f", str(numbers)) == 0
    assert carriers.charges() == 1


@pytest.mark.parametrize("made", ["", "sandbox", "empty"])
def test_the_command_moves_every_file_of_the_database_whatever_is_there_already(
    tnctl: Run, capsys: pytest.CaptureFixture[str], carriers: Served, directory: Path, elsewhere: Path, made: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    odd = directory / "it's here; really"
    odd.mkdir()
    monkeypatch.chdir(odd)
    numbers = left_behind(tnctl, carriers, odd)
    monkeypatch.chdir(elsewhere)
    if made == "sandbox":
        assert tnctl("plan", "--sandbox", "-f", str(numbers)) == 0
    if made == "empty":
        assert tnctl("plan", "-f", str(numbers)) == 0
    monkeypatch.chdir(odd)
    connection = sqlite3.connect(STATE)  # as after a kill: the last commits are in the log
    connection.execute("UPDATE tnctl_meta SET value = '41' WHERE key = 'serial'")
    connection.commit()
    shutil.copytree(".tnctl", "killed")
    connection.close()
    shutil.rmtree(".tnctl")
    os.rename("killed", ".tnctl")
    assert Path(f"{STATE}-wal").stat().st_size
    capsys.readouterr()
    assert tnctl("plan", "-f", str(numbers)) == 6
    subprocess.run(said(capsys).rstrip().splitlines()[-1], shell=True, check=True)
    assert tnctl("plan", "--format", "json", "-f", str(numbers)) == 0
    assert '"serial": 41' in said(capsys).replace('"serial":41', '"serial": 41')
    assert not STATE.exists()


def test_a_relative_state_of_another_folder_is_moved_there(
    tnctl: Run, capsys: pytest.CaptureFixture[str], carriers: Served, directory: Path
) -> None:
    numbers = left_behind(tnctl, carriers, directory, f"state: sqlite:///records/x.db\n{PHONE}")
    assert tnctl("plan", "-f", str(numbers)) == 6
    subprocess.run(said(capsys).rstrip().splitlines()[-1], shell=True, check=True)
    assert tnctl("drift", "-f", str(numbers)) == 0


@pytest.mark.skipif(FORMAT_VERSION < 2, reason="there is no earlier format")
def test_records_of_a_configuration_in_the_working_directory_are_nobody_elses(
    tnctl: Run, carriers: Served, directory: Path
) -> None:
    carriers.write(PHONE)
    assert tnctl("apply", "-y") == 0
    sub = carriers.write(PHONE.replace("123", "124"), directory / "sub/numbers.yaml")
    assert tnctl("plan", "-f", str(sub)) == 0
    shutil.rmtree(sub.parent / ".tnctl")
    age(STATE)
    assert tnctl("plan", "-f", str(sub)) == 6, "an earlier tnctl took them for both"
    assert tnctl("plan", "-f", str(sub), "--state", "sqlite:///sub/.tnctl/state.db") == 0


def test_records_in_the_working_directory_of_which_nothing_was_applied_are_left_alone(
    tnctl: Run, carriers: Served, directory: Path
) -> None:
    numbers = carriers.write(PHONE, directory / "project/numbers.yaml")
    carriers.write(PHONE)
    assert tnctl("plan") == 0
    Path("numbers.yaml").unlink()
    assert tnctl("apply", "-y", "-f", str(numbers)) == 0
    assert tnctl("drift", "-f", str(numbers)) == 0
