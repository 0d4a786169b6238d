"""The price book fills in what a carrier does not quote, and nothing else."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model import Offer, Price, Quotes, calling_codes, price_book
from reconciler.model.fleet import Prices

BOOK: Prices = {
    ("vt", "US", "local"): Price("USD", Decimal("0.50"), Decimal("0.85"), as_of=date(2026, 1, 1)),
    ("vt", "US", "toll_free"): Price("USD", Decimal("0.00"), Decimal("1.50"), as_of=date(2026, 1, 1)),
    ("ib", "GB", "local"): Price("EUR", Decimal("0.00"), Decimal("4.00"), as_of=date(2026, 2, 1)),
}
QUOTED = Price("EUR", Decimal(1), Decimal(9))


@pytest.mark.parametrize(
    ("account", "tn", "monthly"),
    [
        ("vt", "+12015550123", "0.85"),
        ("vt", "+18335550123", "1.50"),
        ("ib", "+447700900123", "4.00"),
        ("ib", "+12015550123", None),
        ("vt", "+447700900123", None),
        ("ib", "+999700900123", None),
    ],
)
def test_a_price_is_found_by_account_country_and_type(account: str, tn: str, monthly: str | None) -> None:
    price = price_book.price_of(BOOK, account, tn)
    assert (None if price is None else str(price.monthly)) == monthly


def test_what_the_carrier_quotes_wins_and_the_book_fills_the_rest() -> None:
    quotes = Quotes({tn: Offer(tn, price=price) for tn, price in [("+447700900123", QUOTED), ("+447700900124", None)]})
    quoted, estimated = price_book.filled(BOOK, "ib", quotes).offered.values()
    assert quoted.price is QUOTED
    assert estimated.price is not None
    assert (estimated.price.monthly, estimated.price.as_of) == (Decimal("4.00"), date(2026, 2, 1))


def test_without_a_line_the_price_stays_unknown() -> None:
    (offer,) = price_book.priced(BOOK, "ib", [Offer("+33199001200")])
    assert offer.price is None


def test_no_calling_code_is_the_beginning_of_another() -> None:
    codes = calling_codes.calling_codes()
    assert not [code for code in codes for other in codes if other != code and other.startswith(code)]
    assert all(len(country) == 2 and country.isupper() for country in codes.values())


@given(st.sampled_from(sorted(calling_codes.calling_codes().items())), st.integers(10**8, 10**9))
def test_a_number_is_of_the_country_whose_code_it_begins_with(code: tuple[str, str], rest: int) -> None:
    assert calling_codes.country(f"+{code[0]}{rest}") == code[1]


@pytest.mark.parametrize(
    ("tn", "country"),
    [
        ("+14165550100", "US"),
        ("+79005550100", "RU"),
        ("+447700900123", "GB"),
        ("+390612345678", "IT"),
        ("+262262123456", "RE"),
        ("+599912345678", "CW"),
        ("+38344123456", "XK"),
    ],
)
def test_the_largest_country_of_a_calling_code_stands_for_all_of_them(tn: str, country: str) -> None:
    assert calling_codes.country(tn) == country


@pytest.mark.parametrize("tn", ["+80012345678", "+870123456789", "+881612345678", "+2101234567", "+9991234567"])
def test_a_code_of_no_country_is_nobodys(tn: str) -> None:
    assert calling_codes.country(tn) is None
    assert price_book.price_of(BOOK, "ib", tn) is None


def test_without_a_price_book_the_table_of_countries_is_not_loaded() -> None:
    script = (
        "import sys; from reconciler.model import price_book; "
        "price_book.price_of({}, 'ib', '+447700900123'); print('phonenumbers' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"
