"""What an answer to a write proves, as far as no carrier's own rules are needed.

::

    answer                                       verdict
    -------------------------------------------  ------------------------------------------------------
    no byte left                                 NOT_SENT
    cut, timed out, undecodable, too large       MAYBE
    1xx, 3xx, 5xx, any status beyond             MAYBE     a gateway may fail after the carrier has acted
    2xx with HTML or anything else than JSON     MAYBE
    429                                          THROTTLED not processed; again after ``retry_after``
    401, and the credential was renewed since    THROTTLED again at once
    401                                          REJECTED
    2xx with JSON, or empty                      the carrier's own table decides
    4xx: 400, 403, 404, 405, 409, 422 …          the carrier's own table decides

Anything that is in no row is MAYBE.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from reconciler.model import Reply, Verdict
from reconciler.providers.http.messages import Answer, NetworkFault


def judge(answer: Answer) -> Reply | None:
    """The verdict of the table above; None where the carrier's own table must decide."""
    status = answer.status
    if answer.fault is NetworkFault.NOT_SENT:
        return reply(answer, Verdict.NOT_SENT)
    if answer.fault is not None or status is None:
        return reply(answer, Verdict.MAYBE)
    if status == 429:
        return reply(answer, Verdict.THROTTLED)
    if answer.refreshed:
        return reply(answer, Verdict.THROTTLED, retry_after=0.0)
    if status == 401:
        return reply(answer, Verdict.REJECTED)
    if 400 <= status < 500 or (200 <= status < 300 and (answer.is_json or answer.empty)):
        return None
    return reply(answer, Verdict.MAYBE)


def reply(answer: Answer, verdict: Verdict, **fields: Any) -> Reply:
    """``answer`` judged: a reply with its words, status, pause and date, and ``fields`` of :class:`Reply`."""
    heard = Reply(verdict, answer.message, answer.status, answer.retry_after, answer.date)
    return replace(heard, **fields)
