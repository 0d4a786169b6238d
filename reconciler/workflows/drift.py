"""``drift``: observe -> compare with what was last applied. Reads only; takes no lock."""

from __future__ import annotations

from dataclasses import replace

from reconciler.errors import TnctlError
from reconciler.planning import drift, notices
from reconciler.planning.compare import Comparison, World
from reconciler.state.store import Store
from reconciler.workflows import renames
from reconciler.workflows.look import confirmed, wanted_of
from reconciler.workflows.observe import discreet, observe
from reconciler.workflows.scope import judged, pick
from reconciler.workflows.session import Known, Options, Session


def refuse_new_records(store: Store, place: str) -> None:
    """Raise TnctlError where nothing was ever recorded; ``place`` is where the records are, as it may be shown."""
    if store.is_new:
        raise TnctlError(
            f"nothing was ever applied from the records at {place}: there is nothing to compare with",
            hint="run `tnctl apply` first; if this fleet was applied before, its records are elsewhere: name them with "
            "`state`, --state or TNCTL_STATE",
        )


def find_drift(session: Session, options: Options, known: Known | None = None) -> drift.Drift:
    """What differs from what was last applied. ``known``: what was read to choose the accounts; without it that is read
    here."""
    known = known or session.known()
    state, desired_state = known.state, known.desired_state
    renames.refuse_other_accounts(session, state)
    scope, left_out = pick(desired_state, state, options.selection, state.records)
    idle = judged(session.fleet, desired_state, state, options.selection)
    wanted = wanted_of(session.fleet, scope, {}, state)
    observations = discreet(observe(session.providers, wanted, session.workers), desired_state.desired, state)
    capabilities = {account: provider.capabilities for account, provider in session.providers.items()}
    fingerprint, now = session.store.fingerprint, session.clock.now()
    world = World({}, observations, {}, state, capabilities, fingerprint, now, desired_state.allocated)
    world = confirmed(session.fleet, session.providers, session.workers, world, wanted)
    found = drift.find(world, scope)
    comparison = Comparison(unobservable=found.unobservable, unresolved=found.unresolved)
    reads = {account: observation.calls for account, observation in world.observations.items()}
    said = (
        *notices.of_world(real=session.real),
        *idle,
        *notices.of_comparison(world, comparison, left_out),
        *notices.of_waiting(found.waiting),
    )
    return replace(found, reads=reads, notices=said)
