"""What is written for other programs: CSV that no spreadsheet runs, and YAML that reads back as what it says."""

from __future__ import annotations

import csv
import io
import re

import yaml
from hypothesis import given
from hypothesis import strategies as st

from reconciler.config import loader
from reconciler.model import Offer
from reconciler.views import csv_, render

NAMES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}", fullmatch=True) | st.sampled_from(
    ["true", "no", "1e5", "0x1f"]
)
ANYTHING = st.text() | st.sampled_from(["=1+1", "@SUM(A1)", "-2+3", "+1|cmd", "\t=1", "a\nb: c", "# x", '"', "-1.50"])
ROWS = st.lists(st.dictionaries(ANYTHING, ANYTHING | st.integers() | st.booleans() | st.none(), min_size=1), min_size=1)


@given(ROWS)
def test_no_cell_is_a_formula_and_no_row_breaks(rows: list[dict[str, object]]) -> None:
    table = list(csv.reader(io.StringIO(render.offers(rows, "csv", account="p"), newline="")))
    assert len(table) == len(rows) + 1
    assert len({len(cells) for cells in table}) == 1
    for cell in (cell for cells in table for cell in cells):
        assert cell[:1] not in "=+-@" or not cell or re.fullmatch(r"[+-][0-9]+([.][0-9]+)?", cell)


def test_a_telephone_number_stays_one() -> None:
    assert csv_.dumps(["number"], [{"number": "+12015550123"}]) == "number\n+12015550123\n"


@given(NAMES, ANYTHING)
def test_a_snippet_reads_back_as_the_numbers_at_the_account(name: str, place: str) -> None:
    offers = [Offer("+12015550123", row={"rateCenter": place}), Offer("+12015550124"), Offer("+12015550123")]
    text = render.snippet(offers, account=name)
    expected = {"+12015550123": {"provider": name}, "+12015550124": {"provider": name}}
    assert yaml.safe_load(text) == {"numbers": expected}
    numbers = loader.parse(text, "x").members["numbers"].members
    assert {tn: entry.text_at("provider") for tn, entry in numbers.items()} == dict.fromkeys(expected, name)
