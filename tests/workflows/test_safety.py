"""Limits are checked whole before the first write; what cannot be read is never acted upon."""

from __future__ import annotations

import pytest

from reconciler.errors import InterruptedRunError, LockedError, SafetyError
from reconciler.executor.scheduler import Loop
from reconciler.model import Action
from reconciler.planning.limits import Allowances
from reconciler.planning.selection import Selection
from reconciler.providers.http.transport import WriteRefusedError
from reconciler.sandbox import Rule
from reconciler.sandbox.ledger import Event
from reconciler.workflows.session import Options
from tests.rig import ACCOUNTS, Rig, actions


def lines(first: int, count: int, account: str = "ib", prefix: str = "+447700900") -> str:
    return "".join(f'  "{prefix}{n}": {{provider: {account}}}\n' for n in range(first, first + count))


def refusal(rig: Rig, options: Options | None = None) -> str:
    booked = len(rig.sandbox.ledger)
    with pytest.raises(SafetyError) as refused:
        rig.apply(options)
    assert (len(rig.sandbox.ledger), rig.writes(), refused.value.exit_code) == (booked, 0, 5)
    return refused.value.message


def test_too_many_purchases_are_refused_with_the_option_that_allows_exactly_that_many(rig: Rig) -> None:
    rig.write("numbers:\n" + lines(100, 11))
    said = refusal(rig)
    assert "--allow-purchases 11" in said
    assert all(f"number/+447700900{n}" in said for n in range(100, 111))
    assert "over a limit" in " ".join(notice.message for notice in rig.plan().notices)
    refusal(rig, Options(allow=Allowances(purchases=10)))
    assert rig.apply(Options(allow=Allowances(purchases=11))).exit_code == 0


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("numbers:\n" + lines(100, 11), "to allow it, add --allow-purchases 11"),
        (
            "safety: {max_monthly: {EUR: '9.99'}}\nnumbers:\n" + lines(100, 2),
            "to allow it, raise safety.max_monthly.EUR",
        ),
        (
            'safety: {unknown_prices: refuse}\nnumbers:\n  "+12015550123": {provider: vt}\n',
            "to allow it, set safety.unknown_prices to allow",
        ),
    ],
)
def test_plan_and_apply_tell_the_way_out_of_a_limit_in_the_same_words(rig: Rig, text: str, remedy: str) -> None:
    rig.write(text)
    assert refusal(rig).endswith(f"\n  {remedy}")
    (notice,) = (notice for notice in rig.plan().notices if notice.message.startswith("over a limit, and apply"))
    assert notice.message.endswith(f"allowed; {remedy}") or notice.message.endswith(f"known price; {remedy}")


def test_a_release_is_refused_by_default(rig: Rig) -> None:
    rig.write("numbers:\n" + lines(100, 2))
    rig.apply()
    rig.write("numbers:\n" + lines(100, 1))
    assert "--allow-releases 1" in refusal(rig)
    assert rig.apply(Options(allow=Allowances(releases=1))).exit_code == 0
    assert len(rig.sandbox.ledger.releases()) == 1


def test_a_forgotten_number_that_goes_on_costing_counts_as_a_release(rig: Rig) -> None:
    keep = '  "+12015550124": {provider: vt}\n'
    rig.write('numbers:\n  "+12015550123": {provider: vt}\n' + keep)
    rig.apply()
    rig.write("numbers:\n" + keep)
    assert "--allow-releases 1" in refusal(rig)


def test_deletes_have_a_limit_by_percent_from_twenty_objects_up(rig: Rig) -> None:
    numbers = [f"+17205550{n}" for n in range(100, 120)]
    on = {tn: f'  "{tn}": {{provider: ip, sms: true}}\n' for tn in numbers}
    rig.write("numbers:\n" + "".join(on.values()))
    rig.apply()
    off = on | {tn: f'  "{tn}": {{provider: ip, sms: false}}\n' for tn in numbers[:3]}
    rig.write("numbers:\n" + "".join(off.values()))
    assert "at most 2 allowed" in refusal(rig)
    assert rig.apply(Options(allow=Allowances(deletes=3))).exit_code == 0
    assert len(rig.sandbox.ledger.find(Event.DISABLE)) == 3


def test_money_is_limited_by_currency(rig: Rig) -> None:
    rig.write("safety: {max_monthly: {EUR: '9.99'}}\nnumbers:\n" + lines(100, 2))
    assert "10.00 EUR monthly, at most 9.99" in refusal(rig)
    rig.write("safety: {max_monthly: {EUR: '10.00', USD: '0.00'}}\nnumbers:\n" + lines(100, 2))
    assert rig.apply().exit_code == 0


