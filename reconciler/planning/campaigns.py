"""What the registry lets the assignments of a campaign do, by the gate of ``campaign_states.py``, and its drift."""

from __future__ import annotations

from reconciler.model import Action, Address, Change, Kind, Origin, Record
from reconciler.model.campaign_states import CLOSED, STUCK, Standing, of_record, pending_for, standing
from reconciler.planning.snapshot import Item, Unresolved, Verdict

_WAY_ON = {
    Standing.REFUSED: "find out at the carrier why, and have it submitted again",
    Standing.SUSPENDED: "find out at the carrier why; a suspension can be lifted",
    Standing.EXPIRED: "that cannot be undone: register the same content as another campaign",
    Standing.UNKNOWN: "check its id, and at the carrier whether the campaign was shared with it",
}


def gated(item: Item, verdict: Verdict) -> Verdict:
    """What is decided about an assignment, or what the standing of its campaign makes of that."""
    registry = item.world.observation(item.provider).registry
    if registry is None or item.want is None or isinstance(verdict, Unresolved):
        return verdict
    name, campaign = str(item.want.attrs.get("campaign")), _campaign(item)
    word, record = registry.get(name, ""), _record_of(campaign, name)
    sends = isinstance(verdict, Change) and verdict.action in (Action.CREATE, Action.UPDATE)
    registered_now = campaign is not None and campaign.ours is None
    if not word:
        why = f"how campaign {name} stands at the registry could not be read: the account has no word for it"
        return Unresolved(why) if sends and not registered_now else verdict
    state = standing(word, record.word if record else "")
    if state is Standing.UNKNOWN and registered_now:
        return verdict
    if state is Standing.UNKNOWN and campaign is not None and _just_registered(campaign):
        return item.change(Action.WAIT, f"campaign {name} was registered a short while ago ({word})")
    if state in CLOSED:
        return item.change(Action.BLOCKED, f"campaign {name} is {state} at the registry ({word}): {_WAY_ON[state]}")
    if state is Standing.PENDING and sends:
        return item.change(Action.WAIT, f"campaign {name} is pending at the registry ({word}{_how_long(item, record)})")
    return verdict


def _campaign(item: Item) -> Item | None:
    """The campaign that an assignment needs, where it has a line of its own."""
    needs = item.want.needs if item.want else ()
    return next((item.world.item(need) for need in needs if need.kind is Kind.CAMPAIGN), None)


def _record_of(campaign: Item | None, name: str) -> Record | None:
    record = campaign.ours if campaign else None
    return record if record is not None and record.applied.get("id") == name else None


def _just_registered(campaign: Item) -> bool:
    return campaign.unlisted and campaign.ours is not None and campaign.ours.origin is Origin.MADE


def _how_long(item: Item, record: Record | None) -> str:
    lasted = pending_for(record, item.world.now)
    stuck = ", stuck: ask the carrier" if lasted >= STUCK else ""
    return f", for {lasted.days} days{stuck}" if lasted.days else ""


def changed(campaign: Item, record: Record) -> tuple[str, str, str] | None:
    """What is different about how a campaign stands, with the word of before and that of now; None for no change."""
    registry = campaign.world.observation(campaign.provider).registry
    word = (registry or {}).get(str(record.applied.get("id")), "")
    now, before = standing(word, record.word), of_record(record)
    recent = now is Standing.UNKNOWN and _just_registered(campaign)
    if not word or now is Standing.OTHER or recent or before is Standing.OTHER:
        return None
    if now in CLOSED and (before is not None or _has_assignments(campaign, record)):
        lasting = before == now and not _has_assignments(campaign, record)
        return None if lasting else (f"it is {now} at the registry ({word})", record.word, word)
    if before is None or before == now:
        return None
    return f"it is {now} at the registry ({word}), and was {before} ({record.word})", record.word, word


def _has_assignments(campaign: Item, record: Record) -> bool:
    """Whether numbers are on record under the campaign."""
    name = record.applied.get("id")
    return any(_is_of(address, other, name) for address, other in campaign.world.memory.records.items())


def _is_of(address: Address, record: Record, name: object) -> bool:
    return address.kind is Kind.ASSIGNMENT and not record.gone and record.applied.get("campaign") == name
