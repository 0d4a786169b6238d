"""The toy carrier as the engine sees it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from reconciler.model import (
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
    Step,
    Verdict,
)
from reconciler.model.capabilities import Capabilities
from reconciler.model.fleet import Account
from reconciler.model.phone import is_e164
from reconciler.providers import complaints, listed
from reconciler.providers.base import Leave, freely
from reconciler.providers.credentials import Secrets
from reconciler.providers.http.budget import Rate
from reconciler.providers.http.messages import Answer, ApiCall, Auth, Authorize, Tn
from reconciler.providers.http.transport import Transport
from reconciler.providers.http.verdict import judge, reply
from reconciler.providers.reads import EVERYTHING, UNAUTHORIZED, Reading, UnreadableError, refusal, unusable

REFUSALS = frozenset({400, 403, 404, 405, 422})
"""Statuses after which nothing was done. 409 is not one: the number may be bought already, by us."""


class Toy:
    """One account."""

    budgets: ClassVar[Mapping[str, Rate]] = {"*": Rate(50, burst=50)}
    max_in_flight: ClassVar[int] = 4

    def __init__(self, account: Account, http: Transport) -> None:
        self.account = account
        self.http = http

    @staticmethod
    def authorize(secrets: Secrets) -> Authorize:
        """A key in a header."""
        return lambda refresh: Auth(headers={"X-Toy-Key": secrets.get("toy_key", refresh)})

    @staticmethod
    def unauthorized(answer: Answer) -> bool:
        """Whether the key was refused."""
        return answer.status == UNAUTHORIZED

    @property
    def capabilities(self) -> Capabilities:
        """What every account can do."""
        numbers = frozenset({Kind.NUMBER})
        return Capabilities(numbers, numbers, numbers, lists=True, settle_after=self.account.settle_after)

    def canonical(self, desired: Resource) -> Resource:
        """``desired`` as it is: a number has no fields here."""
        return desired

    def observe(self, wanted: Sequence[Resource]) -> Observation:
        """The whole account, by its one list."""
        numbers = [want.address.name for want in wanted if want.address.kind is Kind.NUMBER]
        others = frozenset(want.address for want in wanted if want.address.kind is not Kind.NUMBER)
        return self._owned(numbers or [EVERYTHING], others)

    def find_owned(self, intent: Intent) -> Observation:
        """The whole account too: the list is never late."""
        return self._owned([intent.address.name])

    def perform(self, step: Step, reference: str, leave: Leave = freely) -> Reply:
        """One purchase or release. This carrier takes no reference of ours."""
        del reference
        tn = step.changes[0].address.name
        match step.kind, step.action:
            case Kind.NUMBER, Action.CREATE:
                return bought(tn, self.http.send(ApiCall("buy", "PUT", ("numbers", Tn(tn)), writes=True), leave))
            case Kind.NUMBER, Action.DELETE:
                return released(self.http.send(ApiCall("release", "DELETE", ("numbers", Tn(tn)), writes=True), leave))
        raise ValueError(f"Toy has no call to {step.action} {step.kind}")

    def quote(self, tns: Sequence[str]) -> Quotes:
        """Look for each very number."""
        asked, offered, unread = Reading(self.http), {}, {}
        for tn in tns:
            try:
                rows, doubt = numbers(asked.read(self._offers(tn.removeprefix("+"), 1)))
                unread |= listed.left_open([tn], rows, doubt or ("it tells of other numbers" if rows else ""))
            except UnreadableError as why:
                rows, unread[tn] = {}, why.unread
            if tn in rows:
                offered[tn] = Offer(tn, row=rows[tn][0])
        return Quotes(offered, unread, calls=asked.calls, answered=asked.answered)

    def search(self, query: Mapping[str, Any], quantity: int) -> Found:
        """Numbers of the account's shop that end with some digits."""
        call = self._offers(query.get("ends_with", ""), quantity)
        try:
            rows, doubt = numbers(self.http.read(call))
        except UnreadableError as why:
            raise refusal(self.account, call, why.unread) from None
        return Found((Offer(tn, row=same[0]) for tn, same in rows.items()), doubt)

    def fits(self, offer: Offer, query: Mapping[str, Any]) -> bool:
        """By the number itself."""
        return offer.tn.endswith(query.get("ends_with", ""))

    def _offers(self, ends_with: str, quantity: int) -> ApiCall:
        query = {"shop": self.account.option("shop"), "ends_with": ends_with, "quantity": str(quantity)}
        return ApiCall("offers", "GET", ("offers",), query=query)

    def _owned(self, wanted: Iterable[str], unobservable: frozenset[Address] = frozenset()) -> Observation:
        asked = Reading(self.http)
        try:
            rows, doubt = numbers(asked.read(ApiCall("list", "GET", ("numbers",))))
            unread = listed.left_open(wanted, rows, doubt)
        except UnreadableError as why:
            rows, doubt, unread = {}, str(why), dict.fromkeys(wanted, why.unread)
        return Observation(
            self.account.name,
            found={Address(Kind.NUMBER, tn): Resource(Address(Kind.NUMBER, tn), self.account.name) for tn in rows},
            unresolved={Address(Kind.NUMBER, tn): why for tn, why in unread.items()},
            unobservable=unobservable,
            calls=asked.calls,
            listed=not doubt,
            answered=asked.answered,
        )


def numbers(answer: Answer) -> tuple[dict[str, list[listed.Row]], str]:
    """The rows by number, and why what is in none is not proved absent; raises UnreadableError for no such list."""
    body = answer.json if answer.ok and isinstance(answer.json, dict) else {}
    if not isinstance(body.get("numbers"), list) or complaints.of_head(body):
        raise unusable(answer)
    return listed.by_number(body["numbers"], "number", e164)


def e164(value: object) -> str | None:
    """The carrier's digits as E.164."""
    tn = f"+{listed.spelled(value) or ''}"
    return tn if is_e164(tn) else None


def bought(tn: str, answer: Answer) -> Reply:
    """A purchase is proved by the very number, with no complaint beside it."""
    body = answer.json if answer.ok and isinstance(answer.json, dict) else {}
    if e164(body.get("number")) == tn and not complaints.anywhere(body):
        return reply(answer, Verdict.OK)
    return judge(answer) or refused(answer)


def released(answer: Answer) -> Reply:
    """A release is proved by 204."""
    return reply(answer, Verdict.OK) if answer.ok and answer.status == 204 else judge(answer) or refused(answer)


def refused(answer: Answer) -> Reply:
    """What neither proves nor refuses anything is a maybe."""
    return reply(answer, Verdict.REJECTED if answer.status in REFUSALS else Verdict.MAYBE)
