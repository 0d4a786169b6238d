"""Credentials are read late, kept, refreshed once, and never shown."""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path

import pytest

from reconciler.errors import CredentialError
from reconciler.model import Mark
from reconciler.model.fleet import SecretRef
from reconciler.providers.credentials import LONGEST_SECRET, Secrets
from reconciler.testing import load_configuration

CANARY = "CANARY-5f3a"
MARK = Mark("numbers.yaml", 5, 26)


def secrets(kind: str, *target: str, **environ: str) -> Secrets:
    return Secrets({"token": SecretRef(kind, target, MARK)}, environ)


def test_a_variable_is_read_when_it_is_asked_for() -> None:
    environ: dict[str, str] = {}
    lazy = Secrets({"token": SecretRef("env", ("T",), MARK)}, environ)
    environ["T"] = CANARY
    assert lazy.get("token") == CANARY


@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
def test_a_file_loses_one_trailing_newline(tmp_path: Path, ending: str) -> None:
    (tmp_path / "key").write_bytes((CANARY + ending).encode())
    assert secrets("file", str(tmp_path / "key")).get("token") == CANARY


def test_a_command_gives_what_it_prints_and_sees_the_environment_it_is_given() -> None:
    program = "import os; print(os.environ['SEED'] + '!')"
    assert secrets("command", sys.executable, "-c", program, SEED=CANARY).get("token") == f"{CANARY}!"