def test_a_money_limit_that_names_no_currency_refuses_every_price(rig: Rig) -> None:
    rig.write("safety: {max_monthly: {}}\nnumbers:\n" + lines(100, 1))
    assert "1 purchase priced in EUR, which safety.max_monthly does not name" in refusal(rig)


def test_unknown_prices_can_be_refused(rig: Rig) -> None:
    rig.write('safety: {unknown_prices: refuse}\nnumbers:\n  "+12015550123": {provider: vt}\n')
    assert "without a known price" in refusal(rig)


def test_an_account_for_which_nothing_is_declared_any_more_is_refused(rig: Rig) -> None:
    rig.write("numbers:\n" + lines(100, 1))
    rig.apply()
    rig.write("numbers: {}")
    everything = Allowances(releases=9)
    assert "--allow-empty ib" in refusal(rig, Options(allow=everything))
    allowed = Allowances(releases=9, empty=frozenset({"ib"}))
    assert rig.apply(Options(allow=allowed)).exit_code == 0


def test_an_account_that_shows_none_of_its_numbers_is_refused(rig: Rig) -> None:
    rig.write("numbers:\n" + lines(100, 3))
    rig.apply()
    rig.clock.sleep(3600)
    rig.sandbox.infobip("ib").turn(list_hidden=True)
    assert "shows none" in refusal(rig)
    assert set(actions(rig.plan()).values()) == {"blocked"}


@pytest.mark.parametrize("account", ["api", "ib"])
def test_a_selection_does_not_hide_that_an_account_shows_none_of_its_numbers(rig: Rig, account: str) -> None:
    held, more, prefix = (123, 2, "+12015550") if account == "api" else (100, 2, "+447700900")
    rig.write("numbers:\n" + lines(held, more, account, prefix))
    rig.apply()
    rig.clock.sleep(3600)
    carrier = rig.sandbox.inumbering("api") if account == "api" else rig.sandbox.infobip("ib")
    carrier.turn(list_hidden=True)
    rig.write("numbers:\n" + lines(held + 1, more, account, prefix))
    gone = Options(Selection(only=(f"number/{prefix}{held}",)), Allowances(releases=1))
    assert f"--allow-empty {account}" in refusal(rig, gone)
    if account == "api":  # one call lists the whole account, so it is seen even where only the new number is asked for
        new = Options(Selection(only=(f"number/{prefix}{held + more}",)))
        assert f"--allow-empty {account}" in refusal(rig, new)


def test_a_plan_says_what_to_do_about_the_records_of_an_account_that_left_the_configuration(rig: Rig) -> None:
    rig.write("numbers:\n" + lines(100, 1) + lines(123, 1, "vt", "+12015550"))
    rig.apply()
    rig.write("numbers:\n" + lines(123, 1, "vt", "+12015550"), ACCOUNTS.replace("  ib: {type: infobip}\n", ""))
    (left,) = rig.plan().changes
    assert (left.action, str(left.address)) == (Action.BLOCKED, "number/+447700900100")
    assert "no account 'ib'" in left.reason


def test_protection_outlives_its_line_and_is_lifted_by_an_earlier_apply(rig: Rig) -> None:
    keep = lines(101, 1)
    rig.write('numbers:\n  "+447700900100": {provider: ib, protect: true}\n' + keep)
    rig.apply()
    rig.write("numbers:\n" + keep)
    allowed = Options(allow=Allowances(releases=1))
    assert rig.apply(allowed).exit_code == 4
    assert not rig.sandbox.ledger.releases()
    rig.write('numbers:\n  "+447700900100": {provider: ib, protect: false}\n' + keep)
    assert rig.apply().exit_code == 0
    rig.write("numbers:\n" + keep)
    assert rig.apply(allowed).exit_code == 0
    assert len(rig.sandbox.ledger.releases()) == 1


def test_what_cannot_be_read_is_unresolved_and_the_run_ends_with_one(rig: Rig) -> None:
    rig.write("numbers:\n" + lines(100, 2) + '  "+17205550142": {provider: ip, sms: true}\n')
    rig.sandbox.faults.plant(Rule("500", call="read", account="ib", times=None))
    plan = rig.plan()
    assert set(plan.unresolved) == {"number/+447700900100", "number/+447700900101"}
    assert actions(plan) == {"sms/+17205550142": "create"}
    assert rig.apply().exit_code == 1
    assert not rig.sandbox.ledger.charges()
    assert len(rig.sandbox.ledger.find(Event.ENABLE)) == 1


