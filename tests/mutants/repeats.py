"""Bugs in sending an unanswered order again: what it counts as, who has approved it, and on what reads."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

from reconciler.executor import settle
from reconciler.model import Action, Change, Kind, Offer, Plan
from reconciler.planning import open_orders
from reconciler.planning.spending import Spending
from reconciler.workflows import apply, saved_plan
from tests.executor import test_orders_sent_again as again
from tests.mutants.checking import reused
from tests.mutants.planting import planted, swapped


@planted(
    reused(
        again.test_an_order_is_sent_again_only_within_the_limits,
        safety="max_purchases: 0",
        message="1 purchase planned, at most 0 allowed",
    )
)
def an_order_sent_again_counts_as_none() -> AbstractContextManager[None]:
    """An unanswered order is sent again past every limit on purchases and money."""

    def new_ones_alone(change: Change) -> bool:
        return change.address.kind is Kind.NUMBER and change.action is Action.CREATE

    return swapped((Change, "purchase", property(new_ones_alone)))


@planted(reused(again.test_an_order_is_not_sent_again_by_a_saved_plan_that_does_not_say_so))
def what_follows_a_wait_is_not_approved_with_it() -> AbstractContextManager[None]:
    """A saved plan that only waits for an order sends it again."""
    return swapped((saved_plan, "_as_found", lambda planned, found: found or planned))


@planted(reused(again.test_an_order_is_read_again_after_a_long_answered_prompt_before_it_is_sent_again))
def an_order_is_sent_again_on_old_reads() -> AbstractContextManager[None]:
    """An order is sent again by what was read before somebody took an hour to approve it."""

    def as_it_was(session: Any, run: Any, approved: Plan) -> Any:
        return saved_plan.read_again(session, session.known(), approved, settle.due(run))

    return swapped((apply, "_read_again", as_it_was))


@planted(reused(again.test_a_number_that_has_come_to_be_offered_as_shared_only_is_not_ordered_again))
def a_shared_number_is_ordered_again() -> AbstractContextManager[None]:
    """An unanswered order of a number for us alone is sent again for one that others have too."""
    otherwise = open_orders._otherwise

    def unshared(intent: Any, offer: Offer, *args: Any, **how: Any) -> str:
        return otherwise(intent, replace(offer, shared=False), *args, **how)

    return swapped((open_orders, "_otherwise", unshared))


@planted(reused(again.test_an_order_is_sent_again_only_at_a_price_that_its_pool_allows))
def a_pool_binds_a_first_order_alone() -> AbstractContextManager[None]:
    """An order is sent again at a price that its pool does not allow any more."""
    return swapped((Spending, "too_dear_for_pool", lambda *_: ""))
