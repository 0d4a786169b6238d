"""The carriers' documented examples, replayed through the real providers; nothing is sent anywhere.

We hold no accounts, so the cassettes are made from the documents and say so. vcrpy replays and never records; it cannot
stand in for the transport's own connections, so these providers get the plain adapter of ``requests``.
"""

from __future__ import annotations

import inspect
import json
import re
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn, get_type_hints

import pytest
import vcr
from requests.adapters import HTTPAdapter
from vcr.errors import CannotOverwriteExistingCassetteException
from vcr.request import Request

from reconciler.errors import CarrierError
from reconciler.model import (
    NOTHING,
    Action,
    Address,
    Change,
    Intent,
    Kind,
    Price,
    Resource,
    Status,
    Step,
    Unread,
    Verdict,
)
from reconciler.model.fleet import Account, Limits, SecretRef
from reconciler.model.safe_text import WebhookUrl
from reconciler.providers import registry
from reconciler.providers.credentials import Secrets
from reconciler.providers.http.messages import ApiCall
from reconciler.providers.infobip import client as infobip
from reconciler.providers.installed import BUILT_IN
from reconciler.providers.intelepeer import client as intelepeer
from reconciler.providers.inumbering import client as inumbering
from reconciler.sandbox import VirtualClock

Replay = Callable[[Any], None]

CASSETTES = Path(__file__).parents[1] / "cassettes"

SCRUBBED = "SCRUBBED"
SCRUBBED_HEADERS = {"Authorization": lambda value, **_: f"{value.split()[0]} {SCRUBBED}"}
"""Header -> what a cassette has for its value: the scheme is the carrier's to ask for, the rest a placeholder."""
SCRUBBED_FIELDS = {"apikey": SCRUBBED}
"""Field of a JSON body -> its placeholder."""

NAME, REFERENCE = "account", "abcdefghijklmnopqrstuvwx"
_ONE, _TWO = SecretRef("env", ("ONE",)), SecretRef("env", ("TWO",))
_ALONE = Limits(max_in_flight=1)
INTELEPEER = Account(NAME, BUILT_IN["intelepeer"], "https://api.intelepeer.com", {"token": _ONE}, _ALONE)
INUMBERING = Account(NAME, BUILT_IN["inumbering"], "https://api.voicetel.com", {"api_key": _ONE}, _ALONE)
SIBLING = replace(INUMBERING, options={"account_api": True})
_PAIR = {"username": _ONE, "password": _TWO}
INFOBIP = Account(NAME, BUILT_IN["infobip"], "https://api.infobip.com", _PAIR, _ALONE)

DENVER, NEW_JERSEY, LONDON = "+17208675309", "+12015551234", "+447860041117"
OWNED_KEY, OFFERED_KEY = "6FED0BC540BFADD9B05ED7D89AAC22FA", "58B3840032C7774BAC840EEEA2C23A44"
PERCENT_KEY = "3B9D1EACAB7FBDRN%EE03592BFCD6BE"
PLACE = {"province": "NJ", "lata": 224}


def same_json(ours: Request, theirs: Request) -> None:
    """The bodies are the same JSON, in which 1, 1.0 and true differ."""
    assert _canonical(ours.body) == _canonical(theirs.body)


def same_scheme(ours: Request, theirs: Request) -> None:
    """Both are authorized in the same way, whatever the credential."""
    assert ours.headers.get("Authorization") == theirs.headers.get("Authorization")


def _canonical(body: bytes | None) -> str | None:
    return json.dumps(json.loads(body), sort_keys=True) if body else None


def player() -> vcr.VCR:
    """vcrpy, told to replay only."""
    made = vcr.VCR(
        cassette_library_dir=str(CASSETTES),
        record_mode="none",
        match_on=["method", "scheme", "host", "port", "path", "query", "same_json", "same_scheme"],
        filter_headers=list(SCRUBBED_HEADERS.items()),
        filter_post_data_parameters=list(SCRUBBED_FIELDS.items()),
    )
    made.register_matcher("same_json", same_json)
    made.register_matcher("same_scheme", same_scheme)
    return made


@contextmanager
def playing(cassette: str, account: Account) -> Iterator[Any]:
    """A provider of ``account`` that hears this cassette, and must hear all of it."""
    secrets = Secrets(account.credentials, {"ONE": "c4n4ry-one", "TWO": "c4n4ry-two"})
    with player().use_cassette(cassette) as tape:
        yield registry.build(account, secrets, VirtualClock(), writes=True, adapter=HTTPAdapter(), environ={})
        assert tape.all_played, f"{cassette} has answers that nobody asked for"


