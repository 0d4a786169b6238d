"""``tnctl state``: records looked at, renamed, dropped, and settled by a person's word."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cli_helpers import ACCOUNTS, CO, GB, NJ, SANDBOX_STATE, Run, said, sandbox_books, write_fleet

from reconciler.clock import SystemClock
from reconciler.model import Action, Address, Origin, Record, Reply, Verdict
from reconciler.state.store import Store

NUMBER = Address.parse("number/+12015550123")
FREE = "number/+447700900199"


def store(*, create: bool = False) -> Store:
    """The records of the sandbox."""
    return Store.open(SANDBOX_STATE, SystemClock(), create=create, sandbox=True)


def record_of(address: Address) -> Record:
    """What is on record of an address; there must be something."""
    with store() as records:
        record = records.record(address)
    assert record is not None
    return record


def lose(tn: str) -> None:
    """The carrier has the number no more."""
    books = sandbox_books()
    with books.guard():
        books.infobip("infobip").portal_release(tn)


def age_records() -> None:
    """Let everything on record have been made long ago, so that no list can lag behind it."""
    with store() as records, records.locked():
        long_ago = datetime(2026, 1, 1, tzinfo=UTC)
        records.put(
            [
                replace(record, made_at=long_ago, made_answered=long_ago)
                for record in records.snapshot().records.values()
            ]
        )


def leave_an_order_open(**attrs: object) -> None:
    """What a run leaves that was cut short after it ordered NUMBER."""
    with store(create=True) as records, records.locked():
        reference = records.reference("inumbering", "voicetel", [NUMBER])
        carrier = {"attrs": attrs}
        intent = records.open_intent("p1", "voicetel", Action.CREATE, [NUMBER], reference, carrier, None, begin=True)
        records.end_attempt(intent, Reply(Verdict.MAYBE, "no answer"))


def test_list_and_show_tell_what_was_applied(tnctl: Run, capsys: pytest.CaptureFixture[str]) -> None:
    write_fleet(NJ)
    assert tnctl("apply", "--sandbox", "-y") == 0
    capsys.readouterr()
    assert tnctl("state", "list", "--sandbox", "--format", "json") == 0
    (row,) = json.loads(capsys.readouterr().out)["records"]
    assert (row["address"], row["origin"], row["applied"]) == (str(NUMBER), "bought", {"route": 4})
    assert tnctl("state", "show", str(NUMBER), "--sandbox") == 0
    assert "route 4" in said(capsys)
    assert tnctl("state", "show", FREE, "--sandbox") == 1
    assert "there is no record of" in said(capsys)


def test_records_are_reached_by_their_url_without_any_configuration(tnctl: Run) -> None:
    assert tnctl("state", "list", "--state", "sqlite:///elsewhere.db") == 0
    assert tnctl("state", "list") == 1, "without a URL the configuration is asked, and there is none"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["state", "list"], 0),
        (["state", "show", str(NUMBER)], 0),
        (["state", "ledger"], 0),
        (["state", "mv", "brand/acme", "brand/apex"], 0),
        (["state", "forget", "brand/acme"], 0),
        (["state", "forget", str(NUMBER)], 1),
        (["graph"], 0),
        (["unlock", "none"], 1),
        (["state", "ledger", "--compare"], 1),
        (["plan"], 1),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else None,
)
def test_what_needs_the_records_alone_needs_neither_webhooks_nor_credentials(
    tnctl: Run, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int
) -> None:
    write_fleet(NJ, CO.replace('"https://hooks.example.com/inbound"', "{env: HOOK}"))
    with Store.open("sqlite:///.tnctl/state.db", SystemClock(), create=True) as records, records.locked():
        brand = Address.parse("brand/acme")
        records.put([Record(NUMBER, "voicetel", Origin.BOUGHT), Record(brand, "voicetel", Origin.MADE)])
    assert tnctl(*arguments) == code
    assert ("`HOOK` is not set" in said(capsys)) == (arguments[0] == "plan" or "--compare" in arguments)


def test_records_in_a_variable_that_is_not_set_are_not_looked_for_elsewhere(
    tnctl: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("numbers.yaml").write_text(ACCOUNTS + "state: {env: RECORDS}\n")
    assert tnctl("state", "list") == 1
    assert "`RECORDS` is not set" in said(capsys)


def test_mv_renames_a_record_within_its_kind(tnctl: Run) -> None:
    old, new = Address.parse("brand/acme"), Address.parse("brand/apex")
    with store(create=True) as records, records.locked():
        records.put([Record(old, "voicetel", Origin.MADE, {"id": "BACME01"})])
    assert tnctl("state", "mv", str(old), "campaign/apex", "--sandbox") == 1
    assert tnctl("state", "mv", str(old), str(new), "--sandbox") == 0
    assert record_of(new).applied == {"id": "BACME01"}
    assert tnctl("state", "mv", str(old), str(new), "--sandbox") == 1


def test_a_slot_is_listed_renamed_and_forgotten_with_its_number(tnctl: Run, capsys: pytest.CaptureFixture[str]) -> None:
    pool = "pools: {desk: {provider: infobip, size: 2, search: {country: GB}}}\n"
    Path("numbers.yaml").write_text(ACCOUNTS + pool)
    assert tnctl("apply", "--sandbox", "-y") == 0
    capsys.readouterr()
    assert tnctl("state", "list", "--sandbox", "--format", "json") == 0
    rows = {row["address"]: row["applied"] for row in json.loads(capsys.readouterr().out)["records"]}
    assert rows["slot/desk.1"] == {"number": "+447700900001"}
    assert tnctl("state", "mv", "slot/desk.1", "slot/desk.7", "--sandbox") == 0
    assert tnctl("state", "mv", "slot/desk.7", "slot/desk", "--sandbox") == 1
    assert "write slot/POOL.INDEX" in said(capsys)
    assert tnctl("state", "list", "--sandbox") == 0
    assert "slot/desk.7" in said(capsys)
    assert tnctl("plan", "--sandbox", "--detailed-exitcode") == 0, "a slot is its number's, whatever its index"
    assert tnctl("state", "mv", "slot/desk.7", "slot/other.0", "--sandbox") == 1
    assert "write `moved: desk` in it" in said(capsys)
    lose("+447700900001")
    age_records()
    assert tnctl("state", "forget", "number/+447700900001", "--sandbox") == 0
    with store() as records:
        assert [slot.name for slot in records.snapshot().slots] == ["desk.0"]


@pytest.mark.parametrize("address", ["number/+447700900000", "slot/desk.0"])
def test_forget_frees_no_slot_of_a_number_that_is_owned(
    tnctl: Run, capsys: pytest.CaptureFixture[str], address: str
) -> None:
    Path("numbers.yaml").write_text(ACCOUNTS + "pools: {desk: {provider: infobip, size: 1, search: {country: GB}}}\n")
    assert tnctl("apply", "--sandbox", "-y") == 0
    age_records()
    assert tnctl("state", "forget", address, "--sandbox") == 1
    message = said(capsys)
    for way in ("`moved: NAME`", "`tnctl apply --release +447700900000`", "--as not-owned --evidence TEXT"):
        assert way in message
    assert "is still owned: infobip shows it" in message
    assert tnctl("apply", "--sandbox", "-y") == 0
    assert len(sandbox_books().ledger.charges()) == 1


def test_forget_takes_what_was_just_bought_for_owned(tnctl: Run, capsys: pytest.CaptureFixture[str]) -> None:
    write_fleet(GB)
    assert tnctl("apply", "--sandbox", "-y") == 0
    lose("+447700900123")
    assert tnctl("state", "forget", "number/+447700900123", "--sandbox") == 1
    assert "was bought at infobip a short while ago" in said(capsys)


def test_forget_does_not_believe_an_account_that_shows_nothing(tnctl: Run, capsys: pytest.CaptureFixture[str]) -> None:
    write_fleet(GB, GB.replace("123", "124"))
    assert tnctl("apply", "--sandbox", "-y") == 0
    age_records()
    books = sandbox_books()
    with books.guard():
        books.infobip("infobip").portal_release("+447700900123")
        books.infobip("infobip").portal_release("+447700900124")
    assert tnctl("state", "forget", "number/+447700900123", "--sandbox") == 1
    assert "infobip shows none of the 2 numbers" in said(capsys)


def test_forget_refuses_a_number_at_an_account_that_cannot_be_read_or_is_in_the_configuration_no_more(
    tnctl: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    write_fleet(GB, NJ)
    assert tnctl("apply", "--sandbox", "-y") == 0
    assert tnctl("state", "forget", str(NUMBER), "--sandbox") == 1
    assert "voicetel has no call that shows what it owns" in said(capsys)
    Path("numbers.yaml").write_text("version: 1\nproviders: {ib-eu: {type: infobip}}\n")
    assert tnctl("state", "forget", "number/+447700900123", "--sandbox") == 1
    assert "the configuration has no account 'infobip' any more" in said(capsys)
    assert tnctl("state", "resolve", str(NUMBER), "--as", "not-owned", "--evidence", "ticket 7", "--sandbox") == 0


def test_forget_without_a_credential_asks_nobody_and_drops_nothing(
    tnctl: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    write_fleet(GB)
    number = Address.parse("number/+447700900123")
    with Store.open("sqlite:///.tnctl/state.db", SystemClock(), create=True) as records, records.locked():
        records.put([Record(number, "infobip", Origin.BOUGHT)])
    assert tnctl("state", "forget", str(number)) == 1
    assert "cannot be read at infobip: " in said(capsys)
    with Store.open("sqlite:///.tnctl/state.db", SystemClock(), create=False) as records:
        assert records.record(number) is not None


def test_forget_drops_all_or_nothing(tnctl: Run) -> None:
    write_fleet(GB, NJ)
    assert tnctl("apply", "--sandbox", "-y") == 0
    lose("+447700900123")
    age_records()
    assert tnctl("state", "forget", "number/+447700900123", FREE, "--sandbox") == 1
    assert tnctl("state", "forget", "number/+447700900123", str(NUMBER), "--sandbox") == 1
    assert record_of(Address.parse("number/+447700900123")).origin is Origin.BOUGHT
    assert tnctl("state", "forget", "number/+447700900123", "--sandbox") == 0
    with store() as records:
        assert list(records.snapshot().records) == [NUMBER]


def test_forget_refuses_while_an_outcome_is_open(tnctl: Run, capsys: pytest.CaptureFixture[str]) -> None:
    leave_an_order_open()
    assert tnctl("state", "forget", str(NUMBER), "--sandbox") == 1
    assert f"tnctl state resolve {NUMBER} --as owned|not-owned" in said(capsys)


def test_an_open_order_resolved_as_owned_is_ours_as_it_was_ordered(tnctl: Run) -> None:
    write_fleet(NJ)
    leave_an_order_open(route=7)
    assert tnctl("state", "resolve", str(NUMBER), "--as", "owned", "--evidence", "invoice 7", "--sandbox") == 0
    record = record_of(NUMBER)
    assert (record.origin, record.applied) == (Origin.RESOLVED, {"route": 7})
    with store() as records:
        assert not records.snapshot().open_intents
        (resolution,) = records.resolutions(NUMBER)
    assert (resolution.owned, resolution.evidence) == (True, "invoice 7")
    assert "@" in resolution.who
    assert tnctl("apply", "--sandbox", "-y") == 4, "another route was declared since, which only a person can change"
    assert not sandbox_books().ledger.charges(), "it was not ordered again"


def test_an_open_order_resolved_as_not_owned_leaves_no_record_and_says_what_may_come_of_it(
    tnctl: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    write_fleet(NJ)
    leave_an_order_open()
    assert tnctl("state", "resolve", str(NUMBER), "--as", "not-owned", "--sandbox") == 0
    assert "may still carry it out: then the number is paid for" in capsys.readouterr().err
    with store() as records:
        assert records.record(NUMBER) is None
        assert not records.snapshot().open_intents
    assert tnctl("plan", "--sandbox", "--detailed-exitcode") == 2, "it is planned afresh"


def test_show_tells_who_settled_what_and_on_which_evidence(tnctl: Run, capsys: pytest.CaptureFixture[str]) -> None:
    write_fleet(NJ)
    for verdict, evidence in (("owned", "invoice 7"), ("not-owned", "the portal")):
        assert tnctl("state", "resolve", str(NUMBER), "--as", verdict, "--evidence", evidence, "--sandbox") == 0
    capsys.readouterr()
    assert tnctl("state", "show", str(NUMBER), "--sandbox", "--format", "json") == 0, "though nothing else is on record"
    told = json.loads(capsys.readouterr().out)["resolutions"]
    assert [(one["as"], one["evidence"]) for one in told] == [("owned", "invoice 7"), ("not-owned", "the portal")]
    assert tnctl("state", "show", str(NUMBER), "--sandbox") == 0
    assert told[0]["who"] in said(capsys)


def test_a_declared_number_can_be_resolved_where_nothing_is_open(tnctl: Run) -> None:
    write_fleet(NJ.replace("route: 4", "route: 4, protect: true, labels: {team: support}"))
    assert tnctl("state", "resolve", str(NUMBER), "--as", "owned", "--sandbox") == 0
    record = record_of(NUMBER)
    assert (record.applied, record.protect, record.labels) == ({"route": 4}, True, {"team": "support"})
    assert tnctl("plan", "--sandbox", "--detailed-exitcode") == 0, "it is as declared"
    assert tnctl("state", "resolve", str(NUMBER), "--as", "not-owned", "--sandbox") == 0
    with store() as records:
        assert records.record(NUMBER) is None


def test_a_tombstone_that_is_declared_again_is_ours_again(tnctl: Run) -> None:
    write_fleet(NJ)
    with store(create=True) as records, records.locked():
        records.put([Record(NUMBER, "voicetel", Origin.BOUGHT, tombstone=True)])
    assert tnctl("state", "resolve", str(NUMBER), "--as", "owned", "--sandbox") == 0
    assert not record_of(NUMBER).tombstone


def test_what_a_person_has_changed_at_the_carrier_is_as_declared_once_resolved(tnctl: Run) -> None:
    write_fleet(NJ)
    assert tnctl("apply", "--sandbox", "-y") == 0
    before = record_of(NUMBER)
    write_fleet(NJ.replace("route: 4", "route: 8"))
    assert tnctl("apply", "--sandbox", "-y") == 4
    assert tnctl("state", "resolve", str(NUMBER), "--as", "owned", "--evidence", "the portal", "--sandbox") == 0
    after = record_of(NUMBER)
    assert (after.applied, after.external, after.made_at) == ({"route": 8}, before.external, before.made_at)
    assert tnctl("apply", "--sandbox", "-y") == 0
    assert tnctl("plan", "--sandbox", "--detailed-exitcode") == 0


@pytest.mark.parametrize(
    ("address", "account", "message"),
    [
        (FREE, None, "name its account with --provider"),
        (FREE, "nobody", "there are: intelepeer, voicetel, infobip"),
        (str(NUMBER), "infobip", "is at voicetel, not at infobip"),
        ("slot/nj-support.0", None, "is no object at a carrier"),
    ],
)
def test_resolve_refuses_what_it_cannot_place(
    tnctl: Run, capsys: pytest.CaptureFixture[str], address: str, account: str | None, message: str
) -> None:
    write_fleet(NJ)
    named = ["--provider", account] if account else []
    assert tnctl("state", "resolve", address, "--as", "owned", *named, "--sandbox") == 1
    assert message in said(capsys)


def test_an_object_that_nothing_tells_of_is_placed_by_its_provider(tnctl: Run) -> None:
    write_fleet(NJ)
    assert tnctl("state", "resolve", FREE, "--as", "owned", "--provider", "infobip", "--sandbox") == 0
    assert record_of(Address.parse(FREE)).account == "infobip"
    assert Path(".tnctl/sandbox/state.db").exists()


def test_a_record_never_becomes_another_numbers(tnctl: Run) -> None:
    assert tnctl("state", "mv", "number/+12015550123", "number/+12015550124", "--sandbox") == 1


def test_nothing_is_owned_that_its_account_cannot_have(tnctl: Run, capsys: pytest.CaptureFixture[str]) -> None:
    write_fleet(GB)
    for address, kind in (("sms/+447700900123", "sms"), ("brand/acme", "brand")):
        assert tnctl("state", "resolve", address, "--as", "owned", "--provider", "infobip", "--sandbox") == 1
        told = said(capsys)
        assert f"infobip is an infobip account, and has no {kind} that tnctl knows of" in told
        assert "what it can have: number" in told
    with store() as records:
        assert dict(records.snapshot().records) == {}
    for address in ("number/+447700900123", "number/+447700900199"):
        assert tnctl("state", "resolve", address, "--as", "owned", "--provider", "infobip", "--sandbox") == 0
    assert (
        tnctl("state", "resolve", "sms/+447700900123", "--as", "not-owned", "--provider", "infobip", "--sandbox") == 0
    )


@pytest.mark.parametrize(
    "command",
    [
        ["resolve", "number/+447700900123", "--as", "owned"],
        ["forget", "number/+447700900123"],
        ["mv", "slot/a.0", "slot/a.1"],
    ],
    ids=lambda command: command[0],
)
def test_the_way_out_of_a_held_lock_is_an_option_of_the_command(
    tnctl: Run, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    write_fleet(GB)
    with store(create=True) as records, records.locked():
        assert tnctl("state", *command, "--sandbox", "--lock-timeout", "1s") == 7
    assert "wait for it with `--lock-timeout 10m`" in said(capsys)
