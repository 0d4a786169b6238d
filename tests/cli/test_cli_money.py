"""``tnctl search`` and ``coverage`` in every form; ``tnctl state ledger`` exported, and held against the carriers."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from cli_helpers import ACCOUNTS, GB, NJ, REPOSITORY, Run, said, sandbox_books, write_fleet
from jsonschema import Draft202012Validator

from reconciler import package_data
from reconciler.testing import load_configuration

PRICES = 'prices: [{provider: voicetel, country: US, monthly: "0.85", currency: USD, as_of: 2026-01-01}]\n'
HACKENSACK = ("--provider", "voicetel", "--tn-mask", "201xxxxxxx", "--rate-center", "HACKENSACK", "--quantity", "3")
BRITISH = ("--provider", "infobip", "--country", "GB", "--contains", "4477", "--quantity", "3")

Capture = pytest.CaptureFixture[str]


def table(capsys: Capture) -> list[dict[str, str]]:
    """What was printed, as CSV."""
    return list(csv.DictReader(io.StringIO(capsys.readouterr().out)))


@pytest.mark.parametrize(
    ("arguments", "column"), [(HACKENSACK, "telephoneNumber"), (BRITISH, "price.pricePerMonth")], ids=["nj", "gb"]
)
def test_a_search_as_csv_has_every_field_of_the_carriers_rows(
    tnctl: Run, capsys: Capture, arguments: tuple[str, ...], column: str
) -> None:
    write_fleet()
    assert tnctl("search", "--sandbox", *arguments, "--format", "json") == 0
    offers = json.loads(capsys.readouterr().out)["offers"]
    assert tnctl("search", "--sandbox", *arguments, "--format", "csv") == 0
    rows = table(capsys)
    assert len(rows) == len(offers) == 3
    assert all(row[column] for row in rows)
    assert {name.split(".")[0] for name in rows[0]} == set(offers[0])


@pytest.mark.parametrize("arguments", [HACKENSACK, BRITISH], ids=["nj", "gb"])
def test_what_yaml_prints_can_be_pasted(
    tnctl: Run, capsys: Capture, arguments: tuple[str, ...], tmp_path: Path
) -> None:
    write_fleet()
    assert tnctl("search", "--sandbox", *arguments, "--yaml") == 0
    snippet = capsys.readouterr().out
    (tmp_path / "pasted.yaml").write_text(ACCOUNTS + snippet)
    fleet = load_configuration([tmp_path / "pasted.yaml"], {})
    assert {address.name for address in fleet.by_address()} == set(yaml.safe_load(snippet)["numbers"])
    assert {resource.account for resource in fleet.resources} == {arguments[1]}
    assert tnctl("plan", "--sandbox", "-f", str(tmp_path / "pasted.yaml"), "--format", "json") == 0
    assert json.loads(capsys.readouterr().out)["summary"]["create"] == 3


def test_nothing_on_offer_is_an_empty_section_and_one_line_of_csv(tnctl: Run, capsys: Capture) -> None:
    write_fleet()
    nowhere = ("search", "--sandbox", "--provider", "voicetel", "--rate-center", "NOWHERE")
    assert tnctl(*nowhere, "--yaml") == 0
    assert capsys.readouterr().out == "numbers: {}\n"
    assert tnctl(*nowhere, "--format", "csv") == 0
    assert capsys.readouterr().out.strip() == ""


def test_yaml_and_another_form_contradict_each_other(tnctl: Run, capsys: Capture) -> None:
    write_fleet()
    assert tnctl("search", "--sandbox", *BRITISH, "--yaml", "--format", "csv") == 1
    assert "contradict" in said(capsys)


def test_a_search_pages_on_until_there_are_enough(tnctl: Run, capsys: Capture) -> None:
    write_fleet()
    assert tnctl("search", "--sandbox", "--provider", "infobip", "--country", "GB", "--quantity", "950", "--yaml") == 0
    assert len(yaml.safe_load(capsys.readouterr().out)["numbers"]) == 950


def test_a_search_without_prices_says_what_the_price_book_estimates(tnctl: Run, capsys: Capture) -> None:
    Path("numbers.yaml").write_text(ACCOUNTS + PRICES)
    assert tnctl("search", "--sandbox", *HACKENSACK) == 0
    assert "Estimated at 0.85 USD a month (price book, 2026-01-01)." in said(capsys)
    assert tnctl("search", "--sandbox", *HACKENSACK, "--yaml") == 0
    assert "# HACKENSACK NJ, 0.85 USD a month" in said(capsys)
    assert tnctl("search", "--sandbox", *BRITISH) == 0
    assert "Estimated" not in said(capsys)


@pytest.mark.parametrize("count_by", ["state", "rateCenter", "npaNxx", "block"])
def test_coverage_as_csv_counts_as_json_does(tnctl: Run, capsys: Capture, count_by: str) -> None:
    write_fleet()
    asked = ("coverage", "--sandbox", "--provider", "voicetel", "--count-by", count_by, "--province", "NJ", "--format")
    assert tnctl(*asked, "json") == 0
    rows = json.loads(capsys.readouterr().out)["coverage"]
    assert tnctl(*asked, "csv") == 0
    assert table(capsys) == [{name: str(value) for name, value in row.items()} for row in rows]


def test_the_searches_in_the_readme_are_real(tnctl: Run, capsys: Capture) -> None:
    book = PRICES.replace("currency", 'setup: "0.50", currency')
    Path("numbers.yaml").write_text(ACCOUNTS + book)
    (shown,) = re.findall(r"## Search\n\n```console\n(.*?)```", (REPOSITORY / "README.md").read_text("utf-8"), re.S)
    _, *runs = shown.split("$ tnctl ")
    assert len(runs) == 2
    for run in runs:
        line, _, expected = run.partition("\n")
        assert tnctl(*line.split(), "--sandbox") == 0
        assert capsys.readouterr().out == expected


def test_the_ledger_is_shown_in_every_form(tnctl: Run, capsys: Capture) -> None:
    Path("numbers.yaml").write_text(ACCOUNTS + PRICES + "numbers:\n" + GB + NJ)
    assert tnctl("apply", "--sandbox", "-y") == 0
    capsys.readouterr()
    assert tnctl("state", "ledger", "--sandbox", "--format", "json") == 0
    document = valid(capsys.readouterr().out)
    assert document["compared"] is None
    assert {entry["address"]: entry["price_as_of"] for entry in document["entries"]} == {
        "number/+12015550123": "2026-01-01",
        "number/+447700900123": None,
    }
    assert tnctl("state", "ledger", "--sandbox", "--format", "csv") == 0
    assert {row["number"]: row["monthly"] for row in table(capsys)} == {"+12015550123": "0.85", "+447700900123": "5.00"}
    for form in ("text", "markdown"):
        assert tnctl("state", "ledger", "--sandbox", "--format", form) == 0
        assert "2 purchases, 0 releases on the ledger." in said(capsys)


def test_the_comparison_asks_the_carriers_and_ends_with_0_whatever_it_finds(tnctl: Run, capsys: Capture) -> None:
    write_fleet(GB, NJ)
    assert tnctl("apply", "--sandbox", "-y") == 0
    books = sandbox_books()
    with books.guard():
        books.infobip().portal_release("+447700900123")
    capsys.readouterr()
    assert tnctl("state", "ledger", "--sandbox", "--compare", "--format", "json") == 0
    compared = {one["address"]: one for one in valid(capsys.readouterr().out)["compared"]}
    assert compared["number/+447700900123"]["listed"] is False
    assert compared["number/+12015550123"]["listed"] is None
    assert compared["number/+447860041117"]["event"] is None


def test_an_empty_ledger_needs_neither_records_nor_carriers(tnctl: Run, capsys: Capture) -> None:
    assert tnctl("state", "ledger", "--state", "sqlite:///elsewhere.db") == 0
    assert "0 purchases, 0 releases" in said(capsys)


def valid(text: str) -> dict[str, Any]:
    """The document, which its schema allows."""
    document: dict[str, Any] = json.loads(text)
    Draft202012Validator(json.loads(package_data.text("schemas/ledger.schema.json"))).validate(document)
    return document
