"""What a carrier tells of a price, and what it then charges: what is not certain is never bought, or is said."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from reconciler.errors import SafetyError, StalePlanError
from reconciler.model import Action, Address, Change, Plan, Price, Report, money
from reconciler.model.fleet import Safety
from reconciler.planning import limits
from reconciler.providers.infobip import convert
from reconciler.sandbox import InfobipSwitches
from reconciler.state import plan_file
from reconciler.views import render
from tests.rig import Rig, results

ONE = 'numbers:\n  "+447700900123": {provider: ib}\n'
TWO = ONE + '  "+447700900124": {provider: ib}\n'
DOLLARS = 'numbers:\n  "+12125550100": {provider: ib}\n'
POOL = "pools:\n  desk: {provider: ib, size: 1, search: {country: GB}%s}\n"
ADDRESS = "number/+447700900123"
NOON = datetime(2026, 1, 13, 12, tzinfo=UTC)
EMPTY: dict[str, Any] = {
    "plan_id": "p",
    "created_at": NOON,
    "expires_at": NOON,
    "tool_version": "1",
    "config_digest": "",
    "lineage": "",
    "serial": 0,
}


def told(tmp_path: Path, **switches: Any) -> Rig:
    return Rig(tmp_path, switches={"ib": InfobipSwitches(**switches)})


def safety(limits: str, text: str = ONE) -> str:
    return f"safety: {{{limits}}}\n{text}"


def refused(rig: Rig, text: str) -> str:
    """The words of an apply that ends with 5 and has sent nothing."""
    rig.write(text)
    with pytest.raises(SafetyError) as why:
        rig.apply()
    assert why.value.exit_code == 5
    assert rig.writes() == 0
    assert rig.sandbox.ledger.charges() == []
    return why.value.message


def said(plan: Plan) -> str:
    return "\n".join(notice.message for notice in plan.notices)


def message(report: Report, address: str = ADDRESS) -> str:
    return next(outcome.message for outcome in report.outcomes if str(outcome.address) == address)


# Asked


@pytest.mark.parametrize("prices", ["numbers", "text", "noise", "lower-case", "blanks", "no-setup"])
def test_no_way_of_writing_a_price_passes_a_limit_that_it_is_over(tmp_path: Path, prices: str) -> None:
    rig = told(tmp_path, prices=prices)
    rig.sandbox.infobip("ib").reprice("+447700900123", "99.9")
    assert "99.90" in refused(rig, safety('max_monthly: {EUR: "10.00"}'))


@pytest.mark.parametrize("prices", ["comma", "no-currency"])
@pytest.mark.parametrize("limits", ["", "unknown_prices: allow", 'max_monthly: {EUR: "10000.00"}', "max_purchases: 99"])
def test_an_unreadable_price_is_never_bought(tmp_path: Path, prices: str, limits: str) -> None:
    why = refused(told(tmp_path, prices=prices), safety(limits))
    assert "told and cannot be read" in why
    assert "--exclude number/+447700900123" in why


@pytest.mark.parametrize("prices", ["comma", "no-currency"])
def test_the_price_book_does_not_speak_for_a_price_that_cannot_be_read(tmp_path: Path, prices: str) -> None:
    book = 'prices: [{provider: ib, country: GB, monthly: "1.00", currency: EUR, as_of: 2026-01-01}]\n'
    refused(told(tmp_path, prices=prices), book + ONE)


@pytest.mark.parametrize("prices", ["text", "noise", "lower-case", "blanks"])
def test_a_readable_price_is_bought_and_shown_to_the_cent(tmp_path: Path, prices: str) -> None:
    rig = told(tmp_path, prices=prices)
    rig.sandbox.infobip("ib").reprice("+447700900123", "4.4")
    rig.write(safety('max_monthly: {EUR: "10.00"}, unknown_prices: refuse'))
    plan = rig.plan()
    for fmt in ("text", "markdown"):
        assert "4.40 EUR a month" in render.plan(plan, fmt)
        assert "4.400000000000001" not in render.plan(plan, fmt)
    exact = "4.400000000000001" if prices == "noise" else "4.40"
    assert plan_file.to_json(plan)["cost"]["EUR"]["monthly"] == exact
    assert rig.apply().exit_code == 0
    assert len(rig.sandbox.ledger.charges()) == 1


def test_half_a_price_is_bought_where_unknown_prices_are_allowed_and_shown_as_the_least(tmp_path: Path) -> None:
    rig = told(tmp_path, prices="no-setup")
    assert "without a known price" in refused(rig, safety("unknown_prices: refuse"))
    rig.write(safety('max_monthly: {EUR: "5.00"}'))
    plan = rig.plan()
    cost = plan_file.to_json(plan)["cost"]
    assert cost["unknown"] == [ADDRESS]
    assert cost["EUR"]["monthly"] == "5.00"
    assert "set-up unknown" in render.plan(plan, "text")
    assert "at least" in render.plan(plan, "text")
    report = rig.apply()
    assert report.exit_code == 0
    assert "at least" in render.report(report, "text")


@pytest.mark.parametrize("kind", ["monthly", "setup"])
def test_a_limit_in_euros_refuses_dollars_whatever_they_are_worth(rig: Rig, kind: str) -> None:
    toll_free = 'numbers:\n  "+18005550100": {provider: ib}\n'  # 2.50 a month and 5.00 set-up
    why = refused(rig, safety(f'max_{kind}: {{EUR: "10000.00"}}', toll_free))
    assert f"priced in USD, which safety.max_{kind} does not name" in why


def test_nothing_is_nothing_in_any_currency(rig: Rig) -> None:
    rig.write(safety('max_setup: {EUR: "10.00"}', DOLLARS))  # dollars a month, and no set-up
    assert rig.apply().exit_code == 0


def test_the_price_book_is_held_to_the_currencies_of_the_limits_too(rig: Rig) -> None:
    book = 'prices: [{provider: vt, country: US, monthly: "0.85", currency: USD, as_of: 2026-01-01}]\n'
    text = book + 'numbers:\n  "+12015550123": {provider: vt}\n'
    assert "priced in USD" in refused(rig, safety('max_monthly: {EUR: "10.00"}', text))


@pytest.mark.parametrize("prices", ["comma", "no-currency"])
@pytest.mark.parametrize("ceiling", ["", ', max_monthly: {amount: "6.00", currency: EUR}'])
def test_a_pool_takes_no_number_at_a_price_that_cannot_be_read(tmp_path: Path, prices: str, ceiling: str) -> None:
    rig = told(tmp_path, prices=prices)
    rig.write(POOL % ceiling)
    assert "a price that cannot be read" in said(rig.plan())
    rig.apply()
    assert rig.sandbox.ledger.charges() == []


def test_a_pool_takes_no_number_in_another_currency_than_its_limit(rig: Rig) -> None:
    rig.write(POOL % ', max_monthly: {amount: "9999.00", currency: USD}')
    assert "priced in EUR" in said(rig.plan())
    rig.apply()
    assert rig.sandbox.ledger.charges() == []


def test_a_pool_adopts_what_is_owned_though_its_price_cannot_be_read_but_not_under_a_limit(tmp_path: Path) -> None:
    rig = told(tmp_path, prices="comma")
    rig.sandbox.infobip("ib").portal_buy("+447700900123")
    rig.write(POOL % ', adopt: true, max_monthly: {amount: "6.00", currency: EUR}')
    assert results(rig.apply()) == {}
    rig.write(POOL % ", adopt: true")
    assert results(rig.apply()) == {ADDRESS: "done"}
    assert "standing cost: 1 number, 1 price that cannot be read" in said(rig.plan())


def test_an_owned_number_whose_price_cannot_be_read_is_not_counted_at_what_was_paid(tmp_path: Path) -> None:
    rig = told(tmp_path)
    rig.write(ONE)
    rig.apply()
    rig.sandbox.infobip("ib").turn(prices="comma")
    assert "standing cost: 1 number, 1 price that cannot be read" in said(rig.plan())
    rig.sandbox.infobip("ib").turn(prices="no-setup")
    assert "standing cost: 1 number, 5.00 EUR a month" in said(rig.plan())


# Asked again


@pytest.mark.parametrize(
    ("planned", "now", "fits"),
    [
        ("numbers", "text", True),
        ("numbers", "lower-case", True),
        ("numbers", "blanks", True),
        ("numbers", "noise", True),
        ("noise", "numbers", True),
        ("numbers", "comma", False),
        ("numbers", "no-currency", False),
        ("numbers", "no-setup", False),
        ("no-setup", "numbers", False),
        ("no-setup", "no-setup", True),
    ],
)
def test_a_saved_plan_is_held_to_the_price_however_it_is_written(
    tmp_path: Path, planned: str, now: str, fits: bool
) -> None:
    rig = told(tmp_path, prices=planned)
    rig.write(ONE)
    saved = plan_file.loads(plan_file.dumps(rig.plan()))
    rig.sandbox.infobip("ib").turn(prices=now)
    if fits:
        assert rig.apply(saved=saved).exit_code == 0
    else:
        with pytest.raises(StalePlanError, match="another price than planned"):
            rig.apply(saved=saved)
    assert len(rig.sandbox.ledger.charges()) == int(fits)


def test_a_saved_plan_at_a_price_that_cannot_be_read_is_refused_like_a_fresh_one(tmp_path: Path) -> None:
    rig = told(tmp_path, prices="comma")
    rig.write(ONE)
    saved = plan_file.loads(plan_file.dumps(rig.plan()))
    (change,) = saved.changes
    assert change.cost is not None
    assert change.cost.unreadable == "pricePerMonth: 5,00"
    with pytest.raises(SafetyError, match="cannot be read"):
        rig.apply(saved=saved)
    assert rig.sandbox.ledger.charges() == []


# Charged


@pytest.mark.parametrize("limits", ["", 'max_monthly: {EUR: "10.00"}', 'max_monthly: {EUR: "999999.00"}'])
def test_a_charge_over_the_plan_ends_with_4_and_says_both_amounts(tmp_path: Path, limits: str) -> None:
    rig = told(tmp_path, charges="dearer")
    rig.write(safety(limits))
    report = rig.apply()
    assert report.exit_code == 4
    assert results(report) == {ADDRESS: "done"}
    assert "charges 5000.00 EUR a month" in message(report)
    assert "where 5.00 EUR a month" in message(report)
    assert "5000.00 EUR a month" in render.report(report, "text")
    assert rig.sandbox.ledger.double_charges() == []
    assert rig.apply().exit_code == 0, "said once: the account owns it, and somebody was told"


def test_a_charge_that_cannot_be_read_ends_with_4_and_is_not_taken_for_the_planned_one(tmp_path: Path) -> None:
    rig = told(tmp_path, charges="unreadable")
    rig.write(ONE)
    report = rig.apply()
    assert (report.exit_code, results(report)) == (4, {ADDRESS: "done"})
    assert "what the carrier charges cannot be read (pricePerMonth: see invoice)" in message(report)
    with rig.store() as store:
        (entry,) = store.ledger()
    assert entry.price is None


def test_a_charge_that_is_not_told_is_as_planned(tmp_path: Path) -> None:
    rig = told(tmp_path, charges="untold")
    rig.write(ONE)
    report = rig.apply()
    assert report.exit_code == 0
    assert "spent" in render.report(report, "json")


@pytest.mark.parametrize("charges", ["dearer", "unreadable"])
def test_nothing_more_is_bought_after_a_charge_that_was_too_much(tmp_path: Path, charges: str) -> None:
    rig = told(tmp_path, charges=charges)
    rig.write(TWO)
    report = rig.apply()
    assert report.exit_code == 4
    assert sorted(results(report).values()) == ["done", "skipped"]
    assert "nothing more is bought in this run after number/+447700900123" in message(report, "number/+447700900124")
    assert len(rig.sandbox.ledger.charges()) == 1


def test_an_order_that_was_found_at_more_than_planned_ends_with_4(tmp_path: Path) -> None:
    from reconciler.sandbox import Rule, When

    rig = told(tmp_path, charges="dearer")
    rig.write(ONE)
    rig.sandbox.faults.plant(Rule("timeout", call="purchase", when=When.AFTER))
    report = rig.apply()
    assert (report.exit_code, results(report)) == (4, {ADDRESS: "done"})
    assert "charges 5000.00 EUR a month" in message(report)


# Under names that we do not know, and the first month's share


@pytest.mark.parametrize(
    "price",
    [
        {"monthlyPrice": "999", "setupPrice": 0, "currency": "EUR"},
        {"monthly": {"amount": 999}, "setupPrice": 0, "currency": "EUR"},
        {"monthly": {"amount": 999, "currency": "EUR"}},
        {"PricePerMonth": "999.00", "Currency": "EUR"},
        {"price_per_month": "999"},
        {"currency": "EUR", "amount": "999"},
        {"pricePerMonth": None, "setupPrice": None, "pricePerYear": "9999", "currency": "EUR"},
        {"prices": [{"monthly": "999"}]},
        {"monthly": "99.00 EUR", "setupPrice": 0, "currency": "EUR"},
    ],
)
def test_an_amount_under_a_name_that_we_do_not_know_is_never_an_untold_price(price: dict[str, Any]) -> None:
    found = convert.price({"price": price})
    assert found is not None
    assert found.unreadable


def test_a_price_beside_the_place_where_it_belongs_is_told() -> None:
    found = convert.price({"price": None, "pricePerMonth": 999, "setupPrice": 0, "currency": "EUR"})
    assert found == Price("EUR", Decimal(0), Decimal(999))


@pytest.mark.parametrize("inside", [{}, {"pricePerMonth": 1, "setupPrice": 0, "currency": "EUR"}])
def test_of_two_prices_in_one_row_the_cheaper_does_not_hold(inside: dict[str, Any]) -> None:
    beside = {"pricePerMonth": 99, "setupPrice": 0, "currency": "EUR"}
    found = convert.price({"price": inside, **beside})
    assert found is not None
    assert found.unreadable if inside else found.monthly == 99
    assert convert.price({"price": beside, **beside}) == Price("EUR", Decimal(0), Decimal(99))


@pytest.mark.parametrize("price", [{}, {"currency": "EUR"}, {"validUntil": "20261231"}, {"months": None}])
def test_a_price_without_an_amount_is_not_told(price: dict[str, Any]) -> None:
    assert convert.price({"price": price}) is None


@pytest.mark.parametrize("monthly", [None, Decimal(5)])
def test_a_first_month_binds_as_a_month_does(monthly: Decimal | None) -> None:
    dear = Price("EUR", Decimal(0), monthly, Decimal(999))
    safe = Safety(max_monthly={"EUR": Decimal(10)}, unknown_prices="allow")
    number = Address.parse(ADDRESS)
    change = Change(number, "ib", Action.CREATE, "bought", cost=dear)
    plan = Plan(**{**EMPTY, "changes": (change,)})
    found = [v.message for v in limits.violations(plan, safe, limits.Inventory(1), limits.Allowances())]
    assert any("999.00 EUR monthly" in message for message in found)
    planned = Price("EUR", Decimal(0), Decimal(5), Decimal(1))
    assert money.charged(planned, dear)[1] != ""
    assert money.charged(planned, Price("EUR", Decimal(0), Decimal(5), Decimal(3))) == (planned, "")


@pytest.mark.parametrize("limit", ["max_monthly", "max_setup"])
@pytest.mark.parametrize(("setup", "monthly"), [(0, 0), (1, 0), (0, 1)])
def test_a_limit_that_names_no_currency_allows_only_what_costs_nothing(limit: str, setup: int, monthly: int) -> None:
    asked = Price("EUR", Decimal(setup), Decimal(monthly))
    change = Change(Address.parse(ADDRESS), "ib", Action.CREATE, "bought", cost=asked)
    plan = Plan(**{**EMPTY, "changes": (change,)})
    safe = Safety(**{limit: {}})  # type: ignore[arg-type]
    found = [v.message for v in limits.violations(plan, safe, limits.Inventory(1), limits.Allowances())]
    costs = setup if limit == "max_setup" else monthly
    assert found == ([f"1 purchase priced in EUR, which safety.{limit} does not name"] if costs else [])
