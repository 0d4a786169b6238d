"""A fleet has thousands of objects and a reader has one screen: rows, and the lines that fold what is alike.

::

    Change, Outcome, Drifted ──> Row ──fold──> Line ──> text, markdown

Rows are alike when only the object's name, its price and the old value of a field tell them apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import TypeVar

from reconciler.model import FieldDiff, Kind, Notice, Price, money
from reconciler.views import phrases

ALIKE = 20
"""So many rows that are alike are still listed one by one; more of them become one line."""

_SEVERITIES = ("error", "warning", "info")

T = TypeVar("T")


class Emphasis(Enum):
    """How a line sounds, whatever the form makes of it. LOUD is what nobody may overlook."""

    GOOD = auto()
    CHANGE = auto()
    BAD = auto()
    INFO = auto()
    QUIET = auto()
    LOUD = auto()


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """What is said of one object.

    ``mark`` is one character, ``word`` the action or outcome, ``facts`` short remarks put after the reason.
    ``priced`` tells a price that is unknown (None) from one that does not matter. An ``alone`` row is never folded.
    """

    address: str
    mark: str
    word: str
    reason: str
    emphasis: Emphasis
    facts: tuple[str, ...] = ()
    details: tuple[FieldDiff, ...] = ()
    price: Price | None = None
    priced: bool = False
    alone: bool = False

    @property
    def likeness(self) -> Hashable:
        """Equal for two rows that are alike."""
        changes = tuple((detail.path, phrases.value(detail.after)) for detail in self.details)
        own = self.address if self.alone else self.address.partition("/")[0]
        return own, self.mark, self.word, _nameless(self.reason, self.address), self.facts, changes


@dataclass(frozen=True, slots=True)
class Line:
    """What is shown of one row, or of many that are alike. ``details`` are (field, before, after) in words."""

    mark: str
    label: str
    word: str
    sentence: str
    emphasis: Emphasis
    details: tuple[tuple[str, str, str], ...] = ()


def fold(rows: Iterable[DocumentRow], *, every: bool = False) -> list[Line]:
    """The lines of ``rows``, in their order; those that are alike stand where the first of them stood, or with
    ``every`` each for itself."""
    return [_line(alike) for alike in _alike(rows, lambda row: row.likeness, every=every)]


def fold_notices(notices: Iterable[Notice], *, every: bool = False) -> list[Notice]:
    """The notices, errors first, with one for all those that say the same of many objects unless ``every``."""
    ordered = sorted(notices, key=lambda notice: _SEVERITIES.index(notice.severity))
    return [_notice(alike) for alike in _alike(ordered, _said, every=every)]


def _alike(items: Iterable[T], likeness: Callable[[T], Hashable], *, every: bool) -> Iterator[list[T]]:
    """Each item alone, or unless ``every`` with all that are like it once those are more than ``ALIKE``."""
    if every:
        yield from ([item] for item in items)
        return
    keyed = [(likeness(item), item) for item in items]
    groups: dict[Hashable, list[T]] = defaultdict(list)
    for key, item in keyed:
        groups[key].append(item)
    for key, item in keyed:
        group = groups[key]
        if len(group) <= ALIKE:
            yield [item]
        elif item is group[0]:
            yield group


def _nameless(reason: str, address: str) -> str:
    """``reason`` without the name of its own object, which would make every reason another one."""
    name = address.partition("/")[2]
    if name and f"/{name}" in reason:
        for kind in Kind:
            reason = reason.replace(f"{kind.value}/{name}", f"{kind.value}/…")
    return reason


def _line(rows: Sequence[DocumentRow]) -> Line:
    first, many = rows[0], len(rows) > 1
    reason = phrases.sentence(_nameless(first.reason, first.address) if many else first.reason)
    facts = "; ".join([*first.facts, *([_span([row.address for row in rows])] if many else []), *_prices(rows)])
    kind, _, _ = first.address.partition("/")
    return Line(
        mark=first.mark,
        label=f"{len(rows):,} x {kind}" if many else phrases.sentence(first.address),
        word=first.word,
        sentence=" ".join(filter(None, (reason, f"({facts})" if facts else ""))),
        emphasis=first.emphasis,
        details=tuple(_detail(same_field) for same_field in zip(*(row.details for row in rows), strict=True)),
    )


def _span(addresses: Sequence[str]) -> str:
    names = [phrases.sentence(address.partition("/")[2]) for address in (addresses[0], addresses[-1])]
    return " … ".join(names)


def _prices(rows: Sequence[DocumentRow]) -> list[str]:
    """The one price, or the sum of many, and how many of those are unknown or cannot be read."""
    known = [row.price for row in rows if row.price is not None]
    if len(rows) == 1 and known:
        return [phrases.price(known[0])]
    unknown = sum(row.priced and (row.price is None or not (row.price.whole or row.price.unreadable)) for row in rows)
    unreadable = sum(bool(price.unreadable) for price in known)
    sums = phrases.sums(money.totals(known))
    return [
        *([f"together {sums}"] if sums else []),
        *([_counted(unknown, "unknown")] if unknown else []),
        *([_counted(unreadable, "that cannot be read")] if unreadable else []),
    ]


def _counted(many: int, what: str) -> str:
    """``price unknown``, ``12 prices unknown``."""
    return f"price {what}" if many == 1 else f"{many:,} prices {what}"


def _detail(diffs: Sequence[FieldDiff]) -> tuple[str, str, str]:
    befores = {phrases.value(diff.before) for diff in diffs}
    before = befores.pop() if len(befores) == 1 else f"({len(befores):,} different values)"
    return phrases.sentence(diffs[0].path), before, phrases.value(diffs[0].after)


def _said(notice: Notice) -> Hashable:
    return notice.severity, _nameless(notice.message, notice.address or ""), notice.address is None


def _notice(notices: Sequence[Notice]) -> Notice:
    first = notices[0]
    if len(notices) == 1:
        return first
    objects = f"{len(notices):,} objects, {_span([notice.address or '' for notice in notices])}"
    return Notice(first.severity, f"{_nameless(first.message, first.address or '')} ({objects})")
