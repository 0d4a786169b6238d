"""What a command works with: the configuration, the records, and the carriers that it uses."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from reconciler.cli import carriers
from reconciler.cli.earlier_records import refuse_earlier
from reconciler.cli.options import Common
from reconciler.clock import Clock, SystemClock
from reconciler.config import load
from reconciler.config.load import load_configuration
from reconciler.config.trusted import records_of_the_branch
from reconciler.errors import UsageError
from reconciler.executor.events import Listener
from reconciler.model import Plan
from reconciler.model.fleet import SANDBOX, Account, Fleet
from reconciler.planning.selection import Selection
from reconciler.providers.installed import CARRIERS
from reconciler.providers.registry import ProviderHandle
from reconciler.state.location import Location
from reconciler.state.store import Store
from reconciler.workflows.scope import accounts_in_use, refuse_unknown_accounts
from reconciler.workflows.session import Known, Session

Precheck = Callable[[Fleet, Store, Known], None]

SYSTEM_CLOCK = SystemClock()


def load_fleet(common: Common, *, webhooks: bool = True) -> Fleet:
    """The configuration; raises ConfigError with every problem. Without ``webhooks`` their variables may be unset."""
    fleet = load_configuration(
        common.files,
        os.environ,
        carriers=CARRIERS,
        sandbox=common.sandbox,
        webhooks=webhooks,
        accounts=common.accounts,
    )
    if common.accounts is None or common.state or common.sandbox or not fleet.state.is_default:
        return fleet
    doubtful = records_of_the_branch(Path(str(fleet.state.url).removeprefix("sqlite:///")), common.accounts)
    return fleet if doubtful is None else replace(fleet, notices=(doubtful, *fleet.notices))


def state_url(common: Common, fleet: Fleet | None = None) -> str:
    """Where the records are: as the command line says, else as the configuration does.

    Raises IntegrityError where an earlier tnctl has left them in the working directory.
    """
    if common.state:
        return common.state
    if common.sandbox:
        folder = sandbox_folder(common, fleet)
        refuse_earlier(SANDBOX / "state.db", folder / "state.db", only_of_an_earlier_format=True)
        return f"sqlite:///{folder / 'state.db'}"
    place = (fleet or load_fleet(common, webhooks=False)).state
    if place.url is None:
        raise _homeless()
    path = Location.parse(place.url).path
    if place.former is not None and path is not None:
        refuse_earlier(place.former, path)
    return place.url


def shown_state(common: Common, fleet: Fleet) -> str:
    """Where the records are, as it may be printed."""
    return Location.parse(state_url(common, fleet)).shown


def sandbox_folder(common: Common, fleet: Fleet | None = None) -> Path:
    """The sandbox's folder: with the configuration, as the records are."""
    home = load.home(common.files) or (fleet or load_fleet(replace(common, sandbox=True), webhooks=False)).state.home
    if home is None:
        raise _homeless()
    return load.from_here(home / SANDBOX)


def books(common: Common, fleet: Fleet | None = None) -> Path | None:
    """The sandbox's folder when the carriers are the sandbox's, else None."""
    return sandbox_folder(common, fleet) if common.sandbox else None


def _homeless() -> UsageError:
    """The error of a configuration that does not say where its records are, and is not the files of one folder."""
    return UsageError(
        "where the records are is not said: the configuration is not the files of one folder",
        hint="write `state` in one of the files, or name the records with --state",
    )


def open_store(common: Common, fleet: Fleet | None = None, *, create: bool = False) -> Store:
    """The records, made when missing and ``create``. Without ``fleet`` the configuration is read only if need be.

    Raises IntegrityError for records of another fleet than ``fleet``.
    """
    store = Store.open(state_url(common, fleet), SYSTEM_CLOCK, create=create, sandbox=common.sandbox)
    store.read_as(*((fleet.moves, fleet.account_types) if fleet else ({},)))
    with ExitStack() as on_failure:
        on_failure.callback(store.close)
        if fleet is not None:
            store.refuse_other_fleet(fleet.name)
        on_failure.pop_all()
    return store


@contextmanager
def session(
    common: Common,
    selection: Selection,
    listener: Listener,
    clock: Clock = SYSTEM_CLOCK,
    *,
    writes: bool = False,
    declared: bool = True,
    saved: Plan | None = None,
    check: Precheck = lambda _fleet, _store, _known: None,
) -> Iterator[tuple[Session, Known]]:
    """Everything that a run needs, and what is known before it asks a carrier, while the block runs.

    ``writes``: the carriers may be changed. ``declared``: what the configuration declares matters, and the records
    are made when missing; without it the run looks at what is on record and nothing else. ``saved``: it is about what
    that plan names. ``check`` may raise for
    what configuration and records say, before any credential is looked for. Raises IntegrityError for records that
    are of the carriers where this is the sandbox, or the other way round, and UsageError when ``selection`` names an
    account that nobody knows.
    """
    fleet = load_fleet(common)
    with open_store(common, fleet, create=declared) as store:
        store.refuse_other_world(sandbox=common.sandbox)
        known = Known.of(fleet, store.snapshot())
        refuse_unknown_accounts(fleet, known.state, selection.accounts)
        check(fleet, store, known)
        used = accounts_in_use(fleet, known, selection, declared=declared, saved=saved)
        with carriers.opened(fleet.accounts, used, clock, sandbox=books(common, fleet), writes=writes) as opened:
            made = Session(
                fleet=fleet,
                store=store,
                providers=opened.handles,
                clock=clock,
                listener=listener,
                accounts=frozenset(used),
                sizes=dict(opened.sizes),
                requests=opened.requests,
                halt=opened.halt,
                cut=opened.cut,
                real=not common.sandbox,
            )
            yield made, known


@contextmanager
def reading(common: Common, account: Account) -> Iterator[ProviderHandle]:
    """One account to read from, while the block runs."""
    name = account.name
    with carriers.opened({name: account}, {name}, SYSTEM_CLOCK, sandbox=books(common), writes=False) as opened:
        yield opened.handles[name]
