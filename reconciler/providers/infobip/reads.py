"""The numbers of an account, read by the quicker of listing everything and asking one by one.

What is asked for by its key is told in a tenth of the time of a page, so the budgets of the two calls decide, not their
number. A list that has a row which cannot be read shows what it shows, and proves nothing absent.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from reconciler.model import NOTHING, Resource, Unread
from reconciler.providers.http.budget import Rate
from reconciler.providers.http.messages import ApiCall
from reconciler.providers.infobip import client, convert, quirks
from reconciler.providers.infobip.convert import Row
from reconciler.providers.infobip.paging import Listing, ShiftedError
from reconciler.providers.listed import left_open
from reconciler.providers.reads import EVERYTHING, Reading, UnreadableError

Pages = Callable[[int, int, client.Filters], ApiCall]
"""(limit, page, filters) -> the call for that page of one of the two lists."""


class Holdings(NamedTuple):
    """TN -> number for what was seen, TN -> why for what could not be read, whether that is the whole account, and why
    a number that is in neither is not proved absent."""

    found: dict[str, Resource]
    unread: dict[str, Unread]
    listed: bool = False
    doubt: str = ""

    def and_also(self, more: Holdings) -> Holdings:
        """Both together, where ``more`` was asked for what this one lacks."""
        return Holdings(self.found | more.found, self.unread | more.unread, self.listed, self.doubt or more.doubt)

    def settled(self, wanted: Collection[str]) -> Holdings:
        """With each of ``wanted`` that is neither seen nor proved absent left open."""
        shown = self.found.keys() | self.unread.keys()
        return self._replace(unread=self.unread | left_open(wanted, shown, self.doubt))


class NumberReader:
    """Reads one account. ``rates``: call -> how fast it may be asked."""

    def __init__(self, account: str, root: client.Root, rates: Mapping[str, Rate]) -> None:
        self._account = account
        self._root = root
        self._rates = rates
        self.owned: Pages = partial(client.list_owned, root)
        self.available: Pages = partial(client.list_available, root)

    def seen(self, asked: Reading, wanted: Mapping[str, Resource], *, everything: bool) -> Holdings:
        """The wanted numbers by the way that suits their number; ``*`` stands for all where everything is unread."""
        if everything:
            return self._survey(asked, {})
        if len(wanted) < 2:
            return self.by_number(asked, wanted)
        seen = self._survey(asked, wanted)
        return seen._replace(unread={tn: why for tn, why in seen.unread.items() if tn in wanted})

    def every_row(self, asked: Reading) -> list[Row]:
        """The whole list of owned numbers, read once more when it moved meanwhile."""
        try:
            return self._whole(asked, self._begun(asked))
        except ShiftedError:
            return self._whole(asked, self._begun(asked))

    def one_by_one(self, asked: Reading, wanted: Mapping[str, Resource]) -> Holdings:
        """By key where one is known; by number where that does not show the very number."""
        keys = {tn: known for tn, want in wanted.items() if (known := key_of(want.external))}
        answers = asked.gather([client.get_owned(self._root, known) for known in keys.values()])
        rows: list[Row] = []
        unread: dict[str, Unread] = {}
        for tn, answer in zip(keys, answers, strict=True):
            try:
                row = convert.the_row(tn, answer)
            except UnreadableError as why:
                unread[tn] = why.unread
            else:
                rows += [row] if row else []
        found, _, _ = convert.owned(self._account, rows)
        more = self.by_number(asked, [tn for tn in wanted if tn not in found and tn not in unread])
        return Holdings(found, unread).and_also(more)

    def by_number(self, asked: Reading, tns: Collection[str]) -> Holdings:
        """Each by its digits in the list of owned numbers."""
        rows, unread = self.look_up(asked, self.owned, tns)
        found, keyless, _ = convert.owned(self._account, [row for same in rows.values() for row in same])
        return Holdings(found, unread | keyless)

    def look_up(
        self, asked: Reading, pages: Pages, tns: Collection[str]
    ) -> tuple[dict[str, list[Row]], dict[str, Unread]]:
        """TN -> its rows in one of the two lists, and TN -> why where the list could not be read to its end."""
        rows: dict[str, list[Row]] = {}
        unread: dict[str, Unread] = {}
        filters = {tn: {"number": convert.digits(tn)} for tn in tns}
        firsts = asked.gather([pages(quirks.PAGE_BY_NUMBER, 0, filters[tn]) for tn in tns])
        for (tn, exactly), answer in zip(filters.items(), firsts, strict=True):
            listing = Listing(quirks.PAGE_BY_NUMBER, quirks.MOST_PAGES_BY_NUMBER)
            try:
                same = convert.exact(tn, listing.add(answer))
                while not same and not listing.complete:
                    same = convert.exact(tn, listing.add(asked.read(pages(listing.limit, listing.pages, exactly))))
            except UnreadableError as why:
                unread[tn] = why.unread
            else:
                rows |= {tn: same} if same else {}
        return rows, unread

    def _begun(self, asked: Reading) -> Listing:
        """The list of owned numbers with its first page, in the documented size where the carrier refuses a larger."""
        listing = Listing(quirks.PAGE, quirks.MOST_PAGES)
        answer = asked.read(self.owned(listing.limit, 0, NOTHING))
        if answer.status in quirks.PAGE_REFUSALS:
            listing.limit = quirks.PAGE_BY_NUMBER
            answer = asked.read(self.owned(listing.limit, 0, NOTHING))
        listing.add(answer)
        return listing

    def _whole(self, asked: Reading, listing: Listing) -> list[Row]:
        """Every row of ``listing``, of which some pages may have come already."""
        while not listing.complete:
            listing.add(asked.read(self.owned(listing.limit, listing.pages, NOTHING)))
        return listing.rows

    def _survey(self, asked: Reading, wanted: Mapping[str, Resource]) -> Holdings:
        """List the account, and once more when the list moved meanwhile; what stays unreadable is all unread."""
        names = wanted or [EVERYTHING]
        try:
            try:
                return self._list(asked, wanted).settled(names)
            except ShiftedError:
                return self._list(asked, wanted).settled(names)
        except UnreadableError as why:
            return Holdings({}, dict.fromkeys(names, why.unread))

    def _list(self, asked: Reading, wanted: Mapping[str, Resource]) -> Holdings:
        """The first page tells how many there are: go on, or ask for the numbers still missing, if that is quicker."""
        listing = self._begun(asked)
        found, unread, doubt = convert.owned(self._account, listing.rows)
        missing = {tn: want for tn, want in wanted.items() if tn not in found and tn not in unread}
        if wanted and self._seconds(missing.values()) < self._list_seconds(listing.pages_left):
            return Holdings(found, unread, doubt=doubt).and_also(self.one_by_one(asked, missing))
        found, unread, doubt = convert.owned(self._account, self._whole(asked, listing))
        return self._asked_after(asked, Holdings(found, unread, listed=not doubt, doubt=doubt), wanted)

    def _seconds(self, missing: Collection[Resource]) -> float:
        """How long asking for these one by one takes, as fast as that is allowed."""
        keyed = sum(1 for want in missing if key_of(want.external))
        return keyed / self._rate("getOwned") + self._list_seconds(len(missing) - keyed)

    def _list_seconds(self, pages: int) -> float:
        return pages / self._rate("listOwned")

    def _rate(self, call: str) -> float:
        return self._rates[call].per_second

    def _asked_after(self, asked: Reading, seen: Holdings, wanted: Mapping[str, Resource]) -> Holdings:
        """``seen``, and what was bought and is not on it, asked for by itself: a list may lag or count wrongly."""
        known = {tn: want for tn, want in wanted.items() if key_of(want.external)}
        missing = {tn: want for tn, want in known.items() if tn not in seen.found and tn not in seen.unread}
        if len(missing) == len(known):  # nothing shows: then the account is judged, not each of its numbers
            return seen
        if len(missing) > quirks.MOST_ASKED_AFTER:
            why = Unread(f"the list lacks {len(missing)} numbers that our records hold: too many to ask for one by one")
            return seen._replace(unread={**seen.unread, **dict.fromkeys(missing, why)})
        return seen.and_also(self.one_by_one(asked, missing))


def key_of(external: Mapping[str, Any]) -> str:
    """The ``numberKey`` among what is carried along with a number; empty when it is not known."""
    known = external.get("numberKey")
    return known if isinstance(known, str) else ""


def sound(rows: Sequence[Row], account: str, query: Mapping[str, Any]) -> tuple[dict[str, Resource], str]:
    """TN -> number for those of ``rows`` that fit the fields of a search, and why there may be more."""
    found, _, doubt = convert.owned(account, rows)
    named, _ = convert.numbers(rows)
    return {tn: one for tn, one in found.items() if all(convert.fits(row, query) for row in named[tn])}, doubt
