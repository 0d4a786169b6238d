"""What every task of one run shares: the records, the carriers, the clock, and who is told of progress."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from reconciler.clock import Clock
from reconciler.errors import ClaimedError, HeldBackError, TnctlError
from reconciler.executor.clocks import RunClock
from reconciler.executor.scheduler import Loop, Write
from reconciler.model import (
    NOTHING,
    Action,
    Address,
    Change,
    Intent,
    IntentStatus,
    Kind,
    Origin,
    Outcome,
    Record,
    Reply,
    Resource,
    Result,
    Step,
    Verdict,
    revealed,
    shown,
    slots,
)
from reconciler.model.fleet import Prices
from reconciler.planning.open_orders import Finding
from reconciler.planning.spending import Spending
from reconciler.providers.base import Capabilities, Leave, Market, Provider
from reconciler.state.store import Store


class Listener(Protocol):
    """Hears what a run does, as it does it. It decides nothing."""

    def planned(self, steps: int) -> None:
        """So many steps are about to be walked."""
        ...

    def started(self, step: Step) -> None:
        """A step begins."""
        ...

    def waiting(self, step: Step, words: str) -> None:
        """A step waits for its carrier; ``words`` say for what."""
        ...

    def finished(self, outcome: Outcome) -> None:
        """One change has ended."""
        ...

    def note(self, text: str) -> None:
        """Something worth a line."""
        ...


OF_LINE = ("attrs", "labels", "protect", "release_after")
"""What the payload of a purchase holds of its line, beside what the carrier needs."""

PROVIDING = "providing"
"""The word of a record whose number its carrier has sold and is still providing."""

SHORTEST_PAUSE = 2.0
"""Seconds between two reads, at least; the last one is at the end of the wait."""

_SOLD = (Verdict.OK, Verdict.ACCEPTED)

Sent = tuple[Reply, Intent | None]
"""What a write was answered, and its intent; None when it never got as far as to be recorded: no byte of it left."""


@dataclass
class Run:
    """One apply. ``deadline`` is on the monotonic clock: waiting for carriers ends there. ``patience``: for how many
    seconds a run may wait, once to settle what earlier runs left open, and once for what it does itself."""

    store: Store
    clock: Clock
    providers: Mapping[str, Provider]
    desired: Mapping[Address, Resource]
    listener: Listener
    loop: Loop
    plan_id: str
    deadline: float
    patience: float
    accounts: Mapping[str, str] = field(default_factory=dict)
    """Account name -> carrier type."""
    prices: Prices = NOTHING
    """The price book."""
    elsewhere: Mapping[str, str] = NOTHING
    """Account -> what to do about an order of an earlier run, where its calls go to another URL than that went to."""
    sent: set[int] = field(default_factory=set)
    """Intents of which this run has sent an attempt: a purchase goes out at most once a run."""
    findings: dict[int, Finding] = field(default_factory=dict)
    """Intent -> what this run's reads have proved about it."""
    settled: list[str] = field(default_factory=list)
    """Sentences about outcomes of earlier runs that this run has settled."""
    recovered: list[Outcome] = field(default_factory=list)
    """Purchases and releases of earlier runs that this run has found to be done."""
    waits: dict[Address, str] = field(default_factory=dict)
    """Address -> what this run has last said of it while it waited."""
    answered: set[Address] = field(default_factory=set)
    """Addresses for which this run has sent a write that the carrier may have acted on."""
    spending: Spending = field(default_factory=Spending)
    """What its purchases are charged."""
    held_back: dict[Address, str] = field(default_factory=dict)
    """What may not leave any more, and why: a purchase that would cost too much, a number that others hold by now."""
    clocks: RunClock = field(init=False)
    """What this run knows of time."""

    def __post_init__(self) -> None:
        self.clocks = RunClock(self.clock)

    def time_left(self) -> float:
        """Seconds that waiting may still take; 0 once the run is told to stop."""
        return 0.0 if self.loop.stopping else max(0.0, self.deadline - self.clock.monotonic())

    def capabilities(self, provider: str) -> Capabilities:
        """What that account can do."""
        return self.providers[provider].capabilities

    def market(self, provider: str) -> Market:
        """That account as a seller of numbers; only such a one can have an open purchase or release."""
        seller = self.providers[provider]
        if not isinstance(seller, Market):
            raise TnctlError(f"{provider} sells no numbers, and the records hold an open purchase there")
        return seller

    def settled_one(self, address: Address, words: str) -> None:
        """Tell that an open outcome is settled."""
        self.settled.append(f"{address}: {words}")
        self.listener.note(self.settled[-1])

    def waiting(self, step: Step, words: str) -> None:
        """Tell, and remember, for what a step waits."""
        self.waits.update(dict.fromkeys(step.addresses, words))
        self.listener.waiting(step, words)

    async def send(self, step: Step, intent: Intent | None = None) -> Sent:
        """Send one attempt of ``step``, under ``intent`` where it was tried before, and record what was answered.

        Its record is made where the byte leaves: when a worker, its turn and a connection are in hand, and under the
        fence of the lock. What waits in a queue is on no record.
        """
        provider, begun = self.providers[step.provider], _Begun()
        reference = intent.reference if intent else self._reference(step)

        def permit() -> None:
            self._hold_back(step)
            begun.attempt = self.store.begin_attempt(intent) if intent else self._claimed(step, reference)
            self.sent.add(begun.attempt.id)
            self.clocks.attempted(begun.attempt)

        def perform(leave: Leave) -> Reply:
            reply = provider.perform(step, reference, leave)
            if begun.attempt is not None and begun.attempt.purchase and reply.verdict in _SOLD:
                self.spending.charge(begun.attempt, reply.price)  # at once: the next one may be about to leave
            return reply

        reply = await Write(step.provider, perform, permit)
        if begun.attempt is None:
            return reply, intent
        if reply.verdict not in (Verdict.NOT_SENT, Verdict.THROTTLED):
            self.answered.update(step.addresses)
        return reply, self.store.end_attempt(begun.attempt, reply)

    def _hold_back(self, step: Step) -> None:
        """Raise HeldBackError where a purchase may not leave any more: one before it was charged at too much."""
        refusal = self.spending.refusal() if step.changes[0].purchase else ""
        if refusal:
            self.held_back[step.changes[0].address] = refusal
            raise HeldBackError(refusal)

    def _claimed(self, step: Step, reference: str) -> Intent:
        """Begin ``step``; raises HeldBackError where other records of the database have come to hold its number."""
        try:
            return self._begin(step, reference)
        except ClaimedError as refused:
            self.held_back[step.changes[0].address] = refused.message
            raise HeldBackError(refused.message) from None

    def close(self, intent: Intent | None, status: IntentStatus, how: str, **what: Any) -> None:
        """Settle an intent of this run (see ``Store.close_intent``), if it got as far as to be recorded."""
        if intent is not None:
            self.store.close_intent(intent, status, how, **what)

    def _reference(self, step: Step) -> str:
        return self.store.reference(self.accounts.get(step.provider, ""), step.provider, step.addresses)

    def _begin(self, step: Step, reference: str) -> Intent:
        """The intent of a step with its first attempt, in one commit.

        A release whose outcome is still open, although this run has read the number, is tried again under its own.
        """
        change = step.changes[0]
        if change.address.kind is Kind.NUMBER and step.action is Action.DELETE:
            for intent in self.store.open_intents(change.address):
                return self.store.begin_attempt(intent)
        payload = dict(change.carrier)
        if change.purchase:
            payload |= self._line(step.desired[0])
        return self.store.open_intent(
            self.plan_id,
            step.provider,
            step.action if step.action is not Action.WAIT else change.then or step.action,
            step.addresses,
            reference,
            payload,
            change.cost,
            begin=True,
        )

    def _line(self, want: Resource) -> dict[str, Any]:
        """What a purchase must remember of its line, which may be gone when its outcome is settled."""
        protect = protection(want, self.store.record(want.address))
        after = want.release_after
        return {
            "attrs": shown(want.attrs),
            "labels": dict(want.labels),
            "protect": protect,
            "release_after": None if after is None else after.total_seconds(),
        }

    def record(self, change: Change, origin: Origin, carrier: Mapping[str, Any] | None = None, **fields: Any) -> Record:
        """What to remember of a change that was carried out."""
        want, old = self.desired.get(change.address), self.store.record(change.address)
        attrs = want.attrs if want else {}
        now = self.clock.now()
        kept = old if origin is Origin.ADOPTED else None
        own_key = slots.without(change.carrier) or (kept.carrier if kept else {})
        return replace(
            Record(
                address=change.address,
                provider=change.provider,
                origin=kept.origin if kept else origin,
                applied=shown(attrs),
                seal=self.store.seal(revealed(attrs)),
                carrier=dict(own_key if carrier is None else carrier),
                labels=dict(want.labels) if want else {},
                protect=protection(want, old),
                release_after=want.release_after if want else None,
                made_at=now if origin is not Origin.ADOPTED else kept.made_at if kept else None,
                made_answered=kept.made_answered if kept else None,
                updated_at=now,
            ),
            **fields,
        )

    def remembered(
        self, change: Change, origin: Origin, carrier: Mapping[str, Any] | None = None, **fields: Any
    ) -> list[Record]:
        """The record of a change that was carried out, and of the slot that its number has filled."""
        record = self.record(change, origin, carrier, **fields)
        slot = slots.carried(change.carrier)
        return [record] if slot is None else [record, slots.record(slot, record, self.clock.now())]

    def outcome(self, change: Change, result: Result, words: str = "", **fields: Any) -> Outcome:
        """The outcome of one change."""
        return Outcome(change.address, change.provider, change.action, result, words, **fields)


@dataclass
class _Begun:
    """The intent of one send with the attempt that was recorded for it; None while there is none."""

    attempt: Intent | None = None


def protection(want: Resource | None, record: Record | None) -> bool:
    """``protect`` as declared; where nothing is written, as it was: only ``protect: false`` lifts it."""
    if want is not None and want.protect is not None:
        return want.protect
    return record.protect if record else False


def backoff(first: float = SHORTEST_PAUSE, factor: float = 1.5, longest: float = 30.0) -> Callable[[], float]:
    """Seconds to the next read: 2, 3, 4.5 … 30."""
    pause = first / factor

    def following() -> float:
        nonlocal pause
        pause = min(longest, pause * factor)
        return pause

    return following
