"""A branch that anybody may write decides neither where a key is sent, nor what is run, nor whose records are used."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from reconciler.errors import ConfigError
from reconciler.model.fleet import Fleet
from reconciler.testing import load_configuration

TRUSTED = """version: 1
state: sqlite:///records.db
providers:
  ib:
    type: infobip
    base_url: https://eu.api.infobip.com
    credentials: {api_key: {env: INFOBIP_API_KEY}}
    limits: {requests_per_second: 5}
safety: {max_purchases: 3, max_monthly: {EUR: "10.00"}}
"""
NUMBERS = 'numbers:\n  "+447700900123": {provider: ib}\n'

Load = Callable[..., Fleet]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Loads a branch's text beside the operator's file, each in a folder of its own."""
    branch, operator = tmp_path / "branch", tmp_path / "operator"
    branch.mkdir()
    operator.mkdir()

    def loaded(text: str, trusted: str = TRUSTED) -> Fleet:
        (branch / "numbers.yaml").write_text(text)
        (operator / "accounts.yaml").write_text(trusted)
        return load_configuration([branch / "numbers.yaml"], {}, accounts=operator / "accounts.yaml")

    return loaded


def refused(load: Load, text: str, trusted: str = TRUSTED) -> str:
    with pytest.raises(ConfigError) as error:
        load(text, trusted)
    return error.value.message


@pytest.mark.parametrize("providers", ["", "providers: {ib: {type: infobip}}\n", "providers: {}\n"])
def test_the_accounts_are_those_of_the_operators_file(load: Load, providers: str) -> None:
    fleet = load(f"version: 1\n{providers}{NUMBERS}")
    account = fleet.accounts["ib"]
    assert account.base_url == "https://eu.api.infobip.com"
    assert account.credentials["api_key"].target == ("INFOBIP_API_KEY",)
    assert account.limits.requests_per_second == 5
    assert fleet.safety.max_purchases == 3
    assert not fleet.notices


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ("base_url: https://collector.example", "base_url"),
        ("base_url: https://eu.api.infobip.com", "base_url"),
        ("credentials: {api_key: {command: [sh, -c, id]}}", "credentials"),
        ("credentials: {api_key: {file: ../../etc/shadow}}", "credentials"),
        ("credentials: {api_key: {env: HOME}}", "credentials"),
        ("credentials: nonsense", "credentials"),
        ("limits: {max_in_flight: 1}", "limits"),
        ("limits: {}", "limits"),
    ],
)
def test_a_branch_does_not_say_where_a_key_goes_or_how_it_is_got(load: Load, said: str, key: str) -> None:
    message = refused(load, f"version: 1\nproviders: {{ib: {{type: infobip, {said}}}}}\n{NUMBERS}")
    assert f"numbers.yaml:2:33: `{key}` is not said here beside trusted accounts" in message


@pytest.mark.parametrize("state", ["sqlite:///mine.db", "{env: HOME}", "postgresql://collector.example/x", "[]"])
@pytest.mark.parametrize("trusted", [TRUSTED, TRUSTED.replace("state: sqlite:///records.db\n", "")])
def test_a_branch_does_not_say_which_records_are_used(load: Load, state: str, trusted: str) -> None:
    message = refused(load, f"version: 1\nstate: {state}\n{NUMBERS}", trusted)
    assert "numbers.yaml:2:1: `state` is not said here beside trusted accounts" in message


def test_an_account_that_the_operator_does_not_know_is_refused(load: Load) -> None:
    message = refused(load, f"version: 1\nproviders: {{ibx: {{type: infobip}}}}\n{NUMBERS}")
    assert "numbers.yaml:2:13: `ibx` is no account of " in message
    assert "did you mean `ib`?" in message
    message = refused(load, "version: 1\nnumbers: {'+12015550123': {provider: vt}}\n")
    assert "`vt`" in message


def test_an_account_of_another_carrier_is_refused(load: Load) -> None:
    message = refused(load, f"version: 1\nproviders: {{ib: {{type: intelepeer}}}}\n{NUMBERS}")
    assert "`type` is infobip in " in message


