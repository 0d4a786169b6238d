"""Bugs in which account is believed about what it does not show."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

from reconciler.executor import findings
from reconciler.model import Address, Kind, Site, StateSnapshot
from reconciler.model.fleet import Account, CarrierType
from reconciler.planning import account_identity, compare
from reconciler.planning.compare import World
from reconciler.sandbox import AccountSpec, Sandbox
from reconciler.state import accounts
from reconciler.workflows import look, renames
from tests.mutants.checking import reused
from tests.mutants.ownership import renaming
from tests.mutants.planting import planted, swapped
from tests.rig import Rig
from tests.workflows import test_moved_onto_another_account as moved
from tests.workflows import test_renamed_accounts as renamed


def _with_two(test: Callable[[Rig], None]) -> Callable[[Rig], None]:
    """``test`` on the rig that its fixture makes: two accounts of one carrier."""

    def run(rig: Rig) -> None:
        rig.sandbox = Sandbox({name: AccountSpec(CarrierType.INFOBIP) for name in ("ib", "eu")}, rig.clock)
        test(rig)

    run.__name__ = test.__name__
    return run


def _with_desks(test: Callable[[Rig], None]) -> Callable[..., None]:
    """``test`` on the rig that its fixture makes: an account that cannot be read, and another that can."""

    def run(rig: Rig) -> None:
        specs = {"vt": AccountSpec(CarrierType.INUMBERING), "ib": AccountSpec(CarrierType.INFOBIP)}
        specs["other"] = AccountSpec(CarrierType.INUMBERING, account_api=True)
        rig.sandbox = Sandbox(specs, rig.clock)
        test(rig)

    run.__name__ = test.__name__
    return run


@planted(reused(_with_two(moved.test_a_lone_number_is_not_gone_where_moved_names_the_wrong_account)))
def any_account_of_that_name_is_believed() -> AbstractContextManager[None]:
    """What an account does not show is gone, whichever account the configuration calls by its name now."""
    return swapped((account_identity, "strange", lambda _accounts, _world: {}))


@planted(reused(_with_two(moved.test_an_account_that_took_anothers_records_along_does_not_say_what_is_gone_there)))
def new_name_makes_it_the_same_account() -> AbstractContextManager[None]:
    """Once its records have come along, an account with another name is believed without having shown its numbers."""

    def relabelled(connection: Any, now: Any) -> None:
        one = {name: (Site(name, of[0].url),) for name, of in now.items()}
        remember(connection, one)

    remember = accounts.remember_sites
    return swapped((accounts, "remember_sites", relabelled))


@planted(reused(_with_two(moved.test_an_account_that_took_anothers_records_along_does_not_say_what_is_gone_there)))
def a_stranger_sells() -> AbstractContextManager[None]:
    """Numbers are bought at an account that may be another than the records are of."""
    return swapped((compare, "unless_strange", lambda _item, verdict: verdict))


@planted(reused(_with_two(moved.test_once_all_its_numbers_were_seen_an_account_with_another_name_is_believed)))
def a_stranger_for_ever() -> AbstractContextManager[None]:
    """An account that has shown all its numbers under its new name stays a stranger."""
    first = account_identity.settled
    return swapped((account_identity, "settled", lambda known, world: {} if world.state.sites else first(known, world)))


@planted(reused(_with_two(moved.test_an_order_without_an_answer_is_settled_before_two_accounts_become_one)))
def two_accounts_become_one_over_an_open_order() -> AbstractContextManager[None]:
    """An order without an answer is settled by an account that it may not have been sent to."""
    return swapped((renames, "_refuse_merged_orders", lambda _session, _memory: None))


@planted(reused(renaming(renamed.test_a_saved_plan_of_before_the_rename_is_stale_and_one_of_after_it_fits)))
def judged_by_a_part_of_its_numbers() -> AbstractContextManager[None]:
    """An account counts as a stranger for numbers that nobody has asked it about."""
    return swapped((look.account_identity, "to_be_judged", lambda _accounts, _memory, _asked: []))


@planted(reused(_with_desks(moved.test_an_account_that_could_not_be_read_is_not_the_one_that_can_at_another_url)))
def an_account_that_is_not_read_has_moved() -> AbstractContextManager[None]:
    """An account that shows no numbers is taken for the same at any URL."""
    now = account_identity._sites_now
    read = account_identity._is_read

    def moved_along(account: Account, world: World) -> tuple[Site, ...]:
        return now(account, world) if read(world, account.name) else (account.site,)

    return swapped((account_identity, "_sites_now", moved_along))


@planted(reused(_with_desks(moved.test_a_pool_does_not_fill_at_another_account_in_the_place_of_what_it_gave_up)))
def what_a_pool_gave_up_is_nowhere() -> AbstractContextManager[None]:
    """An account that lacks what a pool gave up, and that goes on costing elsewhere, sells it another number."""

    def of_records(state: StateSnapshot, account: str) -> list[Address]:
        held = state.records.items()
        return sorted(a for a, r in held if r.account == account and a.kind is Kind.NUMBER and not r.tombstone)

    return swapped((account_identity, "_numbers", of_records))


@planted(reused(_with_desks(moved.test_an_open_order_at_another_url_stops_no_run_over_other_accounts)))
def any_url_tells_of_an_order() -> AbstractContextManager[None]:
    """An order without an answer is sent again because another URL than it was sent to does not show the number."""
    return swapped((findings, "believed", lambda _run, _intent, finding: finding))


@planted(reused(_with_two(moved.test_nothing_is_ordered_beside_an_open_order_that_was_sent_to_another_url)))
def orders_go_to_two_urls() -> AbstractContextManager[None]:
    """While an order to one URL is open another goes to a second one, so that neither can settle both."""
    stranger = account_identity.strange
    return swapped(
        (account_identity, "strange", lambda known, world: stranger(known, replace(world, state=_settled(world))))
    )


def _settled(world: World) -> StateSnapshot:
    return replace(world.state, open_intents=())
