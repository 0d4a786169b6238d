"""What the carriers really have once an apply has ended with 0, held against what is declared."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from reconciler.model import Kind, Origin, StateSnapshot
from reconciler.sandbox import Sandbox
from reconciler.sandbox.inumbering import INumberingCarrier
from tests.simulation.checkers.known import Known
from tests.simulation.fleet import CAMPAIGNS, NumberEntry


def misplaced(sandbox: Sandbox, known: Known, now: datetime) -> Iterator[str]:
    """What is not as declared, but for numbers that somebody else has touched."""
    for (account, tn), entry in known.declared.items():
        if tn not in known.foreign:
            for sentence in _differences(sandbox, entry, known.owned(account), now):
                yield f"converged, and yet {tn} at {account} {sentence}"


def _differences(sandbox: Sandbox, entry: NumberEntry, owned: set[str], now: datetime) -> Iterator[str]:
    sms = sandbox.intelepeer("ip")
    if entry.account != "ip" and entry.tn not in owned:
        yield "is not owned"
    if entry.campaign and _campaign(sandbox, entry) != CAMPAIGNS[entry.account]:
        yield "is not in its campaign"
    if entry.sms is not None and (entry.tn in sms.owned(now)) != entry.sms:
        yield f"has sms {'off' if entry.sms else 'on'}"
    if entry.webhook is not None and sms.webhook(entry.tn) != entry.webhook:
        yield "has another webhook"


def _campaign(sandbox: Sandbox, entry: NumberEntry) -> str | None:
    carrier: INumberingCarrier = sandbox.inumbering(entry.account)
    return carrier.assignment(entry.tn)


def unfilled(known: Known, state: StateSnapshot) -> Iterator[str]:
    """A pool that is not full, but for what somebody took, and for numbers that we had to presume ours."""
    pool = known.pool
    if pool is None or any(pool.covers(pool.account, tn) for tn in known.foreign):
        return
    held = known.at_the_pool()
    presumed = {r.address.name for r in state.records.values() if r.origin is Origin.PRESUMED}
    theirs = {tn for tn in presumed if known.in_the_pool((pool.account, tn))} - held
    if len(held | theirs) < pool.size:
        yield f"converged, and yet the pool has {len(held)} of {pool.size}"


def unnamed(known: Known, state: StateSnapshot) -> Iterator[str]:
    """A number that we pay for and that neither a record nor an open order names, now that all has been settled."""
    named = {address.name for address in state.records if address.kind is Kind.NUMBER}
    named |= {address.name for intent in state.open_intents for address in intent.addresses}
    for entry in known.ledger.charges():
        lost = entry.key in known.owned(entry.account) and entry.key not in named
        if lost and entry.key not in known.foreign | known.garbled | known.orphans:
            yield f"{entry.key} is paid for at {entry.account} and nothing names it any more"
