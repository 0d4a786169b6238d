from __future__ import annotations

import json
import multiprocessing
from pathlib import Path

import pytest

from reconciler.clock import SystemClock
from reconciler.sandbox import Sandbox, VirtualClock
from reconciler.sandbox.store import SandboxStore, SandboxStoreError

APP = {"Authorization": "App k"}
ACCOUNTS = [("infobip", "infobip", "/sms/1/numbers", False), ("intelepeer", "intelepeer", "", False)]


def opened(directory: Path, accounts: list[tuple[str, str, str, bool]] | None = None) -> Sandbox:
    sandbox = Sandbox.for_accounts(accounts or ACCOUNTS, VirtualClock())
    SandboxStore(directory).attach(sandbox)
    return sandbox


def buy(sandbox: Sandbox, number: str) -> int:
    body = json.dumps({"numberKey": sandbox.infobip().offer_key(number)}).encode()
    return sandbox.exchange("POST", "/infobip/sms/1/numbers", APP, body).response.status


def owned(sandbox: Sandbox) -> set[str]:
    response = sandbox.exchange("GET", "/infobip/sms/1/numbers?number=447700", APP, b"").response
    return {row["number"] for row in response.json()["numbers"]}


def test_what_one_command_bought_the_next_one_sees(tmp_path: Path) -> None:
    first = opened(tmp_path / "sandbox")
    assert buy(first, "447700900125") == 200
    second = opened(tmp_path / "sandbox")
    assert owned(second) == {"447700900125"}
    assert [charge.key for charge in second.ledger.charges()] == ["+447700900125"]


def test_two_that_run_side_by_side_see_each_other(tmp_path: Path) -> None:
    first, second = opened(tmp_path), opened(tmp_path)
    assert buy(first, "447700900125") == 200
    assert buy(second, "447700900125") == 400
    assert buy(second, "447700900126") == 200
    assert owned(first) == {"447700900125", "447700900126"}


def test_a_state_that_takes_time_goes_on_between_commands(tmp_path: Path) -> None:
    clock = VirtualClock()
    path = "/intelepeer/sms/v1/+17205550142/provision"
    seen = []
    for method in ("POST", "GET", "GET", "GET"):
        sandbox = Sandbox.for_accounts(ACCOUNTS, clock)
        SandboxStore(tmp_path).attach(sandbox)
        answered = sandbox.exchange(method, path, {"Authorization": "Bearer t"}, b"").response.json()
        seen.append(answered and answered["provisioning"]["state"])
        clock.sleep(0.9)
    assert seen == [None, "requested", "provisioning", "provisioned"]


def test_a_read_writes_nothing(tmp_path: Path) -> None:
    owned(opened(tmp_path))
    assert not (tmp_path / "book.json").exists()


def test_an_account_that_is_not_served_now_is_kept(tmp_path: Path) -> None:
    buy(opened(tmp_path), "447700900125")
    other = opened(tmp_path, [("intelepeer", "intelepeer", "", False)])
    other.exchange("POST", "/intelepeer/sms/v1/+17205550142/provision", {"Authorization": "Bearer t"}, b"")
    assert owned(opened(tmp_path)) == {"447700900125"}


def test_a_name_that_became_another_carriers_begins_afresh(tmp_path: Path) -> None:
    buy(opened(tmp_path), "447700900125")
    changed = opened(tmp_path, [("infobip", "inumbering", "", False)])
    assert changed.inumbering("infobip").owned() == set()


def test_a_reset_forgets_everything_also_for_one_that_runs(tmp_path: Path) -> None:
    sandbox = opened(tmp_path)
    buy(sandbox, "447700900125")
    assert SandboxStore(tmp_path).reset()
    assert not SandboxStore(tmp_path).reset()
    assert owned(sandbox) == set()
    assert len(sandbox.ledger) == 0


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 99}', '{"format": 1}', '{"format": 1, "accounts": []}'])
def test_a_file_that_is_not_ours_is_refused_with_a_way_out(tmp_path: Path, text: str) -> None:
    (tmp_path / "book.json").write_text(text)
    with pytest.raises(SandboxStoreError) as caught:
        opened(tmp_path)
    assert "tnctl sandbox reset" in caught.value.hint


def fail_midway(sandbox: Sandbox) -> None:
    with sandbox.guard():
        sandbox.infobip().portal_buy("+447700900126")
        sandbox.dirty = True
        raise RuntimeError


def test_an_exchange_that_fails_midway_never_happened(tmp_path: Path) -> None:
    sandbox = opened(tmp_path)
    buy(sandbox, "447700900125")
    before = (tmp_path / "book.json").read_bytes()
    with pytest.raises(RuntimeError):
        fail_midway(sandbox)
    assert (tmp_path / "book.json").read_bytes() == before
    assert owned(sandbox) == {"447700900125"}


def _buy_block(directory: Path, block: int) -> None:
    sandbox = Sandbox.for_accounts(ACCOUNTS, SystemClock())
    SandboxStore(directory).attach(sandbox)
    for line in range(10):
        buy(sandbox, f"447700900{block}{line:02}")


def test_two_processes_never_lose_each_others_purchases(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=_buy_block, args=(tmp_path, block)) for block in (0, 1)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert [worker.exitcode for worker in workers] == [0, 0]
    assert len(opened(tmp_path).ledger.charges()) == 20
