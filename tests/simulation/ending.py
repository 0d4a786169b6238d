"""How every story must end: faults heal, time passes, and soon all is well, or stopped at something that has a name."""

from __future__ import annotations

from typing import Any

from reconciler.errors import EXIT_OK, EXIT_PERSON, EXIT_REFUSED, EXIT_RESUME
from reconciler.model import Action, Plan, Result, StateSnapshot
from tests.simulation.acts import Run
from tests.simulation.checkers.convergence import misplaced, unfilled, unnamed
from tests.simulation.events import LAGS
from tests.simulation.process import Ended
from tests.simulation.world import World

APPLIES_TO_HEAL = 3

HEALTHY: dict[str, dict[str, Any]] = {
    "ip": {
        "stuck_in": "",
        "enable_ends": "provisioned",
        "flapping_seconds": 0,
        "path_plus": "either",
        "webhook_ignored": False,
    },
    "vt": {"list_hidden": False},
    "api": {"list_hidden": False},
    "ib": {"list_hidden": False, "paging": "intact", "prices": "numbers", "charges": "quoted"},
}
"""Account -> the switches that are faults of a carrier: they end with the faults. The others are its nature."""


def converge(world: World, run: Run, *, drifts: bool = True) -> None:
    """Heal everything; after three applies like ``run`` nothing is left to do, or what is left has a name.

    ``drifts``: ask for a drift report, too, once there is nothing to do.
    """
    world.heal(HEALTHY)
    ended = _settled(world, run)
    state = ended.process.state or world.snapshot()
    world.census.ends[f"exit {ended.code}"] += 1
    if ended.code == EXIT_OK:
        _judge_convergence(world, state, drifts=drifts)
    elif not _is_named(world, ended, world.plan(), state):
        world.checkers.false(f"after {APPLIES_TO_HEAL} calm applies: {ended}")
    for sentence in unnamed(world.known, state):
        world.checkers.false(sentence)


def _settled(world: World, run: Run) -> Ended:
    """At most three applies, with time passing between them."""
    world.unlock()
    for _ in range(APPLIES_TO_HEAL):
        ended = world.apply(run)
        if ended.code == EXIT_OK:
            break
        world.carrier_clock.sleep(LAGS)
    return ended


def _judge_convergence(world: World, state: StateSnapshot, *, drifts: bool) -> None:
    """Nothing is left to do, and the carriers have what is declared."""
    changes_nothing(world, drifts=drifts)
    for sentence in (
        *unfilled(world.known, state),
        *misplaced(world.sandbox, world.known, world.carrier_clock.now()),
    ):
        world.checkers.false(sentence)


def changes_nothing(world: World, *, drifts: bool = True) -> None:
    """An apply with nothing changed since the last one ends well, plans nothing and writes nothing."""
    world.carrier_clock.sleep(LAGS)  # what was bought a moment ago is listed by then
    again = world.apply(Run())
    if again.report is None:
        world.checkers.false(f"an apply after the one that converged: {again}")
        return
    plan = again.report.plan
    if again.code != EXIT_OK or plan.changes or plan.unresolved:
        changes = [f"{change.action} {change.address}" for change in plan.changes]
        world.checkers.false(f"an apply after the one that converged plans {changes} and ends: {again}")
    drifted = world.drift().drifted if drifts else ()
    if drifted:
        told = [f"{item.address} {item.drift_class}: {item.reason}" for item in drifted]
        world.checkers.false(f"with nothing changed, there was drift: {told}")


def _is_named(world: World, ended: Ended, plan: Plan, state: StateSnapshot) -> bool:
    """Whether a run that did not converge has said what it stopped at.

    A refusal is an answer, where more could have been allowed; a run that was allowed everything has done all that is
    neither blocked, nor waits for an open outcome, nor was taken by somebody else.
    """
    outcomes = ended.report.outcomes if ended.report else ()
    failed = {o.address.name for o in outcomes if o.result is Result.FAILED and not o.person}
    if ended.code == EXIT_REFUSED:
        return not ended.process.run.release
    if ended.code == EXIT_RESUME:
        return bool(state.open_intents)
    if failed - world.known.foreign:
        return False
    if ended.code == EXIT_PERSON:
        blocked = plan.with_action(Action.BLOCKED)
        return bool(blocked) or any(told.person for told in (*state.open_intents, *outcomes))
    return bool(failed)
