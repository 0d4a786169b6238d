"""What our records hold and nobody declares any more."""

from __future__ import annotations

from reconciler import lifecycle
from reconciler.diff.facets import reason_with_word
from reconciler.diff.numbers import open_order
from reconciler.diff.world import Item, Verdict
from reconciler.model import TN_KINDS, Action, Address, Kind, Status


def dropped(item: Item) -> Verdict:
    """What to do about an address that left the configuration."""
    if item.ours and item.ours.protect and not _line_remains(item):
        return item.change(
            Action.BLOCKED,
            "not declared any more, but protected: declare it again, and release it only after an apply "
            "with `protect: false`",
        )
    if item.address.kind is Kind.NUMBER:
        return _number(item)
    if item.address.kind is Kind.SMS:
        return _sms(item)
    return item.change(Action.FORGET, f"not declared any more; {_stays(item)}")


def _line_remains(item: Item) -> bool:
    return item.address.kind in TN_KINDS and item.world.tn_is_declared(item.address.name)


def _number(item: Item) -> Verdict:
    intent = item.world.memory.open_purchase(item.address)
    if intent:
        return item.change(Action.WAIT, f"not declared any more, but {open_order(intent)}")
    if Kind.NUMBER not in item.caps.deletes:
        return item.change(Action.FORGET, f"not declared any more; {_stays(item)}", irreversible=True)
    carrier = item.live.carrier if item.live else item.record.carrier if item.record else {}
    if item.live is None and not item.settled_recently:
        return item.change(Action.FORGET, "not declared any more, and the account does not show it: nothing to release")
    return item.change(
        Action.DELETE,
        "not declared any more: it is released, and anyone can buy it then",
        carrier=carrier,
        needs=_facets_first(item),
        irreversible=True,
    )


def _facets_first(item: Item) -> tuple[Address, ...]:
    return tuple(Address(kind, item.address.name) for kind in (Kind.SMS, Kind.ASSIGNMENT))


def _sms(item: Item) -> Verdict:
    status = item.live.status if item.live else Status.ABSENT
    decision = lifecycle.decide(status, wanted=False)
    if decision.action is Action.NOOP:
        return item.change(Action.FORGET, f"not declared any more, and nothing to switch off: {decision.reason}")
    reason = f"not declared any more: {decision.reason}"
    return item.change(decision.action, reason_with_word(item, reason), then=decision.then)


def _stays(item: Item) -> str:
    return item.caps.leaves_behind.get(item.address.kind, f"the {item.address.kind} stays at the carrier as it is")
