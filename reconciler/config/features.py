"""One number entry to its resources: the features that are written on it or that a default fills in.

A line is an entry of ``numbers:``, or what every number of a pool is to be. A default fills only the lines whose
carrier can do it; what is written on the line itself and the carrier cannot do is a problem.

========== =====================================  ===========================================
feature    whose account                          a default reaches
========== =====================================  ===========================================
sms        its own ``provider``, else the         lines where that account carries messages
           line's
webhook    the one that carries the messages      lines with sms on
campaign   the line's                             US long codes on the campaign's account
route      the line's                             lines whose account routes calls
release    the line's                             lines whose account sells numbers
========== =====================================  ===========================================
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from reconciler.config.messaging import Accounts, Registered
from reconciler.config.node import Node
from reconciler.config.problems import Problems
from reconciler.config.references import Carriers, cannot, refer
from reconciler.config.urls import Webhooks
from reconciler.model import NOTHING, Address, Attrs, Kind, Mark, Resource, durations
from reconciler.model.fleet import Account
from reconciler.model.suggestions import quoted


@dataclass(frozen=True, slots=True)
class NumberEntry:
    """One line: what messages call it, what is written on it, where, and the account it is on.

    ``tn`` is empty for a line that any number may fill. ``long_code``: only US long codes can have a campaign.
    """

    tn: str
    called: str
    entry: Node
    mark: Mark
    account: Account
    labels: Mapping[str, str]
    protect: bool | None
    long_code: bool

    @property
    def number(self) -> tuple[Address, ...]:
        """The address of the number itself, where it has one: what its features need."""
        return (Address(Kind.NUMBER, self.tn),) if self.account.spec.sells else ()

    def resource(self, kind: Kind, account: str, attrs: Attrs, needs: tuple[Address, ...] = ()) -> Resource:
        """A resource of this line."""
        node = self.entry.get("campaign" if kind is Kind.ASSIGNMENT else kind.value)
        return Resource(
            Address(kind, self.tn),
            account,
            attrs,
            needs,
            mark=node.mark if node is not None else self.mark,
            labels=self.labels,
            protect=self.protect,
        )


@dataclass(frozen=True, slots=True)
class Sms:
    """Which account carries a line's messages, and whether they are on; ``enabled`` None: not managed.

    ``named``: an account is named, also when it is not known which.
    """

    account: Account | None
    enabled: bool | None = None
    named: bool = False


class Features:
    """Compiles lines, with the ``defaults.numbers`` of one root."""

    def __init__(
        self,
        defaults: Node,
        accounts: Accounts,
        carriers: Carriers,
        campaigns: Mapping[str, Registered | None],
        webhooks: Webhooks,
        problems: Problems,
    ) -> None:
        self._defaults = defaults
        self._default_labels = _labels(defaults)
        self._accounts = accounts
        self._carriers = carriers
        self._campaigns = campaigns
        self._webhooks = webhooks
        self._problems = problems

    def is_north_american(self, entry: Node) -> bool:
        """Whether a line is, by itself or by default, on an account whose numbers all begin with +1."""
        account = self._accounts.get(entry.text_at("provider") or self._defaults.text_at("provider") or "")
        return account is not None and account.spec.north_american

    def check_defaults(self) -> None:
        """Follow the names in the defaults once, also when no line takes them up."""
        self.refer(self._defaults, "provider")
        self._check(self._defaults)

    def check(self, entry: Node) -> None:
        """Tell what is wrong with the features of an entry whose account is not known, whatever it is."""
        self._check(entry)
        sms = entry.get("sms")
        if sms is not None and not _is_on(sms) and entry.get("webhook") is not None:
            self._refuse_webhook_without_sms(entry)

    def _check(self, features: Node) -> None:
        """Follow the names in ``features``, and make a URL of the webhook."""
        refer(features, "campaign", "campaigns", self._campaigns, self._problems)
        sms, webhook = features.get("sms"), features.get("webhook")
        account = self.refer(sms, "provider") if sms is not None else None
        if sms is not None and account is not None and "sms" not in account.spec.features:
            self._problems.add(sms.members["provider"].mark, self._cannot("sms", account))
        if webhook is not None:
            self._webhooks.url(webhook)

    @property
    def _defaults_are_known(self) -> bool:
        """Whether what no default says is said by none."""
        return "defaults" not in self._problems.unread

    def _cannot(self, feature: str, account: Account) -> str:
        return cannot(feature, account, self._carriers)

    def refer(self, owner: Node, key: str) -> Account | None:
        """The account that ``owner`` names at ``key``."""
        return refer(owner, key, "providers", self._accounts, self._problems)

    def account(self, owners: tuple[Node, ...], called: str, mark: Mark) -> Account | None:
        """The account of the first of ``owners`` that names one, else the default one; a problem if none does."""
        owner = next((node for node in owners if node.has("provider")), self._defaults)
        if not owner.has("provider") and self._defaults_are_known:
            self._problems.add(
                mark, f"`provider` is missing in {called}: write the name of an account under `providers`"
            )
        return self.refer(owner, "provider")

    def entry(self, tn: str, called: str, entry: Node, mark: Mark, account: Account, *, long_code: bool) -> NumberEntry:
        """A line with its labels and its protection, its own before the defaults."""
        protect = entry.bool_at("protect")
        own_labels = _labels(entry)
        return NumberEntry(
            tn,
            called,
            entry,
            mark,
            account,
            {**self._default_labels, **own_labels} if own_labels else self._default_labels,
            self._defaults.bool_at("protect") if protect is None else protect,
            long_code,
        )

    def of(self, entry: NumberEntry) -> Iterator[Resource]:
        """Every resource of one line."""
        sms = self._sms(entry)
        messages = [*self._enablement(entry, sms), *self._webhook(entry, sms)]
        idle = not messages and self._defaults_are_known and _asks_nothing(entry.entry)
        if idle and not entry.account.spec.sells:
            self._problems.add(
                entry.mark, f"{entry.called} asks nothing of {entry.account.name}: write `sms` or `webhook`"
            )
        yield from self._number(entry)
        yield from messages
        yield from self._assignment(entry)

    def _number(self, entry: NumberEntry) -> Iterator[Resource]:
        """The number itself, with its route and what is done before its release."""
        spec = entry.account.spec
        for feature in ("route", "release"):
            if entry.entry.get(feature) is not None and feature not in spec.features:
                self._problems.add(entry.entry.key_mark(feature), self._cannot(feature, entry.account))
        if spec.sells:
            owner = entry.entry if entry.entry.has("route") else self._defaults
            route = owner.int_at("route") if "route" in spec.features else None
            number = entry.resource(Kind.NUMBER, entry.account.name, NOTHING if route is None else {"route": route})
            after = self._release_after(entry)
            yield number if after is None else replace(number, release_after=after)

    def _release_after(self, entry: NumberEntry) -> timedelta | None:
        """How long a number of this line is kept out of service before its release."""
        release = (entry.entry if entry.entry.has("release") else self._defaults).get("release")
        written = release.text_at("after") if release is not None else None
        return durations.parse(written) if written else None

    def _sms(self, entry: NumberEntry) -> Sms:
        """Who carries the messages of a line and whether they are on."""
        fallback = entry.account if "sms" in entry.account.spec.features else None
        own = entry.entry.get("sms")
        node = own if entry.entry.has("sms") else self._defaults.get("sms")
        if node is None:
            return Sms(fallback)
        elsewhere = node.has("provider")
        account = self.refer(node, "provider") if elsewhere else entry.account
        if account is None:
            return Sms(None, named=True)
        if "sms" not in account.spec.features:
            if own is not None:
                mark = own.members["provider"].mark if elsewhere else entry.entry.key_mark("sms")
                self._problems.add(mark, f"{self._cannot('sms', account)}; name one: {{enabled: true, provider: NAME}}")
            return Sms(fallback)
        return Sms(account, _is_on(node))

    def _enablement(self, entry: NumberEntry, sms: Sms) -> Iterator[Resource]:
        """``sms/`` where it is managed."""
        if sms.account is not None and sms.enabled is not None:
            yield entry.resource(Kind.SMS, sms.account.name, {"enabled": sms.enabled}, entry.number)

    def _webhook(self, entry: NumberEntry, sms: Sms) -> Iterator[Resource]:
        """``webhook/``: the line's own, or the default where messages are on."""
        own = entry.entry.get("webhook")
        node = own if entry.entry.has("webhook") else self._defaults.get("webhook") if sms.enabled else None
        if node is None:
            return
        url = self._webhooks.url(node)
        if sms.enabled is False:
            self._refuse_webhook_without_sms(entry.entry)
        elif sms.account is None:
            if not entry.entry.has("sms") and not sms.named and self._defaults_are_known:
                message = f"{self._cannot('webhook', entry.account)}; name one: sms: {{enabled: true, provider: NAME}}"
                self._problems.add(entry.entry.key_mark("webhook"), message)
        elif url is not None:
            needs = (Address(Kind.SMS, entry.tn),) if sms.enabled else ()
            yield entry.resource(Kind.WEBHOOK, sms.account.name, {"url": url}, needs)

    def _refuse_webhook_without_sms(self, entry: Node) -> None:
        message = "a webhook beside `sms: false`: turn sms on, or drop the webhook"
        self._problems.add(entry.key_mark("webhook"), message)

    def _assignment(self, entry: NumberEntry) -> Iterator[Resource]:
        """``assignment/``: the line's own campaign, or the default where it can be."""
        own = entry.entry.has("campaign")
        owner = entry.entry if own else self._defaults
        mark = entry.entry.key_mark("campaign")
        if own and "campaign" not in entry.account.spec.features:
            self._problems.add(mark, self._cannot("campaign", entry.account))
            return
        campaign = refer(owner, "campaign", "campaigns", self._campaigns, self._problems)
        if campaign is None:
            return
        wrong = _unassignable(entry, campaign)
        if wrong is None:
            needs = (Address(Kind.NUMBER, entry.tn), campaign.resource.address)
            yield entry.resource(Kind.ASSIGNMENT, entry.account.name, {"campaign": campaign.id}, needs)
        elif own:
            self._problems.add(mark, wrong)


def _is_on(sms: Node) -> bool:
    """Whether a sound ``sms`` turns messages on."""
    enabled = sms.value if isinstance(sms.value, bool) else sms.bool_at("enabled")
    return enabled is not False


def _asks_nothing(entry: Node) -> bool:
    """Whether neither feature is written, nor anything that may have been meant as one."""
    return not entry.has("sms") and not entry.has("webhook") and all(m.sound for m in entry.members.values())


def _unassignable(entry: NumberEntry, campaign: Registered) -> str | None:
    """Why a line cannot send for a campaign, or None."""
    if campaign.account != entry.account.name:
        there, here = quoted(campaign.account), quoted(entry.account.name)
        return f"the campaign is on {there} and the number on {here}: use one account"
    if not entry.long_code:
        return f"{entry.called} is not a US long code: campaigns are for those only; remove `campaign`"
    return None


def _labels(node: Node) -> dict[str, str]:
    """The labels that are written on ``node``."""
    labels = node.get("labels")
    return {} if labels is None else {key: m.value for key, m, _ in labels.entries() if isinstance(m.value, str)}
