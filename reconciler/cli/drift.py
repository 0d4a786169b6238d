"""``tnctl drift``: what is live against what was last applied. An object that could not be read beats drift."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from reconciler.cli.options import Common, format_option, with_common, with_selection
from reconciler.cli.output import in_color, show, width_of
from reconciler.errors import EXIT_CHANGES, EXIT_ERROR, EXIT_OK
from reconciler.planning.selection import Selection

if TYPE_CHECKING:
    from reconciler.model.fleet import Fleet
    from reconciler.state.store import Store
    from reconciler.workflows.session import Known


@click.command()
@format_option
@with_selection
@with_common
def drift(common: Common, selection: Selection, fmt: str) -> int:
    """Show what changed behind our back; change nothing."""
    from reconciler.cli import context
    from reconciler.views import render
    from reconciler.workflows.drift import find_drift, refuse_new_records
    from reconciler.workflows.session import Options

    def check(fleet: Fleet, store: Store, _known: Known) -> None:
        refuse_new_records(store, context.shown_state(common, fleet))

    with context.session(common, selection, render.Quiet(), declared=False, check=check) as (session, known):
        found = find_drift(session, Options(selection=selection), known)
    color = in_color(sys.stdout, no_color=common.no_color)
    show(render.drift(found, fmt, color=color, width=width_of(sys.stdout)))
    if found.unresolved:
        return EXIT_ERROR
    return EXIT_CHANGES if found.drifted else EXIT_OK
