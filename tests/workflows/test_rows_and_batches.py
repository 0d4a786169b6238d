"""Whole runs at carriers that write a row oddly, refuse a batch for one number, or sell what is not there yet.

What the carriers charged, released and assigned is what their ledgers say.
"""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from reconciler.errors import EXIT_ERROR, EXIT_PERSON, EXIT_RESUME
from reconciler.model import Action, Plan, Result
from reconciler.planning.drift import Drift
from reconciler.planning.limits import Allowances
from reconciler.sandbox import Event, InfobipSwitches, INumberingSwitches
from reconciler.state import plan_file
from reconciler.workflows.drift import find_drift
from reconciler.workflows.session import Options
from tests.rig import Rig, actions, results

BRIEFLY = Options(wait=timedelta(0), allow=Allowances(purchases=20, releases=20))
UNREADABLE = ["dashes", "blanks", "float", "null", "missing", "full-width", "arabic"]
ACME = """brands:
  acme: {provider: api, id: BACME01, name: ACME, description: ACME alerts}
campaigns:
  alerts: {provider: api, brand: acme, id: CACME01, description: Delivery alerts}
"""
DIALECTS = [{"errors_as": how, "error_text_in": where} for how in ("http", "body") for where in ("message", "status")]

SHARED = "+447860041117"
"""Owned on the sandbox, together with other customers."""


def rig_of(tmp_path: Path, **switches: Any) -> Rig:
    """``api`` and ``ib`` with their switches, as ``api={...}``."""
    kinds = {"api": INumberingSwitches, "vt": INumberingSwitches, "ib": InfobipSwitches}
    return Rig(tmp_path, switches={name: kinds[name](**given) for name, given in switches.items()})


def drift(rig: Rig) -> Drift:
    with rig.store() as store:
        return find_drift(rig.session(writes=False, store=store), Options())


def reason(plan: Plan, address: str) -> str:
    return next(change.reason for change in plan.changes if str(change.address) == address)


def lines(account: str, *tns: str, tail: str = "") -> str:
    return "numbers:\n" + "".join(f'  "{tn}": {{provider: {account}{tail}}}\n' for tn in tns)


# Rows that cannot be read

OWNED = {"api": ("+12015550125", "+12015550126"), "ib": ("+447700900125", "+447700900126")}


@pytest.mark.parametrize("manner", UNREADABLE)
@pytest.mark.parametrize("account", ["api", "ib"])
def test_a_number_whose_row_cannot_be_read_is_neither_gone_nor_ordered_again(
    tmp_path: Path, account: str, manner: str
) -> None:
    rig = rig_of(tmp_path)
    odd, plain = OWNED[account]
    rig.write(lines(account, odd, plain))
    assert rig.apply().exit_code == 0
    rig.clock.sleep(100_000)
    rig.sandbox.carriers[account].turn(row_spelling=manner)
    plan = rig.plan()
    assert (actions(plan), set(plan.unresolved)) == ({}, {f"number/{odd}"})
    found = drift(rig)
    assert ([str(a) for a in found.unresolved], found.drifted) == ([f"number/{odd}"], ())
    assert rig.apply(BRIEFLY).exit_code == EXIT_ERROR
    assert len(rig.sandbox.ledger.charges()) == 2


@pytest.mark.parametrize("manner", UNREADABLE)
@pytest.mark.parametrize("account", ["api", "ib", "vt"])
def test_a_number_whose_offer_cannot_be_read_is_not_bought_and_not_out_of_stock(
    tmp_path: Path, account: str, manner: str
) -> None:
    rig = rig_of(tmp_path, **{account: {"row_spelling": manner}})
    odd, plain = OWNED["ib" if account == "ib" else "api"]
    rig.write(lines(account, odd, plain))
    report = rig.apply(BRIEFLY)
    assert (report.exit_code, set(report.plan.unresolved)) == (EXIT_ERROR, {f"number/{odd}"})
    assert results(report) == {f"number/{plain}": "done"}


