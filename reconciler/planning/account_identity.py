"""Whether an account is the one that the records are of, or another that the configuration calls by its name.

A base URL, an API's path or a name that changes may lead to another account. What that one does not show proves
nothing: the number may be owned, and go on costing, where it was bought. So the records keep the *site* of an
account's numbers, its name and URL, and as long as they are of another:

=====================  ==================================================================================
its numbers            then it is
=====================  ==================================================================================
are all shown          the same account at a new site, which an apply remembers
are not all shown,     strange: what it lacks is not gone, nothing is bought, changed or released there, and no
or one has an open     record of its numbers is dropped
order at another URL
=====================  ==================================================================================

An account that has no call to show numbers cannot be told from another, and proves nothing either way: its numbers are
of every site that it has had.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from reconciler.model import Address, Kind, Site, StateSnapshot, slots
from reconciler.model.fleet import Account
from reconciler.planning.compare import World


def to_be_judged(accounts: Iterable[Account], state: StateSnapshot, asked: Collection[str]) -> list[Address]:
    """The numbers that a run which has ``asked`` accounts for something reads besides: all those of another site."""
    moved = [a.name for a in accounts if a.name in asked and _has_moved(a, state)]
    return [address for account in moved for address in _numbers(state, account)]


def strange(accounts: Iterable[Account], world: World) -> dict[str, str]:
    """Account -> what is known of it, for those whose numbers are of another site and were not all seen, or that have
    an open order elsewhere: one more would be of the one site or the other."""
    found: dict[str, str] = {}
    for account in accounts:
        orders = _open_orders(world.state, account.name) if _is_elsewhere(account, world.state) else []
        if orders:
            found[account.name] = f"{orders[0]} has an open outcome, {_sent_elsewhere(account, world.state)}"
        elif _has_moved(account, world.state) and _is_read(world, account.name) and (lacks := _unseen(world, account)):
            found[account.name] = _words(account, world.state, lacks)
    return found


def settled(accounts: Iterable[Account], world: World) -> dict[str, tuple[Site, ...]]:
    """Account -> its sites from now on, for those of which that is another than what is on record."""
    now = {account.name: _sites_now(account, world) for account in accounts if _has_numbers(world, account.name)}
    return {name: of for name, of in now.items() if of != world.state.sites.get(name, ())}


def _sites_now(account: Account, world: World) -> tuple[Site, ...]:
    """Its sites, the last of them that to which orders go.

    The one of now alone, once all its numbers were seen there; one that shows none keeps all that it has had. Records
    that are older than their knowledge of sites believe the first at which something of theirs is seen.
    """
    known, here = world.state.sites.get(account.name, ()), (account.site,)
    if known == here or (known and _open_orders(world.state, account.name)):
        return known
    numbers = _numbers(world.state, account.name)
    if not _is_read(world, account.name):
        return _at_last(known, account) if numbers else here
    missing = _unseen(world, account)
    return here if not missing or (not known and len(missing) < len(numbers)) else known


def _at_last(known: tuple[Site, ...], account: Account) -> tuple[Site, ...]:
    return (*(site for site in known if site != account.site), account.site)


def with_site(account: Account, state: StateSnapshot) -> dict[str, tuple[Site, ...]]:
    """Account -> its sites, once a person has said that a number is ours there; orders go where they went."""
    known = state.sites.get(account.name, ())
    return {} if account.site in known else {account.name: (account.site, *known)}


def elsewhere(accounts: Iterable[Account], state: StateSnapshot) -> dict[str, str]:
    """Account -> what to do about an open order that was sent to another URL than it has now; none for the others."""
    return {
        account.name: f"but {_sent_elsewhere(account, state)}, which proves nothing: "
        "write the account as it was until that is settled"
        for account in accounts
        if _is_elsewhere(account, state)
    }


def _has_moved(account: Account, state: StateSnapshot) -> bool:
    """Whether a number on record is of another site."""
    return any(site != account.site for site in state.sites.get(account.name, ()))


def _is_elsewhere(account: Account, state: StateSnapshot) -> bool:
    """Whether orders went to another URL than the account has now."""
    known = state.sites.get(account.name, ())
    return bool(known) and known[-1].url != account.site.url


def _sent_elsewhere(account: Account, state: StateSnapshot) -> str:
    return f"it was sent to {state.sites[account.name][-1].url}, and {account.name} is at {account.site.url} now"


def _other_urls(account: Account, state: StateSnapshot) -> list[str]:
    """Where the calls went by which the account's numbers on record were bought or seen, if not to its URL of now."""
    return sorted({site.url for site in state.sites.get(account.name, ())} - {account.site.url})


def _open_orders(state: StateSnapshot, account: str) -> list[Address]:
    """The numbers there whose purchase or release has an open outcome."""
    return [i.address for i in state.open_intents if i.account == account and (i.purchase or i.release)]


def _numbers(state: StateSnapshot, account: str) -> list[Address]:
    """The numbers on record there, and those that a pool gave up and that may go on costing."""
    given_up = set(slots.given_up(state).values())
    return sorted(
        address
        for address, record in state.records.items()
        if record.account == account and address.kind is Kind.NUMBER and (not record.tombstone or address in given_up)
    )


def _has_numbers(world: World, account: str) -> bool:
    caps = world.capabilities.get(account)
    return caps is not None and Kind.NUMBER in caps.kinds


def _is_read(world: World, account: str) -> bool:
    """Whether the account has a call that shows numbers."""
    caps = world.capabilities.get(account)
    return caps is None or Kind.NUMBER in caps.reads


def _unseen(world: World, account: Account) -> list[Address]:
    """The numbers on record at ``account`` that it could show, and has not shown."""
    seen = world.observation(account.name)
    return [a for a in _numbers(world.state, account.name) if a not in seen.found and a not in seen.unobservable]


def _words(account: Account, state: StateSnapshot, missing: list[Address]) -> str:
    urls = _other_urls(account, state)
    names = sorted({site.account for site in state.sites[account.name]} - {account.name})
    if urls:
        message = f"{account.name} is at {account.site.url} now, and its numbers on record are of {', '.join(urls)}"
    else:
        message = f"{account.name} has the records of {', '.join(names)}"
    more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
    return f"{message}, of which {missing[0].name}{more} was not seen there"
