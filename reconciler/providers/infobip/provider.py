"""Infobip as the engine sees it: numbers, read by the cheaper of listing everything and asking one by one.

The number is the identity, compared exactly; the key that acts on it changes when it is bought and is only carried.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar

from reconciler.model import (
    NOTHING,
    Action,
    Address,
    Found,
    Intent,
    Kind,
    Observation,
    Offer,
    Quotes,
    Reply,
    Resource,
    Status,
    Step,
    Unread,
    Verdict,
)
from reconciler.model.capabilities import Capabilities
from reconciler.model.fleet import Account
from reconciler.providers.base import Leave, freely
from reconciler.providers.credentials import Secrets
from reconciler.providers.http.budget import Rate
from reconciler.providers.http.messages import Answer, ApiCall, Auth, Authorize
from reconciler.providers.http.transport import Transport
from reconciler.providers.infobip import client, convert, quirks, verdicts
from reconciler.providers.infobip.convert import Row
from reconciler.providers.infobip.reads import Holdings, NumberReader, key_of, sound
from reconciler.providers.reads import UNAUTHORIZED, Reading, UnreadableError, refusal


class Infobip:
    """One Infobip account."""

    budgets: ClassVar[Mapping[str, Rate]] = quirks.BUDGETS
    max_in_flight: ClassVar[int] = quirks.MAX_IN_FLIGHT

    def __init__(self, account: Account, http: Transport) -> None:
        self.account = account
        self.http = http
        self._root = client.root_of(account.path)
        rate = account.limits.requests_per_second
        rates = self.budgets if rate is None else dict.fromkeys(self.budgets, Rate(rate))
        self._reader = NumberReader(account.name, self._root, rates)

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
        """What this account can do."""
        return Capabilities(
            kinds=frozenset({Kind.NUMBER}),
            reads=frozenset({Kind.NUMBER}),
            deletes=frozenset({Kind.NUMBER}),
            lists=True,
            settle_after=self.account.settle_after,
            sold_by_number=quirks.sold_by_number(self.account.path),
            release_is_final="goes back to the carrier's public stock, and anyone can buy it then",
        )

    def canonical(self, desired: Resource) -> Resource:
        """``desired`` as it is: a number has no fields here."""
        return desired

    def observe(self, wanted: Sequence[Resource]) -> Observation:
        """One number is asked for, several by the cheaper way; with nothing wanted everything is listed."""
        asked = Reading(self.http)
        numbers = {want.address.name: want for want in wanted if want.address.kind is Kind.NUMBER}
        seen = self._reader.seen(asked, numbers, everything=not wanted)
        others = frozenset(want.address for want in wanted if want.address.kind is not Kind.NUMBER)
        return self._observation(asked, seen, others)

    def _observation(
        self, asked: Reading, seen: Holdings, unobservable: frozenset[Address] = frozenset()
    ) -> Observation:
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
        if not key_of(step.changes[0].external):
            return Reply(Verdict.REJECTED, "not sent: it is not known under which numberKey the carrier has it")
        request, verdict = self._request(step)
        return verdict(self.http.send(request, leave))

    def quote(self, tns: Sequence[str]) -> Quotes:
        """Ask for each very number, and take a dedicated one before a shared one."""
        asked = Reading(self.http)
        rows, unread = self._reader.look_up(asked, self._reader.available, tns)
        told = {tn: convert.offer_of(same) for tn, same in rows.items()}
        offered = {tn: offer for tn, (offer, _) in told.items() if offer}
        barred = {tn: why for tn, (_, why) in told.items() if why}
        unread |= {
            tn: Unread("it is offered without a numberKey") for tn in told if tn not in offered and tn not in barred
        }
        return Quotes(offered, unread, asked.calls, asked.answered, barred=barred)

    def find_owned(self, intent: Intent) -> Observation:
        """The number of ``intent``, asked for by number; one that was to be released, by its key before that."""
        asked, wanted = (
            Reading(self.http),
            {intent.address.name: Resource(intent.address, "", external=intent.external)},
        )
        release = intent.action is Action.DELETE
        seen = self._reader.one_by_one(asked, wanted) if release else self._reader.by_number(asked, wanted)
        return self._observation(asked, seen)

    def fits(self, offer: Offer, query: Mapping[str, Any]) -> bool:
        """By the offer's own row; where that lacks a field that was searched for, the carrier is asked by number."""
        digits = convert.digits(offer.tn)
        if str(query.get("contains") or "") not in digits:
            return False
        if all(offer.row.get(name) for name in ("country", "capabilities") if query.get(name)):
            return convert.fits({**offer.row, "number": digits}, query)
        return any(shown.tn == offer.tn for shown in self.search({**query, "contains": digits}, 10))

    def search(self, query: Mapping[str, Any], quantity: int) -> Found:
        """Numbers of a ``country``, with ``capabilities``, whose digits ``contain`` others; pages until enough came."""
        filters = convert.search_filters(query, repeat=quirks.repeats_capabilities(self.account.path))
        limit, seen = min(quantity, quirks.PAGE_BY_NUMBER), dict[str, Row]()
        for page in range(quirks.MOST_SEARCH_PAGES):
            rows, total = self._page_of_offers(limit, page, filters)
            known = len(seen)
            for n, row in enumerate(rows):
                seen.setdefault(convert.key(row) or f"row {n} of page {page}", row)
            # A page size may be capped without saying so: the next pages are asked for in the size that came.
            limit = len(rows) if page == 0 and rows else limit
            enough = len(seen) >= quantity and len(convert.offers(seen.values())) >= quantity
            if len(seen) == known or enough or (page + 1) * limit >= total:
                break
        found = convert.offers(seen.values())
        return Found(found[:quantity], found.doubt)

    def owned(self, query: Mapping[str, Any]) -> Sequence[Resource]:
        """The account's dedicated numbers that fit the fields of :meth:`search`, those on their way left out."""
        call = self._reader.owned(quirks.PAGE, 0, NOTHING)
        try:
            fitting, doubt = sound(self._reader.every_row(Reading(self.http)), self.account.name, query)
        except UnreadableError as why:
            raise refusal(self.account, call, why.unread) from None
        if doubt:
            raise refusal(self.account, call, Unread(doubt))
        return [number for number in fitting.values() if number.status is Status.ACTIVE]

    def _page_of_offers(self, limit: int, page: int, filters: client.Filters) -> tuple[list[Row], int]:
        call = self._reader.available(limit, page, filters)
        try:
            return convert.page(self.http.read(call))
        except UnreadableError as why:
            raise refusal(self.account, call, why.unread) from None

    def _request(self, step: Step) -> tuple[ApiCall, Callable[[Answer], Reply]]:
        """The one request that ``step`` is, and the table that judges its answer."""
        tn, carrier = step.changes[0].address.name, step.changes[0].external
        match step.kind, step.action:
            case Kind.NUMBER, Action.CREATE if quirks.is_bought_by_number(
                self.account.path, carrier.get("country"), tn
            ):
                by_number = client.purchase_by_number(self._root, convert.digits(tn))
                return by_number, partial(verdicts.purchase, tn)
            case Kind.NUMBER, Action.CREATE:
                return client.purchase(self._root, key_of(carrier)), partial(verdicts.purchase, tn)
            case Kind.NUMBER, Action.DELETE:
                return client.cancel(self._root, key_of(carrier)), verdicts.cancel
        raise ValueError(f"Infobip has no call to {step.action} {step.kind}")


def _authorization(secrets: Secrets, refresh: bool) -> str:
    if "username" in secrets:
        pair = f"{secrets.get('username', refresh)}:{secrets.get('password', refresh)}"
        return f"Basic {b64encode(pair.encode()).decode()}"
    if "token" in secrets:
        return f"Bearer {secrets.get('token', refresh)}"
    return f"App {secrets.get('api_key', refresh)}"
