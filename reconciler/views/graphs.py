"""What is declared and what hangs on what, for a renderer of graphs. An arrow goes from what comes first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.model import Address, Resource
from reconciler.settings import Fleet
from reconciler.text import plain

_MERMAID = str.maketrans({c: f"#{ord(c)};" for c in '#"<>&;`\\'})
_DOT = str.maketrans({"\\": "\\\\", '"': '\\"'})

Ids = Mapping[Address, str]


def mermaid(fleet: Fleet) -> str:
    """A Mermaid flowchart with a box around each account."""
    ids, lines = _ids(fleet), ["flowchart LR"]
    for number, (account, resources) in enumerate(_accounts(fleet).items()):
        lines.append(f'  subgraph a{number}["{plain(account).translate(_MERMAID)}"]')
        lines += [f'    {ids[each.address]}["{_label(each.address).translate(_MERMAID)}"]' for each in resources]
        lines.append("  end")
    lines += [f"  {first} --> {then}" for first, then in _edges(fleet, ids)]
    return "\n".join(lines) + "\n"


def dot(fleet: Fleet) -> str:
    """A Graphviz digraph with a cluster for each account."""
    ids, lines = _ids(fleet), ["digraph tnctl {", "  rankdir=LR;", "  node [shape=box];"]
    for number, (account, resources) in enumerate(_accounts(fleet).items()):
        lines += [f"  subgraph cluster_{number} {{", f'    label="{plain(account).translate(_DOT)}";']
        lines += [f'    {ids[each.address]} [label="{_label(each.address).translate(_DOT)}"];' for each in resources]
        lines.append("  }")
    lines += [f"  {first} -> {then};" for first, then in _edges(fleet, ids)]
    return "\n".join([*lines, "}"]) + "\n"


def _ids(fleet: Fleet) -> Ids:
    return {resource.address: f"n{number}" for number, resource in enumerate(fleet.resources)}


def _accounts(fleet: Fleet) -> dict[str, list[Resource]]:
    accounts: dict[str, list[Resource]] = {}
    for resource in fleet.resources:
        accounts.setdefault(resource.provider, []).append(resource)
    return dict(sorted(accounts.items()))


def _edges(fleet: Fleet, ids: Ids) -> Iterator[tuple[str, str]]:
    for resource in fleet.resources:
        for need in resource.needs:
            if need in ids:
                yield ids[need], ids[resource.address]


def _label(address: Address) -> str:
    return plain(address)
