"""Infobip: buying, giving back, quotes, prices and searches."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from infobip_forms import AMERICAN, NEWER, NUMBER, OTHER, TN, number, page, row
from provider_bench import INFOBIP, NAME, REFERENCE, Bench, canned, purchase, step

from reconciler.errors import CarrierError
from reconciler.model import Action, Price, Verdict
from reconciler.providers.http import body
from reconciler.providers.infobip import convert
from reconciler.sandbox import InfobipSwitches


@pytest.mark.parametrize("style", ["percent", "path", "plain"])
def test_a_number_is_bought_and_cancelled_by_any_key(style: str) -> None:
    tn = "+447700900125"
    bench = Bench(INFOBIP, InfobipSwitches(key_style=style))
    offer = bench.provider.quote([tn]).offered[tn]
    bought = bench.provider.perform(step(Action.CREATE, number(tn, **offer.external)), REFERENCE)
    assert bought.verdict is Verdict.OK
    assert bought.external["numberKey"] == bench.carrier.key_of(tn) != offer.external["numberKey"]
    released = bench.provider.perform(step(Action.DELETE, number(tn, **bought.external)), REFERENCE)
    assert (released.verdict, released.status) == (Verdict.OK, 204)
    assert tn not in bench.carrier.owned()
    assert len(bench.sandbox.ledger.charges()) == len(bench.sandbox.ledger.releases()) == 1


def bought(status: int, body: Any) -> Verdict:
    provider = canned(INFOBIP, lambda _request: (status, body))
    verdict: Verdict = provider.perform(step(Action.CREATE, number(numberKey="K")), REFERENCE).verdict
    return verdict


@pytest.mark.parametrize(
    ("status", "body", "verdict"),
    [
        (200, row(), Verdict.OK),
        (201, row(), Verdict.OK),
        (200, row(number=447700900123), Verdict.OK),
        (200, row(reservationStatus="PENDING"), Verdict.ACCEPTED),
        (200, row(reservationStatus="BILLING_FAILED"), Verdict.MAYBE),
        (200, row(reservationStatus="ON_HOLIDAY"), Verdict.MAYBE),
        (200, row(OTHER), Verdict.MAYBE),
        (200, {**row(), "errorCode": "E400", "description": "Payment required"}, Verdict.MAYBE),
        (200, {**row(), "requestError": {"serviceException": {"text": "busy"}}}, Verdict.MAYBE),
        (200, {**row(), "success": False}, Verdict.MAYBE),
        (200, {**row(), "status": "REJECTED"}, Verdict.MAYBE),
        (200, {**row(), "message": "Purchase failed"}, Verdict.MAYBE),
        (200, {**row(), "errorMessage": "not charged"}, Verdict.MAYBE),
        (200, {**row(), "order": {"exception": "E1"}}, Verdict.MAYBE),
        (206, row(), Verdict.MAYBE),
        (200, row(key=None), Verdict.MAYBE),
        (200, {}, Verdict.MAYBE),
        (200, [row()], Verdict.MAYBE),
        (200, "", Verdict.MAYBE),
        (201, "", Verdict.MAYBE),
        (204, "", Verdict.MAYBE),
        (400, "", Verdict.REJECTED),
        (403, "", Verdict.REJECTED),
        (404, "", Verdict.REJECTED),
        (405, "", Verdict.REJECTED),
        (422, "", Verdict.REJECTED),
        *((status, row(key="NEW"), Verdict.MAYBE) for status in (400, 403, 404, 405, 422)),
        (404, {"requestError": {"serviceException": {"text": "taken"}}, "number": "447700900123"}, Verdict.REJECTED),
        (402, "", Verdict.MAYBE),
        (408, "", Verdict.MAYBE),
        (409, row(), Verdict.MAYBE),
        (500, row(), Verdict.MAYBE),
    ],
)
def test_a_purchase_is_done_only_when_the_very_number_comes_back(status: int, body: Any, verdict: Verdict) -> None:
    assert bought(status, body) is verdict


@pytest.mark.parametrize(
    ("status", "verdict"),
    [(204, Verdict.OK), (401, Verdict.REJECTED), (403, Verdict.REJECTED), (429, Verdict.THROTTLED)]
    + [(status, Verdict.REJECTED) for status in (400, 405, 422)]
    + [(status, Verdict.MAYBE) for status in (200, 202, 404, 409, 410, 500, 503)],
)
def test_only_204_proves_a_cancellation(status: int, verdict: Verdict) -> None:
    provider = canned(INFOBIP, lambda _request: (status, ""))
    assert provider.perform(step(Action.DELETE, number(numberKey="K")), REFERENCE).verdict is verdict


@pytest.mark.parametrize("action", [Action.CREATE, Action.DELETE])
def test_nothing_is_sent_without_a_key(action: Action) -> None:
    bench = Bench(INFOBIP)
    reply = bench.provider.perform(step(action, number()), REFERENCE)
    assert (reply.verdict, bench.provider.http.writes) == (Verdict.REJECTED, 0)


@pytest.mark.parametrize(
    ("account", "country", "sent"),
    [
        (NEWER, "US", {"number": "12125550123"}),
        (NEWER, "GB", {"numberKey": "K"}),
        (INFOBIP, "US", {"numberKey": "K"}),
    ],
)
def test_only_american_numbers_on_the_newer_path_are_bought_by_number(account: Any, country: str, sent: Any) -> None:
    bodies: list[Any] = []
    provider = canned(account, lambda request: (bodies.append(json.loads(request.body)), (400, ""))[1])
    provider.perform(step(Action.CREATE, number(AMERICAN, numberKey="K", country=country)), REFERENCE)
    assert bodies == [sent]


@pytest.mark.parametrize("taken", ["400", "404", "404-empty"])
def test_a_number_that_a_rival_took_is_refused(taken: str) -> None:
    bench = Bench(INFOBIP, InfobipSwitches(taken=taken))
    key = bench.carrier.offer_key(TN[1:])
    bench.carrier.rival_buys(TN)
    reply = bench.provider.perform(step(Action.CREATE, number(numberKey=key)), REFERENCE)
    assert reply.verdict is Verdict.REJECTED
    assert not bench.sandbox.ledger.charges()


# Quotes, prices, search


@pytest.mark.parametrize("match", ["contains", "prefix", "exact"])
def test_offered_and_not_offered_are_told_apart(match: str) -> None:
    bench = Bench(INFOBIP, InfobipSwitches(number_match=match))
    bench.carrier.rival_buys(OTHER)
    quotes = bench.provider.quote([TN, OTHER])
    assert set(quotes.offered) == {TN}
    assert not quotes.unresolved
    assert dict(quotes.offered[TN].external) == {"numberKey": bench.carrier.offer_key(TN[1:]), "country": "GB"}
    assert (quotes.calls, quotes.answered) == (2, bench.clock.now())


def test_a_dedicated_number_is_preferred_to_a_shared_one() -> None:
    rows = page(row(key="SHARED", shared=True), row(key="OWN"))
    assert canned(INFOBIP, lambda _request: (200, rows)).quote([TN]).offered[TN].external["numberKey"] == "OWN"


@pytest.mark.parametrize("body", [page(row(key=None)), page(row(OTHER)), page(count=2), {"numbers": []}, ""])
def test_a_search_that_proves_nothing_leaves_the_quote_open(body: Any) -> None:
    quotes = canned(INFOBIP, lambda _request: (200, body)).quote([TN])
    assert set(quotes.unresolved) == {TN}
    assert not quotes.offered


def test_an_exact_offer_beyond_the_first_page_is_found() -> None:
    rows = [row(f"{TN}{n}", f"K{n}") for n in range(10, 60)] + [row()]

    def answer(request: Any) -> tuple[int, Any]:
        query = {name: int(value[0]) for name, value in parse_qs(urlsplit(request.url).query).items()}
        start = query["limit"] * query["page"]
        return 200, page(*rows[start : start + query["limit"]], count=51)

    assert set(canned(INFOBIP, answer).quote([TN]).offered) == {TN}


@pytest.mark.parametrize(
    "price",
    [
        None,
        {},
        {"currency": "EUR"},
        {"pricePerMonth": None, "setupPrice": None, "currency": "EUR"},
        {"pricePerMonth": None, "setupPrice": None, "currency": None, "taxIncluded": False},
    ],
)
def test_a_price_that_is_not_told_is_unknown_and_not_free(price: Any) -> None:
    assert convert.price({"price": price}) is None


@pytest.mark.parametrize(
    ("price", "message"),
    [
        (5, "price: 5"),
        ("5 EUR", "price: 5 EUR"),
        ([5, "EUR"], "price: [5, 'EUR']"),
        ({"pricePerMonth": 5, "setupPrice": 0}, "amounts without a currency"),
        ({"pricePerMonth": 5, "setupPrice": 0, "currency": None}, "amounts without a currency"),
        ({"pricePerMonth": 5, "setupPrice": 0, "currency": ""}, "currency: empty"),
        ({"pricePerMonth": 5, "setupPrice": 0, "currency": "euro"}, "currency: euro"),
        ({"pricePerMonth": 5, "setupPrice": 0, "currency": "ılS"}, "currency: ılS"),
        ({"pricePerMonth": 5, "setupPrice": 0, "currency": 978}, "currency: 978"),
        ({"pricePerMonth": "999,00", "setupPrice": 0, "currency": "EUR"}, "pricePerMonth: 999,00"),
        ({"pricePerMonth": "1,999.00", "setupPrice": 0, "currency": "EUR"}, "pricePerMonth: 1,999.00"),
        ({"pricePerMonth": "5.00 EUR", "setupPrice": 0, "currency": "EUR"}, "pricePerMonth: 5.00 EUR"),
        ({"pricePerMonth": "", "setupPrice": 0, "currency": "EUR"}, "pricePerMonth: empty"),
        ({"pricePerMonth": "٩٩٩", "setupPrice": 0, "currency": "EUR"}, "pricePerMonth: ٩٩٩"),
        ({"pricePerMonth": "NaN", "setupPrice": 0, "currency": "EUR"}, "pricePerMonth: NaN"),
        ({"pricePerMonth": True, "setupPrice": 0, "currency": "EUR"}, "pricePerMonth: True"),
        ({"pricePerMonth": -5, "setupPrice": 0, "currency": "EUR"}, "pricePerMonth: -5"),
        ({"pricePerMonth": 5, "setupPrice": "-1.00", "currency": "EUR"}, "setupPrice: -1.00"),
        ({"pricePerMonth": {"amount": 5}, "setupPrice": 0, "currency": "EUR"}, "pricePerMonth: {'amount': 5}"),
        ({"pricePerMonth": 10**10, "setupPrice": 0, "currency": "EUR"}, "pricePerMonth: 10000000000"),
        ({"pricePerMonth": "1E+30", "setupPrice": 0, "currency": "EUR"}, "pricePerMonth: 1E+30"),
        ({"pricePerMonth": Decimal("1E+30"), "setupPrice": 0, "currency": "EUR"}, "pricePerMonth: 1E+30"),
        ({"pricePerMonth": Decimal("NaN"), "setupPrice": 0, "currency": "EUR"}, "pricePerMonth: NaN"),
        ({"pricePerMonth": 5, "initialMonthPrice": "3,00", "currency": "EUR"}, "initialMonthPrice: 3,00"),
        ({"monthlyPrice": 999, "setupPrice": 0, "currency": "EUR"}, "monthlyPrice: 999"),
        ({"amount": Decimal("9.5"), "currency": "EUR"}, "amount: 9.5"),
        ({"value": "999.00", "currency": "EUR"}, "value: 999.00"),
        ({"EUR": {"pricePerMonth": 999}}, "EUR: {'pricePerMonth': 999}"),
        ({"recurring": "999.00", "currency": "EUR"}, "recurring: 999.00"),
        ({"mrc": "999.00", "nrc": "5", "currency": "EUR"}, "mrc: 999.00"),
        ({"pricePerMonth": 5, "activation": "999", "currency": "EUR"}, "activation: 999"),
        ({"pricePerMonth": 5, "oneTime": "999 EUR", "currency": "EUR"}, "oneTime: 999 EUR"),
        ({"pricePerMonth": 5, "setupPrice": 0, "currency": "EUR", "pricePerWeek": 999}, "pricePerWeek: 999"),
        ({"pricePerMonth": 5, "setupPrice": 0, "currency": "EUR", "price_per_year": 999}, "price_per_year: 999"),
    ],
)  # fmt: skip
def test_a_price_that_is_told_and_cannot_be_read_is_not_unknown(price: Any, message: str) -> None:
    told = convert.price({"price": price})
    assert told == Price("", None, None, unreadable=message)
    assert not told.whole


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"monthlyPrice": 999}, "monthlyPrice: 999"),
        ({"price": None, "price_per_month": "999"}, "price_per_month: 999"),
        ({"price": {}, "prices": {"pricePerMonth": 999}}, "prices: {'pricePerMonth': 999}"),
        ({"price": {"pricePerMonth": 5, "currency": "EUR"}, "setupFee": "20.00"}, "setupFee: 20.00"),
        (
            {"price": {"pricePerMonth": 5, "setupPrice": 0, "currency": "EUR"}, "currency": "USD"},
            "two prices: {'pricePerMonth': 5, 'setupPrice': 0, '… and {'currency': 'USD'}",
        ),
    ],
)
def test_a_price_that_stands_beside_its_place_in_any_name_is_not_unknown(row: dict[str, Any], message: str) -> None:
    told = convert.price(row)
    assert told is not None
    assert (told.whole, told.unreadable) == (False, message)


@pytest.mark.parametrize(
    "more",
    [
        {"currency": "eur"},
        {"rateCenter": "1", "lata": 224, "priceId": None},
        {"priceList": "standard", "updatedAt": "2026-01-01"},
    ],
)
def test_what_is_no_money_beside_a_price_changes_nothing(more: dict[str, Any]) -> None:
    whole = {"pricePerMonth": 5, "setupPrice": 0, "currency": "EUR", "taxes": "19", "validFrom": "2026-01-01"}
    assert convert.price({"price": whole, **more}) == Price("EUR", Decimal(0), Decimal(5))
    half = {"pricePerMonth": 5, "currency": "EUR", "periodDays": 30, "taxIncluded": False, "validFrom": "2026-01-01"}
    assert convert.price({"price": half, **more}) == Price("EUR", None, Decimal(5))


@pytest.mark.parametrize(
    ("price", "read"),
    [
        ({"pricePerMonth": 999, "setupPrice": None, "currency": "EUR"}, Price("EUR", None, Decimal(999))),
        ({"pricePerMonth": 999, "currency": "EUR"}, Price("EUR", None, Decimal(999))),
        ({"setupPrice": "20.00", "currency": "EUR"}, Price("EUR", Decimal("20.00"), None)),
    ],
)
def test_the_half_of_a_price_that_is_told_binds(price: Any, read: Price) -> None:
    assert convert.price({"price": price}) == read


@pytest.mark.parametrize("currency", ["EUR", "eur", "EUR ", " Eur", "E U R", "EUR\u00a0"])
def test_currencies_are_compared_without_case_and_blanks(currency: str) -> None:
    told = convert.price({"price": {"pricePerMonth": 5, "setupPrice": 0, "currency": currency}})
    assert told == Price("EUR", Decimal(0), Decimal(5))


@pytest.mark.parametrize(
    ("digits", "amount"),
    [
        (b"99.90000000000001", "99.90000000000001"),
        (b'"99.90000000000001"', "99.90000000000001"),
        (b"4.4000000000000004", "4.4000000000000004"),
        (b"5.551115123125783e-17", "5.551115123125783E-17"),
        (b"1e3", "1E+3"),
        (b'"1e3"', "1E+3"),
        (b'" 5.00 "', "5.00"),
        (b"-0.0", "0"),
    ],
)
def test_an_amount_is_the_exact_decimal_of_the_bytes(digits: bytes, amount: str) -> None:
    row = body.parse(b'{"price": {"pricePerMonth": %s, "setupPrice": 0, "currency": "EUR"}}' % digits)
    assert convert.price(row) == Price("EUR", Decimal(0), Decimal(amount))


def test_an_amount_in_text_is_money_too() -> None:
    told = convert.price({"price": {"pricePerMonth": "900.00", "setupPrice": "0", "currency": "EUR"}})
    assert told == Price("EUR", Decimal("0"), Decimal("900.00"))


def test_a_price_is_exact() -> None:
    told = {"pricePerMonth": 15, "setupPrice": Decimal("0.10"), "initialMonthPrice": Decimal("9.193549")}
    assert convert.price({"price": told | {"currency": "EUR"}}) == Price(
        "EUR", Decimal("0.10"), Decimal(15), Decimal("9.193549")
    )


@given(st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True))
def test_every_number_survives_the_carriers_form(tn: str) -> None:
    assert convert.e164(convert.digits(tn)) == tn
    assert convert.e164(int(convert.digits(tn))) == tn


@pytest.mark.parametrize(
    "value", [None, "", "88202", "INFO", "0447700900123", True, 1.5, "4477009001²³", "4477009001\n"]
)
def test_what_is_no_telephone_number_is_none(value: Any) -> None:
    assert convert.e164(value) is None


@pytest.mark.parametrize("cap", [1000, 20])
def test_a_search_pages_until_enough_came(cap: int) -> None:
    bench = Bench(INFOBIP, InfobipSwitches(page_cap=cap))
    offers = bench.provider.search({"country": "GB", "capabilities": ["SMS", "VOICE"], "contains": "4477"}, 73)
    assert len({offer.tn for offer in offers}) == 73
    assert offers[0].row["country"] == "GB"
    assert len(bench.provider.search({"country": "RO"}, 50)) == 10


def test_a_search_ends_where_the_pages_do_not() -> None:
    assert len(canned(INFOBIP, lambda _request: (200, page(row(), count=500))).search({}, 50)) == 1


@pytest.mark.parametrize("form", ["requestError", "errorCode"])
def test_an_error_of_a_search_names_status_and_words(form: str) -> None:
    bench = Bench(INFOBIP, InfobipSwitches(error_form=form))
    bench.plant("403", times=None)
    with pytest.raises(CarrierError, match=f"{NAME} could not answer listAvailable: HTTP 403: Forbidden"):
        bench.provider.search({}, 1)


def test_an_owned_number_is_found_with_the_key_that_the_account_has_it_under() -> None:
    bench = Bench(INFOBIP)
    bench.carrier.portal_buy(TN)
    seen = bench.provider.find_owned(purchase(TN, bench.clock))
    assert seen.found[NUMBER].external["numberKey"] == bench.carrier.key_of(TN)
    assert (seen.calls, seen.answered) == (1, bench.clock.now())


def test_owned_numbers_that_fit_a_search_are_told_and_shared_or_unfinished_ones_are_not() -> None:
    bench = Bench(INFOBIP, InfobipSwitches(page_cap=2))
    for tn in ("+447700900100", "+447700900101", "+447700900202", "+493023125000", "+40371700050"):
        bench.carrier.portal_buy(tn)

    def fitting(**query: object) -> list[str]:
        return sorted(resource.address.name for resource in bench.provider.owned(query))

    assert fitting(country="GB") == ["+447700900100", "+447700900101", "+447700900202"]
    assert fitting(country="GB", contains="9001") == ["+447700900100", "+447700900101"]
    assert fitting(capabilities=["SMS", "VOICE"], contains="403717") == ["+40371700050"]
    assert fitting(country="DE", capabilities=["SMS"]) == []
    pending = Bench(INFOBIP, InfobipSwitches(reservation_seconds=60))
    offer = pending.provider.quote([TN]).offered[TN]
    assert (
        pending.provider.perform(step(Action.CREATE, number(TN, **offer.external)), REFERENCE).verdict
        is Verdict.ACCEPTED
    )
    assert list(pending.provider.owned({"country": "GB"})) == []


def test_owned_numbers_that_cannot_be_listed_are_an_error() -> None:
    provider = canned(INFOBIP, lambda _request: (503, ""))
    with pytest.raises(CarrierError, match="HTTP 503"):
        provider.owned({"country": "GB"})


def test_a_purchase_that_names_another_number_says_which() -> None:
    provider = canned(INFOBIP, lambda _request: (200, row(OTHER)))
    reply = provider.perform(step(Action.CREATE, number(numberKey="K")), REFERENCE)
    assert (reply.verdict, reply.about) == (Verdict.MAYBE, OTHER)
