"""``tnctl state``: our records, looked at and mended. Only ``ledger --compare`` asks carriers; nothing changes them."""

from __future__ import annotations

import click

from reconciler.cli.lazy import LazyGroup

COMMANDS = {
    "list": "reconciler.cli.state_look:list_records",
    "show": "reconciler.cli.state_look:show_record",
    "ledger": "reconciler.cli.state_ledger:ledger",
    "mv": "reconciler.cli.state_mend:move",
    "forget": "reconciler.cli.state_mend:forget",
    "resolve": "reconciler.cli.state_resolve:resolve",
}


@click.group(cls=LazyGroup, lazy=COMMANDS)
def state() -> None:
    """Look at our records and mend them."""
