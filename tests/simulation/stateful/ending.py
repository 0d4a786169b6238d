"""How every story must end: faults heal, time passes, and soon all is well, or stopped at something that has a name."""

from __future__ import annotations

from dataclasses import replace

from reconciler.model import Action, Kind, Plan, Result
from reconciler.planning.limits import Allowances
from reconciler.workflows.session import Options
from tests.simulation.stateful import fleet
from tests.simulation.stateful.process import Ended, Run
from tests.simulation.stateful.world import World

LAGS = 1000.0
"""Seconds after which no list, search or wait of this world lags any more."""

APPLIES_TO_HEAL = 3

GENEROUS = Allowances(purchases=99, releases=99, deletes=99, empty=frozenset(fleet.ACCOUNTS))
"""What lifts every limit for one run."""


def converge(world: World) -> None:
    """Heal everything; after three applies at the most nothing is left to do, or what is left has a name."""
    world.sandbox.faults.heal()
    world.unlock()
    world.carrier_time.sleep(2 * world.jumped)  # so that nothing on record lies in the future of our clock
    for _ in range(APPLIES_TO_HEAL):
        world.carrier_time.sleep(LAGS)
        ended = world.run(Run(Options(allow=replace(GENEROUS, release=_left_over(world)))))
        if ended.code == 0:
            changes_nothing(world)
            _is_in_place(world)
            return
    _is_named(world, ended)


def _left_over(world: World) -> frozenset[str]:
    """Numbers on record that nobody declares: what tnctl did not buy is released by its name alone."""
    held = {address.name for address in world.memory().records if address.kind is Kind.NUMBER}
    return frozenset(held - world.lines.keys())


def changes_nothing(world: World) -> None:
    """An apply with nothing changed since the last one ends well and sends nothing that could change anything."""
    world.carrier_time.sleep(LAGS)  # what was bought a moment ago is listed by then
    ended = world.run(Run(Options()))
    if ended.code != 0 or ended.process.writes:
        world.oracle.false(f"with nothing changed, an apply made {ended.process.writes} writes: {ended}")
    drifted = [f"{item.address} {item.drift_class}: {item.reason}" for item in world.drift().drifted]
    if drifted:
        world.oracle.false(f"with nothing changed, there was drift: {drifted}")


def _is_in_place(world: World) -> None:
    """What is declared and can be seen is really on the accounts."""
    for line in world.lines.values():
        if line.account in ("api", "ib") and line.tn not in world.held(line.account):
            world.oracle.false(f"an apply ended well, and {line.account} does not have {line.tn}")
    enabled = world.sandbox.intelepeer("ip").owned(world.carrier_time.now())
    for line in world.lines.values():
        if line.sms is not None and line.messages is not (line.tn in enabled):
            world.oracle.false(f"an apply ended well, and SMS of {line.tn} is not {line.sms}")


def _is_named(world: World, ended: Ended) -> None:
    """What is left is blocked, an open outcome, or a refusal that a rival or a colleague has brought about."""
    if ended.report is None:
        world.oracle.false(f"with all faults healed, an apply ended with {ended}")
        return
    failed = {o.address.name for o in ended.report.outcomes if o.result is Result.FAILED and not o.person}
    if failed - world.oracle.by_hand:
        world.oracle.false(f"with all faults healed, an apply failed: {ended}")
    plan = world.plan()
    if unnamed := _unnamed(plan, failed):
        world.oracle.false(f"with all faults healed and {APPLIES_TO_HEAL} applies, this is left: {unnamed}; {ended}")


def _unnamed(plan: Plan, failed: set[str]) -> list[str]:
    """What is left to do, and neither blocked nor waiting for an open outcome."""
    named = (Action.BLOCKED, Action.WAIT)
    left = [f"{c.action} {c.address}: {c.reason}" for c in plan.changes if c.action not in named]
    left = [words for words in left if not any(tn in words for tn in failed)]
    return left + [f"{address}: {reason}" for address, reason in plan.unresolved.items()]