def test_what_two_accounts_could_not_read_is_told_account_by_account(rig: Rig) -> None:
    rig.write("numbers:\n" + lines(100, 2) + '  "+17205550142": {provider: ip, sms: true}\n')
    for account in ("ib", "ip"):
        rig.sandbox.faults.plant(Rule("500", call="read", account=account, times=None))
    told = [notice.message for notice in rig.plan().notices if notice.severity == "error"]
    assert [message.partition(": ")[0] for message in told] == [
        "could not be read at ib (and 1 more)",
        "could not be read at ip",
    ]


def test_a_refused_credential_is_named_in_the_notice(rig: Rig) -> None:
    rig.write("numbers:\n" + lines(100, 1))
    rig.sandbox.faults.plant(Rule("403", call="read", account="ib", times=None))
    (notice,) = (notice for notice in rig.plan().notices if notice.severity == "error")
    assert notice.message.endswith("; nothing is done about it: check the credential of ib")


def test_a_reading_session_cannot_write_to_a_carrier(rig: Rig) -> None:
    from reconciler.workflows import apply

    rig.write("numbers:\n" + lines(100, 1))
    with rig.store() as store, pytest.raises(WriteRefusedError):
        apply.apply(rig.session(writes=False, store=store), Options(), lambda _plan: True)
    assert len(rig.sandbox.ledger) == 0


@pytest.mark.parametrize("saved", [False, True], ids=["planned", "saved"])
def test_a_run_that_is_told_to_stop_while_it_plans_asks_and_sends_nothing(rig: Rig, saved: bool) -> None:
    from reconciler.workflows import apply

    rig.write("numbers:\n" + lines(100, 1))
    plan = rig.plan() if saved else None
    rig.sandbox.faults.plant(Rule("503", call="read", account="ib", times=None))
    asked: list[object] = []
    with rig.store() as store:
        session = rig.session(writes=True, store=store)
        session.on_loop = Loop.stop
        with pytest.raises(InterruptedRunError, match="interrupted while planning"):
            apply.apply(session, Options(), lambda planned: not asked.append(planned), plan)
    assert (asked, len(rig.sandbox.ledger)) == ([], 0)


def test_a_second_apply_is_locked_out(rig: Rig) -> None:
    rig.write("numbers:\n" + lines(100, 1))
    with rig.store() as store, store.locked(), pytest.raises(LockedError) as locked:
        rig.apply()
    assert locked.value.exit_code == 7
    assert not rig.sandbox.ledger.charges()


def test_a_failed_step_skips_only_what_hangs_on_it(rig: Rig) -> None:
    rig.write(
        "brands: {acme: {provider: vt, id: BACME01, name: ACME, description: ACME alerts}}\n"
        "campaigns: {alerts: {provider: vt, brand: acme, id: CACME01, description: Alerts}}\n"
        'numbers:\n  "+12015550123": {provider: vt, campaign: alerts}\n  "+12015550124": {provider: vt}\n'
    )
    rig.sandbox.faults.plant(Rule("400", call="addMessagingCampaign"))
    report = rig.apply()
    assert report.exit_code == 1
    assert {str(o.address): o.result.value for o in report.outcomes} == {
        "brand/acme": "done",
        "campaign/alerts": "failed",
        "number/+12015550123": "done",
        "number/+12015550124": "done",
        "assignment/+12015550123": "skipped",
    }
    assert rig.apply().exit_code == 0
    assert actions(rig.plan()) == {}


def test_a_batch_goes_on_without_the_numbers_that_failed(rig: Rig) -> None:
    rig.write(
        "brands: {acme: {provider: vt, id: BACME01, name: ACME, description: ACME alerts}}\n"
        "campaigns: {alerts: {provider: vt, brand: acme, id: CACME01, description: Alerts}}\n"
        'numbers:\n  "+12015550123": {provider: vt, campaign: alerts}\n'
        '  "+12015550124": {provider: vt, campaign: alerts}\n'
    )
    rig.sandbox.faults.plant(Rule("400", call="tnOrder"))
    assert rig.apply().exit_code == 1
    assert len(rig.sandbox.ledger.find(Event.ASSIGN)) == 1
