"""``tnctl show``: a saved plan as people read it; needs no configuration."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from reconciler.cli.options import Common, every_option, format_option, with_common
from reconciler.cli.output import in_color, width_of
from reconciler.cli.output import show as print_result
from reconciler.errors import EXIT_OK


@click.command()
@click.argument("planfile", type=click.Path(path_type=Path))
@every_option
@format_option
@with_common
def show(common: Common, planfile: Path, fmt: str, every: bool) -> int:
    """Render a saved plan."""
    from reconciler.planning import costs
    from reconciler.state import plan_file as planfiles
    from reconciler.views import render

    saved, color = planfiles.load(planfile), in_color(sys.stdout, no_color=common.no_color)
    shares = costs.shares_of(saved.changes)
    print_result(render.plan(saved, fmt, shares=shares, every=every, color=color, width=width_of(sys.stdout)))
    return EXIT_OK
