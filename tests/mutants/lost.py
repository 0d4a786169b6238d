"""Bugs in what is done once records were lost, or are not the ones that they were."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from reconciler import unproven, workflow
from reconciler.policy import Inventory
from reconciler.state.past import Past
from tests.mutants.checking import reused
from tests.mutants.planting import planted, swapped
from tests.pools import test_pools_on_lost_records as lost


@planted(reused(lost.test_a_number_bought_by_name_lets_no_pool_be_bought_beside_the_numbers_that_it_had))
def one_purchase_proves_every_pool() -> AbstractContextManager[None]:
    """Once anything was bought from new records, a pool is bought beside the numbers that it had."""
    judge = unproven.judged

    def by_the_ledger(session: Any, inventory: Inventory, plan: Any, memory: Any, roster: Any) -> Inventory:
        doubted = memory.new or not (memory.slots or session.store.past().bought_at)
        return judge(session, inventory, plan, memory, roster) if doubted else inventory

    return swapped((workflow.unproven, "judged", by_the_ledger))


@planted(reused(lost.test_a_number_that_a_person_resolved_lets_no_pool_be_bought_again))
def what_cannot_be_read_has_nothing() -> AbstractContextManager[None]:
    """An account that shows nothing is taken for one where a pool has nothing."""
    return swapped((unproven, "_doubtful", lambda *_: ()))


@planted(reused(lost.test_a_number_bought_by_name_lets_no_pool_be_bought_again, bought=lost.NJ))
def what_new_records_began_with_is_forgotten() -> AbstractContextManager[None]:
    """Which pools had no number as the records began is not remembered."""
    return swapped((unproven, "remember", lambda *_, **__: None))


@planted(reused(lost.test_a_number_that_a_pool_adopted_at_one_account_lets_it_not_be_bought_again_at_another))
def a_slot_is_known_everywhere() -> AbstractContextManager[None]:
    """A number that a pool adopted at one account says that it has none at another."""
    doubtful = unproven._doubtful

    def unless_known(session: Any, pool: Any, memory: Any, past: Past) -> Any:
        return () if unproven._is_known(pool, memory, past) else doubtful(session, pool, memory, past)

    return swapped((unproven, "_doubtful", unless_known))
