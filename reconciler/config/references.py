"""Names that must lead somewhere, and which carriers can do what."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final, TypeVar

from reconciler.config.node import Node
from reconciler.config.problems import Problems
from reconciler.model.fleet import ProviderType
from reconciler.model.suggestions import instead, quoted

Declared = TypeVar("Declared")

CAN: Final[Mapping[str, frozenset[ProviderType]]] = {
    "sms": frozenset({ProviderType.INTELEPEER}),
    "webhook": frozenset({ProviderType.INTELEPEER}),
    "campaign": frozenset({ProviderType.INUMBERING}),
    "brand": frozenset({ProviderType.INUMBERING}),
    "route": frozenset({ProviderType.INUMBERING}),
    "search": frozenset({ProviderType.INUMBERING, ProviderType.INFOBIP}),
    "release": frozenset({ProviderType.INUMBERING, ProviderType.INFOBIP}),
}
"""Facet -> the carriers that can do it; where one can search, the number itself is a resource."""

NORTH_AMERICAN: Final = frozenset({ProviderType.INTELEPEER, ProviderType.INUMBERING})
"""The carriers whose numbers all begin with +1."""


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


def listed(types: Collection[ProviderType]) -> str:
    """``intelepeer and infobip``: types of account in words."""
    return " and ".join(type_ for type_ in ProviderType if type_ in types)


def cannot(facet: str, type_: ProviderType) -> str:
    """Why an account of ``type_`` cannot have ``facet``, and which can."""
    return f"an account of type {type_} cannot do `{facet}`: only {listed(CAN[facet])} accounts can"
