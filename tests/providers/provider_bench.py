"""One carrier account seen from both sides: the provider in front, the sandbox's books behind, time that is told."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import requests
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse

from reconciler.model import NOTHING, Action, Address, Change, Intent, Kind, Observation, Resource, Step
from reconciler.model.fleet import Account, Limits, SecretRef
from reconciler.providers import registry
from reconciler.providers.credentials import Secrets
from reconciler.providers.installed import BUILT_IN
from reconciler.sandbox import AccountSpec, Rule, Sandbox, VirtualClock, When
from reconciler.sandbox.adapter import SandboxAdapter
from reconciler.sandbox.switches import Switches

CANARY = "c4n4ry/+t0ken=="
REFERENCE = "abcdefghijklmnopqrstuvwx"
NAME = "account"

INTELEPEER = Account(NAME, BUILT_IN["intelepeer"], f"https://sandbox.invalid/{NAME}", limits=Limits(1000, 1))
INUMBERING = replace(INTELEPEER, spec=BUILT_IN["inumbering"])
SIBLING = replace(INUMBERING, options={"account_api": True})
INFOBIP = replace(INTELEPEER, spec=BUILT_IN["infobip"])


class Bench:
    """``account`` at the sandbox, behaving as ``switches`` say. ``provider`` may write unless told otherwise."""

    def __init__(self, account: Account, switches: Switches | None = None, *, writes: bool = True) -> None:
        self.account = account
        self.clock = VirtualClock()
        self.sandbox = Sandbox({NAME: AccountSpec.of(account, switches)}, self.clock.twin())
        self.writes = writes
        self.provider: Any = self.build(account)

    def build(self, account: Account) -> Any:
        """Another provider on the same books."""
        adapter = SandboxAdapter(self.sandbox)
        return registry.build(account, secrets(account), self.clock, writes=self.writes, adapter=adapter, environ={})

    @property
    def carrier(self) -> Any:
        """The account's books."""
        return self.sandbox.carriers[NAME]

    def plant(self, fault: str, call: str = "*", *, when: When | None = None, times: int | None = 1) -> None:
        """Let a fault strike calls of that name."""
        self.sandbox.faults.plant(Rule(fault, call=call, when=when, times=times))

    def observe(self, *wanted: Resource) -> Observation:
        """What the provider sees."""
        seen: Observation = self.provider.observe(wanted)
        return seen


def secrets(account: Account) -> Secrets:
    """The one credential of an account, which is a canary."""
    return Secrets({name: SecretRef("env", ("CANARY",)) for name in account.spec.environment}, {"CANARY": CANARY})


def canned(account: Account, answer: Callable[[requests.PreparedRequest], tuple[int, Any]]) -> Any:
    """A provider before a carrier that answers as the function says: (status, body)."""
    adapter = Canned(answer)
    return registry.build(account, secrets(account), VirtualClock(), writes=True, adapter=adapter, environ={})


class Canned(BaseAdapter):
    """Answers that no switch of the sandbox gives; a body that is no text is sent as JSON."""

    def __init__(self, answer: Callable[[requests.PreparedRequest], tuple[int, Any]]) -> None:
        super().__init__()
        self._answer = answer

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        status, body = self._answer(request)
        raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        response = requests.Response()
        response.status_code = status
        response.raw = HTTPResponse(io.BytesIO(raw), {}, status, preload_content=False)
        response.url = request.url or ""
        return response

    def close(self) -> None:
        """Nothing is kept."""


def want(kind: Kind, name: str, carrier: Mapping[str, Any] = NOTHING, /, **attrs: Any) -> Resource:
    """A declared resource."""
    return Resource(Address(kind, name), NAME, attrs, carrier=carrier)


def step(action: Action, *desired: Resource) -> Step:
    """One step over resources of one kind; a delete has nothing to lead to."""
    changes = tuple(Change(r.address, NAME, action, "a test", carrier=r.carrier) for r in desired)
    return Step("1", NAME, action, desired[0].address.kind, changes, () if action is Action.DELETE else desired)


def purchase(tn: str, clock: VirtualClock) -> Intent:
    """The open purchase of a number."""
    return Intent(1, "plan", NAME, Action.CREATE, (Address(Kind.NUMBER, tn),), REFERENCE, {}, clock.now())
