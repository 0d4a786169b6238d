"""A number that tnctl did not buy is released by its name alone; one that is forgotten by name stays owned."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from reconciler.errors import ConfigError, SafetyError, UsageError
from reconciler.model import Address, Origin
from reconciler.planning.limits import Allowances
from reconciler.sandbox import Rule
from reconciler.sandbox.ledger import Event
from reconciler.state import plan_file
from reconciler.workflows.session import Options
from tests.rig import Rig, actions

FOUND, KEPT = "+447700900200", "+447700900100"
LINE = f'  "{FOUND}": {{provider: ib}}\n'
KEEP = f'  "{KEPT}": {{provider: ib}}\n'
COUNTED = Options(allow=Allowances(releases=9))


def named(*tns: str) -> Options:
    return Options(allow=Allowances(release=frozenset(tns)))


def adopt_one(rig: Rig) -> None:
    """FOUND was bought by hand and adopted, KEPT was bought."""
    rig.sandbox.infobip("ib").portal_buy(FOUND)
    rig.write("numbers:\n" + LINE + KEEP)
    assert rig.apply().exit_code == 0
    rig.clock.sleep(3600)


def released(rig: Rig) -> list[str]:
    return [entry.key for entry in rig.sandbox.ledger.releases()]


def owned(rig: Rig, tn: str, account: str = "ib") -> bool:
    return tn in {f"+{number.removeprefix('+')}" for number in rig.sandbox.infobip(account).owned()}


def refusal(rig: Rig, options: Options | None = None) -> str:
    with pytest.raises(SafetyError) as refused:
        rig.apply(options)
    assert rig.writes() == 0
    return refused.value.message


def said(rig: Rig, options: Options | None = None) -> str:
    return "\n".join(notice.message for notice in rig.plan(options).notices)


def test_no_count_releases_a_number_that_was_only_adopted(rig: Rig) -> None:
    adopt_one(rig)
    rig.write("safety: {max_releases: 9}\nnumbers:\n" + KEEP)
    (change,) = rig.plan().changes
    assert "not bought by tnctl (adopted), so released by name only" in change.reason
    assert f"--release {FOUND}" in refusal(rig)
    assert f"--release {FOUND}" in refusal(rig, COUNTED)
    assert f"--release {FOUND}" in said(rig)
    assert owned(rig, FOUND)


def test_its_name_on_the_command_line_releases_it_without_a_count(rig: Rig) -> None:
    adopt_one(rig)
    rig.write("numbers:\n" + KEEP)
    assert "over a limit" not in said(rig, named(FOUND))
    assert rig.apply(named(FOUND)).exit_code == 0
    assert released(rig) == [FOUND]
    assert f"take --release {FOUND} out" in said(rig, named(FOUND))


def test_its_name_in_the_configuration_releases_it_and_then_is_to_be_taken_out(rig: Rig) -> None:
    adopt_one(rig)
    rig.write(f'safety: {{release: ["{FOUND}"]}}\nnumbers:\n' + KEEP)
    assert "and it is named" in rig.plan().changes[0].reason
    assert rig.apply().exit_code == 0
    assert released(rig) == [FOUND]
    assert "take it out of `safety.release`, at" in said(rig)
    assert rig.apply().exit_code == 0


def test_a_name_covers_a_bought_number_too_and_that_number_alone(rig: Rig) -> None:
    more = '  "+447700900101": {provider: ib}\n'
    rig.write("numbers:\n" + KEEP + more + '  "+447700900102": {provider: ib}\n')
    assert rig.apply().exit_code == 0
    rig.write('numbers:\n  "+447700900102": {provider: ib}\n')
    assert "1 release planned, at most 0 allowed" in refusal(rig, named(KEPT))
    assert rig.apply(named(KEPT, "+447700900101")).exit_code == 0
    assert released(rig) == [KEPT, "+447700900101"]


def test_a_person_who_resolved_it_as_owned_did_not_buy_it_with_tnctl(rig: Rig) -> None:
    rig.write("numbers:\n" + KEEP)
    rig.apply()
    rig.sandbox.infobip("ib").portal_buy(FOUND)
    with rig.store() as store, store.locked():
        store.resolve(Address.parse(f"number/{FOUND}"), "ib", owned=True, evidence="invoice", who="me")
    assert "resolved" in rig.plan().changes[0].reason
    assert f"--release {FOUND}" in refusal(rig, COUNTED)


def test_a_change_of_its_route_does_not_make_a_number_that_was_found_one_that_was_bought(rig: Rig) -> None:
    tn, keep = "+12015550123", '  "+12015550124": {provider: api}\n'
    rig.sandbox.inumbering("api").portal_buy(tn)
    rig.write(f'numbers:\n  "{tn}": {{provider: api, route: 4}}\n' + keep)
    assert rig.apply().exit_code == 0
    rig.write(f'numbers:\n  "{tn}": {{provider: api, route: 3}}\n' + keep)
    assert rig.apply().exit_code == 0
    rig.clock.sleep(3600)
    rig.write("numbers:\n" + keep)
    assert f"--release {tn}" in refusal(rig, COUNTED)
    assert rig.apply(named(tn)).exit_code == 0


def test_a_pool_that_shrinks_gives_up_what_it_adopted_by_name_alone(rig: Rig) -> None:
    for tn in ("+447700900003", "+447700900004"):
        rig.sandbox.infobip("ib").portal_buy(tn)
    rig.write("pools: {desk: {provider: ib, size: 2, adopt: true, search: {country: GB}}}\n")
    assert rig.apply().exit_code == 0
    rig.clock.sleep(3600)
    rig.write("pools: {desk: {provider: ib, size: 1, adopt: true, search: {country: GB}}}\n")
    assert "--release +447700900004" in refusal(rig, COUNTED)
    rig.write(
        'safety: {release: ["+447700900003"]}\n'
        "pools: {desk: {provider: ib, size: 1, adopt: true, search: {country: GB}}}\n"
    )
    assert actions(rig.plan()) == {"number/+447700900003": "delete"}, "who is named goes first"
    assert rig.apply().exit_code == 0
    assert released(rig) == ["+447700900003"]


def test_a_saved_plan_needs_the_name_when_it_is_applied(rig: Rig) -> None:
    adopt_one(rig)
    rig.write("numbers:\n" + KEEP)
    saved = plan_file.loads(plan_file.dumps(rig.plan(named(FOUND))))
    with pytest.raises(SafetyError):
        rig.apply(COUNTED, saved=saved)
    assert rig.apply(named(FOUND), saved=saved).exit_code == 0
    assert released(rig) == [FOUND]


def test_what_is_named_and_declared_is_an_error_with_its_place(rig: Rig) -> None:
    for key in ("release", "forget"):
        rig.write(f'safety: {{{key}: ["{KEPT}"]}}\nnumbers:\n' + KEEP)
        with pytest.raises(ConfigError, match=rf"numbers\.yaml:[0-9]+:[0-9]+: `\{KEPT}` is still declared, at .*"):
            rig.plan()
    rig.write("numbers:\n" + KEEP)
    with pytest.raises(UsageError, match=f"--release .{KEPT[1:]}: .* is still declared"):
        rig.plan(named(KEPT))
    rig.write(f'safety: {{release: ["{FOUND}"], forget: ["{FOUND}"]}}\nnumbers:\n' + KEEP)
    with pytest.raises(ConfigError, match="keep one of the two"):
        rig.plan()


def test_what_is_named_and_kept_by_its_pool_is_an_error_with_its_place(rig: Rig) -> None:
    text = "pools: {desk: {provider: ib, size: 1, search: {country: GB}}}\n"
    rig.write(text)
    rig.apply()
    (tn,) = [entry.key for entry in rig.sandbox.ledger.charges()]
    rig.write(f'safety: {{release: ["{tn}"]}}\n' + text)
    with pytest.raises(ConfigError, match=r"numbers\.yaml:7:20: .* has slot desk\.0, and its pool keeps it"):
        rig.plan()


def test_a_number_forgotten_by_name_stays_owned_needs_no_count_and_goes_on_costing(rig: Rig) -> None:
    adopt_one(rig)
    rig.write(f'safety: {{forget: ["{FOUND}"]}}\nnumbers:\n' + KEEP)
    plan = rig.plan()
    assert actions(plan) == {f"number/{FOUND}": "forget"}
    assert "stays owned and goes on costing" in plan.changes[0].reason
    assert "2 numbers, 10.00 EUR a month" in said(rig)
    assert rig.apply().exit_code == 0
    assert owned(rig, FOUND)
    assert released(rig) == []
    assert actions(rig.plan()) == {}
    assert "take it out of `safety.forget`, at" in said(rig)
    rig.write("numbers:\n" + KEEP)
    assert actions(rig.plan()) == {}, "it is left alone from then on"
    rig.write("numbers:\n" + LINE + KEEP)
    assert actions(rig.plan()) == {f"number/{FOUND}": "adopt"}


def test_nothing_of_a_number_forgotten_by_name_is_switched_off(rig: Rig) -> None:
    keep = '  "+12015550124": {provider: api, sms: {enabled: true, provider: ip}}\n'
    rig.write('numbers:\n  "+12015550123": {provider: api, sms: {enabled: true, provider: ip}}\n' + keep)
    assert rig.apply().exit_code == 0
    rig.write('safety: {forget: ["+12015550123"]}\nnumbers:\n' + keep)
    assert set(actions(rig.plan()).values()) == {"forget"}
    assert rig.apply().exit_code == 0
    assert not rig.sandbox.ledger.find(Event.DISABLE)
    assert rig.writes() == 0


def test_a_pool_does_not_take_back_what_was_forgotten_by_name(rig: Rig) -> None:
    rig.write("pools: {desk: {provider: vt, size: 2, search: {rate_center: HACKENSACK}}}\n")
    rig.apply()
    last = [entry.key for entry in rig.sandbox.ledger.charges()][-1]
    smaller = f'safety: {{forget: ["{last}"]}}\n'
    rig.write(smaller + "pools: {desk: {provider: vt, size: 1, search: {rate_center: HACKENSACK}}}\n")
    assert rig.apply().exit_code == 0
    rig.write(smaller + "pools: {desk: {provider: vt, size: 2, search: {rate_center: HACKENSACK}}}\n")
    assert rig.apply().exit_code == 0
    assert len(rig.sandbox.ledger.charges()) == 3


def test_protection_outlives_a_name(rig: Rig) -> None:
    rig.write(f'numbers:\n  "{FOUND[:-3]}110": {{provider: ib, protect: true}}\n' + KEEP)
    rig.apply()
    for key in ("release", "forget"):
        rig.write(f'safety: {{{key}: ["{FOUND[:-3]}110"]}}\nnumbers:\n' + KEEP)
        assert rig.apply().exit_code == 4
    assert released(rig) == []


def test_a_second_set_of_records_on_one_account_does_not_release_what_the_first_bought(tmp_path: Path) -> None:
    first, second = Rig(tmp_path / "a"), Rig(tmp_path / "b")
    second.sandbox = first.sandbox
    for rig in (first, second):
        rig.folder.mkdir()
        rig.clock = first.clock
    first.write("numbers:\n" + LINE.replace(FOUND, "+447700900101") + KEEP)
    assert first.apply().exit_code == 0
    second.write("numbers:\n" + KEEP + '  "+447700900102": {provider: ib}\n')
    assert second.apply().exit_code == 0
    first.clock.sleep(3600)
    second.write('numbers:\n  "+447700900102": {provider: ib}\n')
    assert f"--release {KEPT}" in refusal(second, COUNTED)
    assert owned(first, KEPT)
    assert actions(first.plan()) == {}


def test_a_number_that_was_taken_back_is_still_one_that_was_bought(rig: Rig) -> None:
    rig.write(
        f'numbers:\n  "{KEPT}": {{provider: ib, release: {{after: 30d}}}}\n' + LINE.replace(FOUND, "+447700900101")
    )
    rig.apply()
    rig.write("numbers:\n" + LINE.replace(FOUND, "+447700900101"))
    assert rig.apply().exit_code == 0
    rig.write("numbers:\n" + KEEP + LINE.replace(FOUND, "+447700900101"))
    assert rig.apply().exit_code == 0
    rig.write("numbers:\n" + LINE.replace(FOUND, "+447700900101"))
    assert rig.apply(COUNTED).exit_code == 0
    assert released(rig) == [KEPT]


def test_a_name_releases_what_was_kept_for_its_time_where_no_date_of_the_carrier_confirms_it(rig: Rig) -> None:
    other = '  "+447700900101": {provider: ib}\n'
    rig.sandbox.faults.plant(Rule("no-date", account="ib", times=None))
    rig.write(f'numbers:\n  "{KEPT}": {{provider: ib, release: {{after: 30d}}}}\n' + other)
    rig.apply()
    rig.write("numbers:\n" + other)
    assert rig.apply(COUNTED).exit_code == 0
    rig.clock.sleep(31 * 24 * 3600)
    assert f"--release {KEPT}" in rig.plan().changes[0].reason
    assert rig.apply(COUNTED).exit_code == 4
    assert released(rig) == []
    assert rig.apply(named(KEPT)).exit_code == 0
    assert released(rig) == [KEPT]


def test_a_name_does_not_shorten_the_time_that_a_number_is_kept(rig: Rig) -> None:
    other = '  "+447700900101": {provider: ib}\n'
    rig.write(f'numbers:\n  "{KEPT}": {{provider: ib, release: {{after: 30d}}}}\n' + other)
    rig.apply()
    rig.write("numbers:\n" + other)
    rig.apply(COUNTED)
    rig.clock.sleep(3600)
    assert rig.apply(named(KEPT)).exit_code == 0
    assert released(rig) == []


def test_a_number_that_a_person_said_is_ours_was_not_bought_a_short_while_ago(rig: Rig) -> None:
    rig.write("numbers:\n" + KEEP)
    rig.apply()
    with rig.store() as store, store.locked():
        record = replace(next(iter(store.snapshot().records.values())), origin=Origin.RESOLVED)
        store.put([record])
    with rig.sandbox.guard():
        rig.sandbox.infobip("ib").portal_release(KEPT)
    assert "not listed yet: resolved as owned a short while ago" in rig.plan().changes[0].reason
