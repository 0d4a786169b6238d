"""What a plan says of money: prices and where they are from, limits, what a release saves, the standing cost."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.errors import SafetyError, StalePlanError
from reconciler.model import Plan
from reconciler.planning.limits import Allowances
from reconciler.planning.selection import Selection
from reconciler.sandbox.inumbering.switches import INumberingSwitches
from reconciler.state import plan_file
from reconciler.views import render
from reconciler.workflows.session import Options
from tests.rig import Rig, actions, results

BOOK = 'prices: [{provider: vt, country: US, monthly: "%s", setup: "0.50", currency: USD, as_of: 2026-01-01}]\n'
NJ = '  "+12015550123": {provider: vt, labels: {team: ops}}\n'
GB = '  "+447700900123": {provider: ib, labels: {team: support}}\n'
GB2 = '  "+447700900124": {provider: ib, labels: {team: support}}\n'
RELEASES = Options(allow=Allowances(releases=5, empty=frozenset({"vt", "ib", "api"})))


def said(plan: Plan) -> str:
    return "\n".join(notice.message for notice in plan.notices)


def reason(plan: Plan, address: str) -> str:
    return next(change.reason for change in plan.changes if str(change.address) == address)


def cost(plan: Plan) -> dict[str, object]:
    found: dict[str, object] = plan_file.to_json(plan)["cost"]
    return found


def test_a_price_of_the_book_is_in_the_cost_and_said_to_be_an_estimate(rig: Rig) -> None:
    rig.write(BOOK % "0.85" + "numbers:\n" + NJ)
    plan = rig.plan()
    assert cost(plan) == {"USD": {"setup": "0.50", "monthly": "0.85", "first_month": "0.85"}, "unknown": []}
    assert "vt: 1 price estimated from the price book, as of 2026-01-01" in said(plan)


def test_a_carriers_own_quote_wins_over_the_book(rig: Rig) -> None:
    rig.write((BOOK % "0.85").replace("vt", "ib").replace("US", "GB") + "numbers:\n" + GB)
    plan = rig.plan()
    assert set(cost(plan)) == {"EUR", "unknown"}
    assert "price book" not in said(plan)


def test_without_a_line_the_price_stays_unknown_and_blocks_only_where_a_limit_says_so(rig: Rig) -> None:
    rig.write("numbers:\n" + NJ)
    assert cost(rig.plan()) == {"unknown": ["number/+12015550123"]}
    rig.write("safety: {unknown_prices: refuse}\nnumbers:\n" + NJ)
    with pytest.raises(SafetyError, match="without a known price"):
        rig.apply()
    rig.write(BOOK % "0.85" + "safety: {unknown_prices: refuse}\nnumbers:\n" + NJ)
    assert rig.apply().exit_code == 0


@pytest.mark.parametrize(("limit", "kind"), [("0.84", "monthly"), ("0.49", "setup")])
def test_the_money_limits_hold_for_prices_of_the_book(rig: Rig, limit: str, kind: str) -> None:
    rig.write(BOOK % "0.85" + f'safety: {{max_{kind}: {{USD: "{limit}"}}}}\nnumbers:\n' + NJ)
    with pytest.raises(SafetyError, match="the purchases add"):
        rig.apply()
    assert rig.writes() == 0


def test_a_saved_plan_binds_the_price_of_the_book(rig: Rig) -> None:
    rig.write(BOOK % "0.85" + "numbers:\n" + NJ)
    saved = plan_file.loads(plan_file.dumps(rig.plan()))
    rig.write(BOOK % "0.86" + "numbers:\n" + NJ)
    with pytest.raises(StalePlanError, match="another price"):
        rig.apply(saved=saved)
    rig.write(BOOK % "0.80" + "numbers:\n" + NJ)
    assert rig.apply(saved=saved).exit_code == 0


def test_an_order_without_an_answer_is_settled_at_the_price_of_the_book(tmp_path: Path) -> None:
    rig = Rig(tmp_path, switches={"vt": INumberingSwitches(search_cache_seconds=0)})
    rig.write(BOOK % "0.85" + "numbers:\n" + NJ)
    with rig.store() as store, store.locked():
        saved = rig.plan()
        (change,) = saved.changes
        store.open_intent("p", "vt", change.action, [change.address], "r" * 24, {}, change.cost, begin=True)
    rig.clock.sleep(2000)
    assert results(rig.apply()) == {"number/+12015550123": "unknown"}
    rig.clock.sleep(2000)
    assert results(rig.apply()) == {"number/+12015550123": "done"}, "sent again: the book still says the same"
    assert len(rig.sandbox.ledger.charges("vt")) == 1


def test_a_release_says_what_it_saves_and_a_forgotten_number_what_it_goes_on_costing(rig: Rig) -> None:
    rig.write(BOOK % "0.85" + "numbers:\n" + NJ + GB + GB2)
    rig.apply()
    rig.write(BOOK % "0.85" + "numbers:\n" + GB2)
    plan = rig.plan()
    assert actions(plan) == {"number/+12015550123": "forget", "number/+447700900123": "delete"}
    assert reason(plan, "number/+447700900123").endswith("; saves 5.00 EUR a month")
    assert reason(plan, "number/+12015550123").endswith("; it costs 0.85 USD a month (price book, 2026-01-01)")


def test_a_release_at_an_unknown_price_says_so(rig: Rig) -> None:
    rig.write('numbers:\n  "+12015550124": {provider: api}\n' + GB)
    rig.apply()
    rig.write("numbers:\n" + GB)
    assert reason(rig.plan(), "number/+12015550124").endswith("; what that saves is not known")


def test_the_standing_cost_is_told_before_and_after(rig: Rig) -> None:
    rig.write(BOOK % "0.85" + 'numbers:\n  "+12015550124": {provider: api}\n' + NJ + GB + GB2)
    after = "4 numbers, 10.00 EUR + 0.85 USD a month, 1 unknown price"
    assert f"standing cost: nothing; after this plan: {after}" in said(rig.plan())
    rig.apply()
    assert f"standing cost: {after}" in said(rig.plan())
    assert "after this plan" not in said(rig.plan())
    rig.write(BOOK % "0.85" + "numbers:\n" + GB)
    then = "2 numbers, 5.00 EUR + 0.85 USD a month; releases save 5.00 EUR a month"
    assert f"standing cost: {after}; after this plan: {then}" in said(rig.plan())
    assert rig.apply(RELEASES).exit_code == 0
    assert "standing cost: 2 numbers, 5.00 EUR + 0.85 USD a month" in said(rig.plan()), "forgotten is not released"


def test_what_the_carrier_says_now_counts_before_what_was_paid(rig: Rig) -> None:
    rig.write("numbers:\n" + GB)
    rig.apply()
    rig.sandbox.infobip("ib").reprice("+447700900123", "6.25")
    assert "standing cost: 1 number, 6.25 EUR a month" in said(rig.plan())


def test_a_newer_price_book_replaces_what_an_older_one_estimated(rig: Rig) -> None:
    rig.write(BOOK % "0.85" + "numbers:\n" + NJ)
    rig.apply()
    rig.write(BOOK % "0.95" + "numbers:\n" + NJ)
    assert "standing cost: 1 number, 0.95 USD a month" in said(rig.plan())
    rig.write("numbers:\n" + NJ)
    assert "standing cost: 1 number, 0.85 USD a month" in said(rig.plan()), "what was paid, when the book says nothing"


def test_what_was_paid_counts_before_the_price_book_where_nothing_was_read(rig: Rig) -> None:
    rig.write("numbers:\n" + GB)
    rig.apply()
    rig.write((BOOK % "0.85").replace("vt", "ib").replace("US", "GB") + "numbers:\n" + GB + NJ)
    partly = rig.plan(Options(selection=Selection(only=("provider=vt",))))
    assert "standing cost: 1 number, 5.00 EUR a month; after this plan: 2 numbers, 5.00 EUR a month" in said(partly)


def test_a_number_that_is_gone_at_its_carrier_costs_nothing(rig: Rig) -> None:
    rig.write("numbers:\n" + GB + GB2)
    rig.apply()
    rig.clock.sleep(3600)
    rig.sandbox.infobip("ib").portal_release("+447700900123")
    assert "standing cost: 1 number, 5.00 EUR a month" in said(rig.plan())


def test_an_adopted_number_counts_from_this_plan_on(rig: Rig) -> None:
    rig.sandbox.infobip("ib").portal_buy("+447700900123")
    rig.write("numbers:\n" + GB)
    assert "standing cost: nothing; after this plan: 1 number, 5.00 EUR a month" in said(rig.plan())


def test_sums_are_told_by_account_and_label_once_there_are_two_to_add(rig: Rig) -> None:
    rig.write("numbers:\n" + GB)
    assert rig.planned().shares == ()
    rig.apply()
    rig.write(BOOK % "0.85" + "numbers:\n" + NJ + GB2)
    shares = {
        (s.group, s.currency): (str(s.added.setup), str(s.added.monthly), str(s.saved)) for s in rig.planned().shares
    }
    assert shares == {
        ("all", "EUR"): ("0", "5", "5"),
        ("all", "USD"): ("0.50", "0.85", "0"),
        ("ib", "EUR"): ("0", "5", "5"),
        ("vt", "USD"): ("0.50", "0.85", "0"),
        ("team=ops", "USD"): ("0.50", "0.85", "0"),
        ("team=support", "EUR"): ("0", "5", "5"),
    }


def test_text_and_markdown_show_the_sums_and_json_stays_the_plan_file(rig: Rig) -> None:
    rig.write(BOOK % "0.85" + "numbers:\n" + NJ + GB)
    made = rig.planned()
    for fmt in ("text", "markdown"):
        shown = render.plan(made.plan, fmt, shares=made.shares)
        assert "What it adds and saves" in shown
        assert "team=ops" in shown
    assert render.plan(made.plan, "json", shares=made.shares) == render.plan(made.plan, "json")


def test_each_purchase_shows_set_up_first_month_and_monthly(rig: Rig) -> None:
    rig.write('numbers:\n  "+40371700055": {provider: ib}\n')
    line = next(line for line in render.plan(rig.plan(), "text", width=200).splitlines() if "+40371700055" in line)
    for part in ("4.00 EUR a month", "EUR for the first", "2.00 EUR set-up"):
        assert part in line
