"""``tnctl plan``: what an apply would do, shown and saved. Ends with 0, 1, 2 or 6, whatever it lists."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconciler.cli import parameter_types
from reconciler.cli.options import Common, every_option, format_option, with_common, with_releases, with_selection
from reconciler.cli.output import in_color, say, show, width_of
from reconciler.errors import EXIT_CHANGES, EXIT_ERROR, EXIT_OK, UsageError
from reconciler.planning.limits import Allowances
from reconciler.planning.selection import Selection

if TYPE_CHECKING:
    from reconciler.model.fleet import Fleet
    from reconciler.state.store import Store
    from reconciler.workflows.session import Known

STDOUT = Path("-")
"""What other programs take for their standard output."""


@click.command()
@click.option("--out", metavar="FILE", type=click.Path(path_type=Path), help="Save the plan for `tnctl apply FILE`.")
@click.option(
    "--expires",
    metavar="DURATION",
    type=parameter_types.lifetime,
    default="24h",
    show_default=True,
    help="How long a plan is good for.",
)
@click.option("--detailed-exitcode", is_flag=True, help="End with 2 when there is something to do.")
@every_option
@with_releases
@format_option
@with_selection
@with_common
def plan(
    common: Common,
    selection: Selection,
    allow: Allowances,
    fmt: str,
    out: Path | None,
    expires: timedelta,
    detailed_exitcode: bool,
    every: bool,
) -> int:
    """Show what apply would change; change nothing."""
    from reconciler.cli import context, saving
    from reconciler.state import plan_file
    from reconciler.state.location import Location
    from reconciler.views import render
    from reconciler.workflows.plan import make_plan
    from reconciler.workflows.session import Options

    if out == STDOUT:
        raise UsageError("--out saves to a file, and - is none", hint="`--format json` prints it on stdout instead")

    def check(fleet: Fleet, _store: Store, _known: Known) -> None:
        if out is not None:
            saving.check_out(out, common, fleet, Location.parse(context.state_url(common, fleet)).path)

    with context.session(common, selection, render.Quiet(), check=check) as (session, known):
        planned = make_plan(session, Options(selection=selection, allow=allow, plan_life=expires), known)
    made = planned.plan
    if out is not None:
        saving.save(out, plan_file.dumps(made))
    color = in_color(sys.stdout, no_color=common.no_color)
    show(render.plan(made, fmt, shares=planned.shares, every=every, color=color, width=width_of(sys.stdout)))
    if out is not None:
        say(f"saved to {out} ({made.digest}); apply it with: tnctl apply {out}")
    if made.unresolved:
        return EXIT_ERROR
    return EXIT_CHANGES if detailed_exitcode and made.changes else EXIT_OK
