"""Which carriers there are, and how an account of the configuration becomes one that can be asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from requests.adapters import BaseAdapter

from reconciler.clock import Clock
from reconciler.model.fleet import Account, ProviderType
from reconciler.providers.base import Provider
from reconciler.providers.credentials import Secrets
from reconciler.providers.http.budget import DEFAULT, Rate
from reconciler.providers.http.transport import Transport
from reconciler.providers.infobip.provider import Infobip
from reconciler.providers.intelepeer.provider import IntelePeer
from reconciler.providers.inumbering.provider import INumbering

PROVIDERS: Mapping[ProviderType, type[IntelePeer | INumbering | Infobip]] = {
    ProviderType.INTELEPEER: IntelePeer,
    ProviderType.INUMBERING: INumbering,
    ProviderType.INFOBIP: Infobip,
}


class ProviderHandle(Provider, Protocol):
    """A provider with the transport beneath it, whose requests can be counted, cut and closed."""

    http: Transport


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
    carrier = PROVIDERS[account.type]
    http = Transport(
        account.base_url,
        carrier.authorize(secrets),
        clock,
        budgets=_budgets(account, carrier.budgets),
        max_in_flight=account.limits.max_in_flight or carrier.max_in_flight,
        writes=writes,
        can_refresh=secrets.can_refresh,
        unauthorized=carrier.unauthorized,
        adapter=adapter,
        environ=environ,
    )
    return carrier(account, http)


def _budgets(account: Account, documented: Mapping[str, Rate]) -> Mapping[str, Rate]:
    """The account's own rate in place of every documented one; it may save up a second's worth of calls."""
    rate = account.limits.requests_per_second
    return documented if rate is None else {DEFAULT: Rate(rate, burst=max(1, int(rate)))}
