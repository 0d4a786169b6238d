"""The fleet as a person would write it: numbers that come, go and change between runs, and a pool."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from reconciler.sandbox.inumbering.stock import inventory
from tests.simulation.canaries import HOOK_SECRET

ACCOUNTS = {
    "ip": "type: intelepeer",
    "vt": "type: inumbering",
    "api": "type: inumbering, account_api: true",
    "ib": "type: infobip",
}
"""Account -> its YAML, between braces."""

CAMPAIGNS = {"vt": "CACME01", "api": "CACME02"}
"""Account -> the campaign that numbers there may be assigned to."""

_SEARCHES = {"ib": '{country: GB, contains: "4477009002"}'}
_SEARCH = "{tn_mask: 201389xxxx}"
_RANGES = {"ib": "+4477009002", "vt": "+1201389", "api": "+1201389"}
"""Account -> how the numbers of its pool begin: no other number does."""


@dataclass(frozen=True, slots=True)
class NumberEntry:
    """One number of the configuration. None: not written, so not managed; ``hook``: which webhook."""

    tn: str
    account: str
    route: int | None = None
    campaign: bool = False
    sms: bool | None = None
    hook: int | None = None
    protect: bool | None = None

    @property
    def webhook(self) -> str | None:
        """The webhook's whole URL, with its secret; where messages are off there is none."""
        return (
            None if self.hook is None or not self.sms else f"https://hooks.example.com/in{self.hook}?key={HOOK_SECRET}"
        )

    def yaml(self) -> str:
        """The entry under ``numbers:``."""
        fields = [f"provider: {self.account}"]
        if self.route is not None:
            fields.append(f"route: {self.route}")
        if self.campaign:
            fields.append(f"campaign: at-{self.account}")
        if self.sms is not None:
            on = str(self.sms).lower()
            fields.append(f"sms: {on}" if self.account == "ip" else f"sms: {{enabled: {on}, provider: ip}}")
        if self.webhook is not None:
            fields.append(f'webhook: "{self.webhook}"')
        if self.protect is not None:
            fields.append(f"protect: {str(self.protect).lower()}")
        return f'  "{self.tn}": {{{", ".join(fields)}}}\n'


@dataclass(frozen=True, slots=True)
class Pool:
    """A pool: ``size`` numbers at ``account``, from a range of its own."""

    account: str
    size: int

    def covers(self, account: str, tn: str) -> bool:
        """Whether that number, at that account, can only be the pool's."""
        return account == self.account and tn.startswith(_RANGES[account])

    def stock(self) -> list[str]:
        """Every number of its range that its carrier ever sells, in order."""
        if self.account == "ib":
            return [f"{_RANGES['ib']}{n:02}" for n in range(100)]
        return [f"+1{digits}" for digits in inventory() if f"+1{digits}".startswith(_RANGES[self.account])]

    def yaml(self) -> str:
        """The pool under ``pools:``."""
        search = _SEARCHES.get(self.account, _SEARCH)
        return f"pools:\n  desk: {{provider: {self.account}, size: {self.size}, search: {search}}}\n"


def yaml(entries: Iterable[NumberEntry], accounts: Mapping[str, str], pool: Pool | None = None) -> str:
    """The whole configuration: ``accounts`` (name -> YAML between braces), the campaigns that ``entries`` use, the
    entries and the pool."""
    declared = list(entries)
    text = "version: 1\nproviders:\n" + "".join(f"  {name}: {{{fields}}}\n" for name, fields in accounts.items())
    assigned = sorted({entry.account for entry in declared if entry.campaign})
    if assigned:
        text += "brands:\n" + "".join(_brand(account) for account in assigned)
        text += "campaigns:\n" + "".join(_campaign(account) for account in assigned)
    text += pool.yaml() if pool else ""
    return text + ("numbers:\n" + "".join(entry.yaml() for entry in declared) if declared else "numbers: {}\n")


def _brand(account: str) -> str:
    return f"  of-{account}: {{provider: {account}, id: BACME01, name: ACME, description: ACME alerts}}\n"


def _campaign(account: str) -> str:
    place = f"provider: {account}, brand: of-{account}, id: {CAMPAIGNS[account]}"
    return f"  at-{account}: {{{place}, description: Alerts}}\n"
