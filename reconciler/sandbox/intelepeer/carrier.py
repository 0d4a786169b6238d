"""IntelePeer's SMS provisioning as a state machine over time, by its Messaging API's documents.

::

            POST provision                      DELETE provision
    off ──────────────────> requested ─> provisioning ─> provisioned ──────────> derequested ─> deprovisioning ─> off
     ^  error ─ POST ─────────^                └─> error, stuck, an unlisted word (switches)                        │
     └──────────────────────────────────────────────────────────────────────────────────────────────────────────────┘

The account holds every North American number except those whose last seven digits are 555-0199 and those
removed at the portal: these answer 404. Nothing is charged here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from posixpath import normpath
from typing import Any, ClassVar
from urllib.parse import unquote_plus, urlsplit

from reconciler.model.fleet import CarrierType
from reconciler.model.phone import is_e164, is_nanp, is_toll_free
from reconciler.sandbox.books import Plain
from reconciler.sandbox.carrier import LONG_AGO, Allowance, Carrier, Handler, Ruling
from reconciler.sandbox.intelepeer.switches import OFF_FORMS, STAGES, IntelePeerSwitches
from reconciler.sandbox.ledger import Event
from reconciler.sandbox.messages import Request, Response, answer, empty

IN_PROGRESS = frozenset(word for words in STAGES.values() for word in words)
NOT_ENABLED = "The telephone number has not been enabled for SMS"
BUSY = "Provisioning (or deprovisioning) of the number is in progress"
NOT_HELD = "The telephone number is not available for use by the customer"


@dataclass(frozen=True, slots=True)
class Live:
    """A number's state at a moment: ``word`` is None when SMS is off, then ``form`` is how GET shows that."""

    word: str | None
    form: str
    since: float


