"""``tnctl state resolve``: a person's word on what no read can settle."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from reconciler.cli import parameter_types
from reconciler.cli.options import Common, lock_timeout_option, with_common
from reconciler.cli.output import show
from reconciler.errors import EXIT_OK, UsageError
from reconciler.model import Address, Kind

if TYPE_CHECKING:
    from datetime import timedelta


@click.command()
@click.argument("address", type=parameter_types.address)
@click.option("--as", "verdict", type=click.Choice(["owned", "not-owned"]), required=True, help="Whether it is ours.")
@click.option("--evidence", metavar="TEXT", default="", help="How you know: a ticket, an invoice, the portal.")
@click.option("--provider", metavar="NAME", help="The account, where neither configuration nor records tell.")
@lock_timeout_option
@with_common
def resolve(
    common: Common, address: Address, verdict: str, evidence: str, provider: str | None, lock_timeout: timedelta
) -> int:
    """Say whether an object is ours, where only a person knows."""
    from reconciler.cli import context
    from reconciler.state.process import Process
    from reconciler.workflows.resolve import Statement, settle_by_hand

    if address.kind is Kind.SLOT:
        raise UsageError(f"{address} is no object at a carrier", hint="resolve the number that it holds")
    fleet, me = context.load_fleet(common), Process.current()
    said = Statement(verdict == "owned", evidence, f"{me.user}@{me.host}", provider)
    with context.open_store(common, fleet, create=True) as store, store.locked(lock_timeout):
        account, risk = settle_by_hand(fleet, store, address, said)
    if risk:
        click.echo(risk, err=True)
    show(f"{address} at {account}: settled as {verdict}; `tnctl plan` shows what follows")
    return EXIT_OK
