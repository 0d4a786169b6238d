"""An unanswered order that is sent again is a purchase: approved as one, and held to every limit on purchases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest

from reconciler.errors import SafetyError
from reconciler.executor import open_purchases
from reconciler.model import Action, Plan
from reconciler.planning.limits import Allowances
from reconciler.planning.selection import Selection
from reconciler.sandbox import InfobipSwitches, Rule, When
from reconciler.sandbox.infobip import rows
from reconciler.state import plan_file
from reconciler.workflows import apply
from reconciler.workflows.session import Options, Planned
from tests.rig import Rig, actions, results

A, B, ENDS_IN_5 = "+447700900123", "+447700900124", "+447700900125"
NJ = "+12015550123"
BRIEFLY = Options(wait=timedelta(0))


def line(*tns: str, account: str = "ib") -> str:
    return "numbers:\n" + "".join(f'  "{tn}": {{provider: {account}}}\n' for tn in tns)


def pool(rest: str = "") -> str:
    return f"pools:\n  desk: {{provider: ib, size: 1, search: {{country: GB}}{rest}}}\n"


def unanswered(rig: Rig, text: str, *, call: str = "purchase") -> None:
    """Order what ``text`` declares and get no answer, long enough ago to send it again."""
    rig.write(text)
    rig.sandbox.faults.plant(Rule("503", call=call, when=When.BEFORE))
    assert rig.apply(BRIEFLY).exit_code == 3
    rig.clock.sleep(1000)


def charges(rig: Rig) -> list[str]:
    return [entry.key for entry in rig.sandbox.ledger.charges()]


def refusal(rig: Rig, options: Options | None = None, saved: Plan | None = None) -> str:
    with pytest.raises(SafetyError) as refused:
        rig.apply(options, saved)
    assert (charges(rig), rig.writes(), refused.value.exit_code) == ([], 0, 5)
    return refused.value.message


@contextmanager
def first_month(amount: int) -> Iterator[None]:
    """While this lasts, the first month of every number on offer costs so much."""
    written = rows.price
    with patch.object(rows, "price", lambda *price: {**written(*price), "initialMonthPrice": amount}):
        yield


@pytest.mark.parametrize(
    ("safety", "message"),
    [
        (
            "max_purchases: 0",
            "1 purchase planned, at most 0 allowed\n  number/.*\n  to allow it, add --allow-purchases 1",
        ),
        ("max_monthly: {EUR: '4.99'}", "the purchases add 5.00 EUR monthly, at most 4.99 allowed"),
        ("max_monthly: {USD: '50.00'}", "1 purchase priced in EUR, which safety.max_monthly does not name"),
    ],
)
def test_an_order_is_sent_again_only_within_the_limits(rig: Rig, safety: str, message: str) -> None:
    unanswered(rig, line(A))
    rig.write(f"safety: {{{safety}}}\n{line(A)}")
    with pytest.raises(SafetyError, match=message):
        rig.apply()
    assert (charges(rig), rig.writes()) == ([], 0)
    rig.write(line(A))
    report = rig.apply()
    assert (report.exit_code, charges(rig)) == (0, [A])


def test_an_order_at_an_unknown_price_is_not_sent_again_where_those_are_refused(rig: Rig) -> None:
    unanswered(rig, line(NJ, account="vt"), call="tnOrder")
    rig.write("safety: {unknown_prices: refuse}\n" + line(NJ, account="vt"))
    assert "1 purchase without a known price" in refusal(rig)


def test_an_order_that_is_sent_again_counts_beside_the_new_ones(rig: Rig) -> None:
    unanswered(rig, line(A))
    rig.write("safety: {max_purchases: 1}\n" + line(A, B))
    assert "2 purchases planned, at most 1 allowed" in refusal(rig)
    rig.write("safety: {max_monthly: {EUR: '6.00'}}\n" + line(A, B))
    said = refusal(rig)
    assert "the purchases add 10.00 EUR monthly, at most 6.00 allowed" in said
    assert A in said
    assert rig.apply(Options(selection=Selection(exclude=(f"number/{A}",)))).exit_code == 3, "and B goes without it"
    assert charges(rig) == [B]


def test_an_order_that_is_only_open_counts_in_no_limit_and_holds_up_nothing(rig: Rig) -> None:
    rig.write(line(A))
    rig.sandbox.faults.plant(Rule("503", call="purchase", when=When.BEFORE))
    assert rig.apply(BRIEFLY).exit_code == 3
    rig.write("safety: {max_purchases: 1, max_monthly: {EUR: '5.00'}}\n" + line(A, B))
    report = rig.apply(BRIEFLY)
    assert (report.exit_code, results(report)) == (3, {f"number/{A}": "unknown", f"number/{B}": "done"})
    assert charges(rig) == [B]


def test_the_options_of_a_run_bind_an_order_that_is_sent_again(rig: Rig) -> None:
    unanswered(rig, line(A))
    refusal(rig, Options(allow=Allowances(purchases=0)))
    assert rig.apply(Options(allow=Allowances(purchases=1))).exit_code == 0


def test_a_saved_plan_sends_an_order_again_only_within_the_limits(rig: Rig) -> None:
    unanswered(rig, line(A))
    plan = plan_file.loads(plan_file.dumps(rig.plan()))
    refusal(rig, Options(allow=Allowances(purchases=0)), plan)
    assert rig.apply(saved=plan).exit_code == 0
    assert charges(rig) == [A]


def test_a_plan_says_what_follows_an_open_order_and_that_of_an_apply_what_it_costs(rig: Rig) -> None:
    unanswered(rig, line(A))
    (change,) = rig.plan().changes
    assert (change.action, change.then, change.purchase) == (Action.WAIT, Action.CREATE, False)
    shown: list[Planned] = []

    def approve(planned: Planned) -> bool:
        shown.append(planned)
        return False

    with rig.store() as store:
        apply.apply(rig.session(writes=True, store=store), Options(), approve)
    document = plan_file.to_json(shown[0].plan)
    (change,) = document["changes"]
    assert (change["action"], change["then"], change["cost"]["monthly"]) == ("wait", "create", "5.00")
    assert document["cost"]["EUR"]["monthly"] == "5.00"
    assert change["reason"].endswith("long after the last attempt: the same order is sent again")


def test_an_order_is_not_sent_again_by_a_saved_plan_that_does_not_say_so(tmp_path: Path) -> None:
    """It was a person's when the plan was made: nobody has approved more than to wait."""
    rig = Rig(tmp_path)
    unanswered(rig, line(A))
    rig.sandbox.infobip("ib").reprice(A, "6.00")
    assert rig.apply().exit_code == 4
    plan = plan_file.loads(plan_file.dumps(rig.plan()))
    rig.sandbox.infobip("ib").reprice(A, "5.00")
    report = rig.apply(saved=plan)
    assert (report.exit_code, charges(rig)) == (3, [])
    assert [outcome.message for outcome in report.outcomes] == [
        "it is still offered, long after the last attempt; to send it again is not in this run's plan, which was held "
        "to the limits without it: the next apply decides"
    ]
    assert rig.apply().exit_code == 0
    assert charges(rig) == [A]


