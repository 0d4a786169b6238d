"""Every test of the records runs on a real SQLite file, and on PostgreSQL where one is named.

``TNCTL_TEST_POSTGRESQL=postgresql://user@host/database`` names a database whose tables and schemas that begin with
``tnctl_`` the tests may drop.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import create_engine, select, update
from state_doubles import SERVER, VirtualClock, clear_server, process

from reconciler.clock import stamp
from reconciler.state.location import Location
from reconciler.state.store import Store
from reconciler.state.tables import locks

if TYPE_CHECKING:
    from pathlib import Path

OpenStore = Callable[..., Store]
Later = Callable[[timedelta], None]


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture(params=["sqlite", "postgresql"] if SERVER else ["sqlite"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where no records are yet."""
    if request.param == "sqlite" or SERVER is None:
        return f"sqlite:///{tmp_path}/records/state.db"
    clear_server(SERVER)
    return SERVER


@pytest.fixture
def on_virtual_time(url: str) -> None:
    """For tests that look at the very moments: a server's own clock tells others."""
    if not url.startswith("sqlite"):
        pytest.skip("leases end by the server's clock")


@pytest.fixture
def later(url: str, clock: VirtualClock) -> Later:
    """Lets time pass: on the clock of the tests, and for leases, which a server's own clock ends, in what is stored."""

    def pass_by(span: timedelta) -> None:
        clock.pass_by(span)
        if not url.startswith("sqlite"):
            _age_leases(url, span)

    return pass_by


def _age_leases(url: str, span: timedelta) -> None:
    engine = create_engine(Location.parse(url).url)
    with engine.begin() as connection:
        for row in connection.execute(select(locks).where(locks.c.expires_at.is_not(None))).all():
            aged = stamp(datetime.fromisoformat(row.expires_at) - span)
            connection.execute(update(locks).where(locks.c.account == row.account).values(expires_at=aged))
    engine.dispose()


@pytest.fixture
def open_store(url: str, clock: VirtualClock) -> Iterator[OpenStore]:
    """Opens the records once more; each call is a connection of its own."""
    opened: list[Store] = []

    def open_once_more(**options: Any) -> Store:
        opened.append(Store.open(url, clock, **{"create": True, **options}))
        return opened[-1]

    yield open_once_more
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store: OpenStore) -> Iterator[Store]:
    """New records under the lock."""
    fresh = open_store()
    with fresh.locked(process=process()):
        yield fresh
