"""Names that must lead somewhere, or that were moved from; and which carriers can do what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from reconciler.config.node import Node
from reconciler.config.problems import Problems
from reconciler.model import Mark
from reconciler.model.carrier_spec import CarrierSpec
from reconciler.model.fleet import Account
from reconciler.model.suggestions import instead, quoted

Declared = TypeVar("Declared")

Carriers = Mapping[str, CarrierSpec]
"""Type -> carrier: those that an account of the configuration may be of."""


def refer(
    owner: Node, key: str, section: str, declared: Mapping[str, Declared | None], problems: Problems
) -> Declared | None:
    """What the name at ``key`` of ``owner`` stands for in ``section``; a name that nobody declared is a problem.

    ``declared`` holds None for what is declared but faulty: that was told already. Where a part of ``section`` could
    not be read, the name may be declared there.
    """
    node, name = owner.get(key), owner.text_at(key)
    if node is None or name is None:
        return None
    if name in declared:
        return declared[name]
    if section not in problems.unread:
        problems.add(node.mark, f"{quoted(name)} is not declared under `{section}`: {instead(name, declared)}")
    return None


def listed(carriers: Iterable[CarrierSpec]) -> str:
    """``intelepeer and infobip``: types of account in words."""
    return " and ".join(spec.type for spec in carriers)


def cannot(feature: str, account: Account, carriers: Carriers) -> str:
    """Why ``account`` cannot have ``feature``, and which can."""
    able = listed(spec for spec in carriers.values() if feature in spec.features)
    return f"an account of type {account.type} cannot do `{feature}`: only {able} accounts can"


def check_moves(section: Node, what: str, problems: Problems) -> None:
    """``moved: NAME``: whoever has moved has had its former name alone, and nobody has it now. ``what``: ``a pool``.

    The records of what had that name come along, without a call.
    """
    first: dict[str, Mark] = {}
    for _, entry, _ in section.entries():
        old, node = entry.text_at("moved"), entry.get("moved")
        if old is None or node is None:
            continue
        earlier = first.setdefault(old, node.mark)
        if section.has(old):
            problems.add(node.mark, f"{quoted(old)} is still {what}, at {section.key_mark(old)}")
        elif earlier is not node.mark and earlier != node.mark:
            problems.add(node.mark, f"{quoted(old)} has moved at {earlier} already: keep one")
