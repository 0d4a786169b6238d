"""What happens around the runs: time, rivals, colleagues, edits, lost records; and in the middle of a carrier call."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from reconciler.errors import LockedError, LockLostError
from reconciler.sandbox.infobip import InfobipCarrier
from reconciler.sandbox.inumbering import INumberingCarrier
from reconciler.state.lock import ALL, LEASE
from reconciler.state.process import Process as Identity
from reconciler.state.store import Store
from tests.simulation.acts import Event, Kind, Run
from tests.simulation.fleet import NumberEntry
from tests.simulation.process import Process, VirtualStore
from tests.simulation.records import NO_RECORDS

if TYPE_CHECKING:
    from tests.simulation.world import World

LAGS = 1000.0
"""Seconds after which no list, search or lease of this simulation lags behind any more."""

STRANGER = Identity("thief", "gamma", 1)
"""A process of another host, whose life nobody here can judge."""

ELSEWHERE = "https://elsewhere.example.com/in"


def happen(world: World, event: Event) -> None:
    """Let ``event`` happen."""
    world.checkers.happened(event.kind)
    world.census.events[event.kind] += 1
    world.tell(f"{event.kind} ({event.seconds:g} s, number {event.number})")
    _HAPPENINGS[event.kind](world, event)


def _entry(world: World, event: Event) -> NumberEntry:
    return world.scene.numbers[event.number % len(world.scene.numbers)]


def _seller(world: World, account: str) -> InfobipCarrier | INumberingCarrier | None:
    carrier = world.sandbox.carrier(account)
    return carrier if isinstance(carrier, InfobipCarrier | INumberingCarrier) else None


def _touched(world: World, account: str, tn: str) -> None:
    world.known.foreign.add(tn)
    world.checkers.touched(account, tn)


def _sleep(world: World, event: Event) -> None:
    world.carrier_clock.sleep(event.seconds)


def _jump(world: World, event: Event) -> None:
    world.clock.jump(event.seconds)
    world.known.jumped = world.carrier_clock.now()


def _rival(world: World, event: Event) -> None:
    entry = _entry(world, event)
    carrier = _seller(world, entry.account)
    if carrier is not None and carrier.offered(entry.tn):
        carrier.rival_buys(entry.tn)
        _touched(world, entry.account, entry.tn)


def _portal_buy(world: World, event: Event) -> None:
    entry = _entry(world, event)
    carrier = _seller(world, entry.account)
    if carrier is not None and carrier.offered(entry.tn):
        carrier.portal_buy(entry.tn)
        _touched(world, entry.account, entry.tn)


def _portal_release(world: World, event: Event) -> None:
    entry = _entry(world, event)
    carrier = _seller(world, entry.account)
    if carrier is not None and entry.tn in carrier.owned():
        carrier.portal_release(entry.tn)
        _touched(world, entry.account, entry.tn)


def _portal_sms(world: World, event: Event) -> None:
    tn, carrier = _entry(world, event).tn, world.sandbox.intelepeer("ip")
    if tn in carrier.book["numbers"]:
        carrier.portal_disable(tn)


def _portal_hook(world: World, event: Event) -> None:
    tn, carrier = _entry(world, event).tn, world.sandbox.intelepeer("ip")
    if tn in carrier.book["numbers"]:
        carrier.portal_set_webhook(tn, ELSEWHERE)


def _edit(world: World, event: Event) -> None:
    world.configure(event.entries)


def _resize(world: World, event: Event) -> None:
    world.resize(event.number)


def _rival_at_the_pool(world: World, _event: Event) -> None:
    if world.pool is None:
        return
    carrier = _seller(world, world.pool.account)
    if carrier is not None:
        first = next(tn for tn in world.pool.stock() if carrier.offered(tn))
        carrier.rival_buys(first)
        _touched(world, world.pool.account, first)


def _save(world: World, _event: Event) -> None:
    world.saved = world.plan()


def _lose(world: World, _event: Event) -> None:
    world.carrier_clock.sleep(LAGS)
    world.replace_records(NO_RECORDS)


def _restore(world: World, _event: Event) -> None:
    world.carrier_clock.sleep(LAGS)
    world.replace_records(world.images[0])


_HAPPENINGS: dict[Kind, Callable[[World, Event], None]] = {
    Kind.SLEEP: _sleep,
    Kind.JUMP: _jump,
    Kind.RIVAL: _rival,
    Kind.PORTAL_BUY: _portal_buy,
    Kind.PORTAL_RELEASE: _portal_release,
    Kind.PORTAL_SMS: _portal_sms,
    Kind.PORTAL_HOOK: _portal_hook,
    Kind.EDIT: _edit,
    Kind.RESIZE: _resize,
    Kind.RIVAL_AT_THE_POOL: _rival_at_the_pool,
    Kind.SAVE: _save,
    Kind.LOSE: _lose,
    Kind.RESTORE: _restore,
}


def happen_midcall(world: World, process: Process, event: Event) -> None:
    """Let ``event`` happen while ``process`` waits for a carrier's answer."""
    world.checkers.happened(event.kind)
    world.census.events[f"midcall: {event.kind}"] += 1
    world.tell(f"  midcall: {event.kind}")
    match event.kind:
        case Kind.SECOND_APPLY:
            _second_apply(world, process)
        case Kind.STEAL:
            _steal(world, process)
        case Kind.TAKEOVER:
            world.unlock()
            process.robbed = True
            world.apply(Run(wait=0, allow=process.run.allow, host="gamma"))
        case Kind.STOP:
            process.stop()
        case Kind.PAUSE | Kind.PAUSE_FOR_AN_APPLY:
            world.carrier_clock.pass_by(2 * LEASE.total_seconds())
            process.robbed = True
            if event.kind is Kind.PAUSE_FOR_AN_APPLY:
                world.apply(Run(wait=0, allow=process.run.allow, host="gamma"))
        case _:
            _HAPPENINGS[event.kind](world, event)


def _second_apply(world: World, process: Process) -> None:
    """Another host applies: in vain, unless the lease of the first has run out while it heard nothing of a carrier."""
    if world.scene.shards and (other := _elsewhere(world, process)):
        in_the_way = list(world.records.holders({other}))  # what a run has left there that died on another host
        ended = world.apply(Run(host="gamma", only=other))
        if isinstance(ended.error, LockedError) and not isinstance(ended.error, LockLostError) and not in_the_way:
            world.checkers.false(f"a run over {other} beside one over {sorted(process.accounts)} ended with {ended}")
        return
    holder = next(world.records.holders(process.accounts), None)
    over = holder is None or world.clock.now() >= datetime.fromisoformat(holder.expires_at)
    process.robbed = process.robbed or over
    ended = world.apply(Run(host="gamma"))
    if over:
        return
    if not isinstance(ended.error, LockedError) or isinstance(ended.error, LockLostError):
        world.checkers.false(f"a second apply beside the first ended with {ended}")


def _elsewhere(world: World, process: Process) -> str:
    """An account that a run could be about without touching any of those of ``process``; empty where there is none."""
    with Store.open(world.records.url, world.clock, create=False) as store:
        for account in world.scene.accounts:
            if process.accounts.isdisjoint({*world.in_use(store, account), *ALL}):
                return account
    return ""


def _steal(world: World, process: Process) -> None:
    """Somebody breaks the lock and takes it, and does nothing with it."""
    world.unlock()
    process.robbed = True
    with VirtualStore.as_process(STRANGER, world.records.url, world.clock, create=False) as store:
        store.acquire(timedelta(0))
        store.release()
