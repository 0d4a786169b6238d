"""iNumbering: what lists, campaigns, searches and counts prove."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from inumbering_forms import (
    ASSIGNMENT,
    DIALECTS,
    NUMBER,
    OK,
    OTHER,
    TN,
    assignment,
    campaign,
    number,
)
from provider_bench import INUMBERING, SIBLING, Bench, canned, purchase, want

from reconciler.errors import CarrierError
from reconciler.model import Address, Kind, Resource
from reconciler.model.fleet import SecretRef
from reconciler.sandbox import INumberingSwitches, VirtualClock


def listed(body: Any, *wanted: Resource, status: int = 200) -> Any:
    return canned(SIBLING, lambda _request: (status, body)).observe(wanted or [number()])


@pytest.mark.parametrize("status", [200, 404])
def test_an_empty_account_is_a_string_under_404_in_both_dialects(status: int) -> None:
    seen = listed({"status": "Error", "statusCode": "404", "numbers": "Not Found"}, status=status)
    assert not seen.found
    assert not seen.unresolved


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, ""),
        (404, {"status": "Error", "statusCode": "404", "message": "Not Found"}),
        (404, {"status": "Error", "statusCode": "404", "numbers": "Gone"}),
        (200, {**OK, "numbers": "Not Found"}),
        (200, {**OK, "numbers": None}),
        (200, {**OK, "numbers": {}}),
        (200, {**OK, "numbers": ["2015550123"]}),
        (200, {**OK, "numbers": [{"tn": "2015550123", "route": "4"}]}),
        (200, {"numbers": []}),
        (200, {**OK}),
        (200, {**OK, "numbers": [], "error": "db down"}),
        (200, {**OK, "numbers": [], "success": False}),
        (200, {**OK, "numbers": [], "message": "Internal error, try again"}),
        (200, {**OK, "numbers": [], "errorMessage": "db down"}),
        (206, {**OK, "numbers": []}),
        (503, {"status": "Error", "statusCode": "404", "numbers": "Not Found"}),
        (302, {"status": "Error", "statusCode": "404", "numbers": "Not Found"}),
        (429, {"status": "Error", "statusCode": "404", "numbers": "Not Found"}),
        (200, {**OK, "numbers": [], "numbers_error": [{"number": 2015550123, "error": "x"}]}),
        (400, {**OK, "numbers": []}),
        (200, {"status": "Error", "statusCode": "401", "message": "Unauthorized"}),
    ],
)
def test_a_malformed_list_is_unresolved_not_empty(status: int, body: Any) -> None:
    assert set(listed(body, status=status).unresolved) == {NUMBER}
    everything = canned(SIBLING, lambda _request: (status, body)).observe([])
    assert set(everything.unresolved) == {Address(Kind.NUMBER, "*")}


def test_numbers_of_another_form_are_left_out_of_the_list() -> None:
    rows = [{"number": "88202", "route": "4"}, {"number": None, "route": "4"}, {"number": 2015550123, "route": 4}]
    seen = listed({**OK, "numbers": rows}, number(OTHER))
    assert {address: dict(live.attrs) for address, live in seen.found.items()} == {NUMBER: {"route": 4}}


@pytest.mark.parametrize("route", ["", None, "x", -1, "4.0", True])
def test_a_route_that_is_no_number_is_unresolved_only_where_a_route_is_wanted(route: Any) -> None:
    body = {**OK, "numbers": [{"number": "2015550123", "route": route}], "gateways": []}
    assert set(listed(body, number(route=4)).unresolved) == {NUMBER}
    seen = listed(body, number())
    assert not seen.unresolved
    assert dict(seen.found[NUMBER].attrs) == {}


def test_gateways_are_asked_for_only_where_a_route_is_wanted() -> None:
    bench = Bench(SIBLING)
    bench.carrier.portal_buy(TN)
    assert bench.observe(number()).gateways is None
    gateways = bench.observe(number(route=4)).gateways
    assert gateways is not None
    assert {4, 1000} <= gateways


def test_gateways_that_cannot_be_read_give_a_notice_and_no_claim() -> None:
    bench = Bench(SIBLING)
    bench.carrier.portal_buy(TN)
    bench.plant("500", call="gatewaysList", times=None)
    seen = bench.observe(number(route=4))
    assert (seen.gateways, set(seen.found)) == (None, {NUMBER})
    assert "500" in seen.notices[0]


@pytest.mark.parametrize("digits", ["10", "11"])
def test_assignments_are_read_from_the_campaigns(digits: str) -> None:
    bench = Bench(SIBLING, INumberingSwitches(campaign_number_digits=digits))
    bench.carrier.book["campaigns"].update({"CACME01": {}, "CACME02": {}})
    bench.carrier.book["assignments"][TN] = {"campaign": "CACME02", "at": 0}
    seen = bench.observe(assignment(), assignment(OTHER), campaign("CACME02"))
    assert dict(seen.found[ASSIGNMENT].attrs) == {"campaign": "CACME02"}
    assert Address(Kind.ASSIGNMENT, OTHER) not in seen.found
    assert seen.calls == 1


def test_an_assignment_whose_campaign_nobody_knows_is_unresolved() -> None:
    bench = Bench(SIBLING)
    seen = bench.observe(want(Kind.ASSIGNMENT, TN))
    assert set(seen.unresolved) == {ASSIGNMENT}
    assert seen.calls == 0


def test_a_number_in_two_campaigns_is_shown_in_the_wanted_one() -> None:
    body = {**OK, "campaign_numbers": {"CACME00": ["12015550123"], "CACME01": ["12015550123"]}}
    assert dict(listed(body, assignment()).found[ASSIGNMENT].attrs) == {"campaign": "CACME01"}


def test_a_campaign_that_is_in_the_map_without_numbers_has_none() -> None:
    seen = Bench(SIBLING, INumberingSwitches(unknown_campaign="empty")).observe(assignment())
    assert not seen.found
    assert not seen.unresolved


@pytest.mark.parametrize("told", [{}, [], {"CACME02": ["12015550123"]}, {"CACME01": None}, {"CACME01": "none"}])
def test_a_campaign_that_the_map_lacks_is_unresolved_and_not_without_numbers(told: Any) -> None:
    seen = listed({**OK, "campaign_numbers": told}, assignment())
    assert (set(seen.found) & {ASSIGNMENT}, set(seen.unresolved)) == (set(), {ASSIGNMENT})


@pytest.mark.parametrize("form", ["12015550123", "2015550123", 12015550123, 2015550123, "+12015550123"])
@pytest.mark.parametrize("shape", [lambda tn: [tn], lambda tn: {"0": tn}])
def test_each_form_of_a_number_in_the_campaign_map_is_read(form: Any, shape: Any) -> None:
    seen = listed({**OK, "campaign_numbers": {"CACME01": shape(form)}}, assignment())
    assert dict(seen.found[ASSIGNMENT].attrs) == {"campaign": "CACME01"}


def test_a_refusal_for_one_campaign_leaves_only_its_own_assignments_unread() -> None:
    bench = Bench(SIBLING, INumberingSwitches(unknown_campaign="400"))
    bench.carrier.book["campaigns"]["CACME01"] = {}
    bench.carrier.book["assignments"][TN] = {"campaign": "CACME01", "at": 0}
    seen = bench.observe(assignment(), assignment(OTHER, "CACME99"))
    assert set(seen.found) == {ASSIGNMENT}
    assert set(seen.unresolved) == {Address(Kind.ASSIGNMENT, OTHER)}


@pytest.mark.parametrize("numbers", [None, [], {"CACME01": "Not Found"}, {"CACME01": None}])
def test_a_malformed_campaign_map_is_unresolved(numbers: Any) -> None:
    assert set(listed({**OK, "campaign_numbers": numbers}, assignment()).unresolved) == {ASSIGNMENT}


# Quotes and searches


@pytest.mark.parametrize("empty", ["430", "empty"])
@pytest.mark.parametrize("switches", DIALECTS)
def test_offered_and_not_offered_are_told_apart_in_every_dialect(switches: INumberingSwitches, empty: str) -> None:
    bench = Bench(INUMBERING, replace(switches, search_empty=empty))
    bench.carrier.rival_buys(OTHER)
    quotes = bench.provider.quote([TN, OTHER])
    assert set(quotes.offered) == {TN}
    assert quotes.offered[TN].price is None
    assert not quotes.unresolved
    assert (quotes.calls, quotes.answered) == (2, bench.clock.now())


@pytest.mark.parametrize(
    "body",
    [
        {"status": "Error", "statusCode": "409", "message": "Invalid"},
        {**OK},
        {**OK, "tnResult": "none"},
        {**OK, "tnResult": None, "errors": ["backend unavailable"]},
        {**OK, "tnResult": None, "success": False},
        {**OK, "tnResult": [], "message": "Backend temporarily unavailable"},
        {**OK, "tnResult": [{"tn": "2015550123"}]},
        {**OK, "tnResult": [{"telephoneNumber": "2015550199"}]},
        {"tnResult": []},
    ],
)
def test_a_search_that_proves_nothing_leaves_the_quote_open(body: Any) -> None:
    quotes = canned(INUMBERING, lambda _request: (200, body)).quote([TN])
    assert set(quotes.unresolved) == {TN}
    assert not quotes.offered


def test_an_owned_number_is_found_by_comparing_exactly() -> None:
    bench = Bench(SIBLING)
    bench.carrier.portal_buy(TN, 1000)
    seen = bench.provider.find_owned(purchase(TN, bench.clock))
    assert dict(seen.found[NUMBER].attrs) == {"route": 1000}
    assert (seen.calls, seen.answered) == (1, bench.clock.now())
    assert not bench.provider.find_owned(purchase(OTHER, bench.clock)).found


def test_a_list_by_number_that_has_other_numbers_proves_nothing() -> None:
    stranger = {**OK, "numbers": [{"number": "2015550124", "route": "4"}]}
    seen = canned(SIBLING, lambda _request: (200, stranger)).find_owned(purchase(TN, VirtualClock()))
    assert set(seen.unresolved) == {NUMBER}
    assert not seen.found


def test_a_search_passes_its_fields_and_an_error_names_status_code_and_words() -> None:
    bench = Bench(INUMBERING, INumberingSwitches(errors_as="body"))
    query = {"tn_mask": "201xxxxxxx", "province": "NJ", "rate_center": "HOBOKEN", "lata": "224"}
    assert {offer.row["rateCenter"] for offer in bench.provider.search(query, 9)} == {"HOBOKEN"}
    with pytest.raises(CarrierError, match=r"account could not answer tnInventory: HTTP 200: .*tnMask.* \(code 409\)"):
        bench.provider.search({"tn_mask": "nonsense"}, 1)


@pytest.mark.parametrize("form", ["body", "http"])
def test_a_refused_credential_is_named_by_where_it_is_kept(form: str) -> None:
    key = {"api_key": SecretRef("env", ("INUMBERING_API_KEY",))}
    bench = Bench(replace(INUMBERING, credentials=key), INumberingSwitches(errors_as=form))
    bench.plant("401", times=None)
    with pytest.raises(CarrierError) as refused:
        bench.provider.coverage({"count_by": "state"})
    assert refused.value.hint == "check the credential of account (environment variable INUMBERING_API_KEY)"


def test_an_empty_body_is_called_one() -> None:
    silent = canned(INUMBERING, lambda _request: (200, ""))
    with pytest.raises(CarrierError, match="account could not answer tnInventoryCoverage: HTTP 200: an empty body"):
        silent.coverage({"count_by": "state"})


def test_coverage_counts_and_an_empty_one_is_no_error() -> None:
    bench = Bench(INUMBERING)
    rows = bench.provider.coverage({"count_by": "rateCenter", "npa": "201"})
    assert {row["rcAbbre"] for row in rows} == {"HACKENSACK", "HOBOKEN"}
    assert list(bench.provider.coverage({"province": "ZZ"})) == []
    with pytest.raises(CarrierError, match=r"HTTP 409: .*countBy"):
        bench.provider.coverage({"count_by": "moon"})


def test_owned_numbers_fit_by_mask_and_by_the_place_of_their_exchange() -> None:
    bench = Bench(SIBLING)
    for tn in ("+12015550111", "+12125550111", "+19735550111"):
        bench.carrier.portal_buy(tn)

    def fitting(**query: object) -> list[str]:
        return sorted(resource.address.name for resource in bench.provider.owned(query))

    assert fitting() == ["+12015550111", "+12125550111", "+19735550111"]
    assert fitting(tn_mask="xxx55501xX") == fitting()
    assert fitting(tn_mask="201xxxxxxx") == ["+12015550111"]
    assert fitting(province="NJ") == ["+12015550111", "+19735550111"]
    assert fitting(rate_center="HACKENSACK", province="NJ", lata=224) == ["+12015550111"]
    assert fitting(rate_center="HACKENSACK", province="NY") == []
    assert list(Bench(INUMBERING).provider.owned({"province": "NJ"})) == []


def test_owned_numbers_that_cannot_be_listed_are_an_error() -> None:
    provider = canned(SIBLING, lambda _request: (503, ""))
    with pytest.raises(CarrierError, match="HTTP 503"):
        provider.owned({})


@pytest.mark.parametrize("status", [500, 503, 302, 429])
def test_no_result_under_a_servers_error_is_not_believed(status: int) -> None:
    body = {"status": "No result found", "statusCode": "430"}
    quotes = canned(INUMBERING, lambda _request: (status, body)).quote([TN])
    assert (set(quotes.offered), set(quotes.unresolved)) == (set(), {TN})


@pytest.mark.parametrize("message", ["No numbers found", "0 errors", "no error", "Success", "Completed without errors"])
def test_a_search_that_finds_nothing_says_so_in_any_words(message: str) -> None:
    quotes = canned(INUMBERING, lambda _request: (200, {**OK, "tnResult": [], "message": message})).quote([TN])
    assert (set(quotes.offered), set(quotes.unresolved)) == (set(), set())
