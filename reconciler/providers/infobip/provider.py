"""Infobip as the engine sees it: numbers, read by the cheaper of listing everything and asking one by one.

The number is the identity, compared exactly; the key that acts on it changes when it is bought and is only carried.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar, NamedTuple

from reconciler.capabilities import Capabilities
from reconciler.credentials import Secrets
from reconciler.http import Answer, Auth, Authorize, Call, Transport
from reconciler.http.budget import Rate
from reconciler.loop import Leave, freely
from reconciler.model import (
    NOTHING,
    Action,
    Address,
    Intent,
    Kind,
    Observation,
    Offer,
    Quotes,
    Reply,
    Resource,
    Status,
    Step,
    Verdict,
)
from reconciler.providers.answers import EVERYTHING, UNAUTHORIZED, Reading, UnreadableError, refusal
from reconciler.providers.infobip import client, convert, limits, verdicts
from reconciler.providers.infobip.convert import Row
from reconciler.providers.infobip.paging import Listing, ShiftedError
from reconciler.settings import Account

Pages = Callable[[int, int, client.Filters], Call]
"""(limit, page, filters) -> the call for that page of one of the two lists."""


class Seen(NamedTuple):
    """TN -> number for what was seen, TN -> why for what could not be read, and whether that is the whole account."""

    found: dict[str, Resource]
    unread: dict[str, str]
    listed: bool = False


class Infobip:
    """One Infobip account."""

    budgets: ClassVar[Mapping[str, Rate]] = limits.BUDGETS
    max_in_flight: ClassVar[int] = limits.MAX_IN_FLIGHT

    def __init__(self, account: Account, http: Transport) -> None:
        self.account = account
        self.http = http
        self._root = client.root_of(account.api_path)
        self._owned: Pages = partial(client.list_owned, self._root)
        self._available: Pages = partial(client.list_available, self._root)

    @staticmethod
    def authorize(secrets: Secrets) -> Authorize:
        """A header of the scheme that fits the credentials: ``App KEY``, ``Bearer TOKEN``, or Basic."""
        return lambda refresh: Auth(headers={"Authorization": _authorization(secrets, refresh)})

    @staticmethod
    def unauthorized(answer: Answer) -> bool:
        """Whether the credential was refused."""
        return answer.status == UNAUTHORIZED

    @property
    def capabilities(self) -> Capabilities:
        """What this account can do; the same key may be sent again, since it can only yield that number."""
        return Capabilities(
            kinds=frozenset({Kind.NUMBER}),
            reads=frozenset({Kind.NUMBER}),
            deletes=frozenset({Kind.NUMBER}),
            lists=True,
            settle_after=self.account.settle_after,
            repeat_at_once=True,
            release_is_final="goes back to the carrier's public stock, and anyone can buy it then",
        )

    def canonical(self, desired: Resource) -> Resource:
        """``desired`` as it is: a number has no fields here."""
        return desired

    def observe(self, wanted: Sequence[Resource]) -> Observation:
        """One number is asked for, several by the cheaper way; with nothing wanted everything is listed."""
        asked = Reading(self.http)
        numbers = {want.address.name: want for want in wanted if want.address.kind is Kind.NUMBER}
        seen = self._seen(asked, numbers, everything=not wanted)
        others = frozenset(want.address for want in wanted if want.address.kind is not Kind.NUMBER)
        return self._observation(asked, seen, others)

    def _observation(self, asked: Reading, seen: Seen, unobservable: frozenset[Address] = frozenset()) -> Observation:
        return Observation(
            self.account.name,
            found={number.address: number for number in seen.found.values()},
            unresolved={Address(Kind.NUMBER, tn): why for tn, why in seen.unread.items()},
            unobservable=unobservable,
            calls=asked.calls,
            listed=seen.listed,
            answered=asked.answered,
        )

    def perform(self, step: Step, reference: str, leave: Leave = freely) -> Reply:
        """One purchase or cancellation. This carrier takes no reference of ours."""
        del reference
        if not _key(step.changes[0].carrier):
            return Reply(Verdict.REJECTED, "not sent: it is not known under which numberKey the carrier has it")
        request, verdict = self._request(step)
        return verdict(self.http.send(request, leave))

    def quote(self, tns: Sequence[str]) -> Quotes:
        """Ask for each very number, and take a dedicated one before a shared one."""
        asked = Reading(self.http)
        rows, unread = self._look_up(asked, self._available, tns)
        offers = {tn: convert.offer(row) for tn, row in rows.items()}
        keyless = {tn: "it is offered without a numberKey" for tn, offer in offers.items() if offer is None}
        offered = {tn: offer for tn, offer in offers.items() if offer}
        return Quotes(offered, unread | keyless, asked.calls, asked.answered)

    def find_owned(self, intent: Intent) -> Observation:
        """The number of ``intent``, asked for by number; one that was to be released, by its key before that."""
        asked, wanted = Reading(self.http), {intent.address.name: Resource(intent.address, "", carrier=intent.carrier)}
        release = intent.action is Action.DELETE
        seen = self._one_by_one(asked, wanted) if release else self._by_number(asked, wanted)
        return self._observation(asked, seen)

    def search(self, query: Mapping[str, Any], quantity: int) -> Sequence[Offer]:
        """Numbers of a ``country``, with ``capabilities``, whose digits ``contain`` others; pages until enough came."""
        filters = convert.search_filters(query, repeat=limits.repeats_capabilities(self.account.api_path))
        limit, offers, seen = min(quantity, limits.PAGE_BY_NUMBER), [], set[str]()
        for page in range(limits.MOST_SEARCH_PAGES):
            rows, total = self._page_of_offers(limit, page, filters)
            fresh = [row for row in rows if convert.key(row) not in seen]
            seen.update(map(convert.key, fresh))
            offers += [offer for offer in map(convert.offer, fresh) if offer]
            # A page size may be capped without saying so: the next pages are asked for in the size that came.
            limit = len(rows) if page == 0 and rows else limit
            if not fresh or len(offers) >= quantity or (page + 1) * limit >= total:
                break
        return offers[:quantity]

    def owned(self, query: Mapping[str, Any]) -> Sequence[Resource]:
        """The account's dedicated numbers that fit the fields of :meth:`search`, those on their way left out."""
        try:
            rows = self._every_row(Reading(self.http))
        except UnreadableError as why:
            raise refusal(self.account, self._owned(limits.PAGE, 0, NOTHING), why) from None
        found, _ = convert.owned(self.account.name, [row for row in rows if convert.fits(row, query)])
        return [number for number in found.values() if number.status is Status.ACTIVE]

    def _every_row(self, asked: Reading) -> list[Row]:
        """The whole list of owned numbers, read once more when it moved meanwhile."""
        try:
            return self._whole(asked, self._begun(asked))
        except ShiftedError:
            return self._whole(asked, self._begun(asked))

    def _begun(self, asked: Reading) -> Listing:
        """The list of owned numbers with its first page, in the documented size where the carrier refuses a larger."""
        listing = Listing(limits.PAGE, limits.MOST_PAGES)
        answer = asked.read(self._owned(listing.limit, 0, NOTHING))
        if answer.status in limits.PAGE_REFUSALS:
            listing.limit = limits.PAGE_BY_NUMBER
            answer = asked.read(self._owned(listing.limit, 0, NOTHING))
        listing.add(answer)
        return listing

    def _whole(self, asked: Reading, listing: Listing) -> list[Row]:
        """Every row of ``listing``, of which some pages may have come already."""
        while not listing.complete:
            listing.add(asked.read(self._owned(listing.limit, listing.pages, NOTHING)))
        return listing.rows

    def _page_of_offers(self, limit: int, page: int, filters: client.Filters) -> tuple[list[Row], int]:
        call = self._available(limit, page, filters)
        try:
            return convert.page(self.http.read(call))
        except UnreadableError as why:
            raise refusal(self.account, call, why) from None

    def _request(self, step: Step) -> tuple[Call, Callable[[Answer], Reply]]:
        """The one request that ``step`` is, and the table that judges its answer."""
        tn, carrier = step.changes[0].address.name, step.changes[0].carrier
        match step.kind, step.action:
            case Kind.NUMBER, Action.CREATE if limits.is_bought_by_number(
                self.account.api_path, carrier.get("country"), tn
            ):
                by_number = client.purchase_by_number(self._root, convert.digits(tn))
                return by_number, partial(verdicts.purchase, tn)
            case Kind.NUMBER, Action.CREATE:
                return client.purchase(self._root, _key(carrier)), partial(verdicts.purchase, tn)
            case Kind.NUMBER, Action.DELETE:
                return client.cancel(self._root, _key(carrier)), verdicts.cancel
        raise ValueError(f"Infobip has no call to {step.action} {step.kind}")

    def _seen(self, asked: Reading, wanted: Mapping[str, Resource], *, everything: bool) -> Seen:
        """The wanted numbers by the way that suits their number; ``*`` stands for all where everything is unread."""
        if everything:
            return self._survey(asked, {})
        if len(wanted) < 2:
            return self._by_number(asked, wanted)
        seen = self._survey(asked, wanted)
        return seen._replace(unread={tn: why for tn, why in seen.unread.items() if tn in wanted})

    def _survey(self, asked: Reading, wanted: Mapping[str, Resource]) -> Seen:
        """List the account, and once more when the list moved meanwhile; what stays unreadable is all unread."""
        try:
            try:
                return self._list(asked, wanted)
            except ShiftedError:
                return self._list(asked, wanted)
        except UnreadableError as why:
            return Seen({}, dict.fromkeys(wanted or [EVERYTHING], str(why)))

    def _list(self, asked: Reading, wanted: Mapping[str, Resource]) -> Seen:
        """The first page tells how many there are: go on, or ask for the numbers still missing, if that is cheaper."""
        listing = self._begun(asked)
        found, unread = convert.owned(self.account.name, listing.rows)
        missing = {tn: want for tn, want in wanted.items() if tn not in found and tn not in unread}
        if wanted and len(missing) < listing.pages_left:
            more = self._one_by_one(asked, missing)
            return Seen(found | more.found, unread | more.unread)
        listed = Seen(*convert.owned(self.account.name, self._whole(asked, listing)), listed=True)
        return self._asked_after(asked, listed, wanted)

    def _asked_after(self, asked: Reading, listed: Seen, wanted: Mapping[str, Resource]) -> Seen:
        """``listed``, and what was bought and is not on it, asked for by itself: a list may lag or count wrongly."""
        known = {tn: want for tn, want in wanted.items() if _key(want.carrier)}
        missing = {tn: want for tn, want in known.items() if tn not in listed.found and tn not in listed.unread}
        if len(missing) == len(known):  # nothing shows: then the account is judged, not each of its numbers
            return listed
        if len(missing) > limits.MOST_ASKED_AFTER:
            why = f"the list lacks {len(missing)} numbers that our records hold: too many to ask for one by one"
            return listed._replace(unread={**listed.unread, **dict.fromkeys(missing, why)})
        more = self._one_by_one(asked, missing)
        return Seen(listed.found | more.found, listed.unread | more.unread, listed=True)

    def _one_by_one(self, asked: Reading, wanted: Mapping[str, Resource]) -> Seen:
        """By key where one is known; by number where that does not show the very number."""
        keys = {tn: key for tn, want in wanted.items() if (key := _key(want.carrier))}
        answers = asked.gather([client.get_owned(self._root, key) for key in keys.values()])
        rows = [convert.the_row(tn, answer) for tn, answer in zip(keys, answers, strict=True)]
        found, _ = convert.owned(self.account.name, [row for row in rows if row])
        more = self._by_number(asked, [tn for tn in wanted if tn not in found])
        return Seen(found | more.found, more.unread)

    def _by_number(self, asked: Reading, tns: Collection[str]) -> Seen:
        rows, unread = self._look_up(asked, self._owned, tns)
        found, keyless = convert.owned(self.account.name, list(rows.values()))
        return Seen(found, unread | keyless)

    def _look_up(self, asked: Reading, pages: Pages, tns: Collection[str]) -> tuple[dict[str, Row], dict[str, str]]:
        """TN -> its row in one of the two lists, and TN -> why where the list could not be read to its end."""
        rows: dict[str, Row] = {}
        unread: dict[str, str] = {}
        filters = {tn: {"number": convert.digits(tn)} for tn in tns}
        firsts = asked.gather([pages(limits.PAGE_BY_NUMBER, 0, filters[tn]) for tn in tns])
        for (tn, exactly), answer in zip(filters.items(), firsts, strict=True):
            listing = Listing(limits.PAGE_BY_NUMBER, limits.MOST_PAGES_BY_NUMBER)
            try:
                row = convert.exact(tn, listing.add(answer))
                while row is None and not listing.complete:
                    row = convert.exact(tn, listing.add(asked.read(pages(listing.limit, listing.pages, exactly))))
            except UnreadableError as why:
                unread[tn] = str(why)
            else:
                rows |= {tn: row} if row else {}
        return rows, unread


def _authorization(secrets: Secrets, refresh: bool) -> str:
    if "username" in secrets:
        pair = f"{secrets.get('username', refresh)}:{secrets.get('password', refresh)}"
        return f"Basic {b64encode(pair.encode()).decode()}"
    if "token" in secrets:
        return f"Bearer {secrets.get('token', refresh)}"
    return f"App {secrets.get('api_key', refresh)}"


def _key(carrier: Mapping[str, Any]) -> str:
    """The ``numberKey`` among what is carried along with a number; empty when it is not known."""
    key = carrier.get("numberKey")
    return key if isinstance(key, str) else ""
