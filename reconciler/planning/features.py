"""What is made on top of a number or beside it: SMS, webhooks, brands, campaigns, assignments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from reconciler.model import IN_PROGRESS, Action, Address, Change, FieldDiff, Kind, LastWrite, Resource, Status
from reconciler.model.safe_text import WebhookUrl
from reconciler.planning import kept_webhooks, sms_table, unseen_assignments
from reconciler.planning.campaigns import gated
from reconciler.planning.field_diffs import explain
from reconciler.planning.kept_webhooks import MOST_TRIES
from reconciler.planning.numbers import NOT_LISTED_YET
from reconciler.planning.snapshot import Item, Judgement, Unobservable


def declared_sms(item: Item) -> Judgement:
    """SMS on or off, by the truth table."""
    wanted = bool(item.want and item.want.attrs.get("enabled"))
    live = item.live.status if item.live else Status.ABSENT
    was_on = bool(item.ours and item.ours.applied.get("enabled"))
    decision = sms_table.decide(live, wanted=wanted, ended=has_ended(item), was_on=was_on)
    if decision.action is Action.NOOP and wanted and item.ours is None:
        return item.change(Action.ADOPT, "SMS is on already")
    return item.change(decision.action, reason_with_word(item, decision.reason), then=decision.then)


def has_ended(item: Item) -> bool:
    """Whether a state that no document lists is the end of switching SMS off, by all that we saw of it."""
    carrier_status, record = item.live.carrier_status if item.live else "", item.record
    return sms_table.is_the_end(
        carrier_status, record.carrier_status if record else "", we_deleted=bool(record and record.tombstone)
    )


def reason_with_word(item: Item, reason: str) -> str:
    """The reason, with the carrier's own word for the state and how long it has said so."""
    if item.live is None or not item.live.carrier_status or item.live.status is Status.ACTIVE:
        return reason
    return f"{reason} (state: {item.live.carrier_status}{_for_how_long(item)})"