REPLAYS: dict[str, tuple[Account, Replay]] = {}
"""Cassette -> the account that hears it, and the test that asks."""


def replays(cassette: str, account: Account) -> Callable[[Replay], Replay]:
    """Let ``carrier`` of the test be :func:`playing` this cassette."""

    def mark(test: Replay) -> Replay:
        REPLAYS[cassette] = (account, test)
        return pytest.mark.parametrize("carrier", [(cassette, account)], ids=[cassette], indirect=True)(test)

    return mark


@pytest.fixture
def carrier(request: pytest.FixtureRequest) -> Iterator[Any]:
    with playing(*request.param) as provider:
        yield provider


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object) -> NoReturn:
        raise AssertionError("a cassette test went to the network")

    for remedy in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, remedy, refuse)


def want(kind: Kind, name: str, carrier: Mapping[str, str] = NOTHING, /, **attrs: Any) -> Resource:
    return Resource(Address(kind, name), NAME, attrs, external=carrier)


def step(action: Action, desired: Resource) -> Step:
    change = Change(desired.address, NAME, action, "a test", external=desired.external)
    return Step("1", NAME, action, desired.address.kind, (change,), () if action is Action.DELETE else (desired,))


def verdicts(carrier: Any, action: Action, desired: Resource, times: int) -> list[Verdict]:
    """What the answers to the same step, sent so often, prove."""
    return [carrier.perform(step(action, desired), REFERENCE).verdict for _ in range(times)]


# IntelePeer


@replays("intelepeer-provision-get.yaml", INTELEPEER)
def test_every_documented_state_and_code_of_a_provision_read_is_understood(carrier: Any) -> None:
    sms = want(Kind.SMS, DENVER, enabled=True)
    seen = [carrier.observe([sms]) for _ in range(8)]
    found = [observation.found.get(sms.address) for observation in seen]
    assert [(live.carrier_status, live.status) for live in found if live] == [
        ("requested", Status.ENABLING),
        ("provisioning", Status.ENABLING),
        ("provisioned", Status.ACTIVE),
        ("derequested", Status.DISABLING),
        ("deprovisioning", Status.DISABLING),
        ("error", Status.ERROR),
        ("", Status.FOREIGN),
    ]
    assert seen[6].unresolved == {
        sms.address: Unread("HTTP 400: The telephone number is not in the proper E.164 format.")
    }


@replays("intelepeer-webhook-get.yaml", INTELEPEER)
def test_a_webhook_read_shows_the_enablement_and_a_refused_one_leaves_it_to_the_other_read(carrier: Any) -> None:
    webhook = want(Kind.WEBHOOK, DENVER)
    sms = Address(Kind.SMS, DENVER)
    as_printed = carrier.observe([webhook])
    assert (as_printed.found, set(as_printed.unresolved)) == ({}, {webhook.address})
    seen = [carrier.observe([webhook]).found for _ in range(3)]
    assert seen[0][webhook.address].attrs["url"] == WebhookUrl("https://www.intelepeer.com/")
    assert [found[sms].status for found in seen] == [Status.ACTIVE, Status.ENABLING, Status.FOREIGN]
    assert [webhook.address in found for found in seen] == [True, False, False]


@replays("intelepeer-provision-post.yaml", INTELEPEER)
def test_every_documented_code_of_an_enablement_is_judged(carrier: Any) -> None:
    judged = verdicts(carrier, Action.CREATE, want(Kind.SMS, DENVER, enabled=True), 4)
    assert judged == [Verdict.ACCEPTED, Verdict.REJECTED, Verdict.REJECTED, Verdict.BUSY]


@replays("intelepeer-provision-delete.yaml", INTELEPEER)
def test_every_documented_code_of_a_disablement_is_judged(carrier: Any) -> None:
    judged = verdicts(carrier, Action.DELETE, want(Kind.SMS, DENVER), 4)
    assert judged == [Verdict.ACCEPTED, Verdict.REJECTED, Verdict.REJECTED, Verdict.BUSY]


