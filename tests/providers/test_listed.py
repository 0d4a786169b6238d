"""Rows whose number cannot be read: in every list, what the readable rows show is seen, and nothing else is absent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import infobip_forms
import inumbering_forms
import pytest
from provider_bench import INFOBIP, INUMBERING, SIBLING, canned, purchase

from reconciler.errors import CarrierError
from reconciler.model import Address, Kind, Observation, Quotes
from reconciler.providers.listed import spelled
from reconciler.sandbox import VirtualClock

MISSING = type("Missing", (), {"__repr__": lambda _self: "missing"})()
UNREADABLE = [
    *(
        "201-555-0199",
        "201 555 0199",
        " 2015550199",
        "2015550199\n",
        "2015550199.0",
        "2.015550199E9",
        "",
        "(201)5550199",
    ),
    *(2015550199.0, -2015550199, None, True, [], {}, MISSING),
    *("(201)5550199", "٢٠١٥٥٥٠١٩٩", "２０１５５５０１９９", "2015550199x"),
]
SOMEBODYS = ["88202", 88202, "+88202", "0000000000", "123456789012345678", "ACME", "ACME Alerts", "+INFO", "4ALL"]
OK = inumbering_forms.OK
VT, VT2 = inumbering_forms.TN, inumbering_forms.OTHER
IB, IB2 = infobip_forms.TN, infobip_forms.OTHER

Ask = Callable[[Any], tuple[set[str], set[str]]]
"""A number as a row has it -> the numbers that were seen, of the two asked for, and those that are left open."""


def told(seen: Observation | Quotes) -> tuple[set[str], set[str]]:
    if isinstance(seen, Quotes):
        return set(seen.offered), set(seen.unresolved)
    return {address.name for address in seen.found}, {address.name for address in seen.unresolved}


def named(row: dict[str, Any], field: str, value: Any) -> dict[str, Any]:
    """``row`` with that number, or without one."""
    return {k: v for k, v in row.items() if k != field} if value is MISSING else {**row, field: value}


def owned_at_voicetel(value: Any) -> tuple[set[str], set[str]]:
    rows = [{"number": VT[2:], "route": "4"}, named({"number": "", "route": "4"}, "number", value)]
    seen = canned(SIBLING, lambda _request: (200, {**OK, "numbers": rows})).observe(
        [inumbering_forms.number(), inumbering_forms.number(VT2)]
    )
    return told(seen)


def assigned_at_voicetel(value: Any) -> tuple[set[str], set[str]]:
    numbers = ["1" + VT[2:], *([] if value is MISSING else [value])]
    body = {**OK, "campaign_numbers": {"CACME01": numbers}}
    return told(
        canned(SIBLING, lambda _request: (200, body)).observe(
            [inumbering_forms.assignment(), inumbering_forms.assignment(VT2)]
        )
    )


def offered_at_voicetel(value: Any) -> tuple[set[str], set[str]]:
    def answer(request: Any) -> tuple[int, Any]:
        number = VT[2:] if VT[2:] in request.body.decode() else value
        return 200, {**OK, "tnResult": [named({}, "telephoneNumber", number)]}

    return told(canned(INUMBERING, answer).quote([VT, VT2]))


def owned_at_infobip(value: Any) -> tuple[set[str], set[str]]:
    rows = infobip_forms.page(infobip_forms.row(), named(infobip_forms.row(key="K2"), "number", value))
    provider = canned(INFOBIP, lambda _request: (200, rows))
    return told(provider.observe([infobip_forms.number(), infobip_forms.number(IB2)]))


def owned_at_infobip_by_number(value: Any) -> tuple[set[str], set[str]]:
    odd = infobip_forms.page(named(infobip_forms.row(), "number", value))
    seen = canned(INFOBIP, lambda _request: (200, odd)).find_owned(purchase(IB2, VirtualClock()))
    return told(seen)


def offered_at_infobip(value: Any) -> tuple[set[str], set[str]]:
    def answer(request: Any) -> tuple[int, Any]:
        number = IB[1:] if f"number={IB[1:]}" in request.url else value
        return 200, infobip_forms.page(named(infobip_forms.row(), "number", number))

    return told(canned(INFOBIP, answer).quote([IB, IB2]))


LISTS = [
    pytest.param(owned_at_voicetel, VT, VT2, id="numbers/list"),
    pytest.param(assigned_at_voicetel, VT, VT2, id="campaigns"),
    pytest.param(offered_at_voicetel, VT, VT2, id="tnInventory"),
    pytest.param(owned_at_infobip, IB, IB2, id="owned"),
    pytest.param(owned_at_infobip_by_number, None, IB2, id="owned by number"),
    pytest.param(offered_at_infobip, IB, IB2, id="available by number"),
]


@pytest.mark.parametrize("value", UNREADABLE, ids=repr)
@pytest.mark.parametrize(("ask", "shown", "absent"), LISTS)
def test_a_row_that_cannot_be_read_proves_no_other_number_absent(
    ask: Ask, shown: str | None, absent: str, value: Any
) -> None:
    if value is MISSING and ask is assigned_at_voicetel:
        pytest.skip("a list of bare numbers has no such row")
    seen, left_open = ask(value)
    assert (seen, left_open) == ({shown} - {None}, {absent})


@pytest.mark.parametrize("value", SOMEBODYS)
@pytest.mark.parametrize("ask", [owned_at_voicetel, assigned_at_voicetel, owned_at_infobip])
def test_digits_of_any_length_and_senders_are_somebodys_and_hide_nothing(ask: Ask, value: Any) -> None:
    seen, left_open = ask(value)
    assert (len(seen), left_open) == (1, set())


@pytest.mark.parametrize("value", UNREADABLE, ids=repr)
def test_what_cannot_be_read_is_no_spelling_of_anything(value: Any) -> None:
    assert spelled(None if value is MISSING else value) is None


@pytest.mark.parametrize("value", [None, "201-555-0199", MISSING])
def test_a_list_with_a_doubt_is_not_the_whole_account(value: Any) -> None:
    rows = [{"number": VT[2:], "route": "4"}, named({"number": "", "route": "4"}, "number", value)]
    provider = canned(SIBLING, lambda _request: (200, {**OK, "numbers": rows}))
    seen = provider.observe([])
    assert (seen.listed, set(seen.unresolved)) == (False, {Address(Kind.NUMBER, "*")})
    assert {address.name for address in seen.found} == {VT}
    with pytest.raises(CarrierError, match="cannot be read as a number"):
        provider.owned({})


def test_a_search_shows_what_can_be_read_and_says_that_there_may_be_more() -> None:
    rows = [{"telephoneNumber": VT[2:]}, {"telephoneNumber": "201-555-0199"}]
    found = canned(INUMBERING, lambda _request: (200, {**OK, "tnResult": rows})).search({}, 5)
    assert ([offer.tn for offer in found], "201-555-0199" in found.doubt) == ([VT], True)
    odd = infobip_forms.row(key="K2") | {"number": None}
    page = infobip_forms.page(infobip_forms.row(), odd)
    found = canned(INFOBIP, lambda _request: (200, page)).search({}, 5)
    assert ([offer.tn for offer in found], bool(found.doubt)) == ([IB], True)


def test_a_key_that_shows_a_number_nobody_can_read_leaves_it_open() -> None:
    def answer(request: Any) -> tuple[int, Any]:
        if request.url.endswith("/KEY"):
            return 200, infobip_forms.row() | {"number": "44-7700-900123"}
        return 200, infobip_forms.page(infobip_forms.row(IB2, "K2"), count=40)

    kept = infobip_forms.number(numberKey="KEY")
    seen = canned(INFOBIP, answer).observe([kept, infobip_forms.number(IB2, numberKey="K2")])
    assert set(seen.unresolved) == {kept.address}


@pytest.mark.parametrize("route", [None, "x", True, 4.0, ""])
def test_a_route_that_a_list_with_a_doubt_lacks_is_unresolved_and_not_unknown(route: Any) -> None:
    def answer(request: Any) -> tuple[int, Any]:
        if "gateways" in request.url:
            return 200, {**OK, "gateways": [{"route": "4", "gateway": "DID"}, {"route": route, "gateway": "?"}]}
        return 200, {**OK, "numbers": [{"number": VT[2:], "route": "1000"}]}

    wanted = [inumbering_forms.number(route=1000), inumbering_forms.number(VT2, route=1000)]
    seen = canned(SIBLING, answer).observe([*wanted, inumbering_forms.number(inumbering_forms.MINE, route=4)])
    assert set(seen.unresolved) == {wanted[1].address}
    assert seen.gateways is None