def test_what_the_operator_leaves_open_the_branch_may_say_and_what_he_says_holds(load: Load) -> None:
    text = (
        f"version: 1\nproviders: {{ib: {{type: infobip, api_path: /numbers/1/numbers, settle_after: 1s}}}}\n{NUMBERS}"
    )
    assert load(text).accounts["ib"].path == "/numbers/1/numbers"
    fleet = load(text, TRUSTED.replace("    type: infobip\n", "    type: infobip\n    settle_after: 600s\n"))
    assert fleet.accounts["ib"].settle_after.total_seconds() == 600
    assert ["`settle_after` has no effect here" in notice.message for notice in fleet.notices] == [True]


def test_the_limits_of_the_operator_hold(load: Load) -> None:
    fleet = load(f"version: 1\nsafety: {{max_purchases: 500, max_releases: 100, unknown_prices: allow}}\n{NUMBERS}")
    assert (fleet.safety.max_purchases, fleet.safety.max_releases) == (3, 0)
    assert "`max_purchases`, `max_releases`, `unknown_prices` has no effect" in fleet.notices[0].message
    own = TRUSTED.partition("safety")[0]
    assert load(f"version: 1\nsafety: {{max_purchases: 500}}\n{NUMBERS}", own).safety.max_purchases == 500


@pytest.mark.parametrize("section", ["numbers: {}", "defaults: {}", "brands: {}", "campaigns: {}", "pools: {}"])
def test_a_file_of_trusted_accounts_holds_nothing_else(load: Load, section: str) -> None:
    message = refused(load, f"version: 1\n{NUMBERS}", f"{TRUSTED}{section}\n")
    assert "accounts.yaml:10:1: " in message
    assert "does not belong in a file of trusted accounts" in message


@pytest.mark.parametrize(
    ("trusted", "words"),
    [
        ("", "the file is empty"),
        ("providers: {ib: {type: infobip}}\n", "`version` is missing"),
        ("version: 1\n", "`providers` is missing"),
        ("version: 1\nproviders: {ib: {type: nonsense}}\n", "`type` has no such setting"),
        ("version: 1\nproviders: {ib: [\n", "not YAML from here on"),
    ],
)
def test_a_faulty_file_of_trusted_accounts_is_told_of_alone(load: Load, trusted: str, words: str) -> None:
    message = refused(load, f"version: 1\nproviders: {{ib: {{type: infobip}}}}\n{NUMBERS}", trusted)
    assert words in message
    assert "numbers.yaml" not in message


def test_a_missing_file_of_trusted_accounts_is_an_error_not_no_file(tmp_path: Path) -> None:
    (tmp_path / "numbers.yaml").write_text(f"version: 1\nproviders: {{ib: {{type: infobip}}}}\n{NUMBERS}")
    with pytest.raises(ConfigError, match="1:1: no such file: --trusted-accounts"):
        load_configuration([tmp_path / "numbers.yaml"], {}, accounts=tmp_path / "accounts.yaml")


SECRET = "canary4Lk9PwQx7Zs"


