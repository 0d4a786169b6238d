"""The right to act with records on a PostgreSQL server that is real, and that fails in the ways that servers fail.

They run where ``TNCTL_TEST_POSTGRESQL`` says that there is one to be had (see ``.ci/run``), on servers of their own:
each is stopped, frozen and killed here. Every wait is bounded, every exit code tells, and no write leaves once the
records or the lock are lost.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from reconciler.errors import EXIT_LOCKED, EXIT_OK, EXIT_SIGTERM, EXIT_STALE
from tests.executor.commands import PATIENCE, ROOT, Desk, Running, desk, eventually
from tests.executor.test_right_to_act import IN_FLIGHT, TWELVE, bought_once, ended

pytestmark = pytest.mark.skipif("TNCTL_TEST_POSTGRESQL" not in os.environ, reason="no PostgreSQL to be had")

BOUND = 25.0
"""Seconds in which a command must have ended that waits for a server in vain."""


@dataclass
class Server:
    """A PostgreSQL server of a test's own."""

    folder: Path
    url: str

    def does(self, sql: str) -> None:
        """Run one statement on it."""
        import psycopg

        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(sql)

    def stop_at_once(self) -> None:
        """As a power cut does."""
        subprocess.run([ROOT / ".ci/postgresql", "stop", self.folder], check=True)

    def start_again(self) -> None:
        """What it had committed is there."""
        subprocess.run([ROOT / ".ci/postgresql", "again", self.folder], check=True, stdout=subprocess.DEVNULL)

    def processes(self) -> list[int]:
        """The server and all its sessions."""
        first = int((self.folder / "data/postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        return [first, *map(int, children)]

    def freeze(self, number: signal.Signals = signal.SIGSTOP) -> None:
        """Stop everything, so that its kernel still acknowledges what is sent."""
        for pid in self.processes():
            os.kill(pid, number)


@pytest.fixture
def server() -> Iterator[Server]:
    folder = Path(tempfile.mkdtemp(prefix="tnctl-server-"))
    folder.chmod(0o755)
    started = subprocess.run([ROOT / ".ci/postgresql", "start", folder], check=True, capture_output=True, text=True)
    made = Server(folder, started.stdout.strip())
    yield made
    made.freeze(signal.SIGCONT)
    subprocess.run([ROOT / ".ci/postgresql", "stop", folder], check=False, capture_output=True)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def place(tmp_path: Path, server: Server) -> Iterator[Desk]:
    with desk(tmp_path) as ready:
        ready.state = server.url
        yield ready


def timed(process: Running) -> tuple[int, float]:
    began = time.monotonic()
    code = process.wait(PATIENCE)
    return code, time.monotonic() - began


def test_a_server_that_is_gone_after_two_charges_lets_no_other_order_leave(place: Desk, server: Server) -> None:
    process = place.begun(TWELVE, IN_FLIGHT)
    server.stop_at_once()
    assert ended(process, place) == EXIT_STALE
    assert place.writes() == IN_FLIGHT
    server.start_again()
    eventually(lambda: place.apply() == EXIT_OK, "the lease of the run before is over, or it is known dead")
    bought_once(place)


def test_a_session_that_the_server_ends_loses_nothing(place: Desk, server: Server) -> None:
    process = place.begun(TWELVE, IN_FLIGHT)
    server.does("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tnctl'")
    code = ended(process, place)
    assert code in (EXIT_OK, EXIT_STALE)
    if code == EXIT_STALE:
        assert place.writes() == IN_FLIGHT
    assert place.apply() == EXIT_OK
    bought_once(place)


def test_a_killed_run_is_known_dead_on_its_machine_and_its_orders_are_settled(place: Desk) -> None:
    process = place.begun(TWELVE, IN_FLIGHT)
    process.kill()
    process.wait(PATIENCE)
    assert len(place.open_intents()) == IN_FLIGHT
    assert place.apply() == EXIT_OK
    bought_once(place)


def test_a_frozen_server_ends_every_command_in_time(place: Desk, server: Server) -> None:
    place.sandbox.answers.set()
    place.write(TWELVE)
    assert place.apply() == EXIT_OK
    server.freeze()
    for arguments in (["apply", "-y", "--lock-timeout", "3s"], ["unlock", "abcdef01"], ["plan"]):
        code, seconds = timed(place.start(*arguments))
        assert code in (EXIT_STALE, EXIT_LOCKED), arguments
        assert seconds < BOUND, arguments


def test_a_server_that_freezes_during_a_run_lets_no_other_order_leave(place: Desk, server: Server) -> None:
    process = place.begun(TWELVE, IN_FLIGHT)
    server.freeze()
    place.sandbox.answers.set()
    code, seconds = timed(process)
    assert (code, place.writes()) == (EXIT_STALE, IN_FLIGHT)
    assert seconds < BOUND
    server.freeze(signal.SIGCONT)
    assert place.apply() == EXIT_OK
    bought_once(place)


def test_rows_that_a_stopped_session_holds_end_every_command_in_time(place: Desk, server: Server) -> None:
    import psycopg

    place.sandbox.answers.set()
    place.write(TWELVE)
    assert place.apply() == EXIT_OK
    with psycopg.connect(server.url) as holder:
        holder.execute("SELECT * FROM tnctl_locks FOR UPDATE")
        code, seconds = timed(place.start("apply", "-y", "--lock-timeout", "3s"))
        assert code == EXIT_LOCKED
        assert seconds < BOUND
        process = place.start("apply", "-y", "--lock-timeout", "10m")
        eventually(lambda: waits_for_rows(server), "the run waits for the rows")
        process.send_signal(signal.SIGTERM)
        code, seconds = timed(process)
        assert code == EXIT_SIGTERM
        assert seconds < BOUND


def waits_for_rows(server: Server) -> bool:
    """Whether a session of tnctl is there at all; it then waits, as nobody lets it have the rows."""
    import psycopg

    with psycopg.connect(server.url) as connection:
        found = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'tnctl' AND wait_event_type = 'Lock'"
        ).fetchone()
    return found is not None and found[0] > 0


@pytest.mark.skipif(shutil.which("unshare") is None or os.geteuid() != 0, reason="another host needs a namespace")
def test_a_live_lock_is_left_alone_by_another_host_of_the_same_name(place: Desk) -> None:
    """And one whose holder is not among its own processes: a pid that is not alive here says nothing."""
    process = place.begun(TWELVE, IN_FLIGHT)
    place.sandbox.answers.clear()
    elsewhere = ["unshare", "--pid", "--fork", "--mount-proc", "--uts"]
    other = place.spawn("apply", "-y", within=elsewhere)
    assert other.wait(PATIENCE) == EXIT_LOCKED
    assert ended(process, place) == EXIT_OK
    bought_once(place)


def test_three_shards_side_by_side_all_end_well(place: Desk) -> None:
    place.sandbox.answers.set()
    place.write(
        "numbers:\n"
        '  "+447700900123": {provider: ib}\n'
        '  "+12015550123": {provider: vt}\n'
        '  "+17205550142": {provider: ip, sms: true}\n'
    )
    assert place.start("plan").wait(PATIENCE) == EXIT_OK
    shards = [place.start("apply", "-y", "--only", f"provider={account}") for account in ("ib", "vt", "ip")]
    assert [shard.wait(PATIENCE) for shard in shards] == [EXIT_OK, EXIT_OK, EXIT_OK]
    assert place.writes() == 3


def test_two_shards_that_share_a_pool_do_not_fill_a_slot_twice(place: Desk) -> None:
    place.sandbox.answers.set()
    place.write(
        "pools:\n"
        "  desk:\n"
        "    size: 1\n"
        "    search:\n"
        "      - {provider: ib, country: GB}\n"
        "      - {provider: vt, province: NJ}\n"
    )
    allowed = ("apply", "-y", "--new-records", "--lock-timeout", "1m")
    shards = [place.start(*allowed, "--only", f"provider={account}") for account in ("ib", "vt")]
    codes = [shard.wait(PATIENCE) for shard in shards]
    assert codes == [EXIT_OK, EXIT_OK]
    assert len(place.sandbox.ledger.charges()) == 1
