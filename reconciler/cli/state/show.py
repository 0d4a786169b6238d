"""``tnctl state list`` and ``show``: what is on record."""

from __future__ import annotations

import sys

import click

from reconciler.cli import parameter_types
from reconciler.cli.options import Common, format_option, with_common
from reconciler.cli.output import in_color, show, width_of
from reconciler.errors import EXIT_OK, UsageError
from reconciler.model import Address


@click.command("list")
@format_option
@with_common
def list_records(common: Common, fmt: str) -> int:
    """List what is on record, tombstones and open outcomes too."""
    from reconciler.cli import context
    from reconciler.views import render

    with context.open_store(common) as store:
        state = store.snapshot()
    color = in_color(sys.stdout, no_color=common.no_color)
    show(render.records(state, fmt, color=color, width=width_of(sys.stdout)))
    return EXIT_OK


@click.command("show")
@click.argument("address", type=parameter_types.address)
@format_option
@with_common
def show_record(common: Common, address: Address, fmt: str) -> int:
    """Show one record, every call made for it, and what persons settled of it."""
    from reconciler.cli import context
    from reconciler.views import render

    with context.open_store(common) as store:
        record, history, resolutions = store.record(address), store.history(address), store.resolutions(address)
    if record is None and not history and not resolutions:
        raise UsageError(f"there is no record of {address}", hint="see `tnctl state list`")
    color = in_color(sys.stdout, no_color=common.no_color)
    show(render.record(record, history, fmt, resolutions=resolutions, color=color, width=width_of(sys.stdout)))
    return EXIT_OK