def test_an_order_that_comes_due_after_the_limits_were_checked_is_left_to_the_next_apply(rig: Rig) -> None:
    rig.write(line(A))
    rig.sandbox.faults.plant(Rule("503", call="purchase", when=When.BEFORE))
    assert rig.apply(BRIEFLY).exit_code == 3
    rig.clock.sleep(290)
    with patch.object(open_purchases, "LONGEST_WAIT", 0.0), rig.store() as store:
        session = rig.session(writes=True, store=store)

        def approve(_planned: Planned) -> bool:
            open_purchases.LONGEST_WAIT = 30.0
            return True

        report = apply.apply(session, Options(allow=Allowances(purchases=0)), approve)
    assert (report.exit_code, charges(rig), rig.writes()) == (3, [], 0)
    assert "the next apply decides" in report.outcomes[0].message
    refusal(rig, Options(allow=Allowances(purchases=0)))


def test_an_order_is_read_again_after_a_long_answered_prompt_before_it_is_sent_again(rig: Rig) -> None:
    unanswered(rig, line(A))

    def dawdle(_planned: Planned) -> bool:
        rig.clock.sleep(3600)
        rig.sandbox.infobip("ib").portal_buy(A)
        return True

    with rig.store() as store:
        report = apply.apply(rig.session(writes=True, store=store), Options(), dawdle)
    assert (report.exit_code, rig.writes()) == (0, 0)
    assert actions(rig.plan()) == {}


