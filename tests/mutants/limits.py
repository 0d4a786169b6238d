"""Bugs in what protects: the limits, protection, saved plans, and the lock with its fence."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from reconciler.clock import Clock
from reconciler.errors import StalePlanError
from reconciler.model import Plan
from reconciler.model.fleet import Fleet
from reconciler.planning import limits, selection, undeclared
from reconciler.state import lock, plan_file, plans
from reconciler.state.lock import Lock
from reconciler.state.store import Store
from reconciler.workflows import saved_plan
from reconciler.workflows.binding import config_digest
from reconciler.workflows.session import Options
from tests.mutants import checks
from tests.mutants.checking import reused
from tests.mutants.planting import dropping_a_number, planted, swapped
from tests.planning import test_selectors
from tests.workflows import test_safety, test_saved_plans


@planted(reused(test_safety.test_an_account_that_shows_none_of_its_numbers_is_refused))
def trusting_an_empty_list() -> AbstractContextManager[None]:
    """An account that suddenly shows none of its numbers is believed."""
    return swapped((limits, "_shows_none", lambda *_: False))


@planted(reused(test_safety.test_an_account_for_which_nothing_is_declared_any_more_is_refused))
def trusting_an_empty_configuration() -> AbstractContextManager[None]:
    """A configuration that lost all the numbers of an account is believed."""
    empty = limits._empty

    def believing(inventory: limits.Inventory, allowed: frozenset[str]) -> Any:
        return empty(inventory, allowed | frozenset(inventory.emptied))

    return swapped((limits, "_empty", believing))


@planted(where=dropping_a_number, start=148)
def release_without_allowance() -> AbstractContextManager[None]:
    """Nobody has to allow a release."""
    too_many = limits._too_many

    def lenient(what: str, *args: Any) -> limits.Violation | None:
        return None if what == "release" else too_many(what, *args)

    return swapped((limits, "_too_many", lenient))


@planted(reused(test_safety.test_too_many_purchases_are_refused_with_the_option_that_allows_exactly_that_many))
def purchases_without_limit() -> AbstractContextManager[None]:
    """Any number of purchases goes through."""
    too_many = limits._too_many

    def lenient(what: str, *args: Any) -> limits.Violation | None:
        return None if what == "purchase" else too_many(what, *args)

    return swapped((limits, "_too_many", lenient))


@planted(reused(test_safety.test_money_is_limited_by_currency))
def money_limits_ignored() -> AbstractContextManager[None]:
    """Purchases may cost whatever they cost."""
    return swapped((limits, "_too_dear", lambda _plan, _safety: ()))


@planted(reused(test_safety.test_protection_outlives_its_line_and_is_lifted_by_an_earlier_apply))
def protection_forgotten_with_its_line() -> AbstractContextManager[None]:
    """A protected number is released once its line is gone."""
    return swapped((undeclared, "_line_remains", lambda _item: True))


@planted(reused(test_saved_plans.test_a_dearer_number_is_refused))
def price_not_read_again() -> AbstractContextManager[None]:
    """A saved plan buys at whatever price the carrier asks by now."""
    return swapped((saved_plan, "cheaper_or_same", lambda _planned, _now: True))


@planted(reused(test_saved_plans.test_an_empty_plan_is_finished_by_its_apply_too))
def plan_applied_twice() -> AbstractContextManager[None]:
    """A plan that was carried out to its end may be applied again."""
    start = plans.start

    def start_again(connection: Connection, plan_id: str, digest: str, now: datetime) -> None:
        try:
            start(connection, plan_id, digest, now)
        except StalePlanError:
            return

    return swapped((Store, "plan_status", lambda _store, _plan_id: None), (plans, "start", start_again))


@planted(reused(test_saved_plans.test_a_webhook_that_somebody_changed_meanwhile_is_refused))
def saved_plan_carried_out_blindly() -> AbstractContextManager[None]:
    """A saved plan is not held against what is live by now."""
    return swapped((saved_plan, "_moved", lambda _planned, _found, **_how: ""))


@planted(reused(test_saved_plans.test_a_plan_of_another_configuration_is_refused))
def configuration_not_bound() -> AbstractContextManager[None]:
    """A plan of one configuration is applied under another."""
    bindings = saved_plan.check_bindings

    def loose(fleet: Fleet, store: Store, clock: Clock, options: Options, plan: Plan) -> None:
        bindings(fleet, store, clock, options, plan.replace(config_digest=config_digest(fleet, store)))

    return swapped((saved_plan, "check_bindings", loose))


@planted(checks.a_changed_plan_file_is_refused)
def digest_not_computed() -> AbstractContextManager[None]:
    """The digest of a plan says nothing about its content."""
    return swapped((plan_file, "digest", lambda _document: "sha256:" + "0" * 64))


@planted(reused(test_saved_plans.test_the_approved_digest_binds))
def approved_digest_not_checked() -> AbstractContextManager[None]:
    """Another plan than the approved one is applied."""
    return swapped((plan_file, "check_digest", lambda _plan, _expected: None))


@planted(reused(test_saved_plans.test_a_plan_expires))
def expiry_not_checked() -> AbstractContextManager[None]:
    """A plan of last week is applied."""
    return swapped((plan_file, "check_fresh", lambda _plan, _now: None))


@planted(start=12)
def no_fence_on_writes() -> AbstractContextManager[None]:
    """A run goes on writing after its lock was taken from it."""
    return swapped((lock, "check", lambda _connection, held, _now: held))


@planted()
def lock_never_checked() -> AbstractContextManager[None]:
    """Whoever wants the lock gets it."""
    return swapped((Lock, "is_over", lambda _lock, _process, _now: True))


@planted(reused(test_selectors.test_a_slot_of_one_pool_is_filled_while_the_account_of_another_is_down))
def a_slot_of_one_pool_needs_the_others() -> AbstractContextManager[None]:
    """A run over a slot of one pool asks, and waits for, the accounts of every other."""
    return swapped((selection, "_may_mean_a_tn", lambda selector: "/" in selector))
