"""Nothing is decided on a guess: stories in which one clock, one list or one answer is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reconciler.errors import SafetyError
from reconciler.model import Address, IntentStatus, Report
from reconciler.planning.limits import Allowances
from reconciler.sandbox import InfobipSwitches, INumberingSwitches, Rule, When
from reconciler.workflows.drift import find_drift
from reconciler.workflows.session import Options
from tests.rig import Rig, actions, results

DAY = 86_400
BRIEFLY = Options(wait=Options().wait * 0)
FREE = Options(wait=BRIEFLY.wait, allow=Allowances(releases=5))
TN = {"ib": "+447700900100", "vt": "+12015550100", "api": "+12015550100"}
KEEP = {"ib": "+447700900900", "vt": "+12015550199", "api": "+12015550199"}
ORDER = {"ib": "purchase", "vt": "tnOrder", "api": "tnOrder"}
RELEASE = {"ib": "cancel", "api": "numbersDisconnect"}
SETTLE_AFTER = {"ib": 300, "vt": 900, "api": 900}


def rig_of(folder: Path, account: str, **switches: Any) -> Rig:
    kind = InfobipSwitches if account == "ib" else INumberingSwitches
    return Rig(folder, switches={account: kind(**switches)})


def lines(account: str, *tns: str, rest: str = "") -> str:
    return "numbers:\n" + "".join(f'  "{tn}": {{provider: {account}{rest}}}\n' for tn in tns)


def charged(rig: Rig, tn: str) -> int:
    return len(rig.sandbox.ledger.charges(tn=tn))


def in_sync(rig: Rig) -> tuple[int, int, int]:
    """Of a drift report: in sync, waited for, drifted."""
    with rig.store() as store:
        found = find_drift(rig.session(writes=False, store=store), Options())
    return found.in_sync, len(found.waiting), len(found.drifted)


def open_release(rig: Rig, account: str, when: When = When.BEFORE, fault: str = "reset") -> Report:
    """Two numbers are bought, one is dropped, and nothing is heard of its release."""
    rig.write(lines(account, TN[account], KEEP[account]))
    assert rig.apply().exit_code == 0
    rig.clock.sleep(2000)
    rig.write(lines(account, KEEP[account]))
    rig.sandbox.faults.plant(Rule(fault, call=RELEASE[account], when=when))
    return rig.apply(FREE)


# Two clocks


@pytest.mark.parametrize("account", ["ib", "vt", "api"])
@pytest.mark.parametrize("fault", ["stale-date", "absurd-date", "no-date", "fast-date"])
def test_one_wrong_date_after_an_unanswered_order_sends_no_second_order(
    tmp_path: Path, account: str, fault: str
) -> None:
    for read in range(2, 8):
        (tmp_path / str(read)).mkdir()
        rig = hiding(tmp_path / str(read), account)
        rig.sandbox.faults.plant(Rule("timeout", call=ORDER[account], when=When.AFTER))
        rig.sandbox.faults.plant(Rule(fault, call="read", account=account, first=read))
        sent = 0
        for _ in range(4):
            rig.apply(BRIEFLY)
            sent += rig.writes()
            rig.clock.sleep(3)
        assert (sent, charged(rig, TN[account])) == (1, 1)


def hiding(folder: Path, account: str) -> Rig:
    """Lists and offers that do not show an order for a while, at a carrier that would charge twice."""
    if account == "ib":
        rig = rig_of(folder, "ib", purchase_again="charges", list_lag_seconds=120, available_lag_seconds=120)
    else:
        rig = rig_of(folder, account, order_again="buys-again", list_lag_seconds=120, search_cache_seconds=600)
    rig.write(lines(account, TN[account]))
    return rig


@pytest.mark.parametrize("account", ["ib", "vt", "api"])
def test_a_date_in_the_year_9999_does_not_block_for_ever(tmp_path: Path, account: str) -> None:
    rig = rig_of(tmp_path, account)
    rig.write(lines(account, TN[account]))
    rig.sandbox.faults.plant(Rule("timeout", call=ORDER[account], when=When.BEFORE))
    rig.sandbox.faults.plant(Rule("absurd-date", call="read", account=account, first=2, times=2))
    assert rig.apply(BRIEFLY).exit_code == 3
    rig.clock.sleep(SETTLE_AFTER[account])
    codes = []
    for _ in range(3):
        codes.append(rig.apply(BRIEFLY).exit_code)
        rig.clock.sleep(SETTLE_AFTER[account] + 2)
    assert (codes[-1], charged(rig, TN[account])) == (0, 1)


@pytest.mark.parametrize("account", ["ib", "vt", "api"])
def test_our_clock_that_jumps_ahead_sends_no_second_order_and_one_that_jumps_back_does_not_hang(
    tmp_path: Path, account: str
) -> None:
    rig = rig_of(tmp_path, account)
    rig.carrier_clock = rig.sandbox.clock = rig.clock.twin()
    rig.write(lines(account, TN[account]))
    rig.sandbox.faults.plant(Rule("503", call=ORDER[account], when=When.BEFORE))
    assert rig.apply(BRIEFLY).exit_code == 3
    rig.clock.jump(5000)
    assert (rig.apply(BRIEFLY).exit_code, rig.writes()) == (3, 0)
    rig.clock.jump(-9000)
    assert (rig.apply(BRIEFLY).exit_code, rig.writes()) == (3, 0)
    rig.clock.sleep(SETTLE_AFTER[account] + 2)
    assert (rig.apply(BRIEFLY).exit_code, charged(rig, TN[account])) == (0, 1)


def test_a_jump_of_our_clock_in_the_middle_of_a_run_ends_no_wait(tmp_path: Path) -> None:
    rig = rig_of(tmp_path, "ib")
    rig.write(lines("ib", TN["ib"]))
    rig.sandbox.faults.plant(Rule("503", call="purchase", when=When.BEFORE))
    rig.sandbox.faults.plant(Rule("fast-date", call="read", first=5, times=None))
    jumping = rig.sandbox.infobip("ib").handlers()["purchase"]

    def ahead(*asked: Any) -> Any:
        rig.clock.jump(400)
        return jumping(*asked)

    rig.sandbox.clock = rig.clock.twin()
    carrier = rig.sandbox.infobip("ib")
    handlers = dict(carrier.handlers()) | {"purchase": ahead}
    carrier.handlers = lambda: handlers  # type: ignore[method-assign]
    assert (rig.apply().exit_code, rig.writes()) == (3, 1)


@pytest.mark.parametrize("account", ["ib", "vt", "api"])
def test_without_any_date_an_order_is_a_persons(tmp_path: Path, account: str) -> None:
    rig = rig_of(tmp_path, account)
    rig.write(lines(account, TN[account]))
    rig.sandbox.faults.plant(Rule("timeout", call=ORDER[account], when=When.BEFORE))
    rig.sandbox.faults.plant(Rule("no-date", account=account, times=None))
    assert rig.apply(BRIEFLY).exit_code == 3
    rig.clock.sleep(SETTLE_AFTER[account] + 2)
    report = rig.apply(BRIEFLY)
    assert (report.exit_code, rig.writes()) == (4, 0)
    assert "no Date" in report.outcomes[0].message
    rig.sandbox.faults.heal()
    rig.clock.sleep(2)
    assert rig.apply(BRIEFLY).exit_code == 3, "once there are Dates again, reads can settle it"
    rig.clock.sleep(SETTLE_AFTER[account] + 2)
    assert (rig.apply(BRIEFLY).exit_code, charged(rig, TN[account])) == (0, 1)


@pytest.mark.parametrize("account", ["ib", "api", "vt"])
def test_a_number_kept_for_30_days_is_not_released_by_our_clock_alone(tmp_path: Path, account: str) -> None:
    rig = rig_of(tmp_path, account)
    rig.sandbox.clock = rig.clock.twin()
    rig.write(lines(account, TN[account], KEEP[account], rest=", release: {after: 30d}"))
    assert rig.apply().exit_code == 0
    rig.clock.sleep(2000)
    rig.write(lines(account, KEEP[account], rest=", release: {after: 30d}"))
    assert rig.apply(FREE).exit_code == 0
    rig.clock.jump(31 * DAY)
    assert (rig.apply(FREE).exit_code, rig.sandbox.ledger.releases()) == (0, [])
    assert actions(rig.plan()) == {}
    rig.clock.sleep(30 * DAY + 2)
    final = "forget" if account == "vt" else "delete"
    assert actions(rig.plan()) == {f"number/{TN[account]}": final}


def test_a_kept_number_is_a_persons_where_no_answer_has_a_date(tmp_path: Path) -> None:
    rig = rig_of(tmp_path, "ib")
    rig.sandbox.faults.plant(Rule("no-date", account="ib", times=None))
    rig.write(lines("ib", TN["ib"], KEEP["ib"], rest=", release: {after: 30d}"))
    assert rig.apply().exit_code == 0
    rig.clock.sleep(2000)
    rig.write(lines("ib", KEEP["ib"], rest=", release: {after: 30d}"))
    assert rig.apply(FREE).exit_code == 0
    rig.clock.sleep(31 * DAY)
    (change,) = rig.plan().changes
    assert (change.action, f"--release {TN['ib']}" in change.reason) == ("blocked", True)
    assert (rig.apply(FREE).exit_code, rig.sandbox.ledger.releases()) == (4, [])
    named = Options(allow=Allowances(release=frozenset({TN["ib"]})))
    assert rig.apply(named).exit_code == 0
    assert [entry.key for entry in rig.sandbox.ledger.releases()] == [TN["ib"]]


# Orders that lists and offers hide


@pytest.mark.parametrize("api_path", ["/sms/1/numbers", "/numbers/1/numbers"])
def test_an_unanswered_infobip_purchase_is_not_ordered_again_while_lists_and_offers_lag(
    tmp_path: Path, api_path: str
) -> None:
    rig = rig_of(tmp_path, "ib", purchase_again="charges", list_lag_seconds=120, available_lag_seconds=120)
    tn = "+12125550100" if api_path.startswith("/numbers") else TN["ib"]
    accounts = f"version: 1\nproviders: {{ib: {{type: infobip, api_path: {api_path}, settle_after: 300s}}}}\n"
    rig.write(lines("ib", tn), accounts)
    rig.sandbox.faults.plant(Rule("timeout", call="purchase", when=When.AFTER))
    for _ in range(4):
        assert rig.apply(BRIEFLY).exit_code == 3
        rig.clock.sleep(20)
    rig.clock.sleep(120)
    assert (rig.apply(BRIEFLY).exit_code, charged(rig, tn)) == (0, 1)


def test_an_american_number_is_bought_again_by_number_though_its_key_has_changed(tmp_path: Path) -> None:
    rig = rig_of(tmp_path, "ib")
    accounts = "version: 1\nproviders: {ib: {type: infobip, api_path: /numbers/1/numbers}}\n"
    rig.write(lines("ib", "+12125550100"), accounts)
    rig.sandbox.faults.plant(Rule("503", call="purchase", when=When.BEFORE))
    assert rig.apply(BRIEFLY).exit_code == 3
    rig.sandbox.infobip("ib").book["generations"]["12125550100"] = 7
    rig.clock.sleep(301)
    assert (rig.apply(BRIEFLY).exit_code, charged(rig, "+12125550100")) == (0, 1)


@pytest.mark.parametrize("taken", ["400", "404", "404-empty"])
def test_a_refusal_on_a_repeat_is_not_taken_for_one(tmp_path: Path, taken: str) -> None:
    rig = rig_of(tmp_path, "ib", taken=taken)
    rig.write(lines("ib", TN["ib"]))
    rig.sandbox.faults.plant(Rule("timeout", call="purchase", when=When.BEFORE))
    assert rig.apply(BRIEFLY).exit_code == 3
    rig.clock.sleep(301)
    rig.sandbox.faults.plant(Rule(taken[:3], call="purchase"))
    report = rig.apply(BRIEFLY)
    assert (report.exit_code, results(report)) == (3, {f"number/{TN['ib']}": "unknown"})


def test_an_apply_that_finds_its_pool_shrunk_while_an_order_of_it_may_be_sent_again_does_not_crash(
    tmp_path: Path,
) -> None:
    rig = rig_of(tmp_path, "ib")
    pool = "pools: {desk: {provider: ib, size: %d, search: {country: GB, contains: '4477009002'}}}\n"
    rig.write(pool % 2)
    rig.sandbox.faults.plant(Rule("503", call="purchase", when=When.BEFORE, times=1))
    rig.sandbox.faults.plant(Rule("timeout", call="purchase", when=When.AFTER, times=1))
    rig.sandbox.infobip("ib").turn(list_lag_seconds=120, available_lag_seconds=120)
    assert rig.apply(BRIEFLY).exit_code == 3
    rig.clock.sleep(400)
    rig.write(pool % 1)
    assert rig.apply(FREE).exit_code in (3, 4)
    assert len(rig.sandbox.ledger.charges()) == 1


# Releases


@pytest.mark.parametrize("account", ["ib", "api"])
def test_a_release_that_never_reached_the_carrier_is_not_done_because_one_list_misses_the_number(
    tmp_path: Path, account: str
) -> None:
    rig = rig_of(tmp_path, account)
    carrier = rig.sandbox.infobip("ib") if account == "ib" else rig.sandbox.inumbering("api")
    book = carrier.book["owned"]
    open_release(rig, account)
    key = next(number for number in book if str(number).endswith(TN[account][2:]))
    hidden = book.pop(key)
    report = rig.apply(FREE)
    assert (report.exit_code, results(report)) == (3, {f"number/{TN[account]}": "unknown"})
    book[key] = hidden
    rig.clock.sleep(SETTLE_AFTER[account] + 2)
    assert actions(rig.plan()) == {f"number/{TN[account]}": "wait"}
    assert rig.apply(FREE).exit_code == 0
    assert [entry.key for entry in rig.sandbox.ledger.releases()] == [TN[account]]


@pytest.mark.parametrize("account", ["ib", "api"])
@pytest.mark.parametrize("fault", ["reset", "404", "html-502"])
def test_a_release_without_an_answer_is_done_once_the_number_is_missing_again_after_the_wait(
    tmp_path: Path, account: str, fault: str
) -> None:
    rig = rig_of(tmp_path, account)
    when = When.BEFORE if fault == "404" else When.AFTER
    report = open_release(rig, account, when, fault)
    assert (report.exit_code, results(report)) == (3, {f"number/{TN[account]}": "unknown"})
    if fault == "404":
        rig.sandbox.carriers[account].portal_release(TN[account])  # type: ignore[union-attr]
    address = f"number/{TN[account]}"
    assert actions(rig.plan()) == {address: "wait"}
    assert (rig.apply(FREE).exit_code, rig.writes()) == (3, 0)
    rig.clock.sleep(SETTLE_AFTER[account] + 2)
    report = rig.apply(FREE)
    assert (report.exit_code, results(report), rig.writes()) == (0, {address: "done"}, 0)
    assert actions(rig.plan()) == {}


@pytest.mark.parametrize("account", ["ib", "api"])
def test_a_number_declared_again_while_its_release_is_unanswered_is_not_in_sync(tmp_path: Path, account: str) -> None:
    rig = rig_of(tmp_path, account)
    open_release(rig, account, When.LATER, "timeout")
    address = f"number/{TN[account]}"
    rig.write(lines(account, TN[account], KEEP[account]))
    plan = rig.plan()
    assert (actions(plan), plan.noop) == ({address: "wait"}, 1)
    assert in_sync(rig) == (1, 1, 0)
    assert (rig.apply().exit_code, rig.writes()) == (3, 0)
    rig.clock.sleep(SETTLE_AFTER[account] + 62)
    report = rig.apply()
    assert charged(rig, TN[account]) == 2, "it was released, which is known now, and declared: bought again"
    assert report.exit_code == 0


def test_a_number_that_stays_after_an_unanswered_release_is_in_sync_once_the_wait_is_over(tmp_path: Path) -> None:
    rig = rig_of(tmp_path, "ib")
    open_release(rig, "ib")
    rig.write(lines("ib", TN["ib"], KEEP["ib"]))
    assert rig.apply().exit_code == 3
    rig.clock.sleep(302)
    assert (rig.apply().exit_code, rig.writes()) == (0, 0)
    assert in_sync(rig) == (2, 0, 0)


def test_a_release_that_is_still_shown_after_the_wait_needs_leave_again(tmp_path: Path) -> None:
    rig = rig_of(tmp_path, "ib")
    open_release(rig, "ib")
    rig.clock.sleep(302)
    with pytest.raises(SafetyError, match="--allow-releases 1"):
        rig.apply()
    assert rig.apply(FREE).exit_code == 0
    assert len(rig.sandbox.ledger.releases()) == 1


# What no answer shows is not in sync


@pytest.mark.parametrize("account", ["ib", "api"])
def test_numbers_that_vanish_a_short_while_after_their_purchase_are_not_in_sync(tmp_path: Path, account: str) -> None:
    rig = rig_of(tmp_path, account, list_lag_seconds=120)
    rig.write(lines(account, TN[account], KEEP[account]))
    assert rig.apply().exit_code == 0
    plan = rig.plan()
    assert (plan.noop, set(actions(plan).values())) == (0, {"wait"})
    assert all("not listed yet" in change.reason for change in plan.changes)
    assert in_sync(rig) == (0, 2, 0)
    began = rig.clock.monotonic()
    report = rig.apply()
    assert (report.exit_code, set(results(report).values())) == (3, {"waiting"})
    assert rig.clock.monotonic() - began < 10, "it is read once, and not waited for"
    rig.clock.sleep(121)
    assert (rig.apply().exit_code, rig.plan().noop, in_sync(rig)) == (0, 2, (2, 0, 0))


def test_what_hangs_on_a_number_that_is_not_listed_yet_is_not_held_up(tmp_path: Path) -> None:
    rig = Rig(tmp_path, switches={"api": INumberingSwitches(list_lag_seconds=120)})
    rig.write(lines("api", TN["api"]))
    assert rig.apply().exit_code == 0
    rig.write(lines("api", TN["api"], rest=", sms: {enabled: true, provider: ip}"))
    report = rig.apply()
    assert results(report) == {f"number/{TN['api']}": "waiting", f"sms/{TN['api']}": "done"}
    assert report.exit_code == 3


def test_an_assignment_that_is_not_listed_yet_is_not_in_sync(tmp_path: Path) -> None:
    rig = Rig(tmp_path, switches={"api": INumberingSwitches(list_lag_seconds=120)})
    head = """brands: {acme: {provider: api, id: BACME01, name: ACME, description: ACME alerts}}
