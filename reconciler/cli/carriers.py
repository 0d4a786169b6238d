"""The carriers of a command: real ones, or those of the built-in sandbox; opened, counted, cut and closed together."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Set
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from reconciler.clock import Clock
from reconciler.errors import CredentialError
from reconciler.model.fleet import Account, Limits, SecretRef
from reconciler.providers import registry
from reconciler.providers.credentials import Secrets
from reconciler.providers.registry import ProviderHandle
from reconciler.sandbox import AccountSpec, Sandbox
from reconciler.sandbox.curl_help import ANY_CREDENTIAL
from reconciler.sandbox.server import account_url, running
from reconciler.sandbox.store import SandboxStore
from reconciler.state import files

SANDBOX_RATE = 200.0
"""Calls a second to a sandbox account without `limits`: the documented budgets protect real carriers."""


@dataclass(frozen=True, slots=True)
class OpenCarriers:
    """The carrier accounts of one command, by name."""

    handles: Mapping[str, ProviderHandle]
    sizes: Mapping[str, int]
    """Account -> calls that may be in flight there."""

    def requests(self) -> dict[str, tuple[int, int]]:
        """Account -> (reads, writes) made so far, of the accounts that were asked anything."""
        made = {name: (handle.http.reads, handle.http.writes) for name, handle in self.handles.items()}
        return {name: counts for name, counts in made.items() if any(counts)}

    def halt(self) -> None:
        """Let no write begin any more."""
        for handle in self.handles.values():
            handle.http.halt()

    def cut(self) -> None:
        """End the calls in flight; none begins any more."""
        for handle in self.handles.values():
            handle.http.cut()


@contextmanager
def opened(
    accounts: Mapping[str, Account], used: Set[str], clock: Clock, *, sandbox: Path | None, writes: bool
) -> Iterator[OpenCarriers]:
    """``accounts``, while the block runs; with ``sandbox``, those of the sandbox that keeps its books there. Those in
    ``used`` will be asked: raises CredentialError, naming every credential that they lack."""
    with ExitStack() as stack:
        environ: Mapping[str, str] = os.environ
        if sandbox is not None:
            accounts, environ = stack.enter_context(_sandboxed(accounts, clock, sandbox))
        secrets = {name: Secrets(account.credentials, environ) for name, account in accounts.items()}
        _check_credentials([account for name, account in accounts.items() if name in used], secrets)
        handles = {
            name: registry.build(account, secrets[name], clock, writes=writes) for name, account in accounts.items()
        }
        for handle in handles.values():
            stack.enter_context(closing(handle.http))
        sizes = {name: registry.in_flight(account) for name, account in accounts.items()}
        yield OpenCarriers(handles, sizes)


def serve(accounts: Mapping[str, Account], clock: Clock, folder: Path) -> Sandbox:
    """A sandbox with those accounts, its books kept in ``folder``."""
    specs = {name: AccountSpec.of(account) for name, account in accounts.items()}
    sandbox = Sandbox(specs, clock)
    files.make_folder(folder)
    SandboxStore(folder).attach(sandbox)
    with sandbox.guard():
        for name, account in accounts.items():
            if account.moved is not None:
                sandbox.rename(account.moved, name)
    return sandbox


def reset(folder: Path) -> None:
    """Wipe the sandbox's ``folder``: the carriers' books, and the records of runs against them."""
    SandboxStore(folder).reset()
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _sandboxed(
    accounts: Mapping[str, Account], clock: Clock, folder: Path
) -> Iterator[tuple[Mapping[str, Account], Mapping[str, str]]]:
    """The same accounts at a sandbox on a free port, and the environment that their stand-in credentials are in."""
    with running(serve(accounts, clock, folder)) as url:
        moved = {name: _moved(account, account_url(url, name)) for name, account in accounts.items()}
        yield moved, {name: ANY_CREDENTIAL for account in accounts.values() for name in account.credentials}


def _moved(account: Account, url: str) -> Account:
    """``account`` at the sandbox: no secret is looked up, and no rate limit but a written one."""
    limits = account.limits
    if limits.requests_per_second is None:
        limits = Limits(SANDBOX_RATE, limits.max_in_flight)
    stand_ins = {name: SecretRef("env", (name,)) for name in account.credentials}
    return replace(account, base_url=url, credentials=stand_ins, limits=limits)


def locked_out(accounts: Iterable[Account]) -> dict[str, str]:
    """Account -> which of its credentials lead nowhere; of those that can be asked, nothing."""
    found: dict[str, str] = {}
    for account in accounts:
        try:
            _check_credentials([account], {account.name: Secrets(account.credentials, os.environ)})
        except CredentialError as error:
            found[account.name] = error.message
    return found


def _check_credentials(accounts: Iterable[Account], secrets: Mapping[str, Secrets]) -> None:
    """Look every credential up before anything is asked, so that all that is missing is told at once."""
    missing: list[str] = []
    for account in accounts:
        for credential in account.credentials:
            try:
                secrets[account.name].get(credential)
            except CredentialError as error:
                missing.append(error.message)
    if missing:
        raise CredentialError("\n".join(missing))
