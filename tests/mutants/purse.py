"""Bugs in what a number costs, and in what a saved plan may make a run buy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from reconciler.executor import open_purchases
from reconciler.model import Outcome, Price
from reconciler.planning import limits, spending
from reconciler.planning.spending import Spending
from reconciler.providers import prices
from reconciler.providers.http import body
from reconciler.state import plan_file
from reconciler.state.store import Store
from reconciler.workflows import plan, saved_plan, slot_rules
from tests.mutants.checking import check, reused
from tests.mutants.planting import planted, swapped
from tests.rig import Rig
from tests.workflows import test_money_told, test_saved_plans


@planted(reused(test_money_told.test_an_unreadable_price_is_never_bought, prices="comma", limits=""))
def unreadable_price_taken_for_unknown() -> AbstractContextManager[None]:
    """A price that was told and cannot be read counts as one that was not told."""
    read = prices.read

    def lenient(told: object, names: prices.Names) -> Price | None:
        price = read(told, names)
        return None if price is not None and price.unreadable else price

    return swapped((prices, "read", lenient))


@planted(reused(test_money_told.test_no_way_of_writing_a_price_passes_a_limit_that_it_is_over, prices="no-setup"))
def half_a_price_taken_for_none() -> AbstractContextManager[None]:
    """A price of which only one half is told binds nothing."""
    read = prices.read

    def whole_or_none(told: object, names: prices.Names) -> Price | None:
        price = read(told, names)
        return price if price is None or price.whole or price.unreadable else None

    return swapped((prices, "read", whole_or_none))


@planted(reused(test_money_told.test_no_way_of_writing_a_price_passes_a_limit_that_it_is_over, prices="lower-case"))
def currency_compared_raw() -> AbstractContextManager[None]:
    """A limit in EUR says nothing of a price in eur."""
    currency = prices._currency

    def raw(name: str, value: object) -> str:
        currency(name, value)
        return str(value)

    return swapped((prices, "_currency", raw), (limits, "_in_other_currencies", lambda _plan, _safety: ()))


@planted(reused(test_money_told.test_a_limit_in_euros_refuses_dollars_whatever_they_are_worth, kind="monthly"))
def other_currencies_unlimited() -> AbstractContextManager[None]:
    """A limit says nothing of the currencies that it does not name."""
    return swapped((limits, "_in_other_currencies", lambda _plan, _safety: ()))


@planted(reused(test_saved_plans.test_the_limits_of_a_saved_plan_are_held_against_the_first_month_that_is_asked_now))
def limits_held_against_yesterdays_prices() -> AbstractContextManager[None]:
    """The limits of a saved plan's apply are held against what the carrier asked when the plan was made."""
    return swapped((saved_plan, "_as_found", lambda planned, _found: planned))


@planted(reused(test_saved_plans.test_an_edited_plan_fills_no_slot_with_another_number))
def seal_not_checked() -> AbstractContextManager[None]:
    """Whoever edits a saved plan decides what it buys."""
    return swapped((plan_file, "check_seal", lambda _plan, _seal: None))


@planted(
    reused(
        test_saved_plans.test_even_a_sealed_plan_gives_a_slot_only_what_its_pool_allows,
        pool="provider: ib, size: 1, search: {country: GB}, max_monthly: {amount: '6.00', currency: EUR}",
        tn="+447700900950",
        message="costs more than pool desk allows",
    )
)
def ceiling_of_the_pool_not_checked_at_apply() -> AbstractContextManager[None]:
    """A saved plan may give a slot a number that its pool finds too dear."""
    return swapped((slot_rules.choose, "affordable", lambda *_args, **_kwargs: True))


@planted(
    reused(
        test_saved_plans.test_even_a_sealed_plan_gives_a_slot_only_what_its_pool_allows,
        pool="provider: vt, size: 1, search: {province: NJ}",
        tn="+12125550100",
        message="no search of pool desk shows it",
    )
)
def search_of_the_pool_not_asked_at_apply() -> AbstractContextManager[None]:
    """A saved plan may give a slot a number that its pool does not look for."""
    wrong = slot_rules._wrong_with_offer

    def lenient(*args: Any) -> Iterator[str]:
        return (why for why in wrong(*args) if not why.startswith("no search"))

    return swapped((slot_rules, "_wrong_with_offer", lenient))


