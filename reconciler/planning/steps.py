"""Changes -> steps in dependency order. Pure and deterministic: the same plan always makes the same steps.

Creates run along the dependencies, deletes against them; the changes carry both as ``needs``. Changes of one kind
that one call can carry travel as a batch (the assignments of one campaign).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from reconciler.model import Action, Address, Change, Kind, Resource, Step
from reconciler.model.capabilities import Capabilities

ACTED_ON = frozenset({Action.CREATE, Action.UPDATE, Action.DELETE, Action.ADOPT, Action.FORGET, Action.WAIT})
"""Actions that an apply does something about."""

FEW = 8
"""Changes of a batch that was not taken as a whole which are sent one by one."""


def steps(
    changes: Sequence[Change], desired: Mapping[Address, Resource], capabilities: Mapping[str, Capabilities]
) -> tuple[Step, ...]:
    """The steps that carry out ``changes``, each after what it needs."""
    acted_on = [change for change in changes if change.action in ACTED_ON]
    present = {change.address for change in acted_on}
    made: list[Step] = []
    keyed = sorted(((_batch_key(change, desired), change) for change in acted_on), key=lambda pair: pair[0])
    for key, group in groupby(keyed, key=lambda pair: pair[0]):
        members = [change for _, change in group]
        size = _batch_size(members[0], key, capabilities)
        chunks = [members[i : i + size] for i in range(0, len(members), size)]
        made += [_step(chunk, desired, present) for chunk in chunks]
    return tuple(in_order(made))


def in_order(unordered: Iterable[Step]) -> list[Step]:
    """``unordered`` so that each stands after the steps it needs; steps in a circle keep their place."""
    waiting = sorted(unordered, key=lambda step: (step.kind.rank, step.id))
    owner = {address: step.id for step in waiting for address in step.addresses}
    ordered: list[Step] = []
    placed: set[str] = set()
    visiting: set[str] = set()
    by_id = {step.id: step for step in waiting}

    def place(step: Step) -> None:
        if step.id in placed or step.id in visiting:
            return
        visiting.add(step.id)
        for need in step.needs:
            place(by_id[owner[need]])
        placed.add(step.id)
        ordered.append(step)

    for step in waiting:
        place(step)
    return ordered


def parted(step: Step) -> list[Step]:
    """A batch that was not taken as a whole, as smaller ones.

    Halves, of halves, so that one number that has a thousand refused costs some twenty calls; a few stand alone.
    """
    desired, needed = {resource.address: resource for resource in step.desired}, set(step.needs)
    size = 1 if len(step.changes) <= FEW else (len(step.changes) + 1) // 2
    parts = [step.changes[start : start + size] for start in range(0, len(step.changes), size)]
    return [_step(part, desired, needed) for part in parts]


def _batch_key(change: Change, desired: Mapping[Address, Resource]) -> tuple[str, ...]:
    resource = desired.get(change.address)
    batchable = change.address.kind is Kind.ASSIGNMENT and change.action in (Action.CREATE, Action.UPDATE)
    if batchable and resource is not None:
        return change.account, "batch", change.address.kind.value, str(resource.attrs.get("campaign"))
    return change.account, "single", str(change.address), ""


def _batch_size(change: Change, key: tuple[str, ...], capabilities: Mapping[str, Capabilities]) -> int:
    if key[1] != "batch" or change.account not in capabilities:
        return 1
    return capabilities[change.account].batches.get(change.address.kind, 1)


def _step(members: Sequence[Change], desired: Mapping[Address, Resource], present: set[Address]) -> Step:
    first = members[0]
    own = {change.address for change in members}
    needs = {need for change in members for need in change.needs if need in present and need not in own}
    more = f" and {len(members) - 1} more" if len(members) > 1 else ""
    return Step(
        id=f"{first.action.value} {first.address}{more}",
        account=first.account,
        action=first.action,
        kind=first.address.kind,
        changes=tuple(members),
        desired=tuple(desired[change.address] for change in members if change.address in desired),
        needs=tuple(sorted(needs)),
    )
