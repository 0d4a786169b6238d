"""``moved:`` written where two accounts are two: neither vouches for what the other sold."""

from __future__ import annotations

import pytest

from reconciler.errors import ConfigError
from reconciler.model import Address, Kind
from reconciler.model.fleet import CarrierType
from reconciler.planning.limits import Allowances
from reconciler.planning.selection import Selection
from reconciler.sandbox import AccountSpec, Rule, Sandbox, When
from reconciler.workflows import ownership
from reconciler.workflows.session import Options
from tests.rig import Rig, actions

A, B, C = "+447700900100", "+447700900101", "+447700900102"
TWO = "version: 1\nproviders: {ib: {type: infobip}, eu: {type: infobip}}\n"
ONE = "version: 1\nproviders: {eu: {type: infobip, moved: ib}}\n"
GENEROUS = Options(allow=Allowances(9, 9, 9, frozenset({"ib", "eu", "vt"})))


@pytest.fixture
def rig(rig: Rig) -> Rig:
    specs = {name: AccountSpec(CarrierType.INFOBIP) for name in ("ib", "eu")}
    rig.sandbox = Sandbox(specs, rig.clock)
    return rig


def lines(**of: str) -> str:
    """Numbers by the last digit of their key."""
    known = {"a": A, "b": B, "c": C}
    return "numbers:\n" + "".join(f'  "{known[key]}": {{provider: {account}}}\n' for key, account in of.items())


def held_back(rig: Rig, tn: str) -> str:
    """Why the record of a number cannot be dropped."""
    with rig.store() as store:
        run = rig.session(writes=False, store=store)
        number = Address(Kind.NUMBER, tn)
        found = ownership.held_back(
            run.fleet, run.providers, {}, store.snapshot(), [number], rig.clock.now(), store.fingerprint, run.workers
        )
    return found.get(number, "")


def bought(rig: Rig) -> list[str]:
    return sorted(entry.key for entry in rig.sandbox.ledger.charges())


def test_an_account_that_took_anothers_records_along_does_not_say_what_is_gone_there(rig: Rig) -> None:
    rig.write(lines(a="ib", b="eu"), TWO)
    rig.apply()
    rig.clock.sleep(3600)
    rig.write(lines(a="eu", b="eu", c="eu"), ONE)
    plan = rig.plan()
    assert actions(plan) == {f"number/{A}": "blocked", f"number/{C}": "blocked"}
    assert all("eu has the records of ib, of which " in change.reason for change in plan.changes)
    assert rig.apply(GENEROUS).exit_code == 4
    assert "eu has the records of ib" in held_back(rig, A), "also once they have come along"
    assert bought(rig) == [A, B]


def test_a_lone_number_is_not_gone_where_moved_names_the_wrong_account(rig: Rig) -> None:
    rig.write(lines(a="ib"), TWO)
    rig.apply()
    rig.clock.sleep(3600)
    rig.write(lines(a="eu"), ONE)
    assert rig.apply(GENEROUS).exit_code == 4
    assert "eu has the records of ib" in held_back(rig, A)
    assert bought(rig) == [A]


def test_no_record_is_dropped_for_what_another_account_does_not_show(rig: Rig) -> None:
    rig.write(lines(a="ib", b="ib"), TWO)
    rig.apply()
    rig.clock.sleep(3600)
    rig.write(lines(b="eu"), ONE)
    plan = rig.plan()
    assert actions(plan)[f"number/{A}"] == "blocked"
    assert rig.apply(GENEROUS).exit_code == 4
    with rig.store() as store:
        assert store.record(Address(Kind.NUMBER, A)) is not None


def test_once_all_its_numbers_were_seen_an_account_with_another_name_is_believed(rig: Rig) -> None:
    rig.names = {"eu": "ib"}
    rig.write(lines(a="ib"), TWO)
    rig.apply()
    rig.clock.sleep(3600)
    rig.write(lines(a="eu"), ONE)
    assert rig.apply().exit_code == 0
    with rig.sandbox.guard():
        rig.sandbox.infobip("ib").portal_release(A)
    assert held_back(rig, A) == ""


def test_an_order_without_an_answer_is_settled_before_two_accounts_become_one(rig: Rig) -> None:
    rig.write(lines(b="eu"), TWO)
    rig.apply()
    rig.sandbox.faults.plant(Rule("timeout", call="purchase", when=When.BEFORE))
    rig.write(lines(a="ib", b="eu"), TWO)
    assert rig.apply(Options(wait=GENEROUS.wait * 0)).exit_code == 3
    rig.write(lines(a="eu", b="eu"), ONE)
    with pytest.raises(ConfigError, match="eu has records of its own beside those of ib"):
        rig.apply()
    assert bought(rig) == [B]


