"""IntelePeer as the engine sees it: SMS enablement and webhooks, read by one GET a number.

The webhook read carries the enablement too, so a number whose webhook matters costs no second read. The state that
is read decides everything; nothing about an enablement needs to be remembered.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import ClassVar

from reconciler.model import Action, Address, Kind, Observation, Reply, Resource, Status, Step, Unread
from reconciler.model.capabilities import Capabilities
from reconciler.model.fleet import Account
from reconciler.model.safe_text import WebhookUrl
from reconciler.providers.base import Leave, freely
from reconciler.providers.credentials import Secrets
from reconciler.providers.http.budget import Rate
from reconciler.providers.http.messages import Answer, ApiCall, Auth, Authorize
from reconciler.providers.http.transport import Transport
from reconciler.providers.intelepeer import client, convert, quirks, verdicts
from reconciler.providers.reads import UNAUTHORIZED, Reading, UnreadableError, unusable

CAPABILITIES = Capabilities(
    kinds=frozenset({Kind.SMS, Kind.WEBHOOK}),
    reads=frozenset({Kind.SMS, Kind.WEBHOOK}),
    deletes=frozenset({Kind.SMS}),
    updates={Kind.WEBHOOK: frozenset({"url"})},
    leaves_behind={
        Kind.WEBHOOK: "the webhook stays set at the carrier, which has no call that clears it; "
        "set another there, or switch SMS off"
    },
    first_write={Kind.WEBHOOK: "their inbound messages leave IntelePeer's own flows and go to the webhook"},
)

NOT_OURS = 404


class IntelePeer:
    """One IntelePeer account."""

    budgets: ClassVar[Mapping[str, Rate]] = quirks.BUDGETS
    max_in_flight: ClassVar[int] = quirks.MAX_IN_FLIGHT

    def __init__(self, account: Account, http: Transport) -> None:
        self.account = account
        self.http = http

    @staticmethod
    def authorize(secrets: Secrets) -> Authorize:
        """A bearer token in a header."""
        return lambda refresh: Auth(headers={"Authorization": f"Bearer {secrets.get('token', refresh)}"})

    @staticmethod
    def unauthorized(answer: Answer) -> bool:
        """Whether the credential was refused."""
        return answer.status == UNAUTHORIZED

    @property
    def capabilities(self) -> Capabilities:
        """What every IntelePeer account can do."""
        return CAPABILITIES

    def canonical(self, desired: Resource) -> Resource:
        """``desired`` as it is: webhook URLs compare in their canonical form by themselves."""
        return desired

    def observe(self, wanted: Sequence[Resource]) -> Observation:
        """One GET a number, side by side: the webhook's where a webhook is wanted, else the enablement's."""
        asked = Reading(self.http)
        found: dict[Address, Resource] = {}
        unresolved: dict[Address, Unread] = {}
        addresses = _by_number(wanted)
        for tn, answer in _answers(asked, addresses).items():
            try:
                found.update((seen.address, seen) for seen in _seen(self.account.name, tn, answer))
            except UnreadableError as why:
                unresolved.update(dict.fromkeys(addresses[tn], why.unread))
            else:
                unresolved.update(_doubted(tn, answer, addresses[tn]))
        return Observation(self.account.name, found, unresolved, calls=asked.calls, answered=asked.answered)

    def perform(self, step: Step, reference: str, leave: Leave = freely) -> Reply:
        """One POST or DELETE. This carrier takes no reference of ours."""
        del reference
        request, verdict = _request(step)
        return verdict(self.http.send(request, leave))


def _answers(asked: Reading, addresses: Mapping[str, Sequence[Address]]) -> dict[str, Answer]:
    """Number -> the answer that decides about it."""
    webhooks = [tn for tn, wanted in addresses.items() if Address(Kind.WEBHOOK, tn) in wanted]
    first = {tn: client.get_provision(tn) for tn in addresses} | {tn: client.get_webhook(tn) for tn in webhooks}
    answers = dict(zip(first, asked.gather(list(first.values())), strict=True))
    open_still = [tn for tn in webhooks if quirks.webhook_read_proves_nothing(answers[tn].status)]
    second = asked.gather([client.get_provision(tn) for tn in open_still])
    return answers | dict(zip(open_still, second, strict=True))


def _by_number(wanted: Sequence[Resource]) -> dict[str, list[Address]]:
    """TN -> what is wanted of it, in order."""
    addresses: dict[str, list[Address]] = {}
    for resource in sorted(wanted, key=lambda resource: resource.address):
        addresses.setdefault(resource.address.name, []).append(resource.address)
    return addresses


def _seen(account: str, tn: str, answer: Answer) -> list[Resource]:
    """What one answer shows of ``tn``: always its enablement, and its webhook if there is one."""
    if answer.fault is None and answer.status == NOT_OURS:
        return [convert.sms(account, tn, Status.FOREIGN)]
    if not answer.ok:
        raise unusable(answer)
    body = answer.json
    if not isinstance(body, dict) or not convert.reads_as_documented(body):
        raise unusable(answer, "not an answer to this question")
    if convert.another_number(body, tn):
        raise UnreadableError(f"HTTP {answer.status}: the answer is about another number")
    status, carrier_status = convert.state(body)
    webhook = convert.webhook(account, tn, body, status)
    return [convert.sms(account, tn, status, carrier_status), *([webhook] if webhook else [])]


def _doubted(tn: str, answer: Answer, asked: Collection[Address]) -> dict[Address, Unread]:
    """The webhook that was asked for, where the answer has one that cannot be read."""
    doubt = convert.webhook_doubt(answer.json) if isinstance(answer.json, dict) else ""
    webhook = Address(Kind.WEBHOOK, tn)
    return {webhook: Unread(doubt)} if doubt and webhook in asked else {}


def _request(step: Step) -> tuple[ApiCall, Callable[[Answer], Reply]]:
    """The one request that ``step`` is, and the table that judges its answer."""
    tn = step.changes[0].address.name
    match step.kind, step.action:
        case Kind.SMS, Action.CREATE:
            return client.enable(tn), partial(verdicts.enablement, tn)
        case Kind.SMS, Action.DELETE:
            return client.disable(tn), partial(verdicts.enablement, tn)
        case Kind.WEBHOOK, Action.CREATE | Action.UPDATE:
            url: WebhookUrl = step.desired[0].attrs["url"]
            return client.set_webhook(tn, url), partial(verdicts.webhook, tn, url)
    raise ValueError(f"IntelePeer has no call to {step.action} {step.kind}")
