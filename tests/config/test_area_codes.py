"""A campaign's numbers whose area code is known not to be one of US long codes: a warning, and never more."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from reconciler.config.area_codes import MOST_NAMED
from reconciler.model import Notice
from reconciler.testing import load_configuration

HEAD = """\
version: 1
providers: {vt: {type: inumbering}, ib: {type: infobip}}
brands: {acme: {provider: vt, id: BACME01, name: ACME, description: ACME alerts}}
campaigns: {alerts: {provider: vt, brand: acme, id: CACME01, description: Alerts}}
"""
MEMBER = "{provider: vt, campaign: alerts}"
KNOWN_US = ("201", "212", "472", "720", "787", "917", "340", "671", "983")
"""Area codes of the states and of the territories, where US long codes are sold as well."""


def warnings(folder: Path, text: str) -> list[str]:
    (folder / "numbers.yaml").write_text(HEAD + text)
    notices = load_configuration([folder / "numbers.yaml"], {}).notices
    return [of_area(notice, folder) for notice in notices if "area code" in notice.message]


def of_area(notice: Notice, folder: Path) -> str:
    assert (notice.severity, notice.address) == ("warning", None)
    return notice.message.removeprefix(f"{folder}/")


def lines(*tns: str) -> str:
    return "numbers:\n" + "".join(f'  "{tn}": {MEMBER}\n' for tn in tns)


@pytest.mark.parametrize(
    ("tn", "message"),
    [
        ("+14165550123", "area code 416 belongs to CA, not to the US"),
        ("+16045550123", "area code 604 belongs to CA, not to the US"),
        ("+18765550123", "area code 876 belongs to JM, not to the US"),
        ("+12425550123", "area code 242 belongs to BS, not to the US"),
        ("+18095550123", "area code 809 belongs to DO, not to the US"),
        ("+19005550123", "area code 900 has no long codes"),
        ("+15005550123", "area code 500 has no long codes"),
    ],
)
def test_a_number_in_a_campaign_that_is_known_to_be_no_us_long_code_is_a_warning_with_its_place(
    tmp_path: Path, tn: str, message: str
) -> None:
    (warning,) = warnings(tmp_path, lines(tn))
    place = f"numbers.yaml:6:44: `{tn}` is in a campaign, and campaigns are for US long codes"
    assert warning == f"{place}, but {message}: check that, or remove `campaign`"


@pytest.mark.parametrize("code", KNOWN_US)
def test_a_fictitious_number_is_of_its_area_code(tmp_path: Path, code: str) -> None:
    assert warnings(tmp_path, lines(f"+1{code}5550123")) == []


@pytest.mark.parametrize("code", ["555", "700", "710", "822"])
def test_of_an_area_code_that_the_library_does_not_know_nothing_is_said(tmp_path: Path, code: str) -> None:
    assert warnings(tmp_path, lines(f"+1{code}2345678")) == []


def test_numbers_of_one_area_code_are_one_warning_that_counts_them(tmp_path: Path) -> None:
    told = warnings(tmp_path, lines(*(f"+1416555{n:04}" for n in range(100, 104)), "+16045550123", "+12015550123"))
    assert len(told) == 2
    assert told[0].startswith("numbers.yaml:6:44: `+14165550100`, `+14165550101`, `+14165550102` and 1 more are in")
    assert told[1].startswith("numbers.yaml:10:44: `+16045550123` is in a campaign")
    assert MOST_NAMED == 3


def test_a_default_campaign_warns_at_the_line_that_takes_it_up(tmp_path: Path) -> None:
    text = 'defaults: {numbers: {campaign: alerts}}\nnumbers:\n  "+14165550123": {provider: vt}\n'
    (warning,) = warnings(tmp_path, text)
    assert warning.startswith("numbers.yaml:7:3: ")


def test_a_number_that_is_in_no_campaign_is_nobodys_business(tmp_path: Path) -> None:
    assert warnings(tmp_path, 'numbers: {"+14165550123": {provider: vt}, "+447700900123": {provider: ib}}\n') == []


def test_a_pool_that_searches_an_area_code_is_warned_of_like_a_number(tmp_path: Path) -> None:
    pool = "  %s: {provider: vt, size: 1, search: %s, campaign: alerts}\n"
    pools = [
        pool % ("toronto", "[{tn_mask: 416xxxxxxx}, {tn_mask: 416555xxxx}, {tn_mask: 647xxxxxxx}]"),
        pool % ("jersey", "{tn_mask: 201xxxxxxx}"),
        pool % ("any", "{tn_mask: 41xxxxxxxx}"),
        pool % ("center", "{rate_center: TORONTO}"),
        "  unsent: {provider: vt, size: 1, search: {tn_mask: 416xxxxxxx}}\n",
    ]
    told = warnings(tmp_path, "pools:\n" + "".join(pools))
    assert [warning.partition(" is in")[0] for warning in told] == ["numbers.yaml:6:3: pool `toronto`"] * 2
    assert ["416" in told[0], "647" in told[1]] == [True, True]


@pytest.mark.parametrize(("features", "loaded"), [("{provider: vt}", False), (MEMBER, True)])
def test_the_library_is_imported_only_for_a_campaign_that_has_numbers(
    tmp_path: Path, features: str, loaded: bool
) -> None:
    (tmp_path / "numbers.yaml").write_text(f'{HEAD}numbers: {{"+12015550123": {features}}}\n')
    script = (
        "import sys; from pathlib import Path; from reconciler.testing import load_configuration; "
        "load_configuration([Path(sys.argv[1])], {}); print('phonenumbers' in sys.modules)"
    )
    run = [sys.executable, "-c", script, str(tmp_path / "numbers.yaml")]
    assert subprocess.run(run, capture_output=True, text=True, check=True).stdout == f"{loaded}\n"
