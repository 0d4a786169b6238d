"""Only damaged records are called damaged; everything else that a database refuses has a way out that harms nothing."""

from __future__ import annotations

import os
import resource
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from state_doubles import NUMBER, SERVER, VirtualClock, clear_server, process

from reconciler.errors import DamagedRecordsError, LockedError, StateError
from reconciler.model import Origin, Record
from reconciler.state.database import _is_held
from reconciler.state.failures import Failure, failure_of
from reconciler.state.location import Location
from reconciler.state.store import Store

KIB = 1024

OPENS = """
import sys
from reconciler.clock import SystemClock
from reconciler.errors import StateError
from reconciler.state.store import Store
try:
    Store.open(sys.argv[1], SystemClock(), create=True).close()
except StateError as error:
    sys.exit(f"{error} / {error.hint}")
"""


def _sqlite_error(path: Path, mode: str, statement: str, *before: str) -> BaseException:
    with closing(sqlite3.connect(f"{path.as_uri()}?mode={mode}", uri=True)) as connection:
        for preparation in before:
            connection.execute(preparation)
        try:
            connection.execute(statement)
        except (sqlite3.Error, OverflowError) as error:
            return error
    raise AssertionError(f"{statement} did not fail")


def _records(path: Path) -> Path:
    Store.open(f"sqlite:///{path}", VirtualClock(), create=True).close()
    return path


def _server_error(statement: str, **options: str) -> BaseException:
    assert SERVER
    engine = create_engine(Location.parse(SERVER).url, connect_args=options)
    try:
        with engine.begin() as connection:
            connection.execute(text(statement))
    except Exception as error:
        return getattr(error, "orig", error)
    finally:
        engine.dispose()
    raise AssertionError(f"{statement} did not fail")


def test_a_file_that_may_not_be_written_is_read_only(tmp_path: Path) -> None:
    file = _records(tmp_path / "state.db")
    assert failure_of(_sqlite_error(file, "ro", "DELETE FROM tnctl_meta")) is Failure.READ_ONLY


def test_a_file_that_may_not_grow_is_full(tmp_path: Path) -> None:
    file = _records(tmp_path / "state.db")
    insert = "INSERT INTO tnctl_meta VALUES ('x', hex(zeroblob(100000)))"
    assert failure_of(_sqlite_error(file, "rw", insert, "PRAGMA max_page_count = 1")) is Failure.FULL


def test_what_no_column_holds_is_out_of_range_and_no_damage(tmp_path: Path) -> None:
    assert failure_of(OverflowError("Python int too large to convert to SQLite INTEGER")) is Failure.RANGE
    assert failure_of(UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed")) is Failure.RANGE


@pytest.mark.parametrize("bytes_there", [0, 10, 100, 1000])
def test_what_is_no_database_is_damaged(tmp_path: Path, bytes_there: int) -> None:
    file = _records(tmp_path / "state.db")
    file.write_bytes(file.read_bytes()[:bytes_there])
    with pytest.raises(DamagedRecordsError) as refused:
        Store.open(f"sqlite:///{file}", VirtualClock(), create=True)
    assert "keep the damaged ones" in refused.value.hint


def test_a_folder_that_cannot_be_used_is_not_answered_with_a_backup(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StateError, match="cannot be reached") as refused:
        Store.open(f"sqlite:///{tmp_path}/file/state.db", VirtualClock(), create=True)
    assert "backup" not in refused.value.hint
    assert "access" in refused.value.hint


def _opened_with(limit: int, url: str) -> subprocess.CompletedProcess[str]:
    """What a process says that opens ``url`` and may write ``limit`` bytes to each file (setrlimit(2))."""

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return subprocess.run(
        [sys.executable, "-c", OPENS, url], capture_output=True, text=True, preexec_fn=limited, check=False
    )


@pytest.mark.parametrize("limit", [0, 4 * KIB, 40 * KIB, 90 * KIB, 100 * KIB, 110 * KIB, 160 * KIB])
def test_a_full_disk_at_the_first_use_leaves_nothing_or_good_records(tmp_path: Path, limit: int) -> None:
    file = tmp_path / "state.db"
    ended = _opened_with(limit, f"sqlite:///{file}")
    if ended.returncode:
        assert "make room on the disk" in ended.stderr
    left = [entry.name for entry in tmp_path.iterdir()]
    assert left in ([], ["state.db"])
    with Store.open(f"sqlite:///{file}", VirtualClock(), create=True) as store, store.locked(process=process()):
        store.put([Record(NUMBER, "desk", Origin.ADOPTED)])
        assert len(store.snapshot().records) == 1


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o277, 0o777])
def test_records_are_for_their_owner_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    file = tmp_path / "a" / "b" / "state.db"
    before = os.umask(umask)
    try:
        with Store.open(f"sqlite:///{file}", VirtualClock(), create=True) as store, store.locked(process=process()):
            store.put([Record(NUMBER, "desk", Origin.ADOPTED)])
            modes = {entry.name: stat.S_IMODE(entry.stat().st_mode) for entry in file.parent.iterdir()}
    finally:
        os.umask(before)
    assert modes == {"state.db": 0o600, "state.db-wal": 0o600, "state.db-shm": 0o600}
    folders = (file.parent, file.parent.parent)
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in folders] == [0o700, 0o700]