def test_the_first_month_of_an_order_that_is_sent_again_counts_as_it_is_asked_now(rig: Rig) -> None:
    unanswered(rig, line(A))
    rig.write("safety: {max_monthly: {EUR: '20.00'}}\n" + line(A))
    with first_month(900):
        assert "900.00 EUR monthly, at most 20.00 allowed" in refusal(rig)


def test_a_number_that_has_come_to_be_offered_as_shared_only_is_not_ordered_again(tmp_path: Path) -> None:
    rig = Rig(tmp_path, switches={"ib": InfobipSwitches()})
    unanswered(rig, line(ENDS_IN_5))
    rig.sandbox.infobip("ib").turn(offered_as="shared")
    report = rig.apply()
    assert (report.exit_code, charges(rig)) == (4, [])
    assert "offered only as shared" in report.outcomes[0].message
    rig.sandbox.infobip("ib").turn(offered_as="dedicated")
    assert rig.apply().exit_code == 0, "and it is offered to us alone again"


def test_an_order_is_sent_again_only_at_a_price_that_its_pool_allows(rig: Rig) -> None:
    unanswered(rig, pool())
    rig.write(pool(', max_monthly: {amount: "4.00", currency: EUR}'))
    report = rig.apply()
    assert (report.exit_code, charges(rig)) == (4, [])
    assert "not ordered again: pool desk does not allow that" in report.outcomes[0].message
    rig.write(pool(', max_monthly: {amount: "5.00", currency: EUR}'))
    assert rig.apply().exit_code == 0
    assert len(charges(rig)) == 1


def test_an_order_for_a_slot_is_not_sent_again_beside_a_number_that_is_owned_and_fits(tmp_path: Path) -> None:
    rig = Rig(tmp_path, real=True)
    rig.write(pool())
    rig.sandbox.faults.plant(Rule("503", call="purchase", when=When.BEFORE))
    assert rig.apply(Options(wait=timedelta(0), allow=Allowances(new_records=True))).exit_code == 3
    rig.clock.sleep(1000)
    rig.sandbox.infobip("ib").portal_buy(B)
    with pytest.raises(SafetyError, match="write `adopt: true` in pool desk"):
        rig.apply()
    assert rig.writes() == 0
    rig.write(pool(", adopt: false"))
    assert rig.apply().exit_code == 0


def test_an_order_is_not_sent_again_at_an_account_where_the_number_is_not_declared_any_more(rig: Rig) -> None:
    unanswered(rig, line(NJ, account="vt"), call="tnOrder")
    rig.write(line(NJ, account="api"))
    assert rig.apply().exit_code == 4
    assert (charges(rig), rig.writes()) == ([], 0)


@pytest.mark.parametrize("why", ["no-date", "dearer"])
def test_a_saved_plan_does_not_call_an_order_dearer_that_has_come_to_need_a_person(rig: Rig, why: str) -> None:
    unanswered(rig, line(A))
    plan = rig.plan()
    assert [(change.action, change.then) for change in plan.changes] == [(Action.WAIT, Action.CREATE)]
    if why == "dearer":
        rig.sandbox.infobip("ib").reprice(A, "9.00")
    else:
        rig.sandbox.faults.plant(Rule("no-date", call="*", times=None))
    report = rig.apply(BRIEFLY, plan)
    assert (report.exit_code, results(report), charges(rig)) == (4, {f"number/{A}": "unknown"}, [])
