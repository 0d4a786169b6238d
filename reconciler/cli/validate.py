"""``tnctl validate``: everything that can be checked without a carrier."""

from __future__ import annotations

import sys

import click

from reconciler.cli.options import Common, with_common
from reconciler.cli.output import show, width_of
from reconciler.errors import EXIT_OK
from reconciler.model import TN_KINDS, Kind
from reconciler.model.fleet import Fleet


@click.command()
@with_common
def validate(common: Common) -> int:
    """Check the configuration without asking any carrier."""
    from reconciler.cli import context
    from reconciler.state.location import Location
    from reconciler.views.terminal import bounded

    fleet = context.load_fleet(common)
    Location.parse(context.state_url(common, fleet))
    show(f"{', '.join(map(str, common.files))}: valid, {_counts(fleet)}")
    for notice in fleet.notices:
        place = f"{notice.address}: " if notice.address else ""
        show(bounded(f"{notice.severity}: {place}{notice.message}", width_of(sys.stdout)))
    return EXIT_OK


def _counts(fleet: Fleet) -> str:
    """``12 numbers, 1 brand and 2 pools of 5 numbers at 3 accounts``: every kind of which there is one."""
    kinds = [resource.address.kind for resource in fleet.resources]
    tns = {resource.address.name for resource in fleet.resources if resource.address.kind in TN_KINDS}
    pooled = f"{_several(len(fleet.pools), 'pool')} of {_several(sum(pool.size for pool in fleet.pools), 'number')}"
    counted = [
        *([_several(len(tns), "number")] if tns else []),
        *(_several(kinds.count(kind), kind.value) for kind in (Kind.BRAND, Kind.CAMPAIGN) if kind in kinds),
        *([pooled] if fleet.pools else []),
    ]
    used = {resource.account for resource in fleet.resources}.union(*(pool.accounts for pool in fleet.pools))
    accounts = _several(len(used or fleet.accounts), "account")
    if not counted:
        return f"nothing declared at {accounts}"
    return f"{' and '.join(filter(None, (', '.join(counted[:-1]), counted[-1])))} at {accounts}"


def _several(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'s' * (count != 1)}"