@pytest.mark.parametrize("manner", UNREADABLE)
def test_a_number_on_record_nowhere_is_not_ordered_while_a_row_cannot_be_read(tmp_path: Path, manner: str) -> None:
    rig = rig_of(tmp_path, api={"row_spelling": manner})
    rig.sandbox.inumbering("api").portal_buy("+12015550125")
    rig.write(lines("api", "+12015550126"))
    report = rig.apply(BRIEFLY)
    assert (report.exit_code, set(report.plan.unresolved)) == (EXIT_ERROR, {"number/+12015550126"})
    assert [entry.key for entry in rig.sandbox.ledger.charges()] == ["+12015550125"]


@pytest.mark.parametrize("manner", ["plain", "integer"])
@pytest.mark.parametrize("account", ["api", "ib"])
def test_a_row_that_can_be_read_is(tmp_path: Path, account: str, manner: str) -> None:
    rig = rig_of(tmp_path, **{account: {"row_spelling": manner}})
    rig.write(lines(account, *OWNED[account]))
    assert rig.apply().exit_code == 0
    plan = rig.plan()
    assert (plan.changes, plan.noop, plan.unresolved) == ((), 2, {})


@pytest.mark.parametrize("manner", UNREADABLE)
def test_an_assignment_whose_row_cannot_be_read_is_not_made_again(tmp_path: Path, manner: str) -> None:
    rig = rig_of(tmp_path)
    rig.write(ACME + lines("api", "+12015550125", "+12015550126", tail=", campaign: alerts"))
    assert rig.apply().exit_code == 0
    rig.clock.sleep(100_000)
    rig.sandbox.inumbering("api").turn(row_spelling=manner)
    plan = rig.plan()
    assert actions(plan) == {}
    assert set(plan.unresolved) == {"number/+12015550125", "assignment/+12015550125"}


@pytest.mark.parametrize("map_", ["{}", "[]"])
def test_a_campaign_map_without_the_asked_campaign_makes_no_create(tmp_path: Path, map_: str) -> None:
    rig = rig_of(tmp_path, api={"campaign_map": "without-empty" if map_ == "[]" else "whole"})
    rig.write(ACME + lines("api", "+12015550123", tail=", campaign: alerts"))
    assert rig.apply().exit_code == 0
    rig.clock.sleep(100_000)
    carrier = rig.sandbox.inumbering("api")
    carrier.book["assignments"].clear()
    if map_ == "{}":
        carrier.book["campaigns"].clear()
    plan = rig.plan()
    assert (actions(plan), set(plan.unresolved)) == ({}, {"assignment/+12015550123"})
    assert rig.apply(BRIEFLY).exit_code == EXIT_ERROR
    assert len(rig.sandbox.ledger.find(Event.ASSIGN)) == 1


@pytest.mark.parametrize("manner", UNREADABLE)
def test_a_pool_is_not_short_of_numbers_where_a_row_cannot_be_read(tmp_path: Path, manner: str) -> None:
    rig = rig_of(tmp_path, ib={"row_spelling": manner})
    rig.write("pools:\n  desk:\n    provider: ib\n    size: 2\n    search: {contains: '44770090012'}\n")
    for n in (0, 1, 2, 3, 4, 6, 7, 8):
        rig.sandbox.infobip("ib").rival_buys(f"+44770090012{n}")
    report = rig.apply(BRIEFLY)
    assert report.exit_code == EXIT_ERROR
    assert [entry.key for entry in rig.sandbox.ledger.charges()] == ["+447700900129"]
    assert list(report.plan.unresolved) == ["slot/desk.1"]


# One number under two keys, and shared ones


@pytest.mark.parametrize("second", ["dedicated", "shared"])
def test_a_number_under_two_keys_is_said_and_blocked(tmp_path: Path, second: str) -> None:
    rig = rig_of(tmp_path)
    rig.write(lines("ib", *OWNED["ib"]))
    assert rig.apply().exit_code == 0
    rig.clock.sleep(100_000)
    rig.sandbox.infobip("ib").turn(listed_twice=second)
    plan = rig.plan()
    assert actions(plan) == {"number/+447700900125": "blocked"}
    assert "2 numberKeys" in reason(plan, "number/+447700900125")
    [found] = drift(rig).drifted
    assert "2 numberKeys" in found.reason
    rig.write(lines("ib", "+447700900126"))
    report = rig.apply(BRIEFLY)
    assert (report.exit_code, actions(report.plan)) == (EXIT_PERSON, {"number/+447700900125": "blocked"})
    assert rig.sandbox.ledger.releases() == []


