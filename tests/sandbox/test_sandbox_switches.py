from __future__ import annotations

from typing import Any

import pytest
from sandbox_desk import Desk
from sandbox_tours import tour

from reconciler.model.fleet import CarrierType
from reconciler.sandbox import SWITCHES, InfobipSwitches, IntelePeerSwitches, describe_switches
from reconciler.sandbox.switches import Setting

OTHER_SETTINGS = [
    pytest.param(CarrierType(row.carrier), row.switch, setting, id=f"{row.carrier}-{row.switch}-{setting}")
    for row in describe_switches()
    for setting in row.settings
    if setting != row.default
]


def transcript(carrier: CarrierType, **settings: Any) -> list[object]:
    desk = Desk({carrier: SWITCHES[carrier](**settings)})
    with desk.session:
        return tour(carrier, desk)


@pytest.mark.parametrize("carrier", CarrierType)
def test_a_tour_is_the_same_whenever_it_is_taken(carrier: CarrierType) -> None:
    assert transcript(carrier) == transcript(carrier)


@pytest.mark.parametrize(("carrier", "switch", "setting"), OTHER_SETTINGS)
def test_every_setting_of_every_switch_changes_what_a_client_sees(
    carrier: CarrierType, switch: str, setting: Setting
) -> None:
    assert transcript(carrier, **{switch: setting}) != transcript(carrier)


def test_every_switch_says_what_it_decides_and_has_its_default_among_two_settings_or_more() -> None:
    rows = describe_switches()
    assert {row.carrier for row in rows} == {carrier.value for carrier in CarrierType}
    for row in rows:
        assert row.about, row
        assert len(set(row.settings)) >= 2, row
        assert row.default == row.settings[0], row


@pytest.mark.parametrize(
    "settings",
    [
        {"repeat_enable": "418"},
        {"stage_seconds": -1},
        {"stage_seconds": True},
        {"stage_seconds": float("inf")},
        {"stage_seconds": float("nan")},
    ],
)
def test_a_value_that_is_no_setting_is_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="is none of"):
        IntelePeerSwitches(**settings)


def test_a_switch_of_whole_numbers_takes_no_fraction() -> None:
    assert InfobipSwitches(page_cap=7).page_cap == 7
    assert IntelePeerSwitches(stage_seconds=0.5).stage_seconds == 0.5
    with pytest.raises(ValueError, match=r"page_cap=2\.5 is none of"):
        InfobipSwitches(page_cap=2.5)  # type: ignore[arg-type]


def test_a_switch_can_be_turned_while_the_carrier_runs(desk: Desk) -> None:
    assert desk.sms("GET", "+17205550142").json() == {"provisioning": {"state": None}}
    desk.sandbox.intelepeer().turn(never_enabled="missing")
    assert desk.sms("GET", "+17205550142").json() == {"provisioning": {}}
    with pytest.raises(ValueError, match="is none of"):
        desk.sandbox.intelepeer().turn(never_enabled="sideways")
