"""``state ledger --compare``: which accounts may have what was bought, and what each of them lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from reconciler.executor.scheduler import Workers, threads
from reconciler.model import Kind, LedgerEntry, Observation, StateSnapshot
from reconciler.model.fleet import Account, Fleet
from reconciler.planning.selection import Selection
from reconciler.providers.base import Provider
from reconciler.workflows.observe import observe
from reconciler.workflows.scope import accounts_in_use
from reconciler.workflows.session import Known


def accounts_to_ask(fleet: Fleet, state: StateSnapshot, entries: Iterable[LedgerEntry]) -> dict[str, Account]:
    """The accounts of the configuration that are in use, or on a line of the ledger."""
    used = accounts_in_use(fleet, Known.of(fleet, state), Selection()).union(entry.account for entry in entries)
    return {name: account for name, account in fleet.accounts.items() if name in used}


def listed(providers: Mapping[str, Provider], workers: Workers = threads) -> dict[str, Observation | str]:
    """Account -> everything that it lists, or why it cannot tell."""
    lists = {name: Kind.NUMBER in provider.capabilities.reads for name, provider in providers.items()}
    seen = observe(providers, {name: () for name, can in lists.items() if can}, workers)
    silent = dict.fromkeys((name for name, can in lists.items() if not can), "the account has no call that lists them")
    return {**seen, **silent}
