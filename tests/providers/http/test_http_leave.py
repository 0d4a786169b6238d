"""A write asks for leave when its connection stands and before its first byte, and is not sent when that is refused."""

from __future__ import annotations

import socket

import pytest
from http_doubles import READ, WRITE, Scripted, answer, once, serving, transport

from reconciler.errors import HeldBackError
from reconciler.providers.http.messages import NetworkFault


def refuse() -> None:
    raise HeldBackError("the lock is another's by now")


def test_leave_is_asked_for_when_the_connection_stands_and_nothing_has_left() -> None:
    with serving(once(answer())) as server:
        before: list[tuple[int, int]] = []

        def leave() -> None:
            server.met.wait(5)  # a connection stands before its server's thread has counted it
            before.append((server.connections, len(server.requests)))

        assert transport(server.url).send(WRITE, leave).ok
        assert before == [(1, 0)]
        assert len(server.requests) == 1


def test_no_byte_leaves_when_leave_is_refused() -> None:
    with serving(once(answer())) as server:
        got = transport(server.url).send(WRITE, refuse)
        server.close()
        assert (got.fault, got.message) == (NetworkFault.NOT_SENT, "the lock is another's by now")
        assert server.requests == []


def test_no_leave_is_asked_for_what_gets_no_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    got = transport(f"http://127.0.0.1:{port}").send(WRITE, lambda: pytest.fail("asked"))
    assert got.fault is NetworkFault.NOT_SENT


def test_a_large_request_asks_for_leave_once() -> None:
    asked: list[None] = []
    with serving(once(answer())) as server:
        call = type(WRITE)("buy", "POST", ("thing",), json={"text": "x" * 300_000}, writes=True)
        assert transport(server.url).send(call, lambda: asked.append(None)).ok
    assert len(asked) == 1


def test_an_adapter_in_place_of_the_network_asks_too() -> None:
    carrier = Scripted([(200, b"{}")])
    assert transport("http://sandbox", carrier).send(WRITE, refuse).fault is NetworkFault.NOT_SENT
    assert carrier.seen == []


def test_a_read_asks_nobody() -> None:
    with serving(once(answer())) as server:
        assert transport(server.url).send(READ).ok
