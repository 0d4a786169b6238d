"""What IntelePeer's answers to writes prove, where the transport's own table leaves it open.

============ ========= ===== ============================================================
call         2xx       409   400
============ ========= ===== ============================================================
provision    ACCEPTED  BUSY  REJECTED
webhook      OK        BUSY  NOT_YET; REJECTED when it speaks of the URL or of the number
============ ========= ===== ============================================================

401, 403, 404, 405 and 422 are REJECTED; anything else, also a 2xx whose body says failure, is MAYBE, which the state
settles when it is read.
"""

from __future__ import annotations

from reconciler.http import Answer
from reconciler.http.outcome import judge, reply
from reconciler.model import Reply, Verdict
from reconciler.providers.intelepeer import convert, limits

_REFUSALS = frozenset({400, 401, 403, 404, 405, 422})


def enablement(answer: Answer) -> Reply:
    """The answer to switching SMS on or off: at best it was accepted."""
    return judge(answer) or reply(answer, _done(answer, Verdict.ACCEPTED) if answer.ok else _refused(answer))


def webhook(answer: Answer) -> Reply:
    """The answer to setting a webhook."""
    return judge(answer) or reply(answer, _webhook(answer))


def _webhook(answer: Answer) -> Verdict:
    if answer.ok:
        return _done(answer, Verdict.OK)
    if answer.status == 400 and limits.webhook_is_too_early(answer.words):
        return Verdict.NOT_YET
    return _refused(answer)


def _done(answer: Answer, verdict: Verdict) -> Verdict:
    return Verdict.MAYBE if convert.says_failure(answer.json) else verdict


def _refused(answer: Answer) -> Verdict:
    if answer.status == 409:
        return Verdict.BUSY
    return Verdict.REJECTED if answer.status in _REFUSALS else Verdict.MAYBE
