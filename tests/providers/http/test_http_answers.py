"""Tables: how bodies, headers, faults and outcomes are read, and what is never shown of them."""

from __future__ import annotations

import base64
import json
import ssl
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
import requests
from http_doubles import WRITE, Scripted, transport
from hypothesis import given
from hypothesis import strategies as st

from reconciler.errors import UsageError
from reconciler.model import Verdict
from reconciler.providers.http import body
from reconciler.providers.http.environment import proxies_for, tls_context
from reconciler.providers.http.messages import Answer, Auth, NetworkFault
from reconciler.providers.http.network_errors import fault_of, words_of
from reconciler.providers.http.redact import Redactor
from reconciler.providers.http.retry_after import http_date, retry_after
from reconciler.providers.http.verdict import judge, reply

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
URL = "https://carrier.example"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("1, 2", None),
        ("\u0663", None),
        ("NaN", None),
        ("1e3", None),
        ("0", 0.0),
        (" 17 ", 17.0),
        ("1.5", 1.5),
        ("-3", 0.0),
        ("120", 120.0),
        ("121", 120.0),
        ("9" * 400, 120.0),
        ("Sat, 31 Jan 2026 12:00:30 GMT", 30.0),
        ("Sat, 31 Jan 2026 11:59:00 GMT", 0.0),
        ("Sun, 31 Jan 2027 12:00:00 GMT", 120.0),
        ("Sat, 31 Jan 2026 12:00:30 -0000", 30.0),
        ("Sat, 31 Jan 99999 12:00:30 GMT", None),
        ("Fri, 31 Dec 9999 23:59:59 -1400", None),
    ],
)
def test_retry_after_is_read_as_the_table_says(header: str | None, seconds: float | None) -> None:
    assert retry_after(header, NOW) == seconds


@given(st.text(max_size=60))
def test_no_header_breaks_the_parsers(header: str) -> None:
    pause = retry_after(header, NOW)
    assert pause is None or 0 <= pause <= 120
    moment = http_date(header)
    assert moment is None or moment.tzinfo is UTC


JSON = {"json": {}, "is_json": True, "empty": False}
PAGE = {"empty": False}


@pytest.mark.parametrize(
    ("fields", "verdict"),
    [
        ({"status": None, "fault": NetworkFault.NOT_SENT}, Verdict.NOT_SENT),
        ({"status": None, "fault": NetworkFault.CUT}, Verdict.MAYBE),
        ({"status": None}, Verdict.MAYBE),
        ({"status": 200, "fault": NetworkFault.CUT, **JSON}, Verdict.MAYBE),
        ({"status": 429, "fault": NetworkFault.CUT}, Verdict.MAYBE),
        *[({"status": status, **JSON}, Verdict.MAYBE) for status in (100, 101, 103, 199, 600, 999)],
        *[({"status": status, **JSON}, Verdict.MAYBE) for status in (301, 302, 303, 304, 307, 308)],
        *[({"status": status, **JSON}, Verdict.MAYBE) for status in (500, 501, 502, 503, 504, 599)],
        *[({"status": status, **PAGE}, Verdict.MAYBE) for status in (200, 201, 202, 204)],
        ({"status": 401, **JSON}, Verdict.REJECTED),
        ({"status": 401, "refreshed": True}, Verdict.THROTTLED),
        ({"status": 429, "retry_after": 4.0}, Verdict.THROTTLED),
        *[({"status": status, **JSON}, None) for status in (200, 201, 202)],
        *[({"status": status}, None) for status in (200, 202, 204)],
        *[({"status": status, **JSON}, None) for status in (400, 403, 404, 405, 408, 409, 410, 422, 425)],
        *[({"status": status, **PAGE}, None) for status in (400, 404)],
    ],
)
def test_an_answer_to_a_write_is_judged_as_the_table_says(fields: dict[str, Any], verdict: Verdict | None) -> None:
    judged = judge(Answer(**fields))
    assert (judged and judged.verdict) == verdict


