"""The whole program against real sockets that misbehave: bought once at most, and over within the deadline."""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from http_raw import LOOPBACK, MANNERS, Manner, Mischief, elsewhere, misbehaving

from reconciler.model import Plan, Report
from reconciler.model.fleet import Account
from reconciler.providers.credentials import Secrets
from reconciler.providers.http.budget import Rate
from reconciler.providers.http.transport import Transport
from reconciler.providers.registry import ProviderHandle, provider_class
from reconciler.state.store import Store
from reconciler.workflows.session import Options, Session
from tests.rig import ENVIRON, Rig

DEADLINE = 1.0
"""Seconds that one call may take."""

LIMIT = 15.0
"""Seconds that a run with at most a dozen such calls may take."""

PURCHASE = {"ib": ("POST", "numbers"), "vt": ("POST", "tnOrder"), "api": ("POST", "tnOrder")}
LISTING = ("GET", "numbers")

SOLD = {"ib": "+447700900123", "vt": "+12015550123", "api": "+12015550124"}
BRIEFLY = Options(wait=timedelta(0))


@dataclass
class SocketRig(Rig):
    """The rig, with real connections to ``url`` in place of the sandbox's adapter."""

    url: str = ""

    def session(self, *, writes: bool, store: Store | None = None) -> Session:
        session = super().session(writes=writes, store=store)
        self.wired: Mapping[str, ProviderHandle] = {
            name: self._wired(account, writes=writes) for name, account in session.fleet.accounts.items()
        }
        return replace(session, providers=self.wired)

    def _wired(self, account: Account, *, writes: bool) -> ProviderHandle:
        carrier = provider_class(account)
        http = Transport(
            f"{self.url}/{account.name}",
            carrier.authorize(Secrets(account.credentials, ENVIRON)),
            self.clock,
            budgets={"*": Rate(1000.0, burst=1000)},
            max_in_flight=1,
            writes=writes,
            deadline=DEADLINE,
            environ={},
        )
        return carrier(account, http)

    def apply(self, options: Options | None = None, saved: Plan | None = None) -> Report:
        began = time.monotonic()
        try:
            return super().apply(options, saved)
        finally:
            assert time.monotonic() - began < LIMIT
            for provider in self.wired.values():
                provider.http.close()


def buying(folder: Path, account: str) -> SocketRig:
    rig = SocketRig(folder)
    rig.write(f'numbers: {{"{SOLD[account]}": {{provider: {account}}}}}\n')
    return rig


def port_of(listener: socket.socket) -> int:
    port: int = listener.getsockname()[1]
    return port


def charges(rig: Rig) -> int:
    return len(rig.sandbox.ledger.charges())


def settled(rig: SocketRig, first: Report) -> None:
    """Until the outcome is proved, apply after apply, never a second purchase; then one number and exit code 0."""
    code = first.exit_code
    for _ in range(3):
        assert charges(rig) <= 1
        if code == 0:
            break
        rig.clock.sleep(1000)
        code = rig.apply(BRIEFLY).exit_code
    assert (code, charges(rig)) == (0, 1)


@pytest.mark.parametrize("commits", [True, False], ids=["committed", "lost"])
@pytest.mark.parametrize("manner", MANNERS.values(), ids=MANNERS)
@pytest.mark.parametrize("account", SOLD)
def test_a_purchase_whose_answer_leaves_the_socket_wrong_is_made_once(
    tmp_path: Path, account: str, manner: Manner, commits: bool
) -> None:
    rig, mischief = buying(tmp_path, account), Mischief(manner, *PURCHASE[account], commits)
    with misbehaving(rig.sandbox, mischief) as rig.url:
        first = rig.apply(BRIEFLY)
        assert (mischief.struck, charges(rig)) == (1, int(commits))
        settled(rig, first)


@pytest.mark.parametrize("manner", MANNERS.values(), ids=MANNERS)
def test_a_read_whose_answer_leaves_the_socket_wrong_is_never_taken_for_an_empty_account(
    tmp_path: Path, manner: Manner
) -> None:
    rig, mischief = buying(tmp_path, "ib"), Mischief(manner, *LISTING, times=3)
    with misbehaving(rig.sandbox, mischief) as rig.url:
        first = rig.apply(BRIEFLY)
        assert (first.exit_code, mischief.struck, charges(rig)) == (1, 3, 0)
        assert rig.apply(BRIEFLY).exit_code == 0
        assert charges(rig) == 1


@pytest.mark.parametrize("commits", [True, False], ids=["committed", "lost"])
@pytest.mark.parametrize("account", SOLD)
def test_a_redirect_to_another_port_is_not_followed(tmp_path: Path, account: str, commits: bool) -> None:
    with closing(socket.create_server((LOOPBACK, 0))) as other:
        other.setblocking(False)
        rig, mischief = (
            buying(tmp_path, account),
            Mischief(elsewhere(port_of(other)), *PURCHASE[account], commits),
        )
        with misbehaving(rig.sandbox, mischief) as rig.url:
            first = rig.apply(BRIEFLY)
            assert mischief.struck == 1
            settled(rig, first)
        with pytest.raises(BlockingIOError):
            other.accept()


def test_a_redirect_of_a_read_is_not_followed_either(tmp_path: Path) -> None:
    with closing(socket.create_server((LOOPBACK, 0))) as other:
        other.setblocking(False)
        rig, mischief = buying(tmp_path, "ib"), Mischief(elsewhere(port_of(other)), *LISTING)
        with misbehaving(rig.sandbox, mischief) as rig.url:
            assert rig.apply(BRIEFLY).exit_code == 1
        with pytest.raises(BlockingIOError):
            other.accept()
    assert charges(rig) == 0
