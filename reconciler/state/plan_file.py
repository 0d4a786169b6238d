"""Plan <-> its document: canonical JSON (RFC 8785), sealed, with a digest over itself.

==================  ==========================  ===================================================================
member              over                        finds
==================  ==========================  ===================================================================
``digest``          all but itself              damage; with ``--expect-digest``, another plan than the approved one
``seal``            all but itself, ``digest``  whoever edited the file: it is an HMAC under the key in the records
``config_digest``   resources, pools, accounts  another configuration (an HMAC too)
``expects``         each object as it was seen  another world (likewise)
==================  ==========================  ===================================================================
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import rfc8785

from reconciler import package_data
from reconciler.clock import parse_stamp, stamp
from reconciler.errors import DamagedPlanError, IntegrityError, StalePlanError, UsageError
from reconciler.model import Action, Address, Change, FieldDiff, Kind, Notice, Plan
from reconciler.model.money import cost_of, price_from_json, price_to_json, totals_to_json
from reconciler.model.safe_text import plain

FORMAT_VERSION = "1.1"

UNSEALED = "1.0"
"""The format of the plans that had no seal, and that anybody could edit."""

LARGEST = 256 * 1024 * 1024
"""Bytes of a plan file that is read at all; a plan of a million changes is smaller."""


Seal = Callable[[Any], str]
"""A value -> the HMAC under the key kept in the records."""


def to_json(plan: Plan) -> dict[str, Any]:
    """The document, with its seal and its digest."""
    document = {**_body(plan), "seal": plan.seal}
    return {**document, "digest": digest(document)}


def _body(plan: Plan) -> dict[str, Any]:
    """What is sealed."""
    return {
        "format_version": FORMAT_VERSION,
        "plan_id": plan.plan_id,
        "created_at": stamp(plan.created_at),
        "expires_at": stamp(plan.expires_at),
        "tool_version": plan.tool_version,
        "config_digest": plan.config_digest,
        "state": {"lineage": plan.lineage, "serial": plan.serial},
        "summary": summary(plan),
        "cost": _cost(plan),
        "reads": dict(plan.reads),
        "changes": [_change_to_json(change) for change in plan.changes],
        "notices": [{"severity": n.severity, "address": n.address, "message": n.message} for n in plan.notices],
    }


def summary(plan: Plan) -> dict[str, int]:
    """Action -> how many, ``noop`` and ``unobservable`` included."""
    counts = {action.value: 0 for action in Action}
    for change in plan.changes:
        counts[change.action.value] += 1
    return {**counts, "noop": plan.noop, "unobservable": plan.unobservable}


def digest(document: Mapping[str, Any]) -> str:
    """``sha256:`` and the SHA-256 of the canonical document without its ``digest``."""
    body = {key: value for key, value in document.items() if key != "digest"}
    return "sha256:" + hashlib.sha256(rfc8785.dumps(body)).hexdigest()


def sealed(plan: Plan, seal: Seal) -> Plan:
    """``plan`` with its seal and its digest filled in."""
    closed = plan.replace(seal=seal(_body(plan)))
    return closed.replace(digest=to_json(closed)["digest"])


def check_seal(plan: Plan, seal: Seal) -> None:
    """Raise DamagedPlanError unless the plan is, to the letter, one that was made with these records."""
    if not hmac.compare_digest(plan.seal, seal(_body(plan))):
        raise DamagedPlanError("the plan was edited after it was made: its seal is not the one of these records")


def dumps(plan: Plan) -> bytes:
    """The canonical bytes of the document."""
    return rfc8785.dumps(to_json(plan))


def load(path: Path) -> Plan:
    """The plan that a file holds. Raises DamagedPlanError for anything that is not a plan as it was saved."""
    try:
        if path.stat().st_size > LARGEST:
            raise DamagedPlanError(f"{path}: too large for a plan file")
        with path.open("rb") as file:
            text = file.read(LARGEST + 1)
    except OSError as error:
        hint = "name a file that `tnctl plan --out FILE` has saved"
        raise UsageError(f"{path}: cannot be read: {error.strerror}", hint=hint) from None
    try:
        return loads(text)
    except DamagedPlanError as error:
        raise DamagedPlanError(f"{path}: {error.message}", hint=error.hint) from None


def loads(text: bytes) -> Plan:
    """The plan in ``text``; checks the shape, the format version and the digest."""
    document = _parse(text)
    version = document.get("format_version") if isinstance(document, dict) else None
    _check_version(version)
    try:
        return _intact(document)
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise DamagedPlanError(f"not a plan: {plain(error)}") from None


def _check_version(version: object) -> None:
    if version == UNSEALED:
        raise DamagedPlanError(
            f"plan format {UNSEALED} is of an earlier tnctl and has no seal, so it is not known whether it was edited",
            hint="make a new plan with `tnctl plan --out FILE`",
        )
    if isinstance(version, str) and version != FORMAT_VERSION:
        raise DamagedPlanError(
            f"plan format {plain(version)} is not the {FORMAT_VERSION} that this version reads",
            hint="apply it with the version of tnctl that made it, or make a new plan",
        )


def _intact(document: Any) -> Plan:
    """The plan in ``document``. What JSON can say and a plan cannot (2**53, half a character) is a ValueError."""
    _check_shape(document)
    if document["digest"] != digest(document):
        raise DamagedPlanError("the plan was changed after it was saved: its digest does not match")
    plan = _from_json(document)
    if to_json(plan) != document:
        raise DamagedPlanError("the plan contradicts itself: its sums are not those of its changes")
    return plan


def check_digest(plan: Plan, expected: str | None) -> None:
    """Raise StalePlanError unless ``expected`` is the plan's digest, or None. ``sha256:`` may be left off, and
    capital letters and blanks around it do not matter."""
    if expected is None:
        return
    if expected.strip().lower().removeprefix("sha256:") != plan.digest.removeprefix("sha256:"):
        raise StalePlanError(f"the plan's digest is {plan.digest}, not the expected {plain(expected)}")


def check_fresh(plan: Plan, now: datetime) -> None:
    """Raise StalePlanError when the plan has expired."""
    if now >= plan.expires_at:
        raise StalePlanError(f"the plan expired at {stamp(plan.expires_at)}")


def _parse(text: bytes) -> Any:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({key for key, _ in pairs}) != len(pairs):
            raise ValueError("a key stands twice")
        return dict(pairs)

    def no_float(_: str) -> None:
        raise ValueError("money is text, and all else is whole")

    try:
        return json.loads(text, object_pairs_hook=unique, parse_float=no_float, parse_constant=no_float)
    except (ValueError, RecursionError):
        raise DamagedPlanError("not a plan: the file is not JSON as tnctl writes it") from None


def _check_shape(document: Any) -> None:
    # Imported here: jsonschema takes 0.17 s to load, and `plan` without a file never needs it.
    from jsonschema import Draft202012Validator

    schema = json.loads(package_data.text("schemas/plan.schema.json"))
    error = next(iter(Draft202012Validator(schema).iter_errors(document)), None)
    if error is not None:
        place = "/".join(map(str, error.absolute_path)) or "the document"
        raise DamagedPlanError(f"not a plan: {plain(place)} is not as schemas/plan.schema.json has it")


def _cost(plan: Plan) -> dict[str, Any]:
    sums, unknown = cost_of(plan.changes)
    return {**totals_to_json(sums), "unknown": list(unknown)}


def _change_to_json(change: Change) -> dict[str, Any]:
    return {
        "address": str(change.address),
        "provider": change.account,
        "kind": change.address.kind.value,
        "action": change.action.value,
        "then": change.then.value if change.then else None,
        "reason": change.reason,
        "before": None if change.before is None else dict(change.before),
        "after": None if change.after is None else dict(change.after),
        "diff": [{"path": d.path, "before": d.before, "after": d.after} for d in change.diff],
        "needs": [str(need) for need in change.needs],
        "irreversible": change.irreversible,
        "cost": price_to_json(change.cost),
        "expects": change.precondition,
        "carrier": _keys(change),
    }


def _from_json(document: Mapping[str, Any]) -> Plan:
    return Plan(
        plan_id=document["plan_id"],
        created_at=parse_stamp(document["created_at"]),
        expires_at=parse_stamp(document["expires_at"]),
        tool_version=document["tool_version"],
        config_digest=document["config_digest"],
        lineage=document["state"]["lineage"],
        serial=document["state"]["serial"],
        changes=tuple(_change_from_json(change) for change in document["changes"]),
        noop=document["summary"]["noop"],
        unobservable=document["summary"]["unobservable"],
        reads=document["reads"],
        notices=tuple(Notice(n["severity"], n["message"], n["address"]) for n in document["notices"]),
        seal=document["seal"],
        digest=document["digest"],
    )


def _change_from_json(data: Mapping[str, Any]) -> Change:
    return Change(
        address=_address(data["address"]),
        account=data["provider"],
        action=Action(data["action"]),
        then=Action(data["then"]) if data["then"] else None,
        reason=data["reason"],
        before=data["before"],
        after=data["after"],
        diff=tuple(FieldDiff(d["path"], d["before"], d["after"]) for d in data["diff"]),
        needs=tuple(map(_address, data["needs"])),
        irreversible=data["irreversible"],
        cost=price_from_json(data["cost"]),
        precondition=data["expects"],
        external={key: value for key, value in data["carrier"].items() if key not in _BESIDE},
        slot=_slot(data["carrier"].get("slot")),
        shared=bool(data["carrier"].get("shared")),
    )


def _keys(change: Change) -> dict[str, Any]:
    """What the file has of a change under ``carrier``: the carrier's own keys, and beside them what is ours."""
    slot = {"slot": change.slot.name} if change.slot else {}
    return {**change.external, **slot, **({"shared": True} if change.shared else {})}


_BESIDE = frozenset({"slot", "shared"})


def _slot(name: str | None) -> Address | None:
    return None if name is None else _address(f"{Kind.SLOT}/{name}")


def _address(text: str) -> Address:
    if not text.isprintable():
        raise ValueError(f"{text!r} is not an address")
    return Address.parse(text)


def refuse_lineage(plan: Plan, lineage: str) -> None:
    """Raise IntegrityError when the plan was made against other records."""
    if plan.lineage != lineage:
        raise IntegrityError(
            "the plan was made against other records (another lineage)",
            hint="use the --state that the plan was made with",
        )
