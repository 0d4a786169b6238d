"""Several sets of records in one PostgreSQL database, each in a schema of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, text
from state_doubles import NUMBER, SERVER, VirtualClock, clear_server, process, tell_lineage, together

from reconciler.errors import StateError, UsageError
from reconciler.model import Origin, Record
from reconciler.state.location import Location
from reconciler.state.store import Store


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


def _open(url: str, *, create: bool = True) -> Store:
    return Store.open(url, VirtualClock(), create=create)


def test_two_schemas_of_one_database_are_two_sets_of_records(server: str) -> None:
    with _open(_of(server, "tnctl_test_a")) as one, _open(_of(server, "tnctl_test_b")) as other, _open(server) as third:
        assert len({one.lineage, other.lineage, third.lineage}) == 3
        with one.locked(process=process(1)), other.locked(process=process(2)):
            one.put([Record(NUMBER, "desk", Origin.ADOPTED)])
            assert other.record(NUMBER) is None
            assert third.record(NUMBER) is None
    with _open(_of(server, "tnctl_test_a"), create=False) as again:
        assert again.record(NUMBER) is not None


def test_a_schema_is_made_when_it_is_missing_and_not_by_a_plan(server: str) -> None:
    with _open(_of(server, "tnctl_test_a"), create=False) as absent:
        assert not absent.exists
    with _open(_of(server, "tnctl_test_a")) as made:
        assert made.exists


def test_processes_that_make_one_schema_at_once_make_one_lineage(server: str) -> None:
    assert len(set(together(tell_lineage, _of(server, "tnctl_test_a")))) == 1


@pytest.fixture
def stranger(server: str) -> Iterator[str]:
    """A user who may connect and nothing else."""
    drop = "DROP OWNED BY tnctl_test_stranger; DROP ROLE tnctl_test_stranger"
    _run(server, "CREATE ROLE tnctl_test_stranger LOGIN")
    yield "tnctl_test_stranger"
    _run(server, drop)


def test_a_schema_that_may_not_be_made_is_said_with_the_statement_that_makes_it(server: str, stranger: str) -> None:
    with pytest.raises(StateError, match="is not there, and this user may not make it") as refused:
        _open(_of(server, "tnctl_test_a", stranger))
    assert 'CREATE SCHEMA tnctl_test_a AUTHORIZATION "tnctl_test_stranger"' in refused.value.hint
    _run(server, f"CREATE SCHEMA tnctl_test_a AUTHORIZATION {stranger}")
    _open(_of(server, "tnctl_test_a", stranger)).close()


@pytest.mark.parametrize("create", [True, False])
def test_records_that_are_out_of_reach_are_not_taken_for_none(server: str, stranger: str, create: bool) -> None:
    _open(_of(server, "tnctl_test_a")).close()
    with pytest.raises(StateError, match="may not use the schema tnctl_test_a"):
        _open(_of(server, "tnctl_test_a", stranger), create=create)
    _run(server, f"GRANT USAGE ON SCHEMA tnctl_test_a TO {stranger}")
    with pytest.raises(StateError, match="permission denied") as refused:
        _open(_of(server, "tnctl_test_a", stranger), create=create)
    assert "GRANT" in refused.value.hint


@pytest.mark.parametrize(
    "name",
    ["", "a&schema=b", "A", "a-b", "1a", "pg_x", "tnctl_shared", "information_schema", "a%22b", "a" * 64, "é", "a%0A"],
)
def test_what_is_no_name_of_a_schema_is_refused(name: str) -> None:
    for query in (f"schema={name}", f"sslmode=require&schema={name}", f"schema={name}&sslmode=require"):
        with pytest.raises(UsageError):
            Location.parse(f"postgresql://db.example/tnctl?{query}")


def test_a_schema_is_part_of_what_is_shown_and_of_nothing_that_the_driver_is_told() -> None:
    location = Location.parse("postgresql://user:canary@db.example/tnctl?schema=desk_1&sslmode=require")
    assert location.shown == "postgresql://db.example/tnctl?schema=desk_1"
    assert location.schema == "desk_1"
    assert dict(location.url.query) == {"sslmode": "require"}
