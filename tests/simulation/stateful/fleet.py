"""The configuration as the machine sees it: a line a number, and the edits that a person makes to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from tests.simulation.canaries import HOOK_SECRET

ACCOUNTS = {
    "ip": "{type: intelepeer}",
    "vt": "{type: inumbering}",
    "api": "{type: inumbering, account_api: true}",
    "ib": "{type: infobip}",
}
"""Account -> its YAML."""

CAMPAIGNS = {"vt": "CACME01", "api": "CACME02"}
"""Account -> the id of the campaign that its numbers may be assigned to."""

NUMBERS = {
    **{f"+172055501{n:02}": "ip" for n in range(3)},
    **{f"+120155501{n:02}": "vt" for n in range(3)},
    **{f"+120155501{n:02}": "api" for n in range(50, 53)},
    **{f"+4477009001{n:02}": "ib" for n in range(4)},
}
"""Every number that may ever be declared -> its account."""

SOLD = [tn for tn, account in NUMBERS.items() if account != "ip"]
"""Those that are bought."""


@dataclass(frozen=True, slots=True)
class Line:
    """One number of the configuration. None: not written, so not managed; ``hook``: which webhook."""

    tn: str
    account: str
    sms: bool | None = None
    hook: int | None = None
    protect: bool | None = None
    route: int | None = None
    campaign: bool = False

    @classmethod
    def fresh(cls, tn: str) -> Line:
        """The shortest line for ``tn``. IntelePeer's numbers are not bought: one without SMS says nothing."""
        account = NUMBERS[tn]
        return cls(tn, account, sms=True if account == "ip" else None)

    @property
    def messages(self) -> bool:
        """Whether SMS is wanted on."""
        return self.sms is True

    def yaml(self) -> str:
        """The line under ``numbers:``."""
        fields: dict[str, Any] = {"provider": self.account, "route": self.route}
        if self.campaign:
            fields["campaign"] = f"at-{self.account}"
        if self.sms is not None:
            on = str(self.sms).lower()
            fields["sms"] = on if self.account == "ip" else f"{{enabled: {on}, provider: ip}}"
        if self.messages and self.hook is not None:
            fields["webhook"] = f'"https://hooks.example.com/in{self.hook}?key={HOOK_SECRET}"'
        if self.protect is not None:
            fields["protect"] = str(self.protect).lower()
        written = ", ".join(f"{name}: {value}" for name, value in fields.items() if value is not None)
        return f'  "{self.tn}": {{{written}}}\n'


EDITS: dict[str, tuple[dict[str, Any], ...]] = {
    "ip": ({"sms": True}, {"sms": False}, {"hook": 1}, {"hook": 2}, {"hook": None}),
    "vt": ({"campaign": True}, {"campaign": False}, {"protect": True}, {"protect": False}, {"route": 3}),
    "api": (
        {"campaign": True},
        {"campaign": False},
        {"route": 3},
        {"route": 4},
        {"sms": True},
        {"sms": None},
        {"protect": True},
        {"protect": False},
        {"protect": None},
    ),
    "ib": ({"protect": True}, {"protect": False}, {"protect": None}, {"sms": None}),
}
"""Account -> what a person may change on a line there."""


def edited(line: Line, edit: dict[str, Any]) -> Line:
    """``line`` after one of the edits."""
    return replace(line, **edit)


def accounts_yaml() -> str:
    """What stands above the numbers."""
    return "version: 1\nproviders:\n" + "".join(f"  {name}: {text}\n" for name, text in ACCOUNTS.items())


def lines_yaml(lines: Iterable[Line]) -> str:
    """The numbers, with the brands and campaigns that they use."""
    declared = list(lines)
    assigned = sorted({line.account for line in declared if line.campaign})
    text = ""
    if assigned:
        text += "brands:\n" + "".join(_brand(account) for account in assigned)
        text += "campaigns:\n" + "".join(_campaign(account) for account in assigned)
    return text + ("numbers:\n" + "".join(line.yaml() for line in declared) if declared else "numbers: {}\n")


def _brand(account: str) -> str:
    return f"  of-{account}: {{provider: {account}, id: BACME01, name: ACME, description: ACME alerts}}\n"


def _campaign(account: str) -> str:
    place = f"provider: {account}, brand: of-{account}, id: {CAMPAIGNS[account]}"
    return f"  at-{account}: {{{place}, description: Alerts}}\n"
