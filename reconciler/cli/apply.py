"""``tnctl apply``: plan or load a plan, ask, execute, report."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, cast

import click

from reconciler.cli import parameter_types
from reconciler.cli.options import (
    Common,
    format_option,
    lock_timeout_option,
    with_allowances,
    with_common,
    with_selection,
)
from reconciler.cli.output import ProgressStream, in_color, is_terminal, say, show, width_of
from reconciler.errors import UsageError
from reconciler.planning.limits import Allowances
from reconciler.planning.selection import Selection

if TYPE_CHECKING:
    from reconciler.cli.interruption import Interruption
    from reconciler.model.fleet import Fleet
    from reconciler.state.store import Store
    from reconciler.workflows.session import Known, Options, Planned

NO_WAIT = timedelta(0)
DEFAULT_WAIT = timedelta(minutes=15)


@click.command()
@click.argument("planfile", required=False, type=click.Path(path_type=Path))
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.option(
    "--wait",
    metavar="DURATION",
    type=parameter_types.duration,
    help="How long to wait for the carriers to finish.  [default: 15m]",
)
@click.option("--no-wait", is_flag=True, help="Do not wait; end with 3 if a carrier is still at work.")
@click.option("--expect-digest", metavar="SHA256", help="Refuse PLANFILE unless this is its digest.")
@lock_timeout_option
@with_allowances
@format_option
@with_selection
@with_common
def apply(
    common: Common,
    selection: Selection,
    allow: Allowances,
    planfile: Path | None,
    fmt: str,
    yes: bool,
    wait: timedelta | None,
    no_wait: bool,
    expect_digest: str | None,
    lock_timeout: timedelta,
) -> int:
    """Plan (or load PLANFILE), show it, ask, and execute."""
    from reconciler.workflows.session import Options

    _check_usage(planfile, yes=yes, expect_digest=expect_digest, wait_twice=no_wait and wait is not None)
    options = Options(
        selection=selection,
        allow=allow,
        wait=NO_WAIT if no_wait else DEFAULT_WAIT if wait is None else wait,
        lock_timeout=lock_timeout,
        expect_digest=expect_digest,
    )
    return _run(common, options, planfile, fmt, ask=not yes)


def _check_usage(planfile: Path | None, *, yes: bool, expect_digest: str | None, wait_twice: bool) -> None:
    """Refuse what cannot work, before anything is read."""
    if expect_digest is not None and planfile is None:
        raise UsageError("--expect-digest needs a PLANFILE", hint="save one with `tnctl plan --out FILE`")
    if wait_twice:
        raise UsageError("--wait and --no-wait contradict each other", hint="write one of them")
    if planfile is None and not yes and not is_terminal(sys.stdin):
        raise UsageError(
            "there is no terminal to ask on", hint="add -y, or apply a plan saved by `tnctl plan --out FILE`"
        )


def _run(common: Common, options: Options, planfile: Path | None, fmt: str, *, ask: bool) -> int:
    from reconciler.cli import context
    from reconciler.cli.interruption import WakeableClock, interruptible
    from reconciler.state import plan_file as planfiles
    from reconciler.views import render
    from reconciler.workflows import apply, saved_plan
    from reconciler.workflows.scope import refuse_unknown_accounts

    saved = planfiles.load(planfile) if planfile else None
    terminal, color = is_terminal(sys.stderr), in_color(sys.stderr, no_color=common.no_color)
    progress = render.Progress(cast("TextIO", ProgressStream(sys.stderr)), terminal=terminal, color=color)
    clock = WakeableClock()

    def check(fleet: Fleet, store: Store, known: Known) -> None:
        named = {f"--allow-empty {name}": name for name in sorted(options.allow.empty)}
        refuse_unknown_accounts(fleet, known.state, named)
        if saved is not None:
            saved_plan.check_bindings(fleet, store, clock, options, saved)

    with (
        context.session(common, options.selection, progress, clock, writes=True, saved=saved, check=check) as (
            session,
            _,
        ),
        interruptible(clock, session.cut) as stop,
    ):
        session.on_loop = stop.watch
        # Without a terminal a saved plan is its own approval: somebody has read it before.
        asks = ask and (saved is None or is_terminal(sys.stdin))
        approve = _approver(common, fmt, stop, ask=asks)
        with progress:
            report = apply.apply(session, options, approve, saved)
        report = replace(report, exit_code=stop.code or report.exit_code)
        color = in_color(sys.stdout, no_color=common.no_color)
        show(render.report(report, fmt, color=color, width=width_of(sys.stdout)))
    return report.exit_code


def _approver(common: Common, fmt: str, stop: Interruption, *, ask: bool) -> Callable[[Planned], bool]:
    """Shows the plan, beside the report when that is text, and asks unless told not to."""
    from reconciler.planning.costs import shares_of
    from reconciler.views import render

    stream, put = (sys.stdout, show) if fmt == "text" else (sys.stderr, say)

    def approve(planned: Planned) -> bool:
        color = in_color(stream, no_color=common.no_color)
        shares = planned.shares or shares_of(planned.plan.changes)
        put(render.plan(planned.plan, "text", shares=shares, color=color, width=width_of(stream)))
        many = len(planned.plan.changes)
        return not ask or stop.ask(
            f"Apply {f'these {many} changes' if many != 1 else 'this change'}? Only 'yes' is accepted."
        )

    return approve
