"""The runs themselves, each readable from top to bottom: plan, apply, drift.

::

    plan    observe -> quote -> compare -> limits as notices -> Plan
    apply   lock -> settle what earlier runs left open -> plan, or verify a saved one -> limits -> ask -> execute
    drift   observe -> compare with what was last applied

A run looks at the world and moves it closer; nothing depends on having seen an event.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from reconciler import __version__, drift, notices, planfile, policy, reporting, verify
from reconciler.diff import Comparison, World, compare, selected_addresses
from reconciler.errors import SafetyError
from reconciler.executor import Executor, Run, settle
from reconciler.executor.run import protection
from reconciler.loop import Loop
from reconciler.model import Address, Kind, Memory, Outcome, Plan, Record, Report, Resource, revealed, shown
from reconciler.observe import observe, wanted_by_account
from reconciler.planner import steps
from reconciler.policy import Violation
from reconciler.select import Selection, Subject
from reconciler.session import Options, Planned, Session, config_digest, look
from reconciler.settings import Fleet

FRESH = 60.0
"""Seconds that a person may take to approve before what the plan touches, and its prices, are read again."""

Approve = Callable[[Plan], bool]
"""Shows the plan and asks; False ends the run without a change."""


def make_plan(session: Session, options: Options) -> Planned:
    """What an apply would do now. Reads only; takes no lock."""
    memory = session.store.memory()
    everything = selected_addresses(session.fleet.by_address(), memory)
    scope, left_out = pick(session.fleet, memory, options.selection, everything)
    world = look(session, memory, scope)
    comparison = compare(world, scope)
    inventory = policy.inventory(world, scope)
    plan = _plan(session, options, world, comparison)
    found = policy.violations(plan, session.fleet.safety, inventory, options.allow)
    said = (
        *session.fleet.notices,
        *notices.of_comparison(world, comparison, left_out),
        *notices.of_violations(found),
    )
    return Planned(planfile.sealed(plan.replace(notices=said)), world, comparison, inventory)


def pick(fleet: Fleet, memory: Memory, selection: Selection, everything: Iterable[Address]) -> tuple[set[Address], int]:
    """The addresses that ``selection`` takes, and how many it leaves out."""
    if not selection:
        return set(everything), 0
    desired = fleet.by_address()
    return selection.pick(
        _subject(address, desired.get(address), memory.records.get(address)) for address in everything
    )


def apply(session: Session, options: Options, approve: Approve, saved: Plan | None = None) -> Report:
    """Make it so: settle, plan (or verify ``saved``), check the limits, ask, execute."""
    with session.store.locked(wait=options.lock_timeout):
        loop = Loop(
            session.clock,
            session.workers,
            dict(session.sizes),
            on_halt=session.halt,
            on_stop=session.cut,
            heartbeat=session.store.heartbeat,
        )
        session.on_loop(loop)
        run = _run(session, options, loop)
        try:
            _settle_earlier(run)
            planned = verify.verified(session, options, saved) if saved else make_plan(session, options)
            run.plan_id = planned.plan.plan_id
            _refuse_violations(planned.violations(session, options.allow))
            asked_at = session.clock.monotonic()
            if not _nothing_to_ask(planned) and not approve(planned.plan):
                return reporting.declined(planned.plan)
            if session.clock.monotonic() - asked_at > FRESH:
                planned = verify.read_again(session, planned.plan)
            return _execute(session, run, planned, binding=saved is not None)
        finally:
            loop.close()


def find_drift(session: Session, options: Options) -> drift.Drift:
    """What differs from what was last applied."""
    memory = session.store.memory()
    scope, left_out = pick(session.fleet, memory, options.selection, memory.records)
    wanted = wanted_by_account(scope, {}, memory)
    observations = observe(session.providers, wanted, session.workers)
    capabilities = {account: provider.capabilities for account, provider in session.providers.items()}
    world = World({}, observations, {}, memory, capabilities, session.store.seal, session.clock.now())
    found = drift.find(world, scope)
    comparison = Comparison(unobservable=found.unobservable, unresolved=found.unresolved)
    reads = {account: observation.calls for account, observation in observations.items()}
    return replace(found, reads=reads, notices=tuple(notices.of_comparison(world, comparison, left_out)))


def _plan(session: Session, options: Options, world: World, comparison: Comparison) -> Plan:
    now = session.clock.now().replace(microsecond=0)
    return Plan(
        plan_id=session.new_id(),
        created_at=now,
        expires_at=now + options.plan_life,
        tool_version=__version__,
        config_digest=config_digest(session),
        lineage=world.memory.lineage,
        serial=world.memory.serial,
        changes=comparison.changes,
        noop=len(comparison.in_sync),
        unobservable=len(comparison.unobservable),
        reads=_reads(world),
        unresolved={str(address): reason for address, reason in comparison.unresolved.items()},
    )


def _reads(world: World) -> dict[str, int]:
    accounts = sorted({*world.observations, *world.quotes})
    return {a: sum(seen[a].calls for seen in (world.observations, world.quotes) if a in seen) for a in accounts}


def _subject(address: Address, want: Resource | None, record: Record | None) -> Subject:
    known = want or record
    return Subject(address, known.provider if known else "", known.labels if known else {})


def _run(session: Session, options: Options, loop: Loop) -> Run:
    return Run(
        store=session.store,
        clock=session.clock,
        providers=session.providers,
        desired=session.fleet.by_address(),
        listener=session.listener,
        loop=loop,
        plan_id="",
        deadline=session.clock.monotonic() + options.wait.total_seconds(),
        accounts={name: account.type.value for name, account in session.fleet.accounts.items()},
    )


def _settle_earlier(run: Run) -> None:
    for intent in run.store.open_intents():
        if intent.provider in run.providers:
            run.loop.spawn(settle.earlier_intent(run, intent))
    run.loop.run()


def _refuse_violations(found: Sequence[Violation]) -> None:
    if not found:
        return
    lines = [f"{v.message}{_listing(v)}\n  allow it with: {v.way_out}" for v in found]
    raise SafetyError("refused by a safety limit, and nothing was sent:\n" + "\n".join(lines))


def _listing(violation: Violation) -> str:
    return "".join(f"\n  {offending}" for offending in violation.offending)


def _nothing_to_ask(planned: Planned) -> bool:
    return not steps(planned.plan.changes, {}, {})


def _execute(session: Session, run: Run, planned: Planned, *, binding: bool) -> Report:
    plan = planned.plan
    todo = steps(plan.changes, run.desired, planned.world.capabilities)
    outcomes: list[Outcome] = []
    if todo or binding:
        session.store.start_plan(plan.plan_id, plan.digest)
        outcomes = Executor(run, todo).execute()
    _remember(session, planned)
    report = reporting.report(
        plan,
        outcomes,
        session.store.open_intents(),
        session.requests(),
        settled=run.settled,
        interrupted=run.loop.stopping,
    )
    if todo or binding:
        session.store.end_plan(plan.plan_id, reporting.plan_status(report, interrupted=run.loop.stopping))
    return report


def _remember(session: Session, planned: Planned) -> None:
    """Bring labels, protection and what was applied up to date where nothing had to be done at the carrier."""
    in_sync = {change.address for change in planned.comparison.in_sync}
    fresh: list[Record] = []
    off: list[Address] = []
    for address in sorted(in_sync | set(planned.comparison.unobservable)):
        want, record = planned.world.desired.get(address), planned.world.memory.records.get(address)
        if want is None or record is None or record.gone:
            continue
        if address.kind is Kind.SMS and want.attrs.get("enabled") is False:
            off.append(address)
            continue
        now = _refreshed(session, want, record, applied=address in in_sync)
        fresh += [now] if now != record else []
    if fresh:
        session.store.put(fresh)
    if off:
        session.store.drop(off)


def _refreshed(session: Session, want: Resource, record: Record, *, applied: bool) -> Record:
    changed: dict[str, Any] = {"labels": dict(want.labels), "protect": protection(want, record)}
    if applied:
        changed |= {
            "applied": shown(want.attrs),
            "seal": session.store.seal(revealed(want.attrs)),
            "word": "",
            "since": None,
        }
    return replace(record, **changed)
