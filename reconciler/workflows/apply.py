"""``apply``: lock -> settle what earlier runs left open -> plan, or verify a saved one -> limits -> ask -> execute.

A run looks at the world and moves it closer; nothing depends on having seen an event. What it knows of the records it
reads under the lock, and again only once it has changed them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from reconciler.errors import InterruptedRunError, LockedError, SafetyError, TnctlError
from reconciler.executor import settle
from reconciler.executor.clocks import RunClock
from reconciler.executor.executor import Executor
from reconciler.executor.run import Run
from reconciler.executor.scheduler import Loop
from reconciler.model import Notice, Outcome, Plan, Report, StateSnapshot
from reconciler.planning import account_identity, named_releases, notices
from reconciler.planning.limits import Violation
from reconciler.planning.spending import Spending
from reconciler.planning.steps import steps
from reconciler.workflows import pools_in_doubt, refresh_records, renames, saved_plan
from reconciler.workflows.plan import planned_from
from reconciler.workflows.report import build_report, declined, plan_status
from reconciler.workflows.scope import accounts_in_use
from reconciler.workflows.session import Known, Options, Planned, Session

FRESH = 2.0
"""Seconds after which somebody has read the plan before approving: what it touches, and its prices, are read again."""

Approve = Callable[[Planned], bool]
"""Shows the plan and asks; False ends the run without a change."""


def apply(session: Session, options: Options, approve: Approve, saved: Plan | None = None) -> Report:
    """Make it so: settle, plan (or verify ``saved``), check the limits, ask, execute.

    What can be refused before the lock is waited for, whoever calls this has checked as the accounts were chosen, by
    :func:`~reconciler.workflows.saved_plan.check_bindings`; under the lock it is checked again, since other runs have
    been at work.
    """
    with session.store.locked(options.lock_timeout, accounts=session.accounts):
        known = session.known()
        _refuse_wider(session, options, known, saved)
        loop = _loop(session)
        run = _run(session, options, loop, known)
        try:
            with _undisturbed(loop):
                planned = _planned(session, options, run, _settled(session, run, known), saved)
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


def _loop(session: Session) -> Loop:
    """The loop of this run, which a signal can stop from now on."""
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
    return loop


def _settled(session: Session, run: Run, known: Known) -> Known:
    """What is known once the records name the accounts as the configuration does, say to other records which numbers
    are theirs, and what earlier runs have left open is settled as far as it can be."""
    renames.refuse_other_accounts(session, known.state)
    for sentence in renames.take_along(session):
        run.settled(sentence)
    if sentence := session.store.claim_all():
        session.listener.note(sentence)
    _settle_earlier(run)
    return session.known(known)


def _planned(session: Session, options: Options, run: Run, known: Known, saved: Plan | None) -> Planned:
    """A new plan, or what is left to do of a ``saved`` one."""
    due = settle.due(run)
    if saved is None:
        return planned_from(session, options, known, due)
    return saved_plan.verified(session, options, known, saved, due)


def _read_again(session: Session, run: Run, approved: Plan) -> Planned:
    """``approved`` once somebody has taken time to read it: what is open is settled anew, and prices are read again."""
    run.state.findings.clear()
    _settle_earlier(run)
    return saved_plan.read_again(session, session.known(), approved, settle.due(run))


def _run(session: Session, options: Options, loop: Loop, known: Known) -> Run:
    return Run(
        store=session.store,
        clock=session.clock,
        clocks=RunClock(session.clock),
        providers=session.providers,
        desired=known.desired_state.desired,
        listener=session.listener,
        loop=loop,
        deadline=_deadline(session, options),
        accounts=session.fleet.account_types,
        prices=session.fleet.prices,
        elsewhere=account_identity.elsewhere(session.fleet.accounts.values(), known.state),
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


def _refuse_wider(session: Session, options: Options, known: Known, saved: Plan | None) -> None:
    """Raise LockedError where the records have come to name, while this run waited, what it has no lock for."""
    now = accounts_in_use(session.fleet, known, options.selection, saved=saved)
    if wider := sorted(account for account in now if not session.store.covers(account)):
        raise LockedError(
            f"while this run waited for its lock, another brought {', '.join(wider)} into what it is about",
            hint="run the command again",
        )


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
        after = store.snapshot()
        report = build_report(
            plan,
            outcomes,
            [intent for intent in after.open_intents if store.covers(intent.account)],
            session.requests(),
            settled=run.state.settled,
            recovered=run.state.recovered,
            notices=_known_now(session, options, planned, after),
            interrupted=run.loop.stopping,
        )
        if todo or binding:
            store.end_plan(plan.plan_id, plan_status(report, interrupted=run.loop.stopping))
    return report


def _known_now(session: Session, options: Options, planned: Planned, after: StateSnapshot) -> tuple[Notice, ...]:
    """What a reader of the report should know: the plan's notices, but for what it told of its own outcome."""
    world = replace(planned.world, state=after)
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
