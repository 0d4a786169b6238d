"""``prices:`` and the sizes of campaigns, as the configuration has them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from reconciler.errors import ConfigError
from reconciler.model import Notice, Price
from reconciler.model.fleet import Fleet
from reconciler.testing import load_configuration

HEAD = """\
version: 1
providers: {voicetel: {type: inumbering}, infobip: {type: infobip}}
brands: {acme: {provider: voicetel, id: BACME01, name: ACME, description: ACME alerts}}
"""


def load(folder: Path, *texts: str) -> Fleet:
    for n, text in enumerate(texts):
        (folder / f"{n}.yaml").write_text(text)
    return load_configuration([folder], {})


def line(account: str, country: str, monthly: str, more: str = "") -> str:
    price = f'monthly: "{monthly}", currency: USD, as_of: 2026-01-31'
    return f"  - {{provider: {account}, country: {country}, {price}{more}}}\n"


def campaigns(members: int, more: str = "") -> str:
    numbers = "".join(f'  "+1201555{100 + n:04}": {{provider: voicetel, campaign: alerts}}\n' for n in range(members))
    alerts = f"  alerts: {{provider: voicetel, brand: acme, id: CACME01, description: Alerts{more}}}\n"
    return f"{HEAD}campaigns:\n{alerts}" + (f"numbers:\n{numbers}" if members else "")


def of_campaign(fleet: Fleet) -> list[Notice]:
    return [notice for notice in fleet.notices if notice.address == "campaign/alerts"]


def test_a_line_is_one_price_with_its_day(tmp_path: Path) -> None:
    fleet = load(tmp_path, HEAD + "prices:\n" + line("voicetel", "US", "0.85", ', setup: "0.50", type: toll_free'))
    (price,) = fleet.prices.values()
    assert price == Price("USD", Decimal("0.50"), Decimal("0.85"))
    assert price.as_of == date(2026, 1, 31)
    assert list(fleet.prices) == [("voicetel", "US", "toll_free")]


def test_a_set_up_that_is_not_written_is_nothing_and_a_type_is_local(tmp_path: Path) -> None:
    ((key, price),) = load(tmp_path, HEAD + "prices:\n" + line("voicetel", "US", "0.85")).prices.items()
    assert (key[2], price.setup) == ("local", Decimal(0))


def test_the_lines_of_several_files_are_one_book(tmp_path: Path) -> None:
    fleet = load(
        tmp_path, HEAD + "prices:\n" + line("voicetel", "US", "0.85"), "prices:\n" + line("infobip", "GB", "5.00")
    )
    assert sorted(fleet.prices) == [("infobip", "GB", "local"), ("voicetel", "US", "local")]


def test_the_same_line_in_two_files_names_both_places(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(
            tmp_path, HEAD + "prices:\n" + line("voicetel", "US", "0.85"), "prices:\n" + line("voicetel", "US", "0.90")
        )
    (problem,) = caught.value.problems
    assert "1.yaml:2:5: " in problem
    assert "0.yaml:5:5 already" in problem


@pytest.mark.parametrize(("members", "severity"), [(1, None), (44, None), (45, "warning"), (49, "warning")])
def test_a_campaign_is_crowded_from_45_numbers_on(tmp_path: Path, members: int, severity: str | None) -> None:
    notices = of_campaign(load(tmp_path, campaigns(members)))
    assert [notice.severity for notice in notices] == ([severity] if severity else [])


def test_more_than_49_numbers_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="has 50 numbers, and may have 49"):
        load(tmp_path, campaigns(50))


def test_an_approved_number_pool_takes_more(tmp_path: Path) -> None:
    assert of_campaign(load(tmp_path, campaigns(60, ", max_numbers: 200"))) == []
    (notice,) = of_campaign(load(tmp_path, campaigns(60, ", max_numbers: 66")))
    assert notice.severity == "warning"
    with pytest.raises(ConfigError, match="may have 59"):
        load(tmp_path, campaigns(60, ", max_numbers: 59"))


def test_the_numbers_that_a_pool_is_to_have_count(tmp_path: Path) -> None:
    pool = "pools: {p: {provider: voicetel, size: 48, search: {province: NJ}, campaign: alerts}}\n"
    (notice,) = of_campaign(load(tmp_path, campaigns(1) + pool))
    assert "49 of at most 49" in notice.message
    with pytest.raises(ConfigError, match="has 50 numbers"):
        load(tmp_path, campaigns(2) + pool)


def test_a_campaign_without_numbers_is_noticed(tmp_path: Path) -> None:
    (notice,) = of_campaign(load(tmp_path, campaigns(0)))
    assert notice.severity == "info"
    assert "60 days" in notice.message
