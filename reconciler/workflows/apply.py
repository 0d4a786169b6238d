"""The runs themselves, each readable from top to bottom: plan, apply, drift.

::

    plan    fill the pools -> observe -> quote -> compare -> limits as notices -> Plan
    apply   lock -> settle what earlier runs left open -> plan, or verify a saved one -> limits -> ask -> execute
    drift   observe -> compare with what was last applied

A run looks at the world and moves it closer; nothing depends on having seen an event.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from reconciler import __version__
from reconciler.errors import InterruptedRunError, LockedError, SafetyError, TnctlError
from reconciler.executor import settle
from reconciler.executor.clocks import RunClock
from reconciler.executor.executor import Executor
from reconciler.executor.run import Run
from reconciler.executor.scheduler import Loop
from reconciler.model import NOTHING, Notice, Outcome, Plan, Report
from reconciler.planning import account_identity, drift, limits, named_releases, notices
from reconciler.planning.compare import Comparison, World, compare, selected_addresses
from reconciler.planning.costs import accounted
from reconciler.planning.limits import Violation
from reconciler.planning.spending import Spending
from reconciler.planning.steps import steps
from reconciler.pools.desired import DesiredState, on_record
from reconciler.state import plan_file
from reconciler.workflows import fill_pools, pools_in_doubt, refresh_records, renames, saved_plan
from reconciler.workflows.observe import discreet, observe
from reconciler.workflows.report import build_report, declined, plan_status
from reconciler.workflows.scope import accounts_in_use, judged, pick
from reconciler.workflows.session import Due, Options, Planned, Session, config_digest, confirmed, look, wanted_of

FRESH = 2.0
"""Seconds after which somebody has read the plan before approving: what it touches, and its prices, are read again."""

Approve = Callable[[Planned], bool]
"""Shows the plan and asks; False ends the run without a change."""


def make_plan(session: Session, options: Options, due: Due = NOTHING) -> Planned:
    """What an apply would do now. Reads only; takes no lock. ``due``: the open orders that this very apply sends again,
    by what it has read of them; a plan alone settles nothing and has none."""
    state = session.store.snapshot()
    renames.refuse_other_accounts(session, state)
    desired_state = fill_pools.filled(session, state, options.selection)
    named_releases.refuse_wanted(session.fleet.safety, options.allow.release, desired_state)
    everything = selected_addresses(desired_state.desired, state)
    scope, left_out = pick(desired_state, state, options.selection, everything)
    idle = judged(session.fleet, desired_state, state, options.selection)
    left_out += desired_state.left_out
    world = look(session, state, scope, desired_state, due, options.allow.release)
    paid = session.store.prices_paid()
    compared = compare(world, scope)
    compared = replace(compared, unresolved={**desired_state.unresolved, **compared.unresolved})
    comparison, money = accounted(world, compared, paid, session.fleet.prices)
    plan = _plan(session, options, world, comparison, desired_state)
    inventory = pools_in_doubt.judged(session, limits.inventory(world, scope), plan, world.state, desired_state)
    found = limits.violations(plan, session.fleet.safety, inventory, options.allow)
    said = (
        *notices.of_world(real=session.real),
        *session.fleet.notices,
        *idle,
        *notices.of_records(state, real=session.real),
        *notices.of_fleet(session.fleet.name, session.store.fleet, plan, state),
        *desired_state.notices,
        *renames.notices(session, state),
        *named_releases.notices(session.fleet.safety, options.allow.release, state),
        *notices.of_comparison(world, comparison, left_out),
        *notices.of_money(money),
        *notices.of_violations(found),
    )
    sealed = plan_file.sealed(plan.replace(notices=said), session.store.fingerprint)
    return Planned(sealed, world, comparison, inventory, desired_state, left_out, money.shares)


def apply(session: Session, options: Options, approve: Approve, saved: Plan | None = None) -> Report:
    """Make it so: settle, plan (or verify ``saved``), check the limits, ask, execute."""
    if saved is not None:
        saved_plan.check_bindings(session.fleet, session.store, session.clock, options, saved)
    with session.store.locked(options.lock_timeout, accounts=session.accounts):
        _refuse_wider(session, options, saved)
        loop = Loop(
            session.clock,
            session.workers,
            dict(session.sizes),
            on_halt=session.halt,
            on_stop=session.cut,
            heartbeat=session.store.heartbeat,
            together=session.store.together,
        )
        session.on_loop(loop)
        run = _run(session, options, loop)
        try:
            with _undisturbed(loop):
                _take_along(session, run)
                _claim(session)
                _settle_earlier(run)
                due = settle.due(run)
                planned = _verified(session, options, saved, due) if saved else make_plan(session, options, due)
            if options.allow.new_records and not (planned.world.state.new or planned.inventory.unproven):
                session.listener.note("--new-records: these records are not new; take it out of your workflow")
            run = replace(run, plan_id=planned.plan.plan_id, desired=planned.world.desired)
            _refuse_violations(planned.violations(session, options.allow))
            asked_at = session.clock.monotonic()
            if not _nothing_to_ask(planned) and not approve(planned):
                return declined(planned.plan)
            if session.clock.monotonic() - asked_at > FRESH:
                with _undisturbed(loop):
                    planned = _read_again(session, run, planned.plan)
                _refuse_violations(planned.violations(session, options.allow))
            return _execute(session, options, run, planned, binding=saved is not None)
        finally:
            loop.close()


def _verified(session: Session, options: Options, saved: Plan, due: Due) -> Planned:
    """What is left to do of ``saved``, with what its limits must know besides."""
    return _with_inventory(session, saved_plan.verified(session, options, saved, due))


def _read_again(session: Session, run: Run, approved: Plan) -> Planned:
    """``approved`` once somebody has taken time to read it: what is open is settled anew, and prices are read again."""
    run.state.findings.clear()
    _settle_earlier(run)
    return _with_inventory(session, saved_plan.read_again(session, approved, settle.due(run)))


def _with_inventory(session: Session, found: Planned) -> Planned:
    inventory = pools_in_doubt.judged(session, found.inventory, found.plan, found.world.state, found.desired_state)
    return replace(found, inventory=inventory)


def find_drift(session: Session, options: Options) -> drift.Drift:
    """What differs from what was last applied."""
    state = session.store.snapshot()
    renames.refuse_other_accounts(session, state)
    known = on_record(session.fleet, state)
    scope, left_out = pick(known, state, options.selection, state.records)
    idle = judged(session.fleet, known, state, options.selection)
    wanted = wanted_of(session.fleet, scope, {}, state)
    observations = discreet(observe(session.providers, wanted, session.workers), known.desired, state)
    capabilities = {account: provider.capabilities for account, provider in session.providers.items()}
    world = World(
        {}, observations, {}, state, capabilities, session.store.fingerprint, session.clock.now(), known.allocated
    )
    world = confirmed(session.fleet, session.providers, session.workers, world, wanted)
    found = drift.find(world, scope)
    comparison = Comparison(unobservable=found.unobservable, unresolved=found.unresolved)
    reads = {account: observation.calls for account, observation in world.observations.items()}
    said = (
        *notices.of_world(real=session.real),
        *idle,
        *notices.of_comparison(world, comparison, left_out),
        *notices.of_waiting(found.waiting),
    )
    return replace(found, reads=reads, notices=said)


def _plan(
    session: Session, options: Options, world: World, comparison: Comparison, desired_state: DesiredState
) -> Plan:
    now = session.clock.now().replace(microsecond=0)
    return Plan(
        plan_id=session.new_id(),
        created_at=now,
        expires_at=now + options.plan_life,
        tool_version=__version__,
        config_digest=config_digest(session.fleet, session.store),
        lineage=world.state.lineage,
        serial=world.state.serial,
        changes=comparison.changes,
        noop=len(comparison.in_sync),
        unobservable=len(comparison.unobservable),
        reads=_reads(world, desired_state),
        unresolved={str(address): str(why) for address, why in comparison.unresolved.items()},
    )


def _reads(world: World, desired_state: DesiredState) -> dict[str, int]:
    calls = Counter(dict(desired_state.reads))
    for account, observation in world.observations.items():
        calls[account] += observation.calls
    for account, quotes in world.quotes.items():
        calls[account] += quotes.calls
    return dict(sorted(calls.items()))


def _run(session: Session, options: Options, loop: Loop) -> Run:
    return Run(
        store=session.store,
        clock=session.clock,
        clocks=RunClock(session.clock),
        providers=session.providers,
        desired=on_record(session.fleet, session.store.snapshot()).desired,
        listener=session.listener,
        loop=loop,
        deadline=_deadline(session, options),
        accounts=session.fleet.account_types,
        prices=session.fleet.prices,
        elsewhere=account_identity.elsewhere(session.fleet.accounts.values(), session.store.snapshot()),
        spending=Spending(session.fleet.safety, session.fleet.pools),
    )


def _deadline(session: Session, options: Options) -> float:
    """When waiting ends: once for what earlier runs have left open, and once for what this one does itself."""
    return session.clock.monotonic() + options.wait.total_seconds()


@contextmanager
def _undisturbed(loop: Loop) -> Iterator[None]:
    """Plan in here. Raises InterruptedRunError once the run was told to stop, whatever came of its last reads."""
    try:
        yield
    except TnctlError:
        if not loop.stopping:
            raise
    if loop.stopping:
        raise InterruptedRunError("interrupted while planning; nothing was sent")


def _refuse_wider(session: Session, options: Options, saved: Plan | None) -> None:
    """Raise LockedError where the records have come to name, while this run waited, what it has no lock for."""
    now = accounts_in_use(session.fleet, session.store.snapshot(), options.selection, saved=saved)
    if wider := sorted(account for account in now if not session.store.covers(account)):
        raise LockedError(
            f"while this run waited for its lock, another brought {', '.join(wider)} into what it is about",
            hint="run the command again",
        )


def _take_along(session: Session, run: Run) -> None:
    """Let the records name the accounts as the configuration does, before anything is settled or planned by them."""
    renames.refuse_other_accounts(session, session.store.snapshot())
    for sentence in renames.take_along(session):
        run.settled(sentence)


def _claim(session: Session) -> None:
    """Tell other records of the same database which numbers are these records', before anything is planned."""
    if sentence := session.store.claim_all():
        session.listener.note(sentence)


