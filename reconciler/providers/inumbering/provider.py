"""iNumbering as the engine sees it: numbers, brands, campaigns and assignments, judged by the bodies of answers.

The Provisioning API has no call that reads back what exists. With ``account_api: true`` the sibling calls show owned
numbers, routes and which numbers a campaign has, and can release and reroute; brands and campaigns stay unreadable.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar, NamedTuple

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
)
from reconciler.model.capabilities import Capabilities
from reconciler.model.fleet import Account
from reconciler.providers.base import Leave, freely
from reconciler.providers.credentials import Secrets
from reconciler.providers.http.budget import Rate
from reconciler.providers.http.messages import Answer, ApiCall, Auth, Authorize
from reconciler.providers.http.transport import Transport
from reconciler.providers.inumbering import campaigns, client, convert, quirks, verdicts
from reconciler.providers.listed import left_open
from reconciler.providers.reads import EVERYTHING, UNAUTHORIZED, Reading, UnreadableError, refusal

_STAYS = {
    Kind.NUMBER: "the number stays on the account and goes on costing; release it at the carrier",
    Kind.ASSIGNMENT: "the number stays assigned to its campaign at the carrier; remove it there",
    Kind.BRAND: "the brand stays registered at the carrier",
    Kind.CAMPAIGN: "the campaign stays registered at the carrier, where it may be charged for",
}

_SEARCH_FILTERS = {"province": "province", "rate_center": "rateCenter"}
_PLACES = {"rate_center": "rcAbbre", "lata": "lata", "province": "locState"}
"""Search field -> where a row of coverage tells it, the narrowest first."""
_COVERAGE_FILTERS = {"npa": "npa", **_PLACES}


class Seen(NamedTuple):
    """TN -> number for what was seen, which of the wanted are left open and why, and whether that is the account."""

    found: dict[str, Resource]
    unread: dict[Address, Unread]
    listed: bool = False


class INumbering:
    """One iNumbering account."""

    budgets: ClassVar[Mapping[str, Rate]] = quirks.BUDGETS
    max_in_flight: ClassVar[int] = quirks.MAX_IN_FLIGHT

    def __init__(self, account: Account, http: Transport) -> None:
        self.account = account
        self.http = http

    @staticmethod
    def authorize(secrets: Secrets) -> Authorize:
        """A key in the body of every call."""
        return lambda refresh: Auth(body={"apikey": secrets.get("api_key", refresh)})

    @staticmethod
    def unauthorized(answer: Answer) -> bool:
        """Whether the key was refused, by the status or by the body alone."""
        return answer.status == UNAUTHORIZED or convert.code(answer) in quirks.KEY_REFUSALS

    @property
    def capabilities(self) -> Capabilities:
        """What this account can do, with or without the sibling calls; a stopped order is never sent again."""
        sibling = self.account.option("account_api")
        repeats = 1 if self.account.option("on_ambiguous") == "stop" else None if sibling else 2
        return Capabilities(
            kinds=frozenset({Kind.BRAND, Kind.CAMPAIGN, Kind.NUMBER, Kind.ASSIGNMENT}),
            reads=frozenset({Kind.NUMBER, Kind.ASSIGNMENT}) if sibling else frozenset(),
            deletes=frozenset({Kind.NUMBER}) if sibling else frozenset(),
            updates={Kind.ASSIGNMENT: frozenset({"campaign"})}
            | ({Kind.NUMBER: frozenset({"route"})} if sibling else {}),
            lists=sibling,
            batches={Kind.ASSIGNMENT: quirks.ASSIGNMENTS_A_CALL},
            settle_after=self.account.settle_after,
            repeats=repeats,
            presumes=not sibling,
            release_is_final="no call takes it back, and anyone can buy it then",
            leaves_behind={kind: message for kind, message in _STAYS.items() if not (sibling and kind is Kind.NUMBER)},
        )

    def canonical(self, desired: Resource) -> Resource:
        """``desired`` as it is: the carrier adds no defaults to what can be read back."""
        return desired

    def observe(self, wanted: Sequence[Resource]) -> Observation:
        """Nothing without the sibling calls; else the whole account in at most three. Nothing wanted: all numbers."""
        reads = self.capabilities.reads
        unobservable = frozenset(want.address for want in wanted if want.address.kind not in reads)
        if not self.account.option("account_api"):
            return Observation(self.account.name, unobservable=unobservable)
        asked = Reading(self.http)
        owned = self._numbers(asked, wanted)
        told = campaigns.read(asked, self.account.name, wanted)
        gateways, unrouted, notices = self._gateways(asked, wanted, owned.found)
        return Observation(
            self.account.name,
            found={seen.address: seen for seen in (*owned.found.values(), *told.assignments)},
            unresolved=unrouted | owned.unread | told.unread,
            unobservable=unobservable,
            notices=notices,
            calls=asked.calls,
            gateways=gateways,
            listed=owned.listed,
            answered=asked.answered,
            registry=told.registry,
        )

    def perform(self, step: Step, reference: str, leave: Leave = freely) -> Reply:
        """One POST, judged by the table of its call."""
        request, verdict = _request(step, reference)
        return verdict(self.http.send(request, leave))

    def quote(self, tns: Sequence[str]) -> Quotes:
        """Search for each very number, the mask being its ten digits. Prices are not told."""
        asked = Reading(self.http)
        answers = asked.gather([client.inventory(convert.ten_digits(tn), 1) for tn in tns])
        offered: dict[str, Offer] = {}
        unresolved: dict[str, Unread] = {}
        for tn, answer in zip(tns, answers, strict=True):
            try:
                offered.update((offer.tn, offer) for offer in convert.exact_offer(tn, answer))
            except UnreadableError as why:
                unresolved[tn] = why.unread
        return Quotes(offered, unresolved, asked.calls, asked.answered)

    def find_owned(self, intent: Intent) -> Observation:
        """The owned numbers that contain these digits, compared exactly, or, of one that was to be released, all of
        them; without the sibling calls, nothing."""
        address = intent.address
        if not self.account.option("account_api"):
            return Observation(self.account.name, unobservable=frozenset({address}))
        if intent.action is Action.DELETE:
            return self.observe([Resource(address, self.account.name)])
        asked = Reading(self.http)
        answer = asked.read(client.list_numbers(convert.ten_digits(address.name)))
        found: dict[Address, Resource] = {}
        unresolved: dict[Address, Unread] = {}
        try:
            listed = convert.exactly_owned(self.account.name, address.name, answer)
            found.update((number.address, number) for number in listed.values())
        except UnreadableError as why:
            unresolved[address] = why.unread
        return Observation(self.account.name, found, unresolved, calls=asked.calls, answered=asked.answered)

    def fits(self, offer: Offer, query: Mapping[str, Any]) -> bool:
        """By the mask; what else was searched for is asked of the carrier together with the number's own mask."""
        if not convert.is_like(query.get("tn_mask"), offer.tn):
            return False
        if not _places(query):
            return True
        found = self.search({**query, "tn_mask": convert.ten_digits(offer.tn)}, 1)
        return any(shown.tn == offer.tn for shown in found)

    def search(self, query: Mapping[str, Any], quantity: int) -> Found:
        """Numbers under ``tn_mask``, ``province``, ``rate_center`` and ``lata``."""
        call = client.inventory(query.get("tn_mask") or quirks.ANY_NUMBER, quantity, **_places(query))
        try:
            return convert.offers(self.http.read(call))
        except UnreadableError as why:
            raise refusal(self.account, call, why.unread) from None

    def coverage(self, query: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """Counts by ``count_by`` under one of ``npa``, ``lata``, ``rate_center`` and ``province``."""
        filters = {theirs: str(query[ours]) for ours, theirs in _COVERAGE_FILTERS.items() if query.get(ours)}
        call = client.coverage(query.get("count_by") or quirks.COUNT_BY, **filters)
        try:
            return convert.counts(self.http.read(call))
        except UnreadableError as why:
            raise refusal(self.account, call, why.unread) from None

    def owned(self, query: Mapping[str, Any]) -> Sequence[Resource]:
        """The account's own numbers under ``tn_mask`` and in the places of ``query``; none without the sibling calls.

        The list of owned numbers tells no place. An exchange is rated in one place, so a number counts as being where
        the coverage of that place has its exchange; one whose exchange is sold out is not provably there.
        """
        if not self.account.option("account_api"):
            return []
        call = client.list_numbers()
        try:
            listed, doubt = convert.owned(self.account.name, self.http.read(call))
        except UnreadableError as why:
            raise refusal(self.account, call, why.unread) from None
        if doubt:
            raise refusal(self.account, call, Unread(doubt))
        sound = {tn: number for tn, number in listed.items() if number.status is Status.ACTIVE}
        fitting = [number for tn, number in sound.items() if convert.is_like(query.get("tn_mask"), tn)]
        exchanges = self._exchanges(query) if fitting else None
        return [n for n in fitting if exchanges is None or convert.ten_digits(n.address.name)[:6] in exchanges]

    def _exchanges(self, query: Mapping[str, Any]) -> set[str] | None:
        """NPA and NXX of the exchanges in the places of ``query``, of those with numbers on offer; None: anywhere."""
        place = {theirs: str(query[ours]) for ours, theirs in _PLACES.items() if query.get(ours)}
        if not place:
            return None
        narrowest = next(ours for ours in _PLACES if query.get(ours))
        rows = self.coverage({"count_by": quirks.COUNT_BY, narrowest: query[narrowest]})
        there = (row for row in rows if all(str(row.get(theirs)) == name for theirs, name in place.items()))
        return {f"{row.get('npa')}{row.get('nxx')}" for row in there}

    def _numbers(self, asked: Reading, wanted: Sequence[Resource]) -> Seen:
        """Every owned number, when numbers are wanted. A wanted route that cannot be read leaves its number open."""
        numbers = {want.address.name: want for want in wanted if want.address.kind is Kind.NUMBER}
        if not _wants_numbers(wanted):
            return Seen({}, {})
        names = numbers or [EVERYTHING]
        try:
            found, doubt = convert.owned(self.account.name, asked.read(client.list_numbers()))
        except UnreadableError as why:
            return Seen({}, {Address(Kind.NUMBER, tn): why.unread for tn in names})
        unread = left_open(names, found, doubt)
        odd = {tn for tn, want in numbers.items() if _route_is_unread(want, found.get(tn))}
        unread |= dict.fromkeys(odd, Unread("the account lists it with a route that is no number"))
        return Seen(found, {Address(Kind.NUMBER, tn): why for tn, why in unread.items()}, listed=not doubt)

    def _gateways(
        self, asked: Reading, wanted: Sequence[Resource], owned: Mapping[str, Resource]
    ) -> tuple[frozenset[int] | None, dict[Address, Unread], tuple[str, ...]]:
        """The routes that the account has, when a wanted number declares one; else, or when unreadable, None.

        A route that is neither on a list with a doubt nor in use already leaves its number open.
        """
        routed = [w for w in wanted if w.address.kind is Kind.NUMBER and w.attrs.get("route") is not None]
        if not routed:
            return None, {}, ()
        try:
            gateways, doubt = convert.routes(asked.read(client.gateways()))
        except UnreadableError as why:
            return None, {}, (f"{self.account.name}: declared routes are not checked against the gateways: {why}",)
        if not doubt:
            return gateways, {}, ()
        unknown = [w for w in routed if w.attrs["route"] not in gateways and not _is_routed(w, owned)]
        open_still = {w.address: Unread(f"{doubt}, and it may be route {w.attrs['route']}") for w in unknown}
        return None, open_still, ()


def _is_routed(want: Resource, owned: Mapping[str, Resource]) -> bool:
    live = owned.get(want.address.name)
    return live is not None and live.attrs.get("route") == want.attrs["route"]


def _places(query: Mapping[str, Any]) -> dict[str, str | int]:
    """Where to search, as the carrier's filters."""
    filters: dict[str, str | int] = {theirs: query[ours] for ours, theirs in _SEARCH_FILTERS.items() if query.get(ours)}
    return filters | ({"lata": int(query["lata"])} if query.get("lata") else {})


def _wants_numbers(wanted: Sequence[Resource]) -> bool:
    """Whether the list of owned numbers is to be read: with nothing wanted, everything is."""
    return not wanted or any(want.address.kind is Kind.NUMBER for want in wanted)


def _route_is_unread(want: Resource, live: Resource | None) -> bool:
    unread = live is not None and live.status is Status.ACTIVE and "route" not in live.attrs
    return unread and want.attrs.get("route") is not None


def _request(step: Step, reference: str) -> tuple[ApiCall, Callable[[Answer], Reply]]:
    """The one request that ``step`` is, and the table that judges its answer."""
    e164 = step.changes[0].address.name
    tn = convert.ten_digits(e164)
    attrs = step.desired[0].attrs if step.desired else NOTHING
    match step.kind, step.action:
        case Kind.NUMBER, Action.CREATE:
            return client.order(tn, attrs.get("route"), reference), partial(verdicts.order, e164)
        case Kind.NUMBER, Action.UPDATE:
            return client.set_route(tn, attrs["route"]), partial(verdicts.route, e164, attrs["route"])
        case Kind.NUMBER, Action.DELETE:
            return client.disconnect(tn), partial(verdicts.release, e164)
        case Kind.BRAND, Action.CREATE:
            return client.add_brand(attrs["id"], attrs["name"], attrs["description"]), partial(
                verdicts.brand, attrs["id"]
            )
        case Kind.CAMPAIGN, Action.CREATE:
            return client.add_campaign(attrs["id"], attrs["brand"], attrs["description"]), partial(
                verdicts.campaign, attrs["id"]
            )
        case Kind.ASSIGNMENT, Action.CREATE | Action.UPDATE:
            tns = [convert.ten_digits(address.name) for address in step.addresses]
            asked = {address.name for address in step.addresses}
            return client.assign(attrs["campaign"], tns), partial(verdicts.assignment, attrs["campaign"], asked)
    raise ValueError(f"iNumbering has no call to {step.action} {step.kind}")
