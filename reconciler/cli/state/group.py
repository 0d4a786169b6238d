"""``tnctl state``: our records, looked at and mended. Only ``ledger --compare`` asks carriers; nothing changes them."""

from __future__ import annotations

import click

from reconciler.cli.lazy_group import LazyGroup

COMMANDS = {
    "list": "reconciler.cli.state.show:list_records",
    "show": "reconciler.cli.state.show:show_record",
    "ledger": "reconciler.cli.state.ledger:ledger",
    "mv": "reconciler.cli.state.edit:move",
    "forget": "reconciler.cli.state.edit:forget",
    "resolve": "reconciler.cli.state.resolve:resolve",
}


@click.group(cls=LazyGroup, lazy=COMMANDS)
def state() -> None:
    """Look at our records and mend them."""