BLIND = "version: 1\nproviders: {ib: {type: infobip}, vt: {type: inumbering, base_url: 'https://URL.example.com'API}}\n"
NJ = "+12015550123"


def blind(url: str, *, reads: bool = False) -> str:
    """Accounts of which vt is at ``url``, where numbers can be read or not."""
    return BLIND.replace("URL", url).replace("API", ", account_api: true" if reads else "")


@pytest.fixture
def two_desks(rig: Rig) -> Rig:
    """One account whose numbers cannot be read, and another at another URL, where they can."""
    specs = {
        "vt": AccountSpec(CarrierType.INUMBERING),
        "other": AccountSpec(CarrierType.INUMBERING, account_api=True),
        "ib": AccountSpec(CarrierType.INFOBIP),
    }
    rig.sandbox = Sandbox(specs, rig.clock)
    return rig


def test_an_account_that_could_not_be_read_is_not_the_one_that_can_at_another_url(two_desks: Rig) -> None:
    rig, line = two_desks, f'numbers: {{"{NJ}": {{provider: vt}}}}\n'
    rig.write(line, blind("old"))
    rig.apply()
    rig.clock.sleep(3600)
    rig.write(line, blind("new"))
    assert rig.apply().exit_code == 0, "nothing tells the two apart"
    rig.names = {"vt": "other"}
    rig.write(line, blind("new", reads=True))
    assert rig.apply(GENEROUS).exit_code == 4
    assert "its numbers on record are of https://old.example.com" in held_back(rig, NJ)
    assert bought(rig) == [NJ]


def test_a_pool_does_not_fill_at_another_account_in_the_place_of_what_it_gave_up(two_desks: Rig) -> None:
    rig, pool = two_desks, "pools: {desk: {provider: vt, size: SIZE, search: {rate_center: HOBOKEN}}}\n"
    rig.write(pool.replace("SIZE", "1"), blind("old"))
    rig.apply()
    rig.clock.sleep(3600)
    rig.write(pool.replace("SIZE", "0"), blind("old"))
    assert rig.apply(GENEROUS).exit_code == 0
    rig.names = {"vt": "other"}
    rig.write(pool.replace("SIZE", "1"), blind("new", reads=True))
    assert rig.apply(GENEROUS).exit_code == 4
    assert len(bought(rig)) == 1


def test_an_open_order_at_another_url_stops_no_run_over_other_accounts(two_desks: Rig) -> None:
    rig = two_desks
    rig.sandbox.faults.plant(Rule("timeout", call="tnOrder", when=When.BEFORE))
    rig.write(f'numbers: {{"{NJ}": {{provider: vt}}}}\n', blind("old"))
    assert rig.apply(Options(wait=GENEROUS.wait * 0)).exit_code == 3
    rig.write(lines(a="ib") + f'  "{NJ}": {{provider: vt}}\n', blind("new"))
    assert rig.apply(Options(selection=Selection(only=("provider=ib",)))).exit_code == 0
    assert bought(rig) == [A]
    rig.clock.sleep(3600)
    report = rig.apply()
    assert report.exit_code == 4
    assert any("but it was sent to https://old" in outcome.message for outcome in report.outcomes)
    assert bought(rig) == [A]
    rig.write(lines(a="ib") + f'  "{NJ}": {{provider: vt}}\n', blind("old"))
    assert rig.apply().exit_code == 0
    assert bought(rig) == [NJ, A]


def test_nothing_is_ordered_beside_an_open_order_that_was_sent_to_another_url(rig: Rig) -> None:
    """Else the way out, to write the old URL again, would have it settled by an account that never got it."""
    at = "version: 1\nproviders: {ib: {type: infobip, base_url: 'https://URL.example.com'}, eu: {type: infobip}}\n"
    rig.sandbox.faults.plant(Rule("timeout", call="purchase", when=When.BEFORE))
    rig.write(lines(a="ib"), at.replace("URL", "old"))
    assert rig.apply(Options(wait=GENEROUS.wait * 0)).exit_code == 3
    rig.names = {"ib": "eu"}
    rig.write(lines(a="ib", b="ib"), at.replace("URL", "new"))
    assert actions(rig.plan()) == {f"number/{A}": "wait", f"number/{B}": "blocked"}
    assert rig.apply().exit_code == 4
    assert bought(rig) == []
    rig.names = {}
    rig.clock.sleep(3600)
    rig.write(lines(a="ib", b="ib"), at.replace("URL", "old"))
    assert rig.apply().exit_code == 0
    assert bought(rig) == [A, B]
