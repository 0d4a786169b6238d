"""``brands:`` and ``campaigns:`` to resources: ids of the right shape, each once, a campaign beside its brand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from reconciler.config.node import Node
from reconciler.config.problems import Problems
from reconciler.config.references import Carriers, cannot, refer
from reconciler.model import Address, Kind, Mark, Notice, Resource
from reconciler.model.fleet import Account
from reconciler.model.suggestions import quoted

_REGISTRY_BRAND = re.compile(r"B[0-9A-Z]{6}")

Accounts = Mapping[str, Account | None]


@dataclass(frozen=True, slots=True)
class Registered:
    """A brand or campaign: its account, its id in the registry, and the resource that it becomes."""

    account: str
    id: str
    resource: Resource


@dataclass(slots=True)
class Messaging:
    """The brands and campaigns by name; None for one too faulty to go by."""

    brands: dict[str, Registered | None] = field(default_factory=dict)
    campaigns: dict[str, Registered | None] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)

    def resources(self) -> Iterator[Resource]:
        """What the brands and campaigns become."""
        for registered in (*self.brands.values(), *self.campaigns.values()):
            if registered is not None:
                yield registered.resource


def messaging(root: Node, accounts: Accounts, carriers: Carriers, problems: Problems) -> Messaging:
    """Everything under ``brands`` and ``campaigns``."""
    found = Messaging()
    brands, campaigns = root.get("brands"), root.get("campaigns")
    if brands is not None:
        found.brands.update(dict.fromkeys(brands.members))
        for name, entry, mark in brands.entries():
            found.brands[name] = _brand(name, entry, mark, accounts, carriers, problems)
        _refuse_same_id(brands, "brand", problems)
        found.notices.extend(_unusual_brands(found.brands))
    if campaigns is not None:
        found.campaigns.update(dict.fromkeys(campaigns.members))
        for name, entry, mark in campaigns.entries():
            found.campaigns[name] = _campaign(name, entry, mark, accounts, carriers, found.brands, problems)
        _refuse_same_id(campaigns, "campaign", problems)
    return found


def _brand(
    name: str, entry: Node, mark: Mark, accounts: Accounts, carriers: Carriers, problems: Problems
) -> Registered | None:
    """One brand."""
    account = _account(entry, "brand", accounts, carriers, problems)
    id_ = entry.text_at("id")
    if account is None or id_ is None:
        return None
    attrs = {"id": id_, "name": entry.text_at("name"), "description": entry.text_at("description")}
    resource = Resource(Address(Kind.BRAND, name), account.name, attrs, mark=mark)
    return Registered(account.name, id_, resource)


def _campaign(
    name: str,
    entry: Node,
    mark: Mark,
    accounts: Accounts,
    carriers: Carriers,
    brands: Mapping[str, Registered | None],
    problems: Problems,
) -> Registered | None:
    """One campaign, with the registry id of its brand."""
    account = _account(entry, "campaign", accounts, carriers, problems)
    brand = refer(entry, "brand", "brands", brands, problems)
    id_ = entry.text_at("id")
    if account is None or brand is None or id_ is None:
        return None
    if brand.account != account.name:
        message = f"the brand is on {quoted(brand.account)} and the campaign on {quoted(account.name)}"
        problems.add(entry.members["brand"].mark, f"{message}: put both on one account")
    attrs = {"id": id_, "brand": brand.id, "description": entry.text_at("description")}
    resource = Resource(Address(Kind.CAMPAIGN, name), account.name, attrs, (brand.resource.address,), mark=mark)
    return Registered(account.name, id_, resource)


def _account(entry: Node, feature: str, accounts: Accounts, carriers: Carriers, problems: Problems) -> Account | None:
    """The account of a brand or campaign, when it can have one."""
    account = refer(entry, "provider", "providers", accounts, problems)
    if account is not None and feature not in account.spec.features:
        problems.add(entry.members["provider"].mark, cannot(feature, account, carriers))
        return None
    return account


def _refuse_same_id(section: Node, kind: str, problems: Problems) -> None:
    """Complain of two entries of one account with the same registry id."""
    first: dict[tuple[str | None, str], Mark] = {}
    for _, entry, _ in section.entries():
        node, id_ = entry.get("id"), entry.text_at("id")
        if node is None or id_ is None:
            continue
        earlier = first.setdefault((entry.text_at("provider"), id_.upper()), node.mark)
        if earlier != node.mark:
            message = f"another {kind} of this account has this id at {earlier}: keep one, or correct the id"
            problems.add(node.mark, message)


def _unusual_brands(brands: Mapping[str, Registered | None]) -> Iterator[Notice]:
    """A warning for each brand id that the registry would not have given out."""
    for registered in brands.values():
        if registered is not None and not _REGISTRY_BRAND.fullmatch(registered.id):
            message = f"brand id {registered.id} is not B and six capital letters or digits, as registry ids are"
            yield Notice("warning", message, str(registered.resource.address))
