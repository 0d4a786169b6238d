"""The five calls of IntelePeer's SMS provisioning API v1, as requests and nothing else (source: seed).

Telephone numbers stand in the path in E.164, the plus as every sample of the document has it: literal.
"""

from __future__ import annotations

from reconciler.model.safe_text import WebhookUrl
from reconciler.providers.http.messages import ApiCall, Tn


def get_provision(tn: str) -> ApiCall:
    """How SMS stands on a number: ``{"provisioning": {"state": S}}``."""
    return ApiCall("getProvision", "GET", _path(tn, "provision"))


def get_webhook(tn: str) -> ApiCall:
    """The webhook of a number, and how SMS stands on it: ``{"webhook", "tn_e164", "provisioning"}``."""
    return ApiCall("getWebhook", "GET", _path(tn, "webhook"))


def enable(tn: str) -> ApiCall:
    """Ask for SMS on a number; 202 and then minutes."""
    return ApiCall("provision", "POST", _path(tn, "provision"), json={}, writes=True)


def disable(tn: str) -> ApiCall:
    """Ask for the end of SMS on a number; only valid while it is ``provisioned``."""
    return ApiCall("deprovision", "DELETE", _path(tn, "provision"), writes=True)


def set_webhook(tn: str, url: WebhookUrl) -> ApiCall:
    """Where inbound messages are posted; ``url`` whole, credentials included."""
    body = {"webhook": url.reveal()}
    return ApiCall("setWebhook", "POST", _path(tn, "webhook"), json=body, writes=True, secrets=url.secrets)


def _path(tn: str, leaf: str) -> tuple[str, ...]:
    return ("sms", "v1", Tn(tn), leaf)
