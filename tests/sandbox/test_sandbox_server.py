from __future__ import annotations

import http.client
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
import requests
from sandbox_desk import APP, Desk

from reconciler.model.fleet import CarrierType
from reconciler.sandbox import FAULTS, Rule, When
from reconciler.sandbox.curl_help import environment, examples
from reconciler.sandbox.server import account_url, running

NUMBERS = "/infobip/sms/1/numbers"
NUMBER = "447700900125"


@pytest.fixture
def url(desk: Desk) -> Iterator[str]:
    with running(desk.sandbox) as where:
        yield where


@pytest.fixture
def client() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        session.headers.update(APP)
        yield session


def test_the_server_answers_what_the_adapter_answers(desk: Desk, url: str, client: requests.Session) -> None:
    over_socket = client.get(url + NUMBERS)
    in_memory = desk.numbers("GET")
    assert over_socket.content == in_memory.content
    assert dict(over_socket.headers) == dict(in_memory.headers)


def test_a_purchase_over_the_socket_is_charged(desk: Desk, url: str, client: requests.Session) -> None:
    body = {"numberKey": desk.sandbox.infobip().offer_key(NUMBER)}
    assert client.post(url + NUMBERS, json=body).json()["number"] == NUMBER
    key = desk.sandbox.infobip().key_of(f"+{NUMBER}").replace("%", "%25")
    assert client.delete(f"{url}{NUMBERS}/{key}").status_code == 204
    assert len(desk.sandbox.ledger.charges()) == len(desk.sandbox.ledger.releases()) == 1


def test_a_connection_is_kept_for_the_next_request(url: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    sockets = []
    for _ in range(3):
        connection.request("GET", NUMBERS, headers=APP)
        assert connection.getresponse().read()
        sockets.append(connection.sock)
    connection.close()
    assert sockets[0] is sockets[1] is sockets[2] is not None


def test_a_body_in_chunks_is_read(desk: Desk, url: str, client: requests.Session) -> None:
    body = iter([b'{"numberKey": "', desk.sandbox.infobip().offer_key(NUMBER).encode(), b'"}'])
    assert client.post(url + NUMBERS, data=body).json()["number"] == NUMBER


UNDONE = {
    "dns": requests.ConnectionError,
    "refused": requests.ConnectionError,
    "connect-timeout": requests.ConnectionError,
    "tls": requests.ConnectionError,
    "reset": requests.ConnectionError,
    "timeout": requests.ReadTimeout,
    "truncated": requests.exceptions.ChunkedEncodingError,
    "bad-gzip": requests.exceptions.ContentDecodingError,
}


def outcome(client: requests.Session, url: str, body: dict[str, str], patience: float) -> type:
    try:
        return type(client.post(url + NUMBERS, json=body, timeout=patience, allow_redirects=False))
    except requests.RequestException as error:
        return type(error)


@pytest.mark.parametrize("name", [name for name in FAULTS if name != "gzip-bomb"])
def test_every_fault_is_done_on_the_socket(desk: Desk, url: str, client: requests.Session, name: str) -> None:
    desk.sandbox.faults.plant(Rule(name, call="purchase"))
    body = {"numberKey": desk.sandbox.infobip().offer_key(NUMBER)}
    patience = 0.3 if UNDONE.get(name) is requests.ReadTimeout else 20
    assert outcome(client, url, body, patience) is UNDONE.get(name, requests.Response)
    assert len(desk.sandbox.ledger.charges()) == (FAULTS[name].moments[0] is When.AFTER)
    assert client.get(url + NUMBERS).status_code == 200


def test_many_clients_at_once_get_each_their_own_answer(desk: Desk, url: str) -> None:
    def buy(line: int) -> str:
        body = {"numberKey": desk.sandbox.infobip().offer_key(f"4477009001{line:02}")}
        bought: str = requests.post(url + NUMBERS, json=body, headers=APP, timeout=10).json()["number"]
        return bought

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(buy, range(24))) == [f"4477009001{line:02}" for line in range(24)]
    assert len(desk.sandbox.ledger.charges()) == 24


def test_the_server_ends_although_a_client_is_still_connected(desk: Desk) -> None:
    with running(desk.sandbox) as url:
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=5)
        connection.request("GET", NUMBERS, headers=APP)
        assert connection.getresponse().read()
    assert connection.sock.recv(100) == b""
    connection.close()


def test_the_environment_by_hand_names_each_account_and_each_credential_once() -> None:
    accounts = {"uk-desk": CarrierType.INFOBIP, "ip": CarrierType.INTELEPEER, "vt": CarrierType.INUMBERING}
    assert environment(accounts, "http://127.0.0.1:8080") == {
        "UK_DESK_URL": "http://127.0.0.1:8080/uk-desk",
        "IP_URL": "http://127.0.0.1:8080/ip",
        "VT_URL": "http://127.0.0.1:8080/vt",
        "INFOBIP_API_KEY": "sandbox",
        "INTELEPEER_TOKEN": "sandbox",
        "INUMBERING_API_KEY": "sandbox",
    }
    assert [line.count("_URL}") for line in examples(accounts)] == [1, 1, 1]
    assert account_url("http://127.0.0.1:8080", "a b/c") == "http://127.0.0.1:8080/a%20b%2Fc"