def test_a_file_is_read_once_and_after_a_401_once_more_and_never_again(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("first")
    kept = secrets("file", str(key))
    assert kept.get("token") == "first"
    key.write_text("second")
    assert kept.get("token") == "first"
    assert kept.get("token", refresh=True) == "second"
    key.write_text("third")
    assert kept.get("token", refresh=True) == "second"
    assert kept.can_refresh


def test_a_variable_is_never_read_again() -> None:
    environ = {"T": "first"}
    kept = Secrets({"token": SecretRef("env", ("T",))}, environ)
    assert kept.get("token") == "first"
    environ["T"] = "second"
    assert kept.get("token", refresh=True) == "first"
    assert not kept.can_refresh


@pytest.mark.parametrize("value", [f"{CANARY}\nx", f"{CANARY}\x00", f"{CANARY}\x85", f"{CANARY}€", "", "  "])
def test_a_value_that_cannot_travel_in_a_header_is_refused_unshown(value: str) -> None:
    with pytest.raises(CredentialError) as caught:
        secrets("env", "T", T=value).get("token")
    assert "numbers.yaml:5:26" in caught.value.message
    assert "`token`" in caught.value.message
    assert CANARY not in "".join(traceback.format_exception(caught.value))


def test_a_missing_reference_is_named_with_its_place(tmp_path: Path) -> None:
    for kept, message in (
        (secrets("env", "NOT_SET"), "environment variable NOT_SET is not set"),
        (secrets("file", str(tmp_path / "none")), "cannot be read: No such file"),
        (secrets("file", str(tmp_path)), "cannot be read: Is a directory"),
        (secrets("command", str(tmp_path / "none")), "cannot be run: No such file"),
        (secrets("command", sys.executable, "-c", f"import sys; sys.exit('{CANARY}')"), "ended with exit code 1"),
    ):
        with pytest.raises(CredentialError) as caught:
            kept.get("token")
        assert message in caught.value.message
        assert "numbers.yaml:5:26" in caught.value.message
        assert CANARY not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("secret", ["{file: key}", "{command: [./print-key]}", "{command: [cat, key]}"])
def test_a_key_is_found_beside_the_file_that_names_it_and_not_where_the_command_is_run(
    secret: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, branch = tmp_path / "project", tmp_path / "branch"
    for folder, key in ((project, CANARY), (branch, "somebody's own")):
        folder.mkdir()
        (folder / "key").write_text(key)
        (folder / "print-key").write_text("#!/bin/sh\ncat key\n")
        (folder / "print-key").chmod(0o755)
    credentials = f"credentials: {{api_key: {secret}}}"
    (project / "accounts.yaml").write_text(f"version: 1\nproviders: {{ib: {{type: infobip, {credentials}}}}}\n")
    (branch / "numbers.yaml").write_text("version: 1\n")
    monkeypatch.chdir(branch)
    for fleet in (
        load_configuration([project / "accounts.yaml"], {}),
        load_configuration([branch / "numbers.yaml"], {}, accounts=project / "accounts.yaml"),
    ):
        environ = {"PATH": os.environ["PATH"]}
        assert Secrets(fleet.accounts["ib"].credentials, environ).get("api_key") == CANARY


def test_a_key_that_is_missing_tells_the_folder_in_which_it_was_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "numbers.yaml").write_text(
        "version: 1\nproviders: {ib: {type: infobip, credentials: {api_key: {file: key}}}}\n"
    )
    monkeypatch.chdir("/")
    refs = load_configuration([tmp_path / "numbers.yaml"], {}).accounts["ib"].credentials
    with pytest.raises(CredentialError) as caught:
        Secrets(refs, {}).get("api_key")
    assert f"file key in {tmp_path} cannot be read: No such file" in caught.value.message


def test_an_endless_file_is_no_credential(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"x" * (LONGEST_SECRET + 1))
    with pytest.raises(CredentialError, match="no credential"):
        secrets("file", str(tmp_path / "key")).get("token")


def test_a_name_that_is_not_configured_is_refused() -> None:
    assert "password" not in secrets("env", "T")
    with pytest.raises(CredentialError, match="no credential `password`"):
        secrets("env", "T").get("password")


def test_the_representation_shows_names_only() -> None:
    kept = secrets("env", "T", T=CANARY)
    kept.get("token")
    assert repr(kept) == "Secrets(token)"


@pytest.mark.parametrize(
    "raw",
    [
        f"{CANARY}\n".encode(),
        f"{CANARY}\r\n".encode(),
        f"\n  {CANARY}\t\n\n".encode(),
        f"{CANARY}\r\n".encode("utf-8-sig"),
        f"{CANARY}\r\n".encode("utf-16"),
        b"\xfe\xff" + CANARY.encode("utf-16-be"),
        f"{CANARY}".encode("utf-32"),
    ],
)
def test_a_key_file_as_an_editor_saves_it_gives_the_key_and_not_a_bare_401(raw: bytes, tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(raw)
    assert secrets("file", str(tmp_path / "key")).get("token") == CANARY


@pytest.mark.parametrize("text", [f"\ufeff{CANARY}", f"{CANARY}\n", f" {CANARY} "])
def test_what_surrounds_a_key_in_a_variable_is_no_part_of_it(text: str) -> None:
    assert secrets("env", "T", T=text).get("token") == CANARY


def test_a_password_keeps_its_blanks_and_loses_its_line_feed(tmp_path: Path) -> None:
    (tmp_path / "password").write_bytes(b" p w \n")
    kept = Secrets({"password": SecretRef("file", (str(tmp_path / "password"),), MARK)}, {})
    assert kept.get("password") == " p w "


@pytest.mark.parametrize(
    "raw",
    [
        f"{CANARY}\nsecond".encode(),
        b"\xff\xfe" + CANARY.encode() + b"x",
        CANARY.encode("utf-16-le"),
        f"\u201c{CANARY}\u201d".encode("utf-8-sig"),
        f"{CANARY}\x00".encode(),
        CANARY.encode() + b"\xa0",
        f"\u00a0{CANARY}".encode(),
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b" \r\n",
    ],
)
def test_a_secret_that_no_header_can_carry_is_refused_before_anything_is_sent(raw: bytes, tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(raw)
    with pytest.raises(CredentialError) as caught:
        secrets("file", str(tmp_path / "key")).get("token")
    assert "numbers.yaml:5:26" in caught.value.message
    assert CANARY not in "".join(traceback.format_exception(caught.value))
