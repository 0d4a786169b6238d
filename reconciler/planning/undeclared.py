"""What our records hold and nobody declares any more."""

from __future__ import annotations

from datetime import datetime

from reconciler.model import IN_PROGRESS, TN_KINDS, Action, Address, Change, Kind, Origin, Status, Unread
from reconciler.model.durations import show
from reconciler.planning import sms_table
from reconciler.planning.features import has_ended, reason_with_word
from reconciler.planning.guards import not_shown
from reconciler.planning.numbers import not_sound, open_order
from reconciler.planning.snapshot import Item, Judgement, Unobservable


def dropped(item: Item) -> Judgement:
    """What to do about an address that left the configuration."""
    if item.ours and item.ours.protect and not _line_remains(item):
        return item.change(
            Action.BLOCKED,
            f"{_why(item)}, but protected: {_keep(item)}; to give it up, apply that with `protect: false` first",
        )
    if item.address.kind in TN_KINDS and item.address.name in item.world.forgets and not _line_remains(item):
        return _let_go(item)
    if item.address.kind is Kind.NUMBER:
        return _number(item)
    if item.address.kind is Kind.SMS:
        return _sms(item)
    return item.change(Action.FORGET, f"{_why(item)}; {_stays(item)}")


def _why(item: Item) -> str:
    """How it comes that nobody wants it; for a number, with what may have been meant."""
    if item.allocation is None or not item.allocation.surplus:
        return "not declared any more"
    hint = f" ({item.allocation.hint})" if item.allocation.hint and item.address.kind is Kind.NUMBER else ""
    return item.allocation.surplus + hint


def _keep(item: Item) -> str:
    """What to write so that it stays."""
    return item.allocation.keep if item.allocation and item.allocation.keep else "declare it again"


def _line_remains(item: Item) -> bool:
    return item.address.kind in TN_KINDS and item.world.tn_is_declared(item.address.name)


def _let_go(item: Item) -> Judgement:
    """Dropped from management by name: nothing of that telephone number is asked of the carrier."""
    if (intent := item.world.state.open_order(item.address)) is not None:
        return item.change(Action.WAIT, f"{_why(item)}, but {open_order(intent)}")
    owned = item.address.kind is Kind.NUMBER
    stays = "it stays owned and goes on costing" if owned else f"the {item.address.kind} stays at the carrier as it is"
    return item.change(Action.FORGET, f"named under `safety.forget`: {stays}")


def _number(item: Item) -> Judgement:
    intent = item.world.state.open_order(item.address)
    if intent:
        return item.change(Action.WAIT, f"{_why(item)}, but {open_order(intent)}")
    return _kept_a_while(item) or _released(item)


def _kept_a_while(item: Item) -> Judgement | None:
    """Out of service, for as long as its line said; None once it is to be released, or where its line said nothing.

    ====================  ==================================================================
    how long it is kept   by the carrier's clock and by ours, as its line says
    ====================  ==================================================================
    not begun yet         update: taken out of service
    not over              in sync where the account shows it, else wait or unobservable
    over on both clocks   None: released
    no ``Date`` tells     once ours says so, blocked, or None where a person names it
    ====================  ==================================================================
    """
    record = item.ours
    if record is None or not record.release_after or _is_gone(item):
        return None
    wait = item.keeping
    if wait is None:
        due = item.world.now + record.release_after
        message = f"{_why(item)}: taken out of service; {_until(item, due)}"
        return item.change(Action.UPDATE, message, needs=_facets_first(item))
    named = item.address.name in item.world.releases
    if wait.over(item.now) or (named and wait.endless(item.now)):
        return None
    if wait.endless(item.now):
        return item.change(Action.BLOCKED, f"{_why(item)}; {undated(item)}")
    if item.unobservable or Kind.NUMBER not in item.caps.reads:
        return Unobservable()
    return item.change(Action.WAIT if item.live is None else Action.NOOP, out_of_service(item))


def out_of_service(item: Item) -> str:
    """Since when a number is out of service, and until when it is kept; empty for any other."""
    record, wait = item.ours, item.keeping
    if record is None or record.out_of_service_at is None or wait is None:
        return ""
    due = wait.since.ours + wait.length
    if wait.left(item.now) > due - item.world.now:
        due = item.world.now + wait.left(item.now)
    return f"out of service since {record.out_of_service_at.date()}; {_until(item, due)}"


