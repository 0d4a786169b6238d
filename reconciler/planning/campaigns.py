"""What the registry lets the assignments of a campaign do, by the gate of ``campaign_states.py``, and its drift."""

from __future__ import annotations

from reconciler.model import Action, Address, Change, Kind, Origin, Record, Unread
from reconciler.model.campaign_states import CLOSED, STUCK, RegistryState, of_record, pending_for, registry_state
from reconciler.planning.snapshot import Item, Judgement

_WAY_ON = {
    RegistryState.REFUSED: "find out at the carrier why, and have it submitted again",
    RegistryState.SUSPENDED: "find out at the carrier why; a suspension can be lifted",
    RegistryState.EXPIRED: "that cannot be undone: register the same content as another campaign",
    RegistryState.UNKNOWN: "check its id, and at the carrier whether the campaign was shared with it",
}


def gated(item: Item, judgement: Judgement) -> Judgement:
    """What is decided about an assignment, or what the standing of its campaign makes of that."""
    registry = item.world.observation(item.account).registry
    if registry is None or item.want is None or isinstance(judgement, Unread):
        return judgement
    name, campaign = str(item.want.attrs.get("campaign")), _campaign(item)
    carrier_status, record = registry.get(name, ""), _record_of(campaign, name)
    sends = isinstance(judgement, Change) and judgement.action in (Action.CREATE, Action.UPDATE)
    registered_now = campaign is not None and campaign.ours is None
    if not carrier_status:
        why = f"how campaign {name} stands at the registry could not be read: the account has no word for it"
        return Unread(why) if sends and not registered_now else judgement
    state = registry_state(carrier_status, record.carrier_status if record else "")
    if state is RegistryState.UNKNOWN and registered_now:
        return judgement
    if state is RegistryState.UNKNOWN and campaign is not None and _just_registered(campaign):
        return item.change(Action.WAIT, f"campaign {name} was registered a short while ago ({carrier_status})")
    if state in CLOSED:
        return item.change(
            Action.BLOCKED, f"campaign {name} is {state} at the registry ({carrier_status}): {_WAY_ON[state]}"
        )
    if state is RegistryState.PENDING and sends:
        return item.change(
            Action.WAIT, f"campaign {name} is pending at the registry ({carrier_status}{_how_long(item, record)})"
        )
    return judgement


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
    registry = campaign.world.observation(campaign.account).registry
    carrier_status = (registry or {}).get(str(record.applied.get("id")), "")
    now, before = registry_state(carrier_status, record.carrier_status), of_record(record)
    recent = now is RegistryState.UNKNOWN and _just_registered(campaign)
    if not carrier_status or now is RegistryState.OTHER or recent or before is RegistryState.OTHER:
        return None
    if now in CLOSED and (before is not None or _has_assignments(campaign, record)):
        lasting = before == now and not _has_assignments(campaign, record)
        return (
            None
            if lasting
            else (f"it is {now} at the registry ({carrier_status})", record.carrier_status, carrier_status)
        )
    if before is None or before == now:
        return None
    return (
        f"it is {now} at the registry ({carrier_status}), and was {before} ({record.carrier_status})",
        record.carrier_status,
        carrier_status,
    )


def _has_assignments(campaign: Item, record: Record) -> bool:
    """Whether numbers are on record under the campaign."""
    name = record.applied.get("id")
    return any(_is_of(address, other, name) for address, other in campaign.world.state.records.items())


def _is_of(address: Address, record: Record, name: object) -> bool:
    return address.kind is Kind.ASSIGNMENT and not record.tombstone and record.applied.get("campaign") == name
