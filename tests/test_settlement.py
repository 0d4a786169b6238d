"""The truth table of open purchases, cell by cell: what reads prove, and what they never do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from reconciler.capabilities import Capabilities
from reconciler.model import (
    Action,
    Address,
    Attempt,
    Intent,
    Kind,
    Observation,
    Offer,
    Price,
    Quotes,
    Resource,
    Status,
    Verdict,
)
from reconciler.settlement import Evidence, Finding, settle_purchase

TN = "+12015550123"
ADDRESS = Address(Kind.NUMBER, TN)
SENT = datetime(2026, 3, 1, 12, tzinfo=UTC)
WAIT = timedelta(seconds=900)
LONG_AFTER = SENT + WAIT + timedelta(seconds=1)
PRICE = Price("EUR", Decimal(0), Decimal(5))

NUMBERS = frozenset({Kind.NUMBER})
INFOBIP = Capabilities(NUMBERS, NUMBERS, lists=True, settle_after=WAIT, repeat_at_once=True)
BLIND = Capabilities(NUMBERS, frozenset(), settle_after=WAIT, repeats=2, presumes=True)
STOPPED = Capabilities(NUMBERS, frozenset(), settle_after=WAIT, repeats=1, presumes=True)
SIBLING = Capabilities(NUMBERS, NUMBERS, lists=True, settle_after=WAIT)


def intent(*verdicts: Verdict | None, answered: datetime | None = SENT, key: str | None = "K") -> Intent:
    attempts = tuple(Attempt(n, SENT, answered, verdict) for n, verdict in enumerate(verdicts or (None,), 1))
    carrier = {"numberKey": key} if key else {}
    return Intent(1, "p", "a", Action.CREATE, (ADDRESS,), "r", carrier, SENT, price=PRICE, attempts=attempts)


def judged(
    caps: Capabilities,
    purchase: Intent | None = None,
    *,
    owned: Status | None = None,
    offered: str | None = None,
    price: Price = PRICE,
    at: datetime | None = SENT,
    unread: str = "",
    repeated: bool = False,
    declared: bool = True,
) -> Finding:
    live = {ADDRESS: Resource(ADDRESS, "a", status=owned)} if owned else {}
    unresolved = {ADDRESS: unread} if unread else {}
    offers = {TN: Offer(TN, {"numberKey": offered}, price)} if offered else {}
    return settle_purchase(
        purchase or intent(),
        Observation("a", live, unresolved, calls=1, answered=at),
        Quotes(offers, calls=1, answered=at),
        caps,
        repeated=repeated,
        declared=declared,
    )


@pytest.mark.parametrize("caps", [INFOBIP, SIBLING])
@pytest.mark.parametrize("status", [Status.ACTIVE, Status.ENABLING])
def test_the_number_on_the_account_is_ours(caps: Capabilities, status: Status) -> None:
    assert judged(caps, owned=status).evidence is Evidence.OWNED


@pytest.mark.parametrize("offered", [None, "K"])
def test_a_reservation_that_failed_is_for_a_person_and_is_not_sent_again(offered: str | None) -> None:
    found = judged(INFOBIP, owned=Status.ERROR, offered=offered)
    assert (found.evidence, "could not provide it" in found.reason) == (Evidence.PERSON, True)


def test_a_state_that_nobody_documents_is_waited_out_and_then_for_a_person() -> None:
    assert judged(INFOBIP, owned=Status.UNKNOWN).evidence is Evidence.OPEN
    assert judged(INFOBIP, owned=Status.UNKNOWN, at=LONG_AFTER).evidence is Evidence.PERSON


@pytest.mark.parametrize("caps", [INFOBIP, BLIND, SIBLING])
def test_a_failed_read_proves_nothing_however_late(caps: Capabilities) -> None:
    assert judged(caps, unread="HTTP 503", at=LONG_AFTER).evidence is Evidence.OPEN


def test_infobip_sends_the_same_key_again_at_once_and_once_an_apply() -> None:
    assert judged(INFOBIP, offered="K").evidence is Evidence.REPEAT
    assert judged(INFOBIP, offered="K", repeated=True).evidence is Evidence.OPEN


@pytest.mark.parametrize(("at", "evidence"), [(SENT, Evidence.OPEN), (LONG_AFTER, Evidence.PERSON)])
def test_infobip_under_another_key_or_not_offered_waits_and_then_needs_a_person(
    at: datetime, evidence: Evidence
) -> None:
    assert judged(INFOBIP, offered="OTHER", at=at).evidence is evidence
    assert judged(INFOBIP, at=at).evidence is evidence


def test_a_number_that_is_not_offered_any_more_is_presumed_ours_where_nothing_can_be_read() -> None:
    assert judged(BLIND, intent(key=None)).evidence is Evidence.PRESUMED
    assert judged(SIBLING, intent(key=None)).evidence is Evidence.OPEN


@pytest.mark.parametrize("caps", [BLIND, SIBLING])
@pytest.mark.parametrize(
    ("at", "evidence"),
    [
        (SENT, Evidence.OPEN),
        (SENT + WAIT, Evidence.OPEN),
        (LONG_AFTER, Evidence.REPEAT),
        (None, Evidence.OPEN),
    ],
)
def test_inumbering_is_ordered_again_only_a_second_after_the_wait_on_the_carriers_clock(
    caps: Capabilities, at: datetime | None, evidence: Evidence
) -> None:
    offers = {TN: Offer(TN, {}, PRICE)}
    found = settle_purchase(
        intent(key=None),
        Observation("a", calls=1, answered=at),
        Quotes(offers, calls=1, answered=at),
        caps,
        repeated=False,
    )
    assert found.evidence is evidence


def test_without_a_date_of_the_attempt_the_wait_never_ends() -> None:
    found = judged(INFOBIP, intent(answered=None), at=LONG_AFTER)
    assert (found.evidence, found.due_in) == (Evidence.OPEN, None)
    assert "no Date" in found.reason


def test_an_order_that_was_sent_as_often_as_it_may_be_needs_a_person() -> None:
    twice = intent(None, None)
    assert judged(BLIND, twice, offered="K").evidence is Evidence.OPEN
    assert judged(BLIND, twice, offered="K", at=LONG_AFTER).evidence is Evidence.PERSON
    assert judged(STOPPED, offered="K", at=LONG_AFTER).evidence is Evidence.PERSON


def test_attempts_that_never_left_do_not_count() -> None:
    harmless = intent(None, Verdict.NOT_SENT, Verdict.THROTTLED)
    assert judged(BLIND, harmless, offered="K", at=LONG_AFTER).evidence is Evidence.REPEAT


def test_what_nobody_declares_any_more_or_what_got_dearer_is_not_sent_again() -> None:
    dearer = Price("EUR", Decimal(0), Decimal("5.01"))
    assert judged(INFOBIP, offered="K", declared=False).evidence is Evidence.OPEN
    assert judged(INFOBIP, offered="K", price=dearer).evidence is Evidence.OPEN
    assert judged(INFOBIP, offered="K", price=dearer, at=LONG_AFTER).evidence is Evidence.PERSON
