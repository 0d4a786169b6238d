"""iNumbering: what the answers to orders, registrations, releases and routes prove."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from inumbering_forms import (
    DIALECTS,
    MINE,
    OK,
    OTHER,
    TN,
    assignment,
    brand,
    campaign,
    number,
)
from provider_bench import INUMBERING, REFERENCE, SIBLING, Bench, canned, step

from reconciler.model import Action, Kind, Verdict
from reconciler.sandbox import Event, INumberingSwitches

# Orders


def ordered(status: int, body: Any) -> Any:
    return canned(INUMBERING, lambda _request: (status, body)).perform(step(Action.CREATE, number()), REFERENCE)


@pytest.mark.parametrize(
    ("status", "body", "verdict"),
    [
        (200, {**OK, "orderId": "1717171717"}, Verdict.OK),
        (201, {**OK, "orderId": 17}, Verdict.OK),
        (200, {"status": "SUCCESS", "statusCode": 200, "orderId": "17"}, Verdict.OK),
        (200, {**OK, "orderId": None}, Verdict.MAYBE),
        (200, {**OK, "orderId": ""}, Verdict.MAYBE),
        (200, {**OK, "orderId": True}, Verdict.MAYBE),
        (200, OK, Verdict.MAYBE),
        (200, {"status": "Success", "orderId": "17"}, Verdict.MAYBE),
        (200, {"statusCode": "200", "orderId": "17"}, Verdict.MAYBE),
        (200, {"status": "Pending", "statusCode": "200", "orderId": "17"}, Verdict.MAYBE),
        (200, {"status": "Error", "statusCode": "200", "orderId": None}, Verdict.MAYBE),
        (200, [], Verdict.MAYBE),
        (400, {**OK, "orderId": "17"}, Verdict.MAYBE),
        (200, {"status": "TN is on an existing order", "statusCode": "200", "orderId": None}, Verdict.REJECTED),
        (409, {"status": "Error", "statusCode": "409", "message": "TN on an  existing order"}, Verdict.REJECTED),
        (200, {"status": "Error", "statusCode": "409", "orderId": "17"}, Verdict.MAYBE),
        (409, {"status": "TN on an existing order", "statusCode": "409", "orderId": "17"}, Verdict.MAYBE),
        (302, {"status": "Error", "statusCode": "409"}, Verdict.MAYBE),
        (500, {"status": "TN is on an existing order", "statusCode": "409"}, Verdict.MAYBE),
        (408, "", Verdict.MAYBE),
        (409, "", Verdict.MAYBE),
        (404, "", Verdict.REJECTED),
        (400, "", Verdict.REJECTED),
        (425, "", Verdict.MAYBE),
    ],
)
def test_an_order_is_judged_by_its_body(status: int, body: Any, verdict: Verdict) -> None:
    assert ordered(status, body).verdict is verdict


ORDERED = {**OK, "orderId": "17"}


@pytest.mark.parametrize(
    "told",
    [
        {"tn": "2015550999"},
        {"tnList": {"tnItem": [{"tn": "2015550999"}]}},
        {"numbers": [{"number": 2015550999}]},
        {"numbers": ["12015550999"]},
        {"message": "TN 2015550999 ordered"},
    ],
)
def test_an_order_that_is_answered_about_another_number_is_a_maybe_that_names_it(told: dict[str, Any]) -> None:
    reply = ordered(200, {**ORDERED, **told})
    assert (reply.verdict, reply.about) == (Verdict.MAYBE, "+12015550999")
    assert reply.message == f"the answer names +12015550999 in place of {TN}"


@pytest.mark.parametrize(
    "told",
    [
        {"numbers_error": [{"number": 2015550123, "error": "excluded"}]},
        {"message": "Order failed: insufficient funds"},
        {"message": "No TNs were ordered"},
        {"message": "TN 2015550123 is not available"},
        {"error": "TN not available"},
        {"errors": [{"tn": "2015550123", "message": "taken"}]},
        {"failed": ["2015550123"]},
        {"numbers_failed": {"2015550123": "Number not found on account"}},
        {"tnList": {"tnItem": [{"tn": 2015550123, "status": "Error", "statusCode": "409"}]}},
        {"result": "REJECTED"},
        {"success": False},
        {"quantity": 0},
        {"orderId": 0},
        {"orderId": "null"},
        {"orderId": "None"},
    ],
)
def test_an_order_whose_success_says_that_it_failed_or_has_no_id_is_a_maybe(told: dict[str, Any]) -> None:
    assert ordered(200, {**ORDERED, **told}).verdict is Verdict.MAYBE


@pytest.mark.parametrize(
    "told",
    [
        {"tnList": {"tnItem": [{"tn": 2015550123}]}},
        {"message": "TN 2015550123 ordered, order 2023010112"},
        {"customerOrderReference": REFERENCE, "orderId": "2023010112"},
        {"numbers_failed": [], "message": "Thank you. 0 failed."},
        {"error": None, "errors": [], "numbers_error": {}, "errorCount": 0, "success": True},
        {"message": "Operation completed.", "failover": "4", "result": "COMPLETED"},
        {"errorCode": "000", "errorMessage": "Success.", "errorDescription": "N/A", "error": "No error"},
        {"failed": "no failures", "message": "Completed without errors"},
        {"message": "Order placed. Please do not resubmit; don't retry."},
    ],
)
def test_an_order_that_is_answered_about_the_very_number_is_done(told: dict[str, Any]) -> None:
    assert ordered(200, {**ORDERED, **told}).verdict is Verdict.OK


def assigned(body: Any, *tns: str) -> Any:
    provider = canned(INUMBERING, lambda _request: (200, body))
    return provider.perform(step(Action.CREATE, *map(assignment, tns)), REFERENCE)


@pytest.mark.parametrize(
    ("told", "one", "two"),
    [
        ({}, Verdict.OK, Verdict.OK),
        ({"tnList": {"tnItem": [{"tn": "2015550123"}]}}, Verdict.OK, Verdict.PARTIAL),
        ({"tnFeature": {"messaging": {"tnCampaign": "CACME01"}}}, Verdict.OK, Verdict.OK),
        ({"tnFeature": {"messaging": {"tnCampaign": "COTHER1"}}}, Verdict.MAYBE, Verdict.PARTIAL),
        ({"tnList": {"tnItem": [{"tn": "2015550999"}]}}, Verdict.MAYBE, Verdict.PARTIAL),
        ({"numbers_error": [{"number": 2015550123, "error": "not on account"}]}, Verdict.MAYBE, Verdict.PARTIAL),
        ({"numbers_failed": {"2015550123": "Campaign ID Status: CAMPAIGN_EXPIRED"}}, Verdict.MAYBE, Verdict.PARTIAL),
        ({"errors": [{"number": "2015550123"}]}, Verdict.MAYBE, Verdict.PARTIAL),
        ({"failed": ["2015550123"]}, Verdict.MAYBE, Verdict.PARTIAL),
    ],
)
def test_an_assignment_is_done_only_as_far_as_its_answer_is_about_it(
    told: dict[str, Any], one: Verdict, two: Verdict
) -> None:
    assert assigned({**ORDERED, **told}, TN).verdict is one
    assert assigned({**ORDERED, **told}, TN, OTHER).verdict is two


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("TN 2015550123 already exists in campaign cother1", Verdict.REJECTED),
        ("TN 2015550123 already exists in campaign cotherx", Verdict.REJECTED),
        ("TN 2015550123 already exists in campaign cacme01", Verdict.OK),
        ("TN 2015550999 already exists in campaign CACME01", Verdict.MAYBE),
        ("TN 2015550123 is already assigned to another campaign", Verdict.REJECTED),
        ("The number exists on another account", Verdict.REJECTED),
        ("An order exists that removes this number from its campaign", Verdict.REJECTED),
    ],
)
def test_an_assignment_that_exists_is_no_success_in_another_campaign_or_of_another_number(
    text: str, verdict: Verdict
) -> None:
    assert assigned({"status": "Error", "statusCode": "409", "message": text}, TN).verdict is verdict


def test_a_number_that_exists_under_another_campaign_is_not_in_ours_whatever_the_code() -> None:
    body = {"status": "Error", "statusCode": "470", "message": "TN exists in another campaign"}
    assert assigned(body, TN).verdict is Verdict.REJECTED


@pytest.mark.parametrize(
    ("resource", "told"),
    [(brand(), "messagingBrandId"), (campaign(), "externalCampaignId"), (campaign(), "campaignId")],
)
def test_a_registration_that_is_answered_about_another_id_is_a_maybe(resource: Any, told: str) -> None:
    def registered(name: str) -> Any:
        provider = canned(INUMBERING, lambda _request: (200, {**OK, told: name}))
        return provider.perform(step(Action.CREATE, resource), REFERENCE)

    assert registered("BOTHER1").verdict is Verdict.MAYBE
    assert registered("BOTHER1").message == f"the answer names BOTHER1 in place of {resource.attrs['id']}"
    assert registered(resource.attrs["id"].lower()).verdict is Verdict.OK


@pytest.mark.parametrize("resource", [brand(), campaign()], ids=lambda r: str(r.address))
@pytest.mark.parametrize("code", ["470", "409"])
def test_what_exists_on_another_account_is_not_registered_on_ours(resource: Any, code: str) -> None:
    body = {"status": "Error", "statusCode": code, "message": "It already exists on another account"}
    provider = canned(INUMBERING, lambda _request: (200, body))
    assert provider.perform(step(Action.CREATE, resource), REFERENCE).verdict is Verdict.REJECTED


@pytest.mark.parametrize("resource", [brand(), campaign()], ids=lambda r: str(r.address))
@pytest.mark.parametrize("told", [{"errors": ["nothing registered"]}, {"error": "x"}, {"message": "Nothing was added"}])
def test_a_registration_whose_success_holds_an_error_is_a_maybe(resource: Any, told: dict[str, Any]) -> None:
    provider = canned(INUMBERING, lambda _request: (200, {**OK, **told}))
    assert provider.perform(step(Action.CREATE, resource), REFERENCE).verdict is Verdict.MAYBE


@pytest.mark.parametrize("http", [True, False])
@pytest.mark.parametrize(
    ("code", "verdict"),
    [(code, Verdict.REJECTED) for code in (400, 401, 403, 408, 409, 414, 417, 422, 432)]
    + [(code, Verdict.MAYBE) for code in (299, 410, 411, 425, 430, 431, 470, 499, 500, 503)],
)
def test_each_body_code_of_an_order_has_its_verdict_in_both_dialects(code: int, verdict: Verdict, http: bool) -> None:
    body = {"status": "Error", "statusCode": str(code), "message": "whatever"}
    assert ordered(code if http and code >= 400 else 200, body).verdict is verdict


def test_an_order_names_the_number_as_an_integer_with_its_route_and_our_reference() -> None:
    sent: list[Any] = []

    def answer(request: Any) -> tuple[int, Any]:
        sent.append((request.url, json.loads(request.body)))
        return 200, {**OK, "orderId": "1"}

    canned(INUMBERING, answer).perform(step(Action.CREATE, number(route=4)), REFERENCE)
    [(url, body)] = sent
    assert url.endswith("/v2/iNumbering/tnOrder/")
    items = {"tnItem": [{"tn": 2015550123, "route": 4}]}
    assert body.pop("apikey")
    assert body == {"tnOrder": {"customerOrderReference": REFERENCE, "tnList": items}}


@pytest.mark.parametrize("switches", DIALECTS)
def test_a_number_that_a_rival_took_is_refused_in_every_dialect(switches: INumberingSwitches) -> None:
    bench = Bench(INUMBERING, switches)
    bench.carrier.rival_buys(TN)
    reply = bench.provider.perform(step(Action.CREATE, number()), REFERENCE)
    assert reply.verdict is Verdict.REJECTED
    assert "not available" in reply.message


@pytest.mark.parametrize("manner", ["200-null", "409"])
def test_ordering_again_is_refused_with_the_words_of_an_existing_order(manner: str) -> None:
    bench = Bench(INUMBERING, INumberingSwitches(order_again=manner))
    bench.provider.perform(step(Action.CREATE, number()), REFERENCE)
    again = bench.provider.perform(step(Action.CREATE, number()), REFERENCE)
    assert again.verdict is Verdict.REJECTED
    assert "existing order" in again.message
    assert len(bench.sandbox.ledger.charges()) == 1


# Brands, campaigns, assignments


@pytest.mark.parametrize("switches", DIALECTS)
@pytest.mark.parametrize("manner", ["470", "409", "200"])
def test_a_brand_or_campaign_that_exists_is_success(switches: INumberingSwitches, manner: str) -> None:
    bench = Bench(INUMBERING, replace(switches, brand_exists=manner, campaign_exists=manner))
    for resource in (brand(), campaign(), brand(), campaign()):
        assert bench.provider.perform(step(Action.CREATE, resource), REFERENCE).verdict is Verdict.OK
    assert len(bench.sandbox.ledger.find(Event.BRAND)) == 1


@pytest.mark.parametrize("switches", DIALECTS)
def test_a_campaign_of_an_unknown_brand_is_refused(switches: INumberingSwitches) -> None:
    assert Bench(INUMBERING, switches).provider.perform(step(Action.CREATE, campaign()), REFERENCE).verdict is (
        Verdict.REJECTED
    )


@pytest.mark.parametrize("switches", DIALECTS)
def test_a_batch_of_assignments_is_one_call_and_may_succeed_in_part(switches: INumberingSwitches) -> None:
    bench = Bench(INUMBERING, switches)
    bench.carrier.book["campaigns"]["CACME01"] = {}
    for tn in (TN, OTHER):
        bench.carrier.portal_buy(tn)
    whole = bench.provider.perform(step(Action.CREATE, assignment(), assignment(OTHER)), REFERENCE)
    assert (whole.verdict, bench.provider.http.writes) == (Verdict.OK, 1)
    assert whole.reference
    part = bench.provider.perform(step(Action.UPDATE, assignment(), assignment(MINE)), REFERENCE)
    assert part.verdict is Verdict.PARTIAL
    assert bench.provider.capabilities.batches[Kind.ASSIGNMENT] == 1000


def test_an_assignment_without_an_order_id_is_a_maybe() -> None:
    provider = canned(INUMBERING, lambda _request: (200, {**OK, "orderId": None}))
    assert provider.perform(step(Action.CREATE, assignment()), REFERENCE).verdict is Verdict.MAYBE


# Releases and routes


@pytest.mark.parametrize("switches", DIALECTS)
def test_a_release_is_done_refused_with_its_reason_or_left_open(switches: INumberingSwitches) -> None:
    bench = Bench(SIBLING, switches)
    bench.carrier.portal_buy(TN)
    bench.carrier.portal_port(TN)
    porting = bench.provider.perform(step(Action.DELETE, number()), REFERENCE)
    assert porting.verdict is Verdict.REJECTED
    assert "porting" in porting.message
    bench.carrier.book["porting"].clear()
    assert bench.provider.perform(step(Action.DELETE, number()), REFERENCE).verdict is Verdict.OK
    assert TN not in bench.carrier.owned()


@pytest.mark.parametrize(
    ("status", "body", "verdict"),
    [
        (200, {**OK, "numbers": [{"number": "2015550123"}]}, Verdict.OK),
        (200, {**OK, "numbers": [{"number": 12015550123}]}, Verdict.OK),
        (200, {**OK, "numbers": [{"number": "2015550124"}]}, Verdict.MAYBE),
        (200, {**OK, "numbers": []}, Verdict.MAYBE),
        (200, {**OK, "numbers": "Not Found"}, Verdict.MAYBE),
        (200, OK, Verdict.MAYBE),
        (409, {"status": "Error", "statusCode": "409", "numbers_error": [{"number": "2015550124"}]}, Verdict.MAYBE),
        (409, {"status": "Error", "statusCode": "409", "numbers_success": [{"number": "2015550123"}]}, Verdict.OK),
        (409, {"status": "Error", "statusCode": "409", "numbers_success": None}, Verdict.MAYBE),
        (404, {"status": "Error", "statusCode": "404", "message": "Not Found"}, Verdict.MAYBE),
        (400, {"status": "Error", "statusCode": "400", "message": "Field Required"}, Verdict.REJECTED),
        (502, {**OK, "numbers": [{"number": "2015550123"}]}, Verdict.MAYBE),
        (200, {**OK, "numbers": [{"number": "2015550123", "status": "Error"}]}, Verdict.MAYBE),
        (200, {**OK, "numbers": [{"number": "2015550123", "removed": False}]}, Verdict.MAYBE),
        (200, {**OK, "numbers": [{"number": "2015550123", "error": "port pending"}]}, Verdict.MAYBE),
        (200, {**OK, "numbers": [{"number": "2015550123"}], "errors": [{"number": "2015550123"}]}, Verdict.MAYBE),
        (200, {**OK, "numbers": [{"number": "2015550123"}], "numbers_failed": {"2015550123": "busy"}}, Verdict.MAYBE),
        (200, {**OK, "numbers": [{"number": "2015550123"}], "message": "The number was not removed."}, Verdict.MAYBE),
        (
            200,
            {**OK, "numbers": [{"number": "2015550123"}], "message": "The number is currently porting."},
            Verdict.MAYBE,
        ),
        (200, {**OK, "numbers": [{"number": "2015550123"}], "message": "Request queued for approval"}, Verdict.MAYBE),
        (
            409,
            {"status": "Error", "statusCode": "409", "numbers_success": [{"number": "2015550123", "removed": False}]},
            Verdict.MAYBE,
        ),
    ],
)
def test_only_a_row_about_the_very_number_proves_its_release(status: int, body: Any, verdict: Verdict) -> None:
    provider = canned(SIBLING, lambda _request: (status, body))
    assert provider.perform(step(Action.DELETE, number()), REFERENCE).verdict is verdict


@pytest.mark.parametrize("switches", DIALECTS)
def test_a_route_is_changed_or_refused_with_its_reason(switches: INumberingSwitches) -> None:
    bench = Bench(SIBLING, switches)
    bench.carrier.portal_buy(TN, 4)
    assert bench.provider.perform(step(Action.UPDATE, number(route=1000)), REFERENCE).verdict is Verdict.OK
    assert bench.carrier.route(TN) == 1000
    refused = bench.provider.perform(step(Action.UPDATE, number(route=77)), REFERENCE)
    assert (refused.verdict, refused.message) == (Verdict.REJECTED, "Invalid Route")


def test_a_route_answer_with_another_route_is_a_maybe() -> None:
    body = {**OK, "numbers": [{"number": "2015550123", "route": 5}]}
    provider = canned(SIBLING, lambda _request: (200, body))
    assert provider.perform(step(Action.UPDATE, number(route=4)), REFERENCE).verdict is Verdict.MAYBE


@pytest.mark.parametrize(
    ("text", "alone", "of_five"),
    [
        ("TN is already assigned to campaign CACME01", Verdict.OK, Verdict.PARTIAL),
        ("TN 2015550123 campaign already exists", Verdict.OK, Verdict.PARTIAL),
        ("TN campaign exists", Verdict.OK, Verdict.PARTIAL),
        ("TN is already in campaign CACME01, cannot assign it twice", Verdict.OK, Verdict.PARTIAL),
        ("TN is already assigned to campaign CACME02", Verdict.REJECTED, Verdict.PARTIAL),
        ("TN is already assigned to C123456, not to CACME01", Verdict.REJECTED, Verdict.PARTIAL),
        ("no such campaign exists", Verdict.REJECTED, Verdict.PARTIAL),
        ("TN no longer exists", Verdict.REJECTED, Verdict.PARTIAL),
        ("TN is not already assigned to CACME01", Verdict.REJECTED, Verdict.PARTIAL),
        ("TN is already on an existing order", Verdict.REJECTED, Verdict.PARTIAL),
        ("TN not on account", Verdict.REJECTED, Verdict.PARTIAL),
    ],
)
@pytest.mark.parametrize(("http", "where"), [(409, "message"), (200, "message"), (409, "status"), (200, "status")])
def test_already_assigned_to_the_declared_campaign_is_no_failure(
    text: str, alone: Verdict, of_five: Verdict, http: int, where: str
) -> None:
    body = {"status": "Error", "statusCode": "409", where: text}
    provider = canned(INUMBERING, lambda _request: (http, body))
    one, five = [assignment()], [assignment(f"+1201555012{n}") for n in range(5)]
    assert provider.perform(step(Action.CREATE, *one), REFERENCE).verdict is alone
    assert provider.perform(step(Action.CREATE, *five), REFERENCE).verdict is of_five


def test_the_upstream_text_in_place_of_a_success_is_read_too() -> None:
    body = {"status": "TN is already assigned to campaign CACME01", "statusCode": "200", "orderId": None}
    provider = canned(INUMBERING, lambda _request: (200, body))
    assert provider.perform(step(Action.CREATE, assignment()), REFERENCE).verdict is Verdict.OK


@pytest.mark.parametrize("code", ["401", "403", "408"])
def test_a_batch_that_is_refused_for_the_key_is_not_sent_once_for_each_number(code: str) -> None:
    body = {"status": "Error", "statusCode": code, "message": "Unauthorized"}
    provider = canned(INUMBERING, lambda _request: (200, body))
    reply = provider.perform(step(Action.CREATE, assignment(), assignment(OTHER)), REFERENCE)
    assert reply.verdict is Verdict.REJECTED


@pytest.mark.parametrize("resource", [number(), brand(), campaign(), assignment()], ids=lambda r: str(r.address))
def test_a_refused_write_under_http_200_says_the_code_of_the_body(resource: Any) -> None:
    body = {"status": "Error", "statusCode": "414", "message": "Fields Are Required"}
    reply = canned(INUMBERING, lambda _request: (200, body)).perform(step(Action.CREATE, resource), REFERENCE)
    assert (reply.verdict, reply.message) == (Verdict.REJECTED, "Fields Are Required (code 414)")
    reply = canned(INUMBERING, lambda _request: (414, body)).perform(step(Action.CREATE, resource), REFERENCE)
    assert reply.message == "Fields Are Required"


PORTING = "Special Status: The number is currently porting."
ROW = [{"number": "2015550123", "reason": PORTING}]


@pytest.mark.parametrize(
    "body",
    [
        {"statusCode": "409", "numbers_success": None, "numbers_error": ROW},
        {"statusCode": "409", "numbers_success": [{"number": "2015550124"}], "numbers_error": ROW},
        {"statusCode": "409", "numbers_success": [], "numbers_failed": ROW},
        {"statusCode": "409", "message": PORTING},
        {"statusCode": 400, "message": PORTING},
        {"statusCode": "404", "status": PORTING},
    ],
)
@pytest.mark.parametrize("http", [200, 409])
def test_a_release_that_is_refused_for_a_port_is_a_persons(http: int, body: Any) -> None:
    provider = canned(SIBLING, lambda _request: (http, {"status": "Error", **body}))
    reply = provider.perform(step(Action.DELETE, number()), REFERENCE)
    assert (reply.verdict, reply.person, "porting" in reply.message) == (Verdict.REJECTED, True, True)


def test_a_number_among_the_released_and_among_the_refused_is_a_maybe() -> None:
    body = {"status": "Error", "statusCode": "409", "numbers_success": ROW, "numbers_error": ROW}
    reply = canned(SIBLING, lambda _request: (409, body)).perform(step(Action.DELETE, number()), REFERENCE)
    assert (reply.verdict, reply.person) == (Verdict.MAYBE, False)


@pytest.mark.parametrize("action", [Action.DELETE, Action.UPDATE])
def test_an_answer_about_another_number_says_which(action: Action) -> None:
    body = {**OK, "numbers": [{"number": "2015550124", "route": 4}]}
    provider = canned(SIBLING, lambda _request: (200, body))
    reply = provider.perform(step(action, number(route=4)), REFERENCE)
    assert (reply.verdict, reply.about) == (Verdict.MAYBE, OTHER)
