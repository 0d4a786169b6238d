"""The wire over real sockets: what reaches a server, and what becomes of a server that misbehaves."""

from __future__ import annotations

import gzip
import logging
import socket
import threading
import time
import zlib
from decimal import Decimal
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest
from http_doubles import READ, WRITE, Peer, answer, keep_answering, once, serving, transport

from reconciler.providers.http.messages import ApiCall, Auth, NetworkFault, Tn
from reconciler.providers.http.transport import Transport

if TYPE_CHECKING:
    from pathlib import Path

SOON = 1.0
"""Seconds: the real deadline of tests in which a socket must time out."""

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
BOTH = pytest.mark.parametrize("call", [READ, WRITE], ids=["read", "write"])


@pytest.mark.parametrize(
    "segment",
    ["../..", "..", ".", "a%b", "a/b", "?x", "#x", "a b", "a+b", "%2E%2E", "%2e", "ключ", "~a", ";p=1", "a\\b"],
)
def test_any_segment_reaches_the_server_as_one_segment(segment: str) -> None:
    with serving(once(answer())) as server:
        transport(f"{server.url}/account/").send(ApiCall("get", "GET", ("v1", segment, "end")))
    target = server.requests[0].split(b" ")[1].decode()
    parts = target.split("/")
    assert parts[:3] + parts[4:] == ["", "account", "v1", "end"]
    assert unquote(parts[3]) == segment
    assert parts[3] not in (".", "..")


def test_the_plus_of_a_number_stands_in_a_path_as_it_is_and_in_a_query_as_2b() -> None:
    call = ApiCall("get", "GET", ("sms", Tn("+17205550142"), "+1"), query={"number": "+17205550142"})
    with serving(once(answer())) as server:
        transport(server.url).send(call)
    assert server.requests[0].split(b" ")[1] == b"/sms/+17205550142/%2B1?number=%2B17205550142"


@pytest.mark.parametrize("text", ["../..", "+../..", "+1/2", "+%2B", "++1"])
def test_of_a_number_in_a_path_nothing_but_its_leading_plus_is_safe(text: str) -> None:
    with serving(once(answer())) as server:
        transport(server.url).send(ApiCall("get", "GET", ("sms", Tn(text), "end")))
    head, part, end = server.requests[0].split(b" ")[1].decode().removeprefix("/sms").rsplit("/", 2)
    assert (head, unquote(part), end) == ("", text, "end")
    assert "+" not in part[1:]


def test_dot_segments_are_encoded_on_the_wire() -> None:
    with serving(once(answer())) as server:
        transport(server.url).send(ApiCall("get", "GET", ("numbers", "..")))
    assert server.requests[0].startswith(b"GET /numbers/%2E%2E HTTP/1.1\r\n")


def test_query_slash_body_and_credentials_are_sent() -> None:
    call = ApiCall("order", "POST", ("v2", "tnOrder"), {"a": "SMS,VOICE &x"}, {"tn": 1, "apikey": "no"}, True, True)
    auth = Auth({"X-Key": "abc"}, {"apikey": "real"})
    with serving(once(answer())) as server:
        transport(server.url, authorize=lambda _refresh: auth).send(call)
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /v2/tnOrder/?a=SMS%2CVOICE%20%26x HTTP/1.1\r\n")
    assert b"\r\nX-Key: abc" in head
    assert b"\r\nContent-Type: application/json" in head
    assert body == b'{"tn": 1, "apikey": "real"}'


@pytest.mark.parametrize(
    "call",
    [
        ApiCall("get", "GET", ("numbers", "")),
        ApiCall("get", "GET", ("a\ud800",)),
        ApiCall("get", "GET", ("a",), {"q": "\udc00"}),
    ],
    ids=["empty segment", "half a surrogate pair", "in the query"],
)
def test_a_request_that_cannot_be_written_is_not_sent(call: ApiCall) -> None:
    with serving(once(answer())) as server:
        assert transport(server.url).send(call).fault is NetworkFault.NOT_SENT
    assert server.connections == 0


@pytest.mark.parametrize("value", ["s3cr3t\r\nX-Evil: 1", "s3cr3t\u20ac"])
def test_a_credential_that_is_no_header_is_neither_sent_nor_shown(value: str) -> None:
    with serving(once(answer())) as server:
        got = transport(server.url, authorize=lambda _refresh: Auth({"Authorization": value})).send(READ)
    assert got.fault is NetworkFault.NOT_SENT
    assert "s3cr3t" not in got.message
    assert server.requests == []


