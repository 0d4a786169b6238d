"""Bugs in what is done once records were lost, or are not the ones that they were."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from typing import Any

from reconciler.errors import StateError
from reconciler.model import Action, Address, Intent, Kind, Reply, Verdict
from reconciler.planning.limits import Inventory
from reconciler.state.begun import Begun
from reconciler.state.past import Past
from reconciler.state.store import Store
from reconciler.workflows import apply, pools_in_doubt
from tests.mutants.checking import check, reused
from tests.mutants.planting import planted, swapped
from tests.pools import test_pools_on_lost_records as lost
from tests.rig import Rig

NUMBERS = [Address(Kind.NUMBER, "+12015550123"), Address(Kind.NUMBER, "+12015550124")]


def _set_back(rig: Rig) -> None:
    """Put the records back to before anything was begun, the lock left as it is."""
    with closing(sqlite3.connect(rig.folder / "state.db", isolation_level=None)) as connection:
        for table in ("attempts", "intent_addresses", "intents"):
            connection.execute(f"DELETE FROM tnctl_{table}")


def _begin(store: Store, number: Address) -> Intent:
    return store.open_intent("plan", "vt", Action.CREATE, [number], "reference", {}, None, begin=True)


def _error_of(action: Callable[[], object]) -> str:
    try:
        action()
    except StateError as error:
        return f"{type(error).__name__}: {error.message} {error.hint}"
    return "none"


@check
def nothing_leaves_once_the_records_were_put_back(rig: Rig) -> None:
    with rig.store() as store, store.locked():
        _begin(store, NUMBERS[0])
        _set_back(rig)
        told = _error_of(lambda: _begin(store, NUMBERS[1]))
        assert "RecordsSetBackError" in told, "a call was begun on records that do not know the one before it"
        assert NUMBERS[0].name in told, "what was sent is not named"


@check
def what_was_answered_is_told_where_the_records_were_put_back(rig: Rig) -> None:
    with rig.store() as store, store.locked():
        intent = _begin(store, NUMBERS[0])
        _set_back(rig)
        told = _error_of(lambda: store.end_attempt(intent, Reply(Verdict.OK, "Success", 200)))
        assert f"create {NUMBERS[0]} at vt: answered as ok (Success)" in told, "nobody is told what was bought"


@planted(reused(lost.test_a_number_bought_by_name_lets_no_pool_be_bought_beside_the_numbers_that_it_had))
def one_purchase_proves_every_pool() -> AbstractContextManager[None]:
    """Once anything was bought from new records, a pool is bought beside the numbers that it had."""
    judge = pools_in_doubt.judged

    def by_the_ledger(session: Any, inventory: Inventory, plan: Any, state: Any, desired_state: Any) -> Inventory:
        doubted = state.new or not (state.slots or session.store.past().bought_at)
        return judge(session, inventory, plan, state, desired_state) if doubted else inventory

    return swapped((apply.pools_in_doubt, "judged", by_the_ledger))


@planted(reused(lost.test_a_number_that_a_person_resolved_lets_no_pool_be_bought_again))
def what_cannot_be_read_has_nothing() -> AbstractContextManager[None]:
    """An account that shows nothing is taken for one where a pool has nothing."""
    return swapped((pools_in_doubt, "_doubtful", lambda *_: ()))


@planted(reused(lost.test_a_number_bought_by_name_lets_no_pool_be_bought_again, bought=lost.NJ))
def what_new_records_began_with_is_forgotten() -> AbstractContextManager[None]:
    """Which pools had no number as the records began is not remembered."""
    return swapped((pools_in_doubt, "remember", lambda *_, **__: None))


@planted(reused(lost.test_a_number_that_a_pool_adopted_at_one_account_lets_it_not_be_bought_again_at_another))
def a_slot_is_known_everywhere() -> AbstractContextManager[None]:
    """A number that a pool adopted at one account says that it has none at another."""
    doubtful = pools_in_doubt._doubtful

    def unless_known(session: Any, pool: Any, state: Any, past: Past) -> Any:
        return () if pools_in_doubt._is_known(pool, state, past) else doubtful(session, pool, state, past)

    return swapped((pools_in_doubt, "_doubtful", unless_known))


@planted(nothing_leaves_once_the_records_were_put_back)
def records_that_were_put_back_are_written_to() -> AbstractContextManager[None]:
    """A run goes on over records that do not know what it has sent."""
    return swapped((Begun, "check", lambda _begun, _connection: None))


@planted(what_was_answered_is_told_where_the_records_were_put_back)
def what_was_answered_last_is_not_told() -> AbstractContextManager[None]:
    """Where the records were put back, the answer that could not be written any more is lost with them."""
    return swapped((Begun, "answered", lambda _begun, _intent, _reply: None))
