"""Two sets of records in one PostgreSQL database never buy, adopt or release one number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from state_doubles import SERVER, VirtualClock, clear_server, process

from reconciler.errors import ClaimedError
from reconciler.model import Action, Address, IntentStatus, Kind, Origin, Record
from reconciler.planning.limits import Allowances
from reconciler.sandbox import Event
from reconciler.state.location import Location
from reconciler.state.store import Store
from reconciler.workflows.session import Options
from tests.rig import Rig, actions, results

TN = "+447700900123"
NUMBER = Address(Kind.NUMBER, TN)
SMS = Address(Kind.SMS, TN)
TYPES = {"ib": "infobip", "ib2": "infobip", "vt": "inumbering", "ip": "intelepeer"}


@pytest.fixture
def server() -> Iterator[str]:
    """A database of the server without records of ours."""
    if SERVER is None:
        pytest.skip("needs TNCTL_TEST_POSTGRESQL")
    clear_server(SERVER)
    yield SERVER
    clear_server(SERVER)


def _of(server: str, schema: str, user: str = "") -> str:
    url = Location.parse(server).url
    return (url.set(username=user) if user else url).update_query_dict({"schema": schema}).render_as_string(False)


def _run(server: str, *statements: str) -> None:
    engine = create_engine(Location.parse(server).url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def _claims(server: str) -> dict[tuple[str, str], str]:
    engine = create_engine(Location.parse(server).url)
    with engine.begin() as connection:
        rows = connection.execute(text("SELECT carrier, number, records FROM tnctl_shared.claims")).all()
    engine.dispose()
    return {(carrier, number): records for carrier, number, records in rows}


@dataclass
class Sets:
    """Two sets of records, each open and under its lock."""

    server: str
    a: Store
    b: Store


@pytest.fixture
def sets(server: str) -> Iterator[Sets]:
    clock = VirtualClock()
    with (
        Store.open(_of(server, "tnctl_test_a"), clock, create=True) as a,
        Store.open(_of(server, "tnctl_test_b"), clock, create=True) as b,
        a.locked(process=process(1)),
        b.locked(process=process(2)),
    ):
        for store in (a, b):
            store.read_as({}, TYPES)
            assert store.claim_all() == ""
        yield Sets(server, a, b)


def _order(store: Store, address: Address = NUMBER, account: str = "ib") -> None:
    store.open_intent("plan", account, Action.CREATE, [address], "ref", {}, None, begin=True)


def _record(address: Address = NUMBER, account: str = "ib", **what: object) -> Record:
    return Record(address, account, Origin.ADOPTED, **what)  # type: ignore[arg-type]


def test_a_purchase_claims_its_number_in_the_commit_of_its_intent(sets: Sets) -> None:
    _order(sets.a)
    assert _claims(sets.server) == {("infobip", TN): "tnctl_test_a"}
    with pytest.raises(ClaimedError, match=rf"records tnctl_test_a hold \{TN}"):
        _order(sets.b)
    assert sets.b.open_intents() == []
    with pytest.raises(ClaimedError):
        sets.b.put([_record(account="ib2")])
    with pytest.raises(ClaimedError):
        sets.b.resolve(NUMBER, "ib", owned=True, evidence="", who="bob")
    assert sets.b.record(NUMBER) is None


def test_a_number_is_claimed_at_its_type_of_carrier_alone(sets: Sets) -> None:
    _order(sets.a)
    _order(sets.b, account="vt")
    _order(sets.b, SMS, account="ip")
    assert set(_claims(sets.server)) == {("infobip", TN), ("inumbering", TN), ("intelepeer", TN)}


@pytest.mark.parametrize(
    ("status", "left"), [(IntentStatus.DONE, True), (IntentStatus.FAILED, False), (IntentStatus.DROPPED, False)]
)
def test_a_purchase_that_came_to_nothing_gives_its_claim_back(sets: Sets, status: IntentStatus, left: bool) -> None:
    _order(sets.a)
    (intent,) = sets.a.open_intents()
    sets.a.close_intent(intent, status, "told", records=[_record()] if left else [])
    assert bool(_claims(sets.server)) is left


def test_what_leaves_management_is_anybodys(sets: Sets) -> None:
    for leave in (
        lambda: sets.a.drop([NUMBER]),
        lambda: sets.a.put([_record(tombstone=True)]),
        lambda: sets.a.resolve(NUMBER, "ib", owned=False, evidence="", who="alice"),
    ):
        sets.a.put([_record()])
        assert set(_claims(sets.server).values()) == {"tnctl_test_a"}
        leave()
        assert _claims(sets.server) == {}
        sets.b.put([_record()])
        sets.b.drop([NUMBER])


def test_sms_keeps_the_claim_that_its_number_has_given_back(sets: Sets) -> None:
    sets.a.put([_record(), _record(SMS)])
    sets.a.drop([NUMBER])
    assert _claims(sets.server) == {("infobip", TN): "tnctl_test_a"}


def test_a_number_that_its_carrier_shares_is_nobodys_alone(sets: Sets) -> None:
    for store in (sets.a, sets.b):
        store.put([_record(external={"numberKey": "K", "shared": True})])
    assert _claims(sets.server) == {}


def test_the_memory_tells_what_others_hold_and_whose_it_is(sets: Sets) -> None:
    sets.a.put([_record()])
    assert sets.b.snapshot().claimed == {("ib", TN): "tnctl_test_a", ("ib2", TN): "tnctl_test_a"}
    assert sets.a.snapshot().claimed == {}


def test_records_that_were_there_before_are_claimed_by_the_next_apply(server: str) -> None:
    clock = VirtualClock()
    with Store.open(_of(server, "tnctl_test_a"), clock, create=True) as a, a.locked(process=process()):
        a.put([_record(), _record(Address(Kind.NUMBER, "+12015550123"), "vt"), _record(SMS, "gone")])
        a.read_as({}, {"ib": "infobip", "vt": "inumbering"})
        a.claim_all()
    assert set(_claims(server)) == {("infobip", TN), ("inumbering", "+12015550123")}


def test_two_records_of_one_number_from_before_leave_it_to_the_first_and_go_on(server: str) -> None:
    clock = VirtualClock()
    for schema in ("tnctl_test_a", "tnctl_test_b"):
        with Store.open(_of(server, schema), clock, create=True) as store, store.locked(process=process()):
            store.put([_record()])
            store.read_as({}, TYPES)
            store.claim_all()
            store.put([_record(labels={"team": "desk"})])
    assert _claims(server) == {("infobip", TN): "tnctl_test_a"}


def test_the_claims_of_records_that_are_no_more_hold_nothing(sets: Sets) -> None:
    sets.a.put([_record()])
    sets.a.release()
    sets.a.close()
    _run(sets.server, "DROP SCHEMA tnctl_test_a CASCADE")
    assert sets.b.snapshot().claimed == {}
    sets.b.put([_record()])
    assert _claims(sets.server) == {("infobip", TN): "tnctl_test_b"}


def test_an_account_of_another_name_takes_its_claims_along(sets: Sets) -> None:
    sets.a.put([_record()])
    sets.a.read_as({"ib": "ib-eu"}, {"ib-eu": "infobip"})
    sets.a.take_along()
    assert set(_claims(sets.server).values()) == {"tnctl_test_a"}
    sets.a.drop([NUMBER])
    assert _claims(sets.server) == {}


def test_a_user_who_may_not_use_the_table_is_told_once_and_goes_on_without(server: str) -> None:
    clock, me = VirtualClock(), "tnctl_test_stranger"
    _run(server, f"CREATE ROLE {me} LOGIN", f"CREATE SCHEMA tnctl_test_a AUTHORIZATION {me}")
    try:
        with Store.open(_of(server, "tnctl_test_a", me), clock, create=True) as a, a.locked(process=process()):
            a.read_as({}, TYPES)
            assert "tnctl_shared.claims" in a.claim_all()
            assert a.claim_all() == ""
            a.put([_record()])
            _order(a, Address(Kind.NUMBER, "+447700900124"))
            assert a.snapshot().claimed == {}
            with Store.open(_of(server, "tnctl_test_b"), clock, create=True) as b, b.locked(process=process()):
                assert b.claim_all() == ""  # its user makes the table, for all
            assert a.claim_all() == ""
            assert set(_claims(server)) == {("infobip", TN), ("infobip", "+447700900124")}
    finally:
        _run(server, f"DROP OWNED BY {me} CASCADE", f"DROP ROLE {me}")


CONFIGURATION = """
numbers:
  "+447700900123": {provider: ib}
