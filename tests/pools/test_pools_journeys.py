"""Pools from YAML to numbers and back, on the sandbox's carriers; asserted on the carriers' ledgers."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from reconciler.errors import SafetyError, StalePlanError
from reconciler.model import Action, Address, Plan
from reconciler.planning.limits import Allowances
from reconciler.planning.selection import Selection
from reconciler.sandbox import InfobipSwitches, Rule, When
from reconciler.state import plan_file
from reconciler.workflows.session import Options
from tests.rig import ACCOUNTS, Rig, actions, results

MESSAGING = """brands: {acme: {provider: vt, id: BACME01, name: ACME, description: ACME alerts}}
campaigns: {alerts: {provider: vt, brand: acme, id: CACME01, description: Alerts}}
"""
RELEASES = Options(allow=Allowances(releases=9))
BRIEFLY = Options(wait=timedelta(0))


def pool(name: str, size: int, rest: str = "search: {country: GB}", account: str = "ib") -> str:
    return f"  {name}: {{provider: {account}, size: {size}, {rest}}}\n"


def pools(*written: str) -> str:
    return "pools:\n" + "".join(written)


def slots(rig: Rig) -> dict[str, str]:
    """Slot -> number, as recorded; without those that are given up."""
    with rig.store() as store:
        state = store.snapshot()
    numbers = {slot.name: record.applied["number"] for slot, record in state.slots.items()}
    return {slot: tn for slot, tn in numbers.items() if not state.records[Address.parse(f"number/{tn}")].tombstone}


def bought(rig: Rig) -> list[str]:
    return [entry.key for entry in rig.sandbox.ledger.charges() if entry.reference != "portal"]


def released(rig: Rig) -> list[str]:
    return [entry.key for entry in rig.sandbox.ledger.releases()]


def said(plan: Plan) -> str:
    return "\n".join(f"{notice.severity}: {notice.message}" for notice in plan.notices)


def reason(plan: Plan, address: str) -> str:
    return next(change.reason for change in plan.changes if str(change.address) == address)


def saved(rig: Rig) -> Plan:
    return plan_file.loads(plan_file.dumps(rig.plan()))


def test_two_pools_are_planned_by_number_applied_and_then_left_alone(rig: Rig) -> None:
    support = "campaign: alerts, search: {tn_mask: 201xxxxxxx, province: NJ, rate_center: HACKENSACK, lata: 224}"
    limit = 'max_monthly: {amount: "6.00", currency: EUR}, search: {country: GB, capabilities: [SMS], contains: "4477"}'
    rig.write(MESSAGING + pools(pool("nj-support", 3, support, "vt"), pool("uk-desk", 2, limit)))
    plan = rig.plan()
    chosen = [change.address.name for change in plan.changes if change.purchase]
    assert len(set(chosen)) == 5
    message = "for slot nj-support.0: the lowest among the first 13 on offer in HACKENSACK, NJ (201xxxxxxx, LATA 224)"
    assert reason(plan, f"number/{min(chosen)}") == message
    assert plan.reads == {"ib": 2, "vt": 1}
    report = rig.apply()
    assert report.exit_code == 0
    assert sorted(bought(rig)) == sorted(chosen)
    assert sorted(slots(rig)) == ["nj-support.0", "nj-support.1", "nj-support.2", "uk-desk.0", "uk-desk.1"]
    assert sorted(slots(rig).values()) == sorted(chosen)
    again = rig.apply()
    assert (again.exit_code, rig.writes(), actions(rig.plan())) == (0, 0, {})
    assert rig.reads()["vt"] == 0


def test_a_saved_plan_buys_the_very_numbers_that_it_names_whatever_has_come_on_offer_since(rig: Rig) -> None:
    rig.write(pools(pool("desk", 2)))
    plan = saved(rig)
    named = [change.address.name for change in plan.changes]
    for tn in ("+447700900002", "+447700900003"):
        rig.sandbox.infobip("ib").rival_buys(tn)
    assert rig.apply(saved=plan).exit_code == 0
    assert bought(rig) == named
    assert slots(rig) == dict(zip(["desk.0", "desk.1"], named, strict=True))


def test_a_rival_between_plan_and_apply_stops_the_saved_plan_and_a_new_one_chooses_again(rig: Rig) -> None:
    rig.write(pools(pool("desk", 2)))
    plan = saved(rig)
    taken = plan.changes[1].address.name
    rig.sandbox.infobip("ib").rival_buys(taken)
    with pytest.raises(StalePlanError, match=r"chosen for slot desk\.1 and not offered any more"):
        rig.apply(saved=plan)
    assert rig.apply().exit_code == 0
    assert taken not in bought(rig)
    assert len(slots(rig)) == 2


def test_a_rival_during_the_apply_costs_that_slot_alone_and_only_that_is_planned_again(rig: Rig) -> None:
    rig.write(pools(pool("desk", 3)))
    rig.sandbox.faults.plant(Rule("400", call="purchase", when=When.BEFORE))
    assert rig.apply().exit_code == 1
    kept = slots(rig)
    assert len(kept) == 2
    plan = rig.plan()
    (change,) = plan.changes
    assert change.slot is not None
    assert change.slot.name not in kept
    assert rig.apply().exit_code == 0
    assert slots(rig).items() >= kept.items()


def test_growing_and_reordering_leave_every_slot_with_its_number(rig: Rig) -> None:
    first, second = pool("alpha", 2), pool("beta", 1)
    rig.write(pools(first, second))
    rig.apply()
    before = slots(rig)
    rig.write(pools(second.replace("size: 1", "size: 3"), first))
    rig.apply()
    after = slots(rig)
    assert after.items() >= before.items()
    assert sorted(after) == ["alpha.0", "alpha.1", "beta.0", "beta.1", "beta.2"]
    assert not released(rig)


def test_shrinking_releases_the_newest_unprotected_slots_by_name_and_within_the_limit(rig: Rig) -> None:
    rig.write(pools(pool("desk", 2, "protect: true, search: {country: GB}")))
    rig.apply()
    rig.clock.sleep(60)
    rig.write(pools(pool("desk", 4)))
    rig.apply()
    before = slots(rig)
    rig.write(pools(pool("desk", 3)))
    plan = rig.plan()
    assert actions(plan) == {f"number/{before['desk.3']}": "delete"}
    assert "slot desk.3 is more than its pool's size of 3: it is released" in plan.changes[0].reason
    with pytest.raises(SafetyError, match="--allow-releases 1"):
        rig.apply()
    assert rig.apply(RELEASES).exit_code == 0
    assert released(rig) == [before.pop("desk.3")]
    assert slots(rig) == before


def test_shrinking_gives_up_an_order_that_may_never_come_before_a_number_that_is_there(rig: Rig) -> None:
    rig.write("pools: {desk: {provider: ib, size: 2, search: {country: GB}}}\n")
    rig.sandbox.faults.plant(Rule("timeout", call="purchase", when=When.BEFORE))
    assert rig.apply(Options(wait=timedelta(0))).exit_code == 3
    (owned,) = rig.sandbox.ledger.charges("ib")
    rig.write("pools: {desk: {provider: ib, size: 1, search: {country: GB}}}\n")
    (left,) = rig.plan().changes
    assert (left.action, left.address.name != owned.key) == (Action.WAIT, True)
    assert "more than its pool's size" in left.reason


def test_a_number_whose_release_is_open_is_given_up_before_one_that_is_there(rig: Rig) -> None:
    rig.write(pools(pool("desk", 3)))
    rig.apply()
    rig.clock.sleep(3600)
    had = slots(rig)
    rig.write(f'safety: {{release: ["{had["desk.0"]}"]}}\n' + pools(pool("desk", 2)))
    rig.sandbox.faults.plant(Rule("503", call="cancel", when=When.AFTER))
    assert rig.apply(RELEASES).exit_code == 3
    assert released(rig) == [had["desk.0"]]
    rig.write(pools(pool("desk", 2)))
    for _ in range(3):
        rig.apply(RELEASES)
        rig.clock.sleep(1000)
    assert released(rig) == [had["desk.0"]]
    assert slots(rig) == {"desk.1": had["desk.1"], "desk.2": had["desk.2"]}
    assert len(bought(rig)) == 3


def test_a_protected_slot_is_not_released_by_shrinking(rig: Rig) -> None:
    rig.write(pools(pool("desk", 2, "protect: true, search: {country: GB}"), pool("other", 1)))
    rig.apply()
    rig.write(pools(pool("desk", 1), pool("other", 1)))
    assert rig.plan().changes[0].reason == (
        "slot desk.1 is more than its pool's size of 1, but protected: raise `size` to 2; to give it up, apply that "
        "with `protect: false` first"
    )
    assert rig.apply(RELEASES).exit_code == 4
    assert not released(rig)
    rig.write(pools(pool("desk", 2, "protect: false, search: {country: GB}"), pool("other", 1)))
    assert rig.apply().exit_code == 0
    rig.write(pools(pool("desk", 1, "protect: false, search: {country: GB}"), pool("other", 1)))
    assert rig.apply(RELEASES).exit_code == 0
    assert len(released(rig)) == 1


def test_the_size_that_is_told_keeps_every_protected_number_and_no_other(rig: Rig) -> None:
    rig.write(pools(pool("desk", 3, "protect: true, search: {country: GB}")))
    rig.apply()
    rig.clock.sleep(60)
    rig.write(pools(pool("desk", 5)))
    rig.apply()
    rig.write(pools(pool("desk", 1)))
    plan = rig.plan()
    assert sorted(actions(plan).values()) == ["blocked", "blocked", "delete", "delete"]
    assert all("raise `size` to 3;" in change.reason for change in plan.with_action(Action.BLOCKED))


def test_a_renamed_pool_without_its_former_name_is_told_what_to_write(rig: Rig) -> None:
    rig.write(pools(pool("old", 2)))
    rig.apply()
    rig.write(pools(pool("new", 2)))
    reasons = [change.reason for change in rig.plan().with_action(Action.DELETE)]
    assert len(reasons) == 2
    assert all("not declared any more (renamed? write `moved: old` in the new pool): it is" in why for why in reasons)


def test_a_slot_that_was_filled_again_is_the_newest(rig: Rig) -> None:
    rig.write(pools(pool("desk", 3)))
    rig.apply()
    rig.clock.sleep(3600)
    lost = slots(rig)["desk.0"]
    with rig.store() as store, store.locked():
        store.drop([Address.parse(f"number/{lost}")])
    rig.apply()
    refilled = slots(rig)["desk.0"]
    rig.write(pools(pool("desk", 2)))
    rig.apply(RELEASES)
    assert released(rig) == [refilled]
    assert sorted(slots(rig)) == ["desk.1", "desk.2"]


NJ = "search: {rate_center: HACKENSACK}"


def grown_and_shrunk(rig: Rig, *, before: int = 3, after: int = 1, rest: str = NJ) -> dict[str, str]:
    """A pool at a carrier that has no call to release; the slots that it had."""
    rig.write(pools(pool("desk", before, rest, "vt")))
    rig.apply()
    had = slots(rig)
    rig.write(pools(pool("desk", after, rest, "vt")))
    assert rig.apply(RELEASES).exit_code == 0
    assert sorted(slots(rig)) == [f"desk.{n}" for n in range(after)]
    return had


def test_a_pool_that_grows_again_takes_back_what_it_gave_up_and_goes_on_paying_for(rig: Rig) -> None:
    had = grown_and_shrunk(rig)
    rig.write(pools(pool("desk", 4, NJ, "vt")))
    plan = rig.plan()
    assert actions(plan) | {f"number/{had['desk.1']}": "adopt", f"number/{had['desk.2']}": "adopt"} == actions(plan)
    assert sorted(actions(plan).values()) == ["adopt", "adopt", "create"]
    assert reason(plan, f"number/{had['desk.1']}") == (
        "for slot desk.1: given up as desk.1 and never released here, so it goes on costing: it is taken back, and "
        f"none is bought in its place; released at the carrier since? then say so: `tnctl state resolve "
        f"number/{had['desk.1']} --as not-owned --evidence TEXT`"
    )
    assert rig.apply().exit_code == 0
    assert slots(rig).items() >= had.items()
    assert len(bought(rig)) == 4
    assert (actions(rig.plan()), rig.apply().exit_code, rig.writes()) == ({}, 0, 0)


@pytest.mark.parametrize("word", ["PENDING", "ON_HOLD", "BILLING_FAILED"])
def test_a_pool_never_buys_in_the_place_of_a_number_that_it_gave_up_whatever_state_that_is_shown_in(
    rig: Rig, word: str
) -> None:
    rig.write(pools(pool("desk", 2)))
    rig.apply()
    rig.clock.sleep(3600)
    had = slots(rig)
    rig.write(pools(pool("desk", 1)))
    carrier = rig.sandbox.infobip("ib")
    hidden = carrier.book["owned"].pop(had["desk.1"][1:])
    assert rig.apply(RELEASES).exit_code == 0, "a read missed it twice, so it was believed gone"
    carrier.book["owned"][had["desk.1"][1:]] = hidden
    carrier.turn(reservation_word=word)
    rig.write(pools(pool("desk", 2)))
    plan = rig.plan()
    assert [change for change in plan.changes if change.purchase] == []
    assert slots(rig) == {"desk.0": had["desk.0"]}
    rig.apply()
    assert len(bought(rig)) == 2


def test_a_pool_that_grows_a_little_takes_back_the_number_of_that_slot_without_a_read(rig: Rig) -> None:
    had = grown_and_shrunk(rig)
    rig.write(pools(pool("desk", 2, NJ, "vt")))
    assert actions(rig.plan()) == {f"number/{had['desk.1']}": "adopt"}
    assert rig.reads()["vt"] == 0
    assert rig.apply().exit_code == 0
    assert slots(rig) == {"desk.0": had["desk.0"], "desk.1": had["desk.1"]}


def test_a_saved_plan_takes_back_what_it_named(rig: Rig) -> None:
    had = grown_and_shrunk(rig)
    rig.write(pools(pool("desk", 3, NJ, "vt")))
    assert rig.apply(saved=saved(rig)).exit_code == 0
    assert slots(rig) == had


def test_a_number_that_comes_back_to_another_slot_is_in_that_one_alone(rig: Rig) -> None:
    had = grown_and_shrunk(rig)
    with rig.store() as store, store.locked():
        store.drop([Address.parse(f"number/{had['desk.1']}")])
    rig.write(pools(pool("desk", 2, NJ, "vt")))
    assert "for slot desk.1: given up as desk.2" in rig.plan().changes[0].reason
    rig.apply()
    assert slots(rig) == {"desk.0": had["desk.0"], "desk.1": had["desk.2"]}
    assert actions(rig.plan()) == {}


@pytest.mark.parametrize("again", [False, True])
def test_a_renamed_pool_takes_back_what_it_gave_up_under_its_former_name(rig: Rig, again: bool) -> None:
    had = grown_and_shrunk(rig)
    if again:
        rig.write(pools(pool("help", 1, f"moved: desk, {NJ}", "vt")))
        rig.apply()
    rig.write(pools(pool("help", 3, NJ if again else f"moved: desk, {NJ}", "vt")))
    rig.apply()
    assert slots(rig) == {slot.replace("desk", "help"): tn for slot, tn in had.items()}
    assert len(bought(rig)) == 3


def test_what_a_pool_gave_up_and_a_line_declares_stays_with_the_line(rig: Rig) -> None:
    had = grown_and_shrunk(rig)
    line = f'numbers: {{"{had["desk.1"]}": {{provider: vt}}}}\n'
    rig.write(line + pools(pool("desk", 2, NJ, "vt")))
    plan = rig.plan()
    assert actions(plan) == {f"number/{had['desk.1']}": "adopt", f"number/{had['desk.2']}": "adopt"}
    assert rig.apply().exit_code == 0
    assert slots(rig) == {"desk.0": had["desk.0"], "desk.1": had["desk.2"]}


def test_what_a_pool_gave_up_stays_behind_where_the_pool_does_not_look_any_more(rig: Rig) -> None:
    had = grown_and_shrunk(rig)
    rest = "search: [{provider: ib, country: GB}, {rate_center: HACKENSACK}]"
    rig.write(pools(pool("desk", 2, rest, "vt")))
    assert actions(rig.plan()) == {f"number/{had['desk.1']}": "adopt"}
    rig.write(pools(pool("desk", 2)) + f'numbers: {{"{had["desk.0"]}": {{provider: vt}}}}\n')
    assert [(change.account, change.action) for change in rig.plan().changes if change.purchase] == [
        ("ib", Action.CREATE)
    ]


def test_at_an_account_that_can_be_read_by_now_only_what_it_shows_is_taken_back(rig: Rig) -> None:
    blind = ACCOUNTS.replace(", account_api: true", "")
    for size in (3, 1):
        rig.write(pools(pool("desk", size, NJ, "api")), blind)
        rig.apply(RELEASES)
    gone, there = bought(rig)[1:]
    rig.sandbox.inumbering("api").portal_release(gone)
    rig.write(pools(pool("desk", 2, NJ, "api")))
    assert actions(rig.plan()) == {f"number/{there}": "adopt"}
    assert rig.apply().exit_code == 0
    assert slots(rig)["desk.1"] == there


def test_the_records_show_what_a_slot_had_as_a_tombstone(rig: Rig) -> None:
    import json

    from reconciler.views import render

    had = grown_and_shrunk(rig, before=2)
    with rig.store() as store:
        state = store.snapshot()
    text = render.records(state, "text")
    assert text.count(had["desk.1"]) == 1
    assert "had slot/desk.1" in text
    rows = {row["address"]: row["gone"] for row in json.loads(render.records(state, "json"))["records"]}
    assert (rows["slot/desk.0"], rows["slot/desk.1"], rows[f"number/{had['desk.1']}"]) == (False, True, True)


def test_a_renamed_pool_keeps_its_numbers_without_a_call(rig: Rig) -> None:
    rig.write(pools(pool("old", 2)))
    rig.apply()
    before = slots(rig)
    rig.write(pools(pool("new", 3, "moved: old, search: {country: GB}")))
    plan = rig.plan()
    assert "becomes slot/new.0 in our records" in said(plan)
    assert list(actions(plan).values()) == ["create"]
    assert rig.apply().exit_code == 0
    after = slots(rig)
    assert {name.replace("old", "new"): tn for name, tn in before.items()}.items() <= after.items()
    assert sorted(after) == ["new.0", "new.1", "new.2"]
    assert not released(rig)
    assert actions(rig.plan()) == {}


def test_a_pool_that_is_not_declared_any_more_releases_its_numbers_under_the_limits(rig: Rig) -> None:
    rig.write(pools(pool("desk", 1), pool("gone", 1)))
    rig.apply()
    rig.write(pools(pool("desk", 1)))
    plan = rig.plan()
    assert "slot gone.0 belongs to a pool that is not declared any more" in plan.changes[0].reason
    assert rig.apply(RELEASES).exit_code == 0
    assert sorted(slots(rig)) == ["desk.0"]


@pytest.mark.parametrize("size", [0, 1])
def test_a_pool_may_be_empty(rig: Rig, size: int) -> None:
    rig.write(pools(pool("desk", size)))
    assert len(rig.plan().changes) == size


def test_owned_numbers_that_fit_come_before_any_purchase_when_the_pool_adopts(rig: Rig) -> None:
    carrier = rig.sandbox.infobip("ib")
    for tn in ("+447700900500", "+447700900501", "+493023125000"):
        carrier.portal_buy(tn)
    rig.write(
        pools(pool("desk", 2, "adopt: true, search: {country: GB}")) + 'numbers: {"+447700900501": {provider: ib}}'
    )
    plan = rig.plan()
    acts = actions(plan)
    assert acts["number/+447700900500"] == acts["number/+447700900501"] == "adopt"
    assert sorted(acts.values()) == ["adopt", "adopt", "create"]
    assert "for slot desk.0: owned already" in reason(plan, "number/+447700900500")
    assert rig.apply().exit_code == 0
    assert slots(rig)["desk.0"] == "+447700900500"
    assert len(bought(rig)) == 1
    assert actions(rig.plan()) == {}


@pytest.mark.parametrize(("limit", "act"), [("5.00", "adopt"), ("4.99", "")])
def test_an_owned_number_is_adopted_only_within_the_limits_of_the_pool(rig: Rig, limit: str, act: str) -> None:
    rig.sandbox.infobip("ib").portal_buy("+447700900500")
    ceiling = f'adopt: true, max_monthly: {{amount: "{limit}", currency: EUR}}, search: {{country: GB}}'
    rig.write(pools(pool("desk", 1, ceiling)))
    assert actions(rig.plan()).get("number/+447700900500", "") == act


def test_an_owned_number_without_a_known_price_is_adopted_unless_that_is_refused(rig: Rig) -> None:
    rig.sandbox.inumbering("api").portal_buy("+12015550111")
    text = pools(pool("desk", 1, 'adopt: true, max_monthly: {amount: "1", currency: USD}, search: {lata: 224}', "api"))
    book = "prices: [{provider: api, country: US, monthly: '%s', currency: USD, as_of: '2026-01-01'}]\n"
    refuse = "safety: {unknown_prices: refuse}\n"
    for head, adopted in (("", True), (refuse, False), (refuse + book % "1", True), (book % "1.01", False)):
        rig.write(head + text)
        assert (actions(rig.plan()) == {"number/+12015550111": "adopt"}) is adopted


def test_a_saved_plan_adopts_what_it_named(rig: Rig) -> None:
    rig.sandbox.infobip("ib").portal_buy("+447700900500")
    rig.write(pools(pool("desk", 1, "adopt: true, search: {country: GB}")))
    assert rig.apply(saved=saved(rig)).exit_code == 0
    assert slots(rig) == {"desk.0": "+447700900500"}
    assert not bought(rig)


def test_an_owned_number_is_in_a_rate_center_when_its_exchange_is(rig: Rig) -> None:
    carrier = rig.sandbox.inumbering("api")
    for tn in ("+12015550111", "+12125550111"):
        carrier.portal_buy(tn)
    rest = "adopt: true, search: {rate_center: HACKENSACK, province: NJ}"
    rig.write(pools(pool("desk", 1, rest, "api")))
    assert actions(rig.plan()) == {"number/+12015550111": "adopt"}


def test_without_adopt_what_is_owned_is_left_alone(rig: Rig) -> None:
    rig.sandbox.infobip("ib").portal_buy("+447700900000")
    rig.write(pools(pool("desk", 1)))
    assert actions(rig.plan()) == {"number/+447700900001": "create"}


def test_a_number_that_is_still_on_offer_though_a_colleague_has_bought_it_is_not_taken_over(tmp_path: Path) -> None:
    rig = Rig(tmp_path, switches={"ib": InfobipSwitches(available_lag_seconds=10**9)})
    rig.sandbox.infobip("ib").portal_buy("+447700900000")
    rig.write(pools(pool("desk", 1)))
    plan = rig.plan()
    assert actions(plan) == {"number/+447700900000": "blocked"}
    assert "somebody has just bought it" in plan.changes[0].reason


def test_searches_are_tried_in_order_also_over_carriers(rig: Rig) -> None:
    rest = "search: [{rate_center: HOBOKEN}, {provider: ib, country: GB}]"
    rig.write(pools(pool("desk", 3, rest, "vt")))
    plan = rig.plan()
    assert [change.account for change in plan.changes] == ["vt", "vt", "ib"]
    assert rig.apply().exit_code == 0
    assert actions(rig.plan()) == {}


def test_too_few_candidates_fill_what_they_can_and_the_plan_says_where_there_are_more(rig: Rig) -> None:
    rig.write(pools(pool("desk", 3, "search: {tn_mask: 201xxxxxxx, rate_center: HOBOKEN}", "vt")))
    plan = rig.plan()
    assert list(actions(plan).values()) == ["create", "create"]
    assert (
        "warning: pool desk: 1 of 3 slots cannot be filled: nothing more on offer in HOBOKEN (201xxxxxxx); coverage "
        "nearby: 201-555 HACKENSACK (100), 201-389 HACKENSACK (20), 201-487 HACKENSACK (20)"
    ) in said(plan)
    assert rig.apply().exit_code == 0


def test_numbers_beyond_the_limit_are_not_taken(rig: Rig) -> None:
    for limit, count in ((("5.00", "EUR"), 1), (("4.99", "EUR"), 0), (("9.00", "USD"), 0)):
        amount, currency = limit
        ceiling = f'max_monthly: {{amount: "{amount}", currency: {currency}}}, search: {{country: GB}}'
        rig.write(pools(pool("desk", 1, ceiling)))
        assert len(rig.plan().changes) == count
    assert (
        "within 9.00 USD a month; there are numbers on offer priced in EUR: only a limit in that currency takes them"
    ) in said(rig.plan())
    rig.write(pools(pool("desk", 1, 'max_monthly: {amount: "4.99", currency: EUR}, search: {country: GB}')))
    assert "priced in" not in said(rig.plan())


def test_where_the_first_numbers_are_too_dear_more_are_looked_at(rig: Rig) -> None:
    carrier = rig.sandbox.infobip("ib")
    for n in range(20):
        carrier.reprice(f"+4477009000{n:02}", "9.00")
    rest = 'max_monthly: {amount: "6.00", currency: EUR}, search: {country: GB}'
    rig.write(pools(pool("desk", 1, rest)))
    assert actions(rig.plan()) == {"number/+447700900020": "create"}
    for n in range(1000):
        carrier.reprice(f"+447700900{n:03}", "9.00")
    assert "nothing more among the first 1,000 on offer in GB within 6.00 EUR a month" in said(rig.plan())


def test_a_pattern_is_looked_for_beyond_the_first_numbers_and_is_said_to_be_unmet_where_it_is(rig: Rig) -> None:
    rig.write(pools(pool("desk", 3, 'prefer: "*55", search: {country: GB}')))
    plan = rig.plan()
    assert [change.address.name for change in plan.changes] == ["+447700900055", "+447700900155", "+447700900255"]
    assert plan.changes[2].reason == "for slot desk.2: like *55 among 998 left of the first 1,000 on offer in GB"
    rig.write(pools(pool("desk", 1, 'prefer: "*777777", search: {country: GB}')))
    (change,) = rig.plan().changes
    assert change.reason == "for slot desk.0: none is like *777777: the lowest among the first 1,000 on offer in GB"
    assert rig.reads()["ib"] > 2


def test_a_pattern_that_the_first_numbers_meet_takes_no_second_look(rig: Rig) -> None:
    rig.write(pools(pool("desk", 1, 'prefer: "*55", search: {country: GB}')))
    (change,) = rig.plan().changes
    assert change.reason == "for slot desk.0: like *55 among the first 200 on offer in GB"


def test_an_unknown_price_passes_unless_it_is_refused(rig: Rig) -> None:
    rest = 'max_monthly: {amount: "6.00", currency: USD}, search: {rate_center: HACKENSACK}'
    rig.write(pools(pool("desk", 1, rest, "vt")))
    assert len(rig.plan().changes) == 1
    rig.write("safety: {unknown_prices: refuse}\n" + pools(pool("desk", 1, rest, "vt")))
    assert not rig.plan().changes
    assert "nothing more on offer in HACKENSACK at a known price within 6.00 USD a month" in said(rig.plan())
    book = "prices: [{provider: vt, country: US, monthly: '%s', currency: USD, as_of: '2026-01-01'}]\n"
    for price, count in (("6.00", 1), ("6.01", 0)):
        rig.write(book % price + "safety: {unknown_prices: refuse}\n" + pools(pool("desk", 1, rest, "vt")))
        assert len(rig.plan().changes) == count


def test_a_search_that_fails_leaves_its_slots_unresolved_and_tries_no_other(rig: Rig) -> None:
    rest = "search: [{country: GB}, {provider: vt, rate_center: HACKENSACK}]"
    rig.write(pools(pool("desk", 2, rest), pool("fine", 1, "search: {rate_center: NEWARK}", "vt")))
    rig.sandbox.faults.plant(Rule("500", call="read", account="ib", times=None))
    plan = rig.plan()
    assert set(plan.unresolved) == {"slot/desk.0", "slot/desk.1"}
    assert list(actions(plan).values()) == ["create"]
    assert rig.apply().exit_code == 1
    assert sorted(slots(rig)) == ["fine.0"]


def test_a_number_that_vanished_is_drift_blocked_and_only_then_filled_again(rig: Rig) -> None:
    from reconciler.workflows.drift import find_drift

    rig.write(pools(pool("desk", 2)))
    rig.apply()
    rig.clock.sleep(3600)
    lost = slots(rig)["desk.0"]
    rig.sandbox.infobip("ib").portal_release(lost)
    with rig.store() as store:
        drifted = find_drift(rig.session(writes=False, store=store), Options()).drifted
    assert [(str(d.address), d.reason) for d in drifted] == [
        (f"number/{lost}", "applied, and not there any more, out of slot desk.0")
    ]
    plan = rig.plan()
    assert actions(plan) == {f"number/{lost}": "blocked"}
    assert "gone: our records hold it in slot desk.0" in plan.changes[0].reason
    with rig.store() as store, store.locked():
        store.drop([Address.parse(f"number/{lost}")])
    assert sorted(slots(rig)) == ["desk.1"]
    plan = rig.plan()
    assert str(plan.changes[0].slot) == "slot/desk.0"
    assert rig.apply().exit_code == 0


def test_an_open_order_keeps_its_slot_and_no_second_number_is_bought_for_it(rig: Rig) -> None:
    rig.write(pools(pool("desk", 1)))
    rig.sandbox.faults.plant(Rule("503", call="purchase", when=When.BEFORE))
    assert rig.apply(BRIEFLY).exit_code == 3
    assert slots(rig) == {}
    plan = rig.plan()
    assert list(actions(plan).values()) == ["wait"]
    rig.clock.sleep(302)
    assert rig.apply().exit_code == 0
    assert slots(rig) == {"desk.0": plan.changes[0].address.name}
    assert len(bought(rig)) == 1


@pytest.mark.parametrize("account", ["ib", "vt", "api"])
def test_a_lost_answer_is_settled_with_the_slot(rig: Rig, account: str) -> None:
    search = "search: {country: GB}" if account == "ib" else "search: {rate_center: HACKENSACK}"
    rig.write(pools(pool("desk", 1, search, account)))
    call = "purchase" if account == "ib" else "tnOrder"
    rig.sandbox.faults.plant(Rule("timeout", call=call, when=When.AFTER))
    assert rig.apply().exit_code == 0
    assert list(slots(rig).values()) == bought(rig)
    assert actions(rig.plan()) == {}


def test_a_declared_number_is_never_chosen_and_pools_never_share(rig: Rig) -> None:
    declared = 'numbers: {"+447700900000": {provider: ib}, "+447700900002": {provider: ib}}\n'
    rig.write(declared + pools(pool("a", 2), pool("b", 2)))
    chosen = [change.address.name for change in rig.plan().changes]
    assert sorted(chosen) == [f"+44770090000{n}" for n in range(6)]


def test_a_line_takes_a_number_over_when_its_pool_shrinks(rig: Rig) -> None:
    rig.write(pools(pool("desk", 2)))
    rig.apply()
    tn = slots(rig)["desk.0"]
    line = f'numbers: {{"{tn}": {{provider: ib, labels: {{team: web}}}}}}\n'
    rig.write(line + pools(pool("desk", 2)))
    plan = rig.plan()
    assert actions(plan) == {}
    assert f"has slot desk.0 and a line of its own at {rig.folder}/numbers.yaml:" in said(plan)
    rig.write(line + pools(pool("desk", 1)))
    assert actions(rig.plan()) == {}
    assert rig.apply().exit_code == 0
    assert sorted(slots(rig)) == ["desk.1"]
    assert not released(rig)


def test_selectors_take_the_numbers_of_slots_by_label_slot_and_address(rig: Rig) -> None:
    labelled = pool("b", 1, "labels: {team: b}, search: {country: GB}")
    rig.write(pools(pool("a", 1, "search: {rate_center: HACKENSACK}", "vt"), labelled))
    for selector in ("label.team=b", "slot/b.*", "provider=ib"):
        plan = rig.plan(Options(selection=Selection(only=(selector,))))
        assert [change.account for change in plan.changes] == ["ib"]
        assert "1 object was left out" in said(plan)
    assert rig.plan(Options(selection=Selection(only=("label.team=b",)))).reads == {"ib": 2}
    assert [c.account for c in rig.plan(Options(selection=Selection(exclude=("provider=ib",)))).changes] == ["vt"]


def test_an_edit_of_a_pool_makes_its_saved_plan_stale(rig: Rig) -> None:
    rig.write(pools(pool("desk", 1)))
    plan = saved(rig)
    rig.write(pools(pool("desk", 1, "prefer: cheapest, search: {country: GB}")))
    with pytest.raises(StalePlanError, match="other resources"):
        rig.apply(saved=plan)


def test_a_slot_that_got_another_number_since_makes_the_saved_plan_stale(rig: Rig) -> None:
    rig.write(pools(pool("desk", 1)))
    plan = saved(rig)
    rig.sandbox.infobip("ib").rival_buys("+447700900000")
    rig.apply()
    with pytest.raises(StalePlanError, match=r"slot desk\.0 has \+447700900001 by now"):
        rig.apply(saved=plan)
    assert bought(rig) == ["+447700900001"]


def test_a_saved_plan_goes_on_where_a_crash_left_it(rig: Rig) -> None:
    rig.write(pools(pool("desk", 2)))
    plan = saved(rig)
    carrier = rig.sandbox.infobip("ib")
    log = carrier.log

    class KilledError(Exception):
        pass

    def die(*args: Any, **kwargs: Any) -> None:
        log(*args, **kwargs)
        raise KilledError

    carrier.log = die  # type: ignore[method-assign]
    with pytest.raises(KilledError):
        rig.apply(saved=plan)
    carrier.log = log  # type: ignore[method-assign]
    assert rig.apply(saved=plan).exit_code == 0
    assert sorted(bought(rig)) == sorted(change.address.name for change in plan.changes)
    assert len(slots(rig)) == 2
    assert actions(rig.plan()) == {}


def test_the_sms_of_a_pool_may_be_carried_elsewhere(rig: Rig) -> None:
    rest = (
        "sms: {enabled: true, provider: ip}, webhook: https://hooks.example.com/in, search: {rate_center: HACKENSACK}"
    )
    rig.write(pools(pool("desk", 1, rest, "vt")))
    assert rig.apply().exit_code == 0
    (tn,) = slots(rig).values()
    assert rig.sandbox.intelepeer("ip").webhook(tn) == "https://hooks.example.com/in"
    rig.write(pools(pool("desk", 0, rest, "vt"), pool("other", 1, "search: {rate_center: NEWARK}", "vt")))
    plan = rig.plan(RELEASES)
    assert re.search(r"slot desk\.0 is more than", reason(plan, f"sms/{tn}"))
    assert plan.with_action(Action.DELETE)


def test_results_of_an_apply_name_numbers_and_no_slots(rig: Rig) -> None:
    rig.write(pools(pool("desk", 1)))
    assert results(rig.apply()) == {"number/+447700900000": "done"}
