"""What the environment says of proxies and certificates is used, or refused in words: never "a bug in tnctl"."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.errors import UsageError
from reconciler.providers.http.environment import proxies_for, tls_context

URL = "https://carrier.example"


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
@pytest.mark.parametrize(
    "garbage",
    [
        "http://user:canary@[bad",
        "http://user:canary@host:port",
        "http://user:canary@host:99999",
        "http://user:canary@",
        "http://",
        "://canary",
        "http://user:canary@ho st:1",
        "not a proxy, canary",
        "http://[::1",
        "socks5://user:canary@p:1",
        "socks5h://p:1",
        "ftp://canary@p",
        "canary://x",
        "http://user:canary@höst:1",
        "\x01canary",
    ],
)
def test_a_garbage_proxy_is_no_bug_in_tnctl(variable: str, garbage: str) -> None:
    with pytest.raises(UsageError) as refused:
        proxies_for(URL, {variable: garbage})
    assert variable in refused.value.message
    assert "canary" not in refused.value.message + refused.value.hint
    assert proxies_for("http://127.0.0.1:1", {variable: garbage}) == {}


@pytest.mark.parametrize(
    ("written", "used"),
    [
        ("http://user:p@ss@proxy.example:3128", "http://user:p%40ss@proxy.example:3128"),
        ("http://user:p%40ss@proxy.example:3128/", "http://user:p%40ss@proxy.example:3128"),
        ("http://user:a/b?c#d@proxy.example", "http://user:a%2Fb%3Fc%23d@proxy.example"),
        ("HTTP://proxy.example:3128", "http://proxy.example:3128"),
        (" proxy.example:3128\n", "http://proxy.example:3128"),
        ("http://[fd00::1]:3128", "http://[fd00::1]:3128"),
        ("10.0.0.1:3128", "http://10.0.0.1:3128"),
    ],
)
def test_a_proxy_is_used_as_it_is_meant(written: str, used: str) -> None:
    assert proxies_for(URL, {"HTTPS_PROXY": written}) == {"https": used}


@pytest.mark.parametrize("garbage", [",,,", ":", ":::", "[", "*.", ".", "http://[bad", ":443", "  "])
def test_a_garbage_exception_excepts_nothing(garbage: str) -> None:
    assert proxies_for(f"{URL}.", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": garbage}) == {"https": "http://p:1"}


@pytest.mark.parametrize("rule", ["fd00::1", "[fd00::1]", "a, fd00::1"])
def test_an_address_may_be_excepted(rule: str) -> None:
    assert proxies_for("https://[fd00::1]", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": rule}) == {}


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
@pytest.mark.parametrize("content", [None, b"", b"canary", b"\0\xff", b"-----BEGIN CERTIFICATE-----\ncanary\n"])
def test_a_missing_or_garbage_bundle_of_certificates_is_no_bug_in_tnctl(
    variable: str, content: bytes | None, tmp_path: Path
) -> None:
    bundle = tmp_path / "ca.pem"
    if content is not None:
        bundle.write_bytes(content)
    with pytest.raises(UsageError) as refused:
        tls_context({variable: str(bundle)})
    assert variable in refused.value.message
    assert "canary" not in refused.value.message + refused.value.hint


def test_a_path_that_is_none_is_no_bug_in_tnctl() -> None:
    for path in ("x" * 5000, "a\0b"):
        with pytest.raises(UsageError, match="SSL_CERT_FILE"):
            tls_context({"SSL_CERT_FILE": path})
