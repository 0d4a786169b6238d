"""What the comparison looks at: the three snapshots in one place, and one address of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from reconciler import slots
from reconciler.capabilities import Capabilities
from reconciler.diff.explain import explain
from reconciler.model import (
    NOTHING,
    TN_KINDS,
    Action,
    Address,
    Attrs,
    Change,
    Kind,
    Memory,
    Observation,
    Offer,
    Quotes,
    Record,
    Resource,
    Status,
    revealed,
    shown,
)
from reconciler.pools.seats import Seat

Seal = Callable[[Any], str]
"""A value -> the HMAC under the key kept in the records."""


@dataclass(frozen=True, slots=True)
class World:
    """Everything known at one moment. Mappings of observations and quotes are by account."""

    desired: Mapping[Address, Resource]
    observations: Mapping[str, Observation]
    quotes: Mapping[str, Quotes]
    memory: Memory
    capabilities: Mapping[str, Capabilities]
    seal: Seal
    now: datetime
    seats: Mapping[str, Seat] = NOTHING
    """Telephone number -> the slot of a pool that it has."""
    releases: Collection[str] = ()
    """Telephone numbers that are named for release."""
    forgets: Collection[str] = ()
    """Telephone numbers that are named to be dropped from management."""

    def item(self, address: Address) -> Item:
        """All that is known of one address."""
        want = self.desired.get(address)
        record = self.memory.records.get(address)
        open_order = self.memory.open_purchase(address)
        provider = next((known.provider for known in (want, record, open_order) if known), "")
        observation = self.observation(provider)
        return Item(
            address=address,
            provider=provider,
            want=want,
            live=observation.found.get(address),
            record=record,
            unresolved=observation.unresolved.get(address),
            unobservable=address in observation.unobservable,
            world=self,
        )

    def observation(self, provider: str) -> Observation:
        """What that account was seen to hold; nothing when it was not asked."""
        return self.observations.get(provider, Observation(provider))

    def tn_is_declared(self, tn: str) -> bool:
        """Whether any resource of that telephone number is still declared."""
        return any(Address(kind, tn) in self.desired for kind in (Kind.NUMBER, Kind.SMS, Kind.WEBHOOK, Kind.ASSIGNMENT))


@dataclass(frozen=True, slots=True)
class Item:
    """One address: what is wanted, what is live, and what the records say."""

    address: Address
    provider: str
    want: Resource | None
    live: Resource | None
    record: Record | None
    unresolved: str | None
    unobservable: bool
    world: World

    @property
    def caps(self) -> Capabilities:
        """What the account of this address can do."""
        return self.world.capabilities[self.provider]

    @property
    def ours(self) -> Record | None:
        """The record, unless it is only a tombstone."""
        return self.record if self.record and not self.record.gone else None

    @property
    def seat(self) -> Seat | None:
        """The slot that this telephone number has, if it has one."""
        return self.world.seats.get(self.address.name) if self.address.kind in TN_KINDS else None

    @property
    def settled_recently(self) -> bool:
        """Whether we made it so little time ago that the carrier's lists may not show it yet.

        By the carrier's clock where its answers have a ``Date``: ours may jump.
        """
        record = self.ours
        if record is None or record.made_at is None:
            return False
        carriers_clock = self.world.observation(self.provider).answered
        return (carriers_clock or self.world.now) - record.made_at < self.caps.settle_after

    def seal_of(self, resource: Resource | None) -> str:
        """The HMAC of a resource's attributes, URLs whole."""
        return self.world.seal(revealed(resource.attrs) if resource else None)

    def as_applied(self) -> bool:
        """Whether what is wanted is what was last applied."""
        return self.ours is not None and self.ours.seal == self.seal_of(self.want)

    def change(
        self,
        action: Action,
        reason: str,
        *,
        then: Action | None = None,
        offer: Offer | None = None,
        carrier: Mapping[str, Any] = NOTHING,
        needs: tuple[Address, ...] = (),
        irreversible: bool = False,
    ) -> Change:
        """A change of this address, with both sides, what differs and what it expects to find."""
        before, after = _before(self.live), shown(self.want.attrs) if self.want else None
        return Change(
            address=self.address,
            provider=self.provider,
            action=action,
            then=then,
            reason=reason,
            before=before,
            after=after,
            diff=explain(before, after) if action in (Action.UPDATE, Action.BLOCKED) else (),
            needs=needs or (self.want.needs if self.want else ()),
            irreversible=irreversible,
            cost=offer.price if offer else None,
            expects=self.world.seal(self._sighting(offer)),
            carrier={**(offer.carrier if offer else carrier), **self._slot_to_fill()},
        )

    def _slot_to_fill(self) -> dict[str, str]:
        """The slot that a number is to get, for the plan and the records to remember."""
        seat = self.seat if self.address.kind is Kind.NUMBER else None
        return {slots.KEY: seat.slot.name} if seat and seat.chosen else {}

    def _sighting(self, offer: Offer | None) -> Any:
        """What the object looked like, in a form that can be hashed again later."""
        live = self.live
        return {
            "live": None
            if live is None
            else {"attrs": revealed(live.attrs), "status": live.status.value, "carrier": dict(live.carrier)},
            "offer": dict(offer.carrier) if offer else None,
        }


@dataclass(frozen=True, slots=True)
class Unresolved:
    """It could not be read, so nothing is decided about it."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unobservable:
    """The carrier has no call that reads it; the records say it is as applied."""


Verdict = Change | Unresolved | Unobservable


@dataclass(frozen=True, slots=True)
class Comparison:
    """The outcome: changes (without noops), counts, and what could not be read with why."""

    changes: tuple[Change, ...] = ()
    in_sync: tuple[Change, ...] = ()
    unobservable: tuple[Address, ...] = ()
    unresolved: Mapping[Address, str] = field(default_factory=dict)


def _before(live: Resource | None) -> Attrs | None:
    if live is None or live.status in (Status.ABSENT, Status.FOREIGN):
        return None
    return (
        {**shown(live.attrs), "state": live.word} if live.address.kind is Kind.SMS and live.word else shown(live.attrs)
    )
