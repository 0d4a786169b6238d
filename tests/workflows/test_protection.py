"""``protect: true`` is remembered whatever name or place its number has since; ``protect: false`` alone lifts it."""

from __future__ import annotations

import pytest

from reconciler.planning.limits import Allowances
from reconciler.workflows.session import Options
from tests.rig import ACCOUNTS, Rig, actions

TN = "+447700900100"
KEEP = '  "+447700900101": {provider: ib}\n'
GENEROUS = Options(allow=Allowances(9, 9, 9, frozenset({"ib"}), frozenset({TN})))


def line(more: str = "", account: str = "ib") -> str:
    return f'  "{TN}": {{provider: {account}{more}}}\n'


def released(rig: Rig) -> list[str]:
    return [entry.key for entry in rig.sandbox.ledger.releases()]


def test_a_line_that_says_nothing_of_protection_does_not_lift_it(rig: Rig) -> None:
    for lines in (line(", protect: true"), line(), line(", labels: {a: b}")):
        rig.write("numbers:\n" + lines + KEEP)
        assert rig.apply().exit_code == 0
    rig.write("numbers:\n" + KEEP)
    assert rig.apply(GENEROUS).exit_code == 4
    assert released(rig) == []


def test_a_protected_number_that_moves_into_a_pool_and_out_again_is_protected(rig: Rig) -> None:
    pool = "pools: {desk: {provider: ib, size: SIZE, adopt: true, search: {country: GB}}}\n"
    rig.write(pool.replace("SIZE", "1"))
    rig.apply()
    (tn,) = [entry.key for entry in rig.sandbox.ledger.charges()]
    rig.write(pool.replace("SIZE", "1") + f'numbers:\n  "{tn}": {{provider: ib, protect: true}}\n')
    assert rig.apply().exit_code == 0
    rig.write(pool.replace("desk", "front").replace("SIZE", "0").replace("adopt: true", "adopt: true, moved: desk"))
    assert rig.apply(Options(allow=Allowances(9, 9, 9, frozenset({"ib"}), frozenset({tn})))).exit_code == 4
    assert released(rig) == []


def test_a_pool_that_lifts_protection_and_shrinks_at_once_gives_nothing_up(rig: Rig) -> None:
    pool = "pools: {desk: {provider: ib, size: SIZE, protect: BE, search: {country: GB}}}\n"
    rig.write(pool.replace("SIZE", "2").replace("BE", "true"))
    rig.apply()
    rig.write(pool.replace("SIZE", "1").replace("BE", "false"))
    assert rig.apply(GENEROUS).exit_code == 4
    rig.write(pool.replace("SIZE", "2").replace("BE", "false"))
    assert rig.apply().exit_code == 0
    rig.write(pool.replace("SIZE", "1").replace("BE", "false"))
    assert rig.apply(GENEROUS).exit_code == 0
    assert len(released(rig)) == 1


def test_protection_that_is_declared_while_its_number_is_blocked_is_remembered(rig: Rig) -> None:
    rig.write('numbers:\n  "+12015550123": {provider: vt, route: 4}\n  "+12015550124": {provider: vt}\n')
    rig.apply()
    rig.write('numbers:\n  "+12015550123": {provider: vt, route: 5, protect: true}\n  "+12015550124": {provider: vt}\n')
    assert rig.apply().exit_code == 4
    rig.write('numbers:\n  "+12015550124": {provider: vt}\n')
    plan = rig.plan()
    assert actions(plan) == {"number/+12015550123": "blocked"}
    assert "protected" in plan.changes[0].reason


@pytest.mark.parametrize("lifted", [True, False])
def test_protection_comes_along_with_a_renamed_account_and_is_lifted_there(rig: Rig, lifted: bool) -> None:
    rig.names = {"ib-eu": "ib"}
    rig.write("numbers:\n" + line(", protect: true") + KEEP)
    rig.apply()
    moved = ACCOUNTS.replace("  ib: {type: infobip}", "  ib-eu: {type: infobip, moved: ib}")
    keep = KEEP.replace("ib}", "ib-eu}")
    if lifted:
        rig.write("numbers:\n" + line(", protect: false", "ib-eu") + keep, moved)
        assert rig.apply().exit_code == 0
    rig.write("numbers:\n" + keep, moved)
    assert rig.apply(GENEROUS).exit_code == (0 if lifted else 4)
    assert released(rig) == ([TN] if lifted else [])
