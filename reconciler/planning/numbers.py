"""Telephone numbers: bought, found, remembered, or gone.

==================  ==========================================================================
live, readable      adopt when no record; update or blocked when a declared field differs
absent, recorded    wait while the lists may lag, then blocked: gone, never bought again by itself
shown, not usable   wait while it is still provided; else blocked: failed, or under two keys
absent, unknown     offered -> create; not offered, only as shared, or under two keys -> blocked
not readable        recorded -> unobservable; tombstone -> adopt; else as "absent, unknown"
out of service      adopt: taken back before its release
open order          wait, whatever else is known: a purchase, or a release that was not answered; then create, where
                    that purchase may be sent again
==================  ==========================================================================
"""

from __future__ import annotations

from dataclasses import replace

from reconciler.clock import stamp
from reconciler.model import IN_PROGRESS, Action, Change, Intent, Kind, Origin, Quotes, Record, Resource, Status
from reconciler.planning.guards import not_shown
from reconciler.planning.snapshot import Item, Judgement, Unobservable

_ELSE = "choose another with `tnctl search`"


def declared_number(item: Item) -> Judgement:
    """What to do about a number that is declared."""
    intent = item.world.state.open_order(item.address)
    if intent:
        return _sent_again(item, intent) or item.change(Action.WAIT, open_order(intent))
    if not item.unobservable and Kind.NUMBER in item.caps.reads:
        return _readable(item)
    if item.record and item.record.tombstone:
        message = "it was taken out of the configuration without a release, and is taken back"
        return item.change(Action.ADOPT, item.allocation.why if item.allocation and item.allocation.chosen else message)
    return _remembered(item, item.ours) if item.ours else _for_sale(item)


def _sent_again(item: Item, intent: Intent) -> Change | None:
    """The wait for an order that may be sent again after it, and in this run is, where its reads have proved that safe.

    None where the order is not one that may be sent again: then nothing follows.
    """
    if not _may_be_sent_again(item, intent):
        return None
    repeat = item.address in item.world.due
    reason = f"{_open_since(intent)}; {SENT_AGAIN}" if repeat else open_order(intent)
    waited_for = item.change(Action.WAIT, reason, then=Action.CREATE)
    return replace(waited_for, cost=item.world.due.get(item.address, intent.price), repeat=repeat)


def _may_be_sent_again(item: Item, intent: Intent) -> bool:
    """Whether a read may yet prove that, and nothing else forbids to buy the number there."""
    if not intent.purchase or intent.person or intent.was_answered or intent.account != item.account:
        return False
    if intent.account in item.world.strange or (intent.account, item.address.name) in item.world.state.claimed:
        return False
    return item.caps.repeats is None or len(intent.processed) < item.caps.repeats


SENT_AGAIN = "it is still offered, long after the last attempt: the same order is sent again"
"""What follows, once an order has gone unanswered for so long."""


def open_order(intent: Intent) -> str:
    """The reason of a number whose purchase or release has an open outcome."""
    since = _open_since(intent)
    if intent.person:
        return f"{since}: {intent.person}; `tnctl state resolve {intent.address} --as owned|not-owned` settles it"
    before = "nothing is decided about it" if intent.release else "it is not ordered again"
    return f"{since}; {before} before reads have settled it"


def _open_since(intent: Intent) -> str:
    last = intent.last_attempt
    what = "release" if intent.release else "order"
    return f"its {what} of {stamp(last.at if last else intent.created_at)} has an open outcome"


NOT_LISTED_YET = "not listed yet: {} a short while ago, and the carrier's list may not show it so soon"
"""The reason of what we made and the account does not show."""


def came_to_be(record: Record) -> str:
    """What was done a short while ago that made a number ours."""
    return "resolved as owned" if record.origin is Origin.RESOLVED else "bought"


def not_listed_yet(record: Record) -> str:
    """Why the account may not show a number that was made ours a short while ago."""
    if record.carrier_status:
        return "the carrier is still providing it, and its list does not show it yet"
    return NOT_LISTED_YET.format(came_to_be(record))


def still_provided(live: Resource) -> str:
    """Why nothing can be done yet with a number that the account shows as being on its way."""
    return f"the carrier is still providing it ({live.carrier_status})"


def _readable(item: Item) -> Judgement:
    if item.live is not None:
        return _present(item, item.live)
    if item.ours is None:
        return _for_sale(item)
    if item.unlisted:
        return item.change(Action.WAIT, not_listed_yet(item.ours))
    if (why := not_shown(item)) is not None:
        return item.change(Action.BLOCKED, why)
    slot, again = (
        (f" in slot {item.allocation.slot.name}", "filling the slot") if item.allocation else ("", "buying it")
    )
    return item.change(
        Action.BLOCKED,
        f"gone: our records hold it{slot} and the account does not show it any more; find out why at the carrier; "
        f"`tnctl state forget {item.address}`, which asks the account once more, allows {again} again",
    )


