"""``--only`` and ``--exclude``: which addresses a command looks at."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from reconciler.errors import UsageError
from reconciler.model import TN_KINDS, Address, Kind


@dataclass(frozen=True, slots=True)
class Subject:
    """What a selector may look at."""

    address: Address
    account: str
    labels: Mapping[str, str]
    slot: Address | None = None
    """The slot that its number has, which a glob may name as well."""


@dataclass(frozen=True, slots=True)
class Selection:
    """An address is in when it matches one of ``only`` (or there is none) and none of ``exclude``.

    A selector is an address glob (``*/+1720*``; ``slot/desk.*`` for the numbers in those slots),
    ``provider=NAME`` or ``label.KEY=VALUE``.
    """

    only: Sequence[str] = ()
    exclude: Sequence[str] = ()

    def __post_init__(self) -> None:
        for selector in (*self.only, *self.exclude):
            _check(selector)

    def __bool__(self) -> bool:
        return bool(self.only or self.exclude)

    @property
    def accounts(self) -> dict[str, str]:
        """Each selector of the form ``provider=NAME`` with its name."""
        selectors = (*self.only, *self.exclude)
        return {s: s.removeprefix("provider=") for s in selectors if s.startswith("provider=")}

    def pick(self, subjects: Iterable[Subject]) -> tuple[set[Address], int]:
        """The addresses that are in, and how many were left out."""
        known = list(subjects)
        chosen = {subject.address for subject in known if self._takes(subject)}
        return chosen, len(known) - len(chosen)

    def idle(self, subjects: Iterable[Subject], accounts: Collection[str]) -> tuple[list[str], list[str]]:
        """The selectors of ``only`` and those of ``exclude`` that match none of ``subjects``.

        One of the form ``provider=NAME`` is not idle where there is such an account, whatever it has.
        """
        known = list(subjects)
        named = {f"provider={account}" for account in accounts}

        def nothing(selector: str) -> bool:
            return selector not in named and not any(_matches(selector, subject) for subject in known)

        return list(filter(nothing, self.only)), list(filter(nothing, self.exclude))

    def may_take(self, slots: Iterable[Address], accounts: Collection[str], labels: Mapping[str, str]) -> bool:
        """Whether a number that is yet to be chosen for one of ``slots``, at one of ``accounts``, may be in.

        A glob that may mean its address is judged when that is known; one that means slots alone says it now.
        """
        return any(self._may_take(Subject(slot, account, labels)) for slot in slots for account in accounts)

    def _may_take(self, open_slot: Subject) -> bool:
        if any(_matches(selector, open_slot) for selector in self.exclude):
            return False
        return not self.only or any(_matches(selector, open_slot) or _may_mean_a_tn(selector) for selector in self.only)

    def _takes(self, subject: Subject) -> bool:
        if self.only and not any(_matches(selector, subject) for selector in self.only):
            return False
        return not any(_matches(selector, subject) for selector in self.exclude)


def _check(selector: str) -> None:
    """Raise UsageError for a selector that can match nothing, whatever there is."""
    if selector.startswith("provider="):
        return
    if selector.startswith("label."):
        key, _, value = selector.removeprefix("label.").partition("=")
        if not key or not value:
            raise UsageError(f"{selector!r} names no {'value' if key else 'label'}", hint="write label.KEY=VALUE")
        return
    kind, slash, name = selector.partition("/")
    if not slash and "*" not in selector:
        raise UsageError(
            f"{selector!r} selects nothing",
            hint="a selector is an address glob such as '*/+1720*', provider=NAME or label.KEY=VALUE",
        )
    if slash and not any(fnmatchcase(known, kind) for known in Kind):
        raise UsageError(
            f"{selector!r} selects nothing: no address begins with {kind}/", hint=f"kinds are {', '.join(Kind)}"
        )
    if slash and not name:
        raise UsageError(f"{selector!r} names nothing of that kind", hint=f"write '{selector}*' for all of them")


def _may_mean_a_tn(selector: str) -> bool:
    """Whether it is an address glob that some telephone number's address may match."""
    kind, slash, _ = selector.partition("/")
    if selector.startswith(("provider=", "label.")):
        return False
    return not slash or any(fnmatchcase(known, kind) for known in TN_KINDS)


def _matches(selector: str, subject: Subject) -> bool:
    if selector.startswith("provider="):
        return subject.account == selector.removeprefix("provider=")
    if selector.startswith("label."):
        key, _, value = selector.removeprefix("label.").partition("=")
        return subject.labels.get(key) == value
    names = (subject.address, subject.slot) if subject.slot else (subject.address,)
    return any(fnmatchcase(str(name), selector) for name in names)
