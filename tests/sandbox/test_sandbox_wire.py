from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model import Price
from reconciler.model.fleet import CarrierType
from reconciler.sandbox import AccountSpec, Entry, Event, InfobipSwitches, Ledger, Sandbox, VirtualClock
from reconciler.sandbox.carrier import Allowance, Limiter
from reconciler.sandbox.messages import parse

NOON = datetime(2026, 1, 13, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/acct/sms/1/numbers", ("sms", "1", "numbers")),
        ("/acct//sms/./1/numbers/", ("sms", "1", "numbers")),
        ("/acct/sms/1/numbers/a%2Fb", ("sms", "1", "numbers", "a/b")),
        ("/acct/sms/1/numbers/%2E%2E", ("sms", "1", "numbers", "..")),
        ("/acct/sms/1/numbers/../..", ("sms",)),
        ("/acct/sms/1/numbers/K%25EE", ("sms", "1", "numbers", "K%EE")),
    ],
)
def test_a_path_is_cut_before_it_is_decoded(target: str, path: tuple[str, ...]) -> None:
    account, request = parse("get", target, {}, b"")
    assert (account, request.path, request.method) == ("acct", path, "GET")


@given(st.text(min_size=1))
def test_any_quoted_segment_arrives_whole(segment: str) -> None:
    try:
        quoted = quote(segment, safe="").replace(".", "%2E")
    except UnicodeEncodeError:
        return
    assert parse("GET", f"/acct/{quoted}", {}, b"")[1].path == (segment,)


def test_query_and_headers_are_read() -> None:
    _, request = parse("GET", "/a/b?limit=3&number=&capabilities=SMS%2CVOICE", {"X-Y": "z"}, b"[1]")
    assert request.query == {"limit": "3", "number": "", "capabilities": "SMS,VOICE"}
    assert (request.headers, request.json(), request.fields()) == ({"x-y": "z"}, [1], {})


def test_a_request_never_shows_its_credentials() -> None:
    _, request = parse("POST", "/a/b", {"Authorization": "App canary"}, b'{"apikey": "canary"}')
    assert "canary" not in repr(request)


def test_an_account_that_is_not_there_is_a_404_that_names_those_that_are() -> None:
    sandbox = Sandbox({"uk": AccountSpec(CarrierType.INFOBIP)}, VirtualClock())
    response = sandbox.exchange("GET", "/us/sms/1/numbers", {}, b"").response
    assert (response.status, "uk" in response.json()["error"]) == (404, True)


def test_two_accounts_of_one_carrier_keep_separate_books() -> None:
    clock = VirtualClock()
    sandbox = Sandbox({name: AccountSpec(CarrierType.INFOBIP) for name in ("uk", "us")}, clock)
    sandbox.infobip("uk").portal_buy("+447700900125")
    assert "+447700900125" not in sandbox.infobip("us").owned()
    assert sandbox.infobip("us").offer_key("447700900125") != sandbox.infobip("uk").offer_key("447700900125")


def test_an_account_of_another_carrier_is_a_type_error() -> None:
    sandbox = Sandbox({"uk": AccountSpec(CarrierType.INFOBIP)}, VirtualClock())
    with pytest.raises(TypeError, match="InfobipCarrier is no IntelePeerCarrier"):
        sandbox.intelepeer("uk")
    with pytest.raises(TypeError, match="are no switches of intelepeer"):
        Sandbox({"ip": AccountSpec(CarrierType.INTELEPEER, switches=InfobipSwitches())}, VirtualClock())


def test_a_charge_without_a_release_before_it_is_a_double() -> None:
    ledger = Ledger()
    price = Price("EUR", Decimal(0), Decimal("5.00"), Decimal("3.064516"))
    for event in (Event.CHARGE, Event.RELEASE, Event.CHARGE, Event.CHARGE):
        ledger.add(Entry(NOON, "uk", event, "+447700900125", price))
    ledger.add(Entry(NOON, "us", Event.CHARGE, "+447700900125"))
    assert ledger.double_charges() == [list(ledger)[3]]
    other = Ledger()
    other.restore(ledger.snapshot())
    assert list(other) == list(ledger)


def test_a_limit_lets_a_burst_pass_and_then_so_many_a_second() -> None:
    limiter, twice = Limiter(), Allowance(per_second=0.5, burst=2)
    waits = [limiter.wait("a", "list", twice, at) for at in (0, 0, 0, 1, 2, 2)]
    assert waits == [0, 0, 2, 1, 0, 2]
    assert limiter.wait("b", "list", twice, 2) == 0


def test_a_twin_shares_the_time_but_not_the_jumps_of_the_wall_clock() -> None:
    clock = VirtualClock(NOON)
    twin = clock.twin()
    clock.jump(-3600)
    twin.sleep(5)
    assert clock.monotonic() == twin.monotonic() == 5
    assert clock.now() == NOON - timedelta(seconds=3595)
    assert twin.now() == NOON + timedelta(seconds=5)
