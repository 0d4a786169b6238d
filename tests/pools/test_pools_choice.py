"""Which of the numbers on offer a pool takes, and what it calls them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from reconciler.model import Offer, Price, StateSnapshot
from reconciler.model.fleet import Pool, Search
from reconciler.pools.allocations import Allocation, allocate
from reconciler.pools.choose import OpenSlots, choose, quantities, take_back, wants_more
from reconciler.pools.messages import coverage_query, place
from reconciler.pools.preferences import ExistingNumbers, best, matches


def offer(tn: str, monthly: str | None = None, setup: str = "0", currency: str = "USD") -> Offer:
    return Offer(tn, price=None if monthly is None else Price(currency, Decimal(setup), Decimal(monthly)))


def picked(offers: list[Offer], *prefer: str, size: int = 1, existing: tuple[str, ...] = ()) -> list[str]:
    pool = Pool("desk", size, (Search("vt", {}),), prefer=prefer)
    open_slots = OpenSlots.of(pool, allocate([pool], StateSnapshot("lineage", 1)))
    open_slots.existing.extend(existing)
    choose(open_slots, pool.searches[0], offers, set(existing), unknown_prices=True)
    return [allocation.tn for allocation in open_slots.allocated]


def title(offers: list[Offer], *prefer: str, existing: tuple[str, ...] = ()) -> str:
    return best(offers, prefer, ExistingNumbers(existing, 2))[1]


def test_without_a_wish_it_is_the_lowest_number_whatever_order_the_carrier_lists_them_in() -> None:
    offers = [offer("+12015550103"), offer("+12015550101"), offer("+12015550102")]
    assert picked(offers) == picked(offers[::-1]) == ["+12015550101"]


def test_the_cheapest_goes_by_the_month_then_by_set_up_and_unknown_is_not_cheap() -> None:
    offers = [offer("+12015550100"), offer("+12015550101", "2.00"), offer("+12015550102", "1.00", "5"),
              offer("+12015550103", "1.00", "1")]  # fmt: skip
    assert picked(offers, "cheapest", size=4) == [f"+1201555010{n}" for n in (3, 2, 1, 0)]
    assert title(offers[2:], "cheapest") == "the cheapest"
    assert title(offers, "cheapest") == "the cheapest of those with a price"


def test_amounts_of_different_currencies_are_not_compared() -> None:
    offers = [offer("+12015550101", "0.10", currency="USD"), offer("+12015550102", "9.00", currency="EUR")]
    assert picked(offers, "cheapest") == ["+12015550102"]
    assert title(offers, "cheapest") == "the cheapest in EUR"


@pytest.mark.parametrize(
    ("prefer", "existing", "told"),
    [
        ((), (), "the lowest"),
        (("*2255",), (), "like *2255"),
        (("*99",), (), "none is like *99: the lowest"),
        (("*99", "*88"), (), "none is like *99, none is like *88: the lowest"),
        (("*99", "*2255"), (), "none is like *99: like *2255"),
        (("*2255", "*99"), (), "like *2255 (none of those is like *99)"),
        (("*99", "spread"), (), "none is like *99: in an exchange of its own"),
        (("cheapest",), (), "no price is known: the lowest"),
        (("spread", "cheapest"), (), "in an exchange of its own (no price of those is known)"),
        (("consecutive",), (), "no two are in a row: the lowest"),
        (("consecutive",), ("+12015550108",), "next to one that the pool has"),
        (("consecutive",), ("+12015551000",), "none is next to one that the pool has: the lowest"),
    ],
)
def test_a_wish_that_nothing_on_offer_meets_is_said_to_be_unmet(
    prefer: tuple[str, ...], existing: tuple[str, ...], told: str
) -> None:
    offers = [offer(f"+1201555{n}") for n in ("0107", "0109", "2255")]
    assert title(offers, *prefer, existing=existing) == told


def test_a_row_that_begins_elsewhere_is_said_to_be_no_neighbour() -> None:
    offers = [offer(f"+1201555{n}") for n in ("0100", "0105", "0106")]
    told = "none is next to one that the pool has: first of 2 in a row"
    assert title(offers, "consecutive", existing=("+12015550200",)) == told


def reasons(offers: list[Offer], *prefer: str, size: int, looked_at: int = 0, taken: tuple[str, ...] = ()) -> list[str]:
    pool = Pool("desk", size, (Search("vt", {}),), prefer=prefer)
    open_slots = OpenSlots.of(pool, allocate([pool], StateSnapshot("lineage", 1)))
    open_slots.looked_at = looked_at
    choose(open_slots, pool.searches[0], offers, set(taken), unknown_prices=True)
    return [allocation.why for allocation in open_slots.allocated]


def test_each_slot_is_told_what_its_number_was_chosen_from_and_no_two_the_same() -> None:
    offers = [offer(f"+1201555010{n}") for n in range(4)]
    assert reasons(offers, size=2) == [
        "for slot desk.0: the lowest among 4 on offer at vt",
        "for slot desk.1: the lowest among 3 left of 4 on offer at vt",
    ]
    assert reasons(offers, size=1, taken=("+12015550100",)) == [
        "for slot desk.0: the lowest among 3 left of 4 on offer at vt"
    ]
    assert reasons(offers, size=2, looked_at=4) == [
        "for slot desk.0: the lowest among the first 4 on offer at vt",
        "for slot desk.1: the lowest among 3 left of the first 4 on offer at vt",
    ]


def test_a_dearer_number_is_not_called_the_cheapest_of_all() -> None:
    offers = [offer("+12015550100", "1.00"), offer("+12015550101", "9.00")]
    assert reasons(offers, "cheapest", size=2) == [
        "for slot desk.0: the cheapest among 2 on offer at vt",
        "for slot desk.1: the cheapest among 1 left of 2 on offer at vt",
    ]


@pytest.mark.parametrize(
    ("prefer", "size", "more"),
    [((), 9, False), (("cheapest",), 9, False), (("*2255",), 1, False), (("*2255",), 2, True),
     (("*2255", "*99"), 1, True)],
)  # fmt: skip
def test_more_is_wanted_while_a_pattern_has_fewer_numbers_than_there_are_slots(
    prefer: tuple[str, ...], size: int, more: bool
) -> None:
    pool = Pool("desk", size, (Search("vt", {}),), prefer=prefer)
    open_slots = OpenSlots.of(pool, allocate([pool], StateSnapshot("lineage", 1)))
    offers = [offer("+12015552255"), offer("+12015550100")]
    assert wants_more(open_slots, offers, set(), unknown_prices=True) is more
    assert not prefer or wants_more(open_slots, offers, {"+12015552255"}, unknown_prices=True) is (
        prefer[0] != "cheapest"
    )


def test_consecutive_numbers_begin_where_a_row_is_long_enough() -> None:
    offers = [offer(f"+1201555{n}") for n in ("0100", "0101", "0105", "0106", "0107", "0109")]
    assert picked(offers, "consecutive", size=3) == ["+12015550105", "+12015550106", "+12015550107"]
    assert picked(offers, "consecutive", size=2) == ["+12015550100", "+12015550101"]


def test_a_growing_pool_takes_the_neighbours_of_what_it_has() -> None:
    offers = [offer(f"+1201555{n}") for n in ("0100", "0101", "0102", "0108", "0110")]
    assert picked(offers, "consecutive", size=2, existing=("+12015550109",)) == ["+12015550108", "+12015550110"]


def test_spread_takes_turns_over_the_exchanges_and_counts_what_the_pool_has() -> None:
    offers = [offer(f"+1201{n}") for n in ("3890001", "3890002", "4870001", "5550100")]
    assert picked(offers, "spread", size=4) == ["+12013890001", "+12014870001", "+12015550100", "+12013890002"]
    assert picked(offers, "spread", existing=("+12013899999",)) == ["+12014870001"]


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
        open_slots = OpenSlots.of(each, allocate([each], StateSnapshot("lineage", 1)))
        found = choose(open_slots, each.searches[0], [offer("+18005550100")], set(), unknown_prices=True)
        assert list(found) == wanted
        open_slots = OpenSlots.of(each, allocate([each], StateSnapshot("lineage", 1)))
        take_back(open_slots, [Allocation(Address(Kind.SLOT, "desk.0"), "+18005550100", "vt")], set())
        assert [allocation.tn for allocation in open_slots.allocated] == wanted


@pytest.mark.parametrize(
    ("size", "prefer", "asked"), [(1, (), 11), (30, (), 60), (1, ("spread",), 200), (9999, (), 9999)]
)
def test_more_is_asked_for_than_is_needed(size: int, prefer: tuple[str, ...], asked: int) -> None:
    pool = Pool("desk", size, (Search("vt", {}),), prefer=prefer)
    open_slots = OpenSlots.of(pool, allocate([pool], StateSnapshot("lineage", 1)))
    assert quantities(open_slots, 0) == [asked, 1000][: 1 + (asked < 1000)]
    assert quantities(open_slots, 7)[0] == min(9999, asked + 7)


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
