"""``tnctl drift``: what is live against what was last applied. An object that could not be read beats drift."""

from __future__ import annotations

import sys

import click

from reconciler.cli.options import Common, format_option, with_common, with_selection
from reconciler.cli.output import in_color, show, width_of
from reconciler.errors import EXIT_CHANGES, EXIT_ERROR, EXIT_OK
from reconciler.select import Selection


@click.command()
@format_option
@with_selection
@with_common
def drift(common: Common, selection: Selection, fmt: str) -> int:
    """Show what changed behind our back; change nothing."""
    from reconciler import views, workflow
    from reconciler.cli import context
    from reconciler.session import Options

    with context.session(common, selection, views.Quiet(), declared=False) as session:
        found = workflow.find_drift(session, Options(selection=selection))
    color = in_color(sys.stdout, no_color=common.no_color)
    show(views.drift(found, fmt, color=color, width=width_of(sys.stdout)))
    if found.unresolved:
        return EXIT_ERROR
    return EXIT_CHANGES if found.drifted else EXIT_OK
