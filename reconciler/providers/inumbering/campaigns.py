"""Which numbers the campaigns have, and how they stand at the registry: one call tells both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from reconciler.model import Address, Kind, Resource, Unread
from reconciler.model.campaign_states import CLOSED, registry_state
from reconciler.providers.http.messages import Answer
from reconciler.providers.inumbering import client, convert, quirks
from reconciler.providers.reads import Reading, UnreadableError


class Campaigns(NamedTuple):
    """The assignments that were seen, why others are left open, and campaign -> its word at the registry."""

    assignments: list[Resource]
    unread: dict[Address, Unread]
    registry: dict[str, str] | None


def read(asked: Reading, account: str, wanted: Sequence[Resource]) -> Campaigns:
    """What each wanted or assigned campaign has; a number that is in several is shown in the wanted one."""
    assignments = {
        want.address: str(want.attrs.get("campaign", "")) for want in wanted if want.address.kind is Kind.ASSIGNMENT
    }
    declared = {str(want.attrs.get("id", "")) for want in wanted if want.address.kind is Kind.CAMPAIGN}
    asked_for = sorted(declared.union(assignments.values()) - {""})
    if not assignments and not asked_for:
        return Campaigns([], {}, None)
    members, unread, registry = _members(asked, asked_for)
    unread[""] = Unread("neither the configuration nor the records say which campaign it is in")
    seen = [_assignment(account, tn, ids, assignments) for tn, ids in members.items()]
    shown = {resource.address for resource in seen}
    left_open = {a: unread[campaign] for a, campaign in assignments.items() if campaign in unread and a not in shown}
    return Campaigns(seen, left_open, registry)


def _assignment(account: str, tn: str, ids: Sequence[str], wanted: Mapping[Address, str]) -> Resource:
    address = Address(Kind.ASSIGNMENT, tn)
    campaign = wanted[address] if wanted.get(address) in ids else ids[0]
    return Resource(address, account, {"campaign": campaign})


def _members(
    asked: Reading, campaigns: Sequence[str]
) -> tuple[dict[str, list[str]], dict[str, Unread], dict[str, str]]:
    """TN -> the campaigns that have it, campaign -> why its numbers are not all known, campaign -> its word.

    One call for many of them. It may be refused for the sake of one that the account lacks, so then each is asked
    alone.
    """
    members: dict[str, list[str]] = {}
    unread: dict[str, Unread] = {}
    registry: dict[str, str] = {}
    for batch, answer in _answers(asked, campaigns):
        told = convert.registry(answer)
        # Of a campaign that is said to be gone, the map need not say that it has no numbers.
        closed = {campaign for campaign, carrier_status in told.items() if registry_state(carrier_status) in CLOSED}
        registry |= told
        try:
            found, doubts = convert.assigned(answer, batch, without=closed)
        except UnreadableError as why:
            unread |= dict.fromkeys(set(batch) - closed, why.unread)
            continue
        unread |= {campaign: Unread(doubt) for campaign, doubt in doubts.items()}
        for tn, ids in found.items():
            members.setdefault(tn, []).extend(ids)
    return members, unread, registry


def _answers(asked: Reading, campaigns: Sequence[str]) -> list[tuple[list[str], Answer]]:
    size = quirks.CAMPAIGNS_A_CALL
    batches = [list(campaigns[start : start + size]) for start in range(0, len(campaigns), size)]
    told: list[tuple[list[str], Answer]] = []
    for batch, answer in zip(batches, asked.gather([client.campaigns(batch) for batch in batches]), strict=True):
        if len(batch) > 1 and convert.code(answer) in quirks.CAMPAIGN_REFUSALS:
            alone = [[campaign] for campaign in batch]
            told += zip(alone, asked.gather([client.campaigns(one) for one in alone]), strict=True)
        else:
            told.append((batch, answer))
    return told
