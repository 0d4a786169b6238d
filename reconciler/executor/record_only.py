"""Steps that send nothing: taking over, letting go, taking out of service, waiting for what is still provided."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from reconciler.errors import ClaimedError
from reconciler.executor.records import records_of
from reconciler.executor.run import SHORTEST_PAUSE, Run, backoff
from reconciler.executor.scheduler import Call, Sleep
from reconciler.model import (
    IN_PROGRESS,
    Action,
    Change,
    Kind,
    Origin,
    Outcome,
    Price,
    Record,
    Resource,
    Result,
    Status,
    Step,
)
from reconciler.model.campaign_states import STUCK, pending_for


def note(run: Run, step: Step) -> list[Outcome]:
    """Record an adoption, or drop a record; a forgotten number leaves a tombstone: it may go on costing.

    The slot of one stays on record with it, so that its pool takes the number back before it buys another, and is
    dropped when the number gets another; one that was let go by name leaves its slot.
    """
    outcomes = []
    for change in step.changes:
        if change.action is Action.ADOPT:
            left = [change.address] if change.slot else []
            try:
                run.store.put(records_of(run, change, Origin.ADOPTED), drop=left)
            except ClaimedError as refused:
                outcomes.append(Outcome.of(change, Result.SKIPPED, refused.message))
                continue
        elif change.address.kind is Kind.NUMBER and (record := run.store.record(change.address)):
            unseen = _is_unseen(run, change)
            left = [] if change.release or unseen else [change.address]
            run.store.put([_tombstone(record, run.clock.now(), unseen=unseen)], drop=left)
        else:
            run.store.drop([change.address])
        outcomes.append(Outcome.of(change, Result.DONE))
    return outcomes


def _tombstone(record: Record, now: datetime, *, unseen: bool) -> Record:
    """What stays of ``record``. Of an ``unseen`` number not its key: without one nobody asks for it one by one."""
    key, shared = ({}, False) if unseen else (record.external, record.shared)
    return replace(record, tombstone=True, external=key, shared=shared, updated_at=now)


def _is_unseen(run: Run, change: Change) -> bool:
    """Whether its account was read and does not show it: it costs nothing any more, unless that read was wrong."""
    return change.before is None and Kind.NUMBER in run.capabilities(change.account).reads


def held_back(run: Run, step: Step) -> list[Outcome]:
    """Leave an assignment to a later run: how its campaign stands at the registry is read once a run."""
    outcomes = []
    for change in step.changes:
        campaigns = [run.store.record(need) for need in change.needs if need.kind is Kind.CAMPAIGN]
        stuck = any(pending_for(record, run.clock.now()) >= STUCK for record in campaigns)
        outcomes.append(Outcome.of(change, Result.WAITING, change.reason, person=stuck))
    return outcomes


async def retire(run: Run, step: Step) -> list[Outcome]:
    """Note that a number is out of service from now on, by our clock and by its carrier's; what hung on it went
    before."""
    change = step.changes[0]
    record = run.store.record(change.address)
    if record is not None:
        kept = replace(record, out_of_service_at=run.clock.now(), out_of_service_answered=None)
        run.store.put([kept])
        date = await _carriers_clock(run, record)
        if date is not None:
            run.store.put([replace(kept, out_of_service_answered=date)])
    return [Outcome.of(change, Result.DONE, "out of service")]


async def _carriers_clock(run: Run, record: Record) -> datetime | None:
    """What the carrier's clock says now, by the ``Date`` of an answer about that number; None when it has none.

    Where the account cannot be read, the market is asked: its answers have a ``Date`` as well.
    """
    provider, asked = run.providers[record.account], Resource(record.address, record.account, external=record.external)
    if Kind.NUMBER in provider.capabilities.reads:
        seen = await Call(record.account, lambda: provider.observe([asked]))
        return seen.answered
    market = run.market(record.account)
    quotes = await Call(record.account, lambda: market.quote([record.address.name]))
    return quotes.answered


async def provided(run: Run, step: Step, spent: Price | None = None) -> Outcome:
    """Wait until the carrier has provided a number that is already on the account; ``spent``: what this run paid."""
    change, pause = step.changes[0], backoff()
    provider = run.providers[step.account]
    asked = Resource(change.address, step.account)
    while (seconds := min(pause(), run.time_left())) >= SHORTEST_PAUSE:
        run.waiting(step, "the carrier is still providing the number")
        await Sleep(seconds)
        seen = await Call(step.account, lambda: provider.observe([asked]))
        live = seen.found.get(change.address)
        if live is not None and live.status not in IN_PROGRESS:
            return replace(_provided(run, change, live), spent=spent)
    return Outcome.of(change, Result.WAITING, "the carrier is still providing the number", spent=spent)


def _provided(run: Run, change: Change, live: Resource) -> Outcome:
    if live.status is not Status.ACTIVE:
        return Outcome.of(
            change, Result.FAILED, f"the carrier could not provide it ({live.carrier_status})", person=True
        )
    record = run.store.record(change.address)
    if change.address in run.desired or record is None:
        run.store.put(records_of(run, change, Origin.ADOPTED, live.external, shared=live.shared))
    else:  # nobody declares it any more: what its line said last of its release stays
        run.store.put([_as_listed(record, live, run.clock.now())])
    return Outcome.of(change, Result.DONE, "provided")


def _as_listed(record: Record, live: Resource, now: datetime) -> Record:
    return replace(record, external=dict(live.external), shared=live.shared, carrier_status="", updated_at=now)
