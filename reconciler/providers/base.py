"""What the engine may ask of a carrier: one narrow protocol, and small ones for what only some carriers can do.

A provider never diffs, orders, prints or retries a write, and knows nothing of dry runs: a plan simply never
calls :meth:`Provider.perform`. The planner tests :class:`Capabilities`; it does not catch errors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from reconciler.model import Found, Intent, Observation, Offer, Quotes, Reply, Resource, Step
from reconciler.model.capabilities import Capabilities

__all__ = ["Capabilities", "CoverageSource", "Holder", "Leave", "Market", "Provider", "freely"]

Leave = Callable[[], None]
"""Called once, right before the first byte of a request; raises HeldBackError when it may not leave."""


def freely() -> None:
    """The leave of a call that asks nobody: a read."""


class Provider(Protocol):
    """One carrier account."""

    @property
    def capabilities(self) -> Capabilities:
        """What this account can do."""
        ...

    def observe(self, wanted: Sequence[Resource]) -> Observation:
        """Read what is live of ``wanted`` by the cheapest calls; reads only. Never raises for a carrier's answer:
        what could not be read is ``unresolved``, with why, and whether the carrier refuses who asks."""
        ...

    def canonical(self, desired: Resource) -> Resource:
        """``desired`` in the form that :meth:`observe` would show it. Pure and idempotent."""
        ...

    def perform(self, step: Step, reference: str, leave: Leave = freely) -> Reply:
        """Send exactly one mutating request and judge its answer; never raises for what the carrier or the
        network does. ``reference`` is our 24 characters, sent where the carrier takes one. ``leave`` is called right
        before the first byte: there the attempt is recorded, or held back."""
        ...


@runtime_checkable
class Market(Protocol):
    """A carrier that sells numbers."""

    def quote(self, tns: Sequence[str]) -> Quotes:
        """Whether exactly these E.164 numbers are offered now, each with its key and price; reads only."""
        ...

    def find_owned(self, intent: Intent) -> Observation:
        """Whether the number of an open purchase or release is on the account, asked as exactly as can be."""
        ...

    def fits(self, offer: Offer, query: Mapping[str, Any]) -> bool:
        """Whether a search for these fields would show that number, by its row or, where that does not tell, asked
        for once more; raises ``CarrierError``."""
        ...

    def search(self, query: Mapping[str, Any], quantity: int) -> Found:
        """Numbers on offer for a carrier's own search fields; raises ``CarrierError``."""
        ...


@runtime_checkable
class CoverageSource(Protocol):
    """A carrier that can count what it has on offer."""

    def coverage(self, query: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """The carrier's rows of counts; raises ``CarrierError``."""
        ...


@runtime_checkable
class Holder(Protocol):
    """A carrier that can tell what an account owns."""

    def owned(self, query: Mapping[str, Any]) -> Sequence[Resource]:
        """The account's own numbers that provably fit the fields of a search; raises ``CarrierError``."""
        ...
