"""What a run has read of the records under its lock, and how far it still stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reconciler.model import Address, Kind, Memory

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass
class Known:
    """``memory`` is what was read when this run had begun ``changes`` writes.

    Of the records that it has written since, only a new read tells; nobody else may write of its accounts.
    """

    memory: Memory
    changes: int
    released: Mapping[str, int] | None = None
    """Number -> how often it was released for good; None while that was not read."""
    _written: set[Address] = field(default_factory=set)

    def written(self, addresses: Iterable[Address]) -> None:
        """Records of these may be others by now."""
        self._written.update(addresses)

    def tells(self, address: Address) -> bool:
        """Whether the record of ``address`` is still what was read. A slot's changes with its number's."""
        return address not in self._written and address.kind is not Kind.SLOT
