"""The fleet of a schedule as a person would write it: lines of YAML that come, go and change between runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reconciler.sandbox.inumbering.stock import inventory
from tests.simulation.leaks import HOOK_SECRET

TYPES = {
    "ip": "{type: intelepeer, limits: {max_in_flight: 1}}",
    "vt": "{type: inumbering, limits: {max_in_flight: 1}}",
    "api": "{type: inumbering, account_api: true, limits: {max_in_flight: 1}}",
    "ib": "{type: infobip, limits: {max_in_flight: 1}}",
}
"""Account -> its YAML. One call in flight: the order of calls must depend on the seed alone."""

CAMPAIGNS = {"vt": "CACME01", "api": "CACME02"}
"""Account -> the campaign that numbers there may be assigned to."""


@dataclass(frozen=True, slots=True)
class Line:
    """One number of the configuration. ``sms`` None: not managed; ``hook`` None: no webhook; else which one."""

    tn: str
    account: str
    route: int | None = None
    campaign: bool = False
    sms: bool | None = None
    hook: int | None = None
    protect: bool = False

    @property
    def bought(self) -> bool:
        """Whether the account of this line sells numbers."""
        return self.account != "ip"

    @property
    def webhook(self) -> str | None:
        """The webhook's whole URL, with its secret."""
        return None if self.hook is None else f"https://hooks.example.com/in{self.hook}?key={HOOK_SECRET}"

    def yaml(self) -> str:
        """The line under ``numbers:``."""
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
        if self.protect:
            fields.append("protect: true")
        return f'  "{self.tn}": {{{", ".join(fields)}}}\n'


@dataclass(frozen=True, slots=True)
class Desk:
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
        search = '{country: GB, contains: "4477009002"}' if self.account == "ib" else "{tn_mask: 201389xxxx}"
        return f"pools:\n  desk: {{provider: {self.account}, size: {self.size}, search: {search}}}\n"


_RANGES = {"ib": "+4477009002", "vt": "+1201389", "api": "+1201389"}


def yaml(lines: Sequence[Line], accounts: Iterable[str], desk: Desk | None = None) -> str:
    """The whole configuration: every one of ``accounts``, the campaigns that ``lines`` use, the lines and the pool."""
    text = "version: 1\nproviders:\n"
    text += "".join(f"  {account}: {TYPES[account]}\n" for account in accounts)
    assigned = sorted({line.account for line in lines if line.campaign})
    if assigned:
        text += "brands:\n" + "".join(_brand(account) for account in assigned)
        text += "campaigns:\n" + "".join(_campaign(account) for account in assigned)
    text += desk.yaml() if desk else ""
    return text + ("numbers:\n" + "".join(line.yaml() for line in lines) if lines else "numbers: {}\n")


def _brand(account: str) -> str:
    return f"  of-{account}: {{provider: {account}, id: BACME01, name: ACME, description: ACME alerts}}\n"


def _campaign(account: str) -> str:
    place = f"provider: {account}, brand: of-{account}, id: {CAMPAIGNS[account]}"
    return f"  at-{account}: {{{place}, description: Alerts}}\n"
