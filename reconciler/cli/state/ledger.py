"""``tnctl state ledger``: what was bought and released, for how much; exported, and held against the carriers."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from reconciler.cli.options import Common, table_format_option, with_common
from reconciler.cli.output import in_color, say, show, width_of
from reconciler.errors import EXIT_ERROR, EXIT_OK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconciler.model import LedgerEntry, Observation, StateSnapshot
    from reconciler.model.fleet import Fleet


@click.command()
@click.option("--compare", is_flag=True, help="Ask the carriers which of the numbers they list now, and at what price.")
@table_format_option
@with_common
def ledger(common: Common, fmt: str, compare: bool) -> int:
    """List every purchase and release: when, by which plan, at what price."""
    from reconciler.cli import context
    from reconciler.planning import audit
    from reconciler.views import render

    fleet = context.load_fleet(common) if compare else None
    with context.open_store(common, fleet) as store:
        entries, state = store.ledger(), store.snapshot()
    seen = _listed(common, fleet, state, entries) if fleet else {}
    audited = audit.compare(entries, seen) if fleet else None
    color = in_color(sys.stdout, no_color=common.no_color)
    show(render.ledger(entries, audited, fmt, color=color, width=width_of(sys.stdout)))
    failures = audit.unread(seen)
    for failure in failures:
        say(f"could not be read: {failure}")
    return EXIT_ERROR if failures else EXIT_OK


def _listed(
    common: Common, fleet: Fleet, state: StateSnapshot, entries: Sequence[LedgerEntry]
) -> dict[str, Observation | str]:
    """Account -> everything that it lists, or why it cannot tell."""
    from reconciler.cli import carriers, context
    from reconciler.workflows.ledger import accounts_to_ask, listed

    accounts, sandbox = accounts_to_ask(fleet, state, entries), context.books(common, fleet)
    with carriers.opened(accounts, accounts.keys(), context.SYSTEM_CLOCK, sandbox=sandbox, writes=False) as opened:
        return listed(opened.handles)