campaigns: {alerts: {provider: api, brand: acme, id: CACME01, description: Delivery alerts}}
"""
    rig.write(head + lines("api", TN["api"], rest=", campaign: alerts"))
    assert rig.apply().exit_code == 0
    assert actions(rig.plan()) == {f"number/{TN['api']}": "wait", f"assignment/{TN['api']}": "wait"}
    assert in_sync(rig)[:2] == (0, 2)
    report = rig.apply()
    assert (report.exit_code, rig.writes()) == (3, 0)


@pytest.mark.parametrize("count", [1, 5])
def test_an_empty_list_right_after_numbers_were_adopted_does_not_say_that_they_are_in_sync(
    tmp_path: Path, count: int
) -> None:
    rig = rig_of(tmp_path, "ib")
    tns = [f"+44770090010{n}" for n in range(count)]
    for tn in tns:
        rig.sandbox.infobip("ib").portal_buy(tn)
    rig.write(lines("ib", *tns))
    assert rig.apply().exit_code == 0
    rig.sandbox.infobip("ib").turn(list_hidden=True)
    plan = rig.plan()
    assert (plan.noop, set(actions(plan).values())) == (0, {"blocked"})
    assert in_sync(rig) == (0, 0, count)
    with pytest.raises(SafetyError, match="--allow-empty ib"):
        rig.apply()


@pytest.mark.parametrize("account", ["ib", "api"])
@pytest.mark.parametrize("kept", [True, False])
def test_a_number_that_one_list_misses_is_not_gone_and_not_forgotten(tmp_path: Path, account: str, kept: bool) -> None:
    rig = rig_of(tmp_path, account)
    rig.write(lines(account, TN[account], KEEP[account]))
    assert rig.apply().exit_code == 0
    rig.clock.sleep(2000)
    rig.write(lines(account, *([TN[account]] if kept else []), KEEP[account]))
    missing_once(rig, account, "listOwned" if account == "ib" else "numbersList")
    assert actions(rig.plan()) == ({} if kept else {f"number/{TN[account]}": "delete"})


def missing_once(rig: Rig, account: str, call: str) -> None:
    """The next list at ``account`` lacks one number."""
    carrier = rig.sandbox.carriers[account]
    book, lists = carrier.book["owned"], carrier.handlers()
    asked: list[None] = []

    def once(request: Any, now: Any) -> Any:
        asked.append(None)
        if len(asked) > 1:
            return lists[call](request, now)
        key = next(number for number in book if str(number).endswith(TN[account][2:]))
        hidden = book.pop(key)
        listed = lists[call](request, now)
        book[key] = hidden
        return listed

    carrier.handlers = lambda: {**lists, call: once}  # type: ignore[method-assign]


def test_a_number_that_is_kept_where_nothing_can_be_read_is_not_in_sync(tmp_path: Path) -> None:
    rig = rig_of(tmp_path, "vt")
    rig.write(lines("vt", TN["vt"], KEEP["vt"], rest=", release: {after: 30d}"))
    assert rig.apply().exit_code == 0
    rig.write(lines("vt", KEEP["vt"], rest=", release: {after: 30d}"))
    assert rig.apply().exit_code == 0
    plan = rig.plan()
    assert (plan.noop, plan.unobservable, actions(plan)) == (0, 2, {})
    assert any("out of service since" in notice.message for notice in plan.notices)


def test_a_saved_plan_that_waited_for_the_list_is_not_stale_once_the_list_shows_it(tmp_path: Path) -> None:
    rig = rig_of(tmp_path, "ib", list_lag_seconds=120)
    rig.write(lines("ib", TN["ib"]))
    assert rig.apply().exit_code == 0
    rig.write(lines("ib", TN["ib"], KEEP["ib"]))
    saved = rig.plan()
    assert actions(saved) == {f"number/{TN['ib']}": "wait", f"number/{KEEP['ib']}": "create"}
    rig.clock.sleep(121)
    report = rig.apply(saved=saved)
    assert (report.exit_code, results(report)) == (0, {f"number/{KEEP['ib']}": "done"})


# Answers about another number

TAKEN = "+447700900109"


def misnamed(folder: Path, **switches: Any) -> Rig:
    """An offer of one number stands under the key of another, which the order then buys."""
    rig = rig_of(folder, "ib", **switches)
    carrier = rig.sandbox.infobip("ib")
    wrong, right = TN["ib"][1:], TAKEN[1:]
    offer_key = carrier.offer_key
    carrier.offer_key = lambda number: offer_key(right if number == wrong else number)  # type: ignore[method-assign]
    sold = carrier._asked_for
    carrier._asked_for = lambda request: right if sold(request) in (wrong, right) else sold(request)  # type: ignore[method-assign]
    rig.write(lines("ib", TN["ib"]))
    return rig


def test_a_number_that_the_answer_names_in_place_of_ours_is_not_lost(tmp_path: Path) -> None:
    rig = misnamed(tmp_path)
    report = rig.apply(BRIEFLY)
    assert (charged(rig, TAKEN), charged(rig, TN["ib"])) == (1, 0)
    assert results(report) == {f"number/{TN['ib']}": "failed", f"number/{TAKEN}": "done"}
    assert report.exit_code == 1
    assert TAKEN in next(o.message for o in report.outcomes if o.address.name == TN["ib"])
    with rig.store() as store:
        assert store.record(Address.parse(f"number/{TAKEN}")) is not None
        assert [(entry.address.name, entry.event) for entry in store.ledger()] == [(TAKEN, "purchase")]
        (intent,) = store.history(Address.parse(f"number/{TN['ib']}"))
        assert (intent.status, intent.attempts[0].about.split()[0]) == (IntentStatus.FAILED, TAKEN)
    assert actions(rig.plan())[f"number/{TAKEN}"] == "delete"


def test_a_number_that_the_answer_named_is_found_by_a_later_apply_where_lists_lag(tmp_path: Path) -> None:
    rig = misnamed(tmp_path, list_lag_seconds=120)
    report = rig.apply(BRIEFLY)
    assert (report.exit_code, results(report)) == (3, {f"number/{TN['ib']}": "unknown"})
    assert TAKEN in report.outcomes[0].message
    assert any(TAKEN in notice.message for notice in rig.plan().notices)
    rig.clock.sleep(121)
    report = rig.apply(FREE)
    with rig.store() as store:
        assert (TAKEN, "purchase") in [(entry.address.name, entry.event) for entry in store.ledger()]


def test_a_number_of_the_account_that_a_garbled_answer_names_is_not_taken_for_bought(tmp_path: Path) -> None:
    rig = rig_of(tmp_path, "ib", list_lag_seconds=120)
    neighbour = "+447700900101"  # the number whose last digit is one more, which the garbled answer names
    rig.sandbox.infobip("ib").portal_buy(neighbour)
    rig.write(lines("ib", TN["ib"]))
    rig.sandbox.faults.plant(Rule("other-number", call="purchase", when=When.AFTER))
    assert rig.apply(BRIEFLY).exit_code == 3
    with rig.store() as store:
        assert store.record(Address.parse(f"number/{neighbour}")) is None
    rig.clock.sleep(121)
    assert rig.apply(BRIEFLY).exit_code == 0
    assert charged(rig, TN["ib"]) == 1


# Answers that hold an error, or that come from a server that is out of order


def test_an_account_is_not_empty_because_a_server_out_of_order_says_so(tmp_path: Path) -> None:
    rig = rig_of(tmp_path, "api")
    rig.write(lines("api", TN["api"], KEEP["api"]))
    assert rig.apply().exit_code == 0
    rig.clock.sleep(2000)
    rig.sandbox.faults.plant(Rule("not-found-503", call="numbersList", times=None))
    plan = rig.plan()
    assert (plan.noop, actions(plan), len(plan.unresolved)) == (0, {}, 2)
    assert in_sync(rig) == (0, 0, 0)


def test_a_release_is_not_proved_by_a_server_that_is_out_of_order(tmp_path: Path) -> None:
    rig = rig_of(tmp_path, "api")
    assert open_release(rig, "api").exit_code == 3
    rig.sandbox.faults.heal()
    rig.sandbox.faults.plant(Rule("not-found-503", call="numbersList", times=None))
    for _ in range(3):
        rig.clock.sleep(2000)
        assert rig.apply(FREE).exit_code != 0
    assert TN["api"] in rig.sandbox.inumbering("api").owned()
    with rig.store() as store:
        assert Address.parse(f"number/{TN['api']}") in store.snapshot().records


def test_a_number_is_not_presumed_ours_because_a_server_out_of_order_finds_none(tmp_path: Path) -> None:
    rig = rig_of(tmp_path, "vt")
    rig.write(lines("vt", TN["vt"]))
    rig.sandbox.faults.plant(Rule("reset", call="tnOrder", when=When.BEFORE))
    rig.sandbox.faults.plant(Rule("no-result-503", call="tnInventory", first=2, times=None))
    assert rig.apply(BRIEFLY).exit_code == 3
    rig.clock.sleep(2000)
    assert rig.apply(BRIEFLY).exit_code == 3
    rig.sandbox.faults.heal()
    rig.clock.sleep(2000)
    assert rig.apply().exit_code == 0
    assert charged(rig, TN["vt"]) == 1


@pytest.mark.parametrize("account", ["ib", "vt", "api"])
@pytest.mark.parametrize("when", [When.BEFORE, When.AFTER])
def test_a_purchase_whose_success_holds_an_error_is_settled_by_reads(tmp_path: Path, account: str, when: When) -> None:
    rig = rig_of(tmp_path, account)
    rig.write(lines(account, TN[account]))
    rig.sandbox.faults.plant(Rule("error-inside", call=ORDER[account], when=when))
    report = rig.apply(BRIEFLY)
    assert charged(rig, TN[account]) == (when is When.AFTER)
    assert when is When.AFTER or results(report) == {f"number/{TN[account]}": "unknown"}
    for _ in range(3):
        rig.clock.sleep(2000)
        report = rig.apply(BRIEFLY)
    assert (report.exit_code, charged(rig, TN[account])) == (0, 1)


@pytest.mark.parametrize("account", ["ib", "api"])
def test_a_release_whose_success_holds_an_error_is_not_done(tmp_path: Path, account: str) -> None:
    rig = rig_of(tmp_path, account)
    report = open_release(rig, account, fault="error-inside")
    assert (report.exit_code, results(report)) == (3, {f"number/{TN[account]}": "unknown"})
    assert rig.sandbox.ledger.releases() == []
