"""What the comparison looks at: the three snapshots in one place, and one address of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from reconciler.model import (
    NOTHING,
    TN_KINDS,
    Action,
    Address,
    Attrs,
    Change,
    Kind,
    Observation,
    Offer,
    Origin,
    Price,
    Quotes,
    Record,
    Resource,
    StateSnapshot,
    Status,
    Unread,
    revealed,
    shown,
)
from reconciler.model.capabilities import Capabilities
from reconciler.model.waits import Moment, Wait
from reconciler.planning.field_diffs import explain
from reconciler.pools.allocations import Allocation

Fingerprint = Callable[[Any], str]
"""A value -> the HMAC under the key kept in the records."""


@dataclass(frozen=True, slots=True)
class World:
    """Everything known at one moment. Mappings of observations and quotes are by account."""

    desired: Mapping[Address, Resource]
    observations: Mapping[str, Observation]
    quotes: Mapping[str, Quotes]
    state: StateSnapshot
    capabilities: Mapping[str, Capabilities]
    fingerprint: Fingerprint
    now: datetime
    allocated: Mapping[str, Allocation] = NOTHING
    """Telephone number -> the slot of a pool that it has."""
    releases: Collection[str] = ()
    """Telephone numbers that are named for release."""
    forgets: Collection[str] = ()
    """Telephone numbers that are named to be dropped from management."""
    due: Mapping[Address, Price | None] = NOTHING
    """Numbers whose open order this run sends again, by what its reads have proved -> what that costs."""
    strange: Mapping[str, str] = NOTHING
    """Account -> why it may be another than the one that our records of it are of; see ``account_identity.py``."""

    def item(self, address: Address) -> Item:
        """All that is known of one address."""
        want = self.desired.get(address)
        record = self.state.records.get(address)
        open_order = self.state.open_order(address)
        account = next((known.account for known in (want, record, open_order) if known), "")
        observation = self.observation(account)
        return Item(
            address=address,
            account=account,
            want=want,
            live=observation.found.get(address),
            record=record,
            unresolved=observation.unresolved.get(address),
            unobservable=address in observation.unobservable,
            world=self,
        )

    def observation(self, account: str) -> Observation:
        """What that account was seen to hold; nothing when it was not asked."""
        seen = self.observations.get(account)
        return Observation(account) if seen is None else seen

    def tn_is_declared(self, tn: str) -> bool:
        """Whether any resource of that telephone number is still declared."""
        return any(Address(kind, tn) in self.desired for kind in (Kind.NUMBER, Kind.SMS, Kind.WEBHOOK, Kind.ASSIGNMENT))


@dataclass(frozen=True, slots=True)
class Item:
    """One address: what is wanted, what is live, and what the records say."""

    address: Address
    account: str
    want: Resource | None
    live: Resource | None
    record: Record | None
    unresolved: Unread | None
    unobservable: bool
    world: World

    @property
    def caps(self) -> Capabilities:
        """What the account of this address can do."""
        return self.world.capabilities[self.account]

    @property
    def ours(self) -> Record | None:
        """The record, unless it is only a tombstone."""
        return self.record if self.record and not self.record.tombstone else None

    @property
    def allocation(self) -> Allocation | None:
        """The slot that this telephone number has, if it has one."""
        return self.world.allocated.get(self.address.name) if self.address.kind in TN_KINDS else None

    @property
    def now(self) -> Moment:
        """What our clock says, and the carrier's in the answers about this account."""
        seen, quotes = self.world.observation(self.account), self.world.quotes.get(self.account)
        return Moment(self.world.now, seen.answered if seen.calls or quotes is None else quotes.answered)

    @property
    def listing(self) -> Wait | None:
        """How long the carrier's lists may lack it, counted from when we made it; None for what we never made.

        What was adopted or let go was listed before: an account that does not show it has lost it.
        """
        record = self.ours
        if record is None or record.made_at is None or record.origin is Origin.ADOPTED:
            return None
        return Wait(Moment(record.made_at, record.made_answered), self.caps.settle_after).seen(self._dated(record))

    @property
    def unlisted(self) -> bool:
        """Whether we made it so little time ago, by either clock, that the carrier's lists may not show it yet."""
        record, wait = self.ours, self.listing
        if record is None or wait is None or not wait.length:
            return False
        return wait.left(self._dated(record)) > timedelta(0)

    def _dated(self, record: Record) -> Moment:
        """Now, without the carrier's clock where it was not known when ``record`` was made."""
        return self.now if record.made_answered else Moment(self.now.ours)

    @property
    def keeping(self) -> Wait | None:
        """How long a number that is out of service is kept before its release, by what its line said of that."""
        record = self.ours
        if record is None or record.out_of_service_at is None or not record.release_after:
            return None
        return Wait(Moment(record.out_of_service_at, record.out_of_service_answered), record.release_after).seen(
            self.now
        )

    def fingerprint_of(self, resource: Resource | None) -> str:
        """The HMAC of a resource's attributes, URLs whole."""
        return self.world.fingerprint(revealed(resource.attrs) if resource else None)

    def as_applied(self) -> bool:
        """Whether what is wanted is what was last applied."""
        return self.ours is not None and self.ours.fingerprint == self.fingerprint_of(self.want)

    def change(
        self,
        action: Action,
        reason: str,
        *,
        then: Action | None = None,
        offer: Offer | None = None,
        external: Mapping[str, str] = NOTHING,
        needs: tuple[Address, ...] = (),
        irreversible: bool = False,
    ) -> Change:
        """A change of this address, with both sides, what differs and what it expects to find."""
        before, after = _before(self.live), shown(self.want.attrs) if self.want else None
        return Change(
            address=self.address,
            account=self.account,
            action=action,
            then=then,
            reason=reason,
            before=before,
            after=after,
            diff=explain(before, after) if action in (Action.UPDATE, Action.BLOCKED) else (),
            needs=needs or (self.want.needs if self.want else ()),
            irreversible=irreversible,
            cost=offer.price if offer else None,
            precondition=self.world.fingerprint(self._observed(offer)),
            external=dict(offer.external if offer else external),
            slot=self._slot_to_fill(),
            shared=bool(external) and offer is None and self._is_shared(),
        )

    def _is_shared(self) -> bool:
        """Whether other customers have it too, as far as was seen, or is on record."""
        known = self.live or self.record
        return known is not None and known.shared

    def _slot_to_fill(self) -> Address | None:
        """The slot that a number is to get, for the plan and the records to remember."""
        allocation = self.allocation if self.address.kind is Kind.NUMBER else None
        return allocation.slot if allocation and allocation.chosen else None

    def _observed(self, offer: Offer | None) -> Any:
        """What the object looked like, in a form that can be hashed again later."""
        live = self.live
        return {
            "live": None
            if live is None
            else {"attrs": revealed(live.attrs), "status": live.status.value, "carrier": _keys(live)},
            "offer": dict(offer.external) if offer else None,
        }


@dataclass(frozen=True, slots=True)
class Unobservable:
    """The carrier has no call that reads it; the records say it is as applied."""


Judgement = Change | Unread | Unobservable


@dataclass(frozen=True, slots=True)
class Comparison:
    """The outcome: changes (without noops), counts, and what could not be read with why."""

    changes: tuple[Change, ...] = ()
    in_sync: tuple[Change, ...] = ()
    unobservable: tuple[Address, ...] = ()
    unresolved: Mapping[Address, Unread] = field(default_factory=dict)


def _keys(live: Resource) -> dict[str, Any]:
    """The carrier's keys, and whether others have the number too, in the form in which saved plans bind them."""
    return {**live.external, **({"shared": True} if live.shared else {})}


def _before(live: Resource | None) -> Attrs | None:
    if live is None or live.status in (Status.ABSENT, Status.FOREIGN):
        return None
    return (
        {**shown(live.attrs), "state": live.carrier_status}
        if live.address.kind is Kind.SMS and live.carrier_status
        else shown(live.attrs)
    )