def _for_how_long(item: Item) -> str:
    live, record = item.live, item.record
    if live is None or live.status not in IN_PROGRESS or record is None or record.since is None:
        return ""
    hours = (
        int((item.world.now - record.since).total_seconds() // 3600)
        if record.carrier_status == live.carrier_status
        else 0
    )
    stuck = ", stuck: ask the carrier" if hours >= sms_table.STUCK_HOURS else ""
    return f" for {hours} h{stuck}" if hours else ""


def declared_webhook(item: Item) -> Judgement:
    """Where inbound messages go; it can be set only while SMS is on."""
    sms = item.world.item(Address(Kind.SMS, item.address.name))
    managed = sms.want is not None
    observed = item.world.observation(item.account).found.get(sms.address)
    status = observed.status if observed else Status.ABSENT
    if status is Status.FOREIGN:
        return item.change(Action.BLOCKED, "the number is not on this account; check the number and the account")
    if not managed and status is not Status.ACTIVE:
        return item.change(Action.BLOCKED, "the carrier does not show SMS on; declare `sms: true` beside the webhook")
    if item.live is not None and _is_set(item, item.live):
        return item.change(Action.NOOP if item.ours else Action.ADOPT, "the webhook is set as declared")
    return _sent_in_vain(item) or _another_webhook(item, item.live)


def _is_set(item: Item, live: Resource) -> bool:
    want: WebhookUrl = item.want.attrs["url"] if item.want else live.attrs["url"]
    known = item.ours.last_write if item.ours else LastWrite()
    return bool(
        live.attrs["url"] == want or kept_webhooks.is_kept(known, want, live.attrs["url"], item.world.fingerprint)
    )


def _sent_in_vain(item: Item) -> Change | None:
    """Blocked, where what is declared was sent as often as it may be and the carrier goes on showing something else."""
    if item.want is None or item.ours is None:
        return None
    live = item.live.attrs["url"] if item.live else None
    if kept_webhooks.tries(item.ours.last_write, item.want.attrs["url"], live, item.world.fingerprint) < MOST_TRIES:
        return None
    shown = "another webhook" if live else "no webhook"
    return item.change(
        Action.BLOCKED,
        f"it was sent {MOST_TRIES} times and answered as done, and the carrier goes on showing {shown}: ask the "
        f"carrier, or declare what it keeps; `tnctl state forget {item.address}` lets it be sent again",
    )


def _another_webhook(item: Item, live: Resource | None) -> Change:
    if live is None:
        return item.change(Action.CREATE, "the carrier shows no webhook")
    change = item.change(Action.UPDATE, "the webhook differs")
    hidden = "" if change.diff else ", in a part of it that is not shown"
    return item.change(Action.UPDATE, f"the carrier has another webhook than the one declared{hidden}")


def declared_registration(item: Item) -> Judgement:
    """A brand or a campaign: added once, never read back, never changed by a call."""
    if item.ours is None:
        return item.change(Action.CREATE, f"our records have no such {item.address.kind} yet")
    if item.as_applied():
        return Unobservable()
    before, blocked = dict(item.ours.applied), item.change(Action.BLOCKED, "")
    differs = explain(before, blocked.after)
    return replace(blocked, before=before, diff=differs, reason=_other_registration(item, differs))


def _other_registration(item: Item, differs: Sequence[FieldDiff]) -> str:
    kind = item.address.kind
    if any(diff.path == "id" for diff in differs):
        return f"another id is another {kind}: declare it under a name of its own, and keep or remove this one"
    fields = " and ".join(diff.path for diff in differs) or "something not shown"
    return (
        f"{fields} of the {kind} was registered otherwise, and the carrier has no call that changes it: change it at "
        f"the carrier, then `tnctl state resolve {item.address} --as owned`"
    )


def declared_assignment(item: Item) -> Judgement:
    """Which campaign a number sends under, as far as its standing at the registry lets it.

    Sending it again is harmless: the carrier keys it by number.
    """
    return gated(item, _assignment(item))


def _assignment(item: Item) -> Judgement:
    campaign = item.want.attrs.get("campaign") if item.want else None
    if item.live is not None and item.live.attrs == (item.want.attrs if item.want else None):
        return item.change(Action.NOOP if item.ours else Action.ADOPT, "assigned as declared")
    if item.live is not None:
        moves = item.change(Action.UPDATE, _moved(item.live.attrs.get("campaign"), campaign))
        return (_not_shown(item) if item.as_applied() else None) or moves
    if item.ours is None:
        shown = "the carrier shows" if _is_read(item) else "our records have"
        return item.change(Action.CREATE, f"{shown} the number in no campaign, and {campaign} is declared")
    if not item.as_applied():
        return item.change(Action.UPDATE, f"by our records it {_moved(item.ours.applied.get('campaign'), campaign)}")
    if item.unobservable or Kind.ASSIGNMENT not in item.caps.reads:
        return Unobservable()
    return _not_shown(item) or item.change(Action.CREATE, _listed_no_more(item, campaign))


def _not_shown(item: Item) -> Change | None:
    """What to do about an assignment that was answered as done and is not shown; None where it is sent again."""
    if item.unlisted:
        return item.change(Action.WAIT, NOT_LISTED_YET.format("assigned"))
    if item.want is None or unseen_assignments.tries(item.ours) < MOST_TRIES:
        return None
    shown = f"lists it under {item.live.attrs.get('campaign')}" if item.live else "does not list it there"
    return item.change(
        Action.BLOCKED,
        f"it was sent {MOST_TRIES} times for campaign {item.want.attrs.get('campaign')} and answered as done, "
        f"no apply has seen it since, and the carrier {shown}: ask the carrier; "
        f"`tnctl state forget {item.address}` lets it be sent again",
    )


def _listed_no_more(item: Item, campaign: object) -> str:
    if unseen_assignments.tries(item.ours):
        return (
            "it was answered as done and not seen by any apply since, and the carrier does not list the number under "
            f"campaign {campaign}: it is sent once more"
        )
    return f"the carrier does not list the number under campaign {campaign} any more"


def _is_read(item: Item) -> bool:
    """Whether this run has read which campaign the number is in: not where that is still to be registered."""
    readable = Kind.ASSIGNMENT in item.caps.reads and not item.unobservable
    return readable and item.address not in item.world.observation(item.account).unresolved


def _moved(old: object, new: object) -> str:
    return (
        f"moves from campaign {old} to {new} in one call; until every carrier has learned of that, what the number "
        "sends may be filtered or blocked"
    )
