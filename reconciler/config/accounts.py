"""``providers:`` to accounts: each option where it belongs, each credential by reference."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from reconciler.config.node import Node, plain
from reconciler.config.problems import Problems
from reconciler.config.references import Carriers, check_moves, listed
from reconciler.config.state import home
from reconciler.config.urls import base_problem
from reconciler.model import Mark, durations
from reconciler.model.carrier_spec import CarrierSpec
from reconciler.model.fleet import Account, Limits, SecretRef


def accounts(section: Node | None, carriers: Carriers, problems: Problems) -> dict[str, Account | None]:
    """The accounts by name; None for one whose entry is too faulty to go by."""
    if section is None:
        return {}
    found: dict[str, Account | None] = dict.fromkeys(section.members)
    check_moves(section, "an account", problems)
    for name, entry, mark in section.entries():
        found[name] = _account(name, entry, mark, carriers, problems)
    return found


def _account(name: str, entry: Node, mark: Mark, carriers: Carriers, problems: Problems) -> Account | None:
    """One account; None when its type is missing or unknown, which was told already."""
    _check_base_url(entry, problems)
    written = entry.text_at("type")
    if written is None:
        return None
    spec = carriers[written]
    _refuse_foreign_options(entry, spec, carriers, problems)
    return Account(
        name=name,
        spec=spec,
        base_url=(entry.text_at("base_url") or spec.base_url).rstrip("/"),
        credentials=_credentials(entry, spec, carriers, problems),
        limits=_limits(entry.get("limits")),
        options={option: plain(node) for option in spec.options if (node := entry.get(option)) is not None},
        settle_after=_settle_after(entry, spec),
        moved=entry.text_at("moved"),
        mark=mark,
    )


def _settle_after(entry: Node, spec: CarrierSpec) -> timedelta:
    """How long an unanswered order stays open, at a carrier that takes any."""
    written = entry.text_at("settle_after")
    return durations.parse(written) if written else spec.settle_after or timedelta(0)


def _options(spec: CarrierSpec) -> set[str]:
    """The options that accounts of a carrier have and not all others."""
    return {*spec.options} if spec.settle_after is None else {*spec.options, "settle_after"}


def _refuse_foreign_options(entry: Node, spec: CarrierSpec, carriers: Carriers, problems: Problems) -> None:
    """Complain of options that belong to another carrier."""
    own = _options(spec)
    for option in entry.members:
        owners = [carrier for carrier in carriers.values() if option in _options(carrier)]
        if owners and option not in own:
            message = f"`{option}` belongs to accounts of type {listed(owners)}, not {spec.type}: remove it here"
            problems.add(entry.key_mark(option), message)


def _check_base_url(entry: Node, problems: Problems) -> None:
    """Complain of an address that may not be written."""
    node, url = entry.get("base_url"), entry.text_at("base_url")
    wrong = base_problem(url) if url is not None else None
    if node is not None and wrong is not None:
        problems.add(node.mark, f"`base_url` {wrong}")


def _credentials(entry: Node, spec: CarrierSpec, carriers: Carriers, problems: Problems) -> dict[str, SecretRef]:
    """References to what the account logs in with; the environment's names when none are written."""
    node = entry.get("credentials")
    if node is None:
        return {name: SecretRef("env", (variable,), entry.mark) for name, variable in spec.environment.items()}
    known = {name for carrier in carriers.values() for way in carrier.credentials for name in way}
    written = frozenset(node.members) & known
    if written not in spec.credentials:
        ways = ", or ".join(" and ".join(f"`{name}`" for name in sorted(way)) for way in spec.credentials)
        problems.add(
            entry.key_mark("credentials"), f"an account of type {spec.type} logs in with {ways}: write exactly that"
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
