"""What Infobip's answers to writes prove, where the transport's own table leaves it open.

========= ============================================================ ========================== =========
call      OK                                                           REJECTED                   else
========= ============================================================ ========================== =========
purchase  2xx with the very number, its key, no error in it, and no    400, 403, 404, 405, 422    MAYBE, also a
          failed reservation                                                                      201 without a
                                                                                                  body
cancel    204                                                          400, 403, 405, 422         MAYBE
========= ============================================================ ========================== =========

400 or 404 refuses a first purchase; on a repeat the number may be taken by us, which the caller knows and this does
not. A cancel's 404 may follow our own: it is verified by number. 401 is the transport's. A 2xx with another number is
evidence about that one, which the reply then names, with its key.
"""

from __future__ import annotations

from reconciler.model import Reply, Status, Verdict
from reconciler.providers.http.messages import Answer
from reconciler.providers.http.verdict import judge, reply
from reconciler.providers.infobip import convert

_CANCEL_REFUSALS = frozenset({400, 403, 405, 422})
_PURCHASE_REFUSALS = _CANCEL_REFUSALS | {404}


def purchase(tn: str, answer: Answer) -> Reply:
    """The answer to buying ``tn``. The key changes at purchase: the one that comes back is kept."""
    return judge(answer) or _bought(tn, answer) or _named(tn, answer) or _refused(tn, answer)


def cancel(answer: Answer) -> Reply:
    """The answer to giving a number back."""
    if answer.fault is None and answer.status == 204:
        return reply(answer, Verdict.OK)
    return judge(answer) or _failed(answer, _CANCEL_REFUSALS)


def _bought(tn: str, answer: Answer) -> Reply | None:
    row = answer.json if answer.ok and isinstance(answer.json, dict) else {}
    reserved = convert.reservation(row)[0] in (Status.ACTIVE, Status.ENABLING)
    sound = reserved and not convert.says_failed_purchase(row)
    if convert.e164(row.get("number")) != tn or not convert.key(row) or not sound:
        return None
    provided = convert.reservation(row)[0] is Status.ACTIVE
    kept = {"numberKey": convert.key(row)}
    return reply(answer, Verdict.OK if provided else Verdict.ACCEPTED, external=kept, price=convert.price(row))


def _named(tn: str, answer: Answer) -> Reply | None:
    """A success about another number than ``tn``."""
    row = answer.json if answer.ok and isinstance(answer.json, dict) else {}
    other = convert.e164(row.get("number"))
    if other is None or other == tn:
        return None
    kept, message = {"numberKey": convert.key(row)}, f"HTTP {answer.status}: the answer names {other} in place of {tn}"
    return reply(answer, Verdict.MAYBE, message=message, about=other, external=kept, price=convert.price(row))


def _refused(tn: str, answer: Answer) -> Reply:
    """A refusal; a MAYBE where its body is the row that a purchase is answered with."""
    row = answer.json if isinstance(answer.json, dict) else {}
    contradicted = convert.e164(row.get("number")) == tn and bool(convert.key(row))
    return _failed(answer, frozenset() if contradicted else _PURCHASE_REFUSALS)


def _failed(answer: Answer, refusals: frozenset[int]) -> Reply:
    return reply(answer, Verdict.REJECTED if answer.status in refusals else Verdict.MAYBE)
