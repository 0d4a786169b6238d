"""How an account of the configuration becomes one that can be asked."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from contextlib import closing
from typing import Protocol

from requests.adapters import BaseAdapter

from reconciler.clock import Clock, SystemClock
from reconciler.errors import ConfigError
from reconciler.model import Kind
from reconciler.model.fleet import Account
from reconciler.providers.base import Provider
from reconciler.providers.credentials import Secrets
from reconciler.providers.http.budget import DEFAULT, Rate
from reconciler.providers.http.messages import Answer, Authorize
from reconciler.providers.http.transport import Transport


class ProviderHandle(Provider, Protocol):
    """A provider with the transport beneath it, whose requests can be counted, cut and closed."""

    http: Transport


class ProviderClass(Protocol):
    """What a carrier's spec names as ``provider``: the class of its accounts, with what its transport must know."""

    budgets: Mapping[str, Rate]
    """Call -> the rate that the carrier documents; ``*`` for every other."""
    max_in_flight: int
    """Calls that an account may have under way at once."""

    def authorize(self, secrets: Secrets) -> Authorize:
        """What proves to each call who we are."""
        ...

    def unauthorized(self, answer: Answer) -> bool:
        """Whether the credential was refused."""
        ...

    def __call__(self, account: Account, http: Transport) -> ProviderHandle:
        """One account; nothing is sent."""
        ...


def build(
    account: Account,
    secrets: Secrets,
    clock: Clock,
    *,
    writes: bool,
    adapter: BaseAdapter | None = None,
    environ: Mapping[str, str] | None = None,
) -> ProviderHandle:
    """The carrier account that ``account`` describes; nothing is sent and no credential looked up yet.

    Without ``writes`` its transport refuses to change anything. ``adapter`` takes the place of the network.
    ``environ`` names proxies and the CA bundle; the process's own environment by default.
    """
    carrier = provider_class(account)
    http = Transport(
        account.base_url,
        carrier.authorize(secrets),
        clock,
        budgets=_budgets(account, carrier.budgets),
        max_in_flight=in_flight(account),
        writes=writes,
        can_refresh=secrets.can_refresh,
        unauthorized=carrier.unauthorized,
        adapter=adapter,
        environ=environ,
    )
    return carrier(account, http)


def kinds_of(account: Account) -> frozenset[Kind]:
    """What an account of its carrier can have; nothing is asked, and no credential looked up."""
    handle = build(account, Secrets(account.credentials, {}), SystemClock(), writes=False)
    with closing(handle.http):
        return handle.capabilities.kinds


def provider_class(account: Account) -> ProviderClass:
    """The class that the spec of the account's carrier names; raises ConfigError where that cannot be loaded."""
    try:
        found: ProviderClass = pkgutil.resolve_name(account.spec.account)
    except Exception as error:  # whatever another package's module raises
        place = f"{account.mark}: " if account.mark else ""
        message = f"{account.spec.account}, of carrier `{account.type}`, cannot be loaded"
        problem = f"{place}account {account.name}: {message} ({type(error).__name__}: {error})"
        raise ConfigError([problem], hint="install the carrier's package again, or take the account out") from error
    return found


def in_flight(account: Account) -> int:
    """Calls that may be under way there at once."""
    return account.limits.max_in_flight or provider_class(account).max_in_flight


def _budgets(account: Account, documented: Mapping[str, Rate]) -> Mapping[str, Rate]:
    """The account's own rate in place of every documented one; it may save up a second's worth of calls."""
    rate = account.limits.requests_per_second
    return documented if rate is None else {DEFAULT: Rate(rate, burst=max(1, int(rate)))}
