"""Nouns to rows and back, so that what is read is what was written and no secret gets in.

Free text is made plain once more and a URL is cut to what may be shown, whoever calls: a record is shared,
copied and kept in backups. A value that no tnctl wrote raises ``ValueError``, which is reported as damage.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from reconciler.clock import stamp
from reconciler.model import (
    NOTHING,
    Action,
    Address,
    Attempt,
    Intent,
    IntentStatus,
    Kind,
    LastWrite,
    Order,
    Origin,
    Price,
    Record,
    Reply,
    Verdict,
)
from reconciler.model.safe_text import plain

if TYPE_CHECKING:
    from sqlalchemy import Row

LONGEST_NOTE = 2000
"""Characters kept of what a person or tnctl itself writes; a carrier's words are cut shorter."""


def note(text: str) -> str:
    """``text`` on one line, storable anywhere (a lone surrogate from a carrier's JSON has no UTF-8 form)."""
    return plain(text, LONGEST_NOTE).encode("utf-8", "replace").decode()


_OF_WRITE = frozenset({"sent", "kept", "tries"})
"""What the payload of a record holds of its last write, beside the carrier's keys."""

_OF_RECORD = _OF_WRITE | {"shared"}

_OF_ORDER = frozenset({"attrs", "labels", "protect", "release_after", "slot"})
"""What the payload of an intent holds of its order, beside the carrier's keys."""


def document(value: Mapping[str, Any]) -> str:
    """``value`` as JSON text; a URL becomes its shown form, a decimal its digits."""
    return json.dumps(dict(value), default=_encode, sort_keys=True, separators=(",", ":"))


def _encode(value: object) -> object:
    """What JSON has no form for. ``str`` of a webhook URL is its shown form."""
    return dict(value) if isinstance(value, Mapping) else str(value)


def mapping(text: str) -> Mapping[str, Any]:
    """The map that :func:`document` wrote."""
    if text == "{}":
        return NOTHING
    match json.loads(text):
        case dict() as value:
            return value
        case other:
            raise ValueError(f"a map is expected where {type(other).__name__} stands")


def when(moment: datetime | None) -> str | None:
    """``moment`` as text, to the second."""
    return None if moment is None else stamp(moment)


def moment(text: str | None) -> datetime | None:
    """The moment that :func:`when` wrote. (A fleet's worth of ``strptime`` would take seconds.)"""
    return None if text is None else datetime.fromisoformat(text)


def to_the_second(now: datetime) -> datetime:
    """``now`` as it will be read back."""
    return datetime.fromisoformat(stamp(now))


def address_columns(address: Address) -> dict[str, str]:
    """The two halves of ``address``."""
    return {"kind": address.kind.value, "name": address.name}


def to_address(row: Row[Any]) -> Address:
    """The address in ``row``."""
    return Address(Kind(row.kind), row.name)


def price_columns(price: Price | None) -> dict[str, str | None]:
    """``price`` as decimal text, all null when there is none that can be read; a half that is unknown is null."""
    if price is None or price.unreadable:
        return dict.fromkeys(("currency", "setup", "monthly", "first_month", "price_as_of"))
    return {
        "currency": price.currency,
        "setup": _digits(price.setup),
        "monthly": _digits(price.monthly),
        "first_month": _digits(price.first_month),
        "price_as_of": None if price.as_of is None else price.as_of.isoformat(),
    }


def to_price(row: Row[Any]) -> Price | None:
    """The price in ``row``, if there is one."""
    if row.currency is None:
        return None
    setup, monthly, first_month = (
        None if text is None else Decimal(text) for text in (row.setup, row.monthly, row.first_month)
    )
    as_of = None if row.price_as_of is None else date.fromisoformat(row.price_as_of)
    return Price(row.currency, setup, monthly, first_month, as_of)


def _digits(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)


