from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest
from sandbox_desk import Desk

from reconciler.model.fleet import CarrierType
from reconciler.sandbox import InfobipSwitches

NUMBER = "447700900125"
TN = f"+{NUMBER}"


def desk_with(**settings: Any) -> Desk:
    return Desk({CarrierType.INFOBIP: InfobipSwitches(**settings)})


def rows(desk: Desk, rest: str) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = desk.numbers("GET", rest).json()["numbers"]
    return listed


def numbers(desk: Desk, rest: str) -> list[str]:
    return [row["number"] for row in rows(desk, rest)]


def pages(desk: Desk, size: int, most: int = 9) -> list[list[str]]:
    """The British numbers on offer, page by page, up to the first empty one or ``most``."""
    found = []
    for page in range(most):
        listed = numbers(desk, f"/available?country=GB&limit={size}&page={page}")
        found.append(listed)
        if not listed:
            break
    return found


def test_a_number_is_bought_by_its_key_which_then_changes(desk: Desk) -> None:
    key = desk.key(NUMBER)
    bought = desk.numbers("POST", body={"numberKey": key})
    assert bought.status_code == 200
    assert bought.json()["number"] == NUMBER
    assert "initialMonthPrice" not in bought.json()["price"]
    assert bought.json()["numberKey"] == desk.sandbox.infobip().key_of(TN) != key
    assert NUMBER not in numbers(desk, f"/available?number={NUMBER}")
    assert NUMBER in numbers(desk, "")


def test_the_charge_has_the_price_that_was_shown(desk: Desk) -> None:
    [shown] = [row["price"] for row in rows(desk, f"/available?number={NUMBER}")]
    assert shown == {"pricePerMonth": 5, "setupPrice": 0, "initialMonthPrice": 3.064516, "currency": "EUR"}
    desk.buy(NUMBER)
    [charge] = desk.sandbox.ledger.charges("infobip", TN)
    assert charge.price is not None
    assert (charge.price.monthly, charge.price.setup, charge.price.currency) == (Decimal(5), Decimal(0), "EUR")


def test_a_price_can_rise_between_two_reads(desk: Desk) -> None:
    desk.sandbox.infobip().reprice(TN, "7.50")
    assert rows(desk, f"/available?number={NUMBER}")[0]["price"]["pricePerMonth"] == 7.5


@pytest.mark.parametrize(
    ("manner", "status", "body"), [("400", 400, True), ("404", 404, True), ("404-empty", 404, False)]
)
def test_a_taken_number_is_refused_and_not_charged(manner: str, status: int, body: bool) -> None:
    desk = desk_with(taken=manner)
    key = desk.key(NUMBER)
    desk.sandbox.infobip().rival_buys(TN)
    response = desk.numbers("POST", body={"numberKey": key})
    assert (response.status_code, bool(response.content)) == (status, body)
    assert desk.sandbox.ledger.charges() == []


def test_the_same_key_yields_nothing_the_second_time(desk: Desk) -> None:
    key = desk.key(NUMBER)
    assert [desk.numbers("POST", body={"numberKey": key}).status_code for _ in range(2)] == [200, 400]
    assert len(desk.sandbox.ledger.charges()) == 1


def test_a_carrier_that_charges_twice_for_one_key_shows_in_the_ledger() -> None:
    desk = desk_with(purchase_again="charges")
    key = desk.key(NUMBER)
    assert [desk.numbers("POST", body={"numberKey": key}).status_code for _ in range(2)] == [200, 200]
    assert [entry.key for entry in desk.sandbox.ledger.double_charges()] == [TN]


def test_a_cancelled_number_returns_under_another_key(desk: Desk) -> None:
    first = desk.key(NUMBER)
    desk.buy(NUMBER)
    owned = quote(desk.sandbox.infobip().key_of(TN), safe="")
    response = desk.numbers("DELETE", f"/{owned}")
    assert (response.status_code, response.content) == (204, b"")
    assert desk.key(NUMBER) != first
    assert desk.numbers("DELETE", f"/{owned}").status_code == 404
    assert len(desk.sandbox.ledger.releases("infobip", TN)) == 1


@pytest.mark.parametrize("style", ["percent", "path"])
def test_an_odd_key_reaches_its_number_only_when_it_is_quoted(style: str) -> None:
    desk = desk_with(key_style=style)
    desk.buy(NUMBER)
    key = desk.sandbox.infobip().key_of(TN)
    assert set(key) & set("%/.")
    assert desk.numbers("GET", f"/{quote(key, safe='')}").json()["number"] == NUMBER
    unquoted = desk.sandbox.exchange(
        "GET", f"/infobip/sms/1/numbers/{key.replace('%', '%EE')}", {"Authorization": "App k"}, b""
    )
    assert unquoted.response.status == 404


def test_a_short_code_and_a_shared_number_are_there_from_the_start(desk: Desk) -> None:
    standing = {row["number"]: (row["type"], row["shared"]) for row in rows(desk, "")}
    assert standing == {"88202": ("SHORT_CODE", False), "447860041117": ("VIRTUAL_LONG_NUMBER", True)}
    assert desk.sandbox.infobip().owned() == {"+447860041117"}


def test_both_paths_lead_to_one_account(desk: Desk) -> None:
    desk.buy(NUMBER)
    assert desk.numbers("GET", base="numbers").json() == desk.numbers("GET").json()


