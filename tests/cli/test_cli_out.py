"""``plan --out`` writes a regular file, whole or not at all, and never takes the place of anything else."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_helpers import GB, Run, said, write_fleet

from reconciler.state import files, plan_file

Made = Callable[[Path], None]


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path.name)


SPECIAL: dict[str, Made] = {
    "a pipe": os.mkfifo,
    "a directory": os.mkdir,
    "a socket": _socket,
}


@pytest.mark.parametrize("kind", sorted(SPECIAL))
def test_out_refuses_what_is_no_regular_file_and_leaves_it(
    tnctl: Run, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    write_fleet(GB)
    SPECIAL[kind](Path("p.json"))
    before = os.lstat("p.json")
    os.symlink("p.json", "link")
    for out in ("p.json", "link"):
        assert tnctl("plan", "--sandbox", "--out", out) == 1
        assert f"{out} cannot be written: it is {kind}, and a plan is a regular file" in said(capsys)
    assert os.lstat("p.json") == before
    assert not list(Path().glob(".*.new"))


@pytest.mark.parametrize("device", ["/dev/null", "/dev/full", "/dev/stdout"])
def test_out_refuses_a_device(tnctl: Run, capsys: pytest.CaptureFixture[str], device: str) -> None:
    write_fleet(GB)
    mode = os.stat(device).st_mode
    if stat.S_ISREG(mode):
        pytest.skip("stdout is a file here")
    assert tnctl("plan", "--sandbox", "--out", device) == 1
    assert "and a plan is a regular file" in said(capsys)
    assert os.stat(device).st_mode == mode


@pytest.mark.parametrize("target", ["real.json", "deep/real.json"])
@pytest.mark.parametrize("there", [True, False])
def test_out_follows_a_link(tnctl: Run, target: str, there: bool) -> None:
    write_fleet(GB)
    Path("deep").mkdir()
    if there:
        Path(target).write_text("old")
    os.symlink(target, "link")
    assert tnctl("plan", "--sandbox", "--out", "link") == 0
    assert os.readlink("link") == target
    assert plan_file.load(Path(target)).changes
    assert stat.S_IMODE(os.stat(target).st_mode) == 0o600


def test_out_refuses_a_link_that_leads_in_a_circle(tnctl: Run, capsys: pytest.CaptureFixture[str]) -> None:
    write_fleet(GB)
    os.symlink("b", "a")
    os.symlink("a", "b")
    assert tnctl("plan", "--sandbox", "--out", "a") == 1
    assert "a cannot be written" in said(capsys)


@pytest.mark.parametrize("way", ["itself", "fleet/../numbers.yaml", "link", "hard link", "more.yaml"])
def test_out_refuses_a_file_of_the_configuration_by_any_name(
    tnctl: Run, capsys: pytest.CaptureFixture[str], way: str
) -> None:
    write_fleet(GB)
    Path("fleet").mkdir()
    out = {"itself": "numbers.yaml", "link": "p.json", "hard link": "p.json"}.get(way, way)
    if way == "link":
        os.symlink("numbers.yaml", "p.json")
    if way == "hard link":
        os.link("numbers.yaml", "p.json")
    named = ["-f", "numbers.yaml"]
    if way == "more.yaml":
        Path("more.yaml").write_text("safety: {max_purchases: 3}\n")
        named = ["-f", "."]
    text = Path("numbers.yaml").read_text()
    assert tnctl("plan", "--sandbox", *named, "--out", out) == 1
    assert f"{out} is a file of the configuration, and stays as it is" in said(capsys)
    assert Path("numbers.yaml").read_text() == text


def test_out_refuses_what_would_be_read_as_configuration_next_time(
    tnctl: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    write_fleet(GB)
    assert tnctl("plan", "--sandbox", "-f", ".", "--out", "plan.yaml") == 1
    assert "would be read as a file of the configuration" in said(capsys)
    assert tnctl("plan", "--sandbox", "-f", ".", "--out", "plan.json") == 0


def test_out_refuses_the_records_a_key_and_the_trusted_accounts(
    tnctl: Run, capsys: pytest.CaptureFixture[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    write_fleet(GB)
    text = Path("numbers.yaml").read_text()
    Path("numbers.yaml").write_text(
        text.replace("infobip: {type: infobip}", "infobip: {type: infobip, credentials: {api_key: {file: key}}}")
    )
    Path("key").write_text("secret")
    records = Path("r.db").absolute()
    assert tnctl("plan", "--sandbox", "--state", f"sqlite:///{records}") == 0
    for out, what in (("r.db", "the records"), ("r.db-wal", "the records"), ("key", "a credential")):
        assert tnctl("plan", "--sandbox", "--state", f"sqlite:///{records}", "--out", out) == 1
        assert f"is a file of {what}" in said(capsys)
    assert Path("key").read_text() == "secret"
    trusted = tmp_path_factory.mktemp("operator") / "accounts.yaml"
    trusted.write_text("version: 1\nproviders: {infobip: {type: infobip}}\n")
    Path("numbers.yaml").write_text("version: 1\n")
    assert tnctl("plan", "--sandbox", "--trusted-accounts", str(trusted), "--out", str(trusted)) == 1
    assert "is a file of the configuration" in said(capsys)


def test_out_refuses_a_kept_copy_of_the_records(tnctl: Run, capsys: pytest.CaptureFixture[str]) -> None:
    write_fleet(GB)
    for name in ("r.db.format-1", "r.db.format-1.2"):
        Path(name).write_text("kept")
        assert tnctl("plan", "--sandbox", "--state", "sqlite:///r.db", "--out", name) == 1
        assert f"{name} is a file of the records, and stays as it is" in said(capsys)
        assert Path(name).read_text() == "kept"
    assert tnctl("plan", "--sandbox", "--state", "sqlite:///r.db", "--out", "r.db.json") == 0


@pytest.mark.parametrize("argv", ['["./get.sh"]', '["sh", "get.sh"]'])
def test_out_refuses_the_script_that_tells_a_credential(
    tnctl: Run, capsys: pytest.CaptureFixture[str], argv: str
) -> None:
    """A relative one is in the folder of the configuration, wherever the command runs."""
    Path("fleet").mkdir()
    Path("fleet/numbers.yaml").write_text(
        f"version: 1\nproviders: {{ib: {{type: infobip, credentials: {{api_key: {{command: {argv}}}}}}}}}\n"
    )
    Path("fleet/get.sh").write_text("echo key")
    for out in ("fleet/get.sh", str(Path("fleet/get.sh").absolute())):
        assert tnctl("plan", "--sandbox", "-f", "fleet/numbers.yaml", "--out", out) == 1
        assert "is a file of a credential, and stays as it is" in said(capsys)
    assert Path("fleet/get.sh").read_text() == "echo key"
    assert tnctl("plan", "--sandbox", "-f", "fleet/numbers.yaml", "--out", "get.sh") == 0


def test_a_write_that_fails_leaves_the_old_plan(
    tnctl: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_fleet(GB)
    assert tnctl("plan", "--sandbox", "--out", "p.json") == 0
    old = Path("p.json").read_bytes()

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    capsys.readouterr()
    assert tnctl("plan", "--sandbox", "--out", "p.json") in (1, 6)
    assert Path("p.json").read_bytes() == old
    assert not list(Path().glob(".*.new"))


def test_out_into_a_folder_that_is_not_there_says_so(tnctl: Run, capsys: pytest.CaptureFixture[str]) -> None:
    write_fleet(GB)
    assert tnctl("plan", "--sandbox", "--out", "nowhere/p.json") == 1
    assert "nowhere/p.json cannot be written: No such file or directory" in said(capsys)


@pytest.mark.parametrize("there", ["pipe", "device", "dangling link"])
def test_init_makes_nothing_in_the_place_of_what_is_there(
    tnctl: Run, capsys: pytest.CaptureFixture[str], there: str
) -> None:
    Path("fleet").mkdir()
    if there == "pipe":
        os.mkfifo("fleet/numbers.yaml")
    else:
        os.symlink("/dev/null" if there == "device" else "nowhere", "fleet/numbers.yaml")
    before = os.lstat("fleet/numbers.yaml")
    os.mkfifo("fleet/.gitignore")
    assert tnctl("init", "-f", "fleet/numbers.yaml") == 1
    assert "exists already" in said(capsys)
    assert os.lstat("fleet/numbers.yaml") == before
    assert tnctl("init", "-f", "fleet/more.yaml") == 0
    assert stat.S_ISFIFO(os.stat("fleet/.gitignore").st_mode)


@pytest.mark.parametrize(
    "command",
    [
        ["plan", "postgresql://tn:pg@S3cret@db.example/x"],
        ["plan", "--only", "postgresql://tn:pg@S3cret@db.example/x"],
        ["plan", "--stat=postgresql://tn:pg@S3cret@db.example/x"],
        ["plan", "--format", "postgresql://tn:pg@S3cret@db.example/x"],
        ["show", "postgresql://tn:pg@S3cret@db.example/x"],
        ["plan", "--out", "postgresql://tn:pg@S3cret@db.example/x"],
        ["validate", "-f", "postgresql://tn:pg@S3cret@db.example/x"],
        ["unlock", "postgresql://tn:pg@S3cret@db.example/x"],
        ["state", "show", "postgresql://tn:pg@S3cret@db.example/x"],
    ],
)
def test_a_url_in_the_wrong_place_of_a_command_line_does_not_print_its_password(
    tnctl: Run, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    write_fleet(GB)
    assert tnctl(*command, *([] if command[0] in ("show", "validate") else ["--sandbox"])) == 1
    assert "S3cret" not in said(capsys)


def _modes(folder: Path) -> dict[str, int]:
    return {str(path): stat.S_IMODE(path.lstat().st_mode) for path in [folder, *folder.rglob("*")]}


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_nothing_that_is_made_is_for_others_under_any_umask(tnctl: Run, umask: int) -> None:
    before = os.umask(umask)
    try:
        assert tnctl("init", "-f", "starter.yaml") == 0
        write_fleet(GB)
        Path("numbers.yaml").chmod(0o600)
        assert tnctl("apply", "--sandbox", "-y") == 0
        write_fleet()
        Path("numbers.yaml").chmod(0o600)
        assert tnctl("plan", "--sandbox", "--out", "p.json", "--state", "sqlite:///deep/er/r.db") == 0
        for name in (".tnctl", "deep", "p.json", "starter.yaml", ".gitignore"):
            open_to_others = {path: oct(mode) for path, mode in _modes(Path(name)).items() if mode & 0o077}
            assert open_to_others == {}
    finally:
        os.umask(before)
