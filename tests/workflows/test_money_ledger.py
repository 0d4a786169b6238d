"""The ledger: what was bought, when, by which plan, at what price; and whether the carriers agree."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal

import pytest

from reconciler.executor.scheduler import InlineExecutor
from reconciler.model import LedgerEntry, Observation, Resource, Result
from reconciler.planning import audit
from reconciler.planning.audit import Audited
from reconciler.planning.limits import Allowances
from reconciler.sandbox.faults import Rule, When
from reconciler.state import plan_file
from reconciler.views import render
from reconciler.workflows import apply
from reconciler.workflows.observe import observe
from reconciler.workflows.session import Options, Planned
from tests.rig import Rig

BOOK = 'prices: [{provider: vt, country: US, monthly: "0.85", setup: "0.50", currency: USD, as_of: 2026-01-01}]\n'
NJ = '  "+12015550123": {provider: vt}\n'
NJ2 = '  "+12015550124": {provider: api}\n'
GB = '  "+447700900123": {provider: ib}\n'
GB2 = '  "+447700900124": {provider: ib}\n'
SHARED = "+447860041117"
"""A number that every sandbox account has from the start."""


def entries(rig: Rig) -> list[LedgerEntry]:
    with rig.store() as store:
        return store.ledger()


def audited(rig: Rig) -> dict[str, Audited]:
    """The comparison with everything that the accounts list, by number."""
    rig.session(writes=False)
    readable: dict[str, tuple[Resource, ...]] = {"api": (), "ib": ()}
    seen: dict[str, Observation | str] = {**observe(rig.providers, readable, lambda _: InlineExecutor())}
    return {one.address.name: one for one in audit.compare(entries(rig), {**seen, "vt": "no call lists them"})}


def test_a_purchase_is_on_the_ledger_with_its_plan_price_and_reference(rig: Rig) -> None:
    rig.write(BOOK + "numbers:\n" + NJ + GB)
    plan = rig.apply().plan
    by_number = {entry.address.name: entry for entry in entries(rig)}
    (charge,) = rig.sandbox.ledger.charges("vt")
    estimated, quoted = by_number["+12015550123"], by_number["+447700900123"]
    assert estimated.reference == charge.reference
    assert estimated.plan_id == quoted.plan_id == plan.plan_id
    assert estimated.price is not None
    assert quoted.price is not None
    assert (estimated.price.monthly, estimated.price.as_of) == (Decimal("0.85"), date(2026, 1, 1))
    assert (quoted.price.monthly, quoted.price.as_of) == (Decimal("5.00"), None)


@pytest.mark.parametrize("fault", [None, Rule("timeout", call="purchase", when=When.AFTER)], ids=["answered", "lost"])
def test_what_the_carrier_charged_is_on_the_ledger_where_it_is_dearer_than_planned(
    rig: Rig, fault: Rule | None
) -> None:
    rig.write("numbers:\n" + GB)

    def reprice(_planned: Planned) -> bool:
        rig.sandbox.infobip("ib").reprice("+447700900123", "99.00")
        return True

    if fault:
        rig.sandbox.faults.plant(fault)
    with rig.store() as store:
        report = apply.apply(rig.session(writes=True, store=store), Options(), reprice)
    (outcome,), (entry,) = report.outcomes, entries(rig)
    assert outcome.result is Result.DONE
    assert "charges 99.00 EUR a month and 0.00 set-up, where 5.00 EUR a month" in outcome.message
    assert outcome.spent is not None
    assert entry.price is not None
    assert (outcome.spent.monthly, entry.price.monthly) == (Decimal("99.00"), Decimal("99.00"))


def test_a_saved_plan_leaves_the_same_on_the_ledger(rig: Rig) -> None:
    rig.write(BOOK + "numbers:\n" + NJ)
    rig.apply(saved=plan_file.loads(plan_file.dumps(rig.plan())))
    (entry,) = entries(rig)
    assert entry.price is not None
    assert entry.price.as_of == date(2026, 1, 1)


def test_the_latest_purchase_of_a_number_is_what_was_paid(rig: Rig) -> None:
    rig.write("numbers:\n" + GB + GB2)
    rig.apply()
    rig.write("numbers:\n" + GB2)
    rig.apply(Options(allow=Allowances(releases=1)))
    rig.sandbox.infobip("ib").reprice("+447700900123", "6.50")
    rig.write("numbers:\n" + GB + GB2)
    rig.apply()
    with rig.store() as store:
        paid = {address.name: price.monthly for address, price in store.prices_paid().items()}
    assert paid == {"+447700900123": Decimal("6.5"), "+447700900124": Decimal("5.00")}
    assert [entry.event for entry in entries(rig)] == ["purchase", "purchase", "release", "purchase"]


def test_the_comparison_says_what_is_listed_and_what_is_on_no_line(rig: Rig) -> None:
    rig.write(BOOK + "numbers:\n" + NJ + NJ2 + GB + GB2)
    rig.apply()
    rig.sandbox.infobip("ib").reprice("+447700900123", "6.00")
    rig.sandbox.infobip("ib").portal_release("+447700900124")
    found = audited(rig)
    assert {tn: one.listed for tn, one in found.items()} == {
        "+12015550123": None,
        "+12015550124": True,
        "+447700900123": True,
        "+447700900124": False,
        SHARED: True,
    }
    assert found["+12015550123"].finding == "not known: no call lists them"
    assert found["+447700900123"].finding == "listed, at 6.00 EUR a month instead of the 5.00 EUR of its purchase"
    assert "MISSING" in found["+447700900124"].finding
    assert found[SHARED].event is None
    assert "not bought by tnctl" in found[SHARED].finding


def test_a_released_number_that_is_still_there_is_said_aloud(rig: Rig) -> None:
    rig.write("numbers:\n" + GB + GB2)
    rig.apply()
    rig.write("numbers:\n" + GB2)
    rig.apply(Options(allow=Allowances(releases=1)))
    assert audited(rig)["+447700900123"].finding == "released"
    rig.sandbox.infobip("ib").portal_buy("+447700900123")
    assert "STILL THERE" in audited(rig)["+447700900123"].finding


def test_a_failed_read_leaves_its_numbers_open_and_is_told_once(rig: Rig) -> None:
    rig.write("numbers:\n" + GB + GB2)
    rig.apply()
    rig.sandbox.faults.plant(Rule("500", call="listOwned", account="ib", times=None))
    rig.session(writes=False)
    seen: dict[str, Observation | str] = {**observe(rig.providers, {"ib": ()}, lambda _: InlineExecutor())}
    findings = audit.compare(entries(rig), seen)
    assert [one.listed for one in findings] == [None, None]
    assert all(one.finding.startswith("not known: ") for one in findings)
    (failure,) = audit.unread(seen)
    assert failure.startswith("ib: ")


def test_an_account_that_left_the_configuration_is_not_known(rig: Rig) -> None:
    rig.write("numbers:\n" + GB)
    rig.apply()
    (one,) = audit.compare(entries(rig), {})
    assert one.finding == "not known: the configuration has no such account any more"


def test_the_export_is_one_line_an_entry_with_decimal_prices(rig: Rig) -> None:
    rig.write(BOOK + "numbers:\n" + NJ + NJ2 + GB)
    rig.apply()
    table = list(csv.DictReader(io.StringIO(render.ledger(entries(rig), None, "csv"))))
    prices = {row["number"]: (row["currency"], row["setup"], row["monthly"], row["price_as_of"]) for row in table}
    assert prices == {
        "+12015550123": ("USD", "0.50", "0.85", "2026-01-01"),
        "+12015550124": ("", "", "", ""),
        "+447700900123": ("EUR", "0.00", "5.00", ""),
    }
    compared = render.ledger(entries(rig), list(audited(rig).values()), "csv")
    assert next(csv.reader(io.StringIO(compared)))[:4] == ["number", "provider", "event", "listed"]
