"""``state resolve``: a person's word on what no read can settle, kept with who said it and on what evidence.

=====================  ============================================================================
as ``owned``           the record afterwards
=====================  ============================================================================
an open purchase       what was ordered, so that what was declared since shows as a change
on record, declared    the same, as the configuration declares it: a person has seen to that at the carrier
on record              as it was
declared               as the configuration declares it, or the pool whose slot it has
none of these          bare: the next plan will want to give it up
=====================  ============================================================================

As ``not-owned`` there is no record afterwards. Either way an open outcome is settled; one that may still land is
settled with a warning, since nothing names the number then.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from reconciler.clock import stamp
from reconciler.errors import UsageError
from reconciler.model import Address, Kind, Origin, Record, Resource, StateSnapshot, revealed, shown
from reconciler.model.fleet import Account, Fleet
from reconciler.planning import account_identity
from reconciler.planning.open_orders import processed
from reconciler.pools.desired import on_record
from reconciler.providers import registry
from reconciler.state.store import Store


@dataclass(frozen=True, slots=True)
class Statement:
    """What a person says of an object: whether it is ours, how that is known, and who says so. ``account``: where it
    is, if the configuration and the records do not tell."""

    owned: bool
    evidence: str
    who: str
    account: str | None = None


def settle_by_hand(fleet: Fleet, store: Store, address: Address, said: Statement) -> tuple[str, str]:
    """Take what is ``said`` of ``address`` into the records, under the lock: the account that it is at, and what may
    come of it that it is said not to be ours; empty where nothing may."""
    store.take_along()
    state = store.snapshot()
    want = on_record(fleet, state).desired.get(address)
    account = _account(fleet, state, address, want, said.account)
    if said.owned and account in fleet.accounts:
        _refuse_impossible(fleet.accounts[account], address)
    record = _record(store, state, address, want, account) if said.owned else None
    risk = "" if said.owned else _risk(state, address, account)
    store.resolve(address, account, owned=said.owned, evidence=said.evidence, who=said.who, record=record)
    if said.owned and address.kind is Kind.NUMBER and account in fleet.accounts:
        store.remember_sites(account_identity.with_site(fleet.accounts[account], state))
    return account, risk


def _risk(state: StateSnapshot, address: Address, account: str) -> str:
    """What may come of it that an order without an answer is settled as not ours; empty where there is none."""
    intent = state.open_purchase(address)
    if intent is None or not processed(intent):
        return ""
    sent = stamp(processed(intent)[-1].at)
    return (
        f"warning: the order of {address.name} that was sent {sent} had no answer, and {account} may still carry it "
        f"out: then the number is paid for, and nothing here names it any more. Look at the account again before you "
        f"let it be ordered anew; if it came, `tnctl state resolve {address} --as owned`."
    )


def _account(fleet: Fleet, state: StateSnapshot, address: Address, want: Resource | None, named: str | None) -> str:
    """The account that the object is at; raises UsageError where ``named`` contradicts what is known, or nothing is."""
    record = state.records.get(address)
    intents = (intent for intent in state.open_intents if address in intent.addresses)
    known = [thing.account for thing in (next(intents, None), record, want) if thing is not None]
    if named is None and not known:
        raise UsageError(
            f"neither the configuration nor our records know {address}",
            hint="name its account with --provider NAME",
        )
    if named is not None and known and named not in known:
        raise UsageError(f"{address} is at {known[0]}, not at {named}", hint="leave --provider off")
    if named is not None and named not in fleet.accounts:
        raise UsageError(f"the configuration has no account {named!r}", hint=f"there are: {', '.join(fleet.accounts)}")
    return named or known[0]


def _refuse_impossible(account: Account, address: Address) -> None:
    """Raise UsageError where no account of that carrier has such an object: as a record it would never come right."""
    kinds = registry.kinds_of(account)
    if address.kind not in kinds:
        raise UsageError(
            f"{account.name} is an {account.type} account, and has no {address.kind} that tnctl knows of",
            hint=f"what it can have: {', '.join(kind for kind in Kind if kind in kinds)}",
        )


def _record(store: Store, state: StateSnapshot, address: Address, want: Resource | None, account: str) -> Record | None:
    """What to remember of an object that is ours (see the table above); None: as it was."""
    present, intent = state.records.get(address), state.open_purchase(address)
    if present is not None and not present.tombstone and intent is None:
        if want is None or want.account != present.account:
            return None
        return replace(present, applied=shown(want.attrs), fingerprint=store.fingerprint(revealed(want.attrs)))
    if intent is not None:
        applied = sealed = dict(intent.order.attrs) if intent.order else {}
    elif want is not None:
        applied, sealed = shown(want.attrs), revealed(want.attrs)
    else:
        applied = sealed = {}
    return Record(
        address=address,
        account=account,
        origin=Origin.RESOLVED,
        applied=applied,
        fingerprint=store.fingerprint(sealed),
        labels=dict(want.labels) if want else {},
        protect=bool(want and want.protect),
    )
