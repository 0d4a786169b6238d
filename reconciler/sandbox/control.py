"""The hand on a sandbox that serves: ``/-/…``, which no carrier has, beside the accounts. ``GET /-/`` lists the calls.

A request that asks for what cannot be changes nothing and is answered 400 with an ``error`` in words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from reconciler.clock import stamp
from reconciler.model import NOTHING, durations
from reconciler.model.suggestions import instead, quoted
from reconciler.sandbox import fault_syntax, manual_changes, visitors
from reconciler.sandbox.faults import Chaos, Faults, Rule
from reconciler.sandbox.messages import Request, Response, answer
from reconciler.sandbox.sandbox import AnyCarrier, Sandbox
from reconciler.sandbox.switches import Setting

JsonObject = dict[str, Any]

CALLS: Mapping[tuple[str, str], str] = {
    ("GET", ""): "this list",
    ("GET", "ledger"): "all that was done and charged, and what was charged twice; ?account=, event=, key=",
    (
        "GET",
        "accounts",
    ): "of each account its type, the numbers that it owns, its switches, and what POST /-/portal may do",
    ("GET", "faults"): "the faults in force, and how often each struck",
    ("POST", "faults"): 'plant a fault or a list of them: {"fault": "timeout", "call": "purchase", "when": "after"}',
    ("DELETE", "faults"): "heal them all",
    ("POST", "switches"): 'turn switches: {"infobip": {"taken": "404"}}',
    ("POST", "portal"): 'act behind the client: {"account": "infobip", "action": "buy", "tn": "+447700900123"}',
    ("POST", "clock"): 'move the wall clock of the carriers: {"jump": "1h"}, {"jump": "-1h"}',
    ("POST", "reset"): "begin again: empty books, nothing charged, switches and faults as they were at the start",
}
"""Method and path after ``/-/`` -> what it does."""


class Control:
    """Takes the requests to ``/-/…`` of one sandbox, whose accounts begin as ``setup`` says."""

    def __init__(self, sandbox: Sandbox, setup: Setup) -> None:
        self._sandbox = sandbox
        self._setup = setup
        self._handlers: Mapping[tuple[str, str], Callable[[Request], JsonObject]] = {
            ("GET", ""): lambda _request: {f"{method} /-/{path}": message for (method, path), message in CALLS.items()},
            ("GET", "ledger"): self._ledger,
            ("GET", "accounts"): lambda _request: self._accounts(),
            ("GET", "faults"): lambda _request: self._faults(),
            ("POST", "faults"): self._plant,
            ("DELETE", "faults"): self._heal,
            ("POST", "switches"): self._turn,
            ("POST", "portal"): self._act,
            ("POST", "clock"): self._jump,
            ("POST", "reset"): self._reset,
        }

    @classmethod
    def attach(cls, sandbox: Sandbox, setup: Setup) -> None:
        """Set ``sandbox`` up, and let it be controlled from then on."""
        setup.make(sandbox)
        sandbox.control = cls(sandbox, setup).handle

    def handle(self, request: Request) -> Response:
        """Do what is asked, and answer with what came of it; 403 where a browser asks for some page."""
        if wrong := visitors.objection(request.headers):
            return answer(403, {"error": wrong})
        call = (request.method, "/".join(request.path))
        if call not in CALLS:
            known = [f"{method} /-/{path}" for method, path in CALLS]
            asked = f"{call[0]} /-/{call[1]}"
            return answer(404, {"error": f"there is no {quoted(asked)}; {instead(asked, known)}"})
        try:
            return answer(200, self._handlers[call](request))
        except ValueError as error:
            return answer(400, {"error": str(error)})

    def _now(self) -> datetime:
        return self._sandbox.now()

    def _ledger(self, request: Request) -> JsonObject:
        wanted = {name: request.query[name] for name in ("account", "event", "key") if name in request.query}
        rows = self._sandbox.ledger.snapshot()
        shown = [row for row in rows if all(row[name] == value for name, value in wanted.items())]
        doubles = [entry.key for entry in self._sandbox.ledger.double_charges()]
        return {"entries": shown, "charged_twice": doubles}

    def _accounts(self) -> JsonObject:
        return {name: self._account(carrier) for name, carrier in self._sandbox.carriers.items()}

    def _account(self, carrier: AnyCarrier) -> JsonObject:
        actions = {
            name: list(manual_changes.parameters(method)) for name, method in manual_changes.actions_of(carrier).items()
        }
        return {
            "type": str(carrier.type),
            "owned": sorted(carrier.owned(self._now())),
            "switches": vars(carrier.switches),
            "actions": actions,
        }

    def _faults(self) -> JsonObject:
        faults = self._sandbox.faults
        chaos = faults.chaos and {"rate": faults.chaos.rate, "seed": faults.chaos.seed}
        return {"rules": [_shown(rule, struck) for rule, struck in faults.in_force()], "chaos": chaos}

    def _plant(self, request: Request) -> JsonObject:
        given = request.json()
        rows = given if isinstance(given, list) else [given]
        self._sandbox.faults.plant(*(fault_syntax.rule_of(_object(row), self._sandbox.specs) for row in rows))
        return self._faults()

    def _heal(self, _request: Request) -> JsonObject:
        self._sandbox.faults.heal()
        return self._faults()

    def _turn(self, request: Request) -> JsonObject:
        specs, turned = self._sandbox.specs, {}
        for account, given in _object(request.json()).items():
            settings = _object(given)
            self._carrier(account)
            turned[account] = {
                name: fault_syntax.setting(account, name, value, specs) for name, value in settings.items()
            }
        for account, settings in turned.items():
            self._sandbox.carriers[account].turn(**settings)
        return self._accounts()

    def _act(self, request: Request) -> JsonObject:
        fields = dict(_object(request.json()))
        account, action = str(fields.pop("account", "")), str(fields.pop("action", ""))
        carrier = self._carrier(account)
        manual_changes.act(carrier, action, fields)
        return {account: self._account(carrier)}

    def _carrier(self, account: str) -> AnyCarrier:
        carriers = self._sandbox.carriers
        if account in carriers:
            return carriers[account]
        raise ValueError(f"{quoted(account)} is no account; {instead(account, carriers)}")

    def _jump(self, request: Request) -> JsonObject:
        jump = _jump(str(_object(request.json()).get("jump", "")))
        try:
            now = self._now() + jump
        except OverflowError:
            raise ValueError("jump: the clock ends before that") from None
        self._sandbox.jumped += jump
        return {"now": stamp(now)}

    def _reset(self, _request: Request) -> JsonObject:
        self._sandbox.clear()
        self._setup.make(self._sandbox)
        return self._accounts()


def _object(value: Any) -> Mapping[str, Any]:
    if isinstance(value, dict):
        return value
    raise ValueError("write a JSON object; GET /-/ shows what each call takes")


def _jump(text: str) -> timedelta:
    sign = -1 if text.startswith("-") else 1
    return sign * durations.parse(text.removeprefix("-"))


def _shown(rule: Rule, struck: int) -> JsonObject:
    return {**{name: getattr(rule, name) for name in fault_syntax.RULE_FIELDS}, "struck": struck}


@dataclass(frozen=True, slots=True)
class Setup:
    """How a sandbox is to misbehave from the start, and again after a reset.

    ``switches``: account -> switch -> setting; any other is as at first. ``latency`` in seconds.
    """

    switches: Mapping[str, Mapping[str, Setting]] = NOTHING
    rules: tuple[Rule, ...] = ()
    chaos: Chaos | None = None
    seed: int = 0
    latency: float = 0.0

    def make(self, sandbox: Sandbox) -> None:
        """Set ``sandbox`` up like this, whatever was set or planted before; its books stay."""
        for name, carrier in sandbox.carriers.items():
            carrier.turn_back()
            carrier.turn(**self.switches.get(name, NOTHING))
        sandbox.faults = Faults(self.seed)
        sandbox.faults.plant(*self.rules)
        if self.chaos is not None:
            sandbox.faults.unleash(self.chaos)
        sandbox.latency = self.latency
        sandbox.jumped = timedelta(0)
