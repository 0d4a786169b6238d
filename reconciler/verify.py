"""Whether a saved plan still fits the world: what it is about to touch is read again, the rest is ignored.

A plan that does not fit is refused whole, before the first write, saying what moved. A plan whose own run was cut
short (exit 3, a signal, a crash) goes on where it was: what that run has done already is dropped from it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from reconciler import planfile, policy, slots
from reconciler.clock import Clock
from reconciler.diff import Comparison, compare
from reconciler.errors import CarrierError, StalePlanError, UsageError
from reconciler.model import Action, Change, Plan, shown
from reconciler.money import cheaper_or_same, in_words
from reconciler.planner import ACTED_ON
from reconciler.pools.roster import Roster, choices, on_record
from reconciler.session import Options, Planned, Session, config_digest, look
from reconciler.settings import Fleet
from reconciler.state import Store


def check_bindings(fleet: Fleet, store: Store, clock: Clock, options: Options, plan: Plan) -> None:
    """Everything about a saved plan that can be checked without asking a carrier, and without the lock."""
    planfile.check_digest(plan, options.expect_digest)
    planfile.refuse_lineage(plan, store.lineage)
    if store.plan_status(plan.plan_id) == "finished":
        raise StalePlanError("the plan was applied already")
    planfile.check_fresh(plan, clock.now())
    if plan.config_digest != config_digest(fleet, store):
        raise StalePlanError(
            f"the configuration declares other resources than when the plan was made{_otherwise(fleet, plan)}"
        )
    if options.selection:
        raise UsageError("a saved plan is applied whole", hint="use --only and --exclude when you make the plan")


def _otherwise(fleet: Fleet, plan: Plan) -> str:
    """Those of the plan's addresses, with a line of their own, of which that can be seen."""
    declared = fleet.by_address()
    lines = [change for change in plan.changes if slots.carried(change.carrier) is None]
    now = {c.address: shown(declared[c.address].attrs) if c.address in declared else None for c in lines}
    named = [str(c.address) for c in lines if now[c.address] != (None if c.after is None else dict(c.after))]
    return f": {', '.join(named)}" if named else ""


def verified(session: Session, options: Options, saved: Plan) -> Planned:
    """What is left to do of ``saved``. Raises StalePlanError where something that it binds has moved."""
    check_bindings(session.fleet, session.store, session.clock, options, saved)
    return read_again(session, saved)


def read_again(session: Session, saved: Plan) -> Planned:
    """``saved`` against what is live now: as it was, or StalePlanError saying what moved."""
    memory = session.store.memory()
    roster = on_record(session.fleet, memory, choices(saved.changes))
    _refuse_other_numbers(roster, saved)
    scope = {a for change in saved.changes for a in (change.address, *change.needs)}
    world = look(session, memory, scope, roster)
    comparison = compare(world, scope)
    _refuse_unread(comparison, saved)
    resumed = session.store.plan_status(saved.plan_id) is not None
    todo = _still_to_do(saved, comparison, resumed=resumed)
    return Planned(
        plan=saved.replace(changes=todo),
        world=world,
        comparison=replace(comparison, in_sync=(), unobservable=()),
        inventory=policy.inventory(world, scope),
        roster=roster,
    )


def _refuse_other_numbers(roster: Roster, saved: Plan) -> None:
    """A slot that has got another number since keeps that."""
    holders = {seat.slot: seat.tn for seat in roster.seats.values()}
    moved = [
        f"{choice.number}: slot {choice.slot.name} has {holders[choice.slot]} by now"
        for choice in choices(saved.changes)
        if holders.get(choice.slot, choice.tn) != choice.tn
    ]
    if moved:
        raise StalePlanError("the plan does not fit any more; nothing was sent:\n" + "\n".join(moved))


def _refuse_unread(comparison: Comparison, saved: Plan) -> None:
    touched = {change.address for change in saved.changes if change.action in ACTED_ON}
    unread = [f"{a}: {reason}" for a, reason in comparison.unresolved.items() if a in touched]
    if unread:
        raise CarrierError("what the plan touches could not be read again:\n" + "\n".join(unread))


def _still_to_do(saved: Plan, comparison: Comparison, *, resumed: bool) -> tuple[Change, ...]:
    """The changes to carry out: as planned, or as an own earlier run has left them."""
    now = {change.address: change for change in (*comparison.changes, *comparison.in_sync)}
    todo: list[Change] = []
    moved: list[str] = []
    for planned in saved.changes:
        found = now.get(planned.address)
        if planned.action not in ACTED_ON:
            todo.append(planned)
        elif resumed and _done_or_under_way(found):
            todo += [found] if found is not None and found.action is Action.WAIT else []
        elif why := _moved(planned, found):
            moved.append(f"{planned.address}: {why}")
        else:
            todo.append(_dated(planned, found))
    if moved:
        raise StalePlanError("the plan does not fit any more; nothing was sent:\n" + "\n".join(moved))
    return tuple(todo)


def _dated(planned: Change, found: Change | None) -> Change:
    """``planned`` with a price that says whether it is the price book's, which the plan file has no field for."""
    if planned.cost is None or found is None or found.cost is None:
        return planned
    return replace(planned, cost=replace(planned.cost, as_of=found.cost.as_of))


def _done_or_under_way(found: Change | None) -> bool:
    return found is None or found.action in (Action.NOOP, Action.WAIT, Action.ADOPT)


def _moved(planned: Change, found: Change | None) -> str:
    """What differs from the plan, or an empty string."""
    if found is None or found.action is Action.NOOP:
        return f"{planned.action.value} was planned, and nothing is to be done any more"
    if (found.action, found.then) != (planned.action, planned.then):
        return f"{planned.action.value} was planned, and it is now: {found.action.value} ({found.reason})"
    if not cheaper_or_same(planned.cost, found.cost):
        return f"the carrier asks another price than planned: {in_words(found.cost)}, not {in_words(planned.cost)}"
    if found.expects != planned.expects:
        return f"it does not look as it did when the plan was made: {_looks(planned, found)}"
    if _bound(planned) != _bound(found):
        return "the plan would do something else than what follows from the configuration"
    return ""


def _looks(planned: Change, found: Change) -> str:
    """What is different about the object at the carrier, as far as that may be shown."""
    before, now = dict(planned.before or {}), dict(found.before or {})
    fields = [
        f"{key} is {now.get(key)}, and was {before.get(key)}"
        for key in {**before, **now}
        if now.get(key) != before.get(key)
    ]
    if fields:
        return ", ".join(fields)
    if dict(planned.carrier) != dict(found.carrier):
        return "the carrier has it under another key"
    return "in something that is not shown, such as the query of a URL"


def _bound(change: Change) -> tuple[Any, ...]:
    """What of a change a carrier would get to see, and what the limits count."""
    after = None if change.after is None else dict(change.after)
    return change.provider, after, set(change.needs), dict(change.carrier), change.irreversible