class IntelePeerCarrier(Carrier[IntelePeerSwitches]):
    """One IntelePeer account.

    Its book: ``numbers`` (TN -> ``path`` enable, disable or frozen, ``at``, ``word`` when frozen, ``webhook``) and
    ``removed`` (TNs that left the account).
    """

    type = CarrierType.INTELEPEER
    switches_type = IntelePeerSwitches
    calls: ClassVar[Mapping[str, bool]] = {
        "getProvision": False,
        "provision": True,
        "deprovision": True,
        "getWebhook": False,
        "setWebhook": True,
    }

    def new_book(self) -> Plain:
        """An account on which no number has SMS yet."""
        return {"numbers": {}, "removed": {}, "expired": {}}

    def call_of(self, request: Request) -> str | None:
        """``/sms/v1/{tn}/provision`` and ``/sms/v1/{tn}/webhook``."""
        if len(request.path) != 4 or request.path[:2] != ("sms", "v1"):
            return None
        return {
            ("GET", "provision"): "getProvision",
            ("POST", "provision"): "provision",
            ("DELETE", "provision"): "deprovision",
            ("GET", "webhook"): "getWebhook",
            ("POST", "webhook"): "setWebhook",
        }.get((request.method, request.path[3]))

    def handlers(self) -> Mapping[str, Handler]:
        """One decision a call."""
        return {
            "getProvision": self._get_provision,
            "provision": self._provision,
            "deprovision": self._deprovision,
            "getWebhook": self._get_webhook,
            "setWebhook": self._set_webhook,
        }

    def credential(self, request: Request) -> str:
        """The bearer token."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""

    def unauthorized(self) -> Response:
        """The one error body that is published."""
        return answer(401, {"code": 401, "error": "Unauthorized"})

    def refusal(self, status: int, text: str) -> Response:
        """An error in the form that the switch sets."""
        match self.switches.error_body:
            case "message":
                return answer(status, {"message": text})
            case "text":
                return Response(status, {"Content-Type": "text/plain"}, text.encode())
            case "empty":
                return empty(status)
            case _:
                return answer(status, {"code": status, "error": text})

    def allowances(self) -> Mapping[str, Allowance]:
        """One rate for each call, when the switch sets one."""
        rate = self.switches.requests_per_second
        return dict.fromkeys(self.calls, Allowance(rate)) if rate else {}

    def live(self, tn: str, now: datetime) -> Live:
        """A number's state at that moment."""
        record = self.book["numbers"].get(tn)
        if record is None:
            return Live(None, self.switches.never_enabled, 0)
        if record["path"] == "frozen":
            return Live(record["word"], "null", record["at"])
        return self._advance(tn, record, now.timestamp())

    def _advance(self, tn: str, record: Mapping[str, Any], at: float) -> Live:
        switches = self.switches
        stage = switches.toll_free_stage_seconds if is_toll_free(tn) else switches.stage_seconds
        message = STAGES[record["path"]]
        ends = record["at"] + stage * len(message)
        for n, word in enumerate(message):
            if at < record["at"] + stage * (n + 1) or switches.stuck_in == word:
                return Live(word, "", record["at"] + stage * n)
        if record["path"] == "disable":
            return Live(None, switches.ends_as, ends)
        if self._flaps(at - ends):
            return Live("provisioning", "", at)
        return Live(switches.enable_ends, "", ends)

    def _flaps(self, elapsed: float) -> bool:
        period = self.switches.flapping_seconds
        return period > 0 and self.switches.enable_ends == "provisioned" and int(elapsed // period) % 2 == 1

    def _tn(self, request: Request) -> str:
        """The number in the path, as the switch has it read."""
        raw = next(filter(None, request.raw_path.partition("/sms/v1/")[2].split("/")), "")
        return {"literal": raw, "form": unquote_plus(raw)}.get(self.switches.path_plus, request.path[2])

    def _refuse_tn(self, tn: str) -> Response | None:
        if not is_e164(tn):
            return self.refusal(400, "The telephone number is not in the proper E.164 format")
        if not is_nanp(tn) or tn.endswith("5550199") or tn in self.book["removed"]:
            return self.refusal(404, NOT_HELD)
        return None

    def _get_provision(self, request: Request, now: datetime) -> Ruling:
        tn = self._tn(request)
        live = self.live(tn, now)
        return Ruling(self._refuse_tn(tn) or self._shown(live, {}))

    def _shown(self, live: Live, fields: Mapping[str, Any]) -> Response:
        if live.form == "404":
            return self.refusal(404, NOT_HELD)
        state = OFF_FORMS[live.form] if live.word is None else {"provisioning": {"state": live.word}}
        return answer(200, {**fields, **state})

    def _provision(self, request: Request, now: datetime) -> Ruling:
        tn = self._tn(request)
        if refused := self._refuse_tn(tn):
            return Ruling(refused)
        live = self.live(tn, now)
        if live.word in IN_PROGRESS:
            return Ruling(self.refusal(409, BUSY))
        if live.word == "provisioned":
            return Ruling(self._already_provisioned(tn))
        if live.word not in (None, "error"):
            return Ruling(self.refusal(400, f"The number cannot be enabled while it is {live.word}"))
        return Ruling(self._accepted(tn, "requested"), lambda: self._start("enable", tn, now))

    def _already_provisioned(self, tn: str) -> Response:
        if self.switches.repeat_enable == "202":
            return self._accepted(tn, "provisioned")
        return self.refusal(int(self.switches.repeat_enable), "The number is already enabled for SMS")

    def _deprovision(self, request: Request, now: datetime) -> Ruling:
        tn = self._tn(request)
        if refused := self._refuse_tn(tn):
            return Ruling(refused)
        live = self.live(tn, now)
        if live.word in IN_PROGRESS:
            return Ruling(self.refusal(409, BUSY))
        if live.word != "provisioned":
            return Ruling(self.refusal(int(self.switches.disable_when_off), NOT_ENABLED))
        return Ruling(self._accepted(tn, "derequested"), lambda: self._start("disable", tn, now))

    def _start(self, path: str, tn: str, now: datetime) -> None:
        cleared = path == "disable" and self.switches.webhook_after_disabling == "cleared"
        self._change(tn, path=path, at=now.timestamp(), **({"webhook": None} if cleared else {}))
        self.log(now, Event.ENABLE if path == "enable" else Event.DISABLE, tn)

    def _change(self, tn: str, **fields: Any) -> None:
        self.book["numbers"][tn] = {"webhook": None, **self.book["numbers"].get(tn, {}), **fields}

    def _accepted(self, tn: str, word: str) -> Response:
        """The document promises a 202, and no body."""
        if self.switches.accepted_body == "empty":
            return empty(202)
        full = {"tn_e164": tn, "provisioning": {"state": word}}
        bodies = {"object": {}, "null": None, "full": full, "other-number": {**full, "tn_e164": another(tn)}}
        return answer(202, bodies[self.switches.accepted_body])

    def _get_webhook(self, request: Request, now: datetime) -> Ruling:
        tn = self._tn(request)
        live = self.live(tn, now)
        if refused := self._refuse_tn(tn):
            return Ruling(refused)
        before = int(self.switches.webhook_before_enabling)
        if live.word != "provisioned" and before != 200:
            return Ruling(self.refusal(before, NOT_ENABLED))
        return Ruling(self._shown(live, {**self._webhook_field(tn), "tn_e164": tn}))

    def _webhook_field(self, tn: str) -> dict[str, str | None]:
        unset: dict[str, dict[str, str | None]] = {
            "missing": {},
            "null": {"webhook": None},
            "empty": {"webhook": ""},
        }
        url = self.webhook(tn)
        return {"webhook": kept(url, self.switches.webhook_kept)} if url else unset[self.switches.webhook_unset]

    def _set_webhook(self, request: Request, now: datetime) -> Ruling:
        tn = self._tn(request)
        if refused := self._refuse_tn(tn):
            return Ruling(refused)
        url = request.fields().get("webhook")
        if not isinstance(url, str) or not _is_url(url):
            return Ruling(self.refusal(400, "Improperly-formatted URL provided for the webhook"))
        live = self.live(tn, now)
        ready = live.since + self.switches.webhook_delay_seconds
        if live.word != "provisioned" or now.timestamp() < ready:
            return Ruling(self.refusal(400, NOT_ENABLED))
        return Ruling(self._webhook_set(tn, url), lambda: self._store_webhook(tn, url, now))

    def _webhook_set(self, tn: str, url: str) -> Response:
        """The document promises a 200, and no body."""
        named = {"webhook": kept(url, self.switches.webhook_kept), "tn_e164": tn}
        match self.switches.webhook_answer:
            case "empty":
                return empty(200)
            case "other-number":
                return answer(200, {**named, "tn_e164": another(tn)})
            case "other-url":
                return answer(200, {**named, "webhook": "https://other.example/x"})
            case form:
                return answer(200, {"object": {}, "null": None}.get(form, named))

    def _store_webhook(self, tn: str, url: str, now: datetime) -> None:
        if not self.switches.webhook_ignored:
            self._change(tn, webhook=url)
        self.log(now, Event.WEBHOOK, tn)

    def webhook(self, tn: str) -> str | None:
        """The webhook that the account holds for a number."""
        record = self.book["numbers"].get(tn)
        return record["webhook"] if record else None

    def owned(self, now: datetime) -> set[str]:
        """The numbers that are enabled for SMS at that moment."""
        return {tn for tn in self.book["numbers"] if self.live(tn, now).word == "provisioned"}

    def freeze(self, tn: str, word: str | None) -> None:
        """Hold a number in one state, listed or not, until the next write or portal edit; None: ``null``."""
        self._change(tn, path="frozen", word=word, at=LONG_AGO.timestamp())

    def portal_enable(self, tn: str, webhook: str | None = None) -> None:
        """Somebody enabled SMS at the portal, long ago."""
        self.book["numbers"][tn] = {"path": "enable", "at": LONG_AGO.timestamp(), "webhook": webhook}

    def portal_disable(self, tn: str) -> None:
        """Somebody disabled SMS at the portal, long ago."""
        self.book["numbers"][tn] = {"path": "disable", "at": LONG_AGO.timestamp(), "webhook": None}

    def portal_set_webhook(self, tn: str, url: str | None) -> None:
        """Somebody changed or removed the webhook of a number that has a record."""
        self.book["numbers"][tn] = {**self.book["numbers"][tn], "webhook": url}

    def portal_remove(self, tn: str) -> None:
        """The number left the account: every call on it answers 404."""
        self.book["numbers"].pop(tn, None)
        self.book["removed"][tn] = True


def another(tn: str) -> str:
    """A number that was not asked about."""
    return f"{tn[:-1]}{(int(tn[-1]) + 1) % 10}"


def kept(url: str, form: str) -> str:
    """What the carrier makes of a webhook's URL."""
    parts = urlsplit(url)
    match form:
        case "slash-added":
            return parts._replace(path=f"{parts.path.removesuffix('/')}/").geturl()
        case "slash-dropped":
            return parts._replace(path=parts.path.removesuffix("/")).geturl()
        case "normal":
            host = parts.netloc.lower().removesuffix(":443")
            return parts._replace(scheme=parts.scheme.lower(), netloc=host, path=_resolved(parts.path)).geturl()
        case "decoded":
            return parts._replace(path=parts.path.replace("%7E", "~").replace("%7e", "~")).geturl()
        case "lower-case":
            return url.lower()
        case _:
            return url


def _resolved(path: str) -> str:
    folder, _, leaf = (path or "/").rpartition("/")
    return f"{normpath(folder or '/').removesuffix('/')}/{leaf}"


def _is_url(text: str) -> bool:
    parts = urlsplit(text)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not any(c.isspace() for c in text)
