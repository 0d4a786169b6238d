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

An account that has no call to show numbers cannot be told from another, and proves nothing either way: its numbers are
of every site that it has had.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from reconciler import slots
from reconciler.diff import World
from reconciler.model import Address, Intent, Kind, Memory, Site
from reconciler.settings import Account


def to_be_judged(accounts: Iterable[Account], memory: Memory, asked: Collection[str]) -> list[Address]:
    """The numbers that a run which has ``asked`` accounts for something reads besides: all those of another site."""
    moved = {a.name for a in accounts if a.name in asked and memory.sites.get(a.name, frozenset()) - {a.site}}
    return [address for account in moved for address in _numbers(memory, account)]


def strange(accounts: Iterable[Account], world: World) -> dict[str, str]:
    """Account -> what is known of it, for those whose numbers are of another site and were not all seen."""
    found: dict[str, str] = {}
    for account in accounts:
        known = world.memory.sites.get(account.name, frozenset())
        if known - {account.site} and _is_read(world, account.name) and (missing := _unseen(world, account.name)):
            found[account.name] = _words(account, world.memory, missing)
    return found


def settled(accounts: Iterable[Account], world: World) -> dict[str, frozenset[Site]]:
    """Account -> its sites from now on, for those of which that is another than what is on record."""
    now = {account.name: _sites_now(account, world) for account in accounts if _has_numbers(world, account.name)}
    return {name: of for name, of in now.items() if of != world.memory.sites.get(name, frozenset())}


def _sites_now(account: Account, world: World) -> frozenset[Site]:
    """Its site of now once all its numbers were seen there; one that shows none is at any where its calls went."""
    known, here = world.memory.sites.get(account.name, frozenset()), frozenset({account.site})
    if known == here:
        return known
    numbers = _numbers(world.memory, account.name)
    if any(order.provider == account.name for order in _open_orders(world.memory)):
        return known
    if not _is_read(world, account.name):
        return known | here if numbers else here
    missing = _unseen(world, account.name)
    first = not known and len(missing) < len(numbers)  # the records are older than their knowledge of sites
    return here if first or not missing else known


def with_site(account: Account, memory: Memory) -> dict[str, frozenset[Site]]:
    """Account -> its sites, once a person has said that a number is ours there."""
    return {account.name: memory.sites.get(account.name, frozenset()) | {account.site}}


def is_elsewhere(account: Account, memory: Memory) -> bool:
    """Whether no call about the account's numbers on record ever went to the URL that it has now."""
    known = memory.sites.get(account.name, frozenset())
    return bool(known) and account.site.url not in {site.url for site in known}


def elsewhere(accounts: Iterable[Account], memory: Memory) -> dict[str, str]:
    """Account -> what to do about an open order that was sent to another URL than it has now; none for the others."""
    return {
        account.name: f"but it was sent to {', '.join(other_urls(account, memory))}, and {account.name} is at "
        f"{account.site.url} now, which proves nothing: write the account as it was until that is settled"
        for account in accounts
        if is_elsewhere(account, memory)
    }


def other_urls(account: Account, memory: Memory) -> list[str]:
    """Where the calls went by which the account's numbers on record were bought or seen, if not to its URL of now."""
    return sorted({site.url for site in memory.sites.get(account.name, ())} - {account.site.url})


def _open_orders(memory: Memory) -> Iterable[Intent]:
    return (intent for intent in memory.open_intents if intent.purchase or intent.release)


def _numbers(memory: Memory, account: str) -> list[Address]:
    """The numbers on record there, and those that a pool gave up and that may go on costing."""
    given_up = set(slots.given_up(memory).values())
    return sorted(
        address
        for address, record in memory.records.items()
        if record.provider == account and address.kind is Kind.NUMBER and (not record.gone or address in given_up)
    )


def _has_numbers(world: World, account: str) -> bool:
    caps = world.capabilities.get(account)
    return caps is not None and Kind.NUMBER in caps.kinds


def _is_read(world: World, account: str) -> bool:
    """Whether the account has a call that shows numbers."""
    caps = world.capabilities.get(account)
    return caps is None or Kind.NUMBER in caps.reads


def _unseen(world: World, account: str) -> list[Address]:
    """The numbers on record at ``account`` that it could show, and has not shown."""
    seen = world.observation(account)
    return [a for a in _numbers(world.memory, account) if a not in seen.found and a not in seen.unobservable]


def _words(account: Account, memory: Memory, missing: list[Address]) -> str:
    urls = other_urls(account, memory)
    names = sorted({site.account for site in memory.sites[account.name]} - {account.name})
    if urls:
        words = f"{account.name} is at {account.site.url} now, and its numbers on record are of {', '.join(urls)}"
    else:
        words = f"{account.name} has the records of {', '.join(names)}"
    more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
    return f"{words}, of which {missing[0].name}{more} was not seen there"
