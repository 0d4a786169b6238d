"""A tour of each carrier: calls that meet every switch, and a transcript of all that was answered and charged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import requests
from sandbox_desk import INUMBERING, Desk

from reconciler.model.fleet import CarrierType

Step = Callable[[], requests.Response]


def tour(carrier: CarrierType, desk: Desk) -> list[Any]:
    """Everything that the account answered, and the ledger at the end."""
    heard: list[Any] = []

    def hear(response: requests.Response) -> requests.Response:
        heard.append((response.status_code, response.text))
        return response

    TOURS[carrier](desk, hear)
    return [*heard, desk.sandbox.ledger.snapshot()]


def _intelepeer(desk: Desk, hear: Callable[[requests.Response], requests.Response]) -> None:
    tn, toll_free, hook = "+17205550142", "+18005550142", {"webhook": "https://Hooks.example/./inbound/%7Eus"}
    slashed = {"webhook": f"{hook['webhook']}/"}
    steps: list[Step | float] = [
        lambda: desk.sms("GET", tn),
        lambda: desk.sms("GET", quote(tn)),
        lambda: desk.sms("GET", tn, "webhook"),
        lambda: desk.sms("POST", tn, "webhook", hook),
        lambda: desk.sms("GET", "+17205550199"),
        lambda: desk.sms("POST", tn),
        lambda: desk.sms("GET", tn),
        lambda: desk.sms("POST", toll_free),
        2.5,
        lambda: desk.sms("GET", toll_free),
        lambda: desk.sms("GET", tn),
        lambda: desk.sms("GET", tn, "webhook"),
        lambda: desk.sms("POST", tn, "webhook", hook),
        61,
        lambda: desk.sms("GET", toll_free),
        lambda: desk.sms("POST", tn, "webhook", hook),
        lambda: desk.sms("GET", tn, "webhook"),
        lambda: desk.sms("POST", tn, "webhook", slashed),
        lambda: desk.sms("GET", tn, "webhook"),
        lambda: desk.sms("POST", tn),
        5,
        lambda: desk.sms("GET", tn),
        5,
        lambda: desk.sms("DELETE", tn),
        1.5,
        lambda: desk.sms("GET", tn),
        1,
        lambda: desk.sms("GET", tn),
        lambda: desk.sms("GET", tn, "webhook"),
        lambda: desk.sms("DELETE", tn),
    ]
    _walk(desk, hear, steps)


def _inumbering(desk: Desk, hear: Callable[[requests.Response], requests.Response]) -> None:
    search = {"tnMask": "2015550123", "quantity": 1}
    carrier = desk.sandbox.inumbering()
    carrier.rival_buys("+12015550150")
    carrier.exclude("+12015550124")
    carrier.portal_buy("+12015550125")
    carrier.portal_buy("+12015550126")
    carrier.portal_port("+12015550126")
    steps: list[Step | float] = [
        lambda: desk.post(f"{INUMBERING}/tnInventory/", **search),
        lambda: desk.order(2015550123, customerOrderReference="ours"),
        lambda: desk.post(f"{INUMBERING}/tnInventory/", **search),
        lambda: desk.order(2015550123, customerOrderReference="ours"),
        lambda: desk.order(2015550150),
        lambda: desk.order(2015550124),
        lambda: desk.register()[0],
        lambda: desk.register()[0],
        lambda: desk.register()[1],
        _map(desk),
        lambda: desk.assign("CACME01", "2015550123", "2015550124"),
        lambda: desk.assign("CACME01", "2015550123"),
        lambda: desk.assign("CACME01", "2015550123", "2015550150"),
        lambda: desk.post(f"{INUMBERING}/tnInventory/", tnMask="2015550135", quantity=1),
        lambda: desk.post("/v2.1/numbers/disconnect/", numbers=[{"number": 2015550126}]),
        _lists(desk),
        _map(desk),
        6,
        _lists(desk),
        121,
        _lists(desk),
        901,
        _lists(desk),
        _map(desk),
    ]
    _walk(desk, hear, steps)


def _lists(desk: Desk) -> Step:
    return lambda: desk.post("/v2.1/numbers/list/")


def _map(desk: Desk) -> Step:
    return lambda: desk.post(
        "/v2.1/messaging/campaigns/", campaignIDs=[{"campaignID": "CACME01"}, {"campaignID": "COTHER1"}]
    )


def _infobip(desk: Desk, hear: Callable[[requests.Response], requests.Response]) -> None:
    number = "447700900125"
    carrier = desk.sandbox.infobip()
    key = carrier.offer_key(number)
    carrier.rival_buys("+447700900126")
    steps: list[Step | float] = [
        lambda: desk.numbers("GET", f"/available?number={number}"),
        lambda: desk.numbers("GET", "/available?number=00125"),
        lambda: desk.numbers("GET", "/available?number=4477009001"),
        lambda: desk.numbers("GET", "/available?country=GB&limit=60"),
        lambda: desk.numbers("GET", "/available?country=GB&limit=60&page=1"),
        lambda: desk.numbers("GET", "/available?country=RO&limit=60&page=3"),
        lambda: desk.numbers("POST", body={"numberKey": key}),
        lambda: desk.numbers("GET", f"/available?number={number}"),
        lambda: desk.numbers("POST", body={"numberKey": key}),
        lambda: desk.numbers("POST", body={"numberKey": carrier.offer_key("447700900126")}),
        _owned(desk),
        6,
        _owned(desk),
        121,
        _owned(desk),
        901,
        _owned(desk),
        lambda: desk.numbers("GET", "/" + quote(carrier.key_of(f"+{number}"), safe="")),
        lambda: desk.numbers("GET", "/NOSUCHKEY"),
    ]
    _walk(desk, hear, steps)


def _owned(desk: Desk) -> Step:
    return lambda: desk.numbers("GET", "?limit=60")


def _walk(desk: Desk, hear: Callable[[requests.Response], requests.Response], steps: list[Step | float]) -> None:
    for step in steps:
        if callable(step):
            hear(step())
        else:
            desk.clock.sleep(step)


TOURS: dict[CarrierType, Callable[[Desk, Callable[[requests.Response], requests.Response]], None]] = {
    CarrierType.INTELEPEER: _intelepeer,
    CarrierType.INUMBERING: _inumbering,
    CarrierType.INFOBIP: _infobip,
}
