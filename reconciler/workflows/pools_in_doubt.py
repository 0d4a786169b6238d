"""Pools of which the records know no number: whether they were filled before, from other records, those cannot tell.

So it is after records were lost, whatever was applied or resolved in new ones since, and with a pool that is really
new. What refuses the purchases for such a pool, while they cost money:

=====================  ===========================================================================================
an account of it that
=====================  ===========================================================================================
can be read            owns numbers that fit it and that nobody declares, and the pool does not say ``adopt``
cannot be read         has sold these records nothing, where a person has resolved something in them or they never
                       bought anything anywhere; or the pool was declared, and not filled, as they began
=====================  ===========================================================================================

Where none can be read, ``--new-records`` is a person's word that the pool was never filled before.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from reconciler.model import Kind, Plan, StateSnapshot, slots
from reconciler.model.fleet import Pool
from reconciler.planning import limits
from reconciler.planning.limits import Inventory
from reconciler.pools.desired import DesiredState
from reconciler.state.past import Past
from reconciler.workflows import fill_pools
from reconciler.workflows.session import Session


def judged(
    session: Session, inventory: Inventory, plan: Plan, state: StateSnapshot, desired_state: DesiredState
) -> Inventory:
    """``inventory`` with what speaks against the purchases of ``plan`` for pools of which the records know no number.

    Raises CarrierError where an account that can be read cannot be read now.
    """
    bought = limits.for_pools(plan, inventory.ordered) if session.real else {}
    if not bought:
        return inventory
    past, pools = session.store.past(), [pool for pool in session.fleet.pools if pool.name in bought]
    unknown = {pool.name for pool in pools if not _is_known(pool, state, past)}
    doubtful = {pool.name: tuple(_doubtful(session, pool, state, past)) for pool in pools}
    return replace(
        inventory,
        new=state.new,
        unproven={name: accounts for name, accounts in doubtful.items() if accounts},
        unclaimed=fill_pools.unclaimed(session, state, desired_state, unknown),
    )


def remember(session: Session, state: StateSnapshot, *, allowed: bool) -> None:
    """Write, as records begin, which pools are declared that they have no number of; ``allowed``: by a person's word.

    Records that have bought something without it are older than this note: nothing is written into them.
    """
    if not session.real or not session.fleet.pools:
        return
    past = session.store.past()
    if (past.unfilled is None and not past.bought_at) or (allowed and past.unfilled):
        unknown = [pool.name for pool in session.fleet.pools if not _is_known(pool, state, past)]
        session.store.remember_unfilled([] if allowed else unknown)


def _names(pool: Pool) -> set[str]:
    """The name of the pool, and the one that it had before."""
    return {pool.name, pool.moved or pool.name}


def _is_known(pool: Pool, state: StateSnapshot, past: Past) -> bool:
    """Whether a slot of the pool is on record, or a number was ever bought for one."""
    return not _names(pool).isdisjoint(past.bought_for | {slots.split(slot)[0] for slot in state.slots})


def _doubtful(session: Session, pool: Pool, state: StateSnapshot, past: Past) -> Iterable[str]:
    """The accounts where the pool may have numbers that nobody can show, and at which these records know of none."""
    if not _names(pool).isdisjoint(past.bought_for | past.ordered_for):
        return
    held = [record for slot, record in state.slots.items() if slots.split(slot)[0] in _names(pool)]
    if any(record.bought for record in held):
        return
    known = {record.account for record in held}
    began_without = not _names(pool).isdisjoint(past.unfilled or ())
    young = past.resolved or not past.bought_at
    for account in dict.fromkeys(search.account for search in pool.searches):
        readable = Kind.NUMBER in session.providers[account].capabilities.reads
        if not readable and account not in known and (began_without or (young and account not in past.bought_at)):
            yield account
