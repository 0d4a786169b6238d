"""``tnctl graph``: what depends on what, and who has which slot, for a drawing program."""

from __future__ import annotations

import click

from reconciler.cli.options import Common, with_common
from reconciler.cli.output import show
from reconciler.errors import EXIT_OK


@click.command()
@click.option(
    "--format",
    "fmt",
    type=click.Choice(["mermaid", "dot"]),
    default="mermaid",
    show_default=True,
    help="How the graph is written.",
)
@with_common
def graph(common: Common, fmt: str) -> int:
    """Print what depends on what, as Mermaid or DOT.

    The slots of pools are shown with the numbers that they have on record; the records are read for that alone.
    """
    from reconciler.cli import context
    from reconciler.views import render

    fleet = context.load_fleet(common, webhooks=False)
    if not fleet.pools:
        show(render.graph(fleet, fmt))
        return EXIT_OK
    with context.open_store(common, fleet) as store:
        show(render.graph(fleet, fmt, store.snapshot()))
    return EXIT_OK
