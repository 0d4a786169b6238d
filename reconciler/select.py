"""``--only`` and ``--exclude``: which addresses a command looks at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from reconciler.errors import UsageError
from reconciler.model import Address


@dataclass(frozen=True, slots=True)
class Subject:
    """What a selector may look at."""

    address: Address
    provider: str
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Selection:
    """An address is in when it matches one of ``only`` (or there is none) and none of ``exclude``.

    A selector is an address glob (``*/+1720*``), ``provider=NAME`` or ``label.KEY=VALUE``.
    """

    only: Sequence[str] = ()
    exclude: Sequence[str] = ()

    def __post_init__(self) -> None:
        for selector in (*self.only, *self.exclude):
            _check(selector)

    def __bool__(self) -> bool:
        return bool(self.only or self.exclude)

    def pick(self, subjects: Iterable[Subject]) -> tuple[set[Address], int]:
        """The addresses that are in, and how many were left out."""
        known = list(subjects)
        chosen = {subject.address for subject in known if self._takes(subject)}
        return chosen, len(known) - len(chosen)

    def _takes(self, subject: Subject) -> bool:
        if self.only and not any(_matches(selector, subject) for selector in self.only):
            return False
        return not any(_matches(selector, subject) for selector in self.exclude)


def _check(selector: str) -> None:
    if not selector.startswith(("provider=", "label.")) and "/" not in selector and "*" not in selector:
        raise UsageError(
            f"{selector!r} selects nothing",
            hint="a selector is an address glob such as '*/+1720*', provider=NAME or label.KEY=VALUE",
        )
    if selector.startswith("label.") and "=" not in selector:
        raise UsageError(f"{selector!r} names no value", hint="write label.KEY=VALUE")


def _matches(selector: str, subject: Subject) -> bool:
    if selector.startswith("provider="):
        return subject.provider == selector.removeprefix("provider=")
    if selector.startswith("label."):
        key, _, value = selector.removeprefix("label.").partition("=")
        return subject.labels.get(key) == value
    return fnmatchcase(str(subject.address), selector)
