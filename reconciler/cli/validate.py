"""``tnctl validate``: everything that can be checked without a carrier."""

from __future__ import annotations

import click

from reconciler.cli.options import Common, with_common
from reconciler.cli.output import show
from reconciler.errors import EXIT_OK
from reconciler.model import TN_KINDS
from reconciler.settings import Fleet


@click.command()
@with_common
def validate(common: Common) -> int:
    """Check the configuration without asking any carrier."""
    from reconciler.cli import context
    from reconciler.state.location import Location

    fleet = context.load_fleet(common)
    Location.parse(context.state_url(common, fleet))
    show(f"{', '.join(map(str, common.files))}: valid, {_counts(fleet)}")
    for notice in fleet.notices:
        place = f"{notice.address}: " if notice.address else ""
        show(f"{notice.severity}: {place}{notice.message}")
    return EXIT_OK


def _counts(fleet: Fleet) -> str:
    """``12 numbers and 2 pools of 5 numbers at 3 accounts``."""
    of_numbers = [resource for resource in fleet.resources if resource.address.kind in TN_KINDS]
    numbers = _several(len({resource.address.name for resource in of_numbers}), "number")
    in_pools = _several(sum(pool.size for pool in fleet.pools), "number")
    pools = f" and {_several(len(fleet.pools), 'pool')} of {in_pools}" if fleet.pools else ""
    accounts = {resource.provider for resource in of_numbers}.union(*(pool.accounts for pool in fleet.pools))
    return f"{numbers}{pools} at {_several(len(accounts), 'account')}"


def _several(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' * (count != 1)}"
