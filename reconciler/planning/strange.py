"""An account that may be another than the one that our records of it are of (see ``sites.py``)."""

from __future__ import annotations

from reconciler.model import Action, Change
from reconciler.planning.snapshot import Item, Verdict

_ACTS = frozenset({Action.CREATE, Action.UPDATE, Action.DELETE})


def unless_strange(item: Item, verdict: Verdict) -> Verdict:
    """``verdict``, or blocked where something would be bought, changed or released at such an account."""
    words = item.world.strange.get(item.provider)
    if words is None or not isinstance(verdict, Change) or not {verdict.action, verdict.then} & _ACTS:
        return verdict
    return item.change(
        Action.BLOCKED,
        f"{words}: at an account that may be another one nothing is bought, changed or released; "
        f"{way_out(item.provider)}",
    )


def not_shown(item: Item) -> str | None:
    """Why a number that its account does not show is not known to be gone; None where that account is no stranger."""
    words = item.world.strange.get(item.provider)
    return None if words is None else f"not shown, and not known to be gone: {words}; {way_out(item.provider)}"


def way_out(account: str) -> str:
    """What a person can do about it."""
    return (
        f"if that is another account, write {account} as it was and give the other a name of its own; if a number is "
        "gone, `tnctl state resolve number/+… --as not-owned --evidence TEXT` says so"
    )
