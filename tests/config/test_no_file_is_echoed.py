"""No error shows what a file holds that is no configuration, whatever is named by mistake or by a foreign branch."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest

from reconciler.clock import SystemClock
from reconciler.errors import TnctlError
from reconciler.model.fleet import SecretRef
from reconciler.providers.credentials import Secrets
from reconciler.state import plan_file
from reconciler.state.store import Store
from reconciler.testing import load_configuration

FILES = {
    "shadow": "root:$6$SALT$CANARY:19000:0:99999:7:::\ndaemon:*:19000:0:99999:7:::\n",
    "private key": "-----BEGIN PRIVATE KEY-----\nMIICANARY: abc\n-----END PRIVATE KEY-----\n",
    "environment": "CANARYKEY: CANARY\nOTHER: x\n",
    "dotenv": "TOKEN=CANARY\n",
    "ini": "[default]\naws_secret_access_key = CANARY\n",
    "twice": "CANARY1: 1\nCANARY1: 2\n",
    "alias": "*CANARY\n",
    "tag": "!CANARY x\n",
    "anchor": "&CANARY x: 1\n",
    "open": "CANARY: [x\n",
    "quote": '"CANARY: x\n',
    "key": "? [CANARY]\n: 1\n",
    "service account": '{"type": "service_account", "private_key": "CANARY"}',
    "netrc": "machine example.com login CANARY password CANARY\n",
    "kubernetes": "apiVersion: v1\nkind: Secret\ndata: {CANARY: eA==}\n",
    "list": "- CANARY\n",
    "merge": "<<: CANARY\n",
    "control": "CANARY: \x01CANARY\n",
    "tab": "CANARY:\tCANARY\n",
    "plan": '{"format_version": "1.0", "plan_id": "CANARY", "CANARY": 1}',
}


def errors_of(path: Path) -> list[str]:
    """What is said when ``path`` is given wherever a file is taken."""
    said: list[str] = []
    accounts = path.with_name("numbers.yaml")
    accounts.write_text("version: 1\n")
    for attempt in (
        lambda: load_configuration([path], {}),
        lambda: load_configuration([path, accounts], {}),
        lambda: load_configuration([accounts], {}, accounts=path),
        lambda: plan_file.load(path),
        lambda: Store.open(f"sqlite:///{path}", SystemClock(), create=True),
        lambda: Secrets({"token": SecretRef("file", (f"{path}/CAN",))}, {}).get("token"),
    ):
        with pytest.raises(TnctlError) as refused:
            attempt()
        said += [refused.value.message, refused.value.hint, *traceback.format_exception(refused.value)]
    return said


@pytest.mark.parametrize("kind", sorted(FILES))
def test_a_file_that_is_no_configuration_is_not_echoed(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text(FILES[kind])
    assert not [line for line in errors_of(path) if "CANARY" in line or "SALT" in line]


def test_a_binary_file_is_not_echoed(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"CANARY\0\xff\xfeCANARY" * 10)
    assert not [line for line in errors_of(path) if "CANARY" in line]


def test_a_map_of_no_known_key_is_no_configuration(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("services: {web: {image: x}}\n")
    with pytest.raises(
        TnctlError, match=r"x\.yaml:1:1: is no configuration of tnctl: none of its keys is one of `version`"
    ):
        load_configuration([tmp_path / "x.yaml"], {})
