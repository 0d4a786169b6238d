"""``tnctl state mv`` and ``forget``: records renamed and dropped, under the lock. The carriers are only read."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click

from reconciler.cli import parameter_types
from reconciler.cli.options import Common, lock_timeout_option, with_common
from reconciler.cli.output import show
from reconciler.errors import EXIT_OK
from reconciler.model import Address

if TYPE_CHECKING:
    from datetime import timedelta

    from reconciler.state.store import Store


@click.command("mv")
@click.argument("old", type=parameter_types.address)
@click.argument("new", type=parameter_types.address)
@lock_timeout_option
@with_common
def move(common: Common, old: Address, new: Address, lock_timeout: timedelta) -> int:
    """Rename a record, as the configuration was. A slot stays in its pool."""
    from reconciler.cli import context
    from reconciler.workflows.edit import check_movable

    check_movable(old, new)
    with context.open_store(common, create=True) as store, store.locked(lock_timeout):
        store.move(old, new)
    show(f"{old} is now {new} in our records; nothing changed at the carrier")
    return EXIT_OK


@click.command()
@click.argument("addresses", metavar="ADDRESS...", type=parameter_types.address, nargs=-1, required=True)
@lock_timeout_option
@with_common
def forget(common: Common, addresses: tuple[Address, ...], lock_timeout: timedelta) -> int:
    """Drop records and tombstones; the objects stay at the carrier.

    A number's account is asked first: one that is still owned, or cannot be read, keeps its record. One that is
    forgotten and declared again is judged afresh, which may mean that it is bought; its slot in a pool goes with it,
    and is filled again. For a slot its number is asked for.
    """
    from reconciler.cli import context
    from reconciler.workflows import edit

    with context.open_store(common, create=True) as store, store.locked(lock_timeout):
        edit.forget(store, addresses, partial(_refuse_owned, common, store))
    for address in addresses:
        show(f"forgot {address}")
    return EXIT_OK


def _refuse_owned(common: Common, store: Store, numbers: set[Address]) -> None:
    """Raise UsageError where an account may still own one of ``numbers``; the configuration says where it is."""
    from reconciler.cli import carriers, context
    from reconciler.workflows import ownership

    fleet = context.load_fleet(common, webhooks=False)
    store.read_as(fleet.moves)
    state = store.snapshot()
    used = {state.records[number].account for number in numbers} & fleet.accounts.keys()
    unread = {} if common.sandbox else carriers.locked_out(fleet.accounts[name] for name in sorted(used))
    books, clock = context.books(common, fleet), context.SYSTEM_CLOCK
    with carriers.opened(fleet.accounts, set(), clock, sandbox=books, writes=False) as opened:
        asked = {name: opened.handles[name] for name in used - unread.keys()}
        found = ownership.held_back(fleet, asked, unread, state, numbers, clock.now(), store.fingerprint)
    ownership.refuse_owned(found)