@replays("intelepeer-webhook-post.yaml", INTELEPEER)
def test_of_the_documented_reasons_to_refuse_a_webhook_only_too_early_is_worth_another_try(carrier: Any) -> None:
    webhook = want(Kind.WEBHOOK, DENVER, url=WebhookUrl("https://www.myserver.com/myapp"))
    judged = verdicts(carrier, Action.UPDATE, webhook, 5)
    assert judged == [Verdict.MAYBE, Verdict.NOT_YET, Verdict.REJECTED, Verdict.REJECTED, Verdict.REJECTED]


# iNumbering


@replays("inumbering-brand.yaml", INUMBERING)
def test_the_documented_brand_is_registered(carrier: Any) -> None:
    brand = want(Kind.BRAND, "acme", id="B12345", name="Brand Name", description="Brand Description")
    assert verdicts(carrier, Action.CREATE, brand, 1) == [Verdict.OK]


@replays("inumbering-campaign.yaml", INUMBERING)
def test_the_documented_campaign_is_registered(carrier: Any) -> None:
    campaign = want(Kind.CAMPAIGN, "alerts", id="C123456", brand="B123456", description="Campaign Description")
    assert verdicts(carrier, Action.CREATE, campaign, 1) == [Verdict.OK]


@replays("inumbering-inventory.yaml", INUMBERING)
def test_the_documented_search_finds_nothing_and_then_the_documented_row(carrier: Any) -> None:
    query = {"tn_mask": "201xxxxxxx", "rate_center": "HACKENSACK", **PLACE}
    assert list(carrier.search(query, 1000)) == []
    (offer,) = carrier.search(query, 1000)
    assert (offer.tn, offer.price, offer.row["city"]) == (NEW_JERSEY, None, "HACKENSACK")


@replays("inumbering-coverage.yaml", INUMBERING)
def test_the_documented_coverage_counts_nothing_and_then_the_documented_row(carrier: Any) -> None:
    query = {"count_by": "npaNxx", "npa": "201", "rate_center": "HACKENSACK", **PLACE}
    assert list(carrier.coverage(query)) == []
    (row,) = carrier.coverage(query)
    assert (row["npa"], row["nxx"], row["count"]) == ("201", "389", 973)


@replays("inumbering-campaign-to-tns.yaml", INUMBERING)
def test_the_documented_assignment_is_done_under_its_integer_order_id(carrier: Any) -> None:
    reply = carrier.perform(step(Action.CREATE, want(Kind.ASSIGNMENT, NEW_JERSEY, campaign="C123456")), REFERENCE)
    assert (reply.verdict, reply.reference) == (Verdict.OK, "12345678")


@replays("inumbering-order.yaml", INUMBERING)
def test_the_documented_order_is_done_under_its_order_id(carrier: Any) -> None:
    reply = carrier.perform(step(Action.CREATE, want(Kind.NUMBER, NEW_JERSEY, route=1000)), REFERENCE)
    assert (reply.verdict, reply.reference) == (Verdict.OK, "1717171717")


@replays("inumbering-error.yaml", INUMBERING)
def test_the_documented_error_refuses_an_order_and_ends_a_search_with_the_carriers_words(carrier: Any) -> None:
    order = step(Action.CREATE, want(Kind.NUMBER, NEW_JERSEY, route=1000))
    replies = [carrier.perform(order, REFERENCE) for _ in range(2)]
    assert [(reply.verdict, reply.message) for reply in replies] == [
        (Verdict.REJECTED, "<network error text>"),
        (Verdict.REJECTED, "tn should be an array of tnItem"),
    ]
    with pytest.raises(CarrierError, match="HTTP 409: <IQ error text>"):
        carrier.search({"tn_mask": "201xxxxxxx", "rate_center": "HACKENSACK", **PLACE}, 1000)


@replays("inumbering-numbers-list.yaml", SIBLING)
def test_the_documented_list_shows_a_number_with_its_route_and_not_found_means_none(carrier: Any) -> None:
    number = want(Kind.NUMBER, NEW_JERSEY, route=1000)
    seen = carrier.observe([number])
    assert seen.found == {number.address: number}
    assert seen.gateways == {1000}
    order = Intent(1, "plan", NAME, Action.CREATE, (number.address,), REFERENCE, {}, VirtualClock().now())
    gone = carrier.find_owned(order)
    assert (gone.found, gone.unresolved) == ({}, {})


