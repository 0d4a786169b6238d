"""``providers:`` to accounts: each option where it belongs, each credential by reference."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from reconciler.config.node import Node, plain
from reconciler.config.problems import Problems
from reconciler.config.references import listed
from reconciler.config.renames import check_moves
from reconciler.config.state import home
from reconciler.config.urls import base_problem
from reconciler.model import Mark, durations
from reconciler.model.fleet import Account, Limits, ProviderType, SecretRef

_BASE_URLS: Final = {
    ProviderType.INTELEPEER: "https://api.intelepeer.com",
    ProviderType.INUMBERING: "https://api.voicetel.com",
    ProviderType.INFOBIP: "https://api.infobip.com",
}

_OPTIONS: Final[Mapping[str, tuple[ProviderType, ...]]] = {
    "account_api": (ProviderType.INUMBERING,),
    "api_path": (ProviderType.INFOBIP,),
    "settle_after": (ProviderType.INUMBERING, ProviderType.INFOBIP),
    "on_ambiguous": (ProviderType.INUMBERING,),
}
"""Option -> the types of account that have it."""

_CREDENTIALS: Final[Mapping[ProviderType, tuple[frozenset[str], ...]]] = {
    ProviderType.INTELEPEER: (frozenset({"token"}),),
    ProviderType.INUMBERING: (frozenset({"api_key"}),),
    ProviderType.INFOBIP: (frozenset({"api_key"}), frozenset({"username", "password"}), frozenset({"token"})),
}
"""The sets of credentials that an account of that type can log in with."""

_ENVIRONMENT: Final = {
    ProviderType.INTELEPEER: ("token", "INTELEPEER_TOKEN"),
    ProviderType.INUMBERING: ("api_key", "INUMBERING_API_KEY"),
    ProviderType.INFOBIP: ("api_key", "INFOBIP_API_KEY"),
}
"""What is tried when an account has no ``credentials``."""

_SETTLE_AFTER: Final = {
    ProviderType.INTELEPEER: timedelta(0),
    ProviderType.INUMBERING: timedelta(seconds=900),
    ProviderType.INFOBIP: timedelta(seconds=300),
}
"""How long an unanswered order stays open when nothing is written; IntelePeer takes none."""


def accounts(section: Node | None, problems: Problems) -> dict[str, Account | None]:
    """The accounts by name; None for one whose entry is too faulty to go by."""
    if section is None:
        return {}
    found: dict[str, Account | None] = dict.fromkeys(section.members)
    check_moves(section, "an account", problems)
    for name, entry, mark in section.entries():
        found[name] = _account(name, entry, mark, problems)
    return found


def _account(name: str, entry: Node, mark: Mark, problems: Problems) -> Account | None:
    """One account; None when its type is missing or unknown, which the schema has told."""
    _check_base_url(entry, problems)
    written = entry.text_at("type")
    if written is None:
        return None
    type_ = ProviderType(written)
    _refuse_foreign_options(entry, type_, problems)
    return Account(
        name=name,
        type=type_,
        base_url=(entry.text_at("base_url") or _BASE_URLS[type_]).rstrip("/"),
        credentials=_credentials(entry, type_, problems),
        limits=_limits(entry.get("limits")),
        moved=entry.text_at("moved"),
        mark=mark,
        **_options(entry, type_),
    )


def _options(entry: Node, type_: ProviderType) -> dict[str, Any]:
    """The options that are written, and how long an order stays open; for the rest :class:`Account` has defaults."""
    found: dict[str, Any] = {name: node.value for name in _OPTIONS if (node := entry.get(name)) is not None}
    written = entry.text_at("settle_after")
    found["settle_after"] = durations.parse(written) if written else _SETTLE_AFTER[type_]
    return found


def _refuse_foreign_options(entry: Node, type_: ProviderType, problems: Problems) -> None:
    """Complain of options that belong to another carrier."""
    for option, owners in _OPTIONS.items():
        if entry.has(option) and type_ not in owners:
            message = f"`{option}` belongs to accounts of type {listed(owners)}, not {type_}: remove it here"
            problems.add(entry.key_mark(option), message)


def _check_base_url(entry: Node, problems: Problems) -> None:
    """Complain of an address that may not be written."""
    node, url = entry.get("base_url"), entry.text_at("base_url")
    wrong = base_problem(url) if url is not None else None
    if node is not None and wrong is not None:
        problems.add(node.mark, f"`base_url` {wrong}")


def _credentials(entry: Node, type_: ProviderType, problems: Problems) -> dict[str, SecretRef]:
    """References to what the account logs in with; the environment's names when none are written."""
    node = entry.get("credentials")
    if node is None:
        name, variable = _ENVIRONMENT[type_]
        return {name: SecretRef("env", (variable,), entry.mark)}
    known = {name for names in _CREDENTIALS.values() for group in names for name in group}
    written = frozenset(node.members) & known
    if written not in _CREDENTIALS[type_]:
        ways = ", or ".join(" and ".join(f"`{name}`" for name in sorted(way)) for way in _CREDENTIALS[type_])
        problems.add(
            entry.key_mark("credentials"), f"an account of type {type_} logs in with {ways}: write exactly that"
        )
    return {name: _secret(member) for name, member, _ in node.entries()}


def _secret(node: Node) -> SecretRef:
    """Where one credential is kept. A reference that broke the schema gives one that is never used."""
    for kind, member, _ in node.entries():
        value = plain(member)
        target = tuple(value) if isinstance(value, list) else (value,)
        return SecretRef(kind, target, node.mark, home([Path(node.file)]) or Path())
    return SecretRef("env", ("",), node.mark)


def _limits(node: Node | None) -> Limits:
    """The rate that replaces the carrier's own, if one is written."""
    if node is None:
        return Limits()
    rate = node.get("requests_per_second")
    per_second = float(rate.value) if rate is not None and isinstance(rate.value, int | float) else None
    return Limits(per_second, node.int_at("max_in_flight"))
