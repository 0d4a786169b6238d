"""``tnctl state mv`` and ``forget``: records renamed and dropped, under the lock. The carriers are only read."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import click

from reconciler.cli import parameter_types
from reconciler.cli.options import Common, lock_timeout_option, with_common
from reconciler.cli.output import show
from reconciler.errors import EXIT_OK, UsageError
from reconciler.model import TN_KINDS, Address, Kind

if TYPE_CHECKING:
    from datetime import timedelta

    from reconciler.model import StateSnapshot
    from reconciler.state.store import Store


@click.command("mv")
@click.argument("old", type=parameter_types.address)
@click.argument("new", type=parameter_types.address)
@lock_timeout_option
@with_common
def move(common: Common, old: Address, new: Address, lock_timeout: timedelta) -> int:
    """Rename a record, as the configuration was. A slot stays in its pool."""
    from reconciler.cli import context

    _check_movable(old, new)
    with context.open_store(common, create=True) as store, store.locked(lock_timeout):
        store.move(old, new)
    show(f"{old} is now {new} in our records; nothing changed at the carrier")
    return EXIT_OK


def _check_movable(old: Address, new: Address) -> None:
    """Refuse what is no other name of the same thing, and what would leave a slot to be filled again."""
    from reconciler.model import slots

    if old.kind is not new.kind:
        raise UsageError(f"{old} is a {old.kind}, and {new} a {new.kind}", hint="both must be of one kind")
    if old.kind in TN_KINDS:
        raise UsageError(
            f"{old} is named by its telephone number, which no record can change",
            hint="declare the other number; this one is given up by taking it out of the configuration",
        )
    if old.kind is Kind.SLOT and slots.split(old)[0] != slots.split(new)[0]:
        pool = slots.split(old)[0]
        raise UsageError(
            f"{old} is a slot of pool {pool}, which would be filled again while its number goes on costing",
            hint=f"has the pool another name? write `moved: {pool}` in it, and its slots come along",
        )


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

    with context.open_store(common, create=True) as store, store.locked(lock_timeout):
        state = store.snapshot()
        _check_forgettable(state, addresses)
        if numbers := _numbers(state, addresses):
            _check_not_owned(common, store, numbers)
        store.drop(addresses)
    for address in addresses:
        show(f"forgot {address}")
    return EXIT_OK


def _check_forgettable(state: StateSnapshot, addresses: tuple[Address, ...]) -> None:
    """Raise UsageError, before anything is dropped, where there is no record or its outcome is open."""
    unsettled = {address for intent in state.open_intents for address in intent.addresses}
    for address in addresses:
        if address in unsettled:
            raise UsageError(
                f"the outcome of a call for {address} is open, so it cannot be forgotten",
                hint=f"`tnctl apply` settles it, or you do: tnctl state resolve {address} "
                "--as owned|not-owned --evidence TEXT",
            )
        if address not in state.records and address not in state.slots:
            raise UsageError(f"there is no record of {address}", hint="see `tnctl state list`")


def _numbers(state: StateSnapshot, addresses: Collection[Address]) -> set[Address]:
    """The numbers on record among ``addresses``, and those of the slots among them."""
    from reconciler.model import slots

    allocate = {slots.number_in(state.slots[address]) for address in addresses if address in state.slots}
    return {a for a in {*addresses, *allocate} if a.kind is Kind.NUMBER and a in state.records}


def _check_not_owned(common: Common, store: Store, numbers: set[Address]) -> None:
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
