"""Accounts and pools that have another name than before: what comes along, and what has come along already."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reconciler.errors import ConfigError
from reconciler.model import Address, Notice, StateSnapshot, slots
from reconciler.model.fleet import Account, Pool
from reconciler.state.lock import ALL
from reconciler.workflows.session import Session


def refuse_other_accounts(session: Session, state: StateSnapshot) -> None:
    """Raise ConfigError where the records under an account's name, or its former one, are of another carrier's, or
    would mix open orders of two accounts."""
    _refuse_other_types(session, state)
    _refuse_merged_orders(session, state)


def _refuse_other_types(session: Session, state: StateSnapshot) -> None:
    known, left = state.account_types, session.store.left_behind()
    held: dict[str, list[Address]] = {}
    for record in state.records.values():
        held.setdefault(record.account, []).append(record.address)
    for intent in state.open_intents:
        held.setdefault(intent.account, []).append(intent.address)
    wrong: list[str] = []
    for account in session.fleet.accounts.values():
        before = account.moved if account.moved in left else account.name
        type_ = known.get(before, account.type)
        if account.name in held and (type_ != account.type or _is_foreign(session, account, held[account.name])):
            wrong.append(_other_type(account, before, type_))
    if wrong:
        raise ConfigError(wrong, hint="write the account as it was, and give the other one a name of its own")


def _refuse_merged_orders(session: Session, state: StateSnapshot) -> None:
    merging = session.store.merging()
    wrong: list[str] = []
    for account in session.fleet.accounts.values():
        orders = [i.address for i in state.open_intents if i.account == account.name and (i.purchase or i.release)]
        place = f"{account.mark}: " if account.mark else ""
        if not orders or not (session.accounts >= ALL or account.name in session.accounts):
            continue
        if account.name in merging:
            wrong.append(
                f"{place}{account.name} has records of its own beside those of {account.moved}, and {orders[0]} has an "
                "open outcome: which account can tell of it is not known"
            )
    if wrong:
        hint = "write the account as it was until `tnctl apply` has settled that, or settle it yourself: "
        raise ConfigError(wrong, hint=f"{hint}tnctl state resolve ADDRESS --as owned|not-owned --evidence TEXT")


def _is_foreign(session: Session, account: Account, held: Iterable[Address]) -> bool:
    """Whether an account that has moved holds what its carrier has not."""
    provider = session.providers.get(account.name)
    if account.moved is None or provider is None:
        return False
    return any(address.kind not in provider.capabilities.kinds for address in held)


def _other_type(account: Account, before: str, type_: str) -> str:
    place = f"{account.mark}: " if account.mark else ""
    what = f"type {type_}" if type_ != account.type else "another type"
    return f"{place}{account.name} is of type {account.type}, and our records of {before} are of {what}"


def take_along(session: Session) -> list[str]:
    """Write the new names into the records; sentences about it. Under the lock."""
    return [
        f"account {old}: {new} in our records from now on; nothing changed at the carrier"
        for old, new in session.store.take_along().items()
    ]


def notices(session: Session, state: StateSnapshot) -> Iterator[Notice]:
    """What will come along at the next apply, and every ``moved`` that has nothing left to do."""
    left = session.store.left_behind()
    for account in session.fleet.accounts.values():
        if account.moved in left:
            message = f"account {account.moved} becomes {account.name} in our records at the next apply, without a call"
            yield Notice("info", message)
        elif account.moved is not None:
            yield Notice("info", _done("account", account))
    for pool in session.fleet.pools:
        if pool.moved is not None and not _has_slots(state, pool.moved):
            yield Notice("info", _done("pool", pool))


def _done(what: str, thing: Account | Pool) -> str:
    place = f", at {thing.mark}" if thing.mark else ""
    return f"`moved: {thing.moved}` of {what} {thing.name}{place}: nothing is on record under that name; take it out"


def _has_slots(state: StateSnapshot, pool: str) -> bool:
    return any(slots.split(slot)[0] == pool for slot in (*state.slots, *slots.ordered(state).values()))
