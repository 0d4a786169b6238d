"""How to use a running sandbox: from a shell (URLs, environment, one ``curl`` an account) and from tnctl (YAML)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from reconciler.model.fleet import CarrierType
from reconciler.sandbox.sandbox import AccountSpec
from reconciler.sandbox.server import account_url

ANY_CREDENTIAL = "sandbox"
"""The carriers take any credential but none at all."""


@dataclass(frozen=True, slots=True)
class _Manner:
    """The variable that holds a carrier's credential, and an example call; ``{url}`` is the account's variable."""

    credential: str
    curl: str


_MANNERS: Mapping[str, _Manner] = {
    CarrierType.INTELEPEER: _Manner(
        "INTELEPEER_TOKEN",
        'curl -H "Authorization: Bearer $INTELEPEER_TOKEN" "${{{url}}}/sms/v1/+17205550142/provision"',
    ),
    CarrierType.INUMBERING: _Manner(
        "INUMBERING_API_KEY",
        'curl -d \'{{"apikey": "\'"$INUMBERING_API_KEY"\'", "tnMask": "201555xxxx", "quantity": 3}}\''
        ' "${{{url}}}/v2/iNumbering/tnInventory/"',
    ),
    CarrierType.INFOBIP: _Manner(
        "INFOBIP_API_KEY",
        'curl -H "Authorization: App $INFOBIP_API_KEY" "${{{url}}}/sms/1/numbers/available?country=GB&limit=3"',
    ),
}


def environment(accounts: Mapping[str, str], url: str) -> dict[str, str]:
    """The variables to export: each account's URL under its own name, each carrier's credential under the usual one."""
    urls = {_variable(account): account_url(url, account) for account in accounts}
    return urls | {_MANNERS[carrier].credential: ANY_CREDENTIAL for carrier in accounts.values() if carrier in _MANNERS}


def examples(accounts: Mapping[str, str]) -> list[str]:
    """One line of shell an account of a built-in carrier, over the variables of :func:`environment`."""
    known = ((account, _MANNERS[carrier]) for account, carrier in accounts.items() if carrier in _MANNERS)
    return [manner.curl.format(url=_variable(account)) for account, manner in known]


def providers(accounts: Mapping[str, AccountSpec], url: str) -> list[str]:
    """Lines of configuration that point tnctl at each account."""
    return ["providers:", *(f"  {name}: {{{_provider(name, spec, url)}}}" for name, spec in accounts.items())]


def _provider(name: str, spec: AccountSpec, url: str) -> str:
    sibling_calls = ", account_api: true" if spec.account_api else ""
    return f'type: {spec.type}{sibling_calls}, base_url: "{account_url(url, name)}"'


def _variable(account: str) -> str:
    return re.sub(r"[^A-Z0-9]", "_", account.upper()) + "_URL"
