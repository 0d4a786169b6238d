"""What a saved plan binds of the configuration, as one digest."""

from __future__ import annotations

from typing import Any

from reconciler.model import Resource, revealed
from reconciler.model.fleet import Fleet, Pool
from reconciler.state.store import Store

_NO_PATH = "/sms/1/numbers"
"""What the digest has for an account without a path: plans that were saved before still hold."""


def config_digest(fleet: Fleet, store: Store) -> str:
    """An HMAC over the desired resources and the accounts: what a saved plan binds of the configuration."""
    resources = [_bound(resource) for resource in fleet.resources]
    accounts = [[a.name, a.type, a.base_url, a.path or _NO_PATH] for _, a in sorted(fleet.accounts.items())]
    return store.fingerprint([resources, [_pool_bound(pool) for pool in fleet.pools], accounts])


def _bound(resource: Resource) -> list[Any]:
    after = resource.release_after
    return [
        str(resource.address),
        resource.account,
        revealed(resource.attrs),
        [str(need) for need in resource.needs],
        dict(resource.labels),
        resource.protect,
        None if after is None else int(after.total_seconds()),
    ]


def _pool_bound(pool: Pool) -> list[Any]:
    ceilings = [pool.max_monthly, pool.max_setup]
    return [
        pool.name,
        pool.size,
        [[s.account, dict(s.fields), [_bound(resource) for resource in s.template]] for s in pool.searches],
        [None if ceiling is None else [str(ceiling.amount), ceiling.currency] for ceiling in ceilings],
        [list(pool.prefer), bool(pool.adopt), pool.moved],
    ]
