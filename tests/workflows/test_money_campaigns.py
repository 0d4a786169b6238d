"""10DLC as a graph with gates: brand, campaign, number; and what moving a number to another campaign is."""

from __future__ import annotations

import pytest

from reconciler.errors import ConfigError
from reconciler.sandbox.ledger import Event
from reconciler.views import render
from tests.rig import Rig, actions, results

REGISTERED = (
    "brands: {acme: {provider: vt, id: BACME01, name: ACME, description: ACME alerts}}\n"
    "campaigns:\n"
    "  alerts: {provider: vt, brand: acme, id: CACME01, description: Alerts}\n"
    "  offers: {provider: vt, brand: acme, id: CACME02, description: Offers}\n"
)
NUMBERS = "numbers:\n" + "".join(f'  "+1201555010{n}": {{provider: vt, campaign: %s}}\n' for n in range(3))


def fleet(campaign: str) -> str:
    return REGISTERED + NUMBERS % ((campaign,) * 3)


def test_the_graph_leads_from_brand_over_campaign_and_number_to_the_assignment(rig: Rig) -> None:
    rig.write(REGISTERED + 'numbers: {"+12015550100": {provider: vt, campaign: alerts}}\n')
    lines = render.graph(rig.fleet(), "mermaid").splitlines()
    names = {line.split("[")[0].strip(): line.split('"')[1] for line in lines if '["' in line}
    drawn = [tuple(end.strip() for end in line.split("-->")) for line in lines if "-->" in line]
    edges = {(names[first], names[then]) for first, then in drawn}
    assert edges == {
        ("brand/acme", "campaign/alerts"),
        ("brand/acme", "campaign/offers"),
        ("campaign/alerts", "assignment/+12015550100"),
        ("number/+12015550100", "assignment/+12015550100"),
    }


def test_each_gate_holds_back_what_hangs_on_it(rig: Rig) -> None:
    rig.write(fleet("alerts"))
    rig.sandbox.inumbering("vt").rival_buys("+12015550101")
    plan = rig.plan()
    assert actions(plan)["assignment/+12015550101"] == "blocked"
    report = rig.apply()
    assert results(report)["assignment/+12015550100"] == "done"
    order = [(entry.event, entry.key) for entry in rig.sandbox.ledger]
    brand, campaign = order.index((Event.BRAND, "BACME01")), order.index((Event.CAMPAIGN, "CACME01"))
    assert brand < campaign < order.index((Event.ASSIGN, "+12015550100"))


def test_a_move_is_one_update_a_number_and_one_call_for_all(rig: Rig) -> None:
    rig.write(fleet("alerts"))
    assert rig.apply().exit_code == 0
    rig.write(fleet("offers"))
    plan = rig.plan()
    assert actions(plan) == {f"assignment/+1201555010{n}": "update" for n in range(3)}
    for change in plan.changes:
        assert "moves from campaign CACME01 to CACME02 in one call" in change.reason
        assert "may be filtered or blocked" in change.reason
    assert rig.apply().exit_code == 0
    assert rig.providers["vt"].http.writes == 1
    assert not rig.plan().changes


@pytest.mark.parametrize("tn", ["+18335550100", "+447700900100"])
def test_only_us_long_codes_send_for_a_campaign(rig: Rig, tn: str) -> None:
    rig.write(REGISTERED + f'numbers: {{"{tn}": {{provider: vt, campaign: alerts}}}}\n')
    with pytest.raises(ConfigError, match=r"US long code|North American"):
        rig.fleet()
