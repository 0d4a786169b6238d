"""An empty value is a mistake, such as a CI secret that does not exist: an error (1), never the default."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from cli_helpers import GB, Run, said, write_fleet

from reconciler.cli import main
from reconciler.cli.main import tnctl as group

Values = list[tuple[list[str], click.Parameter]]


def commands(found: click.Command, path: list[str]) -> Iterator[tuple[list[str], click.Command]]:
    """Every command below ``found`` that is no group, with its path."""
    if not isinstance(found, click.Group):
        yield path, found
        return
    context = click.Context(found)
    for name in found.list_commands(context):
        command = found.get_command(context, name)
        assert command is not None
        yield from commands(command, [*path, name])


def valued() -> Values:
    """Every option and argument of every command that takes a value."""
    return [
        (path, parameter)
        for path, command in commands(group, [])
        for parameter in command.params
        if not (isinstance(parameter, click.Option) and (parameter.is_flag or parameter.count))
    ]


def in_words(value: tuple[list[str], click.Parameter]) -> str:
    return f"{'-'.join(value[0])}-{value[1].name}"


@pytest.mark.parametrize("blank", ["", "  ", "\t\n"], ids=["empty", "blanks", "lines"])
@pytest.mark.parametrize("value", valued(), ids=in_words)
def test_an_empty_value_is_never_the_default(
    tnctl: Run, capsys: pytest.CaptureFixture[str], value: tuple[list[str], click.Parameter], blank: str
) -> None:
    path, parameter = value
    write_fleet(GB)
    option = isinstance(parameter, click.Option)
    assert tnctl(*path, *([f"{parameter.opts[0]}", blank] if option else [blank])) == 1
    told = said(capsys)
    assert "it is empty: give it a value, or leave it off" in told
    assert f"hint: see `tnctl {' '.join(path)} --help`" in told
    assert [file.name for file in Path().iterdir()] == ["numbers.yaml"], "nothing was made"


@pytest.mark.parametrize("blank", ["", "  ", "\n"], ids=["empty", "blanks", "line"])
@pytest.mark.parametrize("path", [path for path, _ in commands(group, [])], ids="-".join)
def test_a_variable_of_ours_that_is_set_and_empty_is_never_taken_for_unset(
    tnctl: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, path: list[str], blank: str
) -> None:
    write_fleet(GB)
    names = {p.envvar for _, command in commands(group, []) for p in command.params if p.envvar}
    assert names >= {"TNCTL_STATE", "TNCTL_SANDBOX"}
    for name in sorted(map(str, names)):
        monkeypatch.setenv(name, blank)
        assert tnctl(*path) == 1
        assert f"the variable {name} is set and empty, as a CI secret is that does not exist" in said(capsys)
        assert tnctl(*path, "--help") == 0
        monkeypatch.delenv(name)


def test_a_variable_is_not_looked_at_where_its_option_is_given(tnctl: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TNCTL_SANDBOX", "")
    write_fleet(GB)
    assert tnctl("plan", "--sandbox") == 0


@pytest.mark.parametrize("url", ["sqlite:///shared.db\n", " sqlite:///shared.db", "sqlite:///sha\x07red.db"])
def test_a_state_url_with_a_line_feed_from_a_secret_names_no_other_records(
    tnctl: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    write_fleet(GB)
    monkeypatch.setenv("TNCTL_STATE", url)
    for path in (["plan"], ["validate"], ["state", "list"], ["unlock", "x"], ["apply", "-y"]):
        assert main.run(path) == 1
        assert "the state URL begins or ends with a blank, or holds a control character" in said(capsys)
    assert [file.name for file in Path().iterdir()] == ["numbers.yaml"]


def test_a_credential_that_is_empty_is_said_to_be(
    tnctl: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INFOBIP_API_KEY", "")
    Path("key").write_text("\n")
    for reference, message in (
        ("{env: INFOBIP_API_KEY}", "environment variable INFOBIP_API_KEY is set and empty"),
        ("{file: key}", "file key is empty"),
        ("{command: [printf, ' ']}", "command printf printed nothing"),
    ):
        infobip = f"{{type: infobip, credentials: {{api_key: {reference}}}}}"
        Path("numbers.yaml").write_text(f"version: 1\nproviders: {{infobip: {infobip}}}\nnumbers:\n{GB}")
        assert tnctl("apply", "-y") == 1
        assert message in said(capsys)


def test_a_variable_in_the_configuration_that_is_set_and_empty_is_said_to_be(
    tnctl: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DB", " ")
    Path("numbers.yaml").write_text("version: 1\nstate: {env: DB}\n")
    assert tnctl("plan") == 1
    assert "numbers.yaml:2:8: environment variable `DB` is empty: set it to the state's URL" in said(capsys)
    hook = "{provider: ip, sms: true, webhook: {env: DB}}"
    Path("numbers.yaml").write_text(
        f'version: 1\nproviders: {{ip: {{type: intelepeer}}}}\nnumbers: {{"+17205550142": {hook}}}\n'
    )
    assert tnctl("plan") == 1
    assert "environment variable `DB` is empty: set it to the webhook's URL" in said(capsys)
