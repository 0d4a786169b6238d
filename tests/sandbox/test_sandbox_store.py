from __future__ import annotations

import json
import signal
from collections.abc import Mapping
from itertools import pairwise
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from sandbox_desk import Desk
from sandbox_tours import tour

from reconciler.clock import SystemClock
from reconciler.model.fleet import CarrierType
from reconciler.sandbox import SWITCHES, AccountSpec, Sandbox, VirtualClock, store
from reconciler.sandbox.store import SandboxStore, SandboxStoreError
from tests.simulation.sigkill.processes import context

APP = {"Authorization": "App k"}
ACCOUNTS = {name: AccountSpec(name) for name in ("infobip", "intelepeer")}


def opened(directory: Path, accounts: Mapping[str, AccountSpec] = ACCOUNTS) -> Sandbox:
    sandbox = Sandbox(accounts, VirtualClock())
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
        sandbox = Sandbox(ACCOUNTS, clock)
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
    other = opened(tmp_path, {"intelepeer": AccountSpec("intelepeer")})
    other.exchange("POST", "/intelepeer/sms/v1/+17205550142/provision", {"Authorization": "Bearer t"}, b"")
    assert owned(opened(tmp_path)) == {"447700900125"}


def test_a_name_that_became_another_carriers_begins_afresh(tmp_path: Path) -> None:
    buy(opened(tmp_path), "447700900125")
    changed = opened(tmp_path, {"infobip": AccountSpec("inumbering")})
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
        raise RuntimeError


def test_an_exchange_that_fails_midway_never_happened(tmp_path: Path) -> None:
    sandbox = opened(tmp_path)
    buy(sandbox, "447700900125")
    before = (tmp_path / "book.json").read_bytes()
    with pytest.raises(RuntimeError):
        fail_midway(sandbox)
    assert (tmp_path / "book.json").read_bytes() == before
    assert owned(sandbox) == {"447700900125"}


def book(directory: Path) -> Path:
    return directory / "book.json"


def test_a_write_costs_what_it_changed_however_large_the_books(tmp_path: Path) -> None:
    sandbox = opened(tmp_path)
    buy(sandbox, "447700900000")
    sizes = [book(tmp_path).stat().st_size]
    for line in range(1, 300):
        assert buy(sandbox, f"447700900{line:03}") == 200
        sizes.append(book(tmp_path).stat().st_size)
    costs = [after - before for before, after in pairwise(sizes)]
    assert max(costs) < 2 * min(costs), "and it is the same file that grows"


def test_a_file_that_grew_long_is_written_anew_and_both_that_run_on_it_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "SLACK", 1000)
    first, second = opened(tmp_path), opened(tmp_path)
    heads = set()
    for line in range(60):
        assert buy(second if line % 3 else first, f"4477009000{line:02}") == 200
        heads.add(book(tmp_path).read_bytes().partition(b"\n")[0])
    assert 3 < len(heads) < 20
    assert first.infobip().owned() >= {f"+4477009000{line:02}" for line in range(58)}
    assert len(opened(tmp_path).ledger.charges()) == len({entry.key for entry in second.ledger.charges()}) == 60


@pytest.mark.parametrize("cut", [1, 10, 200])
def test_a_line_that_a_kill_cut_short_never_happened_and_is_overwritten(tmp_path: Path, cut: int) -> None:
    buy(opened(tmp_path), "447700900125")
    running = opened(tmp_path)
    before = book(tmp_path).stat().st_size
    buy(opened(tmp_path), "447700900126")
    whole = book(tmp_path).read_bytes()
    book(tmp_path).write_bytes(whole[: max(before, len(whole) - cut)])
    assert owned(running) == owned(opened(tmp_path)) == {"447700900125"}
    assert buy(running, "447700900127") == 200
    assert owned(opened(tmp_path)) == {"447700900125", "447700900127"}


def stored(desk: Desk, directory: Path) -> Sandbox:
    """Another sandbox over the books of ``desk``."""
    other = Sandbox(desk.sandbox.specs, desk.clock)
    SandboxStore(directory).attach(other)
    return other