@replays("inumbering-disconnect.yaml", SIBLING)
def test_the_documented_disconnect_is_done_and_then_refused_while_the_number_is_porting(carrier: Any) -> None:
    release = step(Action.DELETE, want(Kind.NUMBER, NEW_JERSEY))
    done, refused = (carrier.perform(release, REFERENCE) for _ in range(2))
    assert (done.verdict, refused.verdict) == (Verdict.OK, Verdict.REJECTED)
    assert refused.message == "Special Status: The number is currently porting."


@replays("inumbering-route.yaml", SIBLING)
def test_the_documented_route_is_set_and_then_refused_as_invalid(carrier: Any) -> None:
    reroute = step(Action.UPDATE, want(Kind.NUMBER, NEW_JERSEY, route=1000))
    done, refused = (carrier.perform(reroute, REFERENCE) for _ in range(2))
    assert (done.verdict, refused.verdict, refused.message) == (Verdict.OK, Verdict.REJECTED, "Invalid Route")


@replays("inumbering-campaign-numbers.yaml", SIBLING)
def test_the_documented_campaign_shows_its_number(carrier: Any) -> None:
    assignment = want(Kind.ASSIGNMENT, "+12012548000", campaign="ABC123")
    assert carrier.observe([assignment]).found == {assignment.address: assignment}


# Infobip


@replays("infobip-available.yaml", INFOBIP)
def test_the_documented_offers_keep_their_keys_and_exact_prices(carrier: Any) -> None:
    offers = carrier.search({}, 50)
    keys = {offer.tn: offer.external["numberKey"] for offer in offers}
    assert keys == {"+79029555551": "78D8394AC3EG0460B4CF0E723FC31B49", "+79029555525": PERCENT_KEY}
    assert {offer.price for offer in offers} == {Price("EUR", Decimal(0), Decimal(15), Decimal("9.193549"))}


@replays("infobip-available-filtered.yaml", INFOBIP)
def test_the_documented_filters_are_sent_as_documented(carrier: Any) -> None:
    assert carrier.search({"capabilities": ["SMS", "VOICE"], "country": "RO", "contains": "4037170005"}, 3) == []


@replays("infobip-purchase.yaml", INFOBIP)
def test_the_documented_purchase_is_kept_under_the_key_that_comes_back(carrier: Any) -> None:
    bought = carrier.perform(step(Action.CREATE, want(Kind.NUMBER, LONDON, {"numberKey": OFFERED_KEY})), REFERENCE)
    assert (bought.verdict, bought.external) == (Verdict.OK, {"numberKey": OWNED_KEY})
    taken = want(Kind.NUMBER, "+79029555525", {"numberKey": PERCENT_KEY})
    refused = carrier.perform(step(Action.CREATE, taken), REFERENCE)
    assert (refused.verdict, refused.message) == (Verdict.REJECTED, "Bad request (BAD_REQUEST)")


@replays("infobip-purchase-by-number.yaml", replace(INFOBIP, options={"api_path": "/numbers/1/numbers"}))
def test_an_american_number_is_bought_by_number_on_the_newer_path(carrier: Any) -> None:
    american = want(Kind.NUMBER, "+12223850630", {"numberKey": OFFERED_KEY, "country": "US"})
    assert verdicts(carrier, Action.CREATE, american, 1) == [Verdict.OK]


@replays("infobip-list.yaml", INFOBIP)
def test_the_documented_list_is_the_whole_account(carrier: Any) -> None:
    (number,) = carrier.observe([]).found.values()
    assert (number.address.name, number.external) == (LONDON, {"numberKey": OWNED_KEY})
    assert number.price == Price("EUR", Decimal(0), Decimal(5), Decimal("2.903226"))


@replays("infobip-list-by-number.yaml", INFOBIP)
def test_the_documented_list_by_number_finds_that_number(carrier: Any) -> None:
    seen = carrier.observe([want(Kind.NUMBER, LONDON)])
    assert [address.name for address in seen.found] == [LONDON]


@replays("infobip-single.yaml", INFOBIP)
def test_the_documented_number_is_read_by_its_key_where_that_is_cheaper_than_a_page(carrier: Any) -> None:
    wanted = [want(Kind.NUMBER, LONDON, {"numberKey": OWNED_KEY}), want(Kind.NUMBER, "+447700900123")]
    seen = carrier.observe(wanted)
    assert (set(seen.found), seen.unresolved) == ({number.address for number in wanted}, {})


