"""A webhook is done when its answer names it or a read shows it, and is not written for ever.

What IntelePeer's 200 holds, and what it makes of a URL, is in no document: everything here is so under every setting.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.model import Report
from reconciler.sandbox import Event, IntelePeerSwitches, Rule
from reconciler.sandbox.switches import settings
from reconciler.workflows.drift import find_drift
from reconciler.workflows.session import Options
from tests.rig import Rig, actions, results

TN, WEBHOOK = "+17205550142", "webhook/+17205550142"
URL = "https://bob:s3cret@Hooks.Example.com:443/./In/%7Euser?k=t0ken"
FLEET = f'numbers:\n  "{TN}": {{provider: ip, sms: true, webhook: "{URL}"}}\n'

KNOWN = settings(IntelePeerSwitches)
ANSWERS = pytest.mark.parametrize("answer", KNOWN["webhook_answer"])
THE_SAME = pytest.mark.parametrize("form", [form for form in KNOWN["webhook_kept"] if form != "lower-case"])


def rig_with(tmp_path: Path, **switches: object) -> Rig:
    rig = Rig(tmp_path, switches={"ip": IntelePeerSwitches(**switches)})  # type: ignore[arg-type]
    rig.sandbox.intelepeer("ip").portal_enable(TN)
    rig.write(FLEET)
    return rig


def said(report: Report) -> str:
    return next(outcome.message for outcome in report.outcomes if str(outcome.address) == WEBHOOK)


def drifted(rig: Rig) -> list[str]:
    with rig.store() as store:
        return [str(d.address) for d in find_drift(rig.session(writes=False, store=store), Options()).drifted]


@ANSWERS
@THE_SAME
def test_a_webhook_is_written_once_whatever_is_answered_and_kept(tmp_path: Path, answer: str, form: str) -> None:
    rig = rig_with(tmp_path, webhook_answer=answer, webhook_kept=form)
    assert results(rig.apply())[WEBHOOK] == "done"
    assert rig.writes() == 1
    for _ in range(2):
        assert drifted(rig) == []
        again = rig.apply()
        assert (again.exit_code, rig.writes(), actions(again.plan)) == (0, 0, {})


@ANSWERS
def test_at_most_one_read_more_is_made_for_a_write(tmp_path: Path, answer: str) -> None:
    rig = rig_with(tmp_path, webhook_answer=answer)
    rig.plan()
    planning = rig.reads()["ip"]
    rig.apply()
    assert rig.reads()["ip"] - planning == (0 if answer == "full" else 1)


@ANSWERS
def test_a_200_that_changed_nothing_is_not_done_and_not_written_for_ever(tmp_path: Path, answer: str) -> None:
    rig = rig_with(tmp_path, webhook_answer=answer, webhook_ignored=True)
    codes = [rig.apply().exit_code for _ in range(5)]
    believed_at_first = int(answer == "full")
    assert codes == ([0, 3, 4, 4, 4] if believed_at_first else [3, 4, 4, 4, 4])
    assert actions(rig.plan())[WEBHOOK] == "blocked"
    rig.apply()
    assert rig.writes() == 0
    assert len(rig.sandbox.ledger.find(Event.WEBHOOK, key=TN)) == 2 + believed_at_first


@ANSWERS
def test_a_carrier_that_keeps_another_url_is_not_written_to_at_every_run(tmp_path: Path, answer: str) -> None:
    rig = rig_with(tmp_path, webhook_answer=answer, webhook_kept="lower-case")
    codes = [rig.apply().exit_code for _ in range(4)]
    assert codes == [3, 4, 4, 4]
    assert rig.writes() == 0
    change = next(change for change in rig.plan().changes if str(change.address) == WEBHOOK)
    assert (change.action.value, "another webhook" in change.reason) == ("blocked", True)


def test_an_answer_about_another_number_is_said_to_be_that(tmp_path: Path) -> None:
    rig = rig_with(tmp_path, webhook_answer="other-number", webhook_ignored=True)
    report = rig.apply()
    assert results(report)[WEBHOOK] == "unknown"
    assert "about another number" in said(report)
    assert "the carrier shows no webhook" in said(report)


def test_a_webhook_whose_read_fails_is_unknown_and_not_done(tmp_path: Path) -> None:
    rig = rig_with(tmp_path)
    rig.sandbox.faults.plant(Rule("503", call="getWebhook", first=2, times=None))
    report = rig.apply()
    assert (report.exit_code, results(report)[WEBHOOK]) == (3, "unknown")
    assert "could not be read" in said(report)
    rig.sandbox.faults.heal()
    assert rig.apply().exit_code == 0


@THE_SAME
def test_a_slash_is_said_once(tmp_path: Path, form: str) -> None:
    rig = rig_with(tmp_path, webhook_kept=form)
    rig.write(FLEET.replace("%7Euser", "%7Euser/") if form == "slash-dropped" else FLEET)
    assert ("slash" in said(rig.apply())) is form.startswith("slash")
    assert not [notice for notice in rig.apply().plan.notices if "one slash" in notice.message]


def test_a_slash_that_shows_only_in_a_later_read_is_said_until_an_apply_has_remembered_it(tmp_path: Path) -> None:
    rig = rig_with(tmp_path, webhook_answer="full")
    assert rig.apply().exit_code == 0
    rig.sandbox.intelepeer("ip").turn(webhook_kept="slash-added")
    assert [n.address for n in rig.plan().notices if "one slash" in n.message] == [WEBHOOK]
    assert drifted(rig) == []
    rig.apply()
    assert (rig.writes(), [n for n in rig.plan().notices if "one slash" in n.message]) == (0, [])


def test_a_slash_that_a_colleague_added_is_taken_away(tmp_path: Path) -> None:
    rig = rig_with(tmp_path)
    rig.apply()
    rig.sandbox.intelepeer("ip").portal_set_webhook(TN, URL.replace("?", "/?"))
    assert drifted(rig) == [WEBHOOK]
    assert actions(rig.plan()) == {WEBHOOK: "update"}
    assert rig.apply().exit_code == 0
    assert rig.sandbox.intelepeer("ip").webhook(TN) == URL


@ANSWERS
def test_what_a_colleague_changes_is_put_right_every_time(tmp_path: Path, answer: str) -> None:
    rig = rig_with(tmp_path, webhook_answer=answer)
    rig.apply()
    for _ in range(4):
        rig.sandbox.intelepeer("ip").portal_set_webhook(TN, "https://other.example/in")
        assert rig.apply().exit_code == 0
        assert rig.sandbox.intelepeer("ip").webhook(TN) == URL


def test_another_url_in_the_file_is_sent_also_where_it_differs_by_a_slash_only(tmp_path: Path) -> None:
    rig = rig_with(tmp_path, webhook_kept="slash-added")
    rig.apply()
    rig.write(FLEET.replace("?k=", "//?k="))
    assert actions(rig.plan()) == {WEBHOOK: "update"}


def test_what_is_remembered_of_a_webhook_holds_no_secret(tmp_path: Path) -> None:
    rig = rig_with(tmp_path, webhook_kept="lower-case")
    for _ in range(2):
        report = rig.apply()
    message = "".join([said(report), *(change.reason for change in rig.plan().changes)])
    image = b"".join(path.read_bytes() for path in tmp_path.glob("state.db*")) + message.encode()
    assert b"s3cret" not in image
    assert b"t0ken" not in image