@BOTH
@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 2", HEAD[:-2], HEAD], ids=["silent", "status", "headers", "body"])
def test_one_byte_at_a_time_ends_at_the_deadline(call: ApiCall, start: bytes) -> None:
    def drip(peer: Peer) -> None:
        peer.request()
        peer.send(start)
        peer.drip(b"X-Slow: " + b"y" * 1000) if start else peer.hang()

    began = time.monotonic()
    with serving(drip) as server:
        got = transport(server.url, deadline=SOON).send(call)
        assert time.monotonic() - began < 10 * SOON
    assert got.fault is NetworkFault.CUT
    assert got.message == f"no whole answer within {SOON:g} s"
    assert got.status == (200 if start == HEAD else None)


@pytest.mark.parametrize("body", [b"", b"1" * 1000])
def test_a_body_without_length_that_the_deadline_cuts_is_not_taken_for_whole(body: bytes) -> None:
    def drip(peer: Peer) -> None:
        peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\n\r\n")
        peer.drip(body)
        peer.hang()

    with serving(drip) as server:
        assert transport(server.url, deadline=SOON).send(READ).fault is NetworkFault.CUT


@BOTH
def test_a_connection_reset_or_closed_without_an_answer_is_cut(call: ApiCall) -> None:
    def reset(peer: Peer) -> None:
        peer.request()
        peer.reset()

    with serving(reset, once()) as server:
        carrier = transport(server.url)
        assert [carrier.send(call).fault for _ in range(2)] == [NetworkFault.CUT, NetworkFault.CUT]
    assert carrier.send(call).fault is NetworkFault.NOT_SENT


@BOTH
def test_a_refused_connection_and_an_unknown_host_are_not_sent(call: ApiCall) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert transport(f"http://127.0.0.1:{port}").send(call).message == "the connection was refused"
    assert transport(f"http://127.0.0.1:{port}").send(call).fault is NetworkFault.NOT_SENT
    unknown = transport("http://carrier.invalid").send(call)
    assert (unknown.fault, unknown.message) == (NetworkFault.NOT_SENT, "the host name does not resolve")


@pytest.mark.parametrize(
    "data",
    [
        HEAD + b'{"a": 1}',
        b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n{"a": 1}\r\n',
        b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n99\r\n{"a": 1}',
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 204 No Content\r\nDate: Sat, 31 Jan",
        b"HTTP/1.1 200",
        b"HTTP",
        b"\x15\x03\x01\x00\x02\x02\x16",
    ],
)
def test_an_answer_that_was_cut_anywhere_is_cut(data: bytes) -> None:
    with serving(once(data)) as server:
        assert transport(server.url).send(WRITE).fault is NetworkFault.CUT


@BOTH
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_never_followed(call: ApiCall, status: int) -> None:
    with serving(once(answer())) as other:
        location = f"Location: {other.url}/stolen"
        with serving(once(answer(status, b"", location))) as server:
            got = transport(server.url).send(call)
    assert (got.status, got.fault, got.message) == (status, None, "a redirect, which is never followed")
    assert other.connections == 0


