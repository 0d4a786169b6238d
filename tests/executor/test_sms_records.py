"""What is on record of SMS: what an answer has accepted or a read has shown, and nothing that was only asked for."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from reconciler.model import Address, Record
from reconciler.planning.drift import Drift
from reconciler.sandbox import IntelePeerSwitches, Rule, When
from reconciler.workflows.drift import find_drift
from reconciler.workflows.session import Options
from tests.rig import Rig, actions, results

TN = "+17205550142"
SMS = Address.parse(f"sms/{TN}")
BRIEFLY = Options(wait=timedelta(seconds=5))
ON, OFF = f'numbers: {{"{TN}": {{provider: ip, sms: true}}}}', f'numbers: {{"{TN}": {{provider: ip, sms: false}}}}'

NOT_ACCEPTED = ["409", "503", "empty-200", "failure-in-body"]


def record(rig: Rig) -> Record | None:
    with rig.store() as store:
        return store.record(SMS)


def drift(rig: Rig) -> Drift:
    with rig.store() as store:
        return find_drift(rig.session(writes=False, store=store), Options())


def refusing(rig: Rig, fault: str) -> None:
    """No switching on or off is accepted, nor comes to anything."""
    rig.sandbox.faults.plant(Rule(fault, call="provision", when=When.BEFORE, times=None))
    rig.sandbox.faults.plant(Rule(fault, call="deprovision", when=When.BEFORE, times=None))


@pytest.mark.parametrize("fault", NOT_ACCEPTED)
def test_sms_that_was_never_accepted_is_not_on_record(rig: Rig, fault: str) -> None:
    rig.write(ON)
    refusing(rig, fault)
    report = rig.apply(BRIEFLY)
    assert (report.exit_code, results(report), record(rig)) == (3, {str(SMS): "waiting"}, None)
    found = drift(rig)
    assert (found.drifted, found.waiting, found.in_sync) == ((), {}, 0)
    [change] = rig.plan().changes
    assert (change.action, change.reason) == ("create", "SMS is declared on, and off at the carrier")


@pytest.mark.parametrize("fault", NOT_ACCEPTED)
def test_sms_that_was_not_accepted_a_second_time_is_on_record_as_it_was(rig: Rig, fault: str) -> None:
    rig.write(ON)
    assert rig.apply().exit_code == 0
    before = record(rig)
    rig.sandbox.intelepeer("ip").portal_disable(TN)
    refusing(rig, fault)
    assert rig.apply(BRIEFLY).exit_code == 3
    assert record(rig) == before
    assert [(str(d.address), d.drift_class.value, d.reason) for d in drift(rig).drifted] == [
        (str(SMS), "missing", "applied, and not there any more")
    ]


@pytest.mark.parametrize("fault", NOT_ACCEPTED)
def test_sms_whose_switching_off_was_never_accepted_is_not_let_go(rig: Rig, fault: str) -> None:
    rig.write(ON)
    assert rig.apply().exit_code == 0
    rig.write(OFF)
    refusing(rig, fault)
    assert rig.apply(BRIEFLY).exit_code == 3
    known = record(rig)
    assert known is not None
    assert not known.tombstone
    assert actions(rig.plan()) == {str(SMS): "delete"}


def test_an_enablement_that_a_read_shows_under_way_is_on_record(tmp_path: Path) -> None:
    rig = Rig(tmp_path, switches={"ip": IntelePeerSwitches(stage_seconds=90)})
    rig.write(ON)
    rig.sandbox.faults.plant(Rule("503", call="provision", when=When.AFTER))
    assert rig.apply(BRIEFLY).exit_code == 3
    known = record(rig)
    assert known is not None
    assert (known.applied["enabled"], known.tombstone) == (True, False)
    rig.clock.sleep(600)
    assert (actions(rig.plan()), rig.apply().exit_code) == ({}, 0)


def test_sms_that_somebody_is_switching_off_is_not_on_record_as_on(rig: Rig) -> None:
    rig.sandbox.intelepeer("ip").freeze(TN, "deprovisioning")
    rig.write(ON)
    assert rig.apply(BRIEFLY).exit_code == 3
    known = record(rig)
    assert known is not None
    assert (known.applied["enabled"], known.tombstone, known.carrier_status) == (False, False, "deprovisioning")
    assert [str(address) for address in drift(rig).waiting] == [str(SMS)]
    rig.sandbox.intelepeer("ip").freeze(TN, None)
    found = drift(rig)
    assert (found.drifted, found.waiting, found.in_sync) == ((), {}, 1)
    rig.sandbox.intelepeer("ip").portal_enable(TN)
    assert [d.reason for d in drift(rig).drifted] == ["our records have SMS off, and it is on"]
    assert rig.apply().exit_code == 0
    assert drift(rig).in_sync == 1


def test_sms_that_was_just_accepted_and_is_shown_off_waits_and_is_missing_only_later(rig: Rig) -> None:
    rig.write(ON)
    assert rig.apply(Options(wait=timedelta(0))).exit_code == 3
    rig.sandbox.intelepeer("ip").freeze(TN, None)
    found = drift(rig)
    assert (found.drifted, list(found.waiting.values())) == (
        (),
        ["switched on a short while ago, and the carrier may not show it so soon"],
    )
    rig.clock.sleep(901)
    assert [d.reason for d in drift(rig).drifted] == ["accepted, and not seen to be on since"]


def test_sms_that_was_seen_on_and_is_off_a_moment_later_is_missing(rig: Rig) -> None:
    rig.write(ON)
    assert rig.apply().exit_code == 0
    rig.sandbox.intelepeer("ip").portal_disable(TN)
    assert [d.reason for d in drift(rig).drifted] == ["applied, and not there any more"]
