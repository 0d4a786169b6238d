"""Every file under ``tests/cases`` is one decision: a configuration, what is live and recorded, and what follows.

``expect`` maps an address to its action, or to ``{action, then, reason}`` where ``reason`` must occur in the
reason given; addresses that are not listed must be in sync, unobservable or unresolved as the counts say.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from reconciler.clock import SystemClock
from reconciler.model import (
    Action,
    Address,
    Attempt,
    Intent,
    Kind,
    Observation,
    Offer,
    Origin,
    Price,
    Quotes,
    Record,
    Resource,
    StateSnapshot,
    Status,
    Unread,
    revealed,
    shown,
    slots,
)
from reconciler.model.capabilities import Capabilities
from reconciler.model.fleet import Fleet
from reconciler.model.safe_text import WebhookUrl
from reconciler.planning.compare import Comparison, World, compare
from reconciler.pools.desired import on_record
from reconciler.providers import registry
from reconciler.providers.credentials import Secrets
from reconciler.testing import load_configuration

CASES = sorted((Path(__file__).parents[1] / "cases").glob("*.yaml"))
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def seal(value: Any) -> str:
    return f"hmac:{value!r}"


def attrs(data: Mapping[str, Any]) -> dict[str, Any]:
    return {key: WebhookUrl(value) if key == "url" else value for key, value in data.items()}


def live(address: str, account: str, data: Mapping[str, Any]) -> Resource:
    status = Status(data.get("status", "active"))
    fields = {key: value for key, value in data.items() if key not in ("status", "word", "carrier")}
    if address.startswith("sms/"):
        fields = {"enabled": status is Status.ACTIVE}
    return Resource(
        Address.parse(address),
        account,
        attrs(fields),
        external=data.get("carrier", {}),
        status=status,
        carrier_status=data.get("word", ""),
    )


def record(address: str, data: Mapping[str, Any]) -> Record:
    applied = attrs(data.get("applied", {}))
    return Record(
        address=Address.parse(address),
        account=data["provider"],
        origin=Origin(data.get("origin", "made")),
        applied=shown(applied),
        fingerprint=seal(revealed(applied)),
        external=data.get("carrier", {}),
        protect=data.get("protect", False),
        tombstone=data.get("gone", False),
        made_at=NOW - timedelta(seconds=data.get("age", 100_000)),
        carrier_status=data.get("word", ""),
        since=NOW - timedelta(hours=data["hours"]) if "hours" in data else None,
        release_after=timedelta(days=data["release_days"]) if "release_days" in data else None,
        out_of_service_at=NOW - timedelta(days=data["retired_days"]) if "retired_days" in data else None,
        out_of_service_answered=_retired_there(data),
    )


def _retired_there(data: Mapping[str, Any]) -> datetime | None:
    """When it was taken out of service by its carrier's clock: the same moment, where the case does not say."""
    days = data.get("retired_there_days", data.get("retired_days"))
    return None if days is None else NOW - timedelta(days=days)


def slot_records(case: Mapping[str, Any], records: Mapping[Address, Record]) -> dict[Address, Record]:
    """``slots`` maps a slot's name to the number that it has, which is among the records."""
    return {
        Address(Kind.SLOT, name): slots.record(Address(Kind.SLOT, name), records[Address(Kind.NUMBER, tn)], NOW)
        for name, tn in case.get("slots", {}).items()
    }


def open_purchase(number: int, address: str, data: Mapping[str, Any]) -> Intent:
    return Intent(
        id=number,
        plan_id="p",
        account=data["provider"],
        action=Action(data.get("action", "create")),
        addresses=(Address.parse(address),),
        reference="r",
        external={},
        created_at=NOW,
        attempts=(Attempt(1, NOW),),
        person=data.get("person", ""),
    )


def offer(tn: str, data: Mapping[str, Any]) -> Offer:
    price = None
    if "monthly" in data:
        price = Price(data["currency"], Decimal(data.get("setup", "0")), Decimal(data["monthly"]))
    return Offer(tn, {"numberKey": data["key"]} if "key" in data else {}, price)


