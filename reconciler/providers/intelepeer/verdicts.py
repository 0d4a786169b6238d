"""What IntelePeer's answers to writes prove, where the transport's own table leaves it open.

============ ============================================ ===== ====================================================
call         2xx                                          409   400
============ ============================================ ===== ====================================================
provision    202: ACCEPTED; about another number: MAYBE   BUSY  REJECTED
webhook      names number and URL as asked: OK;           BUSY  NOT_YET; REJECTED when it speaks of the URL or of
             anything else, or nothing: MAYBE, to be read       the number
============ ============================================ ===== ====================================================

The document promises codes and no body. A 202 is its success of an enablement; of a webhook, a 200 alone shows nothing.

401, 403, 404, 405 and 422 are REJECTED; anything else, also a 2xx whose body says failure, is MAYBE, which the state
settles when it is read.
"""

from __future__ import annotations

from dataclasses import replace

from reconciler.model import Reply, Verdict
from reconciler.model.safe_text import WebhookUrl
from reconciler.providers.http.messages import Answer
from reconciler.providers.http.verdict import judge, reply
from reconciler.providers.intelepeer import convert, quirks

_ACCEPTED = 202
_REFUSALS = frozenset({400, 401, 403, 404, 405, 422})


def enablement(tn: str, answer: Answer) -> Reply:
    """The answer to switching SMS on or off: at best it was accepted."""
    decided = judge(answer)
    if decided is not None or not answer.ok:
        return decided or reply(answer, _refused(answer))
    if elsewhere := _elsewhere(tn, answer):
        return elsewhere
    documented = answer.status == _ACCEPTED and not convert.says_failure(answer.json)
    return reply(answer, Verdict.ACCEPTED if documented else Verdict.MAYBE)


def webhook(tn: str, url: WebhookUrl, answer: Answer) -> Reply:
    """The answer to setting a webhook: done when it names the number and the URL that were asked for."""
    decided = judge(answer)
    if decided is not None or not answer.ok:
        return decided or reply(answer, _webhook_refused(answer))
    if convert.says_failure(answer.json):
        return reply(answer, Verdict.MAYBE)
    if convert.shows_webhook(answer.json, tn, url):
        return reply(answer, Verdict.OK)
    return replace(_elsewhere(tn, answer) or reply(answer, Verdict.MAYBE), look=True)


def _elsewhere(tn: str, answer: Answer) -> Reply | None:
    """What a success comes to that is about another number."""
    named = convert.another_number(answer.json, tn)
    return reply(answer, Verdict.MAYBE, message="the answer is about another number", about=named) if named else None


def _webhook_refused(answer: Answer) -> Verdict:
    if answer.status == 400 and quirks.webhook_is_too_early(answer.message):
        return Verdict.NOT_YET
    return _refused(answer)


def _refused(answer: Answer) -> Verdict:
    if answer.status == 409:
        return Verdict.BUSY
    return Verdict.REJECTED if answer.status in _REFUSALS else Verdict.MAYBE