def record_columns(record: Record, *, made_at: datetime, updated_at: datetime) -> dict[str, Any]:
    """``record`` as a row."""
    return {
        **address_columns(record.address),
        "provider": record.account,
        "origin": record.origin.value,
        "applied": document(record.applied),
        "seal": record.fingerprint,
        "carrier": document(record.document),
        "labels": document(record.labels),
        "protect": record.protect,
        "gone": record.tombstone,
        "made_at": when(made_at),
        "made_answered": when(record.made_answered),
        "updated_at": when(updated_at),
        "word": note(record.carrier_status),
        "since": when(record.since),
        "release_after": None if record.release_after is None else int(record.release_after.total_seconds()),
        "retired_at": when(record.out_of_service_at),
        "retired_answered": when(record.out_of_service_answered),
    }


def to_record(row: Row[Any]) -> Record:
    """The record in ``row``."""
    kept = mapping(row.carrier)
    return Record(
        address=to_address(row),
        account=row.provider,
        origin=Origin(row.origin),
        applied=mapping(row.applied),
        fingerprint=row.seal,
        external={key: value for key, value in kept.items() if key not in _OF_RECORD},
        shared=bool(kept.get("shared")),
        last_write=LastWrite(**{key: value for key, value in kept.items() if key in _OF_WRITE}),
        labels=mapping(row.labels),
        protect=row.protect,
        tombstone=row.gone,
        made_at=moment(row.made_at),
        made_answered=moment(row.made_answered),
        updated_at=moment(row.updated_at),
        carrier_status=row.word,
        since=moment(row.since),
        release_after=None if row.release_after is None else timedelta(seconds=row.release_after),
        out_of_service_at=moment(row.retired_at),
        out_of_service_answered=moment(row.retired_answered),
    )


def intent_columns(intent: Intent) -> dict[str, Any]:
    """``intent`` as a row, without its id, addresses and attempts, not closed."""
    return {
        "plan_id": intent.plan_id,
        "provider": intent.account,
        "action": intent.action.value,
        "reference": intent.reference,
        "carrier": document(intent.document),
        **price_columns(intent.price),
        "created_at": stamp(intent.created_at),
        "status": intent.status.value,
        "person": note(intent.person),
        "closed_at": None,
        "how": "",
        "evidence": "",
        "who": "",
        "slot": intent.slot.name if intent.slot else None,
    }


def to_intent(row: Row[Any], addresses: Sequence[Address], attempts: Sequence[Attempt]) -> Intent:
    """The intent in ``row`` with its addresses and attempts, both in order."""
    if not addresses:
        raise ValueError(f"intent {row.id} names no address")
    payload = mapping(row.carrier)
    return Intent(
        id=row.id,
        plan_id=row.plan_id,
        account=row.provider,
        action=Action(row.action),
        addresses=tuple(addresses),
        reference=row.reference,
        external={key: value for key, value in payload.items() if key not in _OF_ORDER},
        created_at=datetime.fromisoformat(row.created_at),
        status=IntentStatus(row.status),
        price=to_price(row),
        attempts=tuple(attempts),
        person=row.person,
        order=_to_order(payload),
    )


def _to_order(payload: Mapping[str, Any]) -> Order | None:
    """What a purchase was for; None of any other intent."""
    if _OF_ORDER.isdisjoint(payload):
        return None
    after, slot = payload.get("release_after"), payload.get("slot")
    return Order(
        attrs=payload.get("attrs", NOTHING),
        labels=payload.get("labels", NOTHING),
        protect=bool(payload.get("protect")),
        release_after=None if after is None else timedelta(seconds=after),
        slot=None if slot is None else Address(Kind.SLOT, slot),
    )


def reply_columns(reply: Reply) -> dict[str, Any]:
    """What an attempt keeps of its ``reply``, besides when it came."""
    key = reply.external.get("numberKey", "") if reply.about else ""
    about = note(f"{reply.about} {key}").strip()
    return {"verdict": reply.verdict.value, "words": note(reply.message), "status": reply.status, "about": about}


def to_attempt(row: Row[Any]) -> Attempt:
    """The attempt in ``row``."""
    return Attempt(
        n=row.n,
        at=datetime.fromisoformat(row.at),
        answered=moment(row.answered),
        verdict=None if row.verdict is None else Verdict(row.verdict),
        message=row.words,
        status=row.status,
        anchored_at=moment(row.anchored_at),
        about=row.about,
    )
