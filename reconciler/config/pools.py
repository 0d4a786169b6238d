"""``pools:`` to :class:`~reconciler.model.fleet.Pool`: searches with the fields of their carriers, tried in order.

What each number of a pool is to be is an entry without a number (``features.py``), compiled once for every account that
the pool looks at. Which numbers fill it, each run finds out (``reconciler.pools``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from reconciler.config.features import Features
from reconciler.config.node import Node, plain
from reconciler.config.problems import Problems
from reconciler.config.references import Carriers, cannot, check_moves
from reconciler.model import Mark, Resource, calling_codes, phone
from reconciler.model.fleet import Account, Ceiling, Pool, Search
from reconciler.model.suggestions import quoted


class Pools:
    """Compiles the ``pools:`` of one root."""

    def __init__(self, section: Node, features: Features, carriers: Carriers, problems: Problems) -> None:
        self._section = section
        self._features = features
        self._carriers = carriers
        self._problems = problems

    def pools(self) -> tuple[Pool, ...]:
        """Every pool that is sound, in the order of the files."""
        check_moves(self._section, "a pool", self._problems)
        found = [self._pool(name, entry, mark) for name, entry, mark in self._section.entries()]
        return tuple(pool for pool in found if pool is not None)

    def _pool(self, name: str, entry: Node, mark: Mark) -> Pool | None:
        searches = tuple(self._searches(name, entry, mark))
        if not searches:
            return None
        return Pool(
            name=name,
            size=entry.int_at("size") or 0,
            searches=searches,
            max_monthly=_ceiling(entry.get("max_monthly")),
            max_setup=_ceiling(entry.get("max_setup")),
            prefer=tuple(_preferences(entry.get("prefer"))),
            adopt=entry.bool_at("adopt"),
            moved=entry.text_at("moved"),
            mark=mark,
        )

    def _searches(self, name: str, entry: Node, mark: Mark) -> Iterator[Search]:
        """The searches that are sound, in order; the templates of one account are compiled once.

        What the numbers are to be is checked also where no search is sound.
        """
        templates: dict[str, tuple[Resource, ...]] = {}
        searches = _listed(entry.get("search"))
        if not searches:
            self._features.refer(entry, "provider")
            self._features.check(entry)
        for search in searches:
            account = self._features.account((search, entry), f"pool {quoted(name)}", mark)
            fits = account is not None and self._can(entry, search, account)
            if account is None or not account.spec.sells:
                self._features.check(entry)
                continue
            fields = _fields(search)
            long_code = account.spec.north_american and not _is_toll_free(fields)
            if account.name not in templates:
                line = self._features.entry("", f"pool {quoted(name)}", entry, mark, account, long_code=long_code)
                templates[account.name] = tuple(self._features.of(line))
            if fits:
                yield Search(account.name, fields, templates[account.name])

    def _can(self, entry: Node, search: Node, account: Account) -> bool:
        """Whether that account can be searched like that; else the problem is told."""
        spec = account.spec
        if not spec.sells:
            owner = search if search.has("provider") else entry
            self._problems.add(owner.key_mark("provider"), cannot("search", account, self._carriers))
            return False
        own = spec.search_fields
        foreign = [key for key, _, _ in search.entries() if key not in own and key != "provider"]
        for key in foreign:
            words = ", ".join(f"`{field}`" for field in own)
            self._problems.add(
                search.key_mark(key), f"`{key}` is no search field of {account.type} accounts: they have {words}"
            )
        if entry.bool_at("adopt") and spec.listing_option and not account.option(spec.listing_option):
            needed = f"`adopt` needs `{spec.listing_option}: true` there"
            message = f"{account.name} cannot tell which numbers it owns: {needed}"
            self._problems.add(entry.key_mark("adopt"), message)
        mask = search.text_at("tn_mask")
        if mask is not None and _lowest(mask) is None:
            self._problems.add(search.members["tn_mask"].mark, f"no North American number is like {quoted(mask)}")
        country = search.text_at("country")
        wrong = calling_codes.not_a_country(country) if country is not None else None
        if wrong:
            self._problems.add(search.members["country"].mark, wrong)
        return not foreign and not wrong


def _listed(node: Node | None) -> Sequence[Node]:
    """The one value, or each of a list, leaving out what is not sound."""
    if node is None:
        return ()
    return [item for item in node.value if item.sound] if isinstance(node.value, list) else [node]


def _fields(search: Node) -> dict[str, Any]:
    """The search fields as written; a mask in the small letters that the carrier's documents have."""
    fields = {key: plain(member) for key, member, _ in search.entries() if key != "provider"}
    return fields | {key: str(fields[key]).lower() for key in ("tn_mask",) if key in fields}


def _ceiling(node: Node | None) -> Ceiling | None:
    amount, currency = (node.text_at("amount"), node.text_at("currency")) if node is not None else (None, None)
    return None if amount is None or currency is None else Ceiling(Decimal(amount), currency)


def _preferences(node: Node | None) -> Iterator[str]:
    """The words of ``prefer``; a vanity pattern in capitals, so that it is no such word."""
    for item in _listed(node):
        pattern = item.text_at("vanity")
        if pattern is not None:
            yield pattern.upper()
        elif isinstance(item.value, str):
            yield item.value


def _is_toll_free(fields: Mapping[str, Any]) -> bool:
    return str(fields.get("tn_mask", ""))[:3] in phone.TOLL_FREE_CODES


def _lowest(mask: str) -> str | None:
    """A number that the mask matches, or None: N stands for 2 to 9, and no code is an N11."""
    filled = mask.lower()
    filled = "".join("2" if place in (0, 3) and c == "x" else c for place, c in enumerate(filled))
    tn = f"+1{filled.replace('x', '0')}"
    return tn if phone.is_nanp(tn) else None
