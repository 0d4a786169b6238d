from __future__ import annotations

import re
from typing import Any

import pytest

from reconciler.model.fleet import CarrierType
from reconciler.sandbox import FAULTS, AccountSpec, Rule, When, describe_switches
from reconciler.sandbox.fault_syntax import rule, rule_of, setting, switch
from reconciler.sandbox.sandbox import CALLS

SPECS = {
    "intelepeer": AccountSpec(CarrierType.INTELEPEER),
    "voice.tel": AccountSpec(CarrierType.INUMBERING),
    "infobip": AccountSpec(CarrierType.INFOBIP),
}
ACCOUNTS = {spec.type: name for name, spec in SPECS.items()}


@pytest.mark.parametrize(
    ("text", "turned"),
    [
        ("infobip.taken=404", ("infobip", "taken", "404")),
        ("infobip.key_changes=false", ("infobip", "key_changes", False)),
        ("infobip.page_cap=20", ("infobip", "page_cap", 20)),
        ("infobip.list_lag_seconds=0.5", ("infobip", "list_lag_seconds", 0.5)),
        ("voice.tel.order_again=buys-again", ("voice.tel", "order_again", "buys-again")),
        ("intelepeer.stuck_in=", ("intelepeer", "stuck_in", "")),
    ],
)
def test_a_switch_is_written_as_account_dot_switch_equals_setting(text: str, turned: tuple[str, str, object]) -> None:
    assert switch(text, SPECS) == turned


def test_every_setting_of_every_switch_can_be_written() -> None:
    for row in describe_switches():
        account = ACCOUNTS[row.carrier]
        for value in row.settings:
            written = str(value).lower() if isinstance(value, bool) else value
            assert switch(f"{account}.{row.switch}={written}", SPECS) == (account, row.switch, value)
            assert setting(account, row.switch, value, SPECS) == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("taken=404", "write ACCOUNT.SWITCH=SETTING"),
        ("infobip.taken", "write ACCOUNT.SWITCH=SETTING"),
        ("infobib.taken=404", "`infobib` is no account; did you mean `infobip`?"),
        ("infobip.takn=404", "`takn` is no switch of infobip (infobip); did you mean `taken`?"),
        ("infobip.taken=404-emty", "`404-emty` is no setting; did you mean `404-empty`?"),
        ("infobip.taken=", "write one of `400`, `404`, `404-empty`"),
        ("infobip.key_changes=maybe", "write one of `true`, `false`"),
        ("infobip.page_cap=2.5", "write a whole number that is not negative, such as 1000, 50, 20"),
        ("infobip.list_lag_seconds=-1", "write a number that is not negative, such as 0, 5, 120, 900"),
        ("infobip.list_lag_seconds=soon", "write a number that is not negative"),
        ("infobip.list_lag_seconds=nan", "write a number that is not negative"),
    ],
)
def test_a_switch_that_cannot_be_turned_is_refused_with_what_to_write(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        switch(text, SPECS)


def test_a_fault_is_written_as_its_name_and_fields() -> None:
    assert rule("timeout", SPECS) == Rule("timeout")
    whole = "timeout,call=purchase,account=infobip,when=after,first=2,times=forever,probability=0.5"
    assert rule(whole, SPECS) == Rule("timeout", "purchase", "infobip", When.AFTER, 2, None, 0.5)
    assert rule("503,call=write,times=3", SPECS) == Rule("503", "write", times=3)
    assert rule_of({"fault": 503, "times": None, "first": 2}, SPECS) == Rule("503", first=2, times=None)


def test_every_fault_can_be_written_for_every_call_and_moment() -> None:
    for name, fault in FAULTS.items():
        for moment in fault.moments:
            assert rule(f"{name},when={moment}", SPECS).strike().when is moment
    for carrier, calls in CALLS.items():
        for call in calls:
            assert rule(f"500,account={ACCOUNTS[carrier]},call={call}", SPECS).call == call


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("timeot", "`timeot` is no fault; did you mean `timeout`?"),
        ("timeout,cal=purchase", "`cal` is no field of a fault; did you mean `call`?"),
        ("timeout,call=purchse", "`purchse` is no call; did you mean `purchase`?"),
        ("timeout,account=intelepeer,call=purchase", "`purchase` is no call of intelepeer"),
        ("timeout,account=infobib", "`infobib` is no account; did you mean `infobip`?"),
        ("timeout,when=meanwhile", "`meanwhile` is no moment of timeout; write one of `before`, `after`"),
        ("dns,when=after", "`after` is no moment of dns; write one of `before`"),
        ("timeout,first=0", "first: `0`: write a whole number from 1 on"),
        ("timeout,times=never", "times: `never`: write a whole number from 1 on, or forever"),
        ("timeout,probability=2", "probability: `2` is no number from 0 to 1"),
        ("timeout,purchase", "write FAULT,FIELD=VALUE"),
        ("timeout,first=1,first=2", "each field once"),
        ("timeout,fault=503", "each field once"),
        ("", "`` is no fault"),
    ],
)
def test_a_fault_that_cannot_be_planted_is_refused_with_what_to_write(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        rule(text, SPECS)


@pytest.mark.parametrize("fields", [{}, {"fault": None}, {"fault": []}, {"fault": "503", "times": True}])
def test_fields_of_another_shape_are_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"is no fault|write a whole number"):
        rule_of(fields, SPECS)
