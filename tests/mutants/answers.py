"""Bugs in judging answers: what a carrier's answer to a write is taken to prove."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace

from reconciler.model import Reply, Verdict
from reconciler.providers import complaints
from reconciler.providers.http import verdict
from reconciler.providers.http.messages import Answer
from reconciler.providers.http.verdict import reply
from reconciler.providers.infobip import convert as infobip_rows
from reconciler.providers.infobip import verdicts as infobip
from reconciler.providers.intelepeer import verdicts as intelepeer
from reconciler.providers.inumbering import convert as inumbering_rows
from reconciler.providers.inumbering import quirks
from reconciler.providers.inumbering import verdicts as inumbering
from reconciler.sandbox import When
from tests.mutants import checks
from tests.mutants.checking import Check, reused
from tests.mutants.planting import planted, refusing_an_order_as, swapped
from tests.workflows import test_evidence, test_purchases

Judge = Callable[[Answer], Reply | None]


def _judging(judge: Judge) -> AbstractContextManager[None]:
    """``judge`` in place of the table that all carriers share."""
    return swapped(*((carrier, "judge", judge) for carrier in (infobip, intelepeer, inumbering)))


def _after_which_nothing_is_lost(account: str, fault: str) -> Check:
    """That a purchase whose answer ``fault`` spoilt is neither made twice nor lost sight of."""
    test = test_purchases.test_no_fault_of_a_purchase_buys_twice_or_loses_the_number
    return reused(test, account=account, fault=fault, when=When.AFTER)


@planted(where=refusing_an_order_as("html-200"), start=1004)
def html_200_as_ok() -> AbstractContextManager[None]:
    """A page of HTML with status 200 counts as done."""

    def judge(answer: Answer) -> Reply | None:
        page = answer.ok and not answer.is_json and not answer.empty
        return reply(answer, Verdict.OK) if page else verdict.judge(answer)

    return _judging(judge)


@planted(_after_which_nothing_is_lost("vt", "503"))
def server_error_as_refusal() -> AbstractContextManager[None]:
    """A 5xx frees the slot, although the carrier may have acted before its gateway failed."""

    def judge(answer: Answer) -> Reply | None:
        failed = answer.fault is None and answer.status is not None and answer.status >= 500
        return reply(answer, Verdict.REJECTED) if failed else verdict.judge(answer)

    return _judging(judge)


@planted(start=22)
def time_out_as_not_sent() -> AbstractContextManager[None]:
    """A connection that broke counts as a request that never left, and is tried again."""

    def judge(answer: Answer) -> Reply | None:
        return reply(answer, Verdict.NOT_SENT) if answer.fault is not None else verdict.judge(answer)

    return _judging(judge)


@planted(_after_which_nothing_is_lost("vt", "302"))
def redirect_as_refusal() -> AbstractContextManager[None]:
    """A 3xx counts as refused, although it says nothing of what was done."""

    def judge(answer: Answer) -> Reply | None:
        moved = answer.fault is None and answer.status is not None and 300 <= answer.status < 400
        return reply(answer, Verdict.REJECTED) if moved else verdict.judge(answer)

    return _judging(judge)


@planted(where=refusing_an_order_as("failure-in-body"))
def body_status_ignored() -> AbstractContextManager[None]:
    """iNumbering's answers are judged by the status line, and a 200 with an error in its body counts as done."""

    def ordered(answer: Answer) -> Reply | None:
        return reply(answer, Verdict.OK) if answer.ok else None

    return swapped((inumbering, "_ordered", ordered))


@planted(checks.a_success_without_an_order_id_is_no_order)
def order_id_null_as_ok() -> AbstractContextManager[None]:
    """A `statusCode` of 200 counts as an order, although its `orderId` is null and nothing was ordered."""

    def ordered(answer: Answer) -> Reply | None:
        said = inumbering_rows.whole_number(inumbering_rows.body(answer).get("statusCode"))
        return reply(answer, Verdict.OK) if answer.ok and said == quirks.SUCCESS else None

    return swapped((inumbering, "_ordered", ordered))


@planted(checks.a_partial_success_is_settled_number_by_number)
def partial_success_as_success() -> AbstractContextManager[None]:
    """A batch of which some numbers were left out counts as done for all of them."""
    judged = inumbering.assignment

    def assignment(campaign: str, numbers: int, answer: Answer) -> Reply:
        verdict = judged(campaign, numbers, answer)
        return replace(verdict, verdict=Verdict.OK) if verdict.verdict is Verdict.PARTIAL else verdict

    return swapped((inumbering, "assignment", assignment))


@planted(where=refusing_an_order_as("empty-200"))
def empty_200_as_purchase() -> AbstractContextManager[None]:
    """A 200 without a body counts as a purchase at Infobip."""
    judged = infobip.purchase

    def purchase(tn: str, answer: Answer) -> Reply:
        return reply(answer, Verdict.OK) if answer.ok and answer.empty else judged(tn, answer)

    return swapped((infobip, "purchase", purchase))


@planted(checks.an_answer_about_another_number_proves_nothing)
def answer_about_another_number_accepted() -> AbstractContextManager[None]:
    """A purchase is believed whatever number the answer is about."""

    def bought(_tn: str, answer: Answer) -> Reply | None:
        key = infobip_rows.key(answer.json) if answer.ok and isinstance(answer.json, dict) else ""
        return reply(answer, Verdict.OK, external={"numberKey": key}) if key else None

    return swapped((infobip, "_bought", bought))


@planted(checks.a_release_is_believed_only_once_the_number_is_seen_to_be_gone)
def not_found_as_released() -> AbstractContextManager[None]:
    """A 404 on a cancellation counts as released, also where the key was merely wrong."""
    judged = infobip.cancel

    def cancel(answer: Answer) -> Reply:
        return reply(answer, Verdict.OK) if answer.status == 404 else judged(answer)

    return swapped((infobip, "cancel", cancel))


@planted(_after_which_nothing_is_lost("vt", "truncated-json"))
def unreadable_answer_as_refusal() -> AbstractContextManager[None]:
    """A 200 whose JSON was cut short counts as refused, and the number that was bought is lost sight of."""

    def judge(answer: Answer) -> Reply | None:
        garbled = answer.fault is None and answer.status == 200 and not answer.is_json and not answer.empty
        return reply(answer, Verdict.REJECTED) if garbled else verdict.judge(answer)

    return _judging(judge)


@planted(reused(test_evidence.test_a_release_whose_success_holds_an_error_is_not_done, account="api"))
def error_inside_a_success_unseen() -> AbstractContextManager[None]:
    """A success counts as one whatever error is among its fields."""
    return swapped((complaints, "_complaints", lambda _value, *, deep: iter(())))


@planted(reused(test_evidence.test_a_release_is_not_proved_by_a_server_that_is_out_of_order))
def code_believed_under_any_status() -> AbstractContextManager[None]:
    """The result code in a body is believed over a 503, where it may be a proxy's or yesterday's."""
    return swapped((quirks, "is_error", lambda _status: True))


@planted(checks.a_refusal_that_shows_the_sale_is_no_refusal)
def refusal_believed_over_its_body() -> AbstractContextManager[None]:
    """A 4xx refuses an order although its body is what a sale is answered with."""
    refused = infobip._PURCHASE_REFUSALS
    return swapped((infobip, "_refused", lambda _tn, answer: infobip._failed(answer, refused)))