@pytest.mark.parametrize("carrier", CarrierType)
@pytest.mark.parametrize(
    "settings", [{}, {"search_cache_seconds": 600}, {"webhook_after_disabling": "cleared"}], ids=str
)
def test_everything_that_a_tour_changes_is_on_disk(
    tmp_path: Path, carrier: CarrierType, settings: dict[str, object]
) -> None:
    known = {name: value for name, value in settings.items() if hasattr(SWITCHES[carrier], name)}
    desk = Desk({carrier: SWITCHES[carrier](**known)})
    SandboxStore(tmp_path).attach(desk.sandbox)
    with desk.session:
        tour(carrier, desk)
    assert stored(desk, tmp_path).snapshot() == desk.sandbox.snapshot()


def test_everything_that_is_done_at_a_portal_is_on_disk(desk: Desk, tmp_path: Path) -> None:
    SandboxStore(tmp_path).attach(desk.sandbox)
    messaging, orders, numbers = desk.sandbox.intelepeer(), desk.sandbox.inumbering(), desk.sandbox.infobip()
    tn, other = "+17205550142", "+17205550143"
    edits = [
        lambda: messaging.portal_enable(tn, "https://a.example/"),
        lambda: messaging.portal_set_webhook(tn, "https://b.example/"),
        lambda: messaging.portal_disable(tn),
        lambda: messaging.freeze(other, "error"),
        lambda: messaging.portal_remove(tn),
        lambda: messaging.expire("token-1"),
        lambda: orders.portal_buy("+12015550123"),
        lambda: orders.portal_route("+12015550123", 2),
        lambda: orders.portal_assign("+12015550123", "CACME01"),
        lambda: orders.portal_port("+12015550123"),
        lambda: orders.exclude("+12015550123"),
        lambda: orders.rival_buys("+12015550124"),
        lambda: orders.portal_release("+12015550123"),
        lambda: numbers.portal_buy("+447700900125"),
        lambda: numbers.reprice("+447700900125", "7.00"),
        lambda: numbers.portal_release("+447700900125"),
        lambda: numbers.rival_buys("+447700900126"),
        desk.sandbox.clear,
        lambda: numbers.portal_buy("+447700900127"),
    ]
    for edit in edits:
        with desk.sandbox.guard():
            edit()
        assert stored(desk, tmp_path).snapshot() == desk.sandbox.snapshot()


def _buy_and_tell(directory: Path, told: Connection) -> None:
    sandbox = Sandbox(ACCOUNTS, SystemClock())
    SandboxStore(directory).attach(sandbox)
    for line in range(900):
        if buy(sandbox, f"447700900{line:03}") == 200:
            told.send(line)


@pytest.mark.parametrize("answers", [1, 40])
def test_what_was_answered_survives_the_kill_of_the_process_that_answered(tmp_path: Path, answers: int) -> None:
    forking = context()
    ours, theirs = forking.Pipe(duplex=False)
    process = forking.Process(target=_buy_and_tell, args=(tmp_path, theirs))
    process.start()
    theirs.close()
    answered = [ours.recv() for _ in range(answers)]
    process.kill()
    process.join(30)
    assert process.exitcode == -signal.SIGKILL
    while ours.poll():
        try:
            answered.append(ours.recv())
        except EOFError:
            break
    charged = {charge.key for charge in opened(tmp_path).ledger.charges()}
    assert {f"+447700900{line:03}" for line in answered} <= charged


def _buy_block(directory: Path, block: int) -> None:
    sandbox = Sandbox(ACCOUNTS, SystemClock())
    SandboxStore(directory).attach(sandbox)
    for line in range(10):
        buy(sandbox, f"447700900{block}{line:02}")


def test_two_processes_never_lose_each_others_purchases(tmp_path: Path) -> None:
    forking = context()
    workers = [forking.Process(target=_buy_block, args=(tmp_path, block)) for block in (0, 1)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert [worker.exitcode for worker in workers] == [0, 0]
    assert len(opened(tmp_path).ledger.charges()) == 20
