"""An account that may be another than the one that our records of it are of (see ``sites.py``)."""

from __future__ import annotations

from reconciler.model import Action, Change
from reconciler.planning.snapshot import Item, Judgement

_ACTS = frozenset({Action.CREATE, Action.UPDATE, Action.DELETE})


def unless_strange(item: Item, judgement: Judgement) -> Judgement:
    """``verdict``, or blocked where something would be bought, changed or released at such an account."""
    message = item.world.strange.get(item.account)
    if message is None or not isinstance(judgement, Change) or not {judgement.action, judgement.then} & _ACTS:
        return judgement
    return item.change(
        Action.BLOCKED,
        f"{message}: at an account that may be another one nothing is bought, changed or released; "
        f"{remedy(item.account)}",
    )


def not_shown(item: Item) -> str | None:
    """Why a number that its account does not show is not known to be gone; None where that account is no stranger."""
    message = item.world.strange.get(item.account)
    return None if message is None else f"not shown, and not known to be gone: {message}; {remedy(item.account)}"


def remedy(account: str) -> str:
    """What a person can do about it."""
    return (
        f"if that is another account, write {account} as it was and give the other a name of its own; if a number is "
        "gone, `tnctl state resolve number/+… --as not-owned --evidence TEXT` says so"
    )
