"""One problem hides no other: what can be checked is checked, and nothing is said of names that may be unread."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.errors import ConfigError
from reconciler.testing import load_configuration

ACCOUNTS = "version: 1\nproviders:\n  ip: {type: intelepeer}\n  vt: {type: inumbering}\n"
BRAND = "brands: {acme: {provider: vt, id: BACME01, name: ACME, description: ACME alerts}}\n"
CAMPAIGN = "campaigns: {alerts: {provider: vt, brand: acme, id: CACME01, description: Alerts}}\n"
MISREAD = "a: [x\n"


def told(folder: Path, *texts: str) -> list[str]:
    """Every problem of the files ``0.yaml``, ``1.yaml`` and so on, without its folder."""
    for number, text in enumerate(texts):
        (folder / f"{number}.yaml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_configuration([folder], {})
    return [problem.replace(f"{folder}/", "") for problem in caught.value.problems]


def assert_told(problems: list[str], *expected: str) -> None:
    """Each problem holds the words expected of it, in their order, and there is no other."""
    assert len(problems) == len(expected), problems
    for problem, message in zip(problems, expected, strict=True):
        assert message in problem


# A key that is written twice


def test_a_key_that_is_written_twice_hides_no_cross_check(tmp_path: Path) -> None:
    problems = told(
        tmp_path,
        f"{ACCOUNTS}state: sqlite:///a\nstate: sqlite:///b\nnumbers:\n"
        '  "+17205550142": {provider: nobody}\n  "2015550123": {provider: vt}\n'
        '  "+12015550124": {provider: vt, webhook: http://hooks.example.com}\n',
    )
    assert_told(
        problems,
        "6:1: `state` is written twice",
        "8:30: `nobody` is not declared",
        "9:3: `2015550123` is not an E.164 number",
        "10:34: an account of type inumbering cannot do `webhook`",
        "10:43: `webhook` must be https",
    )


def test_what_a_section_that_is_written_twice_declares_is_known_to_the_others(tmp_path: Path) -> None:
    problems = told(
        tmp_path,
        f'{ACCOUNTS}numbers: {{"+12015550123": {{provider: more, route: -1}}}}\n'
        "providers: {more: {type: infobipp}}\n"
        'numbers: {"+447700900123": {provider: nobody}}\n',
    )
    assert_told(
        problems,
        "0.yaml:5:51: `route` is not of the right form",
        "0.yaml:6:1: `providers` is written twice: the first is at 2:1",
        "0.yaml:6:26: `type` has no such setting",
        "0.yaml:7:1: `numbers` is written twice: the first is at 5:1",
        "0.yaml:7:39: `nobody` is not declared under `providers`",
    )


def test_a_member_of_both_halves_of_a_section_that_is_written_twice_is_told_too(tmp_path: Path) -> None:
    problems = told(tmp_path, f"{ACCOUNTS}providers:\n  vt: {{type: inumbering}}\n")
    assert_told(problems, "5:1: `providers` is written twice", "6:3: `vt` is written twice: the first is at 4:3")


def test_the_prices_of_a_list_that_is_written_twice_are_all_checked(tmp_path: Path) -> None:
    price = 'prices: [{provider: %s, country: US, monthly: "1.00", currency: USD, as_of: 2026-01-01}]\n'
    problems = told(tmp_path, ACCOUNTS + price % "vt" + price % "nobody")
    assert_told(problems, "6:1: `prices` is written twice", "6:21: `nobody` is not declared")


def test_a_section_that_repeats_another_by_an_alias_changes_neither(tmp_path: Path) -> None:
    problems = told(tmp_path, "version: 1\nbrands: &a {}\ncampaigns: *a\ncampaigns: {x: {provider: nobody}}\n")
    assert_told(
        problems,
        "4:1: `campaigns` is written twice",
        *(f"4:16: `{key}` is missing in `x`" for key in ("brand", "id", "description")),
        "4:27: `nobody` is not declared under `providers`: none is declared",
    )


# A file that cannot be read


def test_a_file_that_cannot_be_read_hides_nothing_that_stands_in_the_others(tmp_path: Path) -> None:
    problems = told(
        tmp_path,
        f"{ACCOUNTS}  ib: {{type: infobip, base_url: http://api.example.com, credentials: {{username: {{env: X}}}}}}\n",
        'numbers:\n  "2015550123": {provider: vt}\n  "+12015550124": {provider: vt, sms: true}\n'
        '  "+17205550142": {provider: ip, sms: false, webhook: http://hooks.example.com}\n'
        '  "+12015550125": {provider: vt, smss: true}\n',
        MISREAD,
    )
    assert_told(
        problems,
        "0.yaml:5:33: `base_url` must be https",
        "0.yaml:5:57: an account of type infobip logs in with",
        '1.yaml:2:3: `2015550123` is not an E.164 number: write "+12015550123"',
        "1.yaml:3:34: an account of type inumbering cannot do `sms`",
        "1.yaml:4:46: a webhook beside `sms: false`",
        "1.yaml:4:55: `webhook` must be https",
        "1.yaml:5:34: `+12015550125` has no `smss`",
        "2.yaml:1:4: this [ is never closed",
    )


def test_a_name_that_may_stand_in_a_file_that_cannot_be_read_is_not_told(tmp_path: Path) -> None:
    price = 'prices: [{provider: other, country: US, monthly: "1.00", currency: USD, as_of: 2026-01-01}]\n'
    problems = told(
        tmp_path,
        "providers: {vt: {type: inumbering}}\ndefaults: {numbers: {campaign: other}}\n"
        f"campaigns: {{alerts: {{provider: other, brand: other, id: CACME01, description: Alerts}}}}\n{price}"
        'numbers:\n  "+12015550123": {provider: other}\n  "+12015550124": {provider: vt, campaign: other}\n'
        '  "+12015550125": {provider: vt, sms: {provider: other}}\n'
        "pools: {desk: {provider: other, size: 1, search: {province: NJ}}}\n",
        MISREAD,
    )
    assert_told(problems, "1.yaml:1:4: this [ is never closed")


def test_a_default_that_may_stand_in_a_file_that_cannot_be_read_is_not_missed(tmp_path: Path) -> None:
    problems = told(
        tmp_path,
        'providers: {ip: {type: intelepeer}, vt: {type: inumbering}}\nnumbers:\n  "+12015550123": {}\n'
        '  "+17205550142": {provider: ip}\n  "+12015550124": {provider: vt, webhook: https://hooks.example.com/in}\n'
        "pools: {desk: {size: 1, search: {province: NJ}}}\n",
        MISREAD,
    )
    assert_told(problems, "1.yaml:1:4: this [ is never closed")


def test_a_path_that_leads_nowhere_is_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "numbers.yaml").write_text('numbers: {"+1201555012": {provider: vt}, "+12015550123": {provider: vt}}\n')
    with pytest.raises(ConfigError) as caught:
        load_configuration([tmp_path / "accounts.yaml", tmp_path / "numbers.yaml"], {})
    assert_told(list(caught.value.problems), "accounts.yaml:1:1: no such file", "numbers.yaml:1:11: `+1201555012` is")


# A section that is no map


def test_a_section_that_is_no_map_hides_what_follows_no_name_into_it(tmp_path: Path) -> None:
    problems = told(
        tmp_path,
        f"{ACCOUNTS}brands: []\n{CAMPAIGN}defaults: {{numbers: []}}\n"
        'numbers: {"+12015550123": {campaign: alerts}, "+12015550124": {provider: nobody}}\n',
    )
    assert_told(problems, "5:9: `brands` must not be a list", "7:21: `numbers` must not be a list", "8:74: `nobody`")


# An account of an unknown type


@pytest.mark.parametrize("type_", ["type: infobipp, ", ""])
def test_an_account_of_no_known_type_does_not_hide_its_other_problems(tmp_path: Path, type_: str) -> None:
    problems = told(tmp_path, f"version: 1\nproviders:\n  ib: {{{type_}base_url: http://api.example.com}}\n")
    assert len(problems) == 2, problems
    assert any("`base_url` must be https" in problem for problem in problems)


def test_an_account_of_no_known_type_does_not_hide_the_problems_of_its_lines(tmp_path: Path) -> None:
    problems = told(
        tmp_path,
        f"{ACCOUNTS}  xx: {{type: bandwidth}}\n{BRAND}{CAMPAIGN}numbers:\n"
        '  "+12015550123": {provider: xx, campaign: nobody}\n'
        '  "+12015550124": {provider: xx, sms: {provider: vt}}\n'
        '  "+12015550125": {provider: xx, webhook: http://hooks.example.com}\n'
        '  "+12015550126": {provider: xx, webhook: https://hooks.example.com/in, sms: false}\n'
        '  "+12015550127": {provider: xx, webhook: https://hooks.example.com/in, sms: true, campaign: alerts}\n'
        "pools: {desk: {provider: xx, size: 1, campaign: nobody, search: [{province: NJ}, {province: NY}]}}\n",
    )
    assert_told(
        problems,
        "5:14: `type` has no such setting",
        "9:44: `nobody` is not declared under `campaigns`",
        "10:50: an account of type inumbering cannot do `sms`",
        "11:43: `webhook` must be https",
        "12:34: a webhook beside `sms: false`",
        "14:49: `nobody` is not declared under `campaigns`",
    )


# A pool whose search is faulty


@pytest.mark.parametrize(
    "search",
    ["GB", "[]", "{country: GB}", "{rate_centre: NEWARK}", "[{country: GB}, {lata: x}]", "{tn_mask: 111xxxxxxx}"],
)
def test_a_faulty_search_does_not_hide_what_is_wrong_with_the_numbers_of_its_pool(tmp_path: Path, search: str) -> None:
    features = "campaign: nobody, webhook: http://hooks.example.com, max_monthly: 6"
    pool = f"{{provider: vt, size: 1, search: {search}, sms: {{provider: nobody}}, {features}}}"
    problems = told(tmp_path, f"{ACCOUNTS}pools:\n  desk: {pool}\n")
    expected = ("`nobody` is not declared under `providers`", "`nobody` is not declared under `campaigns`", "https")
    assert all(any(message in problem for problem in problems) for message in (*expected, "`max_monthly` must not"))
    assert len(problems) >= len(expected) + 2


# A key that is no phone number


def test_a_key_that_is_no_phone_number_does_not_hide_the_problems_of_its_line(tmp_path: Path) -> None:
    problems = told(
        tmp_path,
        f"{ACCOUNTS}{BRAND}{CAMPAIGN}numbers:\n"
        '  "x": {provider: nobody, campaign: nobody}\n'
        '  "y": {provider: vt, campaign: alerts, sms: true}\n'
        '  "z": {campaign: alerts}\n',
    )
    assert_told(
        problems,
        "8:3: `x` is not an E.164 number",
        "8:19: `nobody` is not declared under `providers`",
        "8:37: `nobody` is not declared under `campaigns`",
        "9:3: `y` is not an E.164 number",
        "9:41: an account of type inumbering cannot do `sms`",
        "10:3: `z` is not an E.164 number",
        "10:3: `provider` is missing in `z`",
    )
