"""The transport's rules, on a virtual clock: what is tried again, how fast, and what is refused."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from socket import gaierror
from typing import TYPE_CHECKING, Any

import pytest
import requests
import urllib3
from http_doubles import READ, WRITE, Scripted, VirtualClock, transport
from requests import PreparedRequest

from reconciler.errors import CredentialError
from reconciler.providers.http.budget import Rate
from reconciler.providers.http.messages import Answer, ApiCall, Auth, NetworkFault
from reconciler.providers.http.transport import WriteRefusedError
from reconciler.providers.inumbering.provider import INumbering

if TYPE_CHECKING:
    from collections.abc import Callable

URL = "https://carrier.example"
Step = tuple[int, bytes]
OK = (200, b'{"fine": true}')
THROTTLED = (429, b'{"message": "slow down"}')
GONE_MIDWAY = requests.ConnectionError("reset")
NOWHERE = urllib3.connection.HTTPConnection("carrier.example")
NOT_CONNECTED = requests.ConnectTimeout("no route")


@pytest.mark.parametrize(
    "failure",
    [
        (500, b""),
        (502, b"<html>"),
        (503, b"{}"),
        (200, b"<html>"),
        (200, b'{"cut":'),
        (200, b""),
        GONE_MIDWAY,
        NOT_CONNECTED,
    ],
    ids=["500", "502", "503", "html", "truncated", "empty", "reset", "unconnected"],
)
def test_a_read_that_fails_in_passing_is_tried_three_times(failure: Any) -> None:
    carrier = Scripted([failure, failure, OK])
    assert transport(URL, carrier).read(READ).json == {"fine": True}
    carrier = Scripted([failure])
    assert not transport(URL, carrier).read(READ).is_json or failure[0] == 503
    assert len(carrier.seen) == 3


@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 405, 409, 422])
def test_a_read_with_a_definite_answer_is_tried_once(status: int) -> None:
    carrier = Scripted([(status, b"{}")])
    assert transport(URL, carrier).read(READ).status == status
    assert len(carrier.seen) == 1


def test_no_content_is_a_whole_answer_to_a_read() -> None:
    carrier = Scripted([(204, b"")])
    assert transport(URL, carrier).read(READ).ok
    assert len(carrier.seen) == 1


def test_backoff_doubles_around_half_a_second() -> None:
    clock = VirtualClock()
    transport(URL, Scripted([(500, b"")]), clock=clock, jitter=lambda: 0.0).read(READ)
    assert clock.elapsed == pytest.approx(0.25 + 0.5)
    clock = VirtualClock()
    transport(URL, Scripted([(500, b"")]), clock=clock, jitter=lambda: 1.0).read(READ)
    assert clock.elapsed == pytest.approx(0.75 + 1.5)


def test_a_503_that_says_when_is_not_asked_sooner() -> None:
    clock = VirtualClock()
    transport(URL, Scripted([(503, b"", {"Retry-After": "7"}), OK]), clock=clock).read(READ)
    assert clock.elapsed == pytest.approx(7)


@pytest.mark.parametrize("failure", [(500, b""), (503, b"{}"), (200, b"<html>"), GONE_MIDWAY, NOT_CONNECTED, THROTTLED])
def test_a_write_is_tried_once_whatever_happens(failure: Any) -> None:
    carrier = Scripted([failure])
    transport(URL, carrier).send(WRITE)
    assert len(carrier.seen) == 1


def test_a_write_cannot_go_through_a_reading_transport_nor_through_read() -> None:
    carrier = Scripted([OK])
    with pytest.raises(WriteRefusedError, match="buy would change"):
        transport(URL, carrier, writes=False).send(WRITE)
    with pytest.raises(WriteRefusedError, match="never tried twice"):
        transport(URL, carrier).read(WRITE)
    assert carrier.seen == []


def test_a_run_has_ten_retries_or_a_tenth_of_its_calls() -> None:
    carrier = Scripted([(500, b"")])
    asking = transport(URL, carrier)
    for _ in range(50):
        asking.read(READ)
    assert len(carrier.seen) == 50 + 10
    asking.reads = 1000
    for _ in range(100):
        asking.read(READ)
    assert len(carrier.seen) - 60 - 100 == pytest.approx(100, abs=15)


def test_a_429_is_waited_out_for_as_long_as_it_says() -> None:
    clock = VirtualClock()
    carrier = Scripted([(*THROTTLED, {"Retry-After": "20"}), OK])
    assert transport(URL, carrier, clock=clock).read(READ).ok
    assert clock.elapsed == pytest.approx(20)


def test_429s_without_a_pause_are_waited_out_six_times_in_doubling_pauses() -> None:
    clock = VirtualClock()
    carrier = Scripted([THROTTLED])
    got = transport(URL, carrier, clock=clock).read(READ)
    assert (got.status, got.message, len(carrier.seen)) == (429, "slow down", 7)
    assert clock.elapsed == pytest.approx(1 + 2 + 4 + 8 + 16 + 32)


def test_429s_are_waited_out_for_two_minutes_in_all() -> None:
    clock = VirtualClock()
    carrier = Scripted([(*THROTTLED, {"Retry-After": "86400"})])
    assert transport(URL, carrier, clock=clock).read(READ).status == 429
    assert clock.elapsed == pytest.approx(120)
    assert len(carrier.seen) == 2


def test_waiting_out_429s_uses_up_no_retries() -> None:
    carrier = Scripted([*[THROTTLED, OK] * 40, (500, b""), (500, b""), OK])
    asking = transport(URL, carrier)
    assert all(asking.read(READ).ok for _ in range(41))


def test_a_429_holds_back_the_calls_of_its_own_budget_only() -> None:
    clock = VirtualClock()
    asking = transport(URL, Scripted([(*THROTTLED, {"Retry-After": "9"}), OK]), clock=clock, budgets={"buy": Rate(5)})
    assert asking.send(WRITE).retry_after == 9
    asking.send(READ)
    assert clock.elapsed == 0
    asking.send(WRITE)
    assert clock.elapsed == pytest.approx(9)


def test_a_throttled_write_is_told_how_long_its_budget_pauses() -> None:
    assert transport(URL, Scripted([THROTTLED])).send(WRITE).retry_after == 1.0


def test_calls_keep_to_their_rate_after_the_burst() -> None:
    clock = VirtualClock()
    begun: list[float] = []

    def note(_request: PreparedRequest) -> Step:
        begun.append(clock.elapsed)
        return OK

    rates = {"look": Rate(1, burst=2), "*": Rate(10)}
    asking = transport(URL, Scripted([note]), clock=clock, budgets=rates)
    for _ in range(4):
        asking.send(READ)
    assert begun == pytest.approx([0, 0, 1, 2])
    begun.clear()
    for name in ("a", "b", "c"):
        asking.send(ApiCall(name, "GET", ("thing",)))
    assert begun == pytest.approx([2, 2.1, 2.2])


def test_a_burst_builds_up_again_while_nothing_is_sent() -> None:
    clock = VirtualClock()
    asking = transport(URL, Scripted([OK]), clock=clock, budgets={"look": Rate(2, burst=3)})
    for _ in range(3):
        asking.send(READ)
    clock.elapsed = 60.0
    for _ in range(3):
        asking.send(READ)
    assert clock.elapsed == 60
    asking.send(READ)
    assert clock.elapsed == pytest.approx(60.5)


def test_a_rate_that_lets_nothing_through_is_refused() -> None:
    for rate in ((0, 1), (-1, 1), (1, 0)):
        with pytest.raises(ValueError, match="lets no call through"):
            Rate(*rate)


class Tokens:
    """A credential that can be renewed, and counts how often it was."""

    def __init__(self) -> None:
        self.renewed = 0

    def __call__(self, refresh: bool) -> Auth:
        self.renewed += refresh
        return Auth({"Authorization": f"Bearer token-{self.renewed}"})


def only_for(token: str) -> Callable[[PreparedRequest], Step]:
    def carrier(request: PreparedRequest) -> Step:
        return OK if request.headers["Authorization"] == f"Bearer {token}" else (401, b'{"error": "Unauthorized"}')

    return carrier


def test_a_credential_that_only_the_body_refuses_is_renewed_too() -> None:
    def carrier(request: PreparedRequest) -> Step:
        renewed = request.headers["Authorization"] == "Bearer token-1"
        return OK if renewed else (200, b'{"status": "Unauthorized", "statusCode": "401"}')

    tokens = Tokens()
    asking = transport(
        URL, Scripted([carrier]), authorize=tokens, can_refresh=True, unauthorized=lambda a: "statusCode" in a.json
    )
    assert "statusCode" not in asking.read(READ).json
    assert (tokens.renewed, asking.reads) == (1, 2)


@pytest.mark.parametrize("code", ["401", "408"])
@pytest.mark.parametrize("status", [200, 401])
def test_inumbering_refuses_a_key_by_the_status_or_by_the_body(status: int, code: str) -> None:
    body = {"status": "Error", "statusCode": code, "message": "key"}
    assert INumbering.unauthorized(Answer(status, body, is_json=True, empty=False))


def test_a_401_renews_the_credential_once_and_the_read_goes_on() -> None:
    tokens, carrier = Tokens(), Scripted([only_for("token-1")])
    asking = transport(URL, carrier, authorize=tokens, can_refresh=True)
    assert asking.read(READ).ok
    assert asking.read(READ).ok
    assert (tokens.renewed, len(carrier.seen)) == (1, 3)


def test_a_lasting_401_is_not_asked_in_a_loop() -> None:
    tokens, carrier = Tokens(), Scripted([(401, b"{}")])
    asking = transport(URL, carrier, authorize=tokens, can_refresh=True)
    assert [asking.read(READ).refreshed for _ in range(3)] == [False] * 3
    assert (tokens.renewed, len(carrier.seen)) == (1, 4)


def test_a_write_with_a_stale_credential_is_marked_and_not_repeated() -> None:
    tokens, carrier = Tokens(), Scripted([only_for("token-1")])
    asking = transport(URL, carrier, authorize=tokens, can_refresh=True)
    first = asking.send(WRITE)
    assert (first.status, first.refreshed, len(carrier.seen)) == (401, True, 1)
    assert asking.send(WRITE).ok


def test_a_call_that_left_before_the_renewal_is_worth_one_more_try() -> None:
    tokens = Tokens()
    both_left = threading.Barrier(2)

    def carrier(request: PreparedRequest) -> Step:
        if request.headers["Authorization"] == "Bearer token-0":
            both_left.wait(5)
        return only_for("token-1")(request)

    asking = transport(URL, Scripted([carrier]), authorize=tokens, can_refresh=True, max_in_flight=2)
    assert [got.ok for got in asking.gather([READ, READ])] == [True, True]
    assert tokens.renewed == 1
    asking.close()


def test_without_a_renewable_credential_a_401_is_just_that() -> None:
    tokens = Tokens()
    got = transport(URL, Scripted([(401, b"{}")]), authorize=tokens).read(READ)
    assert (got.message, got.refreshed, tokens.renewed) == ("Unauthorized", False, 0)


def test_a_credential_that_cannot_be_read_again_leaves_the_401_standing() -> None:
    def authorize(refresh: bool) -> Auth:
        if refresh:
            raise CredentialError("the file is gone")
        return Auth()

    got = transport(URL, Scripted([(401, b"{}")]), authorize=authorize, can_refresh=True).send(WRITE)
    assert (got.status, got.refreshed) == (401, False)
    assert "the file is gone" in got.message


def test_a_missing_credential_is_an_error_before_anything_is_sent() -> None:
    def authorize(_refresh: bool) -> Auth:
        raise CredentialError("TOKEN is not set")

    carrier = Scripted([OK])
    asking = transport(URL, carrier, authorize=authorize)
    with pytest.raises(CredentialError):
        asking.send(READ)
    assert (carrier.seen, asking.reads) == ([], 0)


@pytest.mark.parametrize("in_flight", [1, 4])
def test_gather_keeps_the_order_and_counts_every_call(in_flight: int) -> None:
    carrier = Scripted([lambda request: (200, b'"%s"' % (request.url or "").rsplit("/", 1)[1].encode())])
    asking = transport(URL, carrier, max_in_flight=in_flight)
    answers = asking.gather([ApiCall("look", "GET", (str(index),)) for index in range(40)])
    assert [got.json for got in answers] == [str(index) for index in range(40)]
    assert (asking.reads, asking.writes) == (40, 0)
    asking.close()


def test_no_more_calls_than_allowed_are_in_flight_at_once() -> None:
    now, most, lock = 0, 0, threading.Lock()
    full = threading.Barrier(3)

    def carrier(_request: PreparedRequest) -> Step:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        full.wait(5)
        with lock:
            now -= 1
        return OK

    asking = transport(URL, Scripted([carrier]), max_in_flight=3)
    threads = [threading.Thread(target=asking.gather, args=([READ] * 6,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert most == 3
    asking.close()


def test_an_error_in_gather_reaches_the_caller() -> None:
    def authorize(_refresh: bool) -> Auth:
        raise CredentialError("TOKEN is not set")

    asking = transport(URL, Scripted([OK]), authorize=authorize, max_in_flight=4)
    with pytest.raises(CredentialError):
        asking.gather([READ] * 100)
    asking.close()


def test_a_run_that_is_cut_while_it_waits_sends_nothing_more() -> None:
    class CutAfterFiveSeconds(VirtualClock):
        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            if self.elapsed >= 5:
                asking.cut()

    clock = CutAfterFiveSeconds()
    carrier = Scripted([(*THROTTLED, {"Retry-After": "120"}), OK])
    asking = transport(URL, carrier, clock=clock)
    got = asking.read(READ)
    assert (got.fault, got.message) == (NetworkFault.NOT_SENT, "the run was ended")
    assert clock.elapsed < 7
    assert len(carrier.seen) == 1


def test_an_answer_that_takes_too_long_on_the_runs_own_clock_is_cut() -> None:
    clock = VirtualClock()

    def slow(_request: PreparedRequest) -> Step:
        clock.sleep(61)
        return OK

    got = transport(URL, Scripted([slow]), clock=clock).send(WRITE)
    assert (got.fault, got.message) == (NetworkFault.CUT, "no whole answer within 60 s")


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (requests.ConnectTimeout(), NetworkFault.NOT_SENT),
        (requests.ConnectionError(urllib3.exceptions.NewConnectionError(NOWHERE, "refused")), NetworkFault.NOT_SENT),
        (
            requests.ConnectionError(urllib3.exceptions.NameResolutionError("h", NOWHERE, gaierror())),
            NetworkFault.NOT_SENT,
        ),
        (requests.exceptions.SSLError("in the middle"), NetworkFault.CUT),
        (requests.ReadTimeout(), NetworkFault.CUT),
        (requests.ConnectionError("reset"), NetworkFault.CUT),
        (requests.exceptions.ChunkedEncodingError(), NetworkFault.CUT),
        (ConnectionResetError(), NetworkFault.CUT),
    ],
)
def test_an_adapters_error_says_whether_the_request_left(error: Exception, fault: NetworkFault) -> None:
    got = transport(URL, Scripted([error])).send(WRITE)
    assert (got.status, got.fault) == (None, fault)
    assert got.message


def test_the_carriers_date_goes_with_its_answer() -> None:
    headers = {"Date": "Sat, 31 Jan 2026 12:00:05 GMT", "Retry-After": "Sat, 31 Jan 2026 12:00:35 GMT"}
    got = transport(URL, Scripted([(503, b"{}", headers)])).send(WRITE)
    assert got.date == datetime(2026, 1, 31, 12, 0, 5, tzinfo=UTC)
    assert got.retry_after == 30


def test_after_a_halt_no_write_begins_and_reads_go_on() -> None:
    carrier = Scripted([OK])
    halted = transport(URL, carrier)
    halted.halt()
    assert halted.send(WRITE).fault is NetworkFault.NOT_SENT
    assert halted.send(READ).status == 200
    assert (halted.writes, halted.reads) == (0, 1)
