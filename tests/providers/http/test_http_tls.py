"""The wire over TLS, with a certificate made for the test."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from typing import TYPE_CHECKING

import pytest
from http_doubles import READ, WRITE, Peer, answer, keep_answering, once, serving, transport

from reconciler.providers.http.messages import NetworkFault
from reconciler.providers.http.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
from typing import Any

SOON = 1.0

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl to make a certificate")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One PEM file with a key and a certificate for 127.0.0.1 that only signs itself."""
    folder = tmp_path_factory.mktemp("tls")
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=127.0.0.1"
    names = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out", "cert.pem"]
    subprocess.run([*command.split(), *names], cwd=folder, check=True, capture_output=True)
    (folder / "both.pem").write_text((folder / "key.pem").read_text() + (folder / "cert.pem").read_text())
    return folder / "both.pem"


def over_tls(certificate: Path, handle: Callable[[Peer], None]) -> Callable[[Peer], None]:
    """``handle`` behind a TLS handshake."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def wrapped(peer: Peer) -> None:
        peer.sock = context.wrap_socket(peer.sock, server_side=True)
        with peer.sock:
            handle(peer)

    return wrapped


def trusting(certificate: Path, port: int, **options: Any) -> Transport:
    return transport(f"https://127.0.0.1:{port}", environ={"SSL_CERT_FILE": str(certificate)}, **options)


def test_a_certificate_of_the_bundle_is_trusted_and_one_connection_kept(certificate: Path) -> None:
    with serving(over_tls(certificate, keep_answering(answer()))) as server:
        carrier = trusting(certificate, server.port)
        assert [carrier.send(call).ok for call in (READ, READ, WRITE)] == [True, True, True]
        assert server.connections == 2
        carrier.close()


def test_a_certificate_that_does_not_verify_is_not_sent(certificate: Path) -> None:
    with serving(over_tls(certificate, once(answer()))) as server:
        got = transport(f"https://127.0.0.1:{server.port}").send(WRITE)
    assert (got.fault, got.message) == (NetworkFault.NOT_SENT, "the TLS certificate does not verify")
    assert server.requests == []


def test_a_certificate_for_another_host_is_not_sent(certificate: Path) -> None:
    with serving(over_tls(certificate, once(answer()))) as server:
        environ = {"SSL_CERT_FILE": str(certificate)}
        got = transport(f"https://localhost:{server.port}", environ=environ).send(WRITE)
    assert got.fault is NetworkFault.NOT_SENT
    assert server.requests == []


def test_a_server_that_speaks_no_tls_is_not_sent(certificate: Path) -> None:
    def talk(peer: Peer) -> None:
        peer.sock.recv(1)
        peer.send(answer(400))

    with serving(talk) as server:
        got = trusting(certificate, server.port).send(WRITE)
    assert (got.fault, got.message) == (NetworkFault.NOT_SENT, "TLS failed")


def test_a_handshake_that_never_ends_is_cut_at_the_deadline_and_not_sent(certificate: Path) -> None:
    with serving(Peer.hang) as server:
        got = trusting(certificate, server.port, deadline=SOON).send(WRITE)
    assert (got.fault, got.message) == (NetworkFault.NOT_SENT, f"no whole answer within {SOON:g} s")


@pytest.mark.parametrize("start", [b"HTTP/1.1 2", b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"])
def test_one_byte_at_a_time_over_tls_ends_at_the_deadline(certificate: Path, start: bytes) -> None:
    def drip(peer: Peer) -> None:
        peer.request()
        peer.send(start)
        peer.drip(b"0" * 1000)

    with serving(over_tls(certificate, drip)) as server:
        got = trusting(certificate, server.port, deadline=SOON).send(WRITE)
    assert (got.fault, got.message) == (NetworkFault.CUT, f"no whole answer within {SOON:g} s")
