"""What a run is about: the addresses that a selection takes, and the accounts that it may touch and must lock."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from reconciler.errors import UsageError
from reconciler.model import Address, Notice, Plan, Record, Resource, StateSnapshot, slots
from reconciler.model.fleet import Account, Fleet, Pool
from reconciler.planning.compare import selected_addresses
from reconciler.planning.selection import Selection, Subject
from reconciler.pools.allocations import Allocation
from reconciler.pools.desired import DesiredState
from reconciler.workflows.session import Known


def pick(
    desired_state: DesiredState, state: StateSnapshot, selection: Selection, everything: Iterable[Address]
) -> tuple[set[Address], int]:
    """The addresses that ``selection`` takes, and how many it leaves out."""
    if not selection:
        return set(everything), 0
    return selection.pick(
        _subject(
            address,
            desired_state.desired.get(address) or state.records.get(address),
            desired_state.allocated.get(address.name),
        )
        for address in everything
    )


def judged(fleet: Fleet, desired_state: DesiredState, state: StateSnapshot, selection: Selection) -> list[Notice]:
    """Notices of what ``selection`` excludes in vain; raises UsageError where a selector of ``only`` takes nothing.

    A misspelt label would otherwise plan nothing, and say that all is well.
    """
    if not selection:
        return []
    accounts = {*fleet.accounts, *(record.account for record in state.records.values())}
    only, exclude = selection.idle(_subjects(fleet, desired_state, state), accounts)
    if only:
        raise UsageError(
            f"--only {only[0]} selects nothing: nothing that is declared or on record matches it",
            hint="`tnctl state list` and the configuration say what there is; a glob needs quotes: '*/+1720*'",
        )
    return [Notice("warning", f"--exclude {selector} matches nothing, and excludes nothing") for selector in exclude]


def _subjects(fleet: Fleet, desired_state: DesiredState, state: StateSnapshot) -> list[Subject]:
    """All that a selector may mean: what is declared, what is on record, and the slots that are to be filled."""
    every = {*desired_state.desired, *state.records, *selected_addresses(desired_state.desired, state)}
    known = [
        _subject(a, desired_state.desired.get(a) or state.records.get(a), desired_state.allocated.get(a.name))
        for a in every
    ]
    slots_of = ((pool, slot) for pool in fleet.pools for slot in desired_state.allocations.vacant[pool.name])
    return known + [Subject(slot, account, pool.labels) for pool, slot in slots_of for account in pool.accounts]


def _subject(address: Address, known: Resource | Record | None, allocation: Allocation | None) -> Subject:
    slot = allocation.slot if allocation else None
    return Subject(address, known.account if known else "", known.labels if known else {}, slot)


def accounts_in_use(
    fleet: Fleet, known: Known, selection: Selection, *, declared: bool = True, saved: Plan | None = None
) -> set[str]:
    """The accounts that a run over ``selection``, or over what a ``saved`` plan names, may ask and change.

    The others need no credentials and no lock, so that runs over other accounts go on beside it. A run that may fill a
    slot takes every account that the pool's searches name: two runs cannot fill it at two of them. One that has
    another name than before is taken under both.
    """
    state, desired_state = known.state, known.desired_state
    if saved is not None:
        scope = {address for change in saved.changes for address in (change.address, *change.needs)}
        pools = _pools_of(fleet, saved)
    else:
        everything = selected_addresses(desired_state.desired, state) if declared else set(state.records)
        scope, _ = pick(desired_state, state, selection, everything)
        pools = [pool for pool in fleet.pools if declared and _fills(selection, pool, desired_state)]
    accounts = {
        resource.account for address, resource in desired_state.desired.items() if declared and address in scope
    }
    accounts |= {change.account for change in saved.changes} if saved else set()
    accounts |= {account for pool in pools for account in pool.accounts}
    accounts |= {record.account for address, record in state.records.items() if address in scope}
    accounts |= {i.account for i in state.open_intents if not selection or not scope.isdisjoint(i.addresses)}
    whole = saved is None and not selection
    return accounts | {name for move in fleet.moves.items() if whole or move[1] in accounts for name in move}


def _fills(selection: Selection, pool: Pool, desired_state: DesiredState) -> bool:
    """Whether the selection may take a number that is yet to be chosen for an empty slot of the pool."""
    return selection.may_take(desired_state.allocations.vacant[pool.name], pool.accounts, pool.labels)


def _pools_of(fleet: Fleet, saved: Plan) -> list[Pool]:
    """The pools for whose slots a saved plan names numbers."""
    filled = {change.slot for change in saved.changes if change.slot}
    names = {slots.split(slot)[0] for slot in filled}
    return [pool for pool in fleet.pools if pool.name in names]


def refuse_unknown_accounts(fleet: Fleet, state: StateSnapshot, named: Mapping[str, str]) -> None:
    """Raise UsageError for an account of ``named`` that neither the configuration nor the records know.

    ``named``: what is written on the command line -> the name in it.
    """
    on_file = {record.account for record in state.records.values()}
    on_file |= {intent.account for intent in state.open_intents}
    known = [*fleet.accounts, *sorted(on_file - fleet.accounts.keys())]
    for written, name in named.items():
        if name not in known:
            raise UsageError(f"{written}: there is no account {name!r}", hint=_which_there_are(known))


def _which_there_are(accounts: Collection[str]) -> str:
    return f"there are: {', '.join(accounts)}" if accounts else "there is none: declare it under `providers`"


def account_named(fleet: Fleet, name: str) -> Account:
    """One account of the configuration; raises UsageError when it has none of that name."""
    accounts = fleet.accounts
    if name not in accounts:
        raise UsageError(f"the configuration has no account {name!r}", hint=_which_there_are(accounts))
    return accounts[name]