def test_a_redirect_does_not_get_round_the_byte_cap() -> None:
    def endless(peer: Peer) -> None:
        peer.request()
        peer.send(b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\n\r\n")
        while True:
            peer.send(b"1" * 2**16)

    with serving(endless) as server:
        got = transport(server.url, deadline=5.0).send(READ)
    assert (got.status, got.fault, got.message) == (302, NetworkFault.CUT, "the answer is larger than 16 MiB")


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_compressed_answer_is_read(encoding: str) -> None:
    content = b'{"price": 1.10}'
    packed = gzip.compress(content) if encoding == "gzip" else zlib.compress(content)
    with serving(once(answer(200, packed, f"Content-Encoding: {encoding}"))) as server:
        got = transport(server.url).send(READ)
    assert got.json == {"price": Decimal("1.10")}
    assert got.ok


def test_a_bomb_bad_gzip_and_too_many_bytes_are_cut() -> None:
    bomb = answer(200, gzip.compress(b" " * 17 * 2**20), "Content-Encoding: gzip")
    packed = gzip.compress(b"{}" * 100)
    broken = answer(200, packed[:20] + b"\xff" * 20 + packed[40:], "Content-Encoding: gzip")
    large = answer(200, b"1" * 17 * 2**20)
    with serving(once(bomb), once(broken), once(large)) as server:
        carrier = transport(server.url)
        answers = [carrier.send(READ) for _ in range(3)]
    assert [got.fault for got in answers] == [NetworkFault.CUT] * 3
    assert answers[1].message == "the answer's compression is broken"
    assert answers[2].message == "the answer is larger than 16 MiB"


def test_cut_ends_the_call_in_flight_and_lets_none_begin() -> None:
    arrived = threading.Event()

    def hang(peer: Peer) -> None:
        peer.request()
        arrived.set()
        peer.hang()

    def cut_on_arrival(carrier: Transport) -> None:
        assert arrived.wait(5)
        carrier.cut()

    with serving(hang) as server:
        carrier = transport(server.url)
        threading.Thread(target=cut_on_arrival, args=(carrier,)).start()
        in_flight = carrier.send(WRITE)
        later = carrier.send(WRITE)
        read = carrier.read(READ)
    assert (in_flight.fault, in_flight.message) == (NetworkFault.CUT, "the run was ended")
    assert (later.fault, read.fault) == (NetworkFault.NOT_SENT, NetworkFault.NOT_SENT)
    assert len(server.requests) == 1
    assert (carrier.reads, carrier.writes) == (0, 1)


def test_reads_share_a_connection_and_a_write_gets_its_own() -> None:
    with serving(keep_answering(answer())) as server:
        carrier = transport(server.url)
        carrier.send(READ)
        carrier.send(READ)
        assert server.connections == 1
        carrier.send(WRITE)
        assert server.connections == 2
        carrier.close()


def test_a_kept_connection_that_the_carrier_closed_is_no_maybe_for_a_write() -> None:
    closed = threading.Event()

    def hang_up_at_the_second_request(peer: Peer) -> None:
        peer.request()
        peer.send(answer())
        peer.request()
        peer.reset()
        closed.set()

    with serving(hang_up_at_the_second_request, once(answer())) as server:
        carrier = transport(server.url)
        assert carrier.send(READ).ok
        assert carrier.send(WRITE).ok


def test_a_connection_over_which_an_answer_came_broken_is_not_used_again() -> None:
    packed = gzip.compress(b"{}" * 100)
    broken = answer(200, packed[:20] + b"\xff" * 20 + packed[40:], "Content-Encoding: gzip")
    with serving(keep_answering(broken), keep_answering(answer())) as server:
        carrier = transport(server.url)
        assert carrier.send(READ).message == "the answer's compression is broken"
        assert carrier.send(READ).ok
        carrier.close()


def test_the_deadline_holds_on_a_kept_connection_too() -> None:
    def answer_once(peer: Peer) -> None:
        peer.request()
        peer.send(answer())
        peer.hang()

    with serving(answer_once) as server:
        carrier = transport(server.url, deadline=SOON)
        assert carrier.send(READ).ok
        got = carrier.send(READ)
        carrier.close()
    assert (got.fault, got.message) == (NetworkFault.CUT, f"no whole answer within {SOON:g} s")
    assert server.connections == 1


def test_netrc_and_proxy_of_the_process_are_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login eve password stolen\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with serving(once(answer())) as proxy, serving(once(answer())) as server:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        transport(server.url, environ={"HTTP_PROXY": proxy.url}).send(READ)
    assert b"\r\nAuthorization: Bearer s3cr3t-t0ken\r\n" in server.requests[0]
    assert proxy.connections == 0


def test_a_proxy_that_refuses_is_not_sent_and_learns_no_credential() -> None:
    with serving(once(answer(407))) as proxy:
        carrier = transport("https://carrier.invalid", environ={"HTTPS_PROXY": proxy.url})
        got = carrier.send(WRITE)
    assert got.fault is NetworkFault.NOT_SENT
    assert proxy.requests[0].startswith(b"CONNECT carrier.invalid:443")
    assert b"s3cr3t" not in proxy.requests[0]


def test_one_log_line_a_call_without_url_header_or_body(caplog: pytest.LogCaptureFixture) -> None:
    call = ApiCall("look", "GET", ("path-part",), {"q": "query-part"})
    with (
        caplog.at_level(logging.DEBUG, "reconciler.providers.http"),
        serving(once(answer(404, b'{"error": "gone"}'))) as server,
    ):
        transport(server.url).send(call)
    lines = [record.getMessage() for record in caplog.records if record.name == "reconciler.providers.http"]
    assert len(lines) == 1
    assert lines[0].startswith("look GET: 404 in ")
    assert not any(word in lines[0] for word in ("path-part", "query-part", "s3cr3t", "gone", "127.0.0.1"))
