"""A saved plan binds what it is about to touch, is applied once, and is refused whole when something moved."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import rfc8785

from reconciler.errors import DamagedPlanError, IntegrityError, LockedError, SafetyError, StalePlanError
from reconciler.model import Action, Address, Kind, Plan
from reconciler.planning.limits import Allowances
from reconciler.sandbox import InfobipSwitches, IntelePeerSwitches
from reconciler.sandbox.infobip import rows
from reconciler.sandbox.ledger import Event
from reconciler.state import plan_file
from reconciler.workflows import apply, saved_plan
from reconciler.workflows.session import Options, Planned
from tests.rig import ACCOUNTS, Rig, actions, results

FLEET = """numbers:
  "+17205550142": {provider: ip, sms: true, webhook: "https://hooks.example.com/in?key=s3cret"}
  "+447700900123": {provider: ib}
"""


POOL = "pools:\n  desk: {provider: ib, size: 1, search: {country: GB}}\n"


def saved(rig: Rig, text: str = FLEET) -> Plan:
    rig.write(text)
    return plan_file.loads(plan_file.dumps(rig.plan()))


def assert_refused(rig: Rig, plan: Plan, message: str) -> None:
    booked = len(rig.sandbox.ledger)
    with pytest.raises(IntegrityError, match=message) as refused:
        rig.apply(saved=plan)
    assert refused.value.exit_code == 6
    assert len(rig.sandbox.ledger) == booked
    assert rig.writes() == 0


def test_a_saved_plan_is_read_back_as_it_was_written(rig: Rig) -> None:
    rig.write(FLEET)
    plan = rig.plan()
    assert plan_file.dumps(plan_file.loads(plan_file.dumps(plan))) == plan_file.dumps(plan)


def test_a_saved_plan_is_applied_once(rig: Rig) -> None:
    plan = saved(rig)
    assert rig.apply(saved=plan).exit_code == 0
    assert len(rig.sandbox.ledger.charges()) == 1
    assert_refused(rig, plan, "applied already")


def test_an_empty_plan_is_finished_by_its_apply_too(rig: Rig) -> None:
    plan = saved(rig, "numbers: {}")
    assert rig.apply(saved=plan).exit_code == 0
    assert_refused(rig, plan, "applied already")


def test_a_plan_expires(rig: Rig) -> None:
    plan = saved(rig)
    rig.clock.sleep(25 * 3600)
    assert_refused(rig, plan, "expired")


def test_a_plan_of_another_configuration_is_refused(rig: Rig) -> None:
    plan = saved(rig)
    rig.write(FLEET.replace("s3cret", "other"))
    assert_refused(rig, plan, "other resources")


def test_comments_and_order_of_the_configuration_do_not_matter(rig: Rig) -> None:
    plan = saved(rig)
    head, first, second = FLEET.splitlines()
    rig.write(f"# reordered\n{head}\n{second}\n{first}\n")
    assert rig.apply(saved=plan).exit_code == 0


def test_a_plan_of_other_records_is_refused(rig: Rig) -> None:
    plan = saved(rig)
    (rig.folder / "state.db").unlink()
    with pytest.raises(IntegrityError, match="lineage"):
        rig.apply(saved=plan)
    assert rig.writes() == 0


def test_a_dearer_number_is_refused(rig: Rig) -> None:
    plan = saved(rig)
    rig.sandbox.infobip("ib").reprice("+447700900123", "5.01")
    assert_refused(rig, plan, "another price")


def test_a_webhook_that_somebody_changed_meanwhile_is_refused(rig: Rig) -> None:
    rig.sandbox.intelepeer("ip").portal_enable("+17205550142", "https://old.example/a")
    plan = saved(rig)
    rig.sandbox.intelepeer("ip").portal_set_webhook("+17205550142", "https://old.example/b")
    assert_refused(rig, plan, "does not look as it did")


def test_changes_elsewhere_are_ignored(rig: Rig) -> None:
    plan = saved(rig)
    rig.sandbox.infobip("ib").portal_buy("+447700900999")
    assert rig.apply(saved=plan).exit_code == 0


def test_the_approved_digest_binds(rig: Rig) -> None:
    plan = saved(rig)
    with pytest.raises(StalePlanError, match="digest"):
        rig.apply(Options(expect_digest="sha256:" + "0" * 64), saved=plan)
    assert rig.apply(Options(expect_digest=plan.digest.removeprefix("sha256:")), saved=plan).exit_code == 0


def test_a_plan_whose_run_ended_waiting_goes_on_where_it_was(tmp_path: Path) -> None:
    rig = Rig(tmp_path, switches={"ip": IntelePeerSwitches(stage_seconds=30)})
    plan = saved(rig)
    assert rig.apply(Options(wait=timedelta(seconds=10)), saved=plan).exit_code == 3
    assert rig.apply(saved=plan).exit_code == 0
    assert len(rig.sandbox.ledger.find(Event.ENABLE)) == 1
    assert len(rig.sandbox.ledger.charges()) == 1
    assert rig.sandbox.intelepeer("ip").webhook("+17205550142") is not None
    assert_refused(rig, plan, "applied already")


def test_a_plan_whose_run_was_killed_goes_on_where_it_was(rig: Rig) -> None:
    plan = saved(rig)
    carrier = rig.sandbox.infobip("ib")

    class KilledError(Exception):
        pass

    def die(*_: object, **__: object) -> None:
        raise KilledError

    log = carrier.log
    carrier.log = die  # type: ignore[method-assign]
    with pytest.raises(KilledError):
        rig.apply(saved=plan)
    carrier.log = log  # type: ignore[method-assign]
    assert rig.apply(saved=plan).exit_code == 0
    assert carrier.owned() >= {"+447700900123"}
    assert actions(rig.plan()) == {}


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict) and value:
        return [leaf for key, inner in value.items() for leaf in leaves(inner, (*path, key))]
    if isinstance(value, list) and value:
        return [leaf for n, inner in enumerate(value) for leaf in leaves(inner, (*path, n))]
    return [path]


def mutated(document: Any, path: tuple[Any, ...]) -> Any:
    changed = json.loads(json.dumps(document))
    place = changed
    for key in path[:-1]:
        place = place[key]
    old = place[path[-1]]
    place[path[-1]] = old + 1 if isinstance(old, int) and not isinstance(old, bool) else f"{old}x"
    return changed


def test_every_mutated_leaf_of_a_plan_is_refused(rig: Rig) -> None:
    rig.write(FLEET)
    document = json.loads(plan_file.dumps(rig.plan()))
    paths = leaves(document)
    assert len(paths) > 60
    for path in paths:
        with pytest.raises(DamagedPlanError):
            plan_file.loads(json.dumps(mutated(document, path)).encode())


@pytest.mark.parametrize("text", [FLEET, POOL, "numbers: {}"])
def test_every_mutated_leaf_of_a_plan_is_refused_though_its_digest_was_made_again(rig: Rig, text: str) -> None:
    rig.write(text)
    document = json.loads(plan_file.dumps(rig.plan()))
    refused = 0
    for path in leaves(document):
        changed = mutated(document, path)
        if path != ("digest",):
            changed["digest"] = plan_file.digest(changed)
        with pytest.raises(IntegrityError) as why:
            rig.apply(saved=plan_file.loads(rfc8785.dumps(changed)))
        assert why.value.exit_code == 6
        refused += 1
    assert refused >= 20
    assert len(rig.sandbox.ledger) == 0


def test_a_plan_sealed_under_another_key_is_refused(rig: Rig) -> None:
    plan = saved(rig)
    forged = plan_file.sealed(plan, lambda _body: "hmac:" + "0" * 64)
    assert_refused(rig, forged, "edited after it was made")


def edited(rig: Rig, plan: Plan, tn: str, *, sealed: bool) -> Plan:
    """``plan`` with another number in the place of the one that it buys, as the carrier offers that one now."""
    (change,) = plan.changes
    with rig.store() as store:
        market: Any = rig.session(writes=False, store=store).providers[change.account]
        offer = market.quote([tn]).offered[tn]
        other = replace(
            change,
            address=Address(Kind.NUMBER, tn),
            external={**change.external, **offer.external},
            precondition=store.fingerprint({"live": None, "offer": dict(offer.external)}),
            cost=offer.price,
        )
        seal = store.fingerprint if sealed else lambda _body: plan.seal
        return plan_file.loads(plan_file.dumps(plan_file.sealed(plan.replace(changes=(other,)), seal)))


def test_an_edited_plan_fills_no_slot_with_another_number(rig: Rig) -> None:
    plan = saved(rig, POOL)
    assert_refused(rig, edited(rig, plan, "+447700900777", sealed=False), "edited after it was made")


@pytest.mark.parametrize(
    ("pool", "tn", "message"),
    [
        ("provider: vt, size: 1, search: {province: NJ}", "+12125550100", "no search of pool desk shows it"),
        ("provider: vt, size: 1, search: {tn_mask: 201xxxxxxx}", "+12125550100", "no search of pool desk shows it"),
        ("provider: vt, size: 1, search: {rate_center: HOBOKEN}", "+12015550123", "no search of pool desk shows it"),
        ("provider: ib, size: 1, search: {country: GB, contains: '4477009001'}", "+447700900200", "no search of pool"),
        ("provider: ib, size: 1, search: {country: GB}", "+33199001200", "no search of pool desk shows it"),
        ("provider: ib, size: 1, search: {capabilities: [VOICE]}", "+33199001200", "no search of pool desk shows it"),
        (
            "provider: ib, size: 1, search: {country: GB}, max_monthly: {amount: '6.00', currency: EUR}",
            "+447700900950",
            "costs more than pool desk allows",
        ),
        (
            "provider: ib, size: 1, search: {country: GB}, max_monthly: {amount: '6.00', currency: EUR}",
            "+12125550100",
            "costs more than pool desk allows",
        ),
    ],
)
def test_even_a_sealed_plan_gives_a_slot_only_what_its_pool_allows(rig: Rig, pool: str, tn: str, message: str) -> None:
    plan = saved(rig, f"pools:\n  desk: {{{pool}}}\n")
    assert_refused(rig, edited(rig, plan, tn, sealed=True), message)


def test_a_slots_number_that_lost_a_capability_since_is_refused(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = saved(rig, "pools:\n  desk: {provider: ib, size: 1, search: {country: GB, capabilities: [SMS]}}\n")
    written = rows.offer
    monkeypatch.setattr(rows, "offer", lambda *row: {**written(*row), "capabilities": ["VOICE"]})
    assert_refused(rig, plan, "no search of pool desk shows it")


def test_the_pool_is_asked_about_where_a_row_does_not_tell(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = saved(rig, "pools:\n  desk: {provider: ib, size: 1, search: {country: GB, capabilities: [SMS]}}\n")
    written = rows.offer

    def short(*row: Any) -> dict[str, Any]:
        whole = written(*row)
        del whole["capabilities"]
        return whole

    monkeypatch.setattr(rows, "offer", short)
    assert rig.apply(saved=plan).exit_code == 0


@pytest.mark.parametrize(
    "account",
    [
        "ib: {type: infobip, base_url: https://other.example}",
        "ib: {type: infobip, api_path: /numbers/1/numbers}",
        "ib: {type: inumbering, account_api: true}",
    ],
)
def test_a_plan_of_other_accounts_is_refused(rig: Rig, account: str) -> None:
    plan = saved(rig, POOL)
    accounts = ACCOUNTS.replace("ib: {type: infobip}", account)
    text = POOL if "infobip" in account else POOL.replace("search: {country: GB}", "search: {province: NJ}")
    rig.write(text, accounts)
    assert_refused(rig, plan, "accounts of another type, base_url or api_path")


def test_a_plan_of_an_earlier_format_is_refused_in_words(rig: Rig) -> None:
    rig.write(FLEET)
    document = json.loads(plan_file.dumps(rig.plan()))
    del document["seal"]
    old = {**document, "format_version": "1.0"}
    with pytest.raises(DamagedPlanError, match="of an earlier tnctl and has no seal") as why:
        plan_file.loads(rfc8785.dumps({**old, "digest": plan_file.digest(old)}))
    assert "make a new plan" in why.value.hint


# What may be applied again


def test_a_begun_plan_goes_on_after_its_day(tmp_path: Path) -> None:
    rig = Rig(tmp_path, switches={"ip": IntelePeerSwitches(stage_seconds=30)})
    plan = saved(rig)
    assert rig.apply(Options(wait=timedelta(seconds=10)), saved=plan).exit_code == 3
    rig.clock.sleep(30 * 3600)
    assert rig.apply(saved=plan).exit_code == 0
    assert rig.sandbox.intelepeer("ip").webhook("+17205550142") is not None
    assert len(rig.sandbox.ledger.charges()) == 1


def test_a_refused_plan_is_not_finished_and_ends_with_its_day(rig: Rig) -> None:
    plan = saved(rig, "safety: {max_purchases: 0}\n" + FLEET)
    with pytest.raises(SafetyError):
        rig.apply(saved=plan)
    with rig.store() as other, other.locked(), pytest.raises(LockedError):
        rig.apply(saved=plan)
    rig.clock.sleep(23 * 3600)
    assert rig.apply(Options(allow=Allowances(purchases=1)), saved=plan).exit_code == 0
    assert_refused(rig, plan, "applied already")


def test_a_refused_plan_expires(rig: Rig) -> None:
    plan = saved(rig, "safety: {max_purchases: 0}\n" + FLEET)
    with pytest.raises(SafetyError):
        rig.apply(saved=plan)
    rig.clock.sleep(25 * 3600)
    with pytest.raises(StalePlanError, match="expired"):
        rig.apply(Options(allow=Allowances(purchases=1)), saved=plan)


def test_a_plan_that_ended_with_1_is_finished(rig: Rig) -> None:
    from reconciler.sandbox import Rule, When

    plan = saved(rig)
    rig.sandbox.faults.plant(Rule("422", call="purchase", when=When.BEFORE))
    assert rig.apply(saved=plan).exit_code == 1
    assert_refused(rig, plan, "applied already")


def test_a_plan_that_ended_with_4_is_finished(tmp_path: Path) -> None:
    rig = Rig(tmp_path, switches={"ib": InfobipSwitches(charges="dearer")})
    plan = saved(rig)
    assert rig.apply(saved=plan).exit_code == 4
    assert_refused(rig, plan, "applied already")


def test_what_follows_a_wait_was_approved_with_it(tmp_path: Path) -> None:
    rig = Rig(tmp_path, switches={"ip": IntelePeerSwitches(stage_seconds=600)})
    rig.write(FLEET)
    rig.apply(Options(wait=timedelta(hours=2)))
    rig.write(FLEET.replace("sms: true, webhook", "sms: false} # webhook"))
    assert rig.apply(Options(wait=timedelta(0), allow=Allowances(deletes=5))).exit_code == 3
    plan = saved(rig)
    sms = next(change for change in plan.changes if change.address.kind is Kind.SMS)
    assert (sms.action, sms.then) == (Action.WAIT, Action.CREATE)
    rig.clock.sleep(7200)
    assert rig.apply(Options(wait=timedelta(hours=2)), saved=plan).exit_code == 0
    assert len(rig.sandbox.ledger.find(Event.ENABLE)) == 2


def test_a_wait_that_has_settled_itself_leaves_the_rest_to_do(tmp_path: Path) -> None:
    rig = Rig(tmp_path, switches={"ip": IntelePeerSwitches(stage_seconds=60)})
    rig.write(FLEET.replace("hooks.example.com/in", "hooks.example.com/other"))
    assert rig.apply(Options(wait=timedelta(0))).exit_code == 3
    plan = saved(rig)
    assert actions(plan)["sms/+17205550142"] == "wait"
    rig.clock.sleep(3600)
    assert rig.apply(saved=plan).exit_code == 0
    webhook = rig.sandbox.intelepeer("ip").webhook("+17205550142")
    assert webhook is not None
    assert webhook.startswith("https://hooks.example.com/in?")


@pytest.mark.parametrize("form", ["{}", "sha256:{}", "SHA256:{}", " sha256:{} ", "sha256:{}\n"])
@pytest.mark.parametrize("upper", [False, True])
def test_a_digest_is_expected_in_any_of_its_forms(rig: Rig, form: str, upper: bool) -> None:
    plan = saved(rig)
    digits = plan.digest.removeprefix("sha256:")
    expected = form.format(digits.upper() if upper else digits)
    assert rig.apply(Options(expect_digest=expected), saved=plan).exit_code == 0


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[]", b"null", b'{"format_version": "9.0"}', b"\xff\xfe", b'{"a":1,"a":2}']
)
def test_what_is_no_plan_is_refused(text: bytes) -> None:
    with pytest.raises(DamagedPlanError):
        plan_file.loads(text)


def test_a_plan_file_shows_no_secret(rig: Rig) -> None:
    rig.write(FLEET)
    assert b"s3cret" not in plan_file.dumps(rig.plan())


def test_a_selection_is_made_when_the_plan_is_made(rig: Rig) -> None:
    from reconciler.errors import UsageError
    from reconciler.planning.selection import Selection

    plan = saved(rig)
    with pytest.raises(UsageError, match="whole"):
        rig.apply(Options(selection=Selection(only=("number/*",))), saved=plan)
    part = rig.plan(Options(selection=Selection(only=("number/*",))))
    assert actions(part) == {"number/+447700900123": "create"}
    assert any("left out" in notice.message for notice in part.notices)
    assert rig.apply(saved=part).exit_code == 0


def test_a_long_answered_prompt_leads_to_a_second_look(rig: Rig) -> None:
    rig.write(FLEET)

    def dawdle(_plan: Plan) -> bool:
        rig.clock.sleep(3)
        rig.sandbox.infobip("ib").reprice("+447700900123", "9.00")
        return True

    with rig.store() as store, pytest.raises(StalePlanError, match="another price"):
        apply.apply(rig.session(writes=True, store=store), Options(), dawdle)
    assert not rig.sandbox.ledger.charges()


@contextmanager
def first_month(amount: int) -> Iterator[None]:
    """While this lasts, the first month of every number on offer costs so much; nothing else about it changes."""
    written = rows.price
    with patch.object(rows, "price", lambda *price: {**written(*price), "initialMonthPrice": amount}):
        yield


def test_the_limits_of_a_saved_plan_are_held_against_the_first_month_that_is_asked_now(rig: Rig) -> None:
    plan = saved(rig, "safety: {max_monthly: {EUR: '20.00'}}\n" + FLEET)
    with first_month(900), pytest.raises(SafetyError, match=r"900\.00 EUR monthly, at most 20\.00 allowed"):
        rig.apply(saved=plan)
    assert (rig.writes(), len(rig.sandbox.ledger)) == (0, 0)
    with first_month(20):
        assert rig.apply(saved=plan).exit_code == 0, "the first month's share is not bound to the plan"


def test_the_limits_are_held_against_the_first_month_that_is_asked_after_a_long_answered_prompt(rig: Rig) -> None:
    rig.write("safety: {max_monthly: {EUR: '20.00'}}\n" + FLEET)
    with ExitStack() as stack, rig.store() as store:

        def dawdle(_planned: Planned) -> bool:
            rig.clock.sleep(3)
            stack.enter_context(first_month(900))
            return True

        with pytest.raises(SafetyError, match=r"900\.00 EUR monthly"):
            apply.apply(rig.session(writes=True, store=store), Options(), dawdle)
    assert (rig.writes(), len(rig.sandbox.ledger)) == (0, 0)


def test_a_plan_that_was_not_approved_does_nothing(rig: Rig) -> None:
    rig.write(FLEET)
    with rig.store() as store:
        report = apply.apply(rig.session(writes=True, store=store), Options(), lambda _plan: False)
    assert report.exit_code == 1
    assert set(results(report).values()) == {"skipped"}
    assert len(rig.sandbox.ledger) == 0


def test_the_bindings_are_checked_without_asking_a_carrier(rig: Rig) -> None:
    plan = saved(rig)
    with rig.store() as store:
        fleet = rig.session(writes=False, store=store).fleet
        saved_plan.check_bindings(fleet, store, rig.clock, Options(allow=Allowances()), plan)
    assert set(rig.reads().values()) == {0}


def test_the_bindings_are_checked_once_before_the_lock_and_once_under_it(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, check = saved(rig), saved_plan.check_bindings
    locked: list[bool] = []

    def noted(fleet: Any, store: Any, *rest: Any) -> None:
        locked.append(store.covers("ib"))
        check(fleet, store, *rest)

    monkeypatch.setattr(saved_plan, "check_bindings", noted)
    assert rig.apply(saved=plan).exit_code == 0
    assert locked == [False, True]


def test_a_finished_plan_is_refused_before_the_lock_is_waited_for(rig: Rig) -> None:
    plan = saved(rig)
    rig.apply(saved=plan)
    with rig.store() as other, other.locked(), pytest.raises(StalePlanError, match="applied already"):
        rig.apply(Options(lock_timeout=timedelta(hours=1)), saved=plan)


@pytest.mark.parametrize("field", ["external", "account", "needs", "after", "irreversible"])
def test_a_plan_sealed_again_that_would_do_something_else_is_refused_whole(rig: Rig, field: str) -> None:
    plan = saved(rig)
    others: dict[str, Any] = {
        "external": {"numberKey": "OTHER", "country": "GB"},
        "account": "vt",
        "needs": (Address(Kind.NUMBER, "+12015550123"),),
        "after": {"route": 7},
        "irreversible": True,
    }
    changes = [replace(c, **{field: others[field]}) if c.purchase else c for c in plan.changes]
    with rig.store() as store:
        again = plan_file.sealed(plan.replace(changes=tuple(changes)), store.fingerprint)
    assert_refused(rig, again, "would do something else")


def test_a_refusal_says_what_moved(rig: Rig) -> None:
    rig.sandbox.intelepeer("ip").portal_enable("+17205550142", "https://old.example/a")
    plan = saved(rig)
    rig.sandbox.intelepeer("ip").portal_set_webhook("+17205550142", "https://new.example/b")
    assert_refused(rig, plan, "url is https://new.example/b, and was https://old.example/a")
    rig.write(FLEET.replace("https://hooks.example.com/in", "https://hooks.example.com/out"))
    assert_refused(rig, plan, "than when the plan was made: webhook/")


def test_a_plan_file_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    from reconciler.errors import UsageError

    with pytest.raises(UsageError, match="cannot be read"):
        plan_file.load(tmp_path / "none.json")


def test_a_damaged_file_is_named(rig: Rig) -> None:
    path = rig.folder / "plan.json"
    path.write_bytes(b"{}")
    with pytest.raises(DamagedPlanError, match=r"plan\.json: not a plan"):
        plan_file.load(path)
    path.write_bytes(plan_file.dumps(saved(rig)))
    assert plan_file.load(path).changes


@pytest.mark.parametrize("leaf", ["created_at", "summary", "money", "address", "float"])
def test_a_plan_that_was_sealed_again_after_a_change_still_has_to_make_sense(rig: Rig, leaf: str) -> None:
    rig.write(FLEET)
    document = json.loads(plan_file.dumps(rig.plan()))
    match leaf:
        case "created_at":
            document["created_at"] = "2026-02-31T00:00:00Z"
        case "summary":
            document["summary"]["create"] += 1
        case "money":
            document["changes"][0]["cost"]["monthly"] = "0.00"
        case "address":
            document["changes"][0]["address"] = "number/+44\u202e7"
        case "float":
            document["reads"] = {"ib": 1.5}
    try:
        document["digest"] = plan_file.digest(document)
    finally:
        text = json.dumps(document).encode()
    with pytest.raises(DamagedPlanError):
        plan_file.loads(text)


def test_what_a_plan_touches_and_cannot_be_read_again_ends_the_run(rig: Rig) -> None:
    from reconciler.errors import CarrierError
    from reconciler.sandbox import Rule

    plan = saved(rig)
    rig.sandbox.faults.plant(Rule("500", call="read", account="ib", times=None))
    with pytest.raises(CarrierError, match="read again"):
        rig.apply(saved=plan)
    assert len(rig.sandbox.ledger) == 0


def test_what_hangs_on_something_left_out_of_the_plan_is_blocked(rig: Rig) -> None:
    from reconciler.planning.selection import Selection

    rig.write(FLEET)
    part = rig.plan(Options(selection=Selection(only=("webhook/*",))))
    assert actions(part) == {"webhook/+17205550142": "blocked"}
