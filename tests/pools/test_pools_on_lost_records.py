"""Once records are lost no pool is bought a second time unasked, whatever was done in the new ones before."""

from __future__ import annotations

import pytest

from reconciler.errors import SafetyError
from reconciler.model import Address
from reconciler.planning.limits import Allowances
from reconciler.planning.selection import Selection
from reconciler.workflows.session import Options
from tests.rig import Rig

AT_VT = "pools: {nj: {provider: vt, size: 2, search: {tn_mask: 201xxxxxxx}}}\n"
AT_IB = "pools: {desk: {provider: ib, size: 2, search: {country: GB}}}\n"
AT_BOTH = """pools:
  nj: {provider: vt, size: 2, search: [{tn_mask: 201xxxxxxx}, {provider: ib, country: GB}]}
"""
NJ = 'numbers: {"+12015550105": {provider: vt}}\n'
UK = 'numbers: {"+447700900107": {provider: ib}}\n'
ASKED = Options(allow=Allowances(new_records=True))


def only(*selectors: str) -> Options:
    return Options(selection=Selection(only=selectors))


def applied(rig: Rig, text: str, options: Options = ASKED) -> int:
    """Make ``text`` so; how many purchases were charged by then."""
    rig.real = True
    rig.write(text)
    assert rig.apply(options).exit_code == 0
    return charges(rig)


def charges(rig: Rig) -> int:
    return len(rig.sandbox.ledger.charges())


def lose(rig: Rig) -> None:
    for file in rig.folder.glob("state.db*"):
        file.unlink()


def resolve(rig: Rig, number: str, account: str) -> None:
    with rig.store() as store, store.locked():
        store.resolve(Address.parse(number), account, owned=True, evidence="", who="me")


def refused(rig: Rig, options: Options | None = None) -> str:
    """The words of an apply that buys nothing."""
    before = charges(rig)
    with pytest.raises(SafetyError) as told:
        rig.apply(options)
    assert charges(rig) == before
    return " ".join(told.value.message.split())


def test_a_number_that_a_person_resolved_lets_no_pool_be_bought_again(rig: Rig) -> None:
    applied(rig, NJ + AT_VT)
    lose(rig)
    resolve(rig, "number/+12015550105", "vt")
    told = refused(rig)
    assert "2 purchases for pool nj: these records have bought nothing for it yet, and vt cannot show" in told
    assert "if pool nj was never filled before, add --new-records; if it was, restore the records" in told
    assert any("vt cannot show whether it has numbers already" in notice.message for notice in rig.plan().notices)


def test_a_number_adopted_elsewhere_lets_no_pool_be_bought_again(rig: Rig) -> None:
    applied(rig, UK + AT_VT)
    lose(rig)
    rig.apply(only("provider=ib"))
    assert "vt cannot show whether it has numbers already" in refused(rig)


@pytest.mark.parametrize("bought", [UK, NJ], ids=["elsewhere", "at_that_very_account"])
def test_a_number_bought_by_name_lets_no_pool_be_bought_again(rig: Rig, bought: str) -> None:
    applied(rig, AT_VT)
    lose(rig)
    rig.write(bought + AT_VT)
    rig.apply(only("number/*0*10[57]"))
    assert charges(rig) == 3
    assert "vt cannot show whether it has numbers already" in refused(rig)


def test_a_number_bought_by_name_lets_no_pool_be_bought_beside_the_numbers_that_it_had(rig: Rig) -> None:
    applied(rig, AT_IB)
    lose(rig)
    rig.write(UK + AT_IB)
    rig.apply(only("number/+447700900107"))
    told = refused(rig)
    assert "for pool desk, of which the records know no number, while numbers are owned that fit" in told
    assert "write `adopt: true` in pool desk" in told
    assert refused(rig, ASKED), "a word about the records says nothing of those numbers"


def test_a_number_that_a_pool_adopted_at_one_account_lets_it_not_be_bought_again_at_another(rig: Rig) -> None:
    applied(rig, UK + AT_BOTH)
    lose(rig)
    applied(rig, AT_IB.replace("desk", "nj").replace("size: 2", "size: 1, adopt: true"))
    rig.write(AT_BOTH)
    assert "vt cannot show whether it has numbers already" in refused(rig)


def test_a_saved_plan_is_no_way_around_it(rig: Rig) -> None:
    applied(rig, NJ + AT_VT)
    lose(rig)
    resolve(rig, "number/+12015550105", "vt")
    saved, before = rig.plan(), charges(rig)
    with pytest.raises(SafetyError, match="vt cannot show"):
        rig.apply(saved=saved)
    assert charges(rig) == before
    assert rig.apply(ASKED, saved=saved).exit_code == 0
    assert not any("take it out of your workflow" in line for line in rig.heard.lines), "it was needed"


def test_a_person_says_once_that_a_pool_was_never_filled(rig: Rig) -> None:
    applied(rig, UK)
    lose(rig)
    applied(rig, UK)
    rig.write(UK + AT_VT)
    assert "vt cannot show" in refused(rig)
    assert applied(rig, UK + AT_VT) == 3
    assert applied(rig, UK + AT_VT.replace("size: 2", "size: 4"), Options()) == 5


def test_a_pool_is_added_where_these_records_have_bought_before(rig: Rig) -> None:
    applied(rig, NJ + AT_VT)
    second = AT_VT.replace("}}}\n", "}}, more: {provider: vt, size: 1, search: {tn_mask: 201xxxxxxx}}}\n")
    assert applied(rig, NJ + second, Options()) == 4


def test_a_pool_is_added_at_an_account_that_shows_nothing_like_it(rig: Rig) -> None:
    applied(rig, UK, Options())
    assert applied(rig, UK + AT_IB.replace("GB", "US"), Options()) == 3


def test_an_old_fleet_adds_its_first_pool_at_an_account_that_cannot_be_read(rig: Rig) -> None:
    applied(rig, AT_IB)
    both = AT_IB.replace("}}}\n", "}}, nj: {provider: vt, size: 2, search: {tn_mask: 201xxxxxxx}}}\n")
    assert applied(rig, both, Options()) == 4


def test_a_pool_that_found_nothing_on_offer_at_first_is_filled_later(rig: Rig) -> None:
    nothing = AT_VT.replace("201xxxxxxx", "999xxxxxxx")
    rig.real = True
    rig.write(NJ + nothing)
    rig.apply(ASKED)
    assert charges(rig) == 1
    assert applied(rig, NJ + AT_VT, Options()) == 3


def test_a_renamed_pool_is_not_taken_for_an_empty_one(rig: Rig) -> None:
    applied(rig, AT_VT)
    renamed = AT_VT.replace("nj: {", "jersey: {moved: nj, ").replace("size: 2", "size: 3")
    assert applied(rig, renamed, Options()) == 3
