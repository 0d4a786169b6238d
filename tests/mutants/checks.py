"""What must see the bugs that the simulation cannot, where no other test could be reused.

The simulation judges what carriers charged and were asked. It reads no message, changes no price, edits no plan file,
writes every number in quotes and never asks how long a run took.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from reconciler.errors import ConfigError, CredentialError, DamagedPlanError
from reconciler.model import Address, Kind, Verdict
from reconciler.model.fleet import SecretRef
from reconciler.planning.limits import Allowances
from reconciler.providers.credentials import Secrets
from reconciler.providers.http.messages import Answer, Auth
from reconciler.providers.http.redact import Redactor
from reconciler.providers.infobip import verdicts as infobip
from reconciler.providers.inumbering import verdicts as inumbering
from reconciler.sandbox import Rule, When
from reconciler.sandbox.messages import TransportEffect
from reconciler.state import plan_file
from reconciler.workflows.session import Options
from tests.mutants.checking import check
from tests.rig import Rig, actions, results

BRIEFLY = Options(wait=timedelta(0))
IB, VT, IP = "+447700900123", "+12015550123", "+17205550142"
ODD_KEYED = "+447700900125"
"""The sandbox gives numbers that end in 5 the keys that are hard to quote."""
KEPT = '  "+447700900124": {provider: ib}\n'
"""A second number, so that its account is never declared empty."""


def _buying(rig: Rig, account: str, **switches: Any) -> None:
    """Declare one number at ``account``, whose carrier has these switches turned."""
    rig.write(f'numbers:\n  "{IB if account == "ib" else VT}": {{provider: {account}}}')
    carrier = rig.sandbox.infobip(account) if account == "ib" else rig.sandbox.inumbering(account)
    carrier.turn(**switches)


# Orders


@check
def the_wait_begins_anew_with_each_attempt(rig: Rig) -> None:
    _buying(rig, "api")
    rig.sandbox.faults.plant(Rule("503", call="tnOrder", when=When.BEFORE, times=None))
    sent = []
    for seconds in (0, 902, 5):
        rig.clock.sleep(seconds)
        rig.apply(BRIEFLY)
        sent.append(rig.writes())
    assert sent == [1, 1, 0], f"orders sent at once, after 902 s, and 5 s after that: {sent}"


@check
def whole_seconds_of_the_date_do_not_shorten_the_wait(rig: Rig) -> None:
    _buying(rig, "vt")
    rig.clock.sleep(0.9)
    rig.sandbox.faults.plant(Rule("503", call="tnOrder", when=When.BEFORE))
    rig.apply(BRIEFLY)
    rig.clock.sleep(899.2)
    rig.apply(BRIEFLY)
    assert rig.writes() == 0, "ordered again 899.2 s after the last attempt, where 900 s are due"


@check
def a_wait_without_a_date_never_ends_by_itself(rig: Rig) -> None:
    _buying(rig, "vt")
    rig.sandbox.faults.plant(Rule("timeout", call="tnOrder", when=When.BEFORE))
    rig.sandbox.faults.plant(Rule("no-date", account="vt", times=None))
    rig.apply(BRIEFLY)
    rig.clock.sleep(2000)
    rig.apply(BRIEFLY)
    assert rig.writes() == 0, "an attempt of unknown time was followed by another"


@check
def absence_from_a_list_and_a_search_does_not_free_the_slot(rig: Rig) -> None:
    _buying(rig, "api", list_lag_seconds=900, search_cache_seconds=600, order_again="buys-again")
    rig.sandbox.faults.plant(Rule("timeout", call="tnOrder", when=When.AFTER))
    for _ in range(3):
        rig.apply(BRIEFLY)
        rig.clock.sleep(60)
    assert not rig.sandbox.ledger.double_charges(), "the number was charged twice"


@check
def a_number_that_left_the_account_is_never_bought_again_by_itself(rig: Rig) -> None:
    _buying(rig, "ib")
    rig.apply()
    rig.clock.sleep(3600)
    rig.sandbox.infobip("ib").portal_release(IB)
    assert actions(rig.plan()) == {f"number/{IB}": "blocked"}, f"the plan says {actions(rig.plan())}"


@check
def a_number_that_nobody_offers_is_not_ordered(rig: Rig) -> None:
    _buying(rig, "vt")
    rig.sandbox.inumbering("vt").rival_buys(VT)
    rig.apply()
    assert rig.writes() == 0, "a number that a rival has was ordered"


@check
def a_success_without_an_order_id_is_no_order(rig: Rig) -> None:
    _buying(rig, "vt", search_cache_seconds=600, order_taken="200-null")
    rig.plan()
    rig.sandbox.inumbering("vt").rival_buys(VT)
    said = results(rig.apply(BRIEFLY))[f"number/{VT}"]
    assert said == "unknown", f"the order of a number that a rival has is {said}"


@check
def an_answer_about_another_number_proves_nothing(rig: Rig) -> None:
    _buying(rig, "ib")
    rig.sandbox.faults.plant(Rule("other-number", call="purchase"))
    rig.apply()
    with rig.store() as store:
        verdicts = [a.verdict for i in store.history(Address(Kind.NUMBER, IB)) for a in i.attempts]
    assert verdicts == [Verdict.MAYBE], f"judged as {verdicts}"


@check
def a_release_is_believed_only_once_the_number_is_seen_to_be_gone(rig: Rig) -> None:
    rig.write(f'numbers:\n  "{IB}": {{provider: ib}}\n{KEPT}')
    rig.apply()
    rig.write(f"numbers:\n{KEPT}")
    rig.sandbox.faults.plant(Rule("404", call="cancel"))
    rig.apply(Options(allow=Allowances(releases=1)))
    named = f"number/{IB}" in actions(rig.plan())
    assert named or IB not in rig.sandbox.infobip("ib").owned(), "it is still paid for, and no plan names it any more"


# The wire


@check
def a_list_is_read_to_its_last_page(rig: Rig) -> None:
    owned = [f"+447700900{n}" for n in range(100, 130)]
    rig.sandbox.infobip("ib").turn(page_cap=20)
    for tn in owned:
        rig.sandbox.infobip("ib").portal_buy(tn)
    rig.write("numbers:\n" + "".join(f'  "{tn}": {{provider: ib}}\n' for tn in owned))
    unseen = [address for address, action in actions(rig.plan()).items() if action != "adopt"]
    assert not unseen, f"{len(unseen)} of {len(owned)} owned numbers were not seen"


@check
def a_key_of_dots_and_slashes_reaches_its_own_number(rig: Rig) -> None:
    rig.sandbox.infobip("ib").turn(key_style="path")
    rig.write(f'numbers:\n  "{ODD_KEYED}": {{provider: ib}}\n{KEPT}')
    rig.apply()
    rig.write(f"numbers:\n{KEPT}")
    rig.apply(Options(allow=Allowances(releases=1)))
    gone = [entry.key for entry in rig.sandbox.ledger.releases()]
    assert gone == [ODD_KEYED], f"the number whose key holds /../ was to be released, and these were: {gone}"


@check
def no_credential_goes_where_a_redirect_leads(rig: Rig) -> None:
    _buying(rig, "vt")
    asked: list[str] = []
    exchange = rig.sandbox.exchange

    def spy(method: str, target: str, headers: Mapping[str, str], body: bytes) -> TransportEffect:
        asked.append(target)
        return exchange(method, target, headers, body)

    rig.sandbox.exchange = spy  # type: ignore[method-assign]
    rig.sandbox.faults.plant(Rule("307", call="tnOrder"))
    rig.apply(BRIEFLY)
    elsewhere = [target for target in asked if not target.startswith("/vt/")]
    assert not elsewhere, f"sent on to {elsewhere}"


@check
def no_carrier_makes_a_run_wait_for_ever(rig: Rig) -> None:
    rig.write(f'numbers:\n  "{IB}": {{provider: ib}}\n{KEPT}')
    rig.sandbox.faults.plant(Rule("429-absurd", call="purchase"))
    rig.apply()
    waited = rig.clock.monotonic()
    assert waited <= 1000, f"an apply that may wait for 900 s took {waited:.0f} s"


# Messages


@check
def a_number_stands_in_a_path_as_documented(rig: Rig) -> None:
    rig.sandbox.intelepeer("ip").turn(path_plus="literal")
    rig.write(f'numbers:\n  "{IP}": {{provider: ip, sms: true}}')
    code = rig.apply().exit_code
    assert code == 0, f"a carrier that does not decode paths, and the apply ended with {code}"


@check
def a_conflict_is_waited_out(rig: Rig) -> None:
    rig.write(f'numbers:\n  "{IP}": {{provider: ip, sms: true}}')
    rig.sandbox.faults.plant(Rule("409", call="provision"))
    code = rig.apply().exit_code
    assert code == 0, f"one 409, and the apply ended with {code}"


@check
def a_storm_of_conflicts_is_met_with_reads(rig: Rig) -> None:
    rig.write(f'numbers:\n  "{IP}": {{provider: ip, sms: true}}')
    rig.sandbox.faults.plant(Rule("409", call="provision", times=200))
    rig.apply()
    assert rig.writes() <= 3, f"{rig.writes()} writes against 409"


@check
def sms_is_switched_off_only_once_it_is_on(rig: Rig) -> None:
    rig.sandbox.intelepeer("ip").freeze(IP, "provisioning")
    rig.write(f'numbers:\n  "{IP}": {{provider: ip, sms: false}}')
    rig.apply()
    assert rig.writes() == 0, f"writes while the number was being provisioned: {rig.writes()}"


@check
def a_webhook_is_set_once_sms_is_on(rig: Rig) -> None:
    rig.sandbox.intelepeer("ip").turn(stage_seconds=10)
    rig.write(f'numbers:\n  "{IP}": {{provider: ip, sms: true, webhook: "https://hooks.example.com/in"}}')
    rig.apply()
    assert rig.writes() == 2, f"{rig.writes()} writes for one enablement and one webhook"


@check
def a_partial_success_is_settled_number_by_number(rig: Rig) -> None:
    rig.write(
        "brands: {acme: {provider: vt, id: BACME01, name: ACME, description: ACME alerts}}\n"
        "campaigns: {alerts: {provider: vt, brand: acme, id: CACME01, description: Alerts}}\n"
        f'numbers:\n  "{VT}": {{provider: vt, campaign: alerts}}\n'
        '  "+12015550124": {provider: vt, campaign: alerts}\n'
    )
    rig.sandbox.inumbering("vt").exclude("+12015550124")
    said = results(rig.apply())["assignment/+12015550124"]
    assert said == "failed", f"the number that was left out is {said}"


# Words and values


@check
def an_unquoted_number_is_itself_or_refused(rig: Rig) -> None:
    for written in ("+17205550142", "017205550142", "+1_720_555_0142", "0o172055501", "7205550142:00", "17205550142"):
        rig.write(f"numbers:\n  {written}: {{provider: ip, sms: true}}")
        try:
            read = {resource.address.name for resource in rig.fleet().resources}
        except ConfigError:
            continue
        assert read == {written}, f"{written} was read as {', '.join(read)}"


@check
def a_number_has_ascii_digits_and_no_newline(rig: Rig) -> None:
    for written in ('"+4477009001٢٣"', '"+447700900123\\n"'):
        rig.write(f"numbers:\n  {written}: {{provider: ib}}")
        with pytest.raises(ConfigError):
            rig.fleet()


@check
def an_error_about_a_credential_does_not_show_it(_rig: Rig) -> None:
    secrets = Secrets({"token": SecretRef("env", ("TOKEN",))}, {"TOKEN": "canary\x07canary"})
    with pytest.raises(CredentialError) as refused:
        secrets.get("token")
    assert "canary" not in str(refused.value) + repr(refused.value), "the message shows the credential"


@check
def a_carrier_that_repeats_a_credential_is_not_quoted_with_it(_rig: Rig) -> None:
    said = Redactor(Auth(headers={"Authorization": "App canary123"}))("no such key: canary123")
    assert "canary" not in said, f"shown as: {said}"


@check
def money_adds_up_exactly(rig: Rig) -> None:
    rig.sandbox.infobip("ib").reprice(IB, "0.10")
    rig.sandbox.infobip("ib").reprice("+447700900124", "0.20")
    limit = "safety: {max_monthly: {EUR: '0.30'}}\n"
    rig.write(f'{limit}numbers:\n  "{IB}": {{provider: ib}}\n  "+447700900124": {{provider: ib}}\n')
    over = [notice.message for notice in rig.plan().notices if "at most 0.30" in notice.message]
    assert not over, over[0]


@check
def a_changed_plan_file_is_refused(rig: Rig) -> None:
    _buying(rig, "ib")
    document = json.loads(plan_file.dumps(rig.plan()))
    document["changes"][0]["address"] = "number/+447700900124"
    with pytest.raises(DamagedPlanError):
        plan_file.loads(json.dumps(document).encode())


@check
def a_refusal_that_shows_the_sale_is_no_refusal(_rig: Rig) -> None:
    row = {"number": IB.removeprefix("+"), "numberKey": "NEW"}
    sold = Answer(404, row, is_json=True, empty=False)
    assert infobip.purchase(IB, sold).verdict is Verdict.MAYBE, "a 404 with the row of a sale refuses the order"
    ordered = Answer(200, {"status": "Error", "statusCode": "409", "orderId": "17"}, is_json=True, empty=False)
    assert inumbering.order(VT, ordered).verdict is Verdict.MAYBE, "a 409 with an order id refuses the order"


@check
def a_value_of_an_answer_does_not_show_a_credential(_rig: Rig) -> None:
    body = b'{"state": "failed: canary-canary-123"}'
    told = Redactor(Auth(headers={"Authorization": "App canary-canary-123"})).of_data(json.loads(body), body)
    assert "canary" not in str(told), f"shown as: {told}"
