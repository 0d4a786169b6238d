from __future__ import annotations

from typing import Any

import pytest
import requests
from sandbox_desk import INUMBERING, Desk

from reconciler.model.fleet import CarrierType
from reconciler.sandbox import AccountSpec, INumberingSwitches, Sandbox, VirtualClock

ACCOUNT = "voicetel"


def desk_with(**settings: Any) -> Desk:
    return Desk({CarrierType.INUMBERING: INumberingSwitches(**settings)})


def search(desk: Desk, **criteria: Any) -> list[str]:
    response = desk.post(f"{INUMBERING}/tnInventory/", **{"tnMask": "xxxxxxxxxx", "quantity": 5000, **criteria})
    return [row["telephoneNumber"] for row in response.json().get("tnResult", [])]


def listed(desk: Desk, **criteria: Any) -> list[str]:
    numbers = desk.post("/v2.1/numbers/list/", **criteria).json()["numbers"]
    return [] if numbers == "Not Found" else [row["number"] for row in numbers]


def code(response: requests.Response) -> str:
    told: str = response.json()["statusCode"]
    return told


def test_a_search_finds_by_mask_and_place(desk: Desk) -> None:
    hackensack = {"tnMask": "201xxxxxxx", "province": "NJ", "rateCenter": "HACKENSACK", "lata": 224}
    found = search(desk, **hackensack)
    assert "2015550123" in found
    assert len(found) == 140
    assert search(desk, **hackensack, quantity=3) == found[:3]
    assert search(desk, tnMask="201555012x") == [f"201555012{n}" for n in range(10)]
    assert len(search(desk, rateCenter="HOBOKEN")) == 2
    assert search(desk, tnMask="201xxxxxxx", province="CA") == []


def test_an_ordered_number_is_ours_charged_and_no_longer_on_offer(desk: Desk) -> None:
    response = desk.order(2015550123, customerOrderReference="abc234")
    assert response.json() == {"status": "Success", "orderId": "1768294800", "statusCode": "200"}
    [charge] = desk.sandbox.ledger.charges(ACCOUNT, "+12015550123")
    assert (charge.reference, charge.price) == ("abc234", None)
    assert desk.sandbox.inumbering().owned() == {"+12015550123"}
    assert search(desk, tnMask="2015550123") == []
    assert listed(desk) == ["2015550123"]


def test_ordering_a_number_again_is_told_in_the_status_of_a_200_without_an_order_id(desk: Desk) -> None:
    desk.order(2015550123)
    again = desk.order(2015550123)
    assert again.status_code == 200
    assert again.json()["orderId"] is None
    assert "existing order" in again.json()["status"]
    assert len(desk.sandbox.ledger.charges()) == 1


def test_a_carrier_that_sells_a_number_twice_shows_in_the_ledger() -> None:
    desk = desk_with(order_again="buys-again")
    assert [code(desk.order(2015550123)) for _ in range(2)] == ["200", "200"]
    assert len(desk.sandbox.ledger.charges(ACCOUNT, "+12015550123")) == 2
    assert [entry.key for entry in desk.sandbox.ledger.double_charges()] == ["+12015550123"]


def test_a_number_that_a_rival_took_is_not_sold(desk: Desk) -> None:
    desk.sandbox.inumbering().rival_buys("+12015550123")
    assert search(desk, tnMask="2015550123") == []
    assert code(desk.order(2015550123)) == "409"
    assert desk.sandbox.ledger.charges() == []


def test_an_order_is_all_or_nothing(desk: Desk) -> None:
    desk.sandbox.inumbering().rival_buys("+12015550124")
    assert code(desk.order(2015550123, 2015550124)) == "409"
    assert desk.sandbox.inumbering().owned() == set()


@pytest.mark.parametrize(
    ("placed", "expected"),
    [
        (None, "400"),
        ({"tnList": {"tnItem": {"tn": 2015550123}}}, "400"),
        ({"tnList": {"tnItem": []}}, "400"),
        ({"tnList": {"tnItem": [{"tn": "2015550123"}]}}, "409"),
        ({"tnList": {"tnItem": [{"tn": 12015550123}]}}, "409"),
        ({"tnList": {"tnItem": [{"tn": 2015550123, "route": 99}]}}, "409"),
        ({"tnList": {"tnItem": [{"tn": 2015550123, "route": "4"}]}}, "409"),
        ({"tnList": {"tnItem": [{"tn": 2015550123}]}, "customerOrderReference": "a<b"}, "410"),
        ({"tnList": {"tnItem": [{"tn": 2015550123}]}, "customerOrderReference": "a" * 51}, "410"),
        ({"tnList": {"tnItem": [{"tn": 2125559999}]}}, "409"),
    ],
)
def test_an_order_that_is_wrong_buys_nothing(desk: Desk, placed: object, expected: str) -> None:
    response = desk.post(f"{INUMBERING}/tnOrder/", tnOrder=placed)
    assert (code(response), response.status_code) == (expected, int(expected))
    assert len(desk.sandbox.ledger) == 0


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        ({"quantity": 1}, "414"),
        ({"tnMask": "201xxxxxxx"}, "414"),
        ({"tnMask": "201", "quantity": 1}, "409"),
        ({"tnMask": "201xxxxxxx", "quantity": "1"}, "409"),
        ({"tnMask": "201xxxxxxx", "quantity": 1, "lata": "224"}, "409"),
        ({"tnMask": "201xxxxxxx", "quantity": 10_000}, "417"),
        ({"tnMask": "907xxxxxxx", "quantity": 1}, "430"),
    ],
)
def test_a_search_that_is_wrong_or_finds_nothing_says_so(desk: Desk, criteria: dict[str, Any], expected: str) -> None:
    assert code(desk.post(f"{INUMBERING}/tnInventory/", **criteria)) == expected


