"""What can be asked of the records without the lock: each answer is as of one moment, beside any apply."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

import rfc8785
from sqlalchemy import select

from reconciler.errors import IntegrityError
from reconciler.model import NOTHING, Address, Intent, Kind, LedgerEntry, Price, Record, Resolution, StateSnapshot
from reconciler.state import accounts, claims, intents, ledger, past, plans, records
from reconciler.state.tables import meta

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from reconciler.model import PlanStatus
    from reconciler.state.database import Database
    from reconciler.state.intents import Closing
    from reconciler.state.opening import Identity
    from reconciler.state.past import Past


_EVERY_META = select(meta)

Naming = TypeVar("Naming", Record, Intent, LedgerEntry, Resolution)
"""What names an account."""


class Reader:
    """The reading side of a store. Any failure of the database, and any damage found, is a StateError."""

    def __init__(self, database: Database, identity: Identity, *, exists: bool) -> None:
        self.exists = exists
        self.lineage = identity.lineage
        self.fleet = identity.fleet
        self._sandbox = identity.sandbox
        self._key = identity.key
        self._database = database
        self._moves: Mapping[str, str] = {}
        self._types: Mapping[str, str] = {}

    def read_as(self, moves: Mapping[str, str], types: Mapping[str, str] = NOTHING) -> None:
        """Read what stands under an account's former name as standing under its name: ``moves`` is old -> new.

        ``types``: account -> its type, as it is declared.
        """
        self._moves, self._types = dict(moves), dict(types)

    def _claimed(self, connection: Connection) -> dict[tuple[str, str], str]:
        """What other records of the database hold, by the accounts that these have."""
        held = claims.others(connection)
        kinds = self._carriers(connection) if held else {}
        return {(a, tn): rival for a, mine in kinds.items() for (kind, tn), rival in held.items() if kind == mine}

    def _carriers(self, connection: Connection) -> dict[str, str]:
        """Account -> the type of its carrier, as claims tell them apart: the sandbox's are others than real ones."""
        world = "sandbox " if self._sandbox else ""
        known = {**accounts.types(connection), **self._types}
        return {account: world + type_ for account, type_ in known.items()}

    def left_behind(self) -> dict[str, str]:
        """Former name -> name of the accounts of which something still stands under the former one."""
        if not self._moves:
            return {}
        with self._database.reading() as connection:
            return accounts.left_behind(connection, self._moves)

    def merging(self) -> set[str]:
        """The names of accounts that are to take records along and have some of their own."""
        if not (left := self.left_behind()):
            return set()
        with self._database.reading() as connection:
            return accounts.holding(connection, set(left.values()))

    def _as_named(self, found: Iterable[Naming]) -> list[Naming]:
        """``found``, under the names that the accounts have now."""
        if not self._moves:
            return list(found)
        return [replace(one, account=self._moves.get(one.account, one.account)) for one in found]

    def refuse_other_world(self, *, sandbox: bool) -> None:
        """Raise IntegrityError where real carriers would meet the sandbox's records, or the sandbox real ones."""
        if self.exists and self._sandbox is not sandbox:
            ours, theirs = ("sandbox's", "the carriers'") if self._sandbox else ("carriers'", "the sandbox's")
            raise IntegrityError(
                f"these records are the {ours}, and this run is {theirs}: they would mix",
                hint="name other records with `--state` or TNCTL_STATE, or leave those off"
                + ("" if sandbox else "; is --sandbox missing?"),
            )

    def refuse_other_fleet(self, name: str) -> None:
        """Raise IntegrityError where the configuration is of another fleet than these records.

        ``name`` is its ``fleet:``, empty where it has none. Records without a name take anybody's, until
        :meth:`~reconciler.state.store.Store.remember_fleet` gives them one::

            records       no fleet:      fleet: support   fleet: sales
            no name       theirs         theirs           theirs
            support       refused        theirs           refused
        """
        if self.fleet in ("", name):
            return
        named = f"is of the fleet {name}" if name else "names no fleet"
        raise IntegrityError(
            f"these records are of the fleet {self.fleet}, and the configuration {named}: each would release the "
            "other's numbers",
            hint=f"name this configuration's own records with `--state` or `state:`; if it is the fleet {self.fleet}, "
            f"write `fleet: {self.fleet}` into it",
        )

    @property
    def serial(self) -> int:
        """Rises with each run that begins to write."""
        with self._database.reading() as connection:
            return plans.serial(connection)

    def snapshot(self) -> StateSnapshot:
        """Every record and open intent, as of one moment."""
        with self._database.reading() as connection:
            every = records.read_all(connection)
            if self._moves:
                every = dict(zip(every, self._as_named(every.values()), strict=True))
            values = {row.key: row.value for row in connection.execute(_EVERY_META)}
            slots = {address: record for address, record in every.items() if address.kind is Kind.SLOT}
            for address in slots:
                del every[address]
            return StateSnapshot(
                lineage=self.lineage,
                serial=plans.serial_in(values),
                records=MappingProxyType(every),
                open_intents=tuple(self._as_named(intents.read_open(connection))),
                slots=MappingProxyType(slots),
                new=not (every or slots) and plans.nothing_done(connection),
                claimed=MappingProxyType(self._claimed(connection)),
                account_types=MappingProxyType(accounts.types_in(values)),
                sites=MappingProxyType(accounts.joined(accounts.sites_in(values), self._moves)),
            )

    @property
    def is_new(self) -> bool:
        """Whether nothing was ever recorded in them by an apply or a person."""
        with self._database.reading() as connection:
            return plans.nothing_done(connection)

    def record(self, address: Address) -> Record | None:
        """The record of ``address``, if there is one."""
        with self._database.reading() as connection:
            found = records.read(connection, address)
            return None if found is None else self._as_named([found])[0]

    def open_intents(self, address: Address | None = None) -> list[Intent]:
        """The open intents, or those that name ``address``, oldest first; no records are read."""
        with self._database.reading() as connection:
            return self._as_named(intents.read_open(connection, address))

    def history(self, address: Address) -> list[Intent]:
        """All intents of ``address``, closed ones too, oldest first."""
        with self._database.reading() as connection:
            return self._as_named(intents.read_of(connection, address))

    def closing(self, intent: Intent) -> Closing | None:
        """How ``intent`` ended; None while it is open."""
        with self._database.reading() as connection:
            return intents.read_closing(connection, intent)

    def ledger(self) -> list[LedgerEntry]:
        """Every number bought or released for good, oldest first."""
        with self._database.reading() as connection:
            return self._as_named(ledger.read(connection))

    def past(self) -> Past:
        """What was ever bought from these records, and what they began with."""
        with self._database.reading() as connection:
            found = past.read(connection)
        return found._replace(bought_at=frozenset(self._moves.get(name, name) for name in found.bought_at))

    def prices_paid(self) -> dict[Address, Price]:
        """Number -> what its latest purchase cost, for those whose price is known."""
        with self._database.reading() as connection:
            return ledger.prices_paid(connection)

    def resolutions(self, address: Address) -> list[Resolution]:
        """What persons settled of ``address``, oldest first."""
        with self._database.reading() as connection:
            return self._as_named(plans.read_resolutions(connection, address))

    def plan_status(self, plan_id: str) -> PlanStatus | None:
        """How the plan's last run ended; None for a plan that never ran. A crash leaves ``running``."""
        with self._database.reading() as connection:
            return plans.status(connection, plan_id)

    def plan_outcomes(self, plan_id: str) -> dict[Address, str]:
        """How far the plan came, by address."""
        with self._database.reading() as connection:
            return plans.outcomes(connection, plan_id)

    def generation(self, address: Address) -> int:
        """How often ``address`` was released for good."""
        return self._of_numbers([address])[0]

    def reference(self, provider_type: str, account: str, addresses: Sequence[Address]) -> str:
        """Our own mark on an order: 24 characters of ``[a-z2-7]``, the same after any restart.

        It depends on lineage, carrier, account, addresses (which hold the TNs) in any order, and generations.
        """
        ordered = sorted(addresses)
        parts: list[Any] = [
            self.lineage,
            provider_type,
            account,
            [str(address) for address in ordered],
            self._of_numbers(ordered),
        ]
        digest = hashlib.sha256(rfc8785.dumps(parts)).digest()
        return base64.b32encode(digest).decode().lower()[:24]

    def _of_numbers(self, addresses: Sequence[Address]) -> list[int]:
        """How often each of them was released for good; only numbers ever are."""
        numbers = [address.name for address in addresses if address.kind is Kind.NUMBER]
        counts = dict(zip(numbers, self._generations(numbers), strict=True)) if numbers else {}
        return [counts[a.name] if a.kind is Kind.NUMBER else 0 for a in addresses]

    def _generations(self, numbers: Sequence[str]) -> list[int]:
        with self._database.reading() as connection:
            return ledger.generations(connection, numbers)

    def fingerprint(self, value: Any) -> str:
        """``hmac:`` and the HMAC-SHA256 of ``value`` (JSON types) as canonical JSON, under our key."""
        return "hmac:" + hmac.new(self._key, rfc8785.dumps(value), hashlib.sha256).hexdigest()
