"""An assignment that is answered as done is done once it is seen, where that can be read, and is not sent for ever."""

from __future__ import annotations

import pytest

from reconciler.model import Address, Plan
from reconciler.planning.drift import Drift
from reconciler.workflows.drift import find_drift
from reconciler.workflows.session import Options
from tests.rig import Rig, actions, results

TN = "+12015550123"
ASSIGNMENT = f"assignment/{TN}"
CAMPAIGNS = """
brands: {acme: {provider: api, id: BACME01, name: ACME, description: ACME alerts}}
campaigns:
  alerts: {provider: api, brand: acme, id: CACME01, description: Alerts}
  offers: {provider: api, brand: acme, id: CACME02, description: Offers}
"""


def fleet(campaign: str = "alerts") -> str:
    return f'{CAMPAIGNS}numbers:\n  "{TN}": {{provider: api, campaign: {campaign}}}\n'


def reason(plan: Plan) -> str:
    return next(change.reason for change in plan.changes if str(change.address) == ASSIGNMENT)


def drift(rig: Rig) -> Drift:
    with rig.store() as store:
        return find_drift(rig.session(writes=False, store=store), Options())


def sent(rig: Rig, *, listed: str | None) -> None:
    """One apply whose assignment is answered as done, while the carrier lists the number elsewhere."""
    assert rig.apply().exit_code == 0
    rig.sandbox.inumbering("api").portal_assign(TN, listed)


@pytest.mark.parametrize("listed", [None, "CACME02"])
def test_an_assignment_that_is_never_shown_is_sent_twice_and_then_a_persons(rig: Rig, listed: str | None) -> None:
    rig.write(fleet())
    for tries in range(2):
        sent(rig, listed=listed)
        assert actions(rig.plan()) == {ASSIGNMENT: "wait"}, "lists lag"
        assert [str(a) for a in drift(rig).waiting] == [ASSIGNMENT]
        rig.clock.sleep(1000)
        assert len(drift(rig).drifted) == 1
        if not tries:
            assert "any more" not in reason(rig.plan())
    for _ in range(2):
        report = rig.apply()
        assert (report.exit_code, results(report), rig.writes()) == (4, {ASSIGNMENT: "skipped"}, 0)
    assert "it was sent 2 times for campaign CACME01 and answered as done, no apply has seen it since, and" in reason(
        rig.plan()
    )


def test_an_assignment_that_was_seen_begins_anew(rig: Rig) -> None:
    rig.write(fleet())
    for _ in range(4):
        assert rig.apply().exit_code == 0
        rig.clock.sleep(1000)
        assert rig.apply().exit_code == 0, "it is seen"
        rig.sandbox.inumbering("api").portal_assign(TN, None)
        assert reason(rig.plan()) == "the carrier does not list the number under campaign CACME01 any more"
        assert [d.reason for d in drift(rig).drifted] == ["applied, and not there any more"]


def test_an_assignment_to_another_campaign_begins_anew(rig: Rig) -> None:
    rig.write(fleet())
    for _ in range(2):
        sent(rig, listed=None)
        rig.clock.sleep(1000)
    assert rig.apply().exit_code == 4
    rig.write(fleet("offers"))
    assert rig.apply().exit_code == 0
    assert rig.writes() == 1


def test_an_assignment_that_is_shown_after_all_is_in_sync(rig: Rig) -> None:
    rig.write(fleet())
    for _ in range(2):
        sent(rig, listed=None)
        rig.clock.sleep(1000)
    assert rig.apply().exit_code == 4
    rig.sandbox.inumbering("api").portal_assign(TN, "CACME01")
    assert rig.apply().exit_code == 0
    with rig.store() as store:
        known = store.record(Address.parse(ASSIGNMENT))
    assert known is not None
    assert dict(known.external) == {}