@replays("infobip-cancel.yaml", INFOBIP)
def test_the_documented_cancellation_is_done_also_for_a_key_with_a_percent_sign(carrier: Any) -> None:
    for key in (OWNED_KEY, PERCENT_KEY):
        assert verdicts(carrier, Action.DELETE, want(Kind.NUMBER, LONDON, {"numberKey": key}), 1) == [Verdict.OK]


# The cassettes themselves

FILES = sorted(path.name for path in CASSETTES.iterdir())

MADE_HOW = re.compile(
    r"# Made from the documented example; no account was called\.\n# Source: .+\n(#   .+\n)*# Mended: .+\n"
)

CREDENTIALS = (
    re.compile(r"(?i)(?:authorization|api-?key|token|password|secret|cookie)\S{0,2}\s*[:=](?!.*\bSCRUBBED\b).*"),
    re.compile(r"\b(?:Bearer|Basic|App|IBSSO) (?!SCRUBBED\b)[A-Za-z0-9+/=._~-]{6,}"),
    re.compile(r"//[^/\s@]+@"),
    re.compile(r"\b(?=\w*[0-9])(?=\w*[a-z])(?=\w*[A-Z])\w{16,}"),
)
"""What a credential looks like: named as one, behind a scheme, in a URL, or long and of all kinds of characters."""


def suspicious(text: str) -> list[str]:
    """The parts of ``text`` that look like a credential and are no placeholder."""
    return [match.group() for pattern in CREDENTIALS for match in pattern.finditer(text)]


def calls_of(client: ModuleType) -> dict[str, Callable[..., ApiCall]]:
    """The functions of a carrier's client that make a call, by name."""
    functions = {name: value for name, value in vars(client).items() if inspect.isfunction(value) and name[0] != "_"}
    return {name: function for name, function in functions.items() if get_type_hints(function)["return"] is ApiCall}


def test_every_cassette_is_replayed() -> None:
    assert sorted(REPLAYS) == FILES


@pytest.mark.parametrize("client", [intelepeer, inumbering, infobip])
def test_every_call_of_a_client_is_replayed_from_some_cassette(
    client: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls, made = calls_of(client), set()

    def spy(name: str, *args: Any, **kwargs: Any) -> ApiCall:
        made.add(name)
        return calls[name](*args, **kwargs)

    for name in calls:
        monkeypatch.setattr(client, name, partial(spy, name))
    for cassette, (account, replay) in REPLAYS.items():
        with playing(cassette, account) as provider:
            replay(provider)
    assert made == set(calls)


@pytest.mark.parametrize("name", FILES)
def test_a_cassette_says_where_it_comes_from_and_holds_no_credential(name: str) -> None:
    text = (CASSETTES / name).read_text(encoding="utf-8")
    assert MADE_HOW.match(text)
    assert suspicious(text) == []


@pytest.mark.parametrize(
    "text",
    [
        '"apikey": "k3y"',
        "Authorization: [Bearer eyJhbGciOi]",
        "Authorization: [Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==]",
        "Authorization: [Basic SCRUBBED], X-Token: abc",
        "uri: https://user:password@api.voicetel.com/",
        "as the sample has it, App 0123456789abcdef-0",
        "key: 9f8A7c6B5d4E3f2A1b0C",
    ],
)
def test_what_looks_like_a_credential_is_found(text: str) -> None:
    assert suspicious(text)


def test_a_number_key_is_quoted_and_reaches_its_own_cassette_only() -> None:
    unquoted = want(Kind.NUMBER, LONDON, {"numberKey": PERCENT_KEY.replace("%", "%25")})
    with pytest.raises(CannotOverwriteExistingCassetteException), playing("infobip-cancel.yaml", INFOBIP) as provider:
        provider.perform(step(Action.DELETE, unquoted), REFERENCE)


@pytest.mark.parametrize("route", [1001, 1000.0, "1000", None])
def test_a_request_with_another_body_is_another_request(route: Any) -> None:
    order = step(Action.CREATE, want(Kind.NUMBER, NEW_JERSEY, route=route))
    with (
        pytest.raises(CannotOverwriteExistingCassetteException),
        playing("inumbering-order.yaml", INUMBERING) as seller,
    ):
        seller.perform(order, REFERENCE)


def test_a_request_of_another_scheme_is_another_request() -> None:
    bearer = replace(INFOBIP, credentials=INTELEPEER.credentials)
    with pytest.raises(CannotOverwriteExistingCassetteException), playing("infobip-list.yaml", bearer) as provider:
        provider.observe([])
