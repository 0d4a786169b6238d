"""What the configuration settles besides resources: accounts, limits, and the fleet as a whole. Frozen, no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from reconciler.model import NOTHING, Address, Kind, Mark, Notice, Price, Resource, Site
from reconciler.model.carrier_spec import CarrierSpec


class CarrierType(StrEnum):
    """The carriers that are built in: those that the sandbox plays by itself. An account may be of any other."""

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
    folder: Path = field(default=Path(), compare=False)
    """That of the configuration file which says so: there a relative path begins and a command runs, wherever tnctl is
    run. A program or a key of the same name elsewhere may be somebody else's."""

    @property
    def path(self) -> Path:
        """Where a secret in a file is; raises RuntimeError for the home of somebody who has none."""
        return self.folder / Path(self.target[0]).expanduser()


@dataclass(frozen=True, slots=True)
class Limits:
    """A rate that replaces every documented budget of the carrier. None: the carrier's own."""

    requests_per_second: float | None = None
    max_in_flight: int | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """One carrier account of ``providers:``. ``base_url`` has no trailing slash; a path prefix is kept."""

    name: str
    spec: CarrierSpec
    base_url: str
    credentials: Mapping[str, SecretRef] = NOTHING
    """``token``, ``api_key``, or ``username`` and ``password``; the environment's names are filled in already."""
    limits: Limits = Limits()
    options: Mapping[str, Any] = NOTHING
    """What is written of the options that only accounts of this carrier have, see :meth:`option`."""
    settle_after: timedelta = timedelta(seconds=900)
    moved: str | None = None
    """The name that the account had before."""
    mark: Mark | None = field(default=None, compare=False)

    @property
    def type(self) -> str:
        """The name of its carrier."""
        return self.spec.type

    def option(self, name: str) -> Any:
        """The value of one of its carrier's options, the default where it is not written."""
        return self.options[name] if name in self.options else self.spec.options[name].get("default")

    @property
    def path(self) -> str:
        """Where behind ``base_url`` the service is, where an option says it."""
        return str(self.option(self.spec.path_option)) if self.spec.path_option else ""

    @property
    def site(self) -> Site:
        """What tells it from another account, as far as a configuration can: its name, and where its calls go."""
        return Site(self.name, self.base_url + self.path)


@dataclass(frozen=True, slots=True)
class Safety:
    """The limits of ``safety:`` with their defaults. ``max_deletes_percent`` counts from 20 objects up.
    A limit on money that names no currency allows none, and None is no limit.

    ``release`` and ``forget`` are the numbers, in E.164, that are named there one by one, each with its place: those
    that may be released, and those that are dropped from management and stay owned.
    """

    max_purchases: int = 10
    max_releases: int = 0
    max_deletes_count: int = 10
    max_deletes_percent: int = 10
    unknown_prices: str = "allow"
    max_monthly: Mapping[str, Decimal] | None = None
    max_setup: Mapping[str, Decimal] | None = None
    release: Mapping[str, Mark] = NOTHING
    forget: Mapping[str, Mark] = NOTHING


Prices = Mapping[tuple[str, str, str], Price]
"""The price book: (account, country, ``local`` or ``toll_free``) -> what such a number costs, each with its date."""


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The most that one number of a pool may cost; amounts of other currencies cannot be held against it."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Search:
    """One place where a pool looks for numbers: an account and that carrier's search fields.

    ``template`` is what a number found there becomes: the resources of one line, whose addresses have an empty name
    where the telephone number goes.
    """

    account: str
    fields: Mapping[str, Any]
    template: tuple[Resource, ...] = ()


@dataclass(frozen=True, slots=True)
class Pool:
    """So many numbers from these searches, tried in order.

    ``prefer`` holds ``cheapest``, ``consecutive``, ``spread`` and vanity patterns (digits, capital letters as on a
    keypad, ``?`` for one digit, ``*`` for any), the first counting most. ``adopt``: numbers that are owned, fit and
    nobody declares come before any purchase; None where it does not say, and then new records ask. ``moved`` is the
    name that the pool had before.
    """

    name: str
    size: int
    searches: tuple[Search, ...]
    max_monthly: Ceiling | None = None
    max_setup: Ceiling | None = None
    prefer: tuple[str, ...] = ()
    adopt: bool | None = None
    moved: str | None = None
    mark: Mark | None = field(default=None, compare=False)

    @property
    def accounts(self) -> frozenset[str]:
        """Every account that filling a slot may ask or change."""
        return frozenset(r.account for s in self.searches for r in s.template) | {s.account for s in self.searches}

    @property
    def labels(self) -> Mapping[str, str]:
        """The labels of its numbers."""
        return next((resource.labels for search in self.searches for resource in search.template), NOTHING)

    @property
    def assigns(self) -> Address | None:
        """The campaign that its numbers send for, if they send for one."""
        assignments = (r for s in self.searches for r in s.template if r.address.kind is Kind.ASSIGNMENT)
        return next((assignment.needs[-1] for assignment in assignments), None)

    def template(self, account: str) -> tuple[Resource, ...]:
        """What a number at that account becomes; at an account where the pool does not look, as at the first."""
        return next((s.template for s in self.searches if s.account == account), self.searches[0].template)


STATE_FILE: Final = Path(".tnctl/state.db")
"""Where the records are, from the configuration's folder, when nothing is said of it."""

SANDBOX: Final = Path(".tnctl/sandbox")
"""Where the sandbox keeps its books, and the records of its runs, so that they never mix with real ones."""


@dataclass(frozen=True, slots=True)
class StatePlace:
    """Where the records of a configuration are. ``url`` None: it does not say, and is not the files of one folder.

    ``home`` is the folder that it lies in; of several, that of the file which says ``state``. ``former``: where an
    earlier tnctl kept the same records, from the working directory.
    """

    url: str | None = field(default=f"sqlite:///{STATE_FILE}", repr=False)
    home: Path | None = Path()
    former: Path | None = None
    is_default: bool = False
    """Whether nobody has said it: they are beside the configuration."""


@dataclass(frozen=True, slots=True)
class Fleet:
    """A whole configuration, checked: what is wanted, where, and within which limits.

    ``resources`` are sorted; those of the numbers that ``pools`` hold are made in each run.
    """

    name: str = ""
    """``fleet:``; empty where it is not written."""
    accounts: Mapping[str, Account] = NOTHING
    resources: tuple[Resource, ...] = ()
    pools: tuple[Pool, ...] = ()
    safety: Safety = Safety()
    state: StatePlace = StatePlace()
    notices: tuple[Notice, ...] = ()
    prices: Prices = NOTHING

    @property
    def moves(self) -> dict[str, str]:
        """The former name of each account that says it -> the name that it has now."""
        return {account.moved: name for name, account in self.accounts.items() if account.moved is not None}

    @property
    def account_types(self) -> dict[str, str]:
        """Account -> the type of its carrier."""
        return {name: account.type for name, account in self.accounts.items()}

    def by_address(self) -> dict[Address, Resource]:
        """The wanted resources by address."""
        return {resource.address: resource for resource in self.resources}
