"""``tnctl state ledger``: what was bought and released, for how much; exported, and held against the carriers."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from reconciler.cli.options import Common, table_format_option, with_common
from reconciler.cli.output import in_color, say, show, width_of
from reconciler.errors import EXIT_ERROR, EXIT_OK
from reconciler.planning.selection import Selection

if TYPE_CHECKING:
    from reconciler.model import Observation
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
    from reconciler.workflows.scope import accounts_in_use
    from reconciler.workflows.session import Known

    fleet = context.load_fleet(common) if compare else None
    with context.open_store(common, fleet) as store:
        entries, state = store.ledger(), store.snapshot()
    seen: dict[str, Observation | str] = {}
    if fleet:
        used = accounts_in_use(fleet, Known.of(fleet, state), Selection(), declared=True)
        seen = _accounts(common, fleet, used.union(entry.account for entry in entries))
    audited = audit.compare(entries, seen) if fleet else None
    color = in_color(sys.stdout, no_color=common.no_color)
    show(render.ledger(entries, audited, fmt, color=color, width=width_of(sys.stdout)))
    failures = audit.unread(seen)
    for failure in failures:
        say(f"could not be read: {failure}")
    return EXIT_ERROR if failures else EXIT_OK


def _accounts(common: Common, fleet: Fleet, used: set[str]) -> dict[str, Observation | str]:
    """Account -> everything that it lists, or why it cannot tell; of the accounts in ``used``."""
    from reconciler.cli import carriers, context
    from reconciler.executor.scheduler import threads
    from reconciler.model import Kind
    from reconciler.workflows.observe import observe

    accounts = {name: account for name, account in fleet.accounts.items() if name in used}
    sandbox = context.books(common, fleet)
    with carriers.opened(accounts, used, context.SYSTEM_CLOCK, sandbox=sandbox, writes=False) as opened:
        lists = {name: Kind.NUMBER in handle.capabilities.reads for name, handle in opened.handles.items()}
        listed = observe(opened.handles, {name: () for name, can in lists.items() if can}, threads)
    silent = dict.fromkeys((name for name, can in lists.items() if not can), "the account has no call that lists them")
    return {**listed, **silent}