def test_a_cached_search_goes_on_offering_what_was_sold() -> None:
    desk = desk_with(search_cache_seconds=600)
    assert search(desk, tnMask="2015550123") == ["2015550123"]
    desk.order(2015550123)
    desk.clock.sleep(599)
    assert search(desk, tnMask="2015550123") == ["2015550123"]
    desk.clock.sleep(1)
    assert search(desk, tnMask="2015550123") == []


@pytest.mark.parametrize("lag", [5, 120, 900])
def test_the_list_may_lag_behind_an_order(lag: int) -> None:
    desk = desk_with(list_lag_seconds=lag)
    desk.order(2015550123)
    desk.clock.sleep(lag - 1)
    assert listed(desk) == []
    desk.clock.sleep(1)
    assert listed(desk) == ["2015550123"]


def test_the_list_filters_by_part_of_a_number_and_by_route(desk: Desk) -> None:
    desk.order(2015550123)
    desk.order(2015550124)
    desk.sandbox.inumbering().portal_route("+12015550124", 1000)
    assert listed(desk, number=555012) == ["2015550123", "2015550124"]
    assert listed(desk, number=2015550124) == ["2015550124"]
    assert listed(desk, route=1000) == ["2015550124"]
    assert listed(desk, number=9999) == []


def test_an_empty_account_is_a_404_with_a_string_where_a_list_is_due(desk: Desk) -> None:
    response = desk.post("/v2.1/numbers/list/")
    assert response.status_code == 404
    assert response.json() == {"status": "Error", "statusCode": "404", "numbers": "Not Found"}


@pytest.mark.parametrize(("dialect", "status"), [("http", 409), ("body", 200)])
@pytest.mark.parametrize("field", ["message", "status"])
def test_an_error_comes_in_either_dialect(dialect: str, status: int, field: str) -> None:
    desk = desk_with(errors_as=dialect, error_text_in=field)
    response = desk.order(2125559999)
    assert response.status_code == status
    assert response.json()["statusCode"] == "409"
    assert response.json()[field] == "TN 2125559999 is not available"


def test_coverage_counts_what_is_on_offer(desk: Desk) -> None:
    def rows(**criteria: str) -> list[dict[str, Any]]:
        response = desk.post(f"{INUMBERING}/tnInventoryCoverage/", **criteria)
        counted: list[dict[str, Any]] = response.json()["tnInventoryCoverageList"]
        return counted

    fiction = {"npa": "201", "nxx": "555", "lata": "224", "rcAbbre": "HACKENSACK", "locState": "NJ"}
    assert {**fiction, "count": 100} in rows(npa="201")
    desk.order(2015550123)
    assert {**fiction, "count": 99} in rows(npa="201")
    assert {row["locState"] for row in rows(countBy="state", lata="224")} == {"NJ"}
    assert {row["rcAbbre"] for row in rows(countBy="rateCenter", locState="NJ")} == {"HACKENSACK", "HOBOKEN", "NEWARK"}
    assert rows(countBy="block", npa="201", rcAbbre="HOBOKEN")[0]["block"] in "0123456789"


def test_brands_and_campaigns_are_registered_once_under_their_own_ids(desk: Desk) -> None:
    assert [code(response) for response in desk.register()] == ["200", "200"]
    again = desk.register()
    assert [code(response) for response in again] == ["470", "409"]
    assert "already exists" in again[1].json()["message"]
    assert [entry.key for entry in desk.sandbox.ledger] == ["BACME01", "CACME01"]


def test_a_campaign_needs_a_brand_that_is_there_and_an_id_of_seven_characters(desk: Desk) -> None:
    def add(campaign: str, brand: str) -> str:
        fields = {"externalCampaignId": campaign, "messagingBrandId": brand, "campaignDescription": "d"}
        return code(desk.post(f"{INUMBERING}/addMessagingCampaign/", **fields))

    assert [add("CACME01", "BACME01"), add("ACME", "BACME01"), add("CACME01", "ACME")] == ["430", "409", "409"]
    assert add("", "BACME01") == "414"


