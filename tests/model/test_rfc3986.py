"""Webhook URLs compare in the normal form of RFC 3986, 6.2.2 and 6.2.3, and in no wider one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.rfc3986 import normal
from reconciler.model.safe_text import WebhookUrl

IN = "https://hooks.example.com/in"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("HTTPS://Hooks.Example.COM/in", IN),
        ("https://hooks.example.com:443/in", IN),
        ("https://hooks.example.com:/in", IN),
        ("https://hooks.example.com/./in", IN),
        ("https://hooks.example.com/a/../in", IN),
        ("https://hooks.example.com/%2e/in", IN),
        ("https://hooks.example.com/a/%2E%2e/in", IN),
        ("https://hooks.example.com/../in", IN),
        ("https://hooks.example.com/%69n", IN),
        ("https://hooks.example.com/~in?k=%7e%3d", "https://hooks.example.com/%7Ein?k=~%3D"),
        ("https://hooks.example.com", "https://hooks.example.com/"),
        ("https://hooks.example.com?a=1", "https://hooks.example.com/?a=1"),
        ("https://hooks.example.com/in/.", "https://hooks.example.com/in/"),
        ("https://hooks.example.com/in/x/..", "https://hooks.example.com/in/"),
        ("https://%75ser:p%3dw@hooks.example.com/in", "https://user:p%3Dw@hooks.example.com/in"),
        ("http://[::1]:80/in", "http://[::1]/in"),
        ("http://[::1%25Lo]:8080/in", "http://[::1%25lo]:8080/in"),
        ("https://h/a//../in", "https://h/a/in"),
    ],
)
def test_what_has_one_normal_form_is_one_webhook(one: str, other: str) -> None:
    assert WebhookUrl(one) == WebhookUrl(other)
    assert hash(WebhookUrl(one)) == hash(WebhookUrl(other))
    assert not WebhookUrl(one).but_for_a_slash(WebhookUrl(other))


@pytest.mark.parametrize(
    "other",
    [
        "https://hooks.example.com/In",
        "https://hooks.example.com/in?",
        "https://hooks.example.com/in?a",
        "https://hooks.example.com//in",
        "https://hooks.example.com/%2Fin",
        "https://hooks.example.com:8443/in",
        "https://hooks.example.com:80/in",
        "https://user@hooks.example.com/in",
        "https://@hooks.example.com/in",
        "https://hooks.example.com./in",
        "http://hooks.example.com/in",
        "https://hooks.example.com/in#",
        "",
    ],
)
def test_what_differs_otherwise_is_another_webhook(other: str) -> None:
    assert WebhookUrl(IN) != WebhookUrl(other)
    assert not WebhookUrl(IN).but_for_a_slash(WebhookUrl(other))


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        (IN, f"{IN}/", True),
        (f"{IN}//", f"{IN}/", True),
        (f"{IN}?k=1", f"{IN}/?k=1", True),
        ("HTTPS://hooks.example.com/%69n", f"{IN}/", True),
        (IN, f"{IN}//", False),
        (f"{IN}?k=1", f"{IN}/?k=2", False),
        (f"{IN}?k=1", f"{IN}?k=1/", False),
        (IN, f"http{IN[5:]}/", False),
        ("https://hooks.example.com", "https://hooks.example.com//", True),
    ],
)
def test_one_slash_at_the_end_is_told_from_every_other_difference(one: str, other: str, *, apart: bool) -> None:
    assert WebhookUrl(one).but_for_a_slash(WebhookUrl(other)) is apart
    assert WebhookUrl(other).but_for_a_slash(WebhookUrl(one)) is apart


@given(st.text() | st.from_regex(r"https?://[a-zA-Z@:\[\]%0-9.]*(/[a-zA-Z.%2eE~]*)*(\?[a-z%7E]*)?", fullmatch=True))
def test_the_normal_form_of_the_normal_form_is_itself(url: str) -> None:
    once = str(normal(url))
    assert str(normal(once)) == once
