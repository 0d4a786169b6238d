"""Whether a saved plan still fits the world: what it is about to touch is read again, the rest is ignored.

A plan that does not fit is refused whole, before the first write, saying what moved.

Whether it may be applied, by how its last run ended:

=====================================  =============================================================
never begun; refused with 5, 6 or 7,   until it expires
or declined, with nothing sent
3; 130 or 143; a crash; the lock lost  also after it has expired: it goes on where that run was
0, 1, 4                                not again: it is finished
=====================================  =============================================================

What becomes of one change of it:

===================  ==========================================  =================================================
planned              found now                                   follows
===================  ==========================================  =================================================
blocked                                                          as planned: nothing
anything             the same, no dearer, and looking the same   as planned
                     (unless what it hangs on is waited for)
wait, then X         X                                           X: it was approved with the wait
wait for a number    wait, whatever follows                      that wait, and of what follows what both say
wait                 in sync                                     nothing: it has settled itself
(the plan was begun) wait                                        that wait: what it did is under way
(the plan was begun) adopt, where it was to be created           that: it is there by now
(the plan was begun) in sync, or gone with its record            nothing: it did that
anything             anything else                               the plan is refused (6)
===================  ==========================================  =================================================

A number that the plan names for a slot must be one that its pool may take, asked of the carrier once more (see
``slot_rules``).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from reconciler.clock import Clock
from reconciler.errors import CarrierError, StalePlanError, UsageError
from reconciler.model import Action, Change, Kind, Plan, shown
from reconciler.model.fleet import Fleet
from reconciler.model.money import cheaper_or_same, in_words
from reconciler.planning import limits
from reconciler.planning.compare import Comparison, compare
from reconciler.planning.steps import ACTED_ON
from reconciler.pools.desired import DesiredState, choices, on_record
from reconciler.state import plan_file
from reconciler.state.store import Store
from reconciler.workflows import pools_in_doubt, slot_rules
from reconciler.workflows.binding import config_digest
from reconciler.workflows.look import look
from reconciler.workflows.session import Due, Known, Options, Planned, Session


def check_bindings(fleet: Fleet, store: Store, clock: Clock, options: Options, plan: Plan) -> None:
    """Everything about a saved plan that can be checked without asking a carrier, and without the lock."""
    plan_file.check_digest(plan, options.expect_digest)
    plan_file.refuse_lineage(plan, store.lineage)
    plan_file.check_seal(plan, store.fingerprint)
    status = store.plan_status(plan.plan_id)
    if status == "finished":
        raise StalePlanError("the plan was applied already")
    if status is None:  # expiry bounds the start: what was begun may be finished
        plan_file.check_fresh(plan, clock.now())
    if plan.config_digest != config_digest(fleet, store):
        raise StalePlanError(
            "the configuration declares other resources, or accounts of another type, base_url or api_path, than when "
            f"the plan was made{_otherwise(fleet, plan)}"
        )
    if options.selection:
        raise UsageError("a saved plan is applied whole", hint="use --only and --exclude when you make the plan")


def _otherwise(fleet: Fleet, plan: Plan) -> str:
    """Those of the plan's addresses, with a line of their own, of which that can be seen."""
    declared = fleet.by_address()
    lines = [change for change in plan.changes if change.slot is None]
    now = {c.address: shown(declared[c.address].attrs) if c.address in declared else None for c in lines}
    named = [str(c.address) for c in lines if now[c.address] != (None if c.after is None else dict(c.after))]
    return f": {', '.join(named)}" if named else ""


def verified(session: Session, options: Options, known: Known, saved: Plan, due: Due) -> Planned:
    """What is left to do of ``saved``. Raises StalePlanError where something that it binds has moved."""
    check_bindings(session.fleet, session.store, session.clock, options, saved)
    return read_again(session, known, saved, due)


def read_again(session: Session, known: Known, saved: Plan, due: Due) -> Planned:
    """``saved`` against what is live now: as it was, or StalePlanError saying what moved. ``due`` are the open orders
    that this run sends again."""
    state, chosen = known.state, choices(saved.changes)
    desired_state = on_record(session.fleet, state, chosen) if chosen else known.desired_state
    _refuse_other_numbers(desired_state, saved)
    scope = {a for change in saved.changes for a in (change.address, *change.needs)}
    world = look(session, state, scope, desired_state, due)
    comparison = compare(world, scope)
    _refuse_unread(comparison, saved)
    begun = session.store.plan_status(saved.plan_id) is not None
    todo = _still_to_do(saved, comparison, begun=begun)
    slot_rules.refuse(session, desired_state, world, todo)
    left = saved.replace(changes=todo)
    return Planned(
        plan=left,
        world=world,
        comparison=replace(comparison, in_sync=(), unobservable=()),
        inventory=pools_in_doubt.judged(session, limits.inventory(world, scope), left, state, desired_state),
        desired_state=desired_state,
    )


