"""New records are no licence to buy: whose they are nobody can know, so that pools are filled when a person says so."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_helpers import ACCOUNTS, Run, said
from served import CREDENTIALS, DESK, Served, served

from reconciler.sandbox.faults import Rule

NEW = "these records are new: nothing was ever applied from there"
PHONE = 'numbers: {"+447700900123": {provider: ib}}\n'


@pytest.fixture
def carriers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    with served() as found:
        yield found


def test_an_unset_secret_for_the_state_buys_no_second_pool(
    tnctl: Run, capsys: pytest.CaptureFixture[str], carriers: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    carriers.write(DESK)
    monkeypatch.setenv("TNCTL_STATE", "sqlite:///shared.db")
    assert tnctl("apply", "-y", "--new-records") == 0
    assert carriers.charges() == 2
    monkeypatch.setenv("TNCTL_STATE", "")
    for command in (["apply", "-y"], ["drift"], ["apply", "-y", "--new-records"]):
        assert tnctl(*command) == 1
    monkeypatch.delenv("TNCTL_STATE")
    assert tnctl("apply", "-y") == 5
    assert tnctl("drift") == 1
    assert carriers.charges() == 2
    assert "nothing was ever applied from the records at sqlite:///.tnctl/state.db" in said(capsys)


def test_a_run_over_one_number_on_lost_records_lets_no_pool_be_bought_again(
    tnctl: Run, capsys: pytest.CaptureFixture[str], carriers: Served
) -> None:
    carriers.write(DESK + PHONE)
    assert tnctl("apply", "-y", "--new-records") == 0
    charged = carriers.charges()
    shutil.rmtree(".tnctl")
    assert tnctl("apply", "-y", "--only", "number/+447700900123") == 0
    assert tnctl("apply", "-y") == 5
    assert "of which the records know no number" in " ".join(said(capsys).split())
    assert carriers.charges() == charged


def test_records_that_are_a_link_to_nowhere_are_named_and_never_made_anew(
    tnctl: Run, capsys: pytest.CaptureFixture[str], carriers: Served
) -> None:
    carriers.write(DESK)
    Path(".tnctl").mkdir()
    Path(".tnctl/state.db").symlink_to("/nowhere/state.db")
    for command in (["plan"], ["apply", "-y", "--new-records"], ["drift"], ["state", "list"]):
        assert tnctl(*command) == 6
        assert "a link to a file that is not there" in " ".join(said(capsys).split())


def test_a_fresh_clone_is_refused_and_says_so_in_every_plan(
    tnctl: Run, capsys: pytest.CaptureFixture[str], carriers: Served
) -> None:
    carriers.write(DESK)
    assert tnctl("apply", "-y", "--new-records") == 0
    shutil.rmtree(".tnctl")
    for _ in range(2):  # that a plan, a drift or a refused apply made the file changes nothing
        assert tnctl("plan") == 0
        told = " ".join(said(capsys).split())
        assert NEW in told
        assert "2 purchases for pools, and the records are new" in told
        assert "add --new-records; if it was, its records are elsewhere" in told
        assert tnctl("drift") == 1
        assert tnctl("apply", "-y") == 5
        assert carriers.charges() == 2


def test_with_the_option_an_owned_number_that_fits_still_refuses_until_the_pool_says_adopt(
    tnctl: Run, capsys: pytest.CaptureFixture[str], carriers: Served
) -> None:
    carriers.write(DESK)
    assert tnctl("apply", "-y", "--new-records") == 0
    owned = sorted(entry.key for entry in carriers.sandbox.ledger.charges())
    shutil.rmtree(".tnctl")
    capsys.readouterr()
    assert tnctl("apply", "-y", "--new-records") == 5
    told = said(capsys)
    assert [f"number/{tn}" for tn in owned] == [line.strip() for line in told.splitlines() if "number/" in line]
    assert "write `adopt: true` in pool desk to take those first, or `adopt: false` to leave them alone" in told
    carriers.write(DESK.replace("size: 2", "size: 2, adopt: true"))
    assert tnctl("apply", "-y") == 0, "what is adopted is not bought"
    assert carriers.charges() == 2
    shutil.rmtree(".tnctl")
    carriers.write(DESK.replace("size: 2", "size: 3, adopt: true"))
    assert tnctl("apply", "-y") == 5, "the third would be bought"
    carriers.write(DESK.replace("size: 2", "size: 2, adopt: false"))
    assert tnctl("apply", "-y") == 5
    assert tnctl("apply", "-y", "--new-records") == 0
    assert carriers.charges() == 4


def test_a_number_that_is_declared_or_does_not_fit_refuses_nothing(tnctl: Run, carriers: Served) -> None:
    carriers.write(PHONE)
    assert tnctl("apply", "-y") == 0, "no pool"
    shutil.rmtree(".tnctl")
    carriers.write(PHONE + DESK)
    assert tnctl("apply", "-y", "--new-records") == 0
    shutil.rmtree(".tnctl")
    carriers.write(DESK.replace("country: GB", "country: US"))
    assert tnctl("apply", "-y", "--new-records") == 0
    assert carriers.charges() == 5


def test_a_saved_plan_is_no_way_around_it(tnctl: Run, capsys: pytest.CaptureFixture[str], carriers: Served) -> None:
    carriers.write(DESK)
    assert tnctl("plan", "--out", "first.json") == 0
    assert tnctl("apply", "first.json") == 5
    assert (carriers.charges(), "the records are new" in said(capsys)) == (0, True)
    assert tnctl("apply", "first.json", "--new-records") == 0
    shutil.rmtree(".tnctl")
    assert tnctl("plan", "--out", "second.json") == 0
    assert tnctl("apply", "second.json", "--new-records") == 5
    assert "numbers are owned that fit its search and that nobody declares (2)" in said(capsys)
    carriers.write(DESK.replace("size: 2", "size: 2, adopt: false"))
    assert tnctl("apply", "second.json", "--new-records") == 0, "that leaves the plan as it is"
    assert carriers.charges() == 4


def test_on_records_that_are_not_new_the_option_is_only_a_notice(
    tnctl: Run, capsys: pytest.CaptureFixture[str], carriers: Served
) -> None:
    carriers.write(PHONE)
    assert tnctl("apply", "-y") == 0
    assert tnctl("drift") == 0
    carriers.write(PHONE + DESK)
    capsys.readouterr()
    assert tnctl("plan") == 0
    assert NEW not in said(capsys)
    assert tnctl("apply", "-y", "--new-records") == 0
    assert "--new-records: these records are not new; take it out of your workflow" in said(capsys)
    assert carriers.charges() == 3


def test_a_resolution_or_a_tombstone_makes_records_that_are_not_new(tnctl: Run, carriers: Served) -> None:
    carriers.write(PHONE + DESK)
    assert tnctl("state", "resolve", "number/+447700900123", "--as", "not-owned") == 0
    assert tnctl("drift") == 0
    assert tnctl("apply", "-y") == 0


def test_declared_numbers_are_looked_up_on_new_records_as_ever(
    tnctl: Run, capsys: pytest.CaptureFixture[str], carriers: Served
) -> None:
    carriers.write(PHONE)
    assert tnctl("apply", "-y") == 0
    shutil.rmtree(".tnctl")
    assert tnctl("apply", "-y") == 0
    assert (carriers.charges(), "1 to adopt" in said(capsys)) == (1, True)


def test_an_account_that_cannot_say_what_it_owns_is_not_taken_for_an_empty_one(
    tnctl: Run, carriers: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    carriers.write(DESK)
    assert tnctl("apply", "-y", "--new-records") == 0
    shutil.rmtree(".tnctl")
    carriers.sandbox.faults.plant(Rule("503", call="listOwned", times=None))
    assert tnctl("apply", "-y", "--new-records") == 1
    assert carriers.charges() == 2


def test_the_sandbox_fills_pools_from_new_records(tnctl: Run, capsys: pytest.CaptureFixture[str]) -> None:
    Path("numbers.yaml").write_text(ACCOUNTS + DESK.replace("ib", "infobip"))
    assert tnctl("drift", "--sandbox") == 1
    assert tnctl("plan", "--sandbox") == 0
    assert NEW in said(capsys)
    assert tnctl("apply", "--sandbox", "-y") == 0
    assert tnctl("drift", "--sandbox") == 0


def test_the_limit_stands_in_the_plans_notices_for_programs(
    tnctl: Run, capsys: pytest.CaptureFixture[str], carriers: Served
) -> None:
    carriers.write(DESK)
    assert tnctl("plan", "--format", "json") == 0
    notices = [notice["message"] for notice in json.loads(said(capsys))["notices"]]
    assert [notice for notice in notices if notice.startswith(NEW)]
    assert [notice for notice in notices if "--new-records" in notice]