def capabilities(fleet: Fleet) -> dict[str, Capabilities]:
    built = {
        name: registry.build(account, Secrets(account.credentials, {}), SystemClock(), writes=False)
        for name, account in fleet.accounts.items()
    }
    return {name: provider.capabilities for name, provider in built.items()}


def world(case: Mapping[str, Any], fleet: Fleet) -> World:
    caps = capabilities(fleet)
    records = {Address.parse(a): record(a, data) for a, data in case.get("records", {}).items()}
    intents = [open_purchase(n, a, data) for n, (a, data) in enumerate(case.get("open", {}).items(), 1)]
    state = StateSnapshot("lineage", 1, records, intents, slot_records(case, records))
    known = on_record(fleet, state)
    desired = known.desired
    owner = {str(a): r.account for a, r in records.items()} | {str(a): r.account for a, r in desired.items()}
    observations = {}
    for account in fleet.accounts:
        mine = {a: data for a, data in case.get("live", {}).items() if data.get("at", owner.get(a)) == account}
        found = {
            Address.parse(a): live(a, account, {k: v for k, v in data.items() if k != "at"}) for a, data in mine.items()
        }
        everything = {*desired, *records}
        unreadable = frozenset(a for a in everything if owner[str(a)] == account and a.kind not in caps[account].reads)
        unresolved = {Address.parse(a): Unread(r) for a, r in case.get("unresolved", {}).items() if owner[a] == account}
        gateways = frozenset(case["gateways"]) if "gateways" in case else None
        date = NOW if case.get("dated", True) else None
        seen = Observation(account, found, unresolved, unreadable, gateways=gateways, calls=1, answered=date)
        observations[account] = seen
    offered = {tn: offer(tn, data) for tn, data in case.get("offered", {}).items()}
    unquoted = {tn: Unread(reason) for tn, reason in case.get("unquoted", {}).items()}
    quotes = {a: Quotes(offered, unquoted) for a in fleet.accounts}
    return World(desired, observations, quotes, state, caps, seal, NOW, known.allocated)


def assert_expected(comparison: Comparison, case: Mapping[str, Any]) -> None:
    got = {str(change.address): change for change in comparison.changes}
    expected = {a: {"action": e} if isinstance(e, str) else e for a, e in case.get("expect", {}).items()}
    assert {a: c.action.value for a, c in got.items()} == {a: e["action"] for a, e in expected.items()}
    for address, entry in expected.items():
        change = got[address]
        assert (change.then.value if change.then else None) == entry.get("then")
        assert entry.get("reason", "") in change.reason
        assert change.irreversible is entry.get("irreversible", False)
        if "diff" in entry:
            assert {d.path: [d.before, d.after] for d in change.diff} == entry["diff"]
        if "cost" in entry:
            assert change.cost is not None
            assert f"{change.cost.monthly} {change.cost.currency}" == entry["cost"]
        if "carrier" in entry:
            assert dict(change.external) == entry["carrier"]
    assert len(comparison.in_sync) == case.get("noop", 0)
    assert sorted(map(str, comparison.unobservable)) == sorted(case.get("unobservable", []))
    assert sorted(map(str, comparison.unresolved)) == sorted(case.get("expect_unresolved", []))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_plan_decides_as_the_case_says(path: Path, tmp_path: Path) -> None:
    case = yaml.safe_load(path.read_text())
    file = tmp_path / "numbers.yaml"
    file.write_text(yaml.safe_dump({"version": 1, **case["config"]}, sort_keys=False))
    fleet = load_configuration([file], {"INTELEPEER_TOKEN": "t", "INUMBERING_API_KEY": "k", "INFOBIP_API_KEY": "k"})
    assert_expected(compare(world(case, fleet)), case)


def test_there_are_cases_for_every_action() -> None:
    actions = {
        entry if isinstance(entry, str) else entry["action"]
        for path in CASES
        for entry in yaml.safe_load(path.read_text()).get("expect", {}).values()
    }
    assert actions == {action.value for action in Action} - {"noop"}
