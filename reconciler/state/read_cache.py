"""What a run has read of the records under its lock, and how far it still stands: until it writes, as nobody else may.

Without the lock everything is read anew each time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reconciler.model import Address, Intent, Kind, Record, StateSnapshot
from reconciler.state import ledger
from reconciler.state.reader import Reader

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from reconciler.state.database import Database
    from reconciler.state.guard import Guard
    from reconciler.state.opening import Identity


@dataclass
class _Known:
    """``state`` is what was read when this run had begun ``changes`` writes."""

    state: StateSnapshot
    changes: int
    written: set[Address] = field(default_factory=set)
    """The records that it has written since: of them only a new read tells."""
    released: Mapping[str, int] | None = None
    """Number -> how often it was released for good; None while that was not read."""


class Recollection(Reader):
    """A reader that remembers, while ``guard`` holds the lock."""

    def __init__(self, database: Database, identity: Identity, guard: Guard, *, exists: bool) -> None:
        super().__init__(database, identity, exists=exists)
        self._guard = guard
        self._known: _Known | None = None

    def snapshot(self) -> StateSnapshot:
        """Every record and open intent, as of one moment."""
        if not self._guard.held:
            return super().snapshot()
        known = self._unchanged()
        if known is None:
            known = self._known = _Known(super().snapshot(), self._guard.changes)
        return known.state

    def record(self, address: Address) -> Record | None:
        """The record of ``address``, if there is one. A slot's changes with its number's: it is always read."""
        known = self._held()
        if known is None or address in known.written or address.kind is Kind.SLOT:
            return super().record(address)
        return known.state.records.get(address)

    def open_intents(self, address: Address | None = None) -> list[Intent]:
        """The open intents, or those that name ``address``, oldest first."""
        known = self._unchanged()
        if known is None:
            return super().open_intents(address)
        return [i for i in known.state.open_intents if address is None or address in i.addresses]

    def _generations(self, numbers: Sequence[str]) -> list[int]:
        known = self._held()
        if known is None:
            return super()._generations(numbers)
        if known.released is None:
            with self._database.reading() as connection:
                known.released = ledger.released(connection)
        return [known.released.get(number, 0) for number in numbers]

    def _forget(self) -> None:
        """Read everything anew."""
        self._known = None

    def _is_written(self, addresses: Iterable[Address], *, released: bool = False) -> None:
        """Read these records anew, and generations once a number was ``released``."""
        if self._known is not None:
            self._known.written.update(addresses)
            if released:
                self._known.released = None

    def _held(self) -> _Known | None:
        """What was read under the lock that is held now."""
        return self._known if self._guard.held else None

    def _unchanged(self) -> _Known | None:
        """Likewise, where nothing was written since."""
        known = self._held()
        return known if known is not None and known.changes == self._guard.changes else None
