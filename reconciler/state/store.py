"""The records as the rest of tnctl uses them: every write in one durable transaction under the lock's fence.

The order of an apply's commits is what makes a crash survivable: intent and attempt before the first byte of
a request, the outcome after it, and each of them refused when the lock is not ours any more.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Self

from reconciler.errors import StateError
from reconciler.model import (
    NOTHING,
    Action,
    Address,
    Intent,
    IntentStatus,
    Kind,
    Order,
    PlanStatus,
    Price,
    Record,
    Reply,
    Resolution,
    Site,
)
from reconciler.model.waits import Moment
from reconciler.state import accounts, claims, intents, past, plans, rows, tables
from reconciler.state import lock as locking
from reconciler.state import records as books
from reconciler.state.guard import Guard, OnCommit
from reconciler.state.intents import Closing
from reconciler.state.location import Location
from reconciler.state.opening import Identity, Token, new_token, open_database
from reconciler.state.process import Process
from reconciler.state.read_cache import Recollection
from reconciler.state.resolutions import resolve

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection

    from reconciler.clock import Clock
    from reconciler.state.database import Database
    from reconciler.state.lock import Lock


class Store(Recollection):
    """Records, intents, ledger, plans and the lock. Used from one thread; made by :meth:`open`.

    Reads are the :class:`~reconciler.state.reader.Reader`'s. Without the lock, writes raise LockLostError and write
    nothing.
    """

    def __init__(self, database: Database, identity: Identity, clock: Clock, guard: Guard, *, exists: bool) -> None:
        super().__init__(database, identity, guard, exists=exists)
        self._clock = clock

    @classmethod
    def open(
        cls,
        url: str,
        clock: Clock,
        *,
        create: bool,
        sandbox: bool = False,
        token: Token = new_token,
        on_commit: OnCommit = lambda _: None,
    ) -> Store:
        """The records at ``url``, made when missing and ``create``.

        Missing and not ``create``: an empty stand-in that cannot be locked, so not written (``exists`` is
        False); its lineage and key are new each time. ``sandbox``: records that are made are the sandbox's. Raises
        StateError for records that are not intact.
        """
        place = Location.parse(url)
        database, identity, exists = open_database(place, clock.now(), create=create, sandbox=sandbox, token=token)
        guard = Guard(database, clock, token, on_commit)
        return cls(database, identity, clock, guard, exists=exists)

    def close(self) -> None:
        """Close the connection. A lock still held ends by its lease, or at once when this process ends."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # The lock

    @contextmanager
    def locked(
        self, wait: timedelta = timedelta(0), process: Process | None = None, accounts: Collection[str] = locking.ALL
    ) -> Iterator[Lock]:
        """Hold the locks of ``accounts`` for ``process`` (this one); by default of all there may be.

        Waits up to ``wait`` for them, then raises LockedError.
        """
        lock = self.acquire(wait, process, accounts)
        try:
            yield lock
        finally:
            self.release()

    def acquire(
        self, wait: timedelta = timedelta(0), process: Process | None = None, accounts: Collection[str] = locking.ALL
    ) -> Lock:
        """Take the locks (see :meth:`locked`) until :meth:`release`."""
        if not self.exists:
            raise StateError("there are no records to write to", hint="`tnctl apply` makes them")
        self._forget()
        return self._guard.acquire(accounts, wait, process or Process.current())

    def release(self) -> None:
        """Give the locks back, if they are held."""
        self._forget()
        self._guard.release()

    @contextmanager
    def together(self) -> Iterator[None]:
        """Let all writes in here have one commit, at the end of it: call nobody in here who must find them durable."""
        with self._guard.together():
            yield

    def heartbeat(self) -> None:
        """A sign of life while waiting: renews the lease in time, raises LockLostError when it is lost."""
        self._guard.beat()

    def covers(self, account: str) -> bool:
        """Whether this run holds the lock of that account, so that its records may be written."""
        return self._guard.covers(account)

    def holders(self) -> list[Lock]:
        """The locks as they stand in the records, whoever holds them."""
        with self._database.reading() as connection:
            return locking.held(connection)

    def holder(self) -> Lock | None:
        """The lock that stands in the records, if there is one; the first of several."""
        return next(iter(self.holders()), None)

    def unlock(self, lock_id: str) -> bool:
        """Break the lock of that id, whoever holds it; whether it was held."""
        with self._database.writing() as connection:
            self._database.impatient(connection)
            return locking.break_lock(connection, lock_id)

    # The fleet

    def remember_fleet(self, name: str) -> None:
        """Let these be the records of the fleet ``name`` from now on; call it in an apply, under the lock.

        A fleet that they have stays: raises IntegrityError for another (see :meth:`refuse_other_fleet`), also where
        another apply gave them theirs since they were opened. An empty ``name`` names nothing.
        """
        if name and not self.fleet:
            with self._guard.writing("fleet") as connection:
                self.fleet = plans.name_fleet(connection, name)
        self.refuse_other_fleet(name)

    def remember_unfilled(self, pools: Iterable[str]) -> None:
        """Write which pools were declared as these records began, and had no number; see :meth:`past`."""
        with self._guard.writing("fleet") as connection:
            past.remember_unfilled(connection, pools)

    # Accounts

    def take_along(self) -> dict[str, str]:
        """Let what stands under accounts' former names (see :meth:`read_as`) stand under their names: old -> new.

        Only where both names are under the lock.
        """
        moves = {old: new for old, new in self.left_behind().items() if self.covers(old) and self.covers(new)}
        if moves:
            with self._guard.writing("record", {*moves, *moves.values()}) as connection:
                accounts.take_along(connection, moves)
                self._claim(connection)
            self._forget()
        return moves

    def remember_sites(self, now: Mapping[str, tuple[Site, ...]]) -> None:
        """Write which sites these accounts' numbers have from now on."""
        if now:
            with self._guard.writing("record", now.keys()) as connection:
                accounts.remember_sites(connection, now)

    # Claims

    def claim_all(self) -> str:
        """Let the claims say what these records manage; call it as an apply begins, under the lock.

        What to say of it, once: that this user may not use the table that they stand in. Empty otherwise.
        """
        if self._database.dialect == "sqlite":
            return ""
        with self._guard.writing("claims") as connection:
            if claims.prepare(connection):
                self._claim(connection)
                plans.unmark(connection, tables.UNCLAIMED)
                return ""
            return _UNCLAIMED if plans.mark(connection, tables.UNCLAIMED) else ""

    def _claim(self, connection: Connection, addresses: Iterable[Address] | None = None) -> None:
        """Let the claims of ``addresses`` (of all) follow what this transaction has written."""
        numbers = None if addresses is None else _claimable(addresses)
        if (numbers is None or numbers) and claims.are_kept(connection):
            claims.follow(connection, self._carriers(connection), numbers)

    def _claim_new(self, connection: Connection, addresses: Iterable[Address]) -> None:
        """Likewise of what was not ours before; raises ClaimedError where other records hold one of them."""
        numbers = _claimable(addresses)
        if numbers and claims.are_kept(connection):
            carriers = self._carriers(connection)
            claims.follow(connection, carriers, numbers)
            claims.refuse_rivals(connection, carriers, numbers)

    # Plans

    def start_plan(self, plan_id: str, digest: str, account_types: Mapping[str, str] = NOTHING) -> None:
        """Begin a run of the plan, or go on with it; raises StalePlanError for one that is finished.

        ``account_types``: account -> its type, to be remembered.
        """
        with self._guard.writing("plan") as connection:
            plans.start(connection, plan_id, digest, self._clock.now())
            accounts.remember_types(connection, account_types)

    def end_plan(self, plan_id: str, status: PlanStatus) -> None:
        """Write how the run ended."""
        with self._guard.writing("plan") as connection:
            plans.end(connection, plan_id, status, self._clock.now())

    def mark_done(self, plan_id: str, address: Address, result: str) -> None:
        """Write how far the plan came with ``address`` (a :class:`~reconciler.model.Result`)."""
        with self._guard.writing("plan") as connection:
            plans.mark_done(connection, plan_id, address, result)

    # Intents

    def open_intent(
        self,
        plan_id: str,
        account: str,
        action: Action,
        addresses: Sequence[Address],
        reference: str,
        external: Mapping[str, str],
        price: Price | None,
        *,
        order: Order | None = None,
        begin: bool = False,
    ) -> Intent:
        """Write a call that was decided on; ``begin`` writes its first attempt in the same commit.

        Raises StateError while a number in it has an open purchase or release, and ClaimedError where other records of
        the database hold what it is to make.
        """
        now = rows.to_the_second(self._clock.now())
        draft = Intent(
            0, plan_id, account, action, tuple(addresses), reference, external, now, price=price, order=order
        )
        with self._guard.writing("intent", {account}) as connection:
            intent = intents.open_intent(connection, draft)
            if action is Action.CREATE:
                self._claim_new(connection, addresses)
            begun = intents.add_attempt(connection, intent, now) if begin else intent
        return self._guard.begun.note(begun)

    def begin_attempt(self, intent: Intent) -> Intent:
        """Write the next try of ``intent``, before its first byte is sent."""
        with self._guard.writing("attempt", {intent.account}) as connection:
            begun = intents.begin_attempt(connection, intent, self._clock.now())
        return self._guard.begun.note(begun)

    def end_attempt(self, intent: Intent, reply: Reply) -> Intent:
        """Write what the last try of ``intent`` was answered."""
        self._guard.begun.answered(intent, reply)
        with self._guard.writing("outcome", {intent.account}) as connection:
            return intents.end_attempt(connection, intent, reply)

    def note_wait(self, intent: Intent, n: int, since: Moment) -> Intent:
        """Write from when the wait after attempt ``n`` counts, on both clocks."""
        with self._guard.writing("attempt", {intent.account}) as connection:
            return intents.note_wait(connection, intent, n, since)

    def need_person(self, intent: Intent, why: str) -> Intent:
        """Write why only a person can settle ``intent``, or an empty text where reads may again; it stays open."""
        with self._guard.writing("intent", {intent.account}) as connection:
            return intents.need_person(connection, intent, why)

    def close_intent(
        self,
        intent: Intent,
        status: IntentStatus,
        how: str,
        *,
        records: Sequence[Record] = (),
        drop: Sequence[Address] = (),
        spent: Price | None = None,
        instead: Address | None = None,
        evidence: str = "",
        who: str = "",
    ) -> None:
        """Settle ``intent`` and what follows from it in one commit.

        ``drop`` goes before ``records``. A purchase that is done enters the ledger at ``spent``, or at the
        price of the intent; ``instead`` is the number that it has bought in place of its own, which then enters it.
        """
        now = self._clock.now()
        with self._guard.writing("outcome", {intent.account, *_accounts(records)}) as connection:
            self._is_written([*drop, *(record.address for record in records)], released=intent.release)
            intents.close(connection, intent, Closing(status, now, how, evidence, who), spent, instead)
            books.drop(connection, drop)
            books.put(connection, records, now)
            self._claim(connection, {*intent.addresses, *drop, *(record.address for record in records)})

    def resolve(
        self,
        address: Address,
        account: str,
        *,
        owned: bool,
        evidence: str,
        who: str,
        record: Record | None = None,
    ) -> None:
        """Write what a person says of ``address``, and settle what is open of it (see ``resolutions.py``)."""
        with self._guard.writing("resolution", {account}) as connection:
            self._forget()
            resolution = Resolution(address, account, owned, evidence, who, self._clock.now())
            resolve(connection, resolution, record)
            if owned:
                self._claim_new(connection, [address])
            else:
                self._claim(connection, [address])

    # Records

    def put(self, changed: Iterable[Record], *, drop: Iterable[Address] = ()) -> None:
        """Write records whole; one without ``made_at`` keeps the moment that was recorded before.

        ``drop`` goes before them, in the same commit. Raises ClaimedError where one is new here, and other records of
        the database hold its number.
        """
        written, dropped = list(changed), list(drop)
        addresses = [record.address for record in written]
        with self._guard.writing("record", _accounts(written)) as connection:
            self._is_written([*dropped, *addresses])
            known = books.living(connection, addresses) if claims.are_kept(connection) else set()
            books.drop(connection, dropped)
            books.put(connection, written, self._clock.now())
            self._claim(connection, {*addresses, *dropped})
            self._claim_new(connection, {record.address for record in written if not record.tombstone} - known)

    def settle_slots(self, renamed: Mapping[Address, Address], freed: Sequence[Record]) -> None:
        """Give slots their new names (old -> new), and drop those that still have the number that they are freed of."""
        with self._guard.writing("record", _accounts(freed)) as connection:
            books.settle_slots(connection, renamed, freed, self._clock.now())

    def drop(self, addresses: Iterable[Address]) -> None:
        """Forget the records of ``addresses``."""
        dropped = list(addresses)
        with self._guard.writing("record") as connection:
            self._is_written(dropped)
            books.drop(connection, dropped)
            self._claim(connection, dropped)

    def move(self, old: Address, new: Address) -> None:
        """Let the record of ``old`` stand under ``new``; raises UsageError when that cannot be."""
        with self._guard.writing("record") as connection:
            self._forget()
            books.move(connection, old, new, self._clock.now())


_UNCLAIMED = (
    "claims are not kept: this user may neither use nor make the table tnctl_shared.claims, so that nothing keeps "
    "other records of this database from the same numbers; let the owner of the database run one apply, or GRANT this "
    "user CREATE on the database"
)


def _claimable(addresses: Iterable[Address]) -> set[str]:
    """The numbers among ``addresses`` that records claim."""
    return {address.name for address in addresses if address.kind in (Kind.NUMBER, Kind.SMS)}


def _accounts(records: Iterable[Record]) -> set[str]:
    """The accounts whose records those are."""
    return {record.account for record in records}