@pytest.fixture
def server() -> Iterator[str]:
    """A database of the server without records of ours."""
    if SERVER is None:
        pytest.skip("needs TNCTL_TEST_POSTGRESQL")
    clear_server(SERVER)
    yield SERVER
    clear_server(SERVER)


def _option(server: str, option: str) -> str:
    return f"{server}{'&' if '?' in server else '?'}options=-c%20{option}"


def _refused(url: str) -> StateError:
    with pytest.raises(StateError) as refused, Store.open(url, VirtualClock(), create=True) as store:
        store.acquire(process=process())
    assert not isinstance(refused.value, DamagedRecordsError)
    assert "backup" not in refused.value.hint
    return refused.value


def test_a_standby_is_not_answered_with_move_the_damaged_records_away(server: str) -> None:
    Store.open(server, VirtualClock(), create=True).close()
    refused = _refused(_option(server, "default_transaction_read_only%3Don"))
    assert "takes no writes" in refused.hint


def test_a_plan_reads_from_a_standby(server: str) -> None:
    Store.open(server, VirtualClock(), create=True).close()
    with Store.open(_option(server, "default_transaction_read_only%3Don"), VirtualClock(), create=False) as store:
        assert store.exists
        assert not store.snapshot().records


@pytest.mark.parametrize(
    ("statement", "failure"),
    [
        ("SELECT 1::integer + 2147483647", Failure.RANGE),
        ("SELECT repeat('x', 2000000000)", Failure.RANGE),
        ("SELECT * FROM tnctl_that_is_not_there", Failure.DAMAGED),
        ("SET LOCAL statement_timeout = 1; SELECT pg_sleep(1)", Failure.BUSY),
        ("SELECT pg_terminate_backend(pg_backend_pid())", Failure.UNREACHABLE),
        ("SET LOCAL ROLE pg_monitor; CREATE TABLE public.tnctl_x (x int)", Failure.ACCESS),
    ],
)
def test_a_server_says_of_what_kind_its_failure_is(server: str, statement: str, failure: Failure) -> None:
    assert failure_of(_server_error(statement)) is failure


@pytest.mark.parametrize(
    ("options", "failure"),
    [
        ({"dbname": "tnctl_that_is_not_there"}, Failure.ACCESS),
        ({"user": "tnctl_that_is_not_there"}, Failure.ACCESS),
        ({"port": "1"}, Failure.UNREACHABLE),
    ],
)
def test_a_server_that_lets_nobody_in_is_told_from_one_that_is_away(
    server: str, options: dict[str, str], failure: Failure
) -> None:
    assert failure_of(_server_error("SELECT 1", **options)) is failure


@pytest.mark.skipif(SERVER is None, reason="a file has one lock, and no timeouts of a server")
@pytest.mark.parametrize(
    "held", ["LOCK TABLE tnctl_plans IN ACCESS EXCLUSIVE MODE", "SELECT * FROM tnctl_meta FOR UPDATE"]
)
def test_what_another_session_holds_is_held_and_not_a_fault_of_the_records(
    monkeypatch: pytest.MonkeyPatch, held: str
) -> None:
    from reconciler.state import server

    assert SERVER
    assert server.LOCK_SECONDS < server.STATEMENT_SECONDS, "the end of the statement says nothing of a lock"
    short = server._SETTINGS.replace(f"'{server.LOCK_SECONDS}s'", "'900ms'").replace("'10s'", "'1000ms'")
    monkeypatch.setattr(server, "_SETTINGS", short)
    clear_server(SERVER)
    engine = create_engine(Location.parse(SERVER).url)
    with Store.open(SERVER, VirtualClock(), create=True) as store, store.locked(process=process()):
        with engine.begin() as holder:
            holder.execute(text(held))
            with pytest.raises(LockedError, match="held by another session"):
                store.start_plan("plan", "digest")
        store.start_plan("plan", "digest")
    engine.dispose()


@pytest.mark.skipif(SERVER is None, reason="a file ends no statement")
def test_a_statement_that_was_ended_while_it_waited_for_a_row_is_held_and_any_other_a_failure() -> None:
    assert SERVER
    clear_server(SERVER)
    Store.open(SERVER, VirtualClock(), create=True).close()
    short = {"options": "-c statement_timeout=300"}
    engine = create_engine(Location.parse(SERVER).url)
    with engine.begin() as holder:
        holder.execute(text("SELECT * FROM tnctl_meta FOR UPDATE"))
        waiting = _server_error("SELECT * FROM tnctl_meta FOR UPDATE", **short)
    slow = _server_error("SELECT pg_sleep(2)", **short)
    engine.dispose()
    assert [_is_held(error) for error in (waiting, slow)] == [True, False]
    assert failure_of(slow) is Failure.BUSY
