"""Which of the numbers on offer a pool takes, and what it calls them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from reconciler.model import Memory, Offer, Price
from reconciler.pools.choose import Vacancies, choose, quantities
from reconciler.pools.prefer import Company, best, matches
from reconciler.pools.seats import seated
from reconciler.pools.words import coverage_query, place
from reconciler.settings import Pool, Search


def offer(tn: str, monthly: str | None = None, setup: str = "0", currency: str = "USD") -> Offer:
    return Offer(tn, price=None if monthly is None else Price(currency, Decimal(setup), Decimal(monthly)))


def picked(offers: list[Offer], *prefer: str, size: int = 1, company: tuple[str, ...] = ()) -> list[str]:
    pool = Pool("desk", size, (Search("vt", {}),), prefer=prefer)
    vacancies = Vacancies.of(pool, seated([pool], Memory("lineage", 1)))
    vacancies.company.extend(company)
    choose(vacancies, pool.searches[0], offers, set(company), unknown_prices=True)
    return [seat.tn for seat in vacancies.seats]


def title(offers: list[Offer], *prefer: str, company: tuple[str, ...] = ()) -> str:
    return best(offers, prefer, Company(company, 2))[1]


def test_without_a_wish_it_is_the_lowest_number_whatever_order_the_carrier_lists_them_in() -> None:
    offers = [offer("+12015550103"), offer("+12015550101"), offer("+12015550102")]
    assert picked(offers) == picked(offers[::-1]) == ["+12015550101"]


def test_the_cheapest_goes_by_the_month_then_by_set_up_and_unknown_is_not_cheap() -> None:
    offers = [offer("+12015550100"), offer("+12015550101", "2.00"), offer("+12015550102", "1.00", "5"),
              offer("+12015550103", "1.00", "1")]  # fmt: skip
    assert picked(offers, "cheapest", size=4) == [f"+1201555010{n}" for n in (3, 2, 1, 0)]
    assert title(offers, "cheapest") == "the cheapest"
    assert title([offer("+12015550100")], "cheapest") == "the first"


def test_amounts_of_different_currencies_are_not_compared() -> None:
    offers = [offer("+12015550101", "0.10", currency="USD"), offer("+12015550102", "9.00", currency="EUR")]
    assert picked(offers, "cheapest") == ["+12015550102"]


def test_consecutive_numbers_begin_where_a_row_is_long_enough() -> None:
    offers = [offer(f"+1201555{n}") for n in ("0100", "0101", "0105", "0106", "0107", "0109")]
    assert picked(offers, "consecutive", size=3) == ["+12015550105", "+12015550106", "+12015550107"]
    assert picked(offers, "consecutive", size=2) == ["+12015550100", "+12015550101"]


def test_a_growing_pool_takes_the_neighbours_of_what_it_has() -> None:
    offers = [offer(f"+1201555{n}") for n in ("0100", "0101", "0102", "0108", "0110")]
    assert picked(offers, "consecutive", size=2, company=("+12015550109",)) == ["+12015550108", "+12015550110"]


def test_spread_takes_turns_over_the_exchanges_and_counts_what_the_pool_has() -> None:
    offers = [offer(f"+1201{n}") for n in ("3890001", "3890002", "4870001", "5550100")]
    assert picked(offers, "spread", size=4) == ["+12013890001", "+12014870001", "+12015550100", "+12013890002"]
    assert picked(offers, "spread", company=("+12013899999",)) == ["+12014870001"]


def test_the_first_wish_counts_most() -> None:
    offers = [offer("+12015550100", "2.00"), offer("+12015550101", "2.00"), offer("+12015550107", "1.00"),
              offer("+12015552255", "3.00")]  # fmt: skip
    assert picked(offers, "cheapest", "consecutive", size=3) == ["+12015550107", "+12015550100", "+12015550101"]
    assert picked(offers, "*2255", "cheapest", size=2) == ["+12015552255", "+12015550107"]


@pytest.mark.parametrize(
    ("pattern", "tn", "does"),
    [
        ("*2255", "+12015552255", True),
        ("*2255", "+12015552256", False),
        ("*CALL", "+12015552255", True),
        ("201*", "+12015552255", True),
        ("1201*", "+12015552255", True),
        ("201*", "+442015552255", False),
        ("201555????", "+12015550100", True),
        ("201555???", "+12015550100", False),
        ("*QZ?", "+12015550798", True),
        ("4477*", "+447700900123", True),
    ],
)
def test_a_vanity_pattern_is_digits_keypad_letters_and_gaps(pattern: str, tn: str, does: bool) -> None:
    assert matches(pattern, tn) is does


def test_a_pool_with_a_campaign_takes_no_toll_free_number() -> None:
    from dataclasses import replace

    from reconciler.model import Address, Kind, Resource

    assignment = Resource(Address(Kind.ASSIGNMENT, ""), "vt", needs=(Address(Kind.CAMPAIGN, "alerts"),))
    pool = Pool("desk", 1, (Search("vt", {}, (assignment,)),))
    for each, wanted in ((pool, []), (replace(pool, searches=(Search("vt", {}),)), ["+18005550100"])):
        vacancies = Vacancies.of(each, seated([each], Memory("lineage", 1)))
        found = choose(vacancies, each.searches[0], [offer("+18005550100")], set(), unknown_prices=True)
        assert list(found) == wanted


@pytest.mark.parametrize(
    ("size", "prefer", "asked"), [(1, (), 11), (30, (), 60), (1, ("spread",), 200), (9999, (), 9999)]
)
def test_more_is_asked_for_than_is_needed(size: int, prefer: tuple[str, ...], asked: int) -> None:
    pool = Pool("desk", size, (Search("vt", {}),), prefer=prefer)
    vacancies = Vacancies.of(pool, seated([pool], Memory("lineage", 1)))
    assert quantities(vacancies, 0) == [asked, 1000][: 1 + (asked < 1000)]
    assert quantities(vacancies, 7)[0] == min(9999, asked + 7)


def test_a_search_is_named_by_where_it_looks() -> None:
    fields = {"tn_mask": "201xxxxxxx", "rate_center": "HACKENSACK", "province": "NJ", "lata": 224}
    assert place(Search("vt", fields)) == "in HACKENSACK, NJ (201xxxxxxx, LATA 224)"
    assert place(Search("ib", {"contains": "4477"})) == "at ib (with 4477)"


@pytest.mark.parametrize(
    ("fields", "asked"),
    [
        ({"tn_mask": "201xxxxxxx", "rate_center": "HOBOKEN"}, {"npa": "201"}),
        ({"tn_mask": "xxx5550100", "lata": 224, "province": "NJ"}, {"lata": 224}),
        ({"rate_center": "HOBOKEN", "province": "NJ"}, {"province": "NJ"}),
        ({"rate_center": "HOBOKEN"}, {"rate_center": "HOBOKEN"}),
    ],
)
def test_coverage_is_asked_for_around_the_search(fields: dict[str, object], asked: dict[str, object]) -> None:
    assert coverage_query(Search("vt", fields)) == {"count_by": "npaNxx", **asked}
    assert coverage_query(Search("ib", {"country": "GB"})) is None
