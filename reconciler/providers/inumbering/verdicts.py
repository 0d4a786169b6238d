"""What iNumbering's answers to writes prove, where the transport's own table leaves it open.

Judged by the body's code, which is the same whether an error came as HTTP 4xx or inside a 200.

============== ======================= ============================================= ==========================
call           OK                      REJECTED                                      else
============== ======================= ============================================= ==========================
order          200 with an ``orderId`` ``REFUSALS``; "on an existing order"          MAYBE
brand,         200; 470; "already      ``REFUSALS``; 430                             MAYBE
campaign       exists"
assignment     200 with an ``orderId`` ``REFUSALS``; 430                             425 PARTIAL; else MAYBE
release        200 or 409 that lists   ``ACCOUNT_REFUSALS``; 409 that lists the      MAYBE
               the number as removed   number as an error
route          200 or 409 that lists   ``ACCOUNT_REFUSALS``; 409 that lists the      MAYBE
               the number as routed    number as failed
============== ======================= ============================================= ==========================

"On an existing order" refuses a first order; on a repeat it may mean ours, which the caller knows and this does not.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

from reconciler.http import Answer
from reconciler.http.outcome import judge, reply
from reconciler.model import Reply, Verdict
from reconciler.providers.inumbering import convert, limits
from reconciler.text import plain

_CONFLICT = 409


def order(answer: Answer) -> Reply:
    """The answer to buying a number. Its order id is a timestamp: it proves an answer and cannot be looked up."""
    decided = judge(answer) or _ordered(answer)
    if decided is None and limits.on_existing_order(convert.text(answer)):
        decided = reply(answer, Verdict.REJECTED)
    return decided or _failed(answer, limits.REFUSALS)


def registration(answer: Answer) -> Reply:
    """The answer to adding a brand or a campaign: that it exists already is success."""
    return judge(answer) or _registered(answer) or _failed(answer, limits.REGISTRATION_REFUSALS)


def assignment(answer: Answer) -> Reply:
    """The answer to putting numbers under a campaign."""
    decided = judge(answer) or _ordered(answer)
    if decided is None and convert.code(answer) == limits.PARTIAL_SUCCESS:
        decided = reply(answer, Verdict.PARTIAL)
    return decided or _failed(answer, limits.REGISTRATION_REFUSALS)


def release(tn: str, answer: Answer) -> Reply:
    """The answer to giving ``tn`` up: only a row about that very number proves anything."""
    removed = convert.row_of(tn, answer, _done_rows(answer))
    kept = convert.row_of(tn, answer, "numbers_error")
    return judge(answer) or _by_row(answer, removed, kept, "reason")


def route(tn: str, wanted: int, answer: Answer) -> Reply:
    """The answer to rerouting ``tn``: the row about it must show the route that was asked for."""
    routed = convert.row_of(tn, answer, _done_rows(answer))
    if routed is not None and convert.whole_number(routed.get("route")) != wanted:
        routed = None
    failed = convert.row_of(tn, answer, "numbers_failed")
    return judge(answer) or _by_row(answer, routed, failed, "message")


def _ordered(answer: Answer) -> Reply | None:
    order_id = convert.order_id(answer)
    if convert.code(answer) != limits.SUCCESS or not order_id:
        return None
    return reply(answer, Verdict.OK, reference=order_id)


def _registered(answer: Answer) -> Reply | None:
    exists = convert.code(answer) in (limits.SUCCESS, limits.EXISTS) or limits.already_exists(convert.text(answer))
    return reply(answer, Verdict.OK) if exists else None


def _failed(answer: Answer, refusals: Set[int]) -> Reply:
    return reply(answer, Verdict.REJECTED if convert.code(answer) in refusals else Verdict.MAYBE)


def _done_rows(answer: Answer) -> str:
    """Where an answer lists what was done: a whole success and a partial one differ."""
    return {limits.SUCCESS: "numbers", _CONFLICT: "numbers_success"}.get(convert.code(answer) or 0, "")


def _by_row(answer: Answer, done: Mapping[str, Any] | None, failed: Mapping[str, Any] | None, reason: str) -> Reply:
    """A verdict on one number from its row among those done or those that failed with a ``reason``."""
    if failed is not None and convert.code(answer) == _CONFLICT:
        return reply(answer, Verdict.REJECTED, words=plain(failed.get(reason) or answer.words))
    if done is not None:
        return reply(answer, Verdict.OK)
    return _failed(answer, limits.ACCOUNT_REFUSALS)
