from __future__ import annotations

import random
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from state_doubles import NUMBER, VirtualClock, process, tell_lineage, together

from reconciler.errors import DamagedRecordsError, RecordsGoneError, StateError, UsageError
from reconciler.model import Address, Kind, Origin, Record
from reconciler.state import tables
from reconciler.state.location import Location
from reconciler.state.store import Store

OpenStore = Callable[..., Store]
SHAPE = "SELECT sql FROM sqlite_master WHERE sql NOT LIKE 'CREATE TABLE sqlite_%'"


@pytest.fixture
def path(tmp_path: Path, clock: VirtualClock) -> Path:
    """Intact records with a few hundred rows, closed."""
    file = tmp_path / "state.db"
    with Store.open(f"sqlite:///{file}", clock, create=True) as store, store.locked(process=process()):
        store.put([Record(Address(Kind.NUMBER, f"+1201555{n:04}"), "desk", Origin.ADOPTED) for n in range(300)])
    return file


def _open(path: Path, *, create: bool = True) -> Store:
    return Store.open(f"sqlite:///{path}", VirtualClock(), create=create)


def _run(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(statement)
    connection.close()


def test_missing_records_read_as_empty_and_are_not_made(url: str, open_store: OpenStore) -> None:
    absent = open_store(create=False)
    assert (absent.exists, absent.serial, absent.snapshot().records, absent.snapshot().open_intents) == (
        False,
        0,
        {},
        (),
    )
    assert absent.fingerprint({"a": 1}).startswith("hmac:")
    with pytest.raises(StateError, match="no records to write to"):
        absent.acquire()
    assert not open_store(create=False).exists
    assert open_store(create=True).exists
    assert open_store(create=False).exists


def test_new_records_have_every_table_key_and_index_that_is_declared(path: Path) -> None:
    declared = create_engine("sqlite://")
    with declared.connect() as connection:
        tables.metadata.create_all(connection)
        wanted = set(connection.exec_driver_sql(SHAPE).scalars())
    declared.dispose()
    with closing(sqlite3.connect(path)) as made:
        found = {text for (text,) in made.execute(SHAPE)}
    assert found == wanted
    assert "CREATE UNIQUE INDEX tnctl_intents_by_slot ON tnctl_intents (slot) WHERE status = 'open'" in found


def test_a_missing_file_leaves_the_directory_alone(tmp_path: Path) -> None:
    _open(tmp_path / "deep" / "state.db", create=False).close()
    assert list(tmp_path.iterdir()) == []


def test_a_relative_path_is_relative_to_the_working_directory(
    tmp_path: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Store.open("sqlite:///.tnctl/state.db", clock, create=True).close()
    assert [entry.name for entry in (tmp_path / ".tnctl").iterdir()] == ["state.db"]


@pytest.mark.parametrize("name", ["a b.db", "100%41.db", "x#y.db", "ü.db"])
def test_any_file_name_is_taken_as_it_is(tmp_path: Path, name: str) -> None:
    _open(tmp_path / name).close()
    assert [entry.name for entry in tmp_path.iterdir()] == [name]


def test_records_are_for_the_eyes_of_their_owner(tmp_path: Path) -> None:
    file = tmp_path / "new" / "state.db"
    with _open(file) as store, store.locked():
        store.put([Record(NUMBER, "desk", Origin.ADOPTED)])
        modes = {entry.name: stat.S_IMODE(entry.stat().st_mode) for entry in file.parent.iterdir()}
    assert modes == {"state.db": 0o600, "state.db-wal": 0o600, "state.db-shm": 0o600}
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert [entry.name for entry in file.parent.iterdir()] == ["state.db"]


def test_processes_that_make_the_records_at_once_make_one_lineage(url: str) -> None:
    assert len(set(together(tell_lineage, url))) == 1


def test_a_process_that_was_slower_uses_the_records_of_the_quicker(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with _open(path) as first:
        lineage = first.lineage
    answers = iter([False])
    seen = Path.exists
    monkeypatch.setattr(Path, "exists", lambda self: next(answers, True) if self == path else seen(self))
    with _open(path) as second:
        assert second.lineage == lineage
    assert [entry.name for entry in path.parent.iterdir()] == ["state.db"]


def test_an_intact_file_is_opened_again_and_again(path: Path) -> None:
    with _open(path) as first, _open(path, create=False) as second:
        assert first.lineage == second.lineage
        assert len(second.snapshot().records) == 300


@pytest.mark.parametrize("size", [0, 1, 100, 5000, 20_000])
@pytest.mark.parametrize("create", [True, False])
def test_a_file_that_was_cut_short_is_refused_and_left_as_it_is(path: Path, size: int, create: bool) -> None:
    whole = path.read_bytes()
    assert len(whole) > size
    path.write_bytes(whole[:size])
    with pytest.raises(StateError) as refused:
        _open(path, create=create)
    assert "backup" in refused.value.hint
    assert path.read_bytes() == whole[:size]


@pytest.mark.parametrize("seed", range(5))
def test_random_bytes_are_refused(path: Path, seed: int) -> None:
    path.write_bytes(random.Random(seed).randbytes(8192))
    with pytest.raises(StateError, match="not a database"):
        _open(path)


def test_one_page_that_was_overwritten_is_refused(path: Path) -> None:
    whole = bytearray(path.read_bytes())
    page = whole.rindex(b"+12015550150") // 4096 * 4096
    whole[page : page + 4096] = random.Random(1).randbytes(4096)
    path.write_bytes(whole)
    with pytest.raises(StateError, match="are damaged") as refused:
        _open(path)
    assert "restore them from a backup, and keep the damaged ones" in refused.value.hint


def test_looking_at_damaged_records_leaves_their_log_as_it_is(path: Path) -> None:
    """The log of a killed run is folded into an older file by no look: it may be all that is left of that run."""
    killed = sqlite3.connect(path, isolation_level=None)
    killed.execute("UPDATE tnctl_records SET word = 'seen last'")
    log = path.with_name("state.db-wal")
    kept = path.with_name("copy.db")
    kept.with_name("copy.db-wal").write_bytes(log.read_bytes())
    whole = bytearray(path.read_bytes())
    whole[8192:12288] = random.Random(1).randbytes(4096)
    kept.write_bytes(whole)
    killed.close()
    before = {file.name: file.read_bytes() for file in path.parent.glob("copy.db*")}
    assert len(before["copy.db-wal"]) > 4096
    for create in (True, False):
        with pytest.raises(DamagedRecordsError) as refused:
            _open(kept, create=create)
        assert {name: path.with_name(name).read_bytes() for name in before} == before
    assert "of a file its -wal and -shm as well" in refused.value.hint


def test_the_hints_say_that_an_older_backup_buys_again_what_was_bought_since() -> None:
    for error in (DamagedRecordsError("x"), RecordsGoneError("x")):
        assert "older than the last apply" in error.hint
        assert "the next apply buys it again" in error.hint
        assert "`adopt: true`" in error.hint
    assert "may be on no record" in RecordsGoneError("x").hint


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("UPDATE tnctl_meta SET value = '3' WHERE key = 'format_version'", "have format 3"),
        ("UPDATE tnctl_meta SET value = '0' WHERE key = 'format_version'", "lost their identity"),
        ("UPDATE tnctl_meta SET value = '²' WHERE key = 'format_version'", "lost their identity"),
        ("DELETE FROM tnctl_meta WHERE key = 'lineage'", "lost their identity"),
        ("UPDATE tnctl_meta SET value = '' WHERE key = 'lineage'", "lost their identity"),
        ("UPDATE tnctl_meta SET value = 'secret' WHERE key = 'key'", "lost their identity"),
        ("DROP TABLE tnctl_meta", "does not hold tnctl's records"),
        ("DROP TABLE tnctl_attempts", "no such table: tnctl_attempts"),
        ("ALTER TABLE tnctl_records DROP COLUMN seal", "no such column"),
    ],
)
def test_records_of_another_shape_are_refused(path: Path, statement: str, message: str) -> None:
    _run(path, statement)
    with pytest.raises(StateError, match=message) as refused:
        _open(path)
    assert refused.value.hint
    assert "secret" not in str(refused.value)


def test_somebody_elses_database_is_refused_untouched(tmp_path: Path) -> None:
    file = tmp_path / "theirs.db"
    _run(file, "CREATE TABLE theirs (x)")
    before = file.read_bytes()
    with pytest.raises(StateError, match="does not hold tnctl's records"):
        _open(file)
    assert file.read_bytes() == before


def test_a_log_without_its_file_is_a_loss_not_a_beginning(path: Path) -> None:
    path.rename(path.with_name("state.db-wal"))
    for create in (True, False):
        with pytest.raises(StateError, match=r"gone, but their log state\.db-wal is there"):
            _open(path, create=create)


def test_a_directory_where_the_file_should_be_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="unable to open"):
        _open(tmp_path)


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StateError, match="cannot be reached"):
        _open(tmp_path / "file" / "state.db")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "state.db",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file:x?mode=ro",
        "sqlite:///x.db?canary=canary",
        "mysql://user:canary@host/db",
        "postgresql://user:canary@host:port/db",
    ],
)
def test_a_url_that_names_no_records_is_refused_without_being_repeated(url: str, clock: VirtualClock) -> None:
    with pytest.raises(UsageError) as refused:
        Store.open(url, clock, create=True)
    assert "canary" not in str(refused.value)
    assert "sqlite:///" in refused.value.hint


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_is_spoken_to_through_psycopg_3(scheme: str) -> None:
    location = Location.parse(f"{scheme}://user:canary@db.example:5432/tnctl?sslpassword=canary2")
    assert location.url.drivername == "postgresql+psycopg"
    assert location.shown == "postgresql://db.example:5432/tnctl"
    assert "canary" not in repr(location)
    assert location.redact("bad canary2 and canary") == "bad *** and ***"


def test_a_server_that_does_not_answer_is_named_without_its_password(clock: VirtualClock) -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(StateError, match=r"postgresql://127\.0\.0\.1:1/tnctl failed") as refused:
        Store.open("postgresql://user:canary@127.0.0.1:1/tnctl?connect_timeout=9", clock, create=True)
    assert "canary" not in repr(refused.value)
    assert refused.value.__suppress_context__
    assert "database answers" in refused.value.hint
