"""``tnctl graph``: what depends on what, for a drawing program."""

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
    """Print what depends on what, as Mermaid or DOT."""
    from reconciler import views
    from reconciler.cli import context

    show(views.graph(context.load_fleet(common), fmt))
    return EXIT_OK