def test_a_reply_takes_over_what_the_answer_tells() -> None:
    answer = Answer(429, message="slow", date=NOW, retry_after=4.0)
    judged = judge(answer)
    assert judged is not None
    assert (judged.message, judged.status, judged.answered, judged.retry_after) == ("slow", 429, NOW, 4.0)
    again = judge(Answer(401, refreshed=True))
    assert again is not None
    assert again.retry_after == 0.0
    assert reply(answer, Verdict.OK, external={"numberKey": "k"}, message="").external == {"numberKey": "k"}


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (b'{"a": 1.10, "b": 1, "c": null}', {"a": Decimal("1.10"), "b": 1, "c": None}),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (b'{"a": 1, "a": 1}', {"a": 1}),
        (b'"\\ud83d\\ude00"', "\U0001f600"),
        (b"null", None),
        (b"1E-3", Decimal("0.001")),
    ],
)
def test_json_is_read_with_exact_numbers(content: bytes, value: object) -> None:
    got = body.parse(content)
    assert got == value
    assert type(got) is type(value)


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"NaN",
        b'{"a": Infinity}',
        b"[" * 100_000,
        b'"\xff"',
        b'"\xed\xa0\x80"',
        b'"\\ud800"',
        b'{"\\uDFFF": 1}',
        b"1e999999999",
        b"9" * 5000,
        "{}".encode("utf-16"),
        b"<html>",
        b'{"pricePerMonth": 5, "pricePerMonth": 5000}',
        b'[{"a": {"b": 1, "b": "1"}}]',
        b'{"shared": true, "shared": 1}',
    ],
)
def test_what_could_not_be_used_again_is_no_json(content: bytes) -> None:
    got = transport(URL, Scripted([(200, content)])).send(WRITE)
    assert (got.is_json, got.json, got.empty, got.status) == (False, None, False, 200)


EXCEPTION = {"messageId": "BAD_REQUEST", "text": "Bad Request", "validationErrors": {"numberKey": ["must be set", "x"]}}


@pytest.mark.parametrize(
    ("status", "content", "message"),
    [
        (401, {"code": 401, "error": "Unauthorized token"}, "Unauthorized token"),
        (409, {"status": "Error", "statusCode": "409", "message": "Invalid TN"}, "Invalid TN"),
        (200, {"orderId": None, "status": "TN is on an existing order"}, "TN is on an existing order"),
        (
            400,
            {"requestError": {"serviceException": EXCEPTION}},
            "Bad Request (BAD_REQUEST); numberKey: must be set, x",
        ),
        (400, {"requestError": {"serviceException": {"text": "Only text"}}}, "Only text"),
        (404, {"errorCode": "E404", "description": "No such number"}, "No such number (E404)"),
        (404, "Not here", "Not here"),
        (404, {"requestError": "odd", "message": 7, "error": ["x"]}, "Not Found"),
        (404, [1, 2], "Not Found"),
        (200, {"numbers": []}, ""),
        (599, {}, "an unknown status"),
    ],
)
def test_the_carriers_words_are_found_in_the_shapes_they_use(status: int, content: object, message: str) -> None:
    assert transport(URL, Scripted([(status, json.dumps(content).encode())])).send(WRITE).message == message


@pytest.mark.parametrize(
    ("status", "content", "message"),
    [
        (200, b" <!doctype html><p>login", "HTML instead of JSON"),
        (502, b"<html>Bad Gateway</html>", "HTML instead of JSON"),
        (200, b"OK", "a body that is not JSON"),
        (500, b'{"cut": ', "a body that is not JSON"),
        (404, b"no such number", "no such number"),
        (404, b"", "Not Found"),
        (204, b"", ""),
        (200, b" \r\n", ""),
    ],
)
def test_a_body_that_is_no_json_is_named_not_dumped(status: int, content: bytes, message: str) -> None:
    got = transport(URL, Scripted([(status, content)])).send(WRITE)
    assert (got.message, got.is_json, got.empty) == (message, False, not content.strip())


def test_words_are_plain_and_short() -> None:
    content = json.dumps({"message": "::error::\x1b[31m" + "long " * 9999}).encode()
    message = transport(URL, Scripted([(400, content)])).send(WRITE).message
    assert len(message) == 200
    assert "::" not in message
    assert "\x1b" not in message


BASIC = Auth({"Authorization": "Basic " + base64.b64encode(b"user-canary:pass/w+rd").decode()})


