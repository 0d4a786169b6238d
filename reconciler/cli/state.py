"""``tnctl state``: our records, looked at and mended. Nothing here asks or changes a carrier."""

from __future__ import annotations

import click

from reconciler.cli.lazy import LazyGroup

COMMANDS = {
    "list": "reconciler.cli.state_look:list_records",
    "show": "reconciler.cli.state_look:show_record",
    "mv": "reconciler.cli.state_mend:move",
    "forget": "reconciler.cli.state_mend:forget",
    "resolve": "reconciler.cli.state_resolve:resolve",
}


@click.group(cls=LazyGroup, lazy=COMMANDS)
def state() -> None:
    """Look at our records and mend them."""
