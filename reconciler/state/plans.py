"""Which plans ran, how far they came, and what a person settled, as statements in a caller's transaction."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, cast, get_args

from sqlalchemy import Connection, bindparam, delete, insert, or_, select, text, update

from reconciler.clock import stamp
from reconciler.errors import StalePlanError
from reconciler.model import IntentStatus, PlanStatus, Resolution
from reconciler.state import rows
from reconciler.state.records import at
from reconciler.state.tables import FLEET, intents, ledger, meta, plan_outcomes, plans, records, resolutions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.model import Address

_SERIAL = select(meta.c.value).where(meta.c.key == "serial")

_MARK = text(
    "INSERT INTO tnctl_plan_outcomes (plan_id, kind, name, result) VALUES (:plan_id, :kind, :name, :result) "
    "ON CONFLICT (plan_id, kind, name) DO UPDATE SET result = excluded.result"
)
_IS = plans.c.plan_id == bindparam("of_plan")
_KNOWN, _BEGIN, _CHANGE = select(plans).where(_IS), insert(plans), update(plans).where(_IS)
_RAISE = update(meta).where(meta.c.key == "serial")
_SAID = select(meta.c.value).where(meta.c.key == bindparam("of_key"))
_SAY = insert(meta)
_STATUS = select(plans.c.status).where(_IS)

_DONE = select(
    or_(
        select(records.c.kind).exists(),
        select(ledger.c.id).exists(),
        select(resolutions.c.id).exists(),
        select(intents.c.id).where(intents.c.slot.is_not(None), intents.c.status == IntentStatus.OPEN.value).exists(),
    )
)
"""Whether something was done."""

"""``running`` is also what a crash leaves, ``pending`` a run that ended with 3; ``finished`` is final."""


def start(connection: Connection, plan_id: str, digest: str, now: datetime) -> None:
    """Begin a run of the plan, or go on with it, and raise the serial; a finished plan is refused."""
    known = connection.execute(_KNOWN, {"of_plan": plan_id}).one_or_none()
    if known is None:
        values = {"plan_id": plan_id, "digest": digest, "status": "running", "started_at": stamp(now)}
        connection.execute(_BEGIN, values)
    elif known.status == "finished":
        raise StalePlanError(f"plan {plan_id} was applied already and finished at {known.ended_at}")
    elif known.digest != digest:
        raise StalePlanError(f"plan {plan_id} ran before with another content")
    else:
        connection.execute(_CHANGE, {"of_plan": plan_id, "status": "running", "ended_at": None})
    connection.execute(_RAISE, {"value": str(serial(connection) + 1)})


def serial(connection: Connection) -> int:
    """How many runs have begun to write."""
    return int(connection.execute(_SERIAL).scalar_one())


def serial_in(values: Mapping[str, str]) -> int:
    """Likewise from ``values`` of meta; raises ValueError where none is in them."""
    return int(values.get("serial", ""))


def nothing_done(connection: Connection) -> bool:
    """Whether no apply has recorded a resource or a tombstone in these records, and no person a resolution.

    Numbers that were bought or released stand in the ledger also when their records were dropped since. A purchase for
    a slot whose outcome is open was let through once already. That a file was made, or a run begun, is nothing.
    """
    return not connection.execute(_DONE).scalar_one()


def name_fleet(connection: Connection, name: str) -> str:
    """Give the records their fleet's name, if they have none; the one that they have by then."""
    known = connection.execute(_SAID, {"of_key": FLEET}).scalar_one_or_none()
    if known is None:
        connection.execute(_SAY, {"key": FLEET, "value": rows.note(name)})
    return rows.note(name) if known is None else known


def mark(connection: Connection, name: str) -> bool:
    """Remember that something was said; whether it was not yet."""
    known = connection.execute(_SAID, {"of_key": name}).scalar_one_or_none()
    if known is None:
        connection.execute(_SAY, {"key": name, "value": "said"})
    return known is None


def unmark(connection: Connection, name: str) -> None:
    """Let it be said again."""
    connection.execute(delete(meta).where(meta.c.key == name))


def status(connection: Connection, plan_id: str) -> PlanStatus | None:
    """How the plan's last run ended; None for a plan that never ran."""
    found = connection.execute(_STATUS, {"of_plan": plan_id}).scalar_one_or_none()
    if found is not None and found not in get_args(PlanStatus):
        raise ValueError(f"{found!r} is no status of a plan")
    return cast("PlanStatus | None", found)


def end(connection: Connection, plan_id: str, ended: PlanStatus, now: datetime) -> None:
    """Write how the run ended."""
    connection.execute(_CHANGE, {"of_plan": plan_id, "status": ended, "ended_at": stamp(now)})


def mark_done(connection: Connection, plan_id: str, address: Address, result: str) -> None:
    """Write how far the plan came with ``address``; the last word stands."""
    connection.execute(_MARK, {"plan_id": plan_id, **rows.address_columns(address), "result": str(result)})


def outcomes(connection: Connection, plan_id: str) -> dict[Address, str]:
    """How far the plan came, by address."""
    query = select(plan_outcomes).where(plan_outcomes.c.plan_id == plan_id)
    ordered = query.order_by(plan_outcomes.c.kind, plan_outcomes.c.name)
    return {rows.to_address(row): row.result for row in connection.execute(ordered)}


def write_resolution(connection: Connection, resolution: Resolution) -> None:
    """Keep what a person settled."""
    values = {
        **rows.address_columns(resolution.address),
        "provider": resolution.account,
        "owned": resolution.owned,
        "evidence": rows.note(resolution.evidence),
        "who": rows.note(resolution.who),
        "at": stamp(resolution.at),
    }
    connection.execute(insert(resolutions), values)


def read_resolutions(connection: Connection, address: Address) -> list[Resolution]:
    """What persons settled of ``address``, oldest first."""
    query = select(resolutions).where(at(resolutions, address)).order_by(resolutions.c.id)
    return [
        Resolution(
            address=rows.to_address(row),
            account=row.provider,
            owned=row.owned,
            evidence=row.evidence,
            who=row.who,
            at=datetime.fromisoformat(row.at),
        )
        for row in connection.execute(query)
    ]
