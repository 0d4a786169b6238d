"""Plans, reports, drift and records made by hand, one of each thing that a view must be able to say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from reconciler.model import (
    Action,
    Address,
    Attempt,
    Change,
    FieldDiff,
    Intent,
    Kind,
    LedgerEntry,
    Notice,
    Offer,
    Origin,
    Outcome,
    Plan,
    Price,
    Record,
    Report,
    Resolution,
    Resource,
    Result,
    StateSnapshot,
    Verdict,
    slots,
)
from reconciler.model.fleet import Fleet, Pool, Search
from reconciler.model.money import Total
from reconciler.model.safe_text import WebhookUrl
from reconciler.planning.audit import Audited
from reconciler.planning.costs import Share
from reconciler.planning.drift import Drift, DriftClass, Drifted
from reconciler.planning.numbers import NOT_LISTED_YET
from reconciler.state import plan_file

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
EURO = Price("EUR", Decimal("0.00"), Decimal("5.00"), Decimal("3.00"))
DOLLAR = Price("USD", Decimal("1.50"), Decimal("2.193549"))


def at(text: str) -> Address:
    return Address.parse(text)


def change(address: str, account: str, action: Action, reason: str, **fields: Any) -> Change:
    return Change(at(address), account, action, reason, **{"precondition": "hmac:" + "0" * 64, **fields})


def plan(*changes: Change, **fields: Any) -> Plan:
    return plan_file.sealed(
        Plan(
            plan_id="4f1c2ab09d3e5f67",
            created_at=NOON,
            expires_at=NOON + timedelta(hours=24),
            tool_version="0.1.0",
            config_digest="hmac:" + "1" * 64,
            lineage="lineage-1",
            serial=4,
            changes=changes,
            **fields,
        ),
        lambda _document: "hmac:" + "2" * 64,
    )


def every_action() -> Plan:
    """All actions at three accounts, a release, two currencies and an unknown price, notices of each severity."""
    old, new = "https://old.example/in", "https://hooks.example.com/inbound"
    return plan(
        change(
            "brand/acme", "voicetel", Action.CREATE, "our records have no such brand yet",
            after={"id": "BACME01", "name": "ACME", "description": "ACME alerts"},
        ),
        change(
            "number/+12015550123", "voicetel", Action.CREATE, "declared, not owned, and offered for sale",
            after={"route": 4},
        ),
        change(
            "number/+12015550124", "voicetel", Action.UPDATE, "route is 4, declared 5",
            before={"route": 4}, after={"route": 5}, diff=(FieldDiff("route", 4, 5),),
        ),
        change(
            "number/+12015550125", "voicetel", Action.WAIT,
            "its order of 2026-01-31T11:00:00Z has an open outcome; "
            "it is not ordered again before reads have settled it",
        ),
        change(
            "number/+12015550126", "voicetel", Action.BLOCKED,
            "not on our records and not offered for sale: yours already? then `tnctl state resolve "
            "number/+12015550126 --as owned`; otherwise choose another with `tnctl search`",
        ),
        change(
            "number/+12015550127", "voicetel", Action.FORGET,
            "not declared any more; the number stays on the account and goes on costing; release it at the carrier",
            irreversible=True,
        ),
        change(
            "number/+447700900123", "infobip", Action.CREATE, "declared, not owned, and offered for sale",
            after={}, cost=EURO, external={"numberKey": "6FED0BC540BFADD9B05ED7D89AAC22FA"},
        ),
        change(
            "number/+17205550188", "infobip", Action.CREATE, "declared, not owned, and offered for sale",
            after={}, cost=DOLLAR,
        ),
        change("number/+447700900124", "infobip", Action.ADOPT, "the account owns it already"),
        change(
            "number/+447700900125", "infobip", Action.DELETE,
            "not declared any more: it is released, and anyone can buy it then",
            irreversible=True,
        ),
        change(
            "sms/+17205550142", "intelepeer", Action.CREATE, "SMS is declared on, and off at the carrier",
            after={"enabled": True},
        ),
        change("sms/+17205550143", "intelepeer", Action.DELETE, "SMS is on and declared off"),
        change(
            "sms/+17205550144", "intelepeer", Action.WAIT,
            "the carrier is switching SMS off; it is switched on again afterwards (state: deprovisioning for 2 h)",
            then=Action.CREATE,
        ),
        change(
            "webhook/+17205550142", "intelepeer", Action.CREATE, "the carrier shows no webhook",
            after={"url": new}, needs=(at("sms/+17205550142"),),
        ),
        change(
            "webhook/+17205550145", "intelepeer", Action.UPDATE,
            "the carrier has another webhook than the one declared",
            before={"url": old}, after={"url": new}, diff=(FieldDiff("url", old, new),),
        ),
        noop=12,
        unobservable=3,
        reads={"intelepeer": 12, "infobip": 1, "voicetel": 4},
        unresolved={"sms/+17205550146": "HTTP 503: try again"},
        notices=(
            Notice("info", "voicetel: 3 objects cannot be read back; our records are the memory"),
            Notice("warning", "over a limit: 2 releases, 0 allowed; apply refuses it without --allow-releases 2"),
            Notice("error", "could not be read: HTTP 503: try again; nothing is done about it", "sms/+17205550146"),
        ),
    )  # fmt: skip


def thousands() -> Plan:
    """5,000 purchases, as many webhooks that move to one place, 30 blocked, three others, and one release."""
    numbers = [f"+1201{5550000 + n}" for n in range(5000)]
    new = "https://hooks.example.com/inbound"
    return plan(
        *(
            change(
                f"number/{tn}", "voicetel", Action.CREATE, "declared, not owned, and offered for sale",
                after={"route": 4}, cost=DOLLAR if tn[-1] != "7" else None,
            )
            for tn in numbers
        ),
        *(
            change(
                f"webhook/{tn}", "intelepeer", Action.UPDATE, "the carrier has another webhook than the one declared",
                diff=(FieldDiff("url", f"https://old.example/{tn[-1]}", new),),
            )
            for tn in numbers
        ),
        *(
            change(f"assignment/{tn}", "voicetel", Action.BLOCKED, f"hangs on number/{tn}, which is blocked")
            for tn in numbers[:30]
        ),
        *(
            change(f"sms/{tn}", "intelepeer", Action.CREATE, "SMS is declared on, and off at the carrier")
            for tn in numbers[:3]
        ),
        change("number/+12015559999", "voicetel", Action.DELETE, "not declared any more", irreversible=True),
        notices=tuple(Notice("warning", f"presumed ours: see number/{tn}", f"number/{tn}") for tn in numbers[:50]),
    )  # fmt: skip


def hostile() -> Plan:
    """A plan whose carrier text tries everything."""
    message = (
        "\x1b[31m<img src=x onerror=alert(1)> | @security-team [x](https://evil.example) `a|b\\|c` www.evil.example"
    )
    return plan(
        change("number/+12015550123", "voicetel", Action.BLOCKED, message),
        change(
            "brand/a|b`c", "voicetel", Action.UPDATE, message, diff=(FieldDiff("na|me", "`\u202e`", "a|b\n::error::x"),)
        ),
        notices=(Notice("error", message, "number/+12015550123"),),
    )


def outcome(address: str, account: str, action: Action, result: Result, message: str = "", **fields: Any) -> Outcome:
    return Outcome(at(address), account, action, result, message, **fields)


def mixed_report() -> Report:
    """Every result, money, requests, a notice, and what was settled of an earlier run."""
    needs = "needs sms/+17205550142, which is waiting"
    return Report(
        plan=every_action(),
        outcomes=(
            outcome("sms/+17205550142", "intelepeer", Action.CREATE, Result.WAITING, "requested", status=202),
            outcome("webhook/+17205550142", "intelepeer", Action.CREATE, Result.SKIPPED, needs),
            outcome("webhook/+17205550145", "intelepeer", Action.UPDATE, Result.FAILED, "bad URL", status=400),
            outcome("sms/+17205550143", "intelepeer", Action.DELETE, Result.FAILED, status=401),
            outcome("number/+447700900123", "infobip", Action.CREATE, Result.DONE, "bought", status=200, spent=EURO),
            outcome("number/+447700900124", "infobip", Action.ADOPT, Result.DONE),
            outcome("number/+12015550123", "voicetel", Action.CREATE, Result.UNKNOWN, "HTTP 502: no", status=502),
            outcome("number/+12015550126", "voicetel", Action.BLOCKED, Result.SKIPPED, "not for sale", person=True),
        ),
        exit_code=4,
        requests={"infobip": (3, 1), "intelepeer": (12, 3)},
        settled=("number/+12015550125: seen on the account; it is ours",),
        notices=(every_action().notices[0], every_action().notices[2]),
    )  # fmt: skip


def drifted() -> Drift:
    """Each class of drift, and what could not be seen."""
    live = {"url": "https://other.example/in"}
    applied = {"url": "https://hooks.example.com/inbound"}
    return Drift(
        created_at=NOON,
        drifted=(
            Drifted(at("number/+447700900123"), "infobip", DriftClass.MISSING, "applied, and not there any more", {}),
            Drifted(
                at("webhook/+17205550142"), "intelepeer", DriftClass.CHANGED, "differs from what was last applied",
                applied, live, (FieldDiff("url", applied["url"], live["url"]),),
            ),
            Drifted(
                at("sms/+17205550143"), "intelepeer", DriftClass.RETURNED, "it was off, and is on again",
                {"enabled": False}, {"enabled": True},
            ),
        ),
        in_sync=12,
        waiting={at("number/+447700900124"): NOT_LISTED_YET.format("bought")},
        unobservable=(at("number/+12015550123"), at("brand/acme")),
        unresolved={at("sms/+17205550146"): "HTTP 503: try again"},
        reads={"intelepeer": 12, "infobip": 1},
        notices=(
            Notice("error", "could not be read: HTTP 503: try again; nothing is done about it", "sms/+17205550146"),
        ),
    )  # fmt: skip


def open_intent() -> Intent:
    return Intent(
        id=7,
        plan_id="4f1c2ab09d3e5f67",
        account="voicetel",
        action=Action.CREATE,
        addresses=(at("number/+12015550125"),),
        reference="abcdefghijklmnopqrstuvwx",
        external={"attrs": {"route": 4}},
        created_at=NOON,
        price=DOLLAR,
        attempts=(
            Attempt(1, NOON, NOON + timedelta(seconds=1), Verdict.MAYBE, "Bad Gateway", 502),
            Attempt(2, NOON + timedelta(minutes=20)),
        ),
        person="ordered twice, and neither owned nor offered",
    )


def resolution() -> Resolution:
    evidence = "the invoice of January: \x1b[31mpaid | settled"
    return Resolution(at("number/+447700900123"), "infobip", owned=True, evidence=evidence, who="ann@desk", at=NOON)


def snapshot() -> StateSnapshot:
    """Records of every origin, a tombstone, and an open outcome."""
    records = [
        Record(
            at("number/+447700900123"), "infobip", Origin.BOUGHT, fingerprint="hmac:secret-looking",
            external={"numberKey": "6FED0BC540BFADD9B05ED7D89AAC22FA"}, labels={"team": "support"}, protect=True,
            made_at=NOON, updated_at=NOON,
        ),
        Record(at("number/+12015550123"), "voicetel", Origin.PRESUMED, {"route": 4}),
        Record(at("number/+12015550127"), "voicetel", Origin.RESOLVED, {"route": 4}, tombstone=True),
        Record(at("sms/+17205550142"), "intelepeer", Origin.MADE, {"enabled": True},
            carrier_status="provisioning", since=NOON),
        Record(
            at("webhook/+17205550142"), "intelepeer", Origin.ADOPTED,
            {"url": WebhookUrl("https://user:hunter2@hooks.example.com/inbound?key=hunter2")},
        ),
    ]  # fmt: skip
    return StateSnapshot("lineage-1", 4, {record.address: record for record in records}, (open_intent(),))


OFFERS = [
    {
        "numberKey": "6FED0BC540BFADD9B05ED7D89AAC22FA",
        "number": "447700900123",
        "country": "GB",
        "capabilities": ["SMS", "VOICE"],
        "shared": False,
        "price": {"pricePerMonth": Decimal("5.00"), "setupPrice": 0, "currency": "EUR"},
    },
    {
        "numberKey": "7FED0BC540BFADD9B05ED7D89AAC22FB",
        "number": "447700900124",
        "country": None,
        "capabilities": [],
        "shared": True,
        "price": {"pricePerMonth": Decimal("1E+1"), "setupPrice": 2, "currency": "EUR"},
        "remark": "\x1b[31mred\x9b31m",
    },
]

COVERAGE = [
    {"npa": "201", "nxx": "555", "lata": 224, "rcAbbre": "HACKENSACK", "locState": "NJ", "count": 12},
    {"npa": "201", "nxx": "556", "lata": 224, "rcAbbre": "HOBOKEN", "locState": "NJ", "count": 9},
]


ESTIMATE = Price("USD", Decimal("0.50"), Decimal("0.85"), as_of=date(2026, 1, 1))

SHARES = (
    Share("all", "EUR", Total(Decimal("0.00"), Decimal("10.00"), Decimal("6.00")), Decimal("5.00")),
    Share("all", "USD", Total(), Decimal("0.85")),
    Share("infobip", "EUR", Total(Decimal("0.00"), Decimal("10.00"), Decimal("6.00")), Decimal("5.00")),
    Share("voicetel", "USD", Total(), Decimal("0.85")),
    Share("team=@support|<b>", "EUR", Total(Decimal("0.00"), Decimal("5.00"), Decimal("3.00")), Decimal(0)),
)

OFFERED = [
    Offer("+447700900123", price=EURO, row=OFFERS[0]),
    Offer("+12015550123", price=ESTIMATE, row={"rateCenter": "HACKENSACK", "province": "NJ"}),
    Offer("+12015550124", row={"rateCenter": "x\n  evil: true"}),
]


def ledger() -> list[LedgerEntry]:
    """A purchase at a price, by the price book and at an unknown one, and a release."""
    reference = "abcdefghijklmnopqrstuvwx"
    purchases = [
        ("+447700900123", "infobip", EURO),
        ("+12015550123", "voicetel", ESTIMATE),
        ("+12015550124", "api", None),
    ]
    return [
        *(
            LedgerEntry(NOON, "purchase", "4f1c2ab09d3e5f67", at(f"number/{tn}"), account, price, reference)
            for tn, account, price in purchases
        ),
        LedgerEntry(NOON + timedelta(days=1), "release", "5f", at("number/+447700900123"), "infobip", None, reference),
    ]


def audited() -> list[Audited]:
    """A number that is still there, one that nobody asked about, one that is missing, and one that was never bought."""
    dearer = Price("EUR", Decimal("0.00"), Decimal("6.00"))
    return [
        Audited(at("number/+447700900123"), "infobip", "release", True, "STILL THERE: it costs", EURO, dearer),
        Audited(at("number/+12015550123"), "voicetel", "purchase", None, "not known: no call", ESTIMATE),
        Audited(at("number/+12015550124"), "api", "purchase", False, "MISSING"),
        Audited(at("number/+12015550125"), "api", None, True, "=HYPERLINK(1)"),
    ]


def fleet() -> Fleet:
    """A number with everything on it, and a brand whose name wants to end its label."""
    brand, campaign = at('brand/ac"me<b>'), at("campaign/alerts")
    number, sms = at("number/+12015550123"), at("sms/+12015550123")
    return Fleet(
        resources=(
            Resource(brand, "voicetel"),
            Resource(campaign, "voicetel", needs=(brand,)),
            Resource(number, "voicetel"),
            Resource(sms, "intelepeer", needs=(number,)),
            Resource(at("webhook/+12015550123"), "intelepeer", needs=(sms,)),
            Resource(at("assignment/+12015550123"), "voicetel", needs=(campaign, number)),
            Resource(Address(Kind.WEBHOOK, "+12015550124"), "intelepeer", needs=(at("sms/+12015550124"),)),
        )
    )


def pooled() -> tuple[Fleet, StateSnapshot]:
    """A pool of three at one account, whose messages another carries: one number on record, one that has a line too."""
    number, sms = Resource(Address(Kind.NUMBER, ""), "voicetel"), Resource(Address(Kind.SMS, ""), "intelepeer")
    template = (number, replace(sms, needs=(number.address,)))
    pool = Pool("desk", 3, (Search("voicetel", {"rate_center": "NEWARK"}, template),))
    records = {
        at(f"number/+1201555010{n}"): Record(at(f"number/+1201555010{n}"), "voicetel", Origin.BOUGHT) for n in (0, 1)
    }
    held = {
        slot: slots.record(slot, records[at(f"number/+1201555010{n}")], NOON)
        for n, slot in ((0, at("slot/desk.0")), (1, at("slot/desk.2")))
    }
    line = Resource(at("number/+12015550101"), "voicetel")
    return Fleet(resources=(line,), pools=(pool,)), StateSnapshot("lineage-1", 4, records, (), held)