def test_a_number_under_two_keys_that_nobody_bought_here_is_not_adopted(tmp_path: Path) -> None:
    rig = rig_of(tmp_path, ib={"listed_twice": "dedicated"})
    rig.sandbox.infobip("ib").portal_buy("+447700900125")
    rig.write(lines("ib", "+447700900125"))
    assert actions(rig.plan()) == {"number/+447700900125": "blocked"}


def test_a_plan_and_a_record_of_a_shared_number_say_that_it_is(tmp_path: Path) -> None:
    rig = rig_of(tmp_path)
    rig.write(lines("ib", SHARED))
    plan = rig.plan()
    [change] = json.loads(plan_file.dumps(plan))["changes"]
    assert (change["action"], set(change["carrier"]), change["carrier"]["shared"]) == (
        "adopt",
        {"numberKey", "shared"},
        True,
    )
    assert plan_file.loads(plan_file.dumps(plan)).changes == plan.changes
    assert rig.apply().exit_code == 0
    with rig.store() as store:
        [record] = store.snapshot().records.values()
    assert record.document == change["carrier"]


def test_a_number_that_is_offered_only_as_shared_is_not_bought(tmp_path: Path) -> None:
    rig = rig_of(tmp_path, ib={"offered_as": "shared"})
    rig.write(lines("ib", "+447700900125"))
    report = rig.apply(BRIEFLY)
    assert (report.exit_code, actions(report.plan)) == (EXIT_PERSON, {"number/+447700900125": "blocked"})
    assert "shared" in reason(report.plan, "number/+447700900125")
    rig.sandbox.infobip("ib").turn(offered_as="both")
    assert rig.apply().exit_code == 0
    assert len(rig.sandbox.ledger.charges()) == 1


# Listed is not yet owned


@pytest.mark.parametrize("lag", [0, 5])
def test_a_201_without_a_body_is_neither_done_nor_owned_until_a_read_shows_it(tmp_path: Path, lag: int) -> None:
    rig = rig_of(tmp_path, ib={"purchase_body": False, "list_lag_seconds": lag})
    rig.write(lines("ib", "+447700900124"))
    report = rig.apply()
    assert (report.exit_code, results(report)) == (0, {"number/+447700900124": "done"})
    assert len(rig.sandbox.ledger.charges()) == 1
    with rig.store() as store:
        [record] = [r for r in store.snapshot().records.values() if r.address.name == "+447700900124"]
    assert record.external["numberKey"] == rig.sandbox.infobip("ib").key_of("+447700900124")


def test_a_201_without_a_body_that_no_read_shows_is_an_open_order(tmp_path: Path) -> None:
    rig = rig_of(tmp_path, ib={"purchase_body": False, "list_hidden": True})
    rig.write(lines("ib", "+447700900124"))
    report = rig.apply(BRIEFLY)
    assert (report.exit_code, results(report)) == (EXIT_RESUME, {"number/+447700900124": "unknown"})
    assert actions(rig.plan()) == {"number/+447700900124": "wait"}


@pytest.mark.parametrize("body", [True, False])
@pytest.mark.parametrize("word", ["BILLING_FAILED", "ERROR", "RESERVATION_FAILED", "ON_HOLD"])
def test_a_number_with_a_failed_reservation_is_neither_done_nor_given_back(
    tmp_path: Path, word: str, body: bool
) -> None:
    rig = rig_of(tmp_path, ib={"reservation_word": word, "purchase_body": body})
    rig.write(lines("ib", "+447700900124"))
    report = rig.apply(BRIEFLY)
    assert results(report) == {"number/+447700900124": "unknown"}
    assert report.exit_code == (EXIT_RESUME if word == "ON_HOLD" else EXIT_PERSON)
    for _ in range(2):
        rig.clock.sleep(1000)
        assert rig.apply(BRIEFLY).exit_code == EXIT_PERSON
    assert (len(rig.sandbox.ledger.charges()), rig.sandbox.ledger.releases()) == (1, [])


