"""``tnctl state mv`` and ``forget``: records renamed and dropped, under the lock. The carriers are not touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from reconciler.cli import params
from reconciler.cli.options import Common, with_common
from reconciler.cli.output import show
from reconciler.errors import EXIT_OK, UsageError
from reconciler.model import TN_KINDS, Address

if TYPE_CHECKING:
    from reconciler.state import Store


@click.command("mv")
@click.argument("old", type=params.address)
@click.argument("new", type=params.address)
@with_common
def move(common: Common, old: Address, new: Address) -> int:
    """Rename a record, as the configuration was."""
    from reconciler.cli import context

    if old.kind is not new.kind:
        raise UsageError(f"{old} is a {old.kind}, and {new} a {new.kind}", hint="both must be of one kind")
    if old.kind in TN_KINDS:
        raise UsageError(
            f"{old} is named by its telephone number, which no record can change",
            hint="`tnctl state forget` the one, and declare the other",
        )
    with context.open_store(common, create=True) as store, store.locked():
        store.move(old, new)
    show(f"{old} is now {new} in our records; nothing changed at the carrier")
    return EXIT_OK


@click.command()
@click.argument("addresses", metavar="ADDRESS...", type=params.address, nargs=-1, required=True)
@with_common
def forget(common: Common, addresses: tuple[Address, ...]) -> int:
    """Drop records and tombstones; the objects stay at the carrier.

    A number that is forgotten and declared again is judged afresh, which may mean that it is bought. Its slot in a
    pool goes with it, and is filled again. A slot that is forgotten alone leaves its number to nobody.
    """
    from reconciler.cli import context

    with context.open_store(common, create=True) as store, store.locked():
        _check_forgettable(store, addresses)
        store.drop(addresses)
    for address in addresses:
        show(f"forgot {address}")
    return EXIT_OK


def _check_forgettable(store: Store, addresses: tuple[Address, ...]) -> None:
    """Raise UsageError, before anything is dropped, where there is no record or its outcome is open."""
    memory = store.memory()
    unsettled = {address for intent in memory.open_intents for address in intent.addresses}
    for address in addresses:
        if address in unsettled:
            raise UsageError(
                f"the outcome of a call for {address} is open, so it cannot be forgotten",
                hint=f"`tnctl apply` settles it, or you do: tnctl state resolve {address} --as owned|not-owned",
            )
        if address not in memory.records and address not in memory.slots:
            raise UsageError(f"there is no record of {address}", hint="see `tnctl state list`")
