"""The hand on a sandbox answers programs of this machine and no page in a browser; idle connections cannot fill it."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest
from sandbox_desk import APP, Desk

from reconciler.sandbox import server
from reconciler.sandbox.control import Control, Setup
from reconciler.sandbox.server import running
from reconciler.sandbox.visitors import is_this_machine
from tests.executor.commands import eventually

BUY = b'{"account": "infobip", "action": "buy", "tn": "+447700900123"}'
TN = "+447700900123"


@pytest.fixture
def place(desk: Desk) -> Iterator[str]:
    """Host and port of a sandbox that can be controlled."""
    Control.attach(desk.sandbox, Setup({}, (), None, 0, 0))
    with running(desk.sandbox) as url:
        yield urlsplit(url).netloc


def ask(place: str, method: str, path: str, headers: dict[str, str], body: bytes | None = None) -> int:
    connection = http.client.HTTPConnection(place, timeout=20)
    connection.putrequest(method, path, skip_host="Host" in headers)
    for name, value in headers.items():
        connection.putheader(name, value)
    if body is not None:
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:80",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "10.0.0.1",
        "",
        "x@127.0.0.1",
        "[::2]",
    ],
)
def test_the_hand_does_not_answer_any_host(place: str, desk: Desk, host: str) -> None:
    for method, path, body in (("GET", "/-/ledger", None), ("POST", "/-/portal", BUY), ("POST", "/x/../-/reset", b"")):
        assert ask(place, method, path, {"Host": host}, body) == 403
    assert TN not in desk.sandbox.infobip().owned()


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Referer": "https://evil.example/page"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Content-Type": "text/plain;charset=UTF-8"},
        {"Content-Type": "multipart/form-data; boundary=x"},
    ],
)
def test_the_hand_takes_no_cross_site_post(place: str, desk: Desk, headers: dict[str, str]) -> None:
    assert ask(place, "POST", "/-/portal", headers, BUY) == 403
    assert ask(place, "POST", "/-/reset", headers, b"") == 403
    assert TN not in desk.sandbox.infobip().owned()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/json"},
        {"Sec-Fetch-Site": "none"},
        {"Host": "localhost:8080"},
        {"Host": "localhost"},
        {"Host": "127.1.2.3:99"},
        {"Host": "[::1]:8080"},
        {"Host": "my.localhost"},
        {"Host": "localhost:8080", "Origin": "http://localhost:8080", "Sec-Fetch-Site": "same-origin"},
    ],
)
def test_programs_of_this_machine_may_use_the_hand(place: str, desk: Desk, headers: dict[str, str]) -> None:
    assert ask(place, "POST", "/-/portal", headers, BUY) == 200
    assert TN in desk.sandbox.infobip().owned()


def test_the_accounts_themselves_are_served_under_any_name(place: str) -> None:
    assert ask(place, "GET", "/infobip/sms/1/numbers", {"Host": "api.infobip.com", **APP}) == 200


@pytest.mark.parametrize(
    "host", ["localhost/", "localhost#", "local host", "localhost:x", "[::1", "\u24db\u24de\u24d2alhost"]
)
def test_what_is_no_host_is_not_this_machine(host: str) -> None:
    assert not is_this_machine(host)


@pytest.mark.parametrize(
    "lines",
    [
        b"Host: a\r\nHost: 127.0.0.1\r\n",
        b"Host: 127.0.0.1\r\nContent-Length: -1\r\n",
        b"Host: 127.0.0.1\r\nContent-Length: x\r\n",
        b"Host: 127.0.0.1\r\nContent-Length: 99999999999\r\n",
        b"Host: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nfffffffff\r\n",
    ],
)
def test_what_is_no_request_is_refused_and_the_connection_ends(place: str, lines: bytes) -> None:
    host, _, port = place.partition(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(b"POST /-/reset HTTP/1.1\r\n" + lines + b"\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 400")


def test_idle_connections_hold_no_thread_each_for_ever(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "MOST_CONNECTIONS", 8)
    threads = threading.active_count()
    with running(desk.sandbox) as url, ExitStack() as stack:
        host, _, port = urlsplit(url).netloc.partition(":")
        idle = [stack.enter_context(socket.create_connection((host, int(port)), timeout=20)) for _ in range(50)]
        assert ask(f"{host}:{port}", "GET", "/infobip/sms/1/numbers", APP) == 200
        assert idle[0].recv(1) == b""
        eventually(lambda: threading.active_count() <= threads + 8 + 2, "the threads of ended connections end")


def test_a_connection_that_says_nothing_is_ended(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server._Handler, "timeout", 0.05)
    with running(desk.sandbox) as url:
        host, _, port = urlsplit(url).netloc.partition(":")
        for begun in (b"", b"GET /-/ HTTP/1.1\r\nHost: 1"):
            with socket.create_connection((host, int(port)), timeout=20) as connection:
                connection.sendall(begun)
                assert connection.recv(1) == b""


def test_a_call_that_is_being_answered_makes_no_room_for_another(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "MOST_CONNECTIONS", 2)
    gate, entered = threading.Event(), threading.Semaphore(0)
    exchange = desk.sandbox.exchange

    def slow(*request: object) -> object:
        entered.release()
        assert gate.wait(20)
        return exchange(*request)  # type: ignore[arg-type]

    monkeypatch.setattr(desk.sandbox, "exchange", slow)
    statuses: list[int] = []
    with running(desk.sandbox) as url:
        place = urlsplit(url).netloc
        calls = [
            threading.Thread(target=lambda: statuses.append(ask(place, "GET", "/infobip/sms/1/numbers", APP)))
            for _ in range(2)
        ]
        for call in calls:
            call.start()
        assert all(entered.acquire(timeout=20) for _ in calls)
        with pytest.raises((http.client.HTTPException, OSError)):
            ask(place, "GET", "/infobip/sms/1/numbers", APP)
        gate.set()
        for call in calls:
            call.join()
    assert statuses == [200, 200]
