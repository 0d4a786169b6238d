"""What the configuration settles besides resources: accounts, limits, and the fleet as a whole. Frozen, no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum

from reconciler.model import NOTHING, Address, Mark, Notice, Resource


class ProviderType(StrEnum):
    """The carriers that tnctl knows."""

    INTELEPEER = "intelepeer"
    INUMBERING = "inumbering"
    INFOBIP = "infobip"


@dataclass(frozen=True, slots=True)
class SecretRef:
    """Where a secret is kept, never the secret: an environment variable, a file, or a command's output."""

    kind: str
    """``env``, ``file`` or ``command``."""
    target: tuple[str, ...]
    """The variable's name, the file's path, or the command's arguments."""
    mark: Mark | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Limits:
    """A rate that replaces every documented budget of the carrier. None: the carrier's own."""

    requests_per_second: float | None = None
    max_in_flight: int | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """One carrier account of ``providers:``. ``base_url`` has no trailing slash; a path prefix is kept."""

    name: str
    type: ProviderType
    base_url: str
    credentials: Mapping[str, SecretRef] = NOTHING
    """``token``, ``api_key``, or ``username`` and ``password``; the environment's names are filled in already."""
    limits: Limits = Limits()
    api_path: str = "/sms/1/numbers"
    account_api: bool = False
    settle_after: timedelta = timedelta(seconds=900)
    on_ambiguous: str = "settle"
    mark: Mark | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Safety:
    """The limits of ``safety:`` with their defaults. ``max_deletes_percent`` counts from 20 objects up."""

    max_purchases: int = 10
    max_releases: int = 0
    max_deletes_count: int = 10
    max_deletes_percent: int = 10
    unknown_prices: str = "allow"
    max_monthly: Mapping[str, Decimal] = NOTHING
    max_setup: Mapping[str, Decimal] = NOTHING


DEFAULT_STATE = "sqlite:///.tnctl/state.db"


@dataclass(frozen=True, slots=True)
class Fleet:
    """A whole configuration, checked: what is wanted, where, and within which limits. ``resources`` are sorted."""

    accounts: Mapping[str, Account] = NOTHING
    resources: tuple[Resource, ...] = ()
    safety: Safety = Safety()
    state_url: str = field(default=DEFAULT_STATE, repr=False)
    notices: tuple[Notice, ...] = ()

    def by_address(self) -> dict[Address, Resource]:
        """The wanted resources by address."""
        return {resource.address: resource for resource in self.resources}
