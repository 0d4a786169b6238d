"""The fleet of a schedule as a person would write it: lines of YAML that come, go and change between runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.simulate.leaks import HOOK_SECRET

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


def yaml(lines: Sequence[Line], accounts: Iterable[str]) -> str:
    """The whole configuration: every one of ``accounts``, the campaigns that ``lines`` use, and the lines."""
    text = "version: 1\nproviders:\n"
    text += "".join(f"  {account}: {TYPES[account]}\n" for account in accounts)
    assigned = sorted({line.account for line in lines if line.campaign})
    if assigned:
        text += "brands:\n" + "".join(_brand(account) for account in assigned)
        text += "campaigns:\n" + "".join(_campaign(account) for account in assigned)
    return text + ("numbers:\n" + "".join(line.yaml() for line in lines) if lines else "numbers: {}\n")


def _brand(account: str) -> str:
    return f"  of-{account}: {{provider: {account}, id: BACME01, name: ACME, description: ACME alerts}}\n"


def _campaign(account: str) -> str:
    place = f"provider: {account}, brand: of-{account}, id: {CAMPAIGNS[account]}"
    return f"  at-{account}: {{{place}, description: Alerts}}\n"