def test_the_newer_path_sells_american_numbers_by_number_only(desk: Desk) -> None:
    key = desk.key("12125550123")
    assert desk.numbers("POST", body={"numberKey": key}, base="numbers").status_code == 400
    assert desk.numbers("POST", body={"number": NUMBER}, base="numbers").status_code == 400
    assert desk.numbers("POST", body={"number": "12125550123"}, base="sms").status_code == 400
    bought = desk.numbers("POST", body={"number": "12125550123"}, base="numbers").json()
    assert (bought["number"], bought["price"]["currency"]) == ("12125550123", "USD")
    assert desk.numbers("POST", body={"numberKey": desk.key(NUMBER)}, base="numbers").status_code == 200


@pytest.mark.parametrize(
    ("query", "some", "none"),
    [
        ("country=RO", "40371700050", NUMBER),
        ("capabilities=VOICE", "493023125000", "79029555525"),
        ("capabilities=SMS,VOICE", "40371700050", "493023125000"),
        ("number=4930", "493023125000", NUMBER),
    ],
)
def test_the_filters_of_the_stock_narrow_it(desk: Desk, query: str, some: str, none: str) -> None:
    found = numbers(desk, f"/available?{query}&limit=1000&page=0") + numbers(
        desk, f"/available?{query}&limit=1000&page=1"
    )
    assert some in found
    assert none not in found


@pytest.mark.parametrize(
    ("match", "part", "count"),
    [("contains", "0900125", 1), ("prefix", "0900125", 0), ("prefix", "44770090012", 10), ("exact", "44770090012", 0)],
)
def test_the_number_filter_matches_as_the_switch_says(match: str, part: str, count: int) -> None:
    assert len(numbers(desk_with(number_match=match), f"/available?number={part}")) == count


def test_fifty_rows_come_unless_more_are_asked_for(desk: Desk) -> None:
    first = desk.numbers("GET", "/available?country=GB").json()
    assert (len(first["numbers"]), first["numberCount"]) == (50, 1000)
    assert [len(page) for page in pages(desk, 400)] == [400, 400, 200, 0]


@pytest.mark.parametrize("cap", [50, 20])
def test_a_page_is_never_larger_than_the_cap(cap: int) -> None:
    assert len(numbers(desk_with(page_cap=cap), "/available?country=GB&limit=1000")) == cap


def test_pages_may_repeat_a_row_miss_one_or_never_end() -> None:
    honest = [number for page in pages(desk_with(), 400) for number in page]
    repeated = [number for page in pages(desk_with(paging="repeated"), 400) for number in page]
    shifting = [number for page in pages(desk_with(paging="shifting"), 400) for number in page]
    assert len(set(honest)) == 1000
    assert len(repeated) > len(set(repeated))
    assert len(set(shifting)) < 1000
    assert all(pages(desk_with(paging="endless"), 400))


def test_the_count_and_the_page_size_may_be_wrong() -> None:
    assert desk_with(paging="wrong-count").numbers("GET").json()["numberCount"] == 5
    assert len(numbers(desk_with(paging="size-ignored"), "/available?country=GB&limit=400")) == 20


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "page=-1"])
def test_a_page_that_cannot_be_is_refused(desk: Desk, query: str) -> None:
    assert desk.numbers("GET", f"?{query}").status_code == 400


@pytest.mark.parametrize("lag", [5, 120, 900])
def test_the_owned_list_may_lag_behind_a_purchase_which_its_key_shows_at_once(lag: int) -> None:
    desk = desk_with(list_lag_seconds=lag)
    desk.buy(NUMBER)
    desk.clock.sleep(lag - 1)
    assert NUMBER not in numbers(desk, "")
    assert desk.numbers("GET", "/" + quote(desk.sandbox.infobip().key_of(TN), safe="")).status_code == 200
    desk.clock.sleep(1)
    assert NUMBER in numbers(desk, "")


def test_an_account_that_owns_numbers_may_list_none() -> None:
    desk = desk_with(list_hidden=True)
    desk.buy(NUMBER)
    assert desk.numbers("GET").json() == {"numbers": [], "numberCount": 0}


def test_the_documented_limits_answer_429_with_the_seconds_to_wait() -> None:
    desk = desk_with(rate_limits="documented")
    answers = [desk.numbers("GET") for _ in range(3)]
    assert [response.status_code for response in answers] == [200, 200, 429]
    assert answers[2].headers["Retry-After"] == "1"
    desk.clock.sleep(1)
    assert desk.numbers("GET").status_code == 200
    assert [desk.numbers("GET", "/NOSUCHKEY").status_code for _ in range(11)] == [404] * 10 + [429]


@pytest.mark.parametrize("scheme", ["App", "Basic", "Bearer", "IBSSO"])
def test_every_documented_scheme_is_accepted_and_no_other(desk: Desk, scheme: str) -> None:
    path = "/infobip/sms/1/numbers"
    assert desk.send("GET", path, headers={"Authorization": f"{scheme} x"}).status_code == 200
    assert desk.send("GET", path, headers={"Authorization": f"My{scheme} x"}).status_code == 401
    assert desk.send("GET", path, headers={"Authorization": scheme}).status_code == 401


def test_a_credential_that_expires_gets_401_and_a_new_one_does_not(desk: Desk) -> None:
    desk.sandbox.infobip().expire("key-1")
    refused = desk.numbers("GET")
    assert refused.status_code == 401
    assert refused.json()["requestError"]["serviceException"]["messageId"] == "UNAUTHORIZED"
    assert desk.send("GET", "/infobip/sms/1/numbers", headers={"Authorization": "App key-2"}).status_code == 200
    assert "key-1" not in str(desk.sandbox.snapshot())


def test_edits_by_hand_show_at_once(desk: Desk) -> None:
    carrier = desk.sandbox.infobip()
    carrier.portal_buy(TN)
    assert NUMBER in numbers(desk, "")
    carrier.portal_release(TN)
    assert NUMBER not in numbers(desk, "")
    assert carrier.offered(TN)
