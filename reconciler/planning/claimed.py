"""What other records of the same database hold: nothing of it is bought, taken over, changed or released by these."""

from __future__ import annotations

from typing import Final

from reconciler.model import TN_KINDS, Action, Change
from reconciler.planning.snapshot import Item, Judgement

_ACTS: Final = frozenset({Action.CREATE, Action.UPDATE, Action.DELETE, Action.ADOPT})


def unless_claimed(item: Item, judgement: Judgement) -> Judgement:
    """``verdict``, or blocked where it is to act on a number that others hold.

    To let go of it without a call is the way out, and left as it is; so is what is in sync. A number that its carrier
    shares among customers is nobody's alone.
    """
    rival = item.world.state.claimed.get((item.account, item.address.name))
    if rival is None or item.address.kind not in TN_KINDS or not isinstance(judgement, Change):
        return judgement
    if not ({judgement.action, judgement.then} & _ACTS) or (item.live is not None and item.live.shared):
        return judgement
    if item.ours is None:
        remedy = "take it out of this configuration, or let go of it there"
    else:
        remedy = "let go of it here, or there, under `safety: {forget: [...]}`, which leaves it owned"
    message = f"records {rival} hold it: one number is for one set of records; {remedy}"
    return item.change(Action.BLOCKED, message, external=judgement.external)