@pytest.mark.parametrize("word", ["BILLING_FAILED", "ERROR", "RESERVATION_FAILED", "ON_HOLD"])
def test_a_reservation_that_fails_after_its_purchase_is_blocked_and_drift(tmp_path: Path, word: str) -> None:
    rig = rig_of(tmp_path)
    rig.write(lines("ib", "+447700900124", "+447700900126"))
    assert rig.apply().exit_code == 0
    rig.clock.sleep(1000)
    rig.sandbox.infobip("ib").turn(reservation_word=word)
    assert set(actions(rig.plan()).values()) == {"blocked"}
    assert len(drift(rig).drifted) == 2
    rig.write(lines("ib", "+447700900126"))
    assert rig.apply(BRIEFLY).exit_code == EXIT_PERSON
    assert rig.sandbox.ledger.releases() == []


def test_a_number_that_is_still_provided_is_given_back_only_after_that(tmp_path: Path) -> None:
    rig = rig_of(tmp_path, ib={"reservation_seconds": 60})
    rig.write(lines("ib", "+447700900124", "+447700900126"))
    assert rig.apply(BRIEFLY).exit_code == EXIT_RESUME
    rig.write(lines("ib", "+447700900126"))
    report = rig.apply(BRIEFLY)
    assert (report.exit_code, actions(report.plan)["number/+447700900124"]) == (EXIT_RESUME, "wait")
    rig.clock.sleep(61)
    assert rig.apply(BRIEFLY).exit_code == 0
    assert [entry.key for entry in rig.sandbox.ledger.releases()] == ["+447700900124"]


# Assignments and releases at VoiceTel

FIVE = [f"+1201555012{n}" for n in range(5)]


@pytest.mark.parametrize("account_api", [True, False])
@pytest.mark.parametrize("dialect", DIALECTS, ids=str)
@pytest.mark.parametrize("switches", [{"refused_batch": "409"}, {"partial_assignment": "425"}], ids=str)
def test_one_refused_number_holds_up_no_other_of_its_batch(
    tmp_path: Path, switches: dict[str, str], dialect: dict[str, str], account_api: bool
) -> None:
    account = "api" if account_api else "vt"
    rig = rig_of(tmp_path, **{account: {**switches, **dialect}})
    rig.write(ACME.replace("api", account) + lines(account, *FIVE, tail=", campaign: alerts"))
    carrier = rig.sandbox.inumbering(account)
    stranger = carrier.book["owned"].pop
    rig.sandbox.faults.plant()
    assert rig.apply(Options(wait=timedelta(0))).exit_code == 0
    carrier.book["assignments"].clear()
    stranger(FIVE[2])
    rig.write(ACME.replace("api", account) + lines(account, *FIVE, tail=", campaign: alerts"))
    with rig.store() as store, store.locked():
        gone = [address for address in store.snapshot().records if address.kind.value == "assignment"]
        store.drop(gone)
    rig.clock.sleep(100_000)
    rig.apply(BRIEFLY)
    assert sorted(carrier.book["assignments"]) == [tn for tn in FIVE if tn != FIVE[2]]


def test_one_refused_number_does_not_cost_a_call_for_each_other_of_its_batch(tmp_path: Path) -> None:
    rig = rig_of(tmp_path, vt={"refused_batch": "409"})
    many = [f"+120155501{n:02}" for n in range(64)]
    carrier = rig.sandbox.inumbering("vt")
    rig.write(lines("vt", *many))
    assert rig.apply(Options(allow=Allowances(purchases=64))).exit_code == 0
    carrier.book["owned"].pop(many[17])
    pooled = ACME.replace("api", "vt").replace("description: Delivery", "max_numbers: 64, description: Delivery")
    rig.write(pooled + lines("vt", *many, tail=", campaign: alerts"))
    report = rig.apply(Options(wait=timedelta(0)))
    assert sorted(carrier.book["assignments"]) == [tn for tn in many if tn != many[17]]
    assert [str(o.address) for o in report.outcomes if o.result is Result.FAILED] == [f"assignment/{many[17]}"]
    assert rig.writes() < 20


