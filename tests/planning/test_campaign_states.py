"""Campaigns at the registry: what the one word that an account tells lets their assignments do, and what it drifts.

The sandbox says what it was sent: nothing is assigned under a campaign that is not approved.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from reconciler.errors import EXIT_ERROR, EXIT_PERSON, EXIT_RESUME
from reconciler.model import Address, campaign_states
from reconciler.model.campaign_states import CLOSED, RegistryState
from reconciler.planning.drift import Drift
from reconciler.planning.limits import Allowances
from reconciler.sandbox import Event, INumberingSwitches
from reconciler.workflows.drift import find_drift
from reconciler.workflows.session import Options
from tests.rig import Rig, actions, results

ONE, TWO = "+12015550123", "+12015550124"
BRIEFLY = Options(wait=timedelta(0), allow=Allowances(purchases=20, releases=20))
ACME = """brands:
  acme: {provider: api, id: BACME01, name: ACME, description: ACME alerts}
campaigns:
  alerts: {provider: api, brand: acme, id: CACME01, description: Delivery alerts}
numbers:
"""
PENDING, SILENT = "CAMPAIGN_SHARE_ADD", "CAMPAIGN_BILLED"
SHUT = ["CAMPAIGN_SHARE_DELETE", "MNO_CAMPAIGN_OPERATION_SUSPENDED", "CAMPAIGN_EXPIRED", "CAMPAIGN_INVALID_ID"]
OPEN = ["CAMPAIGN_DCA_COMPLETE", "ACTIVE", "CAMPAIGN_SOMETHING_NEW"]
DIALECTS = [{"errors_as": how, "error_text_in": where} for how in ("http", "body") for where in ("message", "status")]


def declare(rig: Rig, *tns: str) -> None:
    rig.write(ACME + "".join(f'  "{tn}": {{provider: api, campaign: alerts}}\n' for tn in tns))


def say(rig: Rig, word: str) -> None:
    rig.sandbox.inumbering("api").turn(campaign_word=word)


def drift(rig: Rig) -> Drift:
    with rig.store() as store:
        return find_drift(rig.session(writes=False, store=store), Options())


def assigned(rig: Rig) -> int:
    return len(rig.sandbox.ledger.find(Event.ASSIGN))


def word_on_record(rig: Rig) -> str:
    with rig.store() as store:
        return store.snapshot().records[Address.parse("campaign/alerts")].carrier_status


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    """See :func:`approved`."""
    return approved(Rig(tmp_path))


def approved(rig: Rig) -> Rig:
    """``rig`` with one number under a campaign that has been approved for long, as the last apply saw."""
    declare(rig, ONE)
    assert rig.apply().exit_code == 0
    rig.clock.sleep(100_000)
    assert rig.apply().exit_code == 0
    return rig


@pytest.mark.parametrize("word", SHUT)
def test_a_campaign_that_is_not_approved_any_more_is_drift_and_blocked(rig: Rig, word: str) -> None:
    say(rig, word)
    for _ in range(2):
        [found] = drift(rig).drifted
        assert (str(found.address), word in found.reason) == ("campaign/alerts", True)
        declare(rig, ONE, TWO)
        report = rig.apply(BRIEFLY)
        assert report.exit_code == EXIT_PERSON
        blocked = {a: done for a, done in actions(report.plan).items() if a.startswith("assignment/")}
        assert blocked == {f"assignment/{ONE}": "blocked", f"assignment/{TWO}": "blocked"}
        assert word in next(c.reason for c in report.plan.changes if c.address.name == ONE)
    assert (assigned(rig), word_on_record(rig)) == (1, word)


def test_assigned_long_ago_and_unknown_at_the_registry_is_not_no_drift_without_a_word_on_record(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    declare(rig, ONE)
    assert rig.apply().exit_code == 0
    rig.clock.sleep(100_000)
    say(rig, "CAMPAIGN_INVALID_ID")
    assert word_on_record(rig) == ""
    assert len(drift(rig).drifted) == 1
    assert actions(rig.plan()) == {f"assignment/{ONE}": "blocked"}


@pytest.mark.parametrize("numbers", ["here", "omitted"])
def test_a_campaign_that_is_unknown_there_is_blocked_with_its_numbers_in_the_map_or_not(rig: Rig, numbers: str) -> None:
    say(rig, "CAMPAIGN_INVALID_ID")
    if numbers == "omitted":
        rig.sandbox.inumbering("api").book["assignments"].clear()
        rig.sandbox.inumbering("api").turn(campaign_map="without-empty")
    plan = rig.plan()
    assert (actions(plan), plan.unresolved) == ({f"assignment/{ONE}": "blocked"}, {})
    found = drift(rig)
    assert not found.unresolved
    assert "campaign/alerts" in {str(one.address) for one in found.drifted}


def test_an_unknown_campaign_right_after_our_own_registration_is_waited_for(tmp_path: Path) -> None:
    rig = Rig(tmp_path, switches={"api": INumberingSwitches(campaign_word="CAMPAIGN_INVALID_ID")})
    declare(rig, ONE)
    assert rig.apply().exit_code == 0
    declare(rig, ONE, TWO)
    report = rig.apply(BRIEFLY)
    assert (report.exit_code, actions(report.plan)[f"assignment/{TWO}"]) == (EXIT_RESUME, "wait")
    assert (assigned(rig), drift(rig).drifted) == (1, ())
    rig.clock.sleep(1000)
    assert rig.apply(BRIEFLY).exit_code == EXIT_PERSON
    assert (assigned(rig), len(drift(rig).drifted)) == (1, 1)


@pytest.mark.parametrize("dialect", DIALECTS, ids=str)
def test_nothing_is_assigned_while_the_registry_is_at_work_and_no_run_waits_for_it(
    tmp_path: Path, dialect: dict[str, str]
) -> None:
    rig = Rig(tmp_path, switches={"api": INumberingSwitches(**dialect)})
    declare(rig, ONE)
    assert rig.apply().exit_code == 0
    say(rig, PENDING)
    declare(rig, ONE, TWO)
    before = rig.clock.monotonic()
    report = rig.apply(Options(wait=timedelta(minutes=15)))
    assert rig.clock.monotonic() - before < 10
    assert (report.exit_code, results(report)[f"assignment/{TWO}"]) == (EXIT_RESUME, "waiting")
    assert f"assignment/{ONE}" not in results(report)
    assert assigned(rig) == 1
    say(rig, "MNO_CAMPAIGN_OPERATION_SUSPENDED")
    say(rig, "CAMPAIGN_DCA_COMPLETE")
    assert rig.apply(BRIEFLY).exit_code == 0
    assert assigned(rig) == 2


def test_a_campaign_that_is_pending_for_fourteen_days_is_a_persons(rig: Rig) -> None:
    say(rig, PENDING)
    declare(rig, ONE, TWO)
    assert rig.apply(BRIEFLY).exit_code == EXIT_RESUME
    rig.clock.sleep(13 * 86_400)
    assert rig.apply(BRIEFLY).exit_code == EXIT_RESUME
    rig.clock.sleep(86_401)
    report = rig.apply(BRIEFLY)
    assert report.exit_code == EXIT_PERSON
    assert "14 days, stuck" in next(c.reason for c in report.plan.changes if c.address.name == TWO)


def test_a_change_from_approved_to_pending_is_drift_and_one_that_was_applied_is_none(rig: Rig) -> None:
    say(rig, PENDING)
    [found] = drift(rig).drifted
    assert [(d.path, d.before, d.after) for d in found.diff] == [("registry", "CAMPAIGN_DCA_COMPLETE", PENDING)]
    report = rig.apply(BRIEFLY)
    assert (report.exit_code, report.plan.changes) == (0, ())
    assert drift(rig).drifted == ()


@pytest.mark.parametrize("last", ["CAMPAIGN_DCA_COMPLETE", "MNO_CAMPAIGN_OPERATION_SUSPENDED", PENDING])
def test_a_monthly_bill_neither_closes_a_campaign_nor_opens_it(rig: Rig, last: str) -> None:
    say(rig, last)
    rig.apply(BRIEFLY)
    say(rig, SILENT)
    declare(rig, ONE, TWO)
    expected = {"CAMPAIGN_DCA_COMPLETE": "create", PENDING: "wait"}.get(last, "blocked")
    assert actions(rig.plan())[f"assignment/{TWO}"] == expected
    rig.apply(BRIEFLY)
    assert word_on_record(rig) == last
    assert len(drift(rig).drifted) == (1 if expected == "blocked" else 0)


def test_a_word_that_says_nothing_of_a_campaign_that_was_never_seen_is_pending_with_a_notice(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    declare(rig, ONE)
    assert rig.apply().exit_code == 0
    say(rig, SILENT)
    declare(rig, ONE, TWO)
    report = rig.apply(BRIEFLY)
    assert (report.exit_code, actions(report.plan)[f"assignment/{TWO}"]) == (EXIT_RESUME, "wait")
    assert any("taken for pending" in notice.message for notice in report.plan.notices)
    assert drift(rig).drifted == ()


@pytest.mark.parametrize("word", OPEN)
def test_an_open_gate_has_a_notice_unless_the_word_is_an_approval(rig: Rig, word: str) -> None:
    say(rig, word)
    assert drift(rig).drifted == ()
    declare(rig, ONE, TWO)
    plan = rig.plan()
    assert actions(plan)[f"assignment/{TWO}"] == "create"
    said = any(word in notice.message for notice in plan.notices)
    assert said == (word != "CAMPAIGN_DCA_COMPLETE")
    assert rig.apply(BRIEFLY).exit_code == 0
    assert assigned(rig) == 2


def test_a_campaign_without_a_word_is_unreadable_and_not_unknown(rig: Rig) -> None:
    say(rig, "")
    assert rig.plan().changes == ()
    declare(rig, ONE, TWO)
    report = rig.apply(BRIEFLY)
    assert (report.exit_code, set(report.plan.unresolved)) == (EXIT_ERROR, {f"assignment/{TWO}"})
    assert assigned(rig) == 1


@pytest.mark.parametrize("spoken", [str, str.lower, lambda word: f" {word} "])
def test_words_are_read_by_class_however_they_are_written(spoken: object) -> None:
    assert callable(spoken)
    for word, state in campaign_states._WORDS.items():
        assert campaign_states.registry_state(spoken(word), "SUSPENDED") is state
    for word in campaign_states._SILENT:
        assert campaign_states.registry_state(spoken(word), "SUSPENDED") is RegistryState.SUSPENDED
        assert campaign_states.registry_state(spoken(word)) is RegistryState.PENDING
        assert campaign_states.remembered(spoken(word), "EXPIRED") == "EXPIRED"
    assert campaign_states.registry_state("ANYTHING", "EXPIRED") is RegistryState.OTHER not in CLOSED
    assert campaign_states.remembered("ANYTHING", "EXPIRED") == "EXPIRED"
