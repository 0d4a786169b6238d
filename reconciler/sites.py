"""Whether an account is the one that the records are of, or another that the configuration calls by its name.

A base URL, an API's path or a name that changes may lead to another account. What that one does not show proves
nothing: the number may be owned, and go on costing, where it was bought. So the records keep the *site* of an
account's numbers, its name and URL, and as long as they are of another:

=====================  ==================================================================================
its numbers            then it is
=====================  ==================================================================================
are all shown          the same account at a new site, which an apply remembers
are not all shown      strange: what it lacks is not gone, nothing is bought, changed or released there, and no
                       record of its numbers is dropped
=====================  ==================================================================================

An account that has no call to show numbers cannot be told from another, and proves nothing either way.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from reconciler.diff import World
from reconciler.model import Address, Intent, Kind, Memory, Record, Site
from reconciler.settings import Account


def to_be_judged(accounts: Iterable[Account], memory: Memory, asked: Collection[str]) -> list[Address]:
    """The numbers that a run which has ``asked`` accounts for something reads besides: all those of another site."""
    moved = {a.name for a in accounts if a.name in asked and memory.sites.get(a.name, frozenset()) - {a.site}}
    return [a for a, record in memory.records.items() if record.provider in moved and _is_held(record)] if moved else []


def strange(accounts: Iterable[Account], world: World) -> dict[str, str]:
    """Account -> what is known of it, for those whose numbers are of another site and were not all seen."""
    found: dict[str, str] = {}
    for account in accounts:
        known = world.memory.sites.get(account.name, frozenset())
        if known - {account.site} and (missing := _unseen(world, account.name)):
            found[account.name] = _words(account, world.memory, missing)
    return found


def settled(accounts: Iterable[Account], world: World) -> dict[str, frozenset[Site]]:
    """Account -> its site, for those whose numbers were all seen there and are not yet on record as such."""
    known = world.memory.sites
    return {
        account.name: frozenset({account.site})
        for account in accounts
        if _has_numbers(world, account.name)
        and known.get(account.name) != frozenset({account.site})
        and not _unseen(world, account.name)
        and not any(order.provider == account.name for order in _open_orders(world.memory))
    }


def other_urls(account: Account, memory: Memory) -> list[str]:
    """Where the calls went by which the account's numbers on record were bought or seen, if not to its URL of now."""
    return sorted({site.url for site in memory.sites.get(account.name, ())} - {account.site.url})


def _open_orders(memory: Memory) -> Iterable[Intent]:
    return (intent for intent in memory.open_intents if intent.purchase or intent.release)


def _is_held(record: Record) -> bool:
    return record.address.kind is Kind.NUMBER and not record.gone


def _has_numbers(world: World, account: str) -> bool:
    caps = world.capabilities.get(account)
    return caps is not None and Kind.NUMBER in caps.kinds


def _unseen(world: World, account: str) -> list[Address]:
    """The numbers on record at ``account`` that it could show, and has not shown."""
    caps, seen = world.capabilities.get(account), world.observation(account)
    if caps is not None and Kind.NUMBER not in caps.reads:
        return []
    held = (a for a, r in world.memory.records.items() if r.provider == account and _is_held(r))
    return sorted(address for address in held if address not in seen.found and address not in seen.unobservable)


def _words(account: Account, memory: Memory, missing: list[Address]) -> str:
    urls = other_urls(account, memory)
    names = sorted({site.account for site in memory.sites[account.name]} - {account.name})
    if urls:
        words = f"{account.name} is at {account.site.url} now, and its numbers on record are of {', '.join(urls)}"
    else:
        words = f"{account.name} has the records of {', '.join(names)}"
    more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
    return f"{words}, of which {missing[0].name}{more} was not seen there"
