"""What is to be done: a change and why, a step, and the plan of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from reconciler.model.objects import NOTHING, Address, Attrs, Kind, Price, Resource


class Action(StrEnum):
    """What a plan says of an object."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    ADOPT = "adopt"
    WAIT = "wait"
    FORGET = "forget"
    BLOCKED = "blocked"
    NOOP = "noop"


@dataclass(frozen=True, slots=True)
class FieldDiff:
    """One field that differs; ``path`` is dotted, both sides as they may be shown."""

    path: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Change:
    """What a plan says of one object, and why.

    ``before`` and ``after`` are attrs as they may be shown (no secrets), None for absent. ``precondition`` is the
    HMAC of what the object looked like. ``external`` are the carrier's own keys, by which it acts exactly. ``slot``:
    the one of a pool that the number is to get; ``shared``: other customers have it too. ``repeat``: it waits
    for an open order that this very run sends again, by what its reads have proved; no plan file says so.
    """

    address: Address
    account: str
    action: Action
    reason: str
    then: Action | None = None
    before: Attrs | None = None
    after: Attrs | None = None
    diff: tuple[FieldDiff, ...] = ()
    needs: tuple[Address, ...] = ()
    irreversible: bool = False
    cost: Price | None = None
    precondition: str = ""
    external: Mapping[str, str] = NOTHING
    repeat: bool = False
    slot: Address | None = None
    shared: bool = False

    @property
    def purchase(self) -> bool:
        """Whether this change buys a number: for the first time or, where nobody knows of an order, once more."""
        return self.address.kind is Kind.NUMBER and (self.action is Action.CREATE or self.repeat)

    @property
    def release(self) -> bool:
        """Whether this change gives a number up, or stops managing one that goes on costing."""
        return self.address.kind is Kind.NUMBER and self.irreversible and self.action in (Action.DELETE, Action.FORGET)

    @property
    def takes_out_of_service(self) -> bool:
        """Whether this change takes a number that nobody declares any more out of service: ours to note, no call."""
        return self.address.kind is Kind.NUMBER and self.action is Action.UPDATE and self.after is None


@dataclass(frozen=True, slots=True)
class Step:
    """One unit of work at one account: ``changes`` (one, or a batch) with the ``desired`` resources they lead to.

    ``needs`` are addresses whose changes in the same plan come first.
    """

    id: str
    account: str
    action: Action
    kind: Kind
    changes: tuple[Change, ...]
    desired: tuple[Resource, ...] = ()
    needs: tuple[Address, ...] = ()

    @property
    def addresses(self) -> tuple[Address, ...]:
        """The addresses that this step settles."""
        return tuple(change.address for change in self.changes)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a reader of the plan should know; ``severity`` is ``info``, ``warning`` or ``error``.

    ``ahead``: it tells what the plan would do, and is not true any more once that is done.
    """

    severity: str
    message: str
    address: str | None = None
    ahead: bool = field(default=False, compare=False)


SANDBOX = Notice("info", "on the sandbox: the carriers are built in, and nothing here is bought, released or sent")
"""The first notice of every plan, report and drift that is not about real carriers: their first line in any form."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a run would do. ``changes`` leave out what is in sync (``noop``) and what cannot be read."""

    plan_id: str
    created_at: datetime
    expires_at: datetime
    tool_version: str
    config_digest: str
    lineage: str
    serial: int
    changes: tuple[Change, ...]
    noop: int = 0
    unobservable: int = 0
    left_out: int = 0
    reads: Mapping[str, int] = NOTHING
    notices: tuple[Notice, ...] = ()
    unresolved: Mapping[str, str] = NOTHING
    """Scope (an address) -> why it could not be read."""
    seal: str = ""
    """The HMAC of the whole document, under the key in the records."""
    digest: str = ""

    def with_action(self, *actions: Action) -> tuple[Change, ...]:
        """The changes that have one of ``actions``."""
        return tuple(change for change in self.changes if change.action in actions)

    def replace(self, **fields: Any) -> Plan:
        """A copy with some fields changed."""
        return replace(self, **fields)
