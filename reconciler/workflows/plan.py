"""``plan``: fill the pools -> observe -> quote -> compare -> limits as notices -> Plan. Reads only; takes no lock."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from reconciler import __version__
from reconciler.model import NOTHING, Plan
from reconciler.planning import limits, named_releases, notices
from reconciler.planning.compare import Comparison, World, compare, selected_addresses
from reconciler.planning.costs import accounted
from reconciler.pools.desired import DesiredState
from reconciler.state import plan_file
from reconciler.workflows import fill_pools, pools_in_doubt, renames
from reconciler.workflows.binding import config_digest
from reconciler.workflows.look import look
from reconciler.workflows.scope import judged, pick
from reconciler.workflows.session import Due, Known, Options, Planned, Session


def make_plan(session: Session, options: Options, known: Known | None = None) -> Planned:
    """What an apply would do now. ``known``: what was read to choose the accounts; without it that is read here."""
    known = known or session.known()
    renames.refuse_other_accounts(session, known.state)
    return planned_from(session, options, known)


def planned_from(session: Session, options: Options, known: Known, due: Due = NOTHING) -> Planned:
    """What follows from what is ``known`` and live. ``due``: the open orders that this very apply sends again, by what
    it has read of them; a plan alone settles nothing and has none."""
    state, desired_state = known.state, fill_pools.filled(session, known, options.selection)
    named_releases.refuse_wanted(session.fleet.safety, options.allow.release, desired_state)
    everything = selected_addresses(desired_state.desired, state)
    scope, left_out = pick(desired_state, state, options.selection, everything)
    idle = judged(session.fleet, desired_state, state, options.selection)
    left_out += desired_state.left_out
    world = look(session, state, scope, desired_state, due, options.allow.release)
    paid = session.store.prices_paid()
    compared = compare(world, scope)
    compared = replace(compared, unresolved={**desired_state.unresolved, **compared.unresolved})
    comparison, money = accounted(world, compared, paid, session.fleet.prices)
    plan = _plan(session, options, world, comparison, desired_state)
    inventory = pools_in_doubt.judged(session, limits.inventory(world, scope), plan, world.state, desired_state)
    found = limits.violations(plan, session.fleet.safety, inventory, options.allow)
    said = (
        *notices.of_world(real=session.real),
        *session.fleet.notices,
        *idle,
        *notices.of_records(state, real=session.real),
        *notices.of_fleet(session.fleet.name, session.store.fleet, plan, state),
        *desired_state.notices,
        *renames.notices(session, state),
        *named_releases.notices(session.fleet.safety, options.allow.release, state),
        *notices.of_comparison(world, comparison, left_out),
        *notices.of_money(money),
        *notices.of_violations(found),
    )
    sealed = plan_file.sealed(plan.replace(notices=said), session.store.fingerprint)
    return Planned(sealed, world, comparison, inventory, desired_state, left_out, money.shares)


def _plan(
    session: Session, options: Options, world: World, comparison: Comparison, desired_state: DesiredState
) -> Plan:
    now = session.clock.now().replace(microsecond=0)
    return Plan(
        plan_id=session.new_id(),
        created_at=now,
        expires_at=now + options.plan_life,
        tool_version=__version__,
        config_digest=config_digest(session.fleet, session.store),
        lineage=world.state.lineage,
        serial=world.state.serial,
        changes=comparison.changes,
        noop=len(comparison.in_sync),
        unobservable=len(comparison.unobservable),
        reads=_reads(world, desired_state),
        unresolved={str(address): str(why) for address, why in comparison.unresolved.items()},
    )


def _reads(world: World, desired_state: DesiredState) -> dict[str, int]:
    calls = Counter(dict(desired_state.reads))
    for account, observation in world.observations.items():
        calls[account] += observation.calls
    for account, quotes in world.quotes.items():
        calls[account] += quotes.calls
    return dict(sorted(calls.items()))
