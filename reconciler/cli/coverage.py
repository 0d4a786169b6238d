"""``tnctl coverage``: how many numbers a carrier has on offer, and where."""

from __future__ import annotations

import sys
from typing import Any

import click

from reconciler.cli import parameter_types
from reconciler.cli.options import Common, table_format_option, with_common
from reconciler.cli.output import in_color, show, width_of
from reconciler.errors import EXIT_OK, UsageError


@click.command()
@click.option("--provider", "name", metavar="NAME", required=True, help="The account to ask.")
@click.option(
    "--count-by",
    type=click.Choice(["state", "rateCenter", "npaNxx", "block"]),
    default="npaNxx",
    show_default=True,
    help="What a row counts.",
)
@click.option("--npa", type=parameter_types.npa, metavar="NPA", help="Only this area code, such as 201.")
@click.option("--lata", type=parameter_types.lata, metavar="N", help="Only this LATA, such as 224.")
@click.option("--rate-center", metavar="NAME", help="Only this rate center, such as HACKENSACK.")
@click.option("--province", metavar="STATE", help="Only this state or province, such as NJ.")
@table_format_option
@with_common
def coverage(common: Common, name: str, fmt: str, count_by: str, **filters: Any) -> int:
    """Count the numbers that a carrier has on offer."""
    from reconciler.cli import context
    from reconciler.providers import installed
    from reconciler.providers.base import CoverageSource
    from reconciler.views import render
    from reconciler.workflows.scope import account_named

    given = {name: value for name, value in filters.items() if value is not None}
    if len(given) > 1:
        raise UsageError("the carrier takes one filter", hint="write one of --npa --lata --rate-center --province")
    account = account_named(context.load_fleet(common), name)
    with context.reading(common, account) as source:
        if not isinstance(source, CoverageSource):
            able = ", ".join(sorted(installed.able("coverage")))
            raise UsageError(f"{name} ({account.type}) cannot count its offers", hint=f"{able} accounts can")
        rows = source.coverage({"count_by": count_by, **given})
    color = in_color(sys.stdout, no_color=common.no_color)
    show(render.coverage(rows, fmt, account=name, color=color, width=width_of(sys.stdout)))
    return EXIT_OK