@pytest.mark.parametrize("dialect", DIALECTS, ids=str)
@pytest.mark.parametrize("manner", ["exists", "exists-unnamed"])
def test_already_assigned_to_the_declared_campaign_does_not_fail_for_ever(
    tmp_path: Path, manner: str, dialect: dict[str, str]
) -> None:
    rig = rig_of(tmp_path, vt={"assigned_again": manner, **dialect})
    carrier = rig.sandbox.inumbering("vt")
    for tn in FIVE[:3]:
        carrier.portal_buy(tn)
    carrier.portal_assign(FIVE[1], "CACME01")
    rig.write(ACME.replace("api", "vt") + lines("vt", *FIVE[3:], tail=", campaign: alerts"))
    carrier.portal_assign(FIVE[3], "CACME01")
    report = rig.apply(BRIEFLY)
    assert (report.exit_code, set(results(report).values())) == (0, {"done"})
    assert {tn: carrier.assignment(tn) for tn in FIVE[3:]} == dict.fromkeys(FIVE[3:], "CACME01")


def test_assigned_to_another_campaign_is_no_success(tmp_path: Path) -> None:
    rig = rig_of(tmp_path, vt={"assigned_again": "exists"})
    carrier = rig.sandbox.inumbering("vt")
    carrier.portal_assign(FIVE[3], "CACME02")
    rig.write(ACME.replace("api", "vt") + lines("vt", *FIVE[3:], tail=", campaign: alerts"))
    report = rig.apply(BRIEFLY)
    assert report.exit_code == EXIT_ERROR
    told = results(report)
    assert (told[f"assignment/{FIVE[3]}"], told[f"assignment/{FIVE[4]}"]) == ("failed", "done")


@pytest.mark.parametrize("manner", ["row", "text"])
@pytest.mark.parametrize("dialect", DIALECTS, ids=str)
def test_a_number_that_is_porting_is_not_released_and_a_person_is_told_its_word(
    tmp_path: Path, dialect: dict[str, str], manner: str
) -> None:
    rig = rig_of(tmp_path, api={"porting_refusal": manner, **dialect})
    rig.write(lines("api", *FIVE[:2]))
    assert rig.apply().exit_code == 0
    rig.sandbox.inumbering("api").portal_port(FIVE[0])
    rig.write(lines("api", FIVE[1]))
    for _ in range(2):
        rig.clock.sleep(1000)
        report = rig.apply(BRIEFLY)
        [outcome] = report.outcomes
        assert (report.exit_code, outcome.result.value, outcome.person) == (EXIT_PERSON, "failed", True)
        assert "currently porting" in outcome.message
    assert rig.sandbox.ledger.releases() == []
    rig.sandbox.inumbering("api").book["porting"].clear()
    assert rig.apply(BRIEFLY).exit_code == 0
    assert [change.action for change in rig.plan().changes] == []


@pytest.mark.parametrize("manner", ["200-null", "409"])
def test_a_first_order_on_an_existing_order_leaves_no_record_and_is_judged_afresh(tmp_path: Path, manner: str) -> None:
    rig = rig_of(tmp_path, vt={"order_again": manner})
    rig.write(lines("vt", FIVE[0]))
    plan = rig.plan()
    rig.sandbox.inumbering("vt").portal_buy(FIVE[0])
    rig.sandbox.inumbering("vt").turn(search_cache_seconds=600)
    assert plan.changes[0].action is Action.CREATE
    report = rig.apply(BRIEFLY)
    assert report.exit_code == EXIT_PERSON
    with rig.store() as store:
        assert store.snapshot().records == {}
        assert not store.snapshot().open_intents


@pytest.mark.parametrize("account", ["vt", "api"])
@pytest.mark.parametrize("empty", ["430", "empty"])
@pytest.mark.parametrize("dialect", DIALECTS, ids=str)
def test_a_number_without_a_record_is_looked_up_by_its_exact_mask(
    tmp_path: Path, dialect: dict[str, str], empty: str, account: str
) -> None:
    rig = rig_of(tmp_path, **{account: {"search_empty": empty, **dialect}})
    carrier = rig.sandbox.inumbering(account)
    carrier.rival_buys(FIVE[1])
    rig.write(lines(account, *FIVE[:2]))
    plan = rig.plan()
    assert actions(plan) == {f"number/{FIVE[0]}": "create", f"number/{FIVE[1]}": "blocked"}
    assert f"tnctl state resolve number/{FIVE[1]} --as owned" in reason(plan, f"number/{FIVE[1]}")
    report = rig.apply(BRIEFLY)
    assert (report.exit_code, [entry.key for entry in rig.sandbox.ledger.charges()]) == (EXIT_PERSON, [FIVE[0]])