def _settle_earlier(run: Run) -> None:
    for intent in run.store.open_intents():
        if intent.account in run.providers and run.store.covers(intent.account):
            run.loop.spawn(settle.earlier_intent(run, intent))
    run.loop.run()


def _refuse_violations(found: Sequence[Violation]) -> None:
    if not found:
        return
    lines = [f"{v.message}{_listing(v)}\n  {v.remedy}" for v in found]
    raise SafetyError("refused by a safety limit, and nothing was sent:\n" + "\n".join(lines))


def _listing(violation: Violation) -> str:
    return "".join(f"\n  {offending}" for offending in violation.offending)


def _nothing_to_ask(planned: Planned) -> bool:
    return not steps(planned.plan.changes, {}, {})


def _execute(session: Session, options: Options, run: Run, planned: Planned, *, binding: bool) -> Report:
    plan, store = planned.plan, session.store
    run = replace(run, deadline=_deadline(session, options))  # neither planning nor the person who was asked counts
    todo = steps(plan.changes, run.desired, planned.world.capabilities)
    outcomes: list[Outcome] = []
    with store.together():
        store.remember_fleet(session.fleet.name)
        covered = (account for account in session.fleet.accounts.values() if store.covers(account.name))
        store.remember_sites(account_identity.settled(covered, planned.world))
        if todo or binding:
            # From here on, one run after the other.
            store.start_plan(plan.plan_id, plan.digest, session.fleet.account_types)
            pools_in_doubt.remember(session, planned.world.state, allowed=options.allow.new_records)
    if todo or binding:
        outcomes = Executor(run, todo).execute()
    with store.together():
        refresh_records.keep(session, planned)
        report = build_report(
            plan,
            outcomes,
            [intent for intent in store.snapshot().open_intents if store.covers(intent.account)],
            session.requests(),
            settled=run.state.settled,
            recovered=run.state.recovered,
            notices=_known_now(session, options, planned),
            interrupted=run.loop.stopping,
        )
        if todo or binding:
            store.end_plan(plan.plan_id, plan_status(report, interrupted=run.loop.stopping))
    return report


def _known_now(session: Session, options: Options, planned: Planned) -> tuple[Notice, ...]:
    """What a reader of the report should know: the plan's notices, but for what it told of its own outcome."""
    world = replace(planned.world, state=session.store.snapshot())
    said = (
        *notices.of_world(real=session.real),
        *session.fleet.notices,
        *notices.of_records(world.state, real=session.real),
        *planned.desired_state.notices,
        *renames.notices(session, world.state),
        *named_releases.notices(session.fleet.safety, options.allow.release, planned.world.state),
        *notices.of_comparison(world, planned.comparison, planned.left_out),
    )
    return tuple(notice for notice in said if not notice.ahead)