pools:
  desk: {provider: ib, size: 2, search: {country: GB}}
"""


@pytest.fixture
def rigs(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Rig, Rig]:
    """Two projects over the same carriers, with records in schemas of their own."""
    made = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        rig = Rig(tmp_path / name)
        if made:
            rig.sandbox, rig.clock = made[0].sandbox, made[0].clock
        url = _of(server, f"tnctl_test_{name}")
        monkeypatch.setattr(rig, "store", lambda url=url, rig=rig: Store.open(url, rig.clock, create=True))
        rig.write(CONFIGURATION)
        made.append(rig)
    return made[0], made[1]


MAY = Options(allow=Allowances(purchases=9, releases=9, new_records=True))


def test_the_second_set_of_records_adopts_nothing_and_releases_nothing_of_the_first(rigs: tuple[Rig, Rig]) -> None:
    a, b = rigs
    assert a.apply(MAY).exit_code == 0
    plan = b.plan(MAY)
    (declared,) = [change for change in plan.changes if change.address == NUMBER]
    assert (declared.action, "records tnctl_test_a hold it" in declared.reason) == (Action.BLOCKED, True)
    others = [change.address.name for change in plan.changes if change.address != NUMBER]
    assert len(others) == 2
    assert set(actions(plan).values()) == {"blocked", "create"}
    report = b.apply(MAY)
    assert (report.exit_code, results(report)[f"number/{TN}"]) == (4, "skipped")
    charged = [entry.key for entry in a.sandbox.ledger if entry.event is Event.CHARGE]
    assert len(charged) == len(set(charged)) == 5
    b.write("numbers: {}\n" + CONFIGURATION.partition("pools:")[1] + CONFIGURATION.partition("pools:")[2])
    b.apply(MAY)
    assert not [entry for entry in a.sandbox.ledger if entry.event is Event.RELEASE]
    assert actions(a.plan(MAY)) == {}


def test_what_the_first_lets_go_of_by_name_the_second_may_take_over(rigs: tuple[Rig, Rig]) -> None:
    a, b = rigs
    a.apply(MAY)
    a.write(
        CONFIGURATION.replace('  "+447700900123": {provider: ib}', "  {}").replace("numbers:\n  {}", "numbers: {}")
        + f'safety: {{forget: ["{TN}"]}}\n'
    )
    assert actions(a.plan(MAY)) == {f"number/{TN}": "forget"}
    a.apply(MAY)
    assert actions(b.plan(MAY))[f"number/{TN}"] == "adopt"


def test_what_both_had_before_is_released_by_neither_but_the_one_that_holds_it(rigs: tuple[Rig, Rig]) -> None:
    a, b = rigs
    a.apply(MAY)
    with b.store() as store, store.locked():
        store.put([Record(NUMBER, "ib", Origin.BOUGHT)])  # of no known type: as before there were claims
    b.write("numbers: {}\n")
    may = Options(allow=replace(MAY.allow, empty=frozenset({"ib"})))
    plan = b.plan(may)
    assert actions(plan)[f"number/{TN}"] == "blocked"
    assert b.apply(may).exit_code == 4
    assert not [entry for entry in a.sandbox.ledger if entry.event is Event.RELEASE]
