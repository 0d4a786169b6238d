"""``numbers:`` to resources: each number with the facets that are written on it or that a default fills in.

A default fills only the numbers whose carrier can do it; what is written on the number itself and the carrier
cannot do is a problem.

========== =====================================  ===========================================
facet      whose account                          a default reaches
========== =====================================  ===========================================
sms        its own ``provider``, else the         numbers where that account carries messages
           number's
webhook    the one that carries the messages      numbers with sms on
campaign   the number's                           US long codes on the campaign's account
route      the number's                           inumbering numbers
========== =====================================  ===========================================
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reconciler import phone
from reconciler.config.messaging import Accounts, Registered
from reconciler.config.node import Node
from reconciler.config.problems import Problems
from reconciler.config.refs import CAN, cannot, refer
from reconciler.config.suggest import phone_form, quoted
from reconciler.config.webhooks import Webhooks
from reconciler.model import NOTHING, Address, Attrs, Kind, Mark, Resource
from reconciler.settings import Account, ProviderType

_EMPTY = Node({}, "", 1, 1)

_BUYS = frozenset({ProviderType.INUMBERING, ProviderType.INFOBIP})
"""Carriers where the number itself is a resource."""


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of ``numbers``: the number, what is written on it, where, and the account it is on."""

    tn: str
    entry: Node
    mark: Mark
    account: Account
    labels: Mapping[str, str]
    protect: bool | None

    @property
    def number(self) -> tuple[Address, ...]:
        """The address of the number itself, where it has one: what its facets need."""
        return (Address(Kind.NUMBER, self.tn),) if self.account.type in _BUYS else ()

    def resource(self, kind: Kind, provider: str, attrs: Attrs, needs: tuple[Address, ...] = ()) -> Resource:
        """A resource of this line."""
        node = self.entry.get("campaign" if kind is Kind.ASSIGNMENT else kind.value)
        return Resource(
            Address(kind, self.tn),
            provider,
            attrs,
            needs,
            mark=node.mark if node is not None else self.mark,
            labels=self.labels,
            protect=self.protect,
        )


@dataclass(frozen=True, slots=True)
class Sms:
    """Which account carries a line's messages, and whether they are on; ``enabled`` None: not managed."""

    carrier: Account | None
    enabled: bool | None = None


