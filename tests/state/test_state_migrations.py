"""Records of format 1 are brought to the present format, whole or not at all, and go on being the same records."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import format_1_records as old
import pytest
from sqlalchemy import Connection, text
from state_doubles import clear_server, process, tell_lineage, together

from reconciler.errors import LockedError, StateError
from reconciler.model import Address, Kind, Origin, Record
from reconciler.planning.limits import Allowances
from reconciler.sandbox import Event
from reconciler.sandbox import VirtualClock as CarrierClock
from reconciler.sandbox.store import SandboxStore
from reconciler.state import migrations, tables
from reconciler.state.location import Location
from reconciler.state.store import Store
from reconciler.workflows.session import Options
from tests.rig import Rig, actions, results

OpenStore = Callable[..., Store]


@pytest.fixture
def older(url: str) -> str:
    """Where records of format 1 are."""
    old.lay_out(url)
    return url


def _files(url: str) -> dict[str, bytes]:
    path = Location.parse(url).path
    return {} if path is None else {entry.name: entry.read_bytes() for entry in path.parent.iterdir()}


def _run(url: str, statement: str) -> None:
    with old.engine_of(url) as engine, engine.begin() as connection:
        connection.execute(text(statement))


def test_what_format_1_knew_is_known(older: str, open_store: OpenStore) -> None:
    before = old.content(older)
    store = open_store(create=False)
    state = store.snapshot()
    assert {str(i.address): len(i.attempts) for i in state.open_intents} == old.OPEN
    assert {str(i.address): i.slot.name for i in state.open_intents if i.slot} == old.SLOTS
    assert len(state.records) + len(state.slots) == len(before["tnctl_records"])
    assert {str(record.address) for record in state.records.values() if record.tombstone} == {
        "number/+12015550125",
        "sms/+17205550143",
    }
    assert len(store.ledger()) == len(before["tnctl_ledger"])
    assert [r.who for r in store.resolutions(Address.parse("number/+12015550127"))] == ["alice"]
    assert (store.serial, store.plan_status("00000010"), store.plan_status("00000008")) == (4, "running", "pending")
    assert store.lineage == dict(before["tnctl_meta"])["lineage"]
    assert old.format_of(older) == str(tables.FORMAT_VERSION)


def test_records_brought_up_have_the_shape_of_new_ones(older: str, open_store: OpenStore, tmp_path: Path) -> None:
    open_store(create=False)
    brought_up = old.shape(older)
    path = Location.parse(older).path
    if path is None:
        clear_server(older)
    else:
        shutil.rmtree(path.parent)
    open_store(create=True)
    assert old.shape(older) == brought_up


def test_every_fence_begins_above_that_of_the_one_lock(older: str, open_store: OpenStore) -> None:
    fence = old.content(older)["tnctl_lock"][0][1]
    open_store(create=False)
    assert dict(old.content(older)["tnctl_meta"])[tables.FENCE] == str(fence)


def test_an_older_run_that_has_them_open_is_told_who_holds_the_lock_for_good(older: str, open_store: OpenStore) -> None:
    fence = old.content(older)["tnctl_lock"][0][1]
    open_store(create=False)
    ((_, raised, lock_id, holder, host, *_, expires_at),) = old.content(older)["tnctl_lock"]
    assert (raised, lock_id, host, expires_at) == (int(str(fence)) + 1, "format-2", "", "9999-12-31T23:59:59Z")
    assert "a newer tnctl" in str(holder)


def test_a_copy_of_the_file_is_kept_beside_it(older: str, open_store: OpenStore) -> None:
    path = Location.parse(older).path
    if path is None:
        pytest.skip("a server has backups of its own")
    before = old.content(older)
    open_store(create=False).close()
    copy = path.with_name("state.db.format-1")
    assert sorted(_files(older)) == ["state.db", "state.db.format-1"]
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert old.content(f"sqlite:///{copy}") == before


def test_no_earlier_copy_is_overwritten(older: str, open_store: OpenStore) -> None:
    path = Location.parse(older).path
    if path is None:
        pytest.skip("a server has backups of its own")
    path.with_name("state.db.format-1").write_text("mine")
    open_store(create=False).close()
    assert path.with_name("state.db.format-1").read_text() == "mine"
    assert old.format_of(f"sqlite:///{path.with_name('state.db.format-1.2')}") == "1"


def test_what_another_process_has_not_folded_into_the_file_yet_is_in_the_copy(
    older: str, open_store: OpenStore
) -> None:
    path = Location.parse(older).path
    if path is None:
        pytest.skip("a server has no log of ours")
    with old.engine_of(older) as engine, engine.connect() as reader:
        reader.execute(text("SELECT 1 FROM tnctl_meta"))
        _run(older, "INSERT INTO tnctl_meta VALUES ('late', 'written')")
        assert path.with_name("state.db-wal").stat().st_size
        open_store(create=False)
    assert ("late", "written") in old.content(f"sqlite:///{path.with_name('state.db.format-1')}")["tnctl_meta"]


def test_a_second_opening_changes_nothing(older: str, open_store: OpenStore) -> None:
    open_store(create=False).close()
    content, files = old.content(older), sorted(_files(older))
    open_store(create=True).close()
    open_store(create=False).close()
    assert (old.content(older), sorted(_files(older))) == (content, files)


def test_processes_that_open_older_records_at_once_make_one_copy_and_one_change(older: str) -> None:
    lineage = dict(old.content(older)["tnctl_meta"])["lineage"]
    assert together(tell_lineage, older) == [lineage] * 4
    assert old.format_of(older) == str(tables.FORMAT_VERSION)
    assert sorted(_files(older)) in ([], ["state.db", "state.db.format-1"])


@pytest.mark.parametrize("place", range(len(migrations.STEPS[1]) + 1))
def test_a_change_that_fails_anywhere_changes_nothing(
    older: str, open_store: OpenStore, place: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = old.content(older)

    def fail(connection: Connection) -> None:
        connection.execute(text("SELECT * FROM tnctl_that_is_not_there"))

    whole = migrations.STEPS
    steps = list(whole[1])
    steps.insert(place, fail)
    monkeypatch.setattr(migrations, "STEPS", {1: steps})
    with pytest.raises(StateError, match="tnctl_that_is_not_there"):
        open_store(create=False)
    assert old.content(older) == before
    assert sorted(_files(older)) in ([], ["state.db"])
    monkeypatch.setattr(migrations, "STEPS", whole)
    assert open_store(create=False).exists


def test_a_change_that_forgets_a_column_changes_nothing(
    older: str, open_store: OpenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = old.content(older)
    monkeypatch.setattr(migrations, "STEPS", {1: migrations.STEPS[1][1:]})
    with pytest.raises(StateError, match="anchored_at"):
        open_store(create=False)
    assert old.content(older) == before


def test_an_older_tnctl_that_is_at_work_is_not_disturbed(older: str, open_store: OpenStore) -> None:
    _run(older, "UPDATE tnctl_lock SET expires_at = '2099-01-01T00:00:00Z', lock_id = 'abcd1234'")
    before = old.content(older)
    for create in (False, True):
        with pytest.raises(LockedError, match="an older tnctl is at work on the records") as refused:
            open_store(create=create)
        assert "abcd1234" in refused.value.message
        assert "2099-01-01T00:00:00Z" in refused.value.hint
    assert old.content(older) == before
    assert sorted(_files(older)) in ([], ["state.db"])


def test_an_open_outcome_written_before_keeps_its_slot_from_being_filled_twice(
    older: str, open_store: OpenStore
) -> None:
    open_store(create=True)
    _run(older, "UPDATE tnctl_intents SET slot = 'uk-desk.7' WHERE slot = 'uk-desk.2'")
    with pytest.raises(Exception, match=r"(?i)unique"):
        _run(older, "UPDATE tnctl_intents SET slot = 'uk-desk.7' WHERE slot = 'nj-support.2'")


def test_a_wait_of_a_hundred_years_is_stored(open_store: OpenStore) -> None:
    store = open_store()
    years = timedelta(days=36_500)
    with store.locked(process=process()):
        store.put([Record(Address(Kind.NUMBER, "+12015550123"), "vt", Origin.BOUGHT, release_after=years)])
    (kept,) = store.snapshot().records.values()
    assert kept.release_after == years


@pytest.fixture
def rig(older: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rig:
    """The older records with the carriers and the configuration that they are of, half an hour on."""
    folder = tmp_path / "project"
    (folder / "sandbox").mkdir(parents=True)
    shutil.copyfile(old.FOLDER / "book.json", folder / "sandbox" / "book.json")
    shutil.copyfile(old.FOLDER / "numbers.yaml", folder / "numbers.yaml")
    rig = Rig(folder, CarrierClock(datetime(2025, 6, 3, 11, 33, 43, tzinfo=UTC)), ids=count(100))
    SandboxStore(folder / "sandbox").attach(rig.sandbox)
    monkeypatch.setattr(rig, "store", lambda: Store.open(older, rig.clock, create=True))
    return rig


def test_older_records_are_planned_and_applied_on(rig: Rig) -> None:
    waiting = {address for address, action in actions(rig.plan()).items() if action == "wait"}
    assert waiting == set(old.OPEN)
    report = rig.apply(Options(allow=Allowances(releases=1)))
    undated = {address: result for address, result in results(report).items() if result != "done"}
    assert (report.exit_code, undated) == (3, {"number/+447700900127": "unknown"}), "its carrier was not heard since"
    rig.clock.sleep(302)
    report = rig.apply()
    assert report.exit_code == 0, results(report)
    with rig.store() as store:
        state = store.snapshot()
    assert not state.open_intents
    assert {f"slot/{name}" for name in old.SLOTS.values()} <= {str(slot) for slot in state.slots}
    charged = [entry.key for entry in rig.sandbox.ledger if entry.event is Event.CHARGE]
    assert len(charged) == len(set(charged))
    assert actions(rig.plan()) == {}
    rig.apply()
    assert rig.writes() == 0
