"""Bugs in who owns what: what may be given up, what a new name takes along, what frees a slot."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from importlib import import_module
from typing import Any

from reconciler.model import Origin, Record, Resource, Status
from reconciler.planning import compare, costs, elsewhere, undeclared
from reconciler.pools import allocations
from reconciler.state import accounts
from reconciler.state import records as books
from reconciler.state.store import Store
from reconciler.workflows import fill_pools, look, ownership, refresh_records
from tests.mutants.checking import check, reused
from tests.mutants.planting import planted, swapped
from tests.pools import test_pools_journeys as pools
from tests.rig import Rig
from tests.workflows import test_gone_and_elsewhere as gone
from tests.workflows import test_protection as protection
from tests.workflows import test_released_by_name as named
from tests.workflows import test_renamed_accounts as renamed
from tests.workflows import test_slots_follow_their_numbers as following


def renaming(test: Callable[[Rig], None]) -> Callable[[Rig], None]:
    """``test`` on the rig that its fixture makes: the sandbox knows the account by its old name."""

    def run(rig: Rig) -> None:
        rig.names = {"ib-eu": "ib", "ib-uk": "ib"}
        test(rig)

    run.__name__ = test.__name__
    return run


@check
def a_number_that_is_still_owned_is_not_forgotten(rig: Rig) -> None:
    rig.write('numbers:\n  "+447700900100": {provider: ib}\n')
    rig.apply()
    rig.clock.sleep(3600)
    with rig.store() as store:
        run = rig.session(writes=False, store=store)
        state = store.snapshot()
        back = ownership.held_back(
            run.fleet, run.providers, {}, state, list(state.records), rig.clock.now(), store.fingerprint, run.workers
        )
    assert len(back) == 1, "its slot would be filled again while it goes on costing"


@planted(reused(named.test_no_count_releases_a_number_that_was_only_adopted))
def count_covers_what_was_found() -> AbstractContextManager[None]:
    """A count releases numbers that tnctl did not buy."""
    return swapped((Record, "bought", property(lambda _record: True)))


@planted(reused(named.test_a_second_set_of_records_on_one_account_does_not_release_what_the_first_bought))
def adopted_is_as_good_as_bought() -> AbstractContextManager[None]:
    """What one set of records adopts it releases, though another set has bought it."""
    mine = property(lambda record: record.origin is not Origin.RESOLVED)
    return swapped((Record, "bought", mine))


@planted(reused(named.test_a_change_of_its_route_does_not_make_a_number_that_was_found_one_that_was_bought))
def rerouted_is_bought() -> AbstractContextManager[None]:
    """A number whose route was changed counts as bought."""
    return swapped((import_module("reconciler.executor.write"), "_origin", lambda _change: Origin.BOUGHT))


@planted(reused(named.test_nothing_of_a_number_forgotten_by_name_is_switched_off))
def let_go_and_switched_off() -> AbstractContextManager[None]:
    """A number that is let go by name is taken out of service."""
    dropped = undeclared.dropped

    def unnamed(item: Any) -> Any:
        return dropped(replace(item, world=replace(item.world, forgets=())))

    return swapped((compare, "dropped", unnamed))


@planted(reused(renaming(renamed.test_a_renamed_account_does_not_empty_the_slots_of_its_pool)))
def new_name_leaves_the_records() -> AbstractContextManager[None]:
    """The records stay under the old name of an account."""
    return swapped((Store, "take_along", lambda _store: {}))


@planted(reused(renaming(renamed.test_the_ledger_is_read_under_the_new_name)))
def new_name_leaves_the_ledger() -> AbstractContextManager[None]:
    """The ledger keeps an account's old name, under which nobody can be asked."""
    return swapped((accounts, "_NAMING", tuple(t for t in accounts._NAMING if t.name != "tnctl_ledger")))


@planted(reused(renamed.test_a_tombstone_at_another_account_is_not_taken_back_at_the_new_one))
def tombstone_is_nobodys() -> AbstractContextManager[None]:
    """What was given up at one account, and goes on costing there, is taken back or bought at another."""
    held = elsewhere._held_at
    return swapped((elsewhere, "_held_at", lambda item: None if item.record and item.record.tombstone else held(item)))


