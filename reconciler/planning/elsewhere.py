"""What is declared at one account while our records, or an open order, have it at another.

======================  ============================  ===========================================================
the other account       read back                     the way out
======================  ============================  ===========================================================
has left the YAML                                     ``moved:`` in the account that it is now
is declared too         by a call of its own          its number leaves it by hand, and ``state forget`` asks it
is declared too         not at all                    its number leaves it by hand, and a person says so
======================  ============================  ===========================================================

Nothing here frees what may still be owned: a number that was bought once goes on costing wherever it is.
"""

from __future__ import annotations

from reconciler.model import Action, Change, Kind
from reconciler.planning.snapshot import Item


def held_elsewhere(item: Item) -> Change | None:
    """Blocked, where what is declared is held at another account; None where it is not."""
    if item.want is None:
        return None
    there = _held_at(item)
    if there is None or there == item.want.account:
        return None
    if there not in item.world.capabilities:
        return item.change(
            Action.BLOCKED,
            f"our records hold it at {there}, which the configuration has no more, and it is declared at "
            f"{item.want.account} now: is that the same account? then write `moved: {there}` under "
            f"`providers.{item.want.account}`; else declare {there} again",
        )
    if item.world.state.open_order(item.address):
        return None
    given_up = item.record is not None and item.record.tombstone
    held = f"it was given up at {there} without a release" if given_up else f"it is held at {there}"
    return item.change(
        Action.BLOCKED,
        f"{held} and now declared at {item.want.account}: moving between carriers is done by hand; once {there} has "
        f"it no more, {remedy(item, there)}",
    )


def _held_at(item: Item) -> str | None:
    """The account of the record or of the open order; of tombstones those of numbers alone, which go on costing."""
    order = item.world.state.open_order(item.address)
    if order is not None:
        return order.account
    record = item.record
    if record is None or (record.tombstone and item.address.kind is not Kind.NUMBER):
        return None
    return record.account


def remedy(item: Item, account: str) -> str:
    """How a record is given up of what ``account`` has no more: by a read where that is possible, else by a word."""
    caps = item.world.capabilities[account]
    if item.address.kind is Kind.NUMBER and Kind.NUMBER not in caps.reads:
        return f"`tnctl state resolve {item.address} --as not-owned --evidence TEXT` says so"
    asks = f", which asks {account}" if item.address.kind is Kind.NUMBER else ""
    return f"`tnctl state forget {item.address}`{asks}, lets the next plan judge it afresh"
