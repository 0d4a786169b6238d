"""The books of one account: sections of records by key, which know what changed since they were last written down.

A record is a JSON-able value that is replaced and never changed in place, so that setting or removing a key is all
that can happen to a section, and the changes of one exchange cost what that exchange changed, however large the books.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

Plain = dict[str, dict[str, Any]]
"""Section -> key -> record."""


@dataclass(frozen=True, slots=True)
class BookChange:
    """What changed in a book; a record that is gone is None. ``whole``: there is nothing in the book but this."""

    whole: bool
    sections: Mapping[str, Mapping[str, Any]]


class BookSection(MutableMapping[str, Any]):
    """Records by key."""

    def __init__(self, records: Mapping[str, Any]) -> None:
        self._records = dict(records)
        self._changed: dict[str, None] = {}

    def __getitem__(self, key: str) -> Any:
        return self._records[key]

    def __setitem__(self, key: str, record: Any) -> None:
        self._records[key] = record
        self._changed[key] = None

    def __delitem__(self, key: str) -> None:
        del self._records[key]
        self._changed[key] = None

    def __iter__(self) -> Iterator[str]:
        return iter(self._records)

    def __len__(self) -> int:
        return len(self._records)

    def plain(self) -> dict[str, Any]:
        """A copy."""
        return dict(self._records)

    def take_in(self, records: Mapping[str, Any]) -> None:
        """Make changes that are written down already."""
        merge(self._records, records)

    def take_changes(self) -> dict[str, Any]:
        """What changed since the last time."""
        changes = {key: self._records.get(key) for key in self._changed}
        self._changed.clear()
        return changes


class Book:
    """An account's sections by name. ``fresh``: nobody has written any of it down, so its first change is all of it."""

    def __init__(self, sections: Mapping[str, Mapping[str, Any]], *, fresh: bool = False) -> None:
        self._sections = {name: BookSection(records) for name, records in sections.items()}
        self._fresh = fresh

    @classmethod
    def copied(cls, sections: Mapping[str, Mapping[str, Any]]) -> Book:
        """A book with the same records, all of which are to be written down."""
        book = cls(sections, fresh=True)
        for section in book._sections.values():
            section.update(section.plain())
        return book

    def __getitem__(self, section: str) -> BookSection:
        return self._sections[section]

    @property
    def is_fresh(self) -> bool:
        """Whether nobody has written any of it down."""
        return self._fresh

    def plain(self) -> Plain:
        """A copy."""
        return {name: section.plain() for name, section in self._sections.items()}

    def take_changes(self) -> BookChange | None:
        """What changed since the last time, or since :meth:`take_in`; None when nothing did."""
        changes = {name: section.take_changes() for name, section in self._sections.items()}
        if not any(changes.values()):
            return None
        whole, self._fresh = self._fresh, False
        return BookChange(
            whole, self.plain() if whole else {name: records for name, records in changes.items() if records}
        )

    def take_in(self, change: BookChange) -> None:
        """Make a change that another book of the account told of."""
        if change.whole:
            self._sections = {name: BookSection(records) for name, records in change.sections.items()}
        else:
            for name, records in change.sections.items():
                self._sections[name].take_in(records)
        self._fresh = False


def merge(into: dict[str, Any], records: Mapping[str, Any]) -> None:
    """Set the records that changed, and remove those that are gone."""
    for key, record in records.items():
        if record is None:
            into.pop(key, None)
        else:
            into[key] = record