@planted(reused(following.test_a_pool_renamed_and_made_smaller_leaves_no_slot_to_the_number_that_was_released))
def slot_of_a_released_number_is_renamed() -> AbstractContextManager[None]:
    """A pool that is renamed writes the slots as they were when the run began, that of a released number too."""

    def as_they_were(run: Any, planned: Any) -> None:
        held = planned.world.state.slots
        moved = [
            replace(held[old], address=new)
            for old, new in planned.desired_state.allocations.renamed.items()
            if old in held
        ]
        run.store.put(moved, drop=list(planned.desired_state.allocations.renamed))

    return swapped((refresh_records, "_keep_slots", as_they_were))


@planted(reused(following.test_a_number_has_one_slot_whoever_writes_it))
def two_slots_have_one_number() -> AbstractContextManager[None]:
    """A number that gets another slot keeps its old one."""
    return swapped((books, "_slots_of", lambda _connection, _numbers: []))


def _elsewhere(test: Callable[..., None]) -> Callable[[Rig], None]:
    """``test`` of a number that is bought at one account and declared at another."""

    def run(rig: Rig) -> None:
        test(gone.declare_elsewhere(rig))

    run.__name__ = test.__name__
    return run


@planted(
    reused(_elsewhere(gone.test_the_standing_cost_has_a_number_that_is_owned_at_one_account_and_declared_at_another))
)
def standing_cost_forgets_it() -> AbstractContextManager[None]:
    """What the account that was asked does not show costs nothing, though another has it."""
    return swapped((costs, "_is_held_there", lambda _world, _change: True))


@check
def a_number_is_gone_only_when_two_reads_miss_it(rig: Rig) -> None:
    rig.write('numbers:\n  "+12015550123": {provider: api}\n  "+12015550124": {provider: api}\n')
    rig.apply()
    rig.clock.sleep(3600)
    rig.sandbox.inumbering("api").portal_release("+12015550124")
    assert rig.plan().reads["api"] == 2, "it is called gone after one read"


@planted(a_number_is_gone_only_when_two_reads_miss_it)
def gone_after_one_read() -> AbstractContextManager[None]:
    """One list that misses a number is believed."""
    return swapped((look, "asked_again", lambda _providers, seen, _missing, _workers: dict(seen)))


@planted(a_number_that_is_still_owned_is_not_forgotten)
def forget_asks_nobody() -> AbstractContextManager[None]:
    """What is still owned is forgotten, and its slot is filled again."""
    return swapped((ownership, "_why", lambda *_known: ""))


@planted(reused(protection.test_protection_that_is_declared_while_its_number_is_blocked_is_remembered))
def protection_of_what_is_blocked_is_lost() -> AbstractContextManager[None]:
    """What is declared of a number that cannot be acted on is not remembered."""
    return swapped((refresh_records, "_put_off", lambda _run, _planned: []))


@planted(
    reused(
        pools.test_a_pool_never_buys_in_the_place_of_a_number_that_it_gave_up_whatever_state_that_is_shown_in,
        word="PENDING",
    )
)
def only_a_number_in_use_goes_on_costing() -> AbstractContextManager[None]:
    """A number that a pool gave up, and that is shown in another state than in use, makes room for a purchase."""
    shown = fill_pools._PoolFiller._shown

    def in_use(filler: Any, account: str, held: list[Any]) -> list[Any]:
        seen = (
            filler.session.providers[account]
            .observe([Resource(allocation.number, account) for allocation in held])
            .found
        )
        active = {number for number, live in seen.items() if live.status is Status.ACTIVE}
        return [allocation for allocation in shown(filler, account, held) if allocation.number in active]

    return swapped((fill_pools._PoolFiller, "_shown", in_use))


@planted(reused(pools.test_a_number_whose_release_is_open_is_given_up_before_one_that_is_there))
def a_number_that_is_there_goes_first() -> AbstractContextManager[None]:
    """A pool that shrinks releases a number that is there, and keeps one whose release may have come through."""
    recorded = allocations._recorded
    return swapped(
        (allocations, "_recorded", lambda state: (replace(allocation, leaving=False) for allocation in recorded(state)))
    )