@pytest.mark.parametrize(
    ("auth", "secret"),
    [
        (Auth({"Authorization": 'Bearer canary/+ "token"'}), 'canary/+ "token"'),
        (Auth({"Authorization": "App canary-key"}), "canary-key"),
        (Auth({}, {"apikey": "canary&key=1"}), "canary&key=1"),
        (BASIC, "pass/w+rd"),
        (BASIC, "user-canary"),
    ],
)
def test_our_credentials_are_taken_out_of_the_carriers_words(auth: Auth, secret: str) -> None:
    forms = [secret, quote(secret, safe=""), quote(secret, safe="").lower(), json.dumps(secret)[1:-1]]
    forms += [base64.b64encode(secret.encode()).decode(), base64.urlsafe_b64encode(secret.encode()).decode()]
    for form in forms:
        for content in (json.dumps({"message": f"bad key {form}!"}), f"bad key {form}!"):
            asking = transport(URL, Scripted([(403, content.encode())]), authorize=lambda _refresh: auth)
            message = asking.send(WRITE).message
            assert message.startswith("bad key ***"), form
            assert form.rstrip("=") not in message


@given(st.text(min_size=4, max_size=30), st.text(max_size=20), st.text(max_size=20))
def test_no_secret_survives_redaction(secret: str, before: str, after: str) -> None:
    assert secret not in Redactor(Auth({}, {"apikey": secret}))(before + secret + after).replace("***", "")


def test_without_credentials_nothing_is_redacted() -> None:
    assert Redactor(Auth({}, {"apikey": "k"}))("ok") == "ok"
    assert Redactor(Auth())("ok") == "ok"


@pytest.mark.parametrize(
    ("error", "sent", "fault"),
    [
        (ConnectionResetError(), False, NetworkFault.NOT_SENT),
        (requests.ConnectTimeout(), True, NetworkFault.CUT),
        (ssl.SSLCertVerificationError(), None, NetworkFault.NOT_SENT),
        (ssl.SSLError(), None, NetworkFault.CUT),
        (ConnectionRefusedError(), None, NetworkFault.NOT_SENT),
    ],
)
def test_what_the_socket_knows_outweighs_the_type_of_the_error(
    error: Exception, sent: bool | None, fault: NetworkFault
) -> None:
    assert fault_of(error, sent) is fault


def test_an_errors_own_text_is_never_shown() -> None:
    error = requests.ConnectionError("https://carrier.example/?apikey=canary")
    error.args = (error.args[0], error)
    for shown in (error, ValueError("canary"), OSError("canary"), requests.exceptions.SSLError("canary")):
        assert "canary" not in words_of(shown)


@pytest.mark.parametrize(
    ("url", "environ", "proxy"),
    [
        (URL, {}, None),
        (URL, {"HTTPS_PROXY": "http://p:1"}, "http://p:1"),
        (URL, {"https_proxy": "http://low:1", "HTTPS_PROXY": "http://up:1"}, "http://low:1"),
        (URL, {"ALL_PROXY": "p:1"}, "http://p:1"),
        (URL, {"HTTP_PROXY": "http://p:1"}, None),
        (URL, {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "a.example, .CARRIER.example"}, None),
        (URL, {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "example"}, None),
        (URL, {"HTTPS_PROXY": "http://p:1", "no_proxy": "*"}, None),
        (URL, {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "carrier.example:444,notcarrier.example"}, "http://p:1"),
        (URL + ":444", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "carrier.example:444"}, None),
        ("http://127.0.0.1:9", {"HTTP_PROXY": "http://p:1"}, None),
        ("http://[::1]:9/x", {"HTTP_PROXY": "http://p:1"}, None),
        ("http://localhost:9", {"ALL_PROXY": "http://p:1"}, None),
    ],
)
def test_the_proxy_comes_from_the_environment_given(url: str, environ: dict[str, str], proxy: str | None) -> None:
    assert proxies_for(url, environ) == ({} if proxy is None else {url.partition(":")[0]: proxy})


def test_a_socks_proxy_and_a_missing_ca_bundle_are_refused_without_showing_them(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        proxies_for(URL, {"ALL_PROXY": "socks5://user:canary@p:1"})
    assert "canary" not in refused.value.message
    for variable in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        with pytest.raises(UsageError, match=variable):
            tls_context({variable: str(tmp_path / "none.pem")})