def wants_date(item: Item) -> bool:
    """Whether its release hangs on the carrier's clock, and nothing that was read tells it."""
    wait = item.keeping
    blind = item.unobservable or Kind.NUMBER not in item.caps.reads
    return wait is not None and blind and item.now.carriers is None and wait.endless(item.now)


def _until(item: Item, due: datetime) -> str:
    released = "released" if Kind.NUMBER in item.caps.deletes else "given up (the account has no call to release it)"
    return f"{released} on {due.date()} unless it is declared again"


def undated(item: Item) -> str:
    """Why a number that is out of service is not released by itself, and what a person can do."""
    record = item.ours
    after = show(record.release_after) if record and record.release_after else "its time"
    return (
        f"out of service for {after} by our clock alone, which may be wrong: {item.account} answers without a Date, "
        f"so nothing confirms it; if it is so, release it by name: `--release {item.address.name}`"
    )


def _is_gone(item: Item) -> bool:
    """Whether an account that can be read does not show it any more."""
    readable = Kind.NUMBER in item.caps.reads and not item.unobservable
    return readable and item.live is None and not item.unlisted


def _released(item: Item) -> Change:
    if Kind.NUMBER not in item.caps.deletes:
        return item.change(Action.FORGET, f"{_why(item)}; {_stays(item)}", irreversible=True)
    if item.live and item.live.status in IN_PROGRESS:
        providing = f"the carrier is still providing it ({item.live.carrier_status})"
        message = f"{_why(item)}, and {providing}: it can be released after that"
        return item.change(Action.WAIT, message)
    if item.live and item.live.status is not Status.ACTIVE:
        return item.change(Action.BLOCKED, f"{_why(item)}, but {not_sound(item.live)}")
    keys = item.live.external if item.live else item.record.external if item.record else {}
    if _is_gone(item) and (why := not_shown(item)) is not None:
        return item.change(Action.BLOCKED, f"{_why(item)}, but {why}")
    if _is_gone(item):
        return item.change(Action.FORGET, f"{_why(item)}, and the account does not show it: nothing to release")
    return item.change(
        Action.DELETE,
        f"{_why(item)}{_found_only(item)}: it is released, {item.caps.release_is_final}",
        external=keys,
        needs=_facets_first(item),
        irreversible=True,
    )


def _found_only(item: Item) -> str:
    """That tnctl did not buy it, and so releases it by name alone."""
    if item.record is None or item.record.bought:
        return ""
    named = ", and it is named" if item.address.name in item.world.releases else ""
    return f", and not bought by tnctl ({item.record.origin.value}), so released by name only{named}"


def _facets_first(item: Item) -> tuple[Address, ...]:
    return tuple(Address(kind, item.address.name) for kind in (Kind.SMS, Kind.ASSIGNMENT))


def _sms(item: Item) -> Judgement:
    if _line_remains(item) and item.ours and item.ours.origin is Origin.ADOPTED:
        return item.change(Action.FORGET, f"{_why(item)}; tnctl found it on, and it stays as it is")
    if Address(Kind.WEBHOOK, item.address.name) in item.world.desired:
        return item.change(
            Action.BLOCKED, "the webhook declared for it needs SMS: write `sms: true`, or take the webhook out as well"
        )
    if Kind.SMS not in item.caps.kinds:
        return item.change(
            Action.FORGET, f"{_why(item)}, and {item.account} has no SMS that tnctl can read: the record alone goes"
        )
    if item.live is None:
        return Unread("what was read says nothing of it")
    decision = sms_table.decide(item.live.status, wanted=False, ended=has_ended(item))
    if decision.action is Action.NOOP:
        return item.change(Action.FORGET, f"{_why(item)}, and nothing to switch off: {decision.reason}")
    reason = f"{_why(item)}: {decision.reason}"
    return item.change(decision.action, reason_with_word(item, reason), then=decision.then)


def _stays(item: Item) -> str:
    if item.address.kind is Kind.WEBHOOK and item.live is None and item.unresolved is None:
        return "the carrier shows none"
    return item.caps.leaves_behind.get(item.address.kind, f"the {item.address.kind} stays at the carrier as it is")
