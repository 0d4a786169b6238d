"""``state mv`` and ``forget``: what of the records may be renamed and dropped by hand, under the lock."""

from __future__ import annotations

from collections.abc import Callable, Collection

from reconciler.errors import UsageError
from reconciler.model import TN_KINDS, Address, Kind, StateSnapshot, slots
from reconciler.state.store import Store


def check_movable(old: Address, new: Address) -> None:
    """Raise UsageError for what is no other name of the same thing, or would leave a slot to be filled again."""
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


def forget(store: Store, addresses: Collection[Address], refuse_owned: Callable[[set[Address]], None]) -> None:
    """Drop the records of ``addresses``; ``refuse_owned`` raises where an account may still own one of the numbers."""
    state = store.snapshot()
    _check_forgettable(state, addresses)
    if numbers := _numbers(state, addresses):
        refuse_owned(numbers)
    store.drop(addresses)


def _check_forgettable(state: StateSnapshot, addresses: Collection[Address]) -> None:
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
    allocate = {slots.number_in(state.slots[address]) for address in addresses if address in state.slots}
    return {a for a in {*addresses, *allocate} if a.kind is Kind.NUMBER and a in state.records}
