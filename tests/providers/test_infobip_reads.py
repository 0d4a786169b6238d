"""Infobip: what lists, pages and rows prove about the numbers of an account."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from infobip_forms import MINE, NUMBER, OTHER, TN, number, page, row
from provider_bench import INFOBIP, Bench, canned

from reconciler.model import Address, Kind, Status
from reconciler.model.fleet import Limits
from reconciler.sandbox import InfobipSwitches


def fill(bench: Bench, size: int) -> list[str]:
    tns = [f"+4477009{n:05d}" for n in range(size)]
    for tn in tns:
        bench.carrier.portal_buy(tn)
    return tns


def test_one_number_is_asked_for_by_itself() -> None:
    bench = Bench(INFOBIP)
    fill(bench, 120)
    seen = bench.observe(number("+447700900007"))
    assert {address.name for address in seen.found} == {"+447700900007"}
    assert seen.calls == bench.provider.http.reads == 1


@pytest.mark.parametrize(("cap", "pages"), [(1000, 1), (50, 3), (20, 7)])
def test_many_numbers_are_listed_in_the_size_that_comes(cap: int, pages: int) -> None:
    bench = Bench(INFOBIP, InfobipSwitches(page_cap=cap))
    tns = fill(bench, 120)
    seen = bench.observe(*map(number, [*tns, TN]))
    assert {address.name for address in seen.found} == {*tns, "+447860041117"}
    assert (seen.calls, seen.unresolved) == (pages, {})


def test_a_carrier_that_refuses_large_pages_is_read_in_the_documented_size() -> None:
    bench = Bench(INFOBIP, InfobipSwitches(large_limit="400"))
    tns = fill(bench, 120)
    seen = bench.observe(*map(number, tns))
    assert {address.name for address in seen.found} >= set(tns)
    assert (seen.calls, seen.unresolved, seen.listed) == (4, {}, True)


def test_a_number_on_record_that_a_list_misses_is_asked_for_by_itself() -> None:
    def answer(request: requests.PreparedRequest) -> tuple[int, Any]:
        asked = urlsplit(request.url or "")
        if asked.path.endswith("/KEY2"):
            return 200, row(OTHER, "KEY2")
        return 200, page(row(TN, "KEY1"))

    seen = canned(INFOBIP, answer).observe([number(TN, numberKey="KEY1"), number(OTHER, numberKey="KEY2")])
    assert {address.name for address in seen.found} == {TN, OTHER}
    assert (seen.calls, seen.listed) == (2, True)


@pytest.mark.parametrize(
    "error",
    [
        {"requestError": {"serviceException": {"messageId": "TOO_BUSY", "text": "busy"}}},
        {"errorCode": "E500"},
        {"error": "internal"},
        {"errors": [{"code": 500}]},
        {"status": "Error", "code": 500},
        {"success": False},
        {"errorMessage": "internal"},
        {"exception": {"message": "internal"}},
        {"message": "Search failed"},
    ],
)
@pytest.mark.parametrize("rows", [[], [row(OTHER, "KEY2")]])
def test_a_list_that_carries_an_error_is_no_list(error: dict[str, Any], rows: list[Any]) -> None:
    provider = canned(INFOBIP, lambda _request: (200, {**page(*rows), **error}))
    seen = provider.observe([number(TN, numberKey="KEY1"), number(OTHER, numberKey="KEY2")])
    assert (seen.found, len(seen.unresolved)) == ({}, 2)


def test_a_list_that_lacks_very_many_numbers_on_record_is_not_believed() -> None:
    provider = canned(INFOBIP, lambda _request: (200, page(row(TN, "KEY"))))
    lacking = [number(f"+4477009{n:05d}", numberKey=f"K{n}") for n in range(101)]
    seen = provider.observe([number(TN, numberKey="KEY"), *lacking])
    assert (len(seen.unresolved), seen.calls) == (101, 1)


def test_a_few_numbers_beyond_the_first_page_are_asked_for_one_by_one() -> None:
    bench = Bench(INFOBIP, InfobipSwitches(page_cap=20))
    tns = fill(bench, 120)
    seen = bench.observe(number(tns[3]), number(tns[100]), number(OTHER))
    assert {tns[3], tns[100]} <= {address.name for address in seen.found}
    assert Address(Kind.NUMBER, OTHER) not in seen.found
    assert seen.calls == 3


def test_numbers_with_known_keys_are_asked_for_by_key() -> None:
    bench = Bench(INFOBIP, InfobipSwitches(page_cap=20, key_style="path"))
    tns = fill(bench, 120)
    wanted = [number(tn, numberKey=bench.carrier.key_of(tn)) for tn in tns[60:63]]
    seen = bench.observe(*wanted)
    assert set(tns[60:63]) <= {address.name for address in seen.found}
    assert seen.calls == 4


def test_a_key_that_no_longer_shows_its_number_is_followed_by_a_read_by_number() -> None:
    bench = Bench(INFOBIP, InfobipSwitches(page_cap=20))
    tns = fill(bench, 120)
    stale, wrong = number(tns[60], numberKey="STALE"), number(tns[61], numberKey=bench.carrier.key_of(tns[62]))
    seen = bench.observe(stale, wrong)
    for tn in tns[60:62]:
        assert seen.found[Address(Kind.NUMBER, tn)].external["numberKey"] == bench.carrier.key_of(tn)


@pytest.mark.parametrize("paging", ["repeated", "shifting", "wrong-count"])
def test_pages_that_contradict_each_other_are_read_once_more_and_then_unresolved(paging: str) -> None:
    bench = Bench(INFOBIP, InfobipSwitches(page_cap=20, paging=paging))
    tns = fill(bench, 58)
    wanted = [*map(number, tns), number(OTHER)]
    seen = bench.observe(*wanted)
    assert set(seen.unresolved) == {resource.address for resource in wanted}
    assert not seen.found
    assert seen.calls >= 4


@pytest.mark.parametrize("paging", ["endless", "size-ignored"])
def test_pages_that_are_only_odd_are_read(paging: str) -> None:
    bench = Bench(INFOBIP, InfobipSwitches(page_cap=50, paging=paging))
    tns = fill(bench, 120)
    seen = bench.observe(*map(number, tns))
    assert set(tns) <= {address.name for address in seen.found}
    assert not seen.unresolved


@pytest.mark.parametrize(
    "second",
    [
        page(row(OTHER, "K2"), row(MINE, "K3"), count=2),
        page(row(OTHER, "K2"), count=3),
        page(count=2),
        page(row(OTHER), count=2),
    ],
    ids=["too many rows", "another count", "no rows", "a key again"],
)
def test_a_second_page_that_does_not_fit_makes_the_list_unresolved(second: Any) -> None:
    first = page(row(), count=2)

    def answer(request: Any) -> tuple[int, Any]:
        return 200, second if "page=1" in request.url else first

    wanted = [number(f"+4477009002{n:02d}") for n in range(9)]
    assert set(canned(INFOBIP, answer).observe(wanted).unresolved) == {want.address for want in wanted}


def test_a_list_that_settles_on_the_second_reading_is_read() -> None:
    answers = iter([page(row(), count=3), page(row(OTHER, "K2")), page(row(), row(OTHER, "K2"))])
    provider = canned(INFOBIP, lambda _request: (200, next(answers)))
    seen = provider.observe([number(), number(OTHER), number(MINE)])
    assert {address.name for address in seen.found} == {TN, OTHER}
    assert not seen.unresolved


@pytest.mark.parametrize(
    "body",
    [
        "",
        {},
        [],
        {"numbers": []},
        {"numbers": [], "numberCount": "none"},
        {"numbers": [], "numberCount": True},
        {"numbers": [], "numberCount": -1},
        {"numbers": None, "numberCount": 0},
        {"numbers": [], "numberCount": 1},
        page("not a row"),
        page({"numberKey": "K", "msisdn": "447700900123"}),
        page(row(), row(OTHER, "K2"), count=1),
        page(row(), row(OTHER, "KEY")),
        page(row(), count=10**9),
    ],
)
def test_what_is_no_whole_list_is_unresolved_not_empty(body: Any) -> None:
    provider = canned(INFOBIP, lambda _request: (200, body))
    assert set(provider.observe([number(OTHER), number(MINE)]).unresolved) >= {Address(Kind.NUMBER, MINE)}
    assert set(provider.observe([]).unresolved) == {Address(Kind.NUMBER, "*")}


@pytest.mark.parametrize("status", [404, 204, 301, 500])
def test_a_status_that_is_no_success_is_unresolved(status: int) -> None:
    assert set(canned(INFOBIP, lambda _request: (status, "")).observe([number()]).unresolved) == {NUMBER}


def test_short_codes_and_channels_are_skipped_and_never_fatal() -> None:
    rows = [row("+88202", "K1", type="SHORT_CODE"), {"numberKey": "K2", "type": "WHATSAPP"}, row("+INFO", "K3"), row()]
    seen = canned(INFOBIP, lambda _request: (200, page(*rows))).observe([number(), number(OTHER)])
    assert set(seen.found) == {NUMBER}
    assert not seen.unresolved


@pytest.mark.parametrize("key", [None, "", 7])
def test_a_wanted_row_without_a_key_is_unresolved(key: Any) -> None:
    provider = canned(INFOBIP, lambda _request: (200, page(row(key=key), row(OTHER, "K2"))))
    seen = provider.observe([number(), number(OTHER)])
    assert set(seen.unresolved) == {NUMBER}
    assert set(seen.found) == {Address(Kind.NUMBER, OTHER)}
    assert not provider.observe([number(OTHER), number(MINE)]).unresolved


def test_a_list_by_number_that_has_other_numbers_proves_nothing() -> None:
    seen = canned(INFOBIP, lambda _request: (200, page(row(OTHER)))).observe([number()])
    assert set(seen.unresolved) == {NUMBER}


def test_a_longer_number_that_contains_the_digits_is_not_the_number() -> None:
    seen = canned(INFOBIP, lambda _request: (200, page(row(TN + "4")))).observe([number()])
    assert not seen.found
    assert not seen.unresolved


@pytest.mark.parametrize(
    ("word", "status"),
    [
        (None, Status.ACTIVE),
        ("", Status.ACTIVE),
        ("PENDING", Status.ENABLING),
        ("BILLING_FAILED", Status.ERROR),
        ("RESERVATION_FAILED", Status.ERROR),
        ("ERROR", Status.ERROR),
        ("ON_HOLIDAY", Status.UNKNOWN),
    ],
)
def test_each_reservation_has_its_status(word: Any, status: Status) -> None:
    live = canned(INFOBIP, lambda _request: (200, page(row(reservationStatus=word)))).observe([number()]).found[NUMBER]
    assert (live.status, live.carrier_status) == (status, word or "")


def test_a_live_number_has_its_key_and_its_price() -> None:
    bench = Bench(INFOBIP)
    bench.carrier.portal_buy(TN)
    live = bench.observe(number()).found[NUMBER]
    assert dict(live.external) == {"numberKey": bench.carrier.key_of(TN)}
    assert live.price is not None
    assert (live.price.currency, live.price.monthly, live.price.setup) == ("EUR", Decimal(5), Decimal(0))


@pytest.mark.parametrize(
    ("keyed", "unkeyed", "calls", "listed"),
    [
        (30, 0, 1 + 30, False),  # 3 s, where the other 9 pages take 9
        (80, 0, 1 + 80, False),  # 8 s
        (95, 0, 10, True),  # 9.5 s
        (0, 8, 1 + 8, False),  # 8 s, asked for by number in the list
        (0, 9, 10, True),
        (10, 8, 10, True),  # 1 s and 8 s
        (10, 7, 1 + 17, False),
    ],
)
def test_owned_numbers_are_read_by_what_is_quicker_under_the_documented_budgets(
    keyed: int, unkeyed: int, calls: int, listed: bool
) -> None:
    bench = Bench(replace(INFOBIP, limits=Limits()), InfobipSwitches(page_cap=20))
    tns = fill(bench, 198)  # and the two that every account has: ten pages
    far = tns[-(keyed + unkeyed) :]
    wanted = [number(tn, numberKey=bench.carrier.key_of(tn)) for tn in far[:keyed]] + [*map(number, far[keyed:])]
    seen = bench.observe(*wanted)
    assert {address.name for address in seen.found} >= set(far)
    assert (seen.calls, seen.listed, seen.unresolved) == (calls, listed, {})


def test_an_account_with_one_rate_for_all_is_read_by_the_fewer_calls() -> None:
    bench = Bench(INFOBIP, InfobipSwitches(page_cap=20))
    tns = fill(bench, 198)
    wanted = [number(tn, numberKey=bench.carrier.key_of(tn)) for tn in tns[-30:]]
    assert bench.observe(*wanted).calls == 10
