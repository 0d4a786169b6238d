"""The switches of the sandbox IntelePeer: what no document says of it, and the misbehaviour worth surviving."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from reconciler.sandbox.switches import Of, Switches

OFF_FORMS: Mapping[str, Mapping[str, Any]] = {
    "null": {"provisioning": {"state": None}},
    "missing": {"provisioning": {}},
    "empty": {"provisioning": {"state": ""}},
    "null-provisioning": {"provisioning": None},
    "no-provisioning": {},
    "none": {"provisioning": {"state": "none"}},
    "deprovisioned": {"provisioning": {"state": "deprovisioned"}},
}
"""How a number without SMS may be shown. The last two are words that no document lists."""

KEPT = ("as-sent", "slash-added", "slash-dropped", "normal", "decoded", "lower-case")
"""What a carrier may make of a webhook's URL: the last is one that RFC 3986 does not call the same."""

STAGES = {"enable": ("requested", "provisioning"), "disable": ("derequested", "deprovisioning")}


@dataclass(frozen=True)
class IntelePeerSwitches(Switches):
    """The behaviour of one IntelePeer account."""

    path_plus: Annotated[
        str,
        Of(
            "either",
            "literal",
            "form",
            about="how a path is read: `+` and `%2B` alike; `+` only (`%2B` is not decoded); as a form (`+`: a blank)",
        ),
    ] = "either"
    stage_seconds: Annotated[float, Of(1, 0, 90, about="how long each in-progress state lasts")] = 1
    toll_free_stage_seconds: Annotated[float, Of(3, 0, 600, about="the same for toll-free numbers")] = 3
    never_enabled: Annotated[
        str, Of(*OFF_FORMS, "404", about="what GET answers for a number that was never enabled")
    ] = "null"
    ends_as: Annotated[str, Of(*OFF_FORMS, "404", about="what GET answers once deprovisioning has ended")] = "null"
    enable_ends: Annotated[
        str,
        Of("provisioned", "error", "suspended", about="the state that enabling ends in; the last is unlisted"),
    ] = "provisioned"
    stuck_in: Annotated[
        str, Of("", *STAGES["enable"], *STAGES["disable"], about="the in-progress state that is never left")
    ] = ""
    flapping_seconds: Annotated[
        float, Of(0, 5, about="a provisioned number shows `provisioning` every other so many seconds")
    ] = 0
    repeat_enable: Annotated[
        str, Of("202", "400", "409", about="what POST provision answers for a provisioned number")
    ] = "202"
    disable_when_off: Annotated[
        str, Of("400", "409", about="what DELETE provision answers for a number that is not provisioned")
    ] = "400"
    webhook_unset: Annotated[str, Of("missing", "null", "empty", about="how GET webhook shows that there is none")] = (
        "missing"
    )
    webhook_before_enabling: Annotated[
        str, Of("200", "400", "404", about="what GET webhook answers for a number that is not provisioned")
    ] = "200"
    webhook_delay_seconds: Annotated[
        float, Of(0, 60, about="how long after `provisioned` POST webhook still answers 400")
    ] = 0
    webhook_after_disabling: Annotated[
        str, Of("kept", "cleared", about="what becomes of the webhook when SMS is disabled")
    ] = "kept"
    accepted_body: Annotated[str, Of("empty", "object", "null", "full", "other-number", about="the body of a 202")] = (
        "empty"
    )
    webhook_answer: Annotated[
        str,
        Of("empty", "object", "null", "full", "other-number", "other-url", about="the body of a 200 to POST webhook"),
    ] = "empty"
    webhook_kept: Annotated[str, Of(*KEPT, about="what GET webhook shows of the URL that was set")] = "as-sent"
    webhook_ignored: Annotated[
        bool, Of(False, True, about="a 200 to POST webhook, and the webhook stays as it was")
    ] = False
    error_body: Annotated[
        str, Of("code-error", "message", "text", "empty", about="the form of errors other than 401")
    ] = "code-error"
    requests_per_second: Annotated[float, Of(0, 20, about="the rate limit of each call; 0: none")] = 0
