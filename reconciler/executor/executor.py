"""Walks the steps of a plan: each when what it needs is done, side by side where nothing stands between them.

It decides nothing that the plan did not. A step whose need has failed is skipped, and only that; a batch goes on
without those members.

::

    executor    the walk over the steps
    +- write, sms           a write, and an enablement, until the carrier has settled
    +- settle               open orders, found out about by reads: open_purchases, open_releases, findings
    +- record_only          what needs no write
       +- attempts          one attempt: on record where its first byte leaves
       +- records           what is remembered of a change that was carried out
          +- run, events    what tasks share, and who is told
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from reconciler.executor import open_purchases, open_releases, record_only, sms
from reconciler.executor.events import Listener
from reconciler.executor.records import PROVIDING
from reconciler.executor.run import Run
from reconciler.executor.scheduler import Stopped
from reconciler.executor.write import write
from reconciler.model import Action, Address, Change, Kind, Outcome, Result, Step

__all__ = ["Executor", "Listener", "Run"]

UNDECLARED = "not declared any more: the next plan says what follows"


class Executor:
    """One walk over ``steps``."""

    def __init__(self, run: Run, steps: Sequence[Step]) -> None:
        self._run = run
        self._steps = steps
        self._ended: dict[Address, Outcome] = {}
        self._present = {address for step in steps for address in step.addresses}
        self._waiting: dict[str, set[Address]] = {}
        self._wanted_by: dict[Address, list[Step]] = {}
        self._unlisted: set[Address] = set()

    def execute(self) -> list[Outcome]:
        """Walk all steps; the outcomes in the order of the steps."""
        self._run.listener.planned(len(self._steps))
        for step in self._steps:
            self._waiting[step.id] = set(step.needs)
            for need in step.needs:
                self._wanted_by.setdefault(need, []).append(step)
        for step in self._steps:
            if not self._waiting[step.id]:
                self._run.loop.spawn(self._task(step))
        self._run.loop.run()
        return [self._ended[address] for step in self._steps for address in step.addresses]

    async def _task(self, step: Step) -> None:
        possible = self._without_failed_needs(step)
        if possible is None:
            return
        if self._run.loop.stopping:
            self._end_all(self._interrupted(possible))
            return
        self._run.listener.started(possible)
        try:
            outcomes = await self._doing(possible)
        except Stopped:
            outcomes = self._interrupted(possible)
        self._end_all(outcomes)

    async def _doing(self, step: Step) -> list[Outcome]:
        if step.action in (Action.ADOPT, Action.FORGET):
            return record_only.note(self._run, step)
        if step.changes[0].takes_out_of_service:
            return await record_only.retire(self._run, step)
        if step.kind is Kind.SMS:
            return await sms.walk(self._run, step)
        if step.action is Action.WAIT:
            return await self._waited(step)
        return await write(self._run, step)

    async def _waited(self, step: Step) -> list[Outcome]:
        outcomes = await self._awaited(step)
        return [self._undeclared(outcome) for outcome in outcomes]

    def _undeclared(self, outcome: Outcome) -> Outcome:
        """A number that came to be ours after the plan was made, and that nobody declares, is not the end of it."""
        owned = outcome.address.kind is Kind.NUMBER and outcome.result is Result.DONE
        if not owned or outcome.address in self._run.desired or self._run.store.record(outcome.address) is None:
            return outcome
        message = f"{outcome.message}; {UNDECLARED}" if outcome.person else UNDECLARED
        return replace(outcome, result=Result.WAITING, message=message)

    async def _awaited(self, step: Step) -> list[Outcome]:
        change = step.changes[0]
        for intent in self._run.store.open_intents(change.address):
            if intent.purchase:
                return await open_purchases.go_on(self._run, step, intent)
            if intent.release:
                return await open_releases.go_on(self._run, step, intent)
        if step.kind is Kind.ASSIGNMENT:
            return record_only.held_back(self._run, step)
        if self._is_unlisted(change):
            self._unlisted.add(change.address)
            return [Outcome.of(change, Result.WAITING, change.reason)]
        return [await record_only.provided(self._run, step)]

    def _is_unlisted(self, change: Change) -> bool:
        """Whether it is made and only not listed yet. It was read in this run, and is not waited for."""
        record = self._run.store.record(change.address)
        return change.before is None and record is not None and record.carrier_status != PROVIDING

    def _without_failed_needs(self, step: Step) -> Step | None:
        """``step`` without the changes whose needs did not end well; those are skipped."""
        able: list[Change] = []
        for change in step.changes:
            lacking = [need for need in change.needs if need in self._present and not self._done(need)]
            if lacking:
                message = f"needs {lacking[0]}, which is {self._ended[lacking[0]].result.value}"
                self._end_all([Outcome.of(change, Result.SKIPPED, message)])
            else:
                able.append(change)
        if not able:
            return None
        kept = {change.address for change in able}
        return replace(step, changes=tuple(able), desired=tuple(r for r in step.desired if r.address in kept))

    def _done(self, address: Address) -> bool:
        """Whether it is there: what is ours and only not listed yet is, and holds nothing up."""
        return self._ended[address].result is Result.DONE or address in self._unlisted

    def _interrupted(self, step: Step) -> list[Outcome]:
        still_open = {a for intent in self._run.store.open_intents() for a in intent.addresses}
        outcomes = []
        for change in step.changes:
            if change.address in still_open:
                result, message = Result.UNKNOWN, "interrupted; whether it was done is not known"
            elif change.address in self._run.state.waits:
                result, message = Result.WAITING, f"interrupted while waiting: {self._run.state.waits[change.address]}"
            elif change.action is Action.WAIT:
                result, message = Result.WAITING, f"interrupted before it was read again: {change.reason}"
            elif change.address in self._run.state.answered:
                result, message = Result.WAITING, "interrupted after it was sent and answered; the next apply reads it"
            else:
                result, message = Result.SKIPPED, "interrupted before it was sent"
            outcomes.append(Outcome.of(change, result, message))
        return outcomes

    def _end_all(self, outcomes: Sequence[Outcome]) -> None:
        for outcome in outcomes:
            self._ended[outcome.address] = outcome
            self._run.store.mark_done(self._run.plan_id, outcome.address, outcome.result)
            self._run.listener.finished(outcome)
            self._release_dependants(outcome.address)

    def _release_dependants(self, address: Address) -> None:
        for step in self._wanted_by.get(address, ()):
            self._waiting[step.id].discard(address)
            if not self._waiting[step.id]:
                self._run.loop.spawn(self._task(step))
