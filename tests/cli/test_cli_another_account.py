"""An account's URL or name that leads to another account: what that one does not show is not gone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest
from cli_helpers import Run, said
from served import CREDENTIALS, Served, served

from reconciler.sandbox import Rule, When

NUMBER = "number/+447700900123"
ONE = 'numbers: {"+447700900123": {provider: ib}}\n'
TWO = 'numbers: {"+447700900123": {provider: ib}, "+447700900124": {provider: ib}}\n'
AT_ONCE = ", settle_after: 0s"
DESK = "pools: {desk: {provider: ib, size: SIZE, search: {country: GB}, adopt: false}}\n"


@pytest.fixture
def places(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Served, Served]]:
    """Two accounts of one carrier, each with its own URL."""
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    with ExitStack() as stack:
        yield stack.enter_context(served()), stack.enter_context(served())


def desk(size: int) -> str:
    return DESK.replace("SIZE", str(size))


def told(capsys: pytest.CaptureFixture[str]) -> str:
    return " ".join(said(capsys).split())


def held(tnctl: Run, capsys: pytest.CaptureFixture[str]) -> str:
    """The one number on record."""
    capsys.readouterr()
    assert tnctl("state", "list") == 0
    return next(word for word in said(capsys).split() if word.startswith("number/"))


def test_forget_does_not_believe_an_account_at_another_url_about_a_lone_number(
    tnctl: Run, capsys: pytest.CaptureFixture[str], places: tuple[Served, Served]
) -> None:
    old, new = places
    old.write(desk(1), also=AT_ONCE)
    assert tnctl("apply", "-y", "--new-records") == 0
    number = held(tnctl, capsys)
    new.write(desk(1), also=AT_ONCE)
    assert tnctl("apply", "-y", "--allow-empty", "ib") == 4
    message = told(capsys)
    assert f"{new.url}/ib" in message
    assert f"{old.url}/ib" in message
    assert "not known to be gone" in message
    assert "state forget" not in message
    assert tnctl("state", "forget", number) == 1
    assert "cannot be read: ib is at" in told(capsys)
    assert (old.charges(), new.charges()) == (1, 0)


def test_an_account_at_another_url_that_lacks_a_number_sells_and_releases_none(
    tnctl: Run, capsys: pytest.CaptureFixture[str], places: tuple[Served, Served]
) -> None:
    old, new = places
    old.write(ONE, also=AT_ONCE)
    assert tnctl("apply", "-y") == 0
    new.write(TWO, also=AT_ONCE)
    assert tnctl("apply", "-y", "--allow-empty", "ib") == 4
    assert "at an account that may be another one nothing is bought, changed or released" in told(capsys)
    assert tnctl("state", "forget", NUMBER) == 1
    assert new.writes() == 0
    assert tnctl("state", "resolve", NUMBER, "--as", "not-owned", "--evidence", "invoice") == 0
    assert tnctl("apply", "-y") == 0
    assert new.charges() == 2


def test_drift_does_not_call_gone_what_an_account_at_another_url_does_not_show(
    tnctl: Run, capsys: pytest.CaptureFixture[str], places: tuple[Served, Served]
) -> None:
    old, new = places
    old.write(ONE, also=AT_ONCE)
    assert tnctl("apply", "-y") == 0
    new.write(ONE, also=AT_ONCE)
    assert tnctl("drift") == 1
    assert "its numbers on record are of" in told(capsys)


def test_an_account_that_shows_all_its_numbers_at_another_url_is_the_same(
    tnctl: Run, capsys: pytest.CaptureFixture[str], places: tuple[Served, Served]
) -> None:
    old, _ = places
    old.write(ONE, also=AT_ONCE)
    assert tnctl("apply", "-y") == 0
    moved = replace(old, url=old.url.replace("127.0.0.1", "localhost"))
    moved.write(ONE, also=AT_ONCE)
    assert tnctl("drift") == 0
    assert tnctl("apply", "-y") == 0, "which remembers the new URL"
    with old.sandbox.guard():
        old.sandbox.infobip("ib").portal_release("+447700900123")
    assert tnctl("plan") == 0
    assert "gone: our records hold it and the account does not show it any more" in told(capsys)
    assert tnctl("state", "forget", NUMBER) == 0


def test_an_order_without_an_answer_is_not_settled_by_an_account_at_another_url(
    tnctl: Run, capsys: pytest.CaptureFixture[str], places: tuple[Served, Served]
) -> None:
    old, new = places
    old.write(ONE)
    old.sandbox.faults.plant(Rule("500", call="purchase", when=When.BEFORE))
    assert tnctl("apply", "-y", "--no-wait") == 3
    new.write(ONE)
    assert tnctl("plan") == 0
    assert tnctl("apply", "-y") == 4
    assert f"but it was sent to {old.url}/ib/sms/1/numbers, and ib is at {new.url}/ib" in told(capsys)
    assert (old.charges(), new.charges()) == (0, 0)
    old.write(ONE)
    assert tnctl("apply", "-y", "--no-wait") == 3, "there it can be settled, and is not yet"


def test_an_order_that_another_url_shows_is_settled_there(
    tnctl: Run, capsys: pytest.CaptureFixture[str], places: tuple[Served, Served]
) -> None:
    old, _ = places
    old.write(ONE)
    old.sandbox.faults.plant(Rule("500", call="purchase", when=When.AFTER))
    old.sandbox.faults.plant(Rule("500", call="read", first=3, times=9))
    assert tnctl("apply", "-y", "--no-wait") == 3
    old.sandbox.faults.heal()
    replace(old, url=old.url.replace("127.0.0.1", "localhost")).write(ONE)
    assert tnctl("apply", "-y") == 0
    assert "the account shows the number" in told(capsys)
    assert old.charges() == 1


def test_a_number_that_a_person_said_is_ours_is_not_gone_at_another_url(
    tnctl: Run, capsys: pytest.CaptureFixture[str], places: tuple[Served, Served]
) -> None:
    old, new = places
    with old.sandbox.guard():
        old.sandbox.infobip("ib").portal_buy("+447700900123")
    old.write(ONE, also=AT_ONCE)
    assert tnctl("state", "resolve", NUMBER, "--as", "owned") == 0
    new.write(ONE, also=AT_ONCE)
    assert tnctl("state", "forget", NUMBER) == 1
    assert tnctl("apply", "-y", "--allow-empty", "ib") == 4
    assert "not known to be gone" in told(capsys)
    assert new.charges() == 0
