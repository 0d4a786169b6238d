"""What is declared and what hangs on what, for a renderer of graphs. An arrow goes from what comes first.

There is a box around each account and around the slots of each pool; a slot points to the number that it has on record.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from reconciler.model import Address, Resource, StateSnapshot, slots
from reconciler.model.fleet import Fleet
from reconciler.model.safe_text import plain
from reconciler.pools.desired import DesiredState, on_record

_MERMAID = str.maketrans({c: f"#{ord(c)};" for c in '#"<>&;`\\'})
_DOT = str.maketrans({"\\": "\\\\", '"': '\\"'})

Labels = Mapping[str, str]
"""Id of a node -> its label, as it stands in the configuration."""


@dataclass(frozen=True, slots=True)
class Graph:
    """Boxes of nodes by their titles, accounts before pools, and arrows between the ids of nodes."""

    boxes: tuple[tuple[str, Labels], ...]
    arrows: tuple[tuple[str, str], ...]


def mermaid(fleet: Fleet, state: StateSnapshot) -> str:
    """A Mermaid flowchart with a box around each account and each pool."""
    graph, lines = _graph(fleet, state), ["flowchart LR"]
    for number, (title, labels) in enumerate(graph.boxes):
        lines.append(f'  subgraph a{number}["{plain(title).translate(_MERMAID)}"]')
        lines += [f'    {node}["{plain(label).translate(_MERMAID)}"]' for node, label in labels.items()]
        lines.append("  end")
    lines += [f"  {first} --> {then}" for first, then in graph.arrows]
    return "\n".join(lines) + "\n"


def dot(fleet: Fleet, state: StateSnapshot) -> str:
    """A Graphviz digraph with a cluster for each account and each pool."""
    graph, lines = _graph(fleet, state), ["digraph tnctl {", "  rankdir=LR;", "  node [shape=box];"]
    for number, (title, labels) in enumerate(graph.boxes):
        lines += [f"  subgraph cluster_{number} {{", f'    label="{plain(title).translate(_DOT)}";']
        lines += [f'    {node} [label="{plain(label).translate(_DOT)}"];' for node, label in labels.items()]
        lines.append("  }")
    lines += [f"  {first} -> {then};" for first, then in graph.arrows]
    return "\n".join([*lines, "}"]) + "\n"


def _graph(fleet: Fleet, state: StateSnapshot) -> Graph:
    desired_state = on_record(fleet, state)
    declared = fleet.by_address()
    of_slots = sorted((a for a in desired_state.desired if a not in declared), key=lambda a: (a.kind.rank, a.name))
    resources = [desired_state.desired[address] for address in (*declared, *of_slots)]
    ids = {resource.address: f"n{number}" for number, resource in enumerate(resources)}
    allocated = list(_seats(desired_state))
    named = {slot: f"s{number}" for number, (slot, _) in enumerate(allocated)}
    arrows = (*_needs(resources, ids), *((named[slot], ids[number]) for slot, number in allocated if number in ids))
    return Graph((*_accounts(resources, ids), *_pools(allocated, named)), arrows)


def _seats(desired_state: DesiredState) -> Iterator[tuple[Address, Address | None]]:
    """Every slot within the sizes of the pools with the number that it has, in order."""
    filled = {allocation.slot: allocation.number for allocation in desired_state.allocations.kept}
    empty = {slot for vacant in desired_state.allocations.vacant.values() for slot in vacant}
    for slot in sorted(empty.union(filled), key=slots.split):
        yield slot, filled.get(slot)


def _accounts(resources: Iterable[Resource], ids: Mapping[Address, str]) -> list[tuple[str, Labels]]:
    boxes: dict[str, dict[str, str]] = {}
    for resource in resources:
        boxes.setdefault(resource.account, {})[ids[resource.address]] = str(resource.address)
    return sorted(boxes.items())


def _pools(
    allocated: Iterable[tuple[Address, Address | None]], named: Mapping[Address, str]
) -> list[tuple[str, Labels]]:
    boxes: dict[str, dict[str, str]] = {}
    for slot, number in allocated:
        pool, _ = slots.split(slot)
        boxes.setdefault(f"pool {pool}", {})[named[slot]] = str(slot) if number else f"{slot}, empty"
    return list(boxes.items())


def _needs(resources: Iterable[Resource], ids: Mapping[Address, str]) -> Iterator[tuple[str, str]]:
    for resource in resources:
        for need in resource.needs:
            if need in ids:
                yield ids[need], ids[resource.address]
