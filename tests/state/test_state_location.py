"""A state URL is understood, or refused in words that show nothing of a secret in it."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest

from reconciler.clock import SystemClock
from reconciler.errors import ConfigError, TnctlError, UsageError
from reconciler.model.safe_text import without_logins
from reconciler.state.location import Location
from reconciler.state.store import Store
from reconciler.testing import load_configuration


@pytest.mark.parametrize(
    ("url", "user", "password"),
    [
        ("postgresql://tn:pg@S3cret@db.example/x", "tn", "pg@S3cret"),
        ("postgresql://tn:@S3cret@db.example/x", "tn", "@S3cret"),
        ("postgresql://tn:S3cret@@db.example/x", "tn", "S3cret@"),
        ("postgresql://tn:pg%40S3@cret@db.example/x", "tn", "pg@S3@cret"),
        ("postgresql://tn:pg/S3cret@db.example/x", "tn", "pg/S3cret"),
        ("postgresql://tn:pg?S3cret@db.example/x", "tn", "pg?S3cret"),
        ("postgresql://tn:pg#S3cret@db.example/x", "tn", "pg#S3cret"),
        ("postgresql://tn:[S3cret@db.example/x", "tn", "[S3cret"),
        ("postgresql://tn@host:S3cret@db.example/x", "tn@host", "S3cret"),
        ("postgresql://tn:S3cret@db.example/x?options=-c%20a%40b", "tn", "S3cret"),
    ],
)
def test_what_nobody_encoded_in_a_password_stays_in_the_password(url: str, user: str, password: str) -> None:
    location = Location.parse(url)
    assert (location.url.username, location.url.password, location.url.host) == (user, password, "db.example")
    assert location.shown == "postgresql://db.example/x"
    assert "S3cret" not in repr(location)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://tn:pg@S3/cret@db.example/x",
        "postgresql://tn:pg@S3cret?x@db.example/x",
        "postgresql://tn:S3cret@db.example/x?options=a@b",
        "postgresql://tn/S3cret@db.example/x",
        "postgresql://tn:S3cret@x@db.example:port/x",
    ],
)
def test_what_can_be_read_in_two_ways_is_refused_with_the_way_to_encode_it(url: str) -> None:
    with pytest.raises(UsageError) as refused:
        Location.parse(url)
    assert "percent-encode" in refused.value.hint
    assert "S3" not in "".join([refused.value.message, refused.value.hint, *traceback.format_exception(refused.value)])


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://tn:pg@S3cret@no-such-host.invalid/x",
        "postgresql://tn:a%25b%40S3cret@127.0.0.1:1/x",
        "postgresql://tn@127.0.0.1:1/x?password=pg@S3cret".replace("@S3", "%40S3"),
        "postgresql://tn@127.0.0.1:1/x?sslpassword=S3cret&passfile=/tmp/S3cret",
        "postgresql://tn:S3cret@127.0.0.1:1/x?sslmode=S3cret",
        "postgresql://tn:S3cret@127.0.0.1:1/x?nonsense=1",
    ],
)
def test_no_error_of_the_database_shows_a_raw_password(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", "S3cretOfTheEnvironment")
    with pytest.raises(TnctlError) as refused:
        Store.open(url, SystemClock(), create=True)
    said = [refused.value.message, refused.value.hint, *traceback.format_exception(refused.value)]
    assert not [line for line in said if "S3cret" in line]


def test_a_driver_that_quotes_its_parameters_quotes_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", "S3cretOfTheEnvironment")
    location = Location.parse("postgresql://tn:pg@S3 cret@db.example/x?passfile=/home/tn/S3cretfile")
    for quoted in (
        "password=pg@S3 cret",
        "postgresql://tn:pg%40S3%20cret@db.example/x",
        "postgresql://tn:pg@S3 cret@db.example",
        "pg%40S3+cret",
        "S3cretOfTheEnvironment",
        'could not open "/home/tn/S3cretfile"',
        "scheme://other:S3@cret@host",
    ):
        assert "S3" not in location.redact(quoted)
        assert "cret" not in location.redact(quoted)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://tn:pg@S3cret@db.example/x",
        "postgresql://tn:p#S3cret@db.example/x",
        "postgresql://tn:[S3cret@db.example/x",
        "postgresql://db.example/x?sslpassword=S3cret",
        "postgresql://db.example/x?PASSWORD=S3cret",
    ],
)
def test_a_password_in_the_yaml_is_refused_however_it_is_written(url: str, tmp_path: Path) -> None:
    path = tmp_path / "numbers.yaml"
    path.write_text(f'version: 1\nstate: "{url}"\n')
    with pytest.raises(ConfigError) as refused:
        load_configuration([path], {})
    assert "must not hold a password" in refused.value.message
    assert "S3cret" not in refused.value.message


def test_everything_to_the_last_at_is_masked_in_any_text() -> None:
    assert without_logins("see postgresql://a:b@c@d/x and x@y") == "see postgresql://***@d/x and x@y"