def _present(item: Item, live: Resource) -> Judgement:
    if live.status in IN_PROGRESS:
        return item.change(Action.WAIT, still_provided(live))
    if live.status is not Status.ACTIVE:
        return item.change(Action.BLOCKED, not_sound(live))
    differing = item.change(Action.UPDATE, "", external=live.external)
    if differing.diff:
        return _change_of_fields(item, differing)
    if item.ours is None:
        return _owned_already(item, live)
    if item.ours.out_of_service_at is not None:
        return taken_back(item, item.ours)
    return item.change(Action.NOOP, "in sync", external=live.external)


def not_sound(live: Resource) -> str:
    """Why nothing can be done with a number that the account shows, and not as one that can be used."""
    if live.status is Status.ERROR:
        return f"the carrier could not provide it ({live.carrier_status}); ask the carrier"
    return f"what the account shows of it does not tell what it is ({live.carrier_status}); ask the carrier"


def _owned_already(item: Item, live: Resource) -> Change:
    allocation = item.allocation
    if allocation is None or not allocation.chosen:
        return item.change(Action.ADOPT, "the account owns it already", external=live.external)
    if allocation.adopted:
        return item.change(Action.ADOPT, allocation.why, external=live.external)
    return item.change(
        Action.BLOCKED,
        f"{allocation.why}, but the account owns it already: somebody has just bought it; make a new plan, or let "
        "the pool `adopt` what is owned",
    )


def taken_back(item: Item, record: Record) -> Change:
    """A number that was out of service and is declared again before its release."""
    since = stamp(record.out_of_service_at) if record.out_of_service_at else "a while ago"
    return item.change(Action.ADOPT, f"out of service since {since} and not released yet: it is taken back")


def _change_of_fields(item: Item, differing: Change) -> Change:
    fields = {diff.path for diff in differing.diff}
    message = ", ".join(f"{diff.path} is {diff.before}, declared {diff.after}" for diff in differing.diff)
    if not fields <= item.caps.updates.get(Kind.NUMBER, frozenset()):
        return item.change(
            Action.BLOCKED, f"{message}; this account has no call that changes it: change it at the carrier"
        )
    return missing_gateway(item) or item.change(Action.UPDATE, message, external=differing.external)


def _remembered(item: Item, record: Record) -> Judgement:
    wanted = dict(item.want.attrs) if item.want else {}
    if any(record.applied.get(key) != value for key, value in wanted.items()):
        return item.change(
            Action.BLOCKED,
            f"{_ordered(record)} and route {wanted.get('route')} is declared now; "
            "this account has no call that changes it: change it at the carrier, then "
            f"`tnctl state resolve {item.address} --as owned`",
        )
    return taken_back(item, record) if record.out_of_service_at is not None else Unobservable()


def _ordered(record: Record) -> str:
    route = record.applied.get("route")
    return "it was ordered without a route" if route is None else f"it was ordered with route {route}"


def _for_sale(item: Item) -> Judgement:
    quotes = item.world.quotes.get(item.account, Quotes())
    tn = item.address.name
    if tn in quotes.unresolved:
        return quotes.unresolved[tn]
    if tn in quotes.barred:
        return item.change(Action.BLOCKED, f"{quotes.barred[tn]}; ask the carrier, or {_ELSE}")
    offer = quotes.offered.get(tn)
    if offer is None and item.allocation and item.allocation.chosen:
        return item.change(
            Action.BLOCKED,
            f"chosen for slot {item.allocation.slot.name} and not offered any more: a new plan chooses again for that "
            "slot",
        )
    if offer is None:
        return item.change(
            Action.BLOCKED,
            "not on our records and not offered for sale: yours already? then "
            f"`tnctl state resolve {item.address} --as owned`; otherwise {_ELSE}",
        )
    if offer.shared:
        return item.change(Action.BLOCKED, f"it is offered only as shared with other customers: {_ELSE}")
    why = item.allocation.why if item.allocation and item.allocation.chosen else _wanted(item)
    return missing_gateway(item) or item.change(Action.CREATE, why, offer=offer)


def _wanted(item: Item) -> str:
    owned = "not owned" if Kind.NUMBER in item.caps.reads and not item.unobservable else "not on our records"
    return f"declared, {owned}, and offered for sale"


def missing_gateway(item: Item) -> Change | None:
    """Blocked, when the declared route is none of the account's gateways and those could be read."""
    observation = item.world.observation(item.account)
    route = item.want.attrs.get("route") if item.want else None
    if observation.gateways is None or route is None or route in observation.gateways:
        return None
    known = ", ".join(map(str, sorted(observation.gateways))) or "none"
    return item.change(Action.BLOCKED, f"route {route} is no gateway of this account (it has: {known})")


def wants_quote(item: Item) -> bool:
    """Whether the decision about a declared number needs to know if it is offered for sale."""
    if item.want is None or item.address.kind is not Kind.NUMBER or item.unresolved is not None:
        return False
    if item.live is not None or item.ours is not None or item.world.state.open_order(item.address):
        return False
    return not (item.record and item.record.tombstone and (item.unobservable or Kind.NUMBER not in item.caps.reads))
