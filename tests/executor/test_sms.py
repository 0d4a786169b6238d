"""SMS on and off at IntelePeer: how switching off ends, what is put off rather than failed, and what is said of it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from reconciler.executor.scheduler import Loop
from reconciler.model import SANDBOX, Action, Report
from reconciler.planning.limits import Allowances
from reconciler.sandbox import Event, InfobipSwitches, IntelePeerSwitches, Rule
from reconciler.sandbox.switches import settings
from reconciler.workflows.session import Options
from tests.rig import Rig, actions, results

TN, SMS, WEBHOOK = "+17205550142", "sms/+17205550142", "webhook/+17205550142"
ON, OFF = (f'numbers:\n  "{TN}": {{provider: ip, sms: {sms}}}\n' for sms in ("true", "false"))
HOOKED = ON.replace("true", 'true, webhook: "https://hooks.example.com/in"')
AT_ONCE = Options(wait=timedelta(0))

ENDS = [form for form in settings(IntelePeerSwitches)["ends_as"] if form != "404"]


def rig_with(tmp_path: Path, text: str = ON, **switches: object) -> Rig:
    rig = Rig(tmp_path, switches={"ip": IntelePeerSwitches(**switches)})  # type: ignore[arg-type]
    rig.write(text)
    return rig


def said(report: Report, address: str) -> str:
    return next(outcome.message for outcome in report.outcomes if str(outcome.address) == address)


def converged(rig: Rig) -> bool:
    report = rig.apply()
    return (report.exit_code, rig.writes(), actions(report.plan)) == (0, 0, {})


# How switching off ends


@pytest.mark.parametrize("ends_as", ENDS)
def test_what_we_switched_off_is_switched_on_again_whatever_the_word_of_off(tmp_path: Path, ends_as: str) -> None:
    rig = rig_with(tmp_path, ends_as=ends_as)
    codes = [rig.apply().exit_code]
    for text in (OFF, ON):
        rig.write(text)
        codes.append(rig.apply().exit_code)
        assert converged(rig)
    assert codes == [0, 0, 0]
    assert [entry.event for entry in rig.sandbox.ledger] == [Event.ENABLE, Event.DISABLE, Event.ENABLE]


@pytest.mark.parametrize("ends_as", ENDS)
def test_what_others_switched_off_is_switched_on_again_in_the_run_that_saw_it(tmp_path: Path, ends_as: str) -> None:
    rig = rig_with(tmp_path, ends_as=ends_as)
    rig.apply()
    rig.sandbox.intelepeer("ip").book["numbers"][TN] |= {"path": "disable", "at": rig.clock.now().timestamp()}
    assert rig.apply().exit_code == 0
    assert converged(rig)


@pytest.mark.parametrize("ends_as", ENDS)
@pytest.mark.parametrize("word", ["derequested", "deprovisioning"])
def test_a_later_run_knows_the_end_by_the_word_that_an_earlier_one_saw(tmp_path: Path, word: str, ends_as: str) -> None:
    rig = rig_with(tmp_path, ends_as=ends_as)
    rig.apply()
    carrier = rig.sandbox.intelepeer("ip")
    carrier.freeze(TN, word)
    assert rig.apply(AT_ONCE).exit_code == 3
    carrier.portal_disable(TN)
    assert actions(rig.plan()) == {SMS: "create"}
    assert rig.apply().exit_code == 0
    assert converged(rig)


@pytest.mark.parametrize("ends_as", ENDS)
def test_wanted_off_an_odd_word_after_the_way_off_is_noticed_and_stays_off(tmp_path: Path, ends_as: str) -> None:
    rig = rig_with(tmp_path, OFF, ends_as=ends_as)
    carrier = rig.sandbox.intelepeer("ip")
    carrier.freeze(TN, "deprovisioning")
    assert rig.apply(AT_ONCE).exit_code == 3
    carrier.portal_disable(TN)
    for _ in range(3):
        plan = rig.apply().plan
        odd = [notice.message for notice in plan.notices if "no document lists" in notice.message]
        assert (len(odd) == 1) is (ends_as in ("none", "deprovisioned"))
        assert "DELETE" not in "".join(odd)
        assert converged(rig)


def test_a_delete_leaves_only_where_the_last_read_of_the_run_says_provisioned(tmp_path: Path) -> None:
    rig = rig_with(tmp_path, OFF, stage_seconds=10)
    rig.sandbox.intelepeer("ip").freeze(TN, "provisioning")
    assert rig.apply(Options(wait=timedelta(seconds=30))).exit_code == 3
    assert rig.writes() == 0


# Put off, not failed


@pytest.mark.parametrize("seconds", [0, 1, 5, 20])
def test_a_not_yet_at_the_end_of_the_wait_is_waiting_and_not_failed(tmp_path: Path, seconds: int) -> None:
    rig = rig_with(tmp_path, HOOKED, webhook_delay_seconds=60)
    rig.write(ON)
    rig.apply()
    rig.write(HOOKED)
    report = rig.apply(Options(wait=timedelta(seconds=seconds)))
    assert (report.exit_code, results(report)) == (3, {WEBHOOK: "waiting"})
    assert said(report, WEBHOOK) == "HTTP 400: The telephone number has not been enabled for SMS"
    rig.clock.sleep(60)
    assert rig.apply(AT_ONCE).exit_code == 0


def test_a_not_yet_that_goes_on_for_longer_than_any_enablement_takes_has_failed(tmp_path: Path) -> None:
    rig = rig_with(tmp_path, HOOKED, webhook_delay_seconds=100_000)
    assert (rig.apply().exit_code, results(rig.apply())[WEBHOOK]) == (1, "failed")


@pytest.mark.parametrize("fault", ["429-seconds", "429-absurd", "429-absent"])
@pytest.mark.parametrize("wait", [timedelta(0), timedelta(seconds=5), timedelta(minutes=15)])
@pytest.mark.parametrize(
    ("call", "text"),
    [
        ("provision", ON),
        ("setWebhook", HOOKED),
        ("purchase", 'numbers:\n  "+447700900123": {provider: ib}\n'),
    ],
)
def test_what_the_carrier_puts_off_is_waiting_and_done_by_a_later_run(
    tmp_path: Path, call: str, text: str, fault: str, wait: timedelta
) -> None:
    rig = rig_with(tmp_path, text)
    if call == "setWebhook":
        rig.sandbox.intelepeer("ip").portal_enable(TN)
    rig.sandbox.faults.plant(Rule(fault, call=call, times=None))
    report = rig.apply(Options(wait=wait))
    assert (report.exit_code, set(results(report).values()) - {"done"}) == (3, {"waiting"})
    with rig.store() as store:
        assert store.open_intents() == []
    rig.sandbox.faults.heal()
    assert rig.apply().exit_code == 0


@pytest.mark.parametrize("seconds", [0, 5, 900])
@pytest.mark.parametrize("call", ["provision", "setWebhook"])
def test_a_conflict_that_outlasts_the_wait_is_waiting(tmp_path: Path, call: str, seconds: int) -> None:
    rig = rig_with(tmp_path, HOOKED)
    rig.sandbox.intelepeer("ip").portal_enable(TN)
    if call == "provision":
        rig.sandbox.intelepeer("ip").freeze(TN, None)
    rig.sandbox.faults.plant(Rule("409", call=call, times=None))
    report = rig.apply(Options(wait=timedelta(seconds=seconds)))
    assert (report.exit_code, "waiting" in results(report).values(), "failed" in results(report).values()) == (
        3,
        True,
        False,
    )


def test_an_assignment_that_is_to_be_tried_again_is_put_off_or_unknown_and_never_failed(rig: Rig) -> None:
    rig.write(
        "brands: {acme: {provider: vt, id: BACME01, name: ACME, description: ACME alerts}}\n"
        "campaigns: {alerts: {provider: vt, brand: acme, id: CACME01, description: Alerts}}\n"
        'numbers:\n  "+12015550123": {provider: vt, campaign: alerts}\n'
    )
    rig.sandbox.faults.plant(Rule("429-seconds", call="tnMessagingCampaign", times=None))
    report = rig.apply(AT_ONCE)
    assert (report.exit_code, results(report)["assignment/+12015550123"]) == (3, "waiting")


def test_a_webhook_that_is_put_off_does_not_outlast_the_wait(tmp_path: Path) -> None:
    rig = rig_with(tmp_path, ON)
    rig.sandbox.faults.plant(Rule("429-absurd", call="provision", times=None))
    rig.apply(AT_ONCE)
    assert rig.clock.monotonic() < 5


# What is said of it


def test_a_409_is_not_said_to_be_accepted(tmp_path: Path) -> None:
    rig = rig_with(tmp_path)
    rig.sandbox.faults.plant(Rule("409", call="provision", times=None))
    report = rig.apply(AT_ONCE)
    rig.apply()
    assert said(report, SMS) == "HTTP 409: Conflict"
    lines = [line for line in rig.heard.lines if line.startswith("waiting")]
    assert lines
    assert not any("accepted" in line for line in lines)


@pytest.mark.parametrize("fault", ["timeout", "reset", "503", "html-200", "empty-200", "failure-in-body"])
def test_what_was_not_answered_is_not_said_to_be_accepted(tmp_path: Path, fault: str) -> None:
    rig = rig_with(tmp_path)
    rig.sandbox.faults.plant(Rule(fault, call="provision", times=None))
    report = rig.apply(AT_ONCE)
    assert said(report, SMS).endswith("not known whether it was accepted")


def test_an_enablement_that_another_number_is_named_in_is_not_said_to_be_accepted(tmp_path: Path) -> None:
    rig = rig_with(tmp_path, accepted_body="other-number")
    assert "about another number" in said(rig.apply(AT_ONCE), SMS)
    assert rig.apply().exit_code == 0


def test_what_our_records_have_on_is_not_said_to_have_never_been_enabled(tmp_path: Path) -> None:
    rig = rig_with(tmp_path)
    rig.apply()
    rig.sandbox.intelepeer("ip").portal_disable(TN)
    [change] = rig.plan().changes
    assert (change.action, "our records have SMS on" in change.reason) == (Action.CREATE, True)


@pytest.mark.parametrize("word", ["requested", "provisioning"])
def test_stuck_is_told_from_its_first_run_on_with_or_without_a_wait(tmp_path: Path, word: str) -> None:
    rig = rig_with(tmp_path, stuck_in=word)
    assert rig.apply(AT_ONCE).exit_code == 3
    assert rig.apply(Options(wait=timedelta(seconds=10))).exit_code == 3
    for hours, code in ((71, 3), (2, 4), (200, 4)):
        rig.clock.sleep(hours * 3600)
        assert (rig.apply(AT_ONCE).exit_code, rig.apply().exit_code) == (code, code)
    assert len(rig.sandbox.ledger.find(Event.ENABLE)) == 1


def test_an_answer_says_the_code_of_its_body_and_not_http_200_alone(tmp_path: Path) -> None:
    rig = rig_with(tmp_path)
    rig.sandbox.faults.plant(Rule("failure-in-body", call="provision"))
    message = said(rig.apply(AT_ONCE), SMS)
    assert message == "HTTP 200: Internal server error (code 500): not known whether it was accepted"


def test_a_report_does_not_repeat_what_was_only_true_of_the_plan(rig: Rig) -> None:
    rig.write('numbers:\n  "+447700900123": {provider: ib}\n')
    saved = rig.plan(Options(allow=Allowances(purchases=0)))
    told = " ".join(notice.message for notice in saved.notices)
    assert "apply refuses it" in told
    assert "standing cost: nothing" in told
    assert rig.apply(saved=saved).notices == (SANDBOX,)


def test_a_report_says_what_is_known_now(rig: Rig) -> None:
    rig.sandbox.faults.plant(Rule("timeout", call="tnOrder"))
    rig.write('numbers:\n  "+12015550123": {provider: vt}\n')
    report = rig.apply(AT_ONCE)
    assert not [notice for notice in report.plan.notices if "is open" in notice.message]
    assert [notice.address for notice in report.notices if "is open" in notice.message] == ["number/+12015550123"]
    rig.clock.sleep(1000)
    report = rig.apply()
    assert not [notice for notice in report.notices if "is open" in notice.message]


def test_the_first_webhook_of_a_number_is_said_to_take_its_messages_away(rig: Rig) -> None:
    rig.sandbox.intelepeer("ip").portal_enable(TN)
    rig.write(HOOKED)
    notices = [n.message for n in rig.plan().notices if "inbound messages" in n.message]
    assert notices == [
        "ip: 1 webhook for numbers that show none: their inbound messages leave IntelePeer's own flows and go to the "
        "webhook"
    ]
    rig.apply()
    rig.write(HOOKED.replace("/in", "/other"))
    assert not [n for n in rig.plan().notices if "inbound messages" in n.message]


def test_a_number_whose_campaign_cannot_be_read_is_not_said_to_be_in_none(rig: Rig) -> None:
    rig.write(
        "brands: {acme: {provider: vt, id: BACME01, name: ACME, description: ACME alerts}}\n"
        "campaigns: {alerts: {provider: vt, brand: acme, id: CACME01, description: Alerts}}\n"
        'numbers:\n  "+12015550123": {provider: vt, campaign: alerts}\n'
    )
    reasons = {str(change.address): change.reason for change in rig.plan().changes}
    assert reasons == {
        "brand/acme": "our records have no such brand yet",
        "campaign/alerts": "our records have no such campaign yet",
        "number/+12015550123": "declared, not on our records, and offered for sale",
        "assignment/+12015550123": "our records have the number in no campaign, and CACME01 is declared",
    }


def test_a_webhook_that_the_carrier_does_not_show_is_not_said_to_stay_set(rig: Rig) -> None:
    rig.write(HOOKED)
    rig.apply()
    rig.sandbox.intelepeer("ip").portal_set_webhook(TN, None)
    rig.write(ON)
    [change] = rig.plan().changes
    assert (change.action, change.reason) == (Action.FORGET, "not declared any more; the carrier shows none")


def stopping_at(rig: Rig, message: str) -> None:
    """Let the run be interrupted while it waits and says that."""
    session, loops = rig.session, list[Loop]()

    def with_loop(**options: object) -> object:
        made = session(**options)  # type: ignore[arg-type]
        made.on_loop = loops.append
        return made

    def waiting(_step: object, told: str) -> None:
        if message in told:
            loops[-1].stop()

    rig.session = with_loop  # type: ignore[method-assign,assignment]
    rig.heard.waiting = waiting  # type: ignore[method-assign]


@pytest.mark.parametrize(
    ("call", "fault", "message"),
    [
        ("provision", "409", "HTTP 409: Conflict"),
        ("provision", "429-seconds", "HTTP 429: Too many requests"),
        ("provision", "timeout", "not known whether it was accepted"),
        ("setWebhook", "400", "HTTP 400: Bad request"),
        ("setWebhook", "429-seconds", "HTTP 429: Too many requests"),
        ("", "", "the carrier is at work on it (requested)"),
        ("", "", "accepted"),
    ],
)
def test_a_wait_that_is_interrupted_says_for_what_it_waited(
    tmp_path: Path, call: str, fault: str, message: str
) -> None:
    rig = rig_with(tmp_path, HOOKED, stage_seconds=30)
    address = WEBHOOK if call == "setWebhook" else SMS
    if address == WEBHOOK:
        rig.sandbox.intelepeer("ip").portal_enable(TN)
    if fault:
        rig.sandbox.faults.plant(Rule(fault, call=call, times=None))
    stopping_at(rig, message)
    report = rig.apply()
    assert results(report)[address] == "waiting"
    assert said(report, address).startswith("interrupted while waiting: ")
    assert said(report, address).endswith(message)
    with rig.store() as store:
        assert store.open_intents() == []


def test_a_number_that_is_still_provided_is_not_said_to_be_interrupted_before_it_was_sent(tmp_path: Path) -> None:
    rig = Rig(tmp_path, switches={"ib": InfobipSwitches(reservation_seconds=600)})
    rig.write('numbers:\n  "+447700900123": {provider: ib}\n')
    rig.apply(AT_ONCE)
    stopping_at(rig, "providing")
    report = rig.apply()
    assert results(report) == {"number/+447700900123": "waiting"}
    assert (
        said(report, "number/+447700900123") == "interrupted while waiting: the carrier is still providing the number"
    )
