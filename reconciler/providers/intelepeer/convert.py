"""IntelePeer's answers as resources: state words, webhooks, and whose number an answer speaks of.

=================================  ===========  ==============================================
``provisioning.state``             Status       note
=================================  ===========  ==============================================
``requested``, ``provisioning``    ENABLING
``provisioned``                    ACTIVE
``derequested``,                   DISABLING
``deprovisioning``
``error``                          ERROR
missing, null, empty, ``{}``       ABSENT       undocumented: any of them for "never enabled"
any other value                    UNKNOWN      the word is kept, and never acted upon
=================================  ===========  ==============================================
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from reconciler.model import Address, Kind, Resource, Status
from reconciler.model.safe_text import WebhookUrl, plain, quoted
from reconciler.providers import complaints

Body = Mapping[str, Any]

_FIELDS = ("provisioning", "webhook", "tn_e164")
_LEAST_ERROR = 400

_STATES: Mapping[str, Status] = {
    "requested": Status.ENABLING,
    "provisioning": Status.ENABLING,
    "provisioned": Status.ACTIVE,
    "derequested": Status.DISABLING,
    "deprovisioning": Status.DISABLING,
    "error": Status.ERROR,
}


def reads_as_documented(body: Body) -> bool:
    """Whether an answer to a read can be believed: empty, or with one of its documented fields and no error in it."""
    return not says_failure(body) and (not body or any(field in body for field in _FIELDS))


def says_failure(body: object) -> bool:
    """Whether a body is the carrier's error, ``{"code": 401, "error": "Unauthorized"}``, whatever status is over it."""
    if not isinstance(body, dict):
        return False
    code = body.get("code")
    return bool(complaints.of_head(body)) or (isinstance(code, int) and code >= _LEAST_ERROR)


def state(body: Body) -> tuple[Status, str]:
    """How SMS stands, by the table above, and the carrier's own word for it."""
    provisioning = body.get("provisioning")
    said = provisioning.get("state") if isinstance(provisioning, dict) else provisioning
    if said is None or said in ("", [], {}):
        return Status.ABSENT, ""
    if isinstance(said, str) and said in _STATES:
        return _STATES[said], said
    return Status.UNKNOWN, quoted(said if isinstance(said, str) else json.dumps(said, default=str))


def another_number(body: object, tn: str) -> str:
    """The number, other than ``tn``, that the answer says it is about; a missing or empty name says nothing."""
    named = body.get("tn_e164") if isinstance(body, Mapping) else None
    digits = "" if named is None else plain(named).removeprefix("+")
    return f"+{digits}" if digits and digits != tn.removeprefix("+") else ""


def shows_webhook(body: object, tn: str, url: WebhookUrl) -> bool:
    """Whether the answer names this number and this webhook, and no state in which it could not hold."""
    if not isinstance(body, Mapping) or body.get("tn_e164") is None or another_number(body, tn):
        return False
    shown = body.get("webhook")
    return isinstance(shown, str) and live_url(shown) == url and state(body)[0] in (Status.ABSENT, Status.ACTIVE)


def sms(account: str, tn: str, status: Status, carrier_status: str = "") -> Resource:
    """The enablement of a number, as seen."""
    enabled = {"enabled": status is Status.ACTIVE}
    return Resource(Address(Kind.SMS, tn), account, enabled, status=status, carrier_status=carrier_status)


def webhook(account: str, tn: str, body: Body, status: Status) -> Resource | None:
    """The webhook of a number, as seen; None when the answer shows none."""
    text = body.get("webhook")
    if not isinstance(text, str) or not text.strip():
        return None
    return Resource(Address(Kind.WEBHOOK, tn), account, {"url": live_url(text)}, status=status)


def webhook_doubt(body: Body) -> str:
    """Why the webhook of an answer cannot be read: it is neither text nor empty, and what cannot be read is not absent.

    Empty where it can.
    """
    told = body.get("webhook")
    return "" if told in (None, [], {}) or isinstance(told, str) else "the answer's webhook is no text"


def live_url(text: str) -> WebhookUrl:
    """A webhook read back. What is no web address compares by the whole all the same, and shows nothing of itself:
    where its credentials would stand in it is unknown."""
    try:
        parts = urlsplit(text)
        if parts.scheme.lower() in ("https", "http") and parts.netloc:
            return WebhookUrl(text)
    except ValueError:
        pass
    return WebhookUrl("about:unreadable?" + quote(text, safe=""))