def test_a_partial_assignment_names_what_failed_and_keeps_the_rest(desk: Desk) -> None:
    desk.register()
    desk.order(2015550123, 2015550124)
    carrier = desk.sandbox.inumbering()
    carrier.exclude("+12015550124")
    response = desk.assign("CACME01", "2015550123", "2015550124")
    assert code(response) == "425"
    assert "2015550124" in response.json()["message"]
    assert (carrier.assignment("+12015550123"), carrier.assignment("+12015550124")) == ("CACME01", None)


def test_an_assignment_may_be_sent_again(desk: Desk) -> None:
    desk.register()
    desk.order(2015550123)
    assert [code(desk.assign("CACME01", "2015550123")) for _ in range(2)] == ["200", "200"]
    assert isinstance(desk.assign("CACME01", "2015550123").json()["orderId"], int)


@pytest.mark.parametrize(
    ("campaign", "tn", "expected"),
    [("CACME01", "2015550123", "409"), ("COTHER1", "2015550123", "409"), ("CACME01", "12015550123", "400")],
)
def test_an_assignment_of_what_is_not_there_is_refused(desk: Desk, campaign: str, tn: str, expected: str) -> None:
    desk.register()
    assert code(desk.assign(campaign, tn)) == expected


def test_numbers_are_disconnected_and_return_to_the_stock(desk: Desk) -> None:
    desk.order(2015550123)
    response = desk.post("/v2.1/numbers/disconnect/", numbers=[{"number": 2015550123}])
    assert response.json()["numbers"] == [{"number": "2015550123"}]
    assert len(desk.sandbox.ledger.releases(ACCOUNT, "+12015550123")) == 1
    assert search(desk, tnMask="2015550123") == ["2015550123"]


def test_a_porting_number_cannot_be_disconnected_while_its_neighbour_can(desk: Desk) -> None:
    desk.order(2015550123, 2015550124)
    desk.sandbox.inumbering().portal_port("+12015550124")
    numbers = [{"number": 2015550123}, {"number": 2015550124}]
    response = desk.post("/v2.1/numbers/disconnect/", numbers=numbers)
    assert response.status_code == 409
    assert "porting" in response.json()["numbers_error"][0]["reason"]
    assert listed(desk) == ["2015550124"]


def test_a_route_is_changed_for_owned_numbers_and_known_routes_only(desk: Desk) -> None:
    desk.order(2015550123)
    carrier = desk.sandbox.inumbering()
    assert code(desk.post("/v2.1/numbers/route/", numbers=[{"number": 2015550123, "route": 1000}])) == "200"
    assert carrier.route("+12015550123") == 1000
    asked = [{"number": 2015550123, "route": 77}, {"number": 2015550124, "route": 1}]
    failed = desk.post("/v2.1/numbers/route/", numbers=asked).json()["numbers_failed"]
    assert [row["message"] for row in failed] == ["Invalid Route", "Failed"]
    assert carrier.route("+12015550123") == 1000


def test_the_campaign_map_has_eleven_digits(desk: Desk) -> None:
    desk.register()
    desk.sandbox.inumbering().portal_buy("+12015550123")
    desk.sandbox.inumbering().portal_assign("+12015550123", "CACME01")
    response = desk.post("/v2.1/messaging/campaigns/", campaignIDs=[{"campaignID": "CACME01"}])
    assert response.json()["campaign_numbers"] == {"CACME01": ["12015550123"]}


def test_without_the_account_api_the_sibling_calls_are_not_there() -> None:
    sandbox = Sandbox({ACCOUNT: AccountSpec(CarrierType.INUMBERING)}, VirtualClock())
    body = b'{"apikey": "key-1"}'
    assert sandbox.exchange("POST", f"/{ACCOUNT}/v2.1/gateways/list/", {}, body).response.status == 404
    assert sandbox.exchange("POST", f"/{ACCOUNT}{INUMBERING}/tnInventory/", {}, body).response.status == 414


def test_a_path_without_its_trailing_slash_and_a_get_reach_nothing(desk: Desk) -> None:
    assert desk.post(f"{INUMBERING}/tnInventory").status_code == 404
    assert desk.send("GET", f"/voicetel{INUMBERING}/tnInventory/").status_code == 404


def test_a_call_without_a_key_says_which_field_is_missing(desk: Desk) -> None:
    response = desk.send("POST", f"/voicetel{INUMBERING}/tnInventory/", json={"tnMask": "201xxxxxxx"})
    assert response.status_code == 401
    assert response.json() == {"status": "Error", "statusCode": "401", "message": "Field Required: apikey"}


def test_a_number_bought_and_released_by_hand_is_in_the_ledger_too(desk: Desk) -> None:
    carrier = desk.sandbox.inumbering()
    carrier.portal_buy("+12015550123")
    carrier.portal_release("+12015550123")
    assert carrier.owned() == set()
    assert [entry.reference for entry in desk.sandbox.ledger.charges()] == ["portal"]
