"""The truth table of open purchases, cell by cell: what reads prove, and what they never do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

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
from reconciler.model.capabilities import Capabilities
from reconciler.model.waits import Moment, Wait
from reconciler.planning.open_orders import (
    Evidence,
    Finding,
    Waiting,
    bought_instead,
    processed,
    refused,
    settle_purchase,
    settle_release,
    waiting,
)

TN = "+12015550123"
ADDRESS = Address(Kind.NUMBER, TN)
SENT = datetime(2026, 3, 1, 12, tzinfo=UTC)
WAIT = timedelta(seconds=900)
LONG_AFTER = SENT + WAIT + timedelta(seconds=1)
PRICE = Price("EUR", Decimal(0), Decimal(5))

NUMBERS = frozenset({Kind.NUMBER})
INFOBIP = Capabilities(NUMBERS, NUMBERS, lists=True, settle_after=WAIT)
BY_NUMBER = Capabilities(NUMBERS, NUMBERS, lists=True, settle_after=WAIT, sold_by_number=frozenset({"US"}))
BLIND = Capabilities(NUMBERS, frozenset(), settle_after=WAIT, repeats=2, presumes=True)
STOPPED = Capabilities(NUMBERS, frozenset(), settle_after=WAIT, repeats=1, presumes=True)
SIBLING = Capabilities(NUMBERS, NUMBERS, lists=True, settle_after=WAIT)


def intent(*verdicts: Verdict | None, answered: datetime | None = SENT, key: str | None = "K") -> Intent:
    attempts = tuple(Attempt(n, SENT, answered, verdict) for n, verdict in enumerate(verdicts or (None,), 1))
    carrier = {"numberKey": key} if key else {}
    return Intent(1, "p", "a", Action.CREATE, (ADDRESS,), "r", carrier, SENT, price=PRICE, attempts=attempts)


def waited(caps: Capabilities, purchase: Intent, ours: datetime | None, date: datetime | None) -> Waiting:
    """How long the last attempt was waited out, by our clock (by default as long as by the carrier's) and by theirs."""
    return waiting(processed(purchase)[-1], caps, Moment(ours or date or SENT, date))


def judged(
    caps: Capabilities,
    purchase: Intent | None = None,
    *,
    owned: Status | None = None,
    offered: str | None = None,
    price: Price = PRICE,
    at: datetime | None = SENT,
    ours: datetime | None = None,
    unread: str = "",
    repeated: bool = False,
    declared: bool = True,
) -> Finding:
    live = {ADDRESS: Resource(ADDRESS, "a", status=owned)} if owned else {}
    unresolved = {ADDRESS: unread} if unread else {}
    offers = {TN: Offer(TN, {"numberKey": offered}, price)} if offered else {}
    bought = purchase or intent()
    return settle_purchase(
        bought,
        Observation("a", live, unresolved, calls=1, answered=at),
        Quotes(offers, calls=1, answered=at),
        caps,
        waited(caps, bought, ours, at),
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


@pytest.mark.parametrize("caps", [INFOBIP, SIBLING])
def test_what_is_still_offered_is_sent_again_only_after_the_wait_and_once_an_apply(caps: Capabilities) -> None:
    assert judged(caps, offered="K").evidence is Evidence.OPEN
    assert judged(caps, offered="K").due_in == WAIT + timedelta(seconds=1)
    assert judged(caps, offered="K", at=LONG_AFTER).evidence is Evidence.REPEAT
    assert judged(caps, offered="K", at=LONG_AFTER, repeated=True).evidence is Evidence.OPEN


@pytest.mark.parametrize("caps", [INFOBIP, SIBLING, BLIND])
@pytest.mark.parametrize(
    ("ours", "date"), [(SENT, LONG_AFTER), (LONG_AFTER, SENT), (SENT, datetime.max.replace(tzinfo=UTC))]
)
def test_one_clock_alone_sends_nothing_again(caps: Capabilities, ours: datetime, date: datetime) -> None:
    assert judged(caps, offered="K", ours=ours, at=date).evidence is Evidence.OPEN


@pytest.mark.parametrize(("country", "key"), [("US", "OTHER"), ("", "OTHER")])
def test_an_american_number_is_bought_by_number_so_any_key_is_the_same_offer(country: str, key: str) -> None:
    bought = replace(intent(), external={"numberKey": "K", "country": country})
    assert judged(BY_NUMBER, bought, offered=key, at=LONG_AFTER).evidence is Evidence.REPEAT
    assert judged(INFOBIP, bought, offered=key, at=LONG_AFTER).evidence is Evidence.PERSON
    british = replace(intent(), external={"numberKey": "K", "country": "GB"})
    assert judged(BY_NUMBER, british, offered=key, at=LONG_AFTER).evidence is Evidence.PERSON


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
    offers, order = {TN: Offer(TN, {}, PRICE)}, intent(key=None)
    found = settle_purchase(
        order,
        Observation("a", calls=1, answered=at),
        Quotes(offers, calls=1, answered=at),
        caps,
        waited(caps, order, None, at),
        repeated=False,
    )
    assert found.evidence is evidence


@pytest.mark.parametrize("offered", [None, "K"])
def test_without_any_date_an_order_is_a_persons_once_our_own_clock_says_that_it_is_late(offered: str | None) -> None:
    undated = intent(answered=None)
    early = judged(INFOBIP, undated, offered=offered, at=None)
    assert (early.evidence, early.due_in) == (Evidence.OPEN, WAIT + timedelta(seconds=1))
    late = judged(INFOBIP, undated, offered=offered, at=None, ours=LONG_AFTER)
    assert (late.evidence, "no Date" in late.reason) == (Evidence.PERSON, True)


def test_the_first_date_after_the_attempt_begins_the_carriers_half_of_the_wait() -> None:
    assert judged(INFOBIP, intent(answered=None), offered="K", at=LONG_AFTER).evidence is Evidence.OPEN


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


@pytest.mark.parametrize("verdict", [Verdict.OK, Verdict.ACCEPTED])
def test_an_order_that_was_answered_as_bought_is_never_sent_again(verdict: Verdict) -> None:
    answered = intent(verdict)
    assert judged(SIBLING, answered, offered="K", at=LONG_AFTER).evidence is Evidence.PERSON
    assert judged(SIBLING, answered, offered="K").evidence is Evidence.OPEN
    assert judged(BLIND, answered, offered="K").evidence is Evidence.OWNED


def test_only_a_first_attempt_is_refused_for_good() -> None:
    assert refused(intent(Verdict.REJECTED))
    assert refused(intent(Verdict.NOT_SENT, Verdict.REJECTED))
    assert not refused(intent(Verdict.MAYBE, Verdict.REJECTED))
    assert not refused(intent(Verdict.MAYBE))


# Releases


def released(
    *,
    shown: bool,
    ours: datetime = SENT,
    at: datetime | None = SENT,
    missed: int = 1,
    unread: str = "",
    hides: bool = False,
) -> Finding:
    order = replace(intent(), action=Action.DELETE)
    live = {ADDRESS: Resource(ADDRESS, "a")} if shown else {}
    seen = Observation("a", live, {ADDRESS: unread} if unread else {}, calls=1, answered=at)
    return settle_release(order, seen, waited(INFOBIP, order, ours, at), hides=hides, missed=missed)


def test_that_one_list_misses_a_number_does_not_prove_its_release() -> None:
    assert released(shown=False).evidence is Evidence.OPEN
    assert released(shown=False, ours=LONG_AFTER).evidence is Evidence.OPEN
    assert released(shown=False, at=LONG_AFTER).evidence is Evidence.OPEN


def test_a_number_that_is_missing_again_after_the_wait_is_released() -> None:
    once = released(shown=False, ours=LONG_AFTER, at=LONG_AFTER)
    assert (once.evidence, once.due_in) == (Evidence.OPEN, timedelta(0))
    assert released(shown=False, ours=LONG_AFTER, at=LONG_AFTER, missed=2).evidence is Evidence.RELEASED


def test_a_number_that_is_shown_after_the_wait_is_kept_and_before_it_nobody_knows() -> None:
    assert released(shown=True).evidence is Evidence.OPEN
    assert released(shown=True, ours=LONG_AFTER, at=LONG_AFTER).evidence is Evidence.KEPT


@pytest.mark.parametrize(("unread", "hides"), [("HTTP 503", False), ("", True)])
def test_what_could_not_be_read_settles_no_release_however_late(unread: str, hides: bool) -> None:
    found = released(shown=False, ours=LONG_AFTER, at=LONG_AFTER, missed=9, unread=unread, hides=hides)
    assert found.evidence is Evidence.OPEN


def test_without_any_date_a_release_is_a_persons() -> None:
    undated = replace(intent(answered=None), action=Action.DELETE)
    wait = Waiting(Wait(Moment(SENT), WAIT), Moment(LONG_AFTER))
    found = settle_release(undated, Observation("a", calls=1), wait, hides=False, missed=2)
    assert found.evidence is Evidence.PERSON


# Answers about another number

OTHER = "+12015550188"


def owning(key: str) -> Observation:
    address = Address(Kind.NUMBER, OTHER)
    return Observation("a", {address: Resource(address, "a", external={"numberKey": key})})


@pytest.mark.parametrize(
    ("about", "key", "bought"),
    [
        (f"{OTHER} K2", "K2", True),
        (f"{OTHER} K2", "K1", False),
        (OTHER, "K2", False),
        ("+12015550177 K2", "K2", False),
        ("", "K2", False),
    ],
)
def test_an_order_has_bought_what_its_answer_named_where_the_account_has_it_under_the_key_that_was_told(
    about: str, key: str, bought: bool
) -> None:
    attempt = Attempt(1, SENT, verdict=Verdict.MAYBE, about=about)
    assert (bought_instead(attempt, owning(key)) is not None) is bought
