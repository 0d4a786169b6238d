"""What iNumbering's answers to writes prove, where the transport's own table leaves it open.

Judged by the body's code, which is the same whether an error came as HTTP 4xx or inside a 200.

============== ======================= ============================================= ==========================
call           OK                      REJECTED                                      else
============== ======================= ============================================= ==========================
order          200 with an ``orderId`` ``REFUSALS``; "on an existing order"          MAYBE
brand,         200; 470; "already      ``REFUSALS``; 430                             MAYBE
campaign       exists"
assignment     200 with an ``orderId``;  "exists" and another campaign;              425 PARTIAL; else MAYBE
               "exists", and no other  ``REFUSALS``; 430
               campaign is named
of many        200 with an ``orderId`` ``FOR_EVERY_NUMBER``                          PARTIAL where one number has
                                                                                     the others refused; else MAYBE
release        200 or 409 that lists   ``ACCOUNT_REFUSALS``; 409 that lists the      MAYBE
               the number as removed   number as an error; words of porting: a
                                       person's
route          200 or 409 that lists   ``ACCOUNT_REFUSALS``; 409 that lists the      MAYBE
               the number as routed    number as failed
============== ======================= ============================================= ==========================

A success that names another number, campaign or brand than was asked for, or lists the number as failed, is a MAYBE;
of a batch, PARTIAL. "On an existing order" refuses a first order; on a repeat it may mean ours, which the caller knows
and this does not.
A row about another number, where one was asked for, is a MAYBE that says whose it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import replace
from typing import Any

from reconciler.model import Reply, Verdict
from reconciler.model.safe_text import quoted
from reconciler.providers import complaints
from reconciler.providers.http.messages import Answer
from reconciler.providers.http.verdict import judge, reply
from reconciler.providers.inumbering import about, convert, quirks

_CONFLICT = 409


def order(tn: str, answer: Answer) -> Reply:
    """The answer to buying ``tn``. Its order id is a timestamp: it proves an answer and cannot be looked up."""
    decided = judge(answer) or _ordered(answer)
    if decided is not None:
        return _elsewhere({tn}, decided, answer)
    refused = quirks.on_existing_order(convert.text(answer)) or convert.code(answer) in quirks.REFUSALS
    # A refusal with an order id contradicts itself: the order may be there.
    return _said(answer, Verdict.REJECTED if refused and not convert.order_id(answer) else Verdict.MAYBE)


def brand(wanted: str, answer: Answer) -> Reply:
    """The answer to adding the brand of that id: that it exists already is success."""
    return _registration(wanted, about.brands(answer), answer)


def campaign(wanted: str, answer: Answer) -> Reply:
    """The answer to adding the campaign of that id: that it exists already is success."""
    return _registration(wanted, about.campaigns(answer), answer)


def _registration(wanted: str, named: set[str], answer: Answer) -> Reply:
    decided = judge(answer) or _registered(answer) or _failed(answer, quirks.REGISTRATION_REFUSALS)
    return _unless_complaint(_unless_other(wanted, named, decided), answer)


def _unless_other(wanted: str, named: set[str], decided: Reply) -> Reply:
    """``decided``; a MAYBE where a success names another id than ``wanted``."""
    if decided.verdict is not Verdict.OK or not named or wanted.upper() in named:
        return decided
    return replace(decided, verdict=Verdict.MAYBE, message=f"the answer names {min(named)} in place of {wanted}")


def _elsewhere(asked: Set[str], decided: Reply, answer: Answer) -> Reply:
    """``decided`` about the numbers ``asked`` for, where a success names none but others, or lists one as failed."""
    if decided.verdict is not Verdict.OK:
        return decided
    decided, named = _unless_complaint(decided, answer), about.numbers(answer)
    if decided.verdict is not Verdict.OK or not named or named & asked:
        return decided
    other, tn = min(named), min(asked)
    message = f"the answer names {other} in place of {tn}"
    return replace(decided, verdict=Verdict.MAYBE, message=message, about=other if len(asked) == 1 else "")


def _unless_complaint(decided: Reply, answer: Answer, of_row: str = "") -> Reply:
    """``decided``; a MAYBE where a success has an error inside, or the row about the number has (``of_row``)."""
    whole = decided.verdict is Verdict.OK and convert.code(answer) == quirks.SUCCESS
    complaint = of_row or (about.complaint(answer) if whole else "")
    return (
        replace(decided, verdict=Verdict.MAYBE, message=f"a success that says: {complaint}") if complaint else decided
    )


def assignment(campaign: str, asked: Set[str], answer: Answer) -> Reply:
    """The answer to putting the numbers ``asked`` for under ``campaign``.

    What refuses a batch may be true of one of its numbers alone, also where it says that one is assigned already: so
    it is sent in parts, down to one number.
    """
    proved = judge(answer) or _ordered(answer)
    if proved is not None:
        sound = _elsewhere(asked, _unless_other(campaign, about.campaigns(answer), proved), answer)
        of_all = not (named := about.numbers(answer)) or named >= asked
        if len(asked) > 1 and proved.verdict is Verdict.OK and not (sound is proved and of_all):
            return replace(sound, verdict=Verdict.PARTIAL)
        return sound
    if convert.code(answer) == quirks.PARTIAL_SUCCESS:
        return _said(answer, Verdict.PARTIAL)
    decided = _there(campaign, answer) or _failed(answer, quirks.REGISTRATION_REFUSALS)
    of_some = decided.verdict is not Verdict.MAYBE and convert.code(answer) not in quirks.FOR_EVERY_NUMBER
    return (
        replace(decided, verdict=Verdict.PARTIAL) if len(asked) > 1 and of_some else _elsewhere(asked, decided, answer)
    )


def release(tn: str, answer: Answer) -> Reply:
    """The answer to giving ``tn`` up: only a row about that very number proves anything, or words of its porting."""
    removed = convert.row_of(tn, answer, _DONE.get(convert.code(answer) or 0, ()))
    kept = convert.row_of(tn, answer, about.NOT_DONE)
    proved = judge(answer)
    if proved is not None:
        return proved
    decided = _by_row(tn, answer, removed, kept)
    if decided.verdict is Verdict.OK and quirks.is_put_off(convert.text(answer)):
        return replace(decided, verdict=Verdict.MAYBE, message=f"a success that says: {quoted(convert.text(answer))}")
    refused = removed is None and convert.code(answer) not in (None, quirks.SUCCESS)
    if refused and quirks.is_porting(f"{decided.message} {convert.text(answer)}"):
        return replace(decided, verdict=Verdict.REJECTED, person=True)
    return decided


def route(tn: str, wanted: int, answer: Answer) -> Reply:
    """The answer to rerouting ``tn``: the row about it must show the route that was asked for."""
    routed = convert.row_of(tn, answer, _DONE.get(convert.code(answer) or 0, ()))
    if routed is not None and convert.whole_number(routed.get("route")) != wanted:
        routed = None
    return judge(answer) or _by_row(tn, answer, routed, convert.row_of(tn, answer, about.NOT_DONE))


def _there(campaign: str, answer: Answer) -> Reply | None:
    """Success, where the number is said to have ``campaign``, or a campaign and no other one is named."""
    text = convert.text(answer)
    if convert.code(answer) != quirks.EXISTS and not quirks.is_there(text):
        return None
    elsewhere = quirks.other_campaigns(text, campaign) or quirks.is_elsewhere(text)
    return _said(answer, Verdict.REJECTED if elsewhere else Verdict.OK)


def _ordered(answer: Answer) -> Reply | None:
    order_id = convert.order_id(answer)
    if convert.code(answer) != quirks.SUCCESS or not order_id:
        return None
    return reply(answer, Verdict.OK, reference=order_id)


def _registered(answer: Answer) -> Reply | None:
    code, text = convert.code(answer), convert.text(answer)
    if code == quirks.SUCCESS:
        return _said(answer, Verdict.OK)
    exists = code == quirks.EXISTS or quirks.already_exists(text)
    return _said(answer, Verdict.REJECTED if quirks.is_elsewhere(text) else Verdict.OK) if exists else None


def _failed(answer: Answer, refusals: Set[int], **fields: Any) -> Reply:
    return _said(answer, Verdict.REJECTED if convert.code(answer) in refusals else Verdict.MAYBE, **fields)


def _said(answer: Answer, verdict: Verdict, **fields: Any) -> Reply:
    """``answer`` judged, in its own words, with the body's code where it is not the HTTP status."""
    return replace(reply(answer, verdict, message=convert.said(answer)), **fields)


_DONE: Mapping[int, tuple[str, ...]] = {quirks.SUCCESS: ("numbers",), _CONFLICT: ("numbers_success",)}
"""Code -> where an answer lists what was done: a whole success and a partial one differ."""

_REASONS = ("reason", "message", "error")


def _by_row(tn: str, answer: Answer, done: Mapping[str, Any] | None, failed: Mapping[str, Any] | None) -> Reply:
    """A verdict on one number from its row among those done or those that failed with a reason."""
    if failed is not None and done is not None:
        return _said(answer, Verdict.MAYBE)
    if failed is not None and convert.code(answer) == _CONFLICT:
        reason = next((failed[name] for name in _REASONS if failed.get(name)), "")
        return _said(answer, Verdict.REJECTED, **({"message": quoted(reason)} if reason else {}))
    if done is not None:
        return _unless_complaint(reply(answer, Verdict.OK), answer, complaints.anywhere(done))
    others = convert.numbers_in(answer, _DONE.get(convert.code(answer) or 0, ())) - {tn}
    return _failed(answer, quirks.ACCOUNT_REFUSALS, about=min(others) if others else "")
