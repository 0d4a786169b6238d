"""``pools:`` and ``release:`` in the configuration."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from reconciler.config import schema
from reconciler.errors import ConfigError
from reconciler.model import Address, Kind
from reconciler.model.fleet import Ceiling, Fleet, Pool
from reconciler.providers.installed import BUILT_IN
from reconciler.testing import load_configuration

HEAD = """version: 1
providers:
  ip: {type: intelepeer}
  vt: {type: inumbering}
  ib: {type: infobip}
brands: {acme: {provider: vt, id: BACME01, name: ACME, description: ACME alerts}}
campaigns: {alerts: {provider: vt, brand: acme, id: CACME01, description: Alerts}}
"""


def load(folder: Path, text: str) -> Fleet:
    (folder / "numbers.yaml").write_text(HEAD + text)
    return load_configuration([folder / "numbers.yaml"], {})


def pool(folder: Path, text: str, head: str = "") -> Pool:
    (found,) = load(folder, f"{head}pools: {{desk: {{{text}}}}}").pools
    return found


def problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(folder, text)
    return [problem.partition("numbers.yaml:")[2] for problem in caught.value.problems]


def test_a_pool_is_read_with_all_that_it_may_say(tmp_path: Path) -> None:
    found = pool(
        tmp_path,
        "provider: vt, size: 3, search: {tn_mask: 201xxxxxxx, province: NJ, rate_center: HACKENSACK, lata: 224},"
        'max_monthly: {amount: "6.00", currency: USD}, max_setup: {amount: "1", currency: USD}, moved: old,'
        'prefer: [cheapest, {vanity: "*call"}, "*2255"], campaign: alerts, route: 4, protect: true,'
        "labels: {team: support}, release: {after: 30d}",
    )
    assert (found.name, found.size, found.adopt, found.moved) == ("desk", 3, None, "old")
    assert found.prefer == ("cheapest", "*CALL", "*2255")
    assert (found.max_monthly, found.max_setup) == (Ceiling(Decimal("6.00"), "USD"), Ceiling(Decimal(1), "USD"))
    (search,) = found.searches
    assert (search.account, dict(search.fields)) == (
        "vt", {"tn_mask": "201xxxxxxx", "province": "NJ", "rate_center": "HACKENSACK", "lata": 224}
    )  # fmt: skip
    number, assignment = search.template
    assert (number.address, dict(number.attrs)) == (Address(Kind.NUMBER, ""), {"route": 4})
    assert (number.protect, dict(number.labels)) == (True, {"team": "support"})
    assert number.release_after == timedelta(days=30)
    assert assignment.needs == (Address(Kind.NUMBER, ""), Address(Kind.CAMPAIGN, "alerts"))
    assert found.assigns == Address(Kind.CAMPAIGN, "alerts")


def test_the_example_of_the_contract_is_read(tmp_path: Path) -> None:
    found = pool(
        tmp_path,
        'provider: ib, size: 2, search: {country: GB, capabilities: [SMS], contains: "4477"}, '
        'max_monthly: {amount: "6.00", currency: EUR}',
    )
    assert dict(found.searches[0].fields) == {"country": "GB", "capabilities": ["SMS"], "contains": "4477"}


def test_each_search_may_name_its_account_and_the_default_names_the_rest(tmp_path: Path) -> None:
    head = "defaults: {numbers: {provider: ib, labels: {by: default}}}\n"
    found = pool(tmp_path, "size: 1, search: [{country: GB}, {provider: vt, rate_center: NEWARK}]", head)
    assert [search.account for search in found.searches] == ["ib", "vt"]
    assert found.accounts == {"ib", "vt"}
    assert dict(found.labels) == {"by": "default"}


def test_defaults_fill_a_pool_as_they_fill_a_line(tmp_path: Path) -> None:
    head = "defaults: {numbers: {webhook: https://hooks.example.com/in, release: {after: 2h}}}\n"
    found = pool(tmp_path, "provider: vt, size: 1, sms: {provider: ip}, search: {rate_center: NEWARK}", head)
    kinds = [resource.address.kind for resource in found.searches[0].template]
    assert kinds == [Kind.NUMBER, Kind.SMS, Kind.WEBHOOK]
    assert found.searches[0].template[0].release_after == timedelta(hours=2)


def test_a_default_release_passes_over_lines_that_cannot_be_released(tmp_path: Path) -> None:
    text = 'defaults: {numbers: {release: {after: 2h}}}\nnumbers: {"+17205550142": {provider: ip, sms: true}}'
    assert [resource.release_after for resource in load(tmp_path, text).by_address().values()] == [None] * 3


def test_pools_of_several_files_are_merged(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(HEAD + "pools: {a: {provider: ib, size: 1, search: {country: GB}}}")
    (tmp_path / "b.yaml").write_text("pools: {b: {provider: ib, size: 1, search: {country: GB}}}")
    assert [found.name for found in load_configuration([tmp_path], {}).pools] == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("size: 1, search: {country: GB}", "8:9: `provider` is missing in pool `desk`: write the name of an account"),
        ("provider: no, size: 1, search: {country: GB}", "`no` is not declared under `providers`"),
        ("provider: ip, size: 1, search: {country: GB}", "an account of type intelepeer cannot do `search`"),
        ("provider: vt, size: 1, search: {country: GB}", "`country` is no search field of inumbering accounts: they"),
        ("provider: ib, size: 1, search: {lata: 224}", "`lata` is no search field of infobip accounts"),
        ("provider: ib, size: 1, search: {country: UK}", "no country is UK: write GB"),
        ("provider: ib, size: 1, search: [{country: GB}, {country: EL}]", "no country is EL: write GR"),
        ("provider: ib, size: 1, search: {country: QQ}", "no country is QQ: write its two letters of ISO 3166-1"),
        ("provider: vt, size: 1, search: {tn_mask: 111xxxxxxx}", "no North American number is like `111xxxxxxx`"),
        ("provider: vt, size: 1, search: {tn_mask: 2015550100}", "`tn_mask` must not be a whole number: write ten"),
        ("provider: ib, size: 1, search: {contains: 4477}", "`contains` must not be a whole number: write digits in"),
        ("provider: ib, size: 1, search: GB", "`search` must not be text: write a map such as"),
        ("provider: ib, size: 1, search: [{country: GB}, {cuntry: GB}]", "has no `cuntry`: did you mean `country`?"),
        ("provider: ib, size: 1, search: {}", "`search` is not of the right form"),
        ("provider: ib, size: 1, search: []", "`search` is not of the right form: write a list of at least one"),
        ("provider: ib, size: 1, search: [{}]", "item 1 of `search` is not of the right form: write a map such as"),
        ("provider: ib, size: 1, prefer: [], search: {country: GB}", "`prefer` is not of the right form: write a list"),
        ("provider: ib, size: -1, search: {country: GB}", "`size` is not of the right form: write a whole number"),
        ("provider: ib, search: {country: GB}", "`size` is missing in `desk`"),
        ("provider: ib, size: 1", "`search` is missing in `desk`"),
        ("provider: ib, size: 1, prefer: cheepest, search: {country: GB}", "`prefer` is not of the right form: write"),
        ("provider: ib, size: 1, prefer: [spread, 2255], search: {country: GB}", "item 2 of `prefer` must not be a"),
        ("provider: ib, size: 1, max_monthly: 6, search: {country: GB}", '`max_monthly` must not be a whole number'),
        ("provider: ib, size: 1, release: {after: never}, search: {country: GB}", "`after` is not of the right form"),
        ("provider: vt, size: 1, adopt: true, search: {lata: 224}", "`adopt` needs `account_api: true` there"),
        ("provider: ib, size: 1, campaign: alerts, search: {country: GB}", "infobip cannot do `campaign`"),
        ("provider: vt, size: 1, campaign: alerts, search: {tn_mask: 800xxxxxxx}", "pool `desk` is not a US long code"),
        ("provider: vt, size: 1, sms: true, search: {lata: 224}", "an account of type inumbering cannot do `sms`"),
        ("provider: ib, size: 1, moved: desk, search: {country: GB}", "`desk` is still a pool, at"),
    ],
)  # fmt: skip
def test_what_a_pool_cannot_be_is_told_with_what_to_write(tmp_path: Path, text: str, told: str) -> None:
    (problem,) = problems(tmp_path, f"pools: {{desk: {{{text}}}}}")
    assert told in problem


def test_a_former_name_goes_to_one_pool(tmp_path: Path) -> None:
    one = "{provider: ib, size: 1, moved: old, search: {country: GB}}"
    (problem,) = problems(tmp_path, f"pools:\n  a: {one}\n  b: {one}\n")
    assert "`old` has moved at" in problem


def test_a_release_beside_an_account_that_has_none_is_told(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, 'numbers: {"+17205550142": {provider: ip, sms: true, release: {after: 1d}}}')
    assert "cannot do `release`: only inumbering and infobip accounts can" in problem


def test_the_numbers_of_pools_crowd_a_campaign(tmp_path: Path) -> None:
    text = "pools: {desk: {provider: vt, size: %d, campaign: alerts, search: {rate_center: NEWARK}}}"
    assert any("45 of at most 49" in notice.message for notice in load(tmp_path, text % 45).notices)
    assert "has 50 numbers" in problems(tmp_path, text % 50)[0]


def test_the_schema_knows_every_search_field_and_no_other() -> None:
    known: dict[str, Any] = dict(schema.definition("search")["properties"])
    assert set(known) == {"provider"}.union(*(spec.search_fields for spec in BUILT_IN.values()))


def test_a_mask_in_capitals_is_searched_for_in_the_letters_of_the_documents(tmp_path: Path) -> None:
    found = pool(tmp_path, "provider: vt, size: 1, search: {tn_mask: 201XXXxxxX}")
    assert dict(found.searches[0].fields) == {"tn_mask": "201xxxxxxx"}