class Lines:
    """Compiles ``numbers:`` of one root with its ``defaults.numbers``."""

    def __init__(
        self,
        root: Node,
        accounts: Accounts,
        campaigns: Mapping[str, Registered | None],
        webhooks: Webhooks,
        problems: Problems,
    ) -> None:
        self._numbers = root.get("numbers") or _EMPTY
        self._defaults = (root.get("defaults") or _EMPTY).get("numbers") or _EMPTY
        self._default_labels = _labels(self._defaults)
        self._accounts = accounts
        self._campaigns = campaigns
        self._webhooks = webhooks
        self._problems = problems

    def resources(self) -> Iterator[Resource]:
        """What all the lines become, line by line."""
        self._check_defaults()
        for tn, entry, mark in self._numbers.entries():
            if self._is_number(tn, mark):
                line = self._line(tn, entry, mark)
                if line is not None:
                    yield from self._facets(line)

    def _check_defaults(self) -> None:
        """Follow the names in the defaults once, also when no number takes them up."""
        self._refer(self._defaults, "provider")
        refer(self._defaults, "campaign", "campaigns", self._campaigns, self._problems)
        sms, webhook = self._defaults.get("sms"), self._defaults.get("webhook")
        carrier = self._refer(sms, "provider") if sms is not None else None
        if sms is not None and carrier is not None and carrier.type not in CAN["sms"]:
            self._problems.add(sms.members["provider"].mark, cannot("sms", carrier.type))
        if webhook is not None:
            self._webhooks.url(webhook)

    def _refer(self, owner: Node, key: str) -> Account | None:
        """The account that ``owner`` names at ``key``."""
        return refer(owner, key, "providers", self._accounts, self._problems)

    def _is_number(self, tn: str, mark: Mark) -> bool:
        """Whether the key is a phone number; if not, say how it is written."""
        wrong = phone.problem(tn)
        if wrong is None:
            return True
        meant = phone_form(tn)
        if meant is None:
            self._problems.add(mark, f"{quoted(tn)} is {wrong}")
        elif self._numbers.has(meant):
            place = self._numbers.key_mark(meant)
            self._problems.add(mark, f'{quoted(tn)} is the number "{meant}", declared at {place} already: keep one')
        else:
            self._problems.add(mark, f'{quoted(tn)} is not an E.164 number: write "{meant}", in quotes')
        return False

    def _line(self, tn: str, entry: Node, mark: Mark) -> Line | None:
        """The line with its account; None when that is missing or unknown."""
        owner = entry if entry.has("provider") else self._defaults
        if not owner.has("provider"):
            self._problems.add(
                mark, f"`provider` is missing in {quoted(tn)}: write the name of an account under `providers`"
            )
        account = self._refer(owner, "provider")
        if account is None:
            return None
        protect = entry.bool_at("protect")
        own_labels = _labels(entry)
        return Line(
            tn,
            entry,
            mark,
            account,
            {**self._default_labels, **own_labels} if own_labels else self._default_labels,
            self._defaults.bool_at("protect") if protect is None else protect,
        )

    def _facets(self, line: Line) -> Iterator[Resource]:
        """Every resource of one line."""
        sms = self._sms(line)
        messages = [*self._enablement(line, sms), *self._webhook(line, sms)]
        if line.account.type is ProviderType.INTELEPEER and not messages and _asks_nothing(line.entry):
            self._problems.add(
                line.mark, f"{quoted(line.tn)} asks nothing of {line.account.name}: write `sms` or `webhook`"
            )
        yield from self._number(line)
        yield from messages
        yield from self._assignment(line)

    def _number(self, line: Line) -> Iterator[Resource]:
        """The number itself, with its route."""
        type_ = line.account.type
        if type_ is ProviderType.INUMBERING and not phone.is_nanp(line.tn):
            self._problems.add(line.mark, f"{quoted(line.tn)} is not a North American number: inumbering has no others")
        own = line.entry.get("route")
        if own is not None and type_ not in CAN["route"]:
            self._problems.add(line.entry.key_mark("route"), cannot("route", type_))
        if type_ in _BUYS:
            owner = line.entry if line.entry.has("route") else self._defaults
            route = owner.int_at("route") if type_ in CAN["route"] else None
            yield line.resource(Kind.NUMBER, line.account.name, NOTHING if route is None else {"route": route})

    def _sms(self, line: Line) -> Sms:
        """Who carries the messages of a line and whether they are on."""
        fallback = line.account if line.account.type in CAN["sms"] else None
        own = line.entry.get("sms")
        node = own if line.entry.has("sms") else self._defaults.get("sms")
        if node is None:
            return Sms(fallback)
        elsewhere = node.has("provider")
        carrier = self._refer(node, "provider") if elsewhere else line.account
        if carrier is None:
            return Sms(None)
        if carrier.type not in CAN["sms"]:
            if own is not None:
                mark = own.members["provider"].mark if elsewhere else line.entry.key_mark("sms")
                self._problems.add(mark, f"{cannot('sms', carrier.type)}; name one: {{enabled: true, provider: NAME}}")
            return Sms(fallback)
        enabled = node.value if isinstance(node.value, bool) else node.bool_at("enabled")
        return Sms(carrier, True if enabled is None else enabled)

    def _enablement(self, line: Line, sms: Sms) -> Iterator[Resource]:
        """``sms/`` where it is managed."""
        if sms.carrier is not None and sms.enabled is not None:
            yield line.resource(Kind.SMS, sms.carrier.name, {"enabled": sms.enabled}, line.number)

    def _webhook(self, line: Line, sms: Sms) -> Iterator[Resource]:
        """``webhook/``: the line's own, or the default where messages are on."""
        own = line.entry.get("webhook")
        node = own if line.entry.has("webhook") else self._defaults.get("webhook") if sms.enabled else None
        if node is None:
            return
        if sms.enabled is False:
            self._problems.add(
                line.entry.key_mark("webhook"), "a webhook beside `sms: false`: turn sms on, or drop the webhook"
            )
        elif sms.carrier is None:
            if not line.entry.has("sms"):
                message = f"{cannot('webhook', line.account.type)}; name one: sms: {{enabled: true, provider: NAME}}"
                self._problems.add(line.entry.key_mark("webhook"), message)
        elif (url := self._webhooks.url(node)) is not None:
            needs = (Address(Kind.SMS, line.tn),) if sms.enabled else ()
            yield line.resource(Kind.WEBHOOK, sms.carrier.name, {"url": url}, needs)

    def _assignment(self, line: Line) -> Iterator[Resource]:
        """``assignment/``: the line's own campaign, or the default where it can be."""
        own = line.entry.has("campaign")
        owner = line.entry if own else self._defaults
        mark = line.entry.key_mark("campaign")
        if own and line.account.type not in CAN["campaign"]:
            self._problems.add(mark, cannot("campaign", line.account.type))
            return
        campaign = refer(owner, "campaign", "campaigns", self._campaigns, self._problems)
        if campaign is None:
            return
        wrong = _unassignable(line, campaign)
        if wrong is None:
            needs = (Address(Kind.NUMBER, line.tn), campaign.resource.address)
            yield line.resource(Kind.ASSIGNMENT, line.account.name, {"campaign": campaign.id}, needs)
        elif own:
            self._problems.add(mark, wrong)


def _asks_nothing(entry: Node) -> bool:
    """Whether neither facet is written, nor anything that may have been meant as one."""
    return not entry.has("sms") and not entry.has("webhook") and all(m.sound for m in entry.members.values())


def _unassignable(line: Line, campaign: Registered) -> str | None:
    """Why a line cannot send for a campaign, or None."""
    if campaign.provider != line.account.name:
        there, here = quoted(campaign.provider), quoted(line.account.name)
        return f"the campaign is on {there} and the number on {here}: use one account"
    if not phone.is_nanp(line.tn) or phone.is_toll_free(line.tn):
        return f"{quoted(line.tn)} is not a US long code: campaigns are for those only; remove `campaign`"
    return None


def _labels(node: Node) -> dict[str, str]:
    """The labels that are written on ``node``."""
    labels = node.get("labels")
    return {} if labels is None else {key: m.value for key, m, _ in labels.entries() if isinstance(m.value, str)}