@pytest.mark.parametrize("way", ["file", "in a folder", "folder", "file below a folder"])
def test_no_link_of_a_branch_leads_out_of_its_folder_or_shows_what_is_there(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    branch, outside = tmp_path / "branch", tmp_path / "outside"
    branch.mkdir()
    outside.mkdir()
    (outside / "shadow.yaml").write_text(f"root:{SECRET}:19000:0:99999:7:::\n")
    accounts = tmp_path / "accounts.yaml"
    accounts.write_text(TRUSTED)
    monkeypatch.chdir(branch)
    if way == "file":
        named = Path("numbers.yaml")
        os.symlink(outside / "shadow.yaml", named)
    elif way == "in a folder":
        named = Path("conf")
        named.mkdir()
        os.symlink("../../outside/shadow.yaml", named / "more.yaml")
    else:
        os.symlink(outside, "conf")
        named = Path("conf") if way == "folder" else Path("conf/shadow.yaml")
    with pytest.raises(ConfigError) as error:
        load_configuration([named], {}, accounts=accounts)
    assert "lead" in error.value.message
    assert SECRET not in "".join([error.value.message, error.value.hint, *traceback.format_exception(error.value)])


def test_a_link_within_the_folder_is_followed(tmp_path: Path) -> None:
    (tmp_path / "accounts").mkdir()
    (tmp_path / "accounts" / "accounts.yaml").write_text(TRUSTED)
    data = tmp_path / "branch" / "..data"
    data.mkdir(parents=True)
    (data / "numbers.yaml").write_text(f"version: 1\n{NUMBERS}")
    os.symlink("..data/numbers.yaml", tmp_path / "branch" / "numbers.yaml")
    named = tmp_path / "branch" / "numbers.yaml"
    assert load_configuration([named], {}, accounts=tmp_path / "accounts" / "accounts.yaml").accounts


@pytest.mark.parametrize("place", ["accounts.yaml", "ops/accounts.yaml", "../accounts.yaml"])
def test_a_file_that_the_branch_itself_can_change_is_a_warning(tmp_path: Path, place: str) -> None:
    folder = tmp_path / "fleet"
    (folder / "ops").mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    (folder / "numbers.yaml").write_text(f"version: 1\n{NUMBERS}")
    (folder / place).write_text(TRUSTED)
    fleet = load_configuration([folder / "numbers.yaml"], {}, accounts=folder / place)
    assert "so that a branch can change it" in fleet.notices[0].message
    assert fleet.notices[0].severity == "warning"


def test_a_link_in_the_repository_to_a_file_outside_is_a_warning_too(tmp_path: Path) -> None:
    (tmp_path / "branch").mkdir()
    (tmp_path / "accounts.yaml").write_text(TRUSTED)
    os.symlink("../accounts.yaml", tmp_path / "branch" / "accounts.yaml")
    (tmp_path / "branch" / "numbers.yaml").write_text(f"version: 1\n{NUMBERS}")
    fleet = load_configuration(
        [tmp_path / "branch" / "numbers.yaml"], {}, accounts=tmp_path / "branch" / "accounts.yaml"
    )
    assert "so that a branch can change it" in fleet.notices[0].message


def test_the_records_are_those_of_the_operators_file_from_its_own_folder(load: Load, tmp_path: Path) -> None:
    url = load(f"version: 1\n{NUMBERS}").state.url
    assert url == f"sqlite:///{tmp_path / 'operator' / 'records.db'}"
    url = load(f"version: 1\n{NUMBERS}", TRUSTED.replace("state: sqlite:///records.db\n", "")).state.url
    assert url == f"sqlite:///{tmp_path / 'branch' / '.tnctl' / 'state.db'}"


BOOK = "prices: [{provider: ib, country: GB, monthly: MONTHLY, currency: EUR, as_of: 2026-01-31}]\n"


def test_a_branch_does_not_say_what_a_number_costs_once_the_operator_bounds_it(load: Load) -> None:
    cheap, true = BOOK.replace("MONTHLY", '"0.00"'), BOOK.replace("MONTHLY", '"5.00"')
    fleet = load(f"version: 1\n{cheap}{NUMBERS}")
    assert not fleet.prices
    assert "numbers.yaml:2:1: `prices` has no effect here" in fleet.notices[0].message
    assert [str(price.monthly) for price in load(f"version: 1\n{cheap}{NUMBERS}", TRUSTED + true).prices.values()] == [
        "5.00"
    ]
    bare = TRUSTED.partition("safety")[0]
    assert load(f"version: 1\n{cheap}{NUMBERS}", bare).prices
    assert not load(f"version: 1\n{NUMBERS}", TRUSTED).notices


@pytest.mark.parametrize("link", [".tnctl", ".tnctl/state.db", ".tnctl/sandbox"])
def test_no_link_of_a_branch_leads_to_other_records(load: Load, tmp_path: Path, link: str) -> None:
    path = tmp_path / "branch" / link
    path.parent.mkdir(exist_ok=True)
    path.symlink_to(tmp_path / "elsewhere")
    bare = TRUSTED.replace("state: sqlite:///records.db\n", "")
    assert "leads out of the configuration's folder" in refused(load, f"version: 1\n{NUMBERS}", bare)