def _refuse_other_numbers(desired_state: DesiredState, saved: Plan) -> None:
    """A slot that has got another number since keeps that."""
    holders = {allocation.slot: allocation.tn for allocation in desired_state.allocated.values()}
    moved = [
        f"{choice.number}: slot {choice.slot.name} has {holders[choice.slot]} by now"
        for choice in choices(saved.changes)
        if holders.get(choice.slot, choice.tn) != choice.tn
    ]
    if moved:
        raise StalePlanError("the plan does not fit any more; nothing was sent:\n" + "\n".join(moved))


def _refuse_unread(comparison: Comparison, saved: Plan) -> None:
    touched = {change.address for change in saved.changes if change.action in ACTED_ON}
    unread = [f"{a}: {why}" for a, why in comparison.unresolved.items() if a in touched]
    if unread:
        raise CarrierError("what the plan touches could not be read again:\n" + "\n".join(unread))


def _still_to_do(saved: Plan, comparison: Comparison, *, begun: bool) -> tuple[Change, ...]:
    """The changes to carry out, by the table above."""
    now = {change.address: change for change in (*comparison.changes, *comparison.in_sync)}
    waits = {change.address for change in saved.changes if change.action is Action.WAIT}
    todo: list[Change] = []
    moved: list[str] = []
    for planned in saved.changes:
        found = now.get(planned.address)
        if planned.action not in ACTED_ON:
            todo.append(planned)
        elif begun and found is not None and _is_under_way(planned, found):
            todo.append(found)
        elif (begun and _is_done(found)) or _has_settled(planned, found):
            continue
        elif why := _moved(planned, found, looks=waits.isdisjoint((planned.address, *planned.needs))):
            moved.append(f"{planned.address}: {why}")
        else:
            todo.append(_as_found(planned, found))
    if moved:
        raise StalePlanError("the plan does not fit any more; nothing was sent:\n" + "\n".join(moved))
    return tuple(todo)


def _is_under_way(planned: Change, found: Change) -> bool:
    """Whether an own earlier run has begun with it, and what is found says how to go on."""
    if found.action is Action.WAIT:
        return True
    return found.action is Action.ADOPT and planned.action is Action.CREATE


def _is_done(found: Change | None) -> bool:
    """Whether an own earlier run has brought it to its end."""
    return found is None or found.action is Action.NOOP


def _has_settled(planned: Change, found: Change | None) -> bool:
    """Whether what was to be waited for has come to its end by itself."""
    return planned.action is Action.WAIT and found is not None and found.action is Action.NOOP


def _as_found(planned: Change, found: Change | None) -> Change:
    """``planned``; what follows a wait that is over as it is found, and a price with what no plan binds as it is now:
    the first month's share, which limits are held against, and whether it is the price book's."""
    if found is None:
        return planned
    if planned.action is Action.WAIT:
        return found if found.then is None or planned.then else replace(found, then=None, repeat=False)
    if planned.cost is None or found.cost is None:
        return planned
    return replace(planned, cost=replace(planned.cost, first_month=found.cost.first_month, as_of=found.cost.as_of))


def _moved(planned: Change, found: Change | None, *, looks: bool) -> str:
    """What differs from the plan, or an empty string. ``looks``: how it looked is bound; not that of what is waited
    for, or hangs on such, since the carrier is at work on it."""
    if found is None or found.action is Action.NOOP:
        return f"{planned.action.value} was planned, and nothing is to be done any more"
    follows = planned.action is Action.WAIT and found.action is planned.then and found.then is None
    follows = follows or _is_open_order(planned, found)
    if not follows and (found.action, found.then) != (planned.action, planned.then):
        return f"{planned.action.value} was planned, and it is now: {found.action.value} ({found.reason})"
    if not _same_price(planned, found):
        return f"the carrier asks another price than planned: {in_words(found.cost)}, not {in_words(planned.cost)}"
    if looks and found.precondition != planned.precondition:
        return f"it does not look as it did when the plan was made: {_looks(planned, found)}"
    if _bound(planned) != _bound(found):
        return "the plan would do something else than what follows from the configuration"
    return ""


def _is_open_order(planned: Change, found: Change) -> bool:
    """Whether it waits for a number as before. Whether an order may be sent again is learned by reads, time and again;
    it is sent only where the plan has said so (see ``_as_found``)."""
    return planned.address.kind is Kind.NUMBER and planned.action is found.action is Action.WAIT


def _same_price(planned: Change, found: Change) -> bool:
    """Whether it costs no more than planned; nothing is bought where nothing follows a wait. What could not be read
    then and cannot be read now is the limits'."""
    if any(change.action is Action.WAIT and change.then is None for change in (planned, found)):
        return True
    if planned.cost and found.cost and planned.cost.unreadable and found.cost.unreadable:
        return True
    return cheaper_or_same(planned.cost, found.cost)


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
    if _key(planned) != _key(found):
        return "the carrier has it under another key"
    return "in something that is not shown, such as the query of a URL"


def _key(change: Change) -> tuple[Any, ...]:
    return dict(change.external), change.slot, change.shared


def _bound(change: Change) -> tuple[Any, ...]:
    """What of a change a carrier would get to see, and what the limits count."""
    after = None if change.after is None else dict(change.after)
    return change.account, after, set(change.needs), _key(change), change.irreversible