@planted(reused(test_money_told.test_a_charge_over_the_plan_ends_with_4_and_says_both_amounts, limits=""))
def charge_over_the_plan_ends_0() -> AbstractContextManager[None]:
    """What the carrier charges over the plan is said in passing, and the run ends with 0."""

    def quiet(outcome: Outcome, excess: str) -> Outcome:
        return replace(outcome, message=excess or outcome.message)

    return swapped((open_purchases, "overcharged", quiet))


@planted(reused(test_money_told.test_nothing_more_is_bought_after_a_charge_that_was_too_much, charges="dearer"))
def buying_on_after_an_excess() -> AbstractContextManager[None]:
    """A run goes on buying from a carrier that charges more than it asked."""
    return swapped((Spending, "refusal", lambda _spending: ""))


@planted(reused(test_money_told.test_a_charge_that_cannot_be_read_ends_with_4_and_is_not_taken_for_the_planned_one))
def unreadable_charge_taken_for_the_planned_one() -> AbstractContextManager[None]:
    """What the carrier says it charged is not read: it will be what was planned."""
    charged = spending.money.charged

    def trusting(planned: Price | None, told: Price | None) -> tuple[Price | None, str]:
        return charged(planned, None if told is not None and told.unreadable else told)

    return swapped((spending.money, "charged", trusting))


@planted(reused(test_saved_plans.test_a_begun_plan_goes_on_after_its_day))
def begun_plan_expires() -> AbstractContextManager[None]:
    """What a plan has begun and not finished cannot be gone on with after its day."""
    status = Store.plan_status

    def forgetful(store: Store, plan_id: str) -> Any:
        known = status(store, plan_id)
        return None if known == "pending" else known

    return swapped((Store, "plan_status", forgetful))


@planted(
    reused(
        test_saved_plans.test_a_plan_of_other_accounts_is_refused,
        account="ib: {type: infobip, base_url: https://other.example}",
    )
)
def accounts_not_bound() -> AbstractContextManager[None]:
    """A plan that was made for one address of a carrier is applied at another."""
    digest = saved_plan.config_digest

    def loose(fleet: Any, store: Any) -> str:
        moved = {name: replace(account, base_url="") for name, account in fleet.accounts.items()}
        return digest(replace(fleet, accounts=moved), store)

    return swapped((saved_plan, "config_digest", loose), (plan, "config_digest", loose))


@planted(
    reused(
        test_money_told.test_an_amount_under_a_name_that_we_do_not_know_is_never_an_untold_price,
        price={"monthlyPrice": "999", "setupPrice": 0, "currency": "EUR"},
    )
)
def an_amount_under_another_name_is_none() -> AbstractContextManager[None]:
    """A price whose amount stands under a name that we do not know counts as not told, and passes the limits."""
    return swapped((prices, "_refuse_other_names", lambda _told, _names, *, lacking: None))


@planted(reused(test_money_told.test_a_first_month_binds_as_a_month_does, monthly=Decimal(5)))
def a_first_month_is_no_month() -> AbstractContextManager[None]:
    """A first month that costs more than every other one passes the limits."""
    return swapped((Price, "dearest_month", property(lambda price: price.monthly)))


@check
def a_price_that_is_told_twice_is_not_for_us_to_choose(_rig: Rig) -> None:
    with pytest.raises(ValueError, match="twice"):
        body.parse(b'{"pricePerMonth": 5, "pricePerMonth": 5000}')


@planted(a_price_that_is_told_twice_is_not_for_us_to_choose)
def the_last_of_two_prices_holds() -> AbstractContextManager[None]:
    """Of a price that an answer tells twice the last one holds."""
    return swapped((body, "_unambiguous", dict))
