"""What turns a judgement into a blocked one: an account that may be a stranger's, a number that other records hold.

An account may be another than the one that our records of it are of (see ``account_identity.py``). And what other
records of the same database hold is not bought, taken over, changed or released by these.
"""

from __future__ import annotations

from typing import Final

from reconciler.model import TN_KINDS, Action, Change
from reconciler.planning.snapshot import Item, Judgement

_WRITES: Final = frozenset({Action.CREATE, Action.UPDATE, Action.DELETE})


def unless_strange(item: Item, judgement: Judgement) -> Judgement:
    """``judgement``, or blocked where something would be bought, changed or released at such an account."""
    message = item.world.strange.get(item.account)
    if message is None or not isinstance(judgement, Change) or not {judgement.action, judgement.then} & _WRITES:
        return judgement
    return item.change(
        Action.BLOCKED,
        f"{message}: at an account that may be another one nothing is bought, changed or released; "
        f"{_remedy(item.account)}",
    )


def not_shown(item: Item) -> str | None:
    """Why a number that its account does not show is not known to be gone; None where that account is no stranger."""
    message = item.world.strange.get(item.account)
    return None if message is None else f"not shown, and not known to be gone: {message}; {_remedy(item.account)}"


def _remedy(account: str) -> str:
    """What a person can do about it."""
    return (
        f"if that is another account, write {account} as it was and give the other a name of its own; if a number is "
        "gone, `tnctl state resolve number/+… --as not-owned --evidence TEXT` says so"
    )


def unless_claimed(item: Item, judgement: Judgement) -> Judgement:
    """``judgement``, or blocked where it is to act on a number that others hold.

    To let go of it without a call is the way out, and left as it is; so is what is in sync. A number that its carrier
    shares among customers is nobody's alone.
    """
    rival = item.world.state.claimed.get((item.account, item.address.name))
    if rival is None or item.address.kind not in TN_KINDS or not isinstance(judgement, Change):
        return judgement
    shared = item.live is not None and item.live.shared
    if shared or not {judgement.action, judgement.then} & (_WRITES | {Action.ADOPT}):
        return judgement
    if item.ours is None:
        way_on = "take it out of this configuration, or let go of it there"
    else:
        way_on = "let go of it here, or there, under `safety: {forget: [...]}`, which leaves it owned"
    message = f"records {rival} hold it: one number is for one set of records; {way_on}"
    return item.change(Action.BLOCKED, message, external=judgement.external)
