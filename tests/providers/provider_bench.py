"""The accounts that the tests of the carriers are about, and carriers that answer as the sandbox never does."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import requests
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse

from reconciler.model.fleet import Account, Limits
from reconciler.providers import registry
from reconciler.providers.installed import BUILT_IN
from reconciler.sandbox import VirtualClock
from reconciler.testing import CANARY, NAME, REFERENCE, Bench, purchase, secrets, step, want

__all__ = ["CANARY", "INFOBIP", "INTELEPEER", "INUMBERING", "NAME", "REFERENCE", "SIBLING", "Bench", "Canned", "canned"]
__all__ += ["purchase", "secrets", "step", "want"]

INTELEPEER = Account(NAME, BUILT_IN["intelepeer"], f"https://sandbox.invalid/{NAME}", limits=Limits(1000, 1))
INUMBERING = replace(INTELEPEER, spec=BUILT_IN["inumbering"])
SIBLING = replace(INUMBERING, options={"account_api": True})
INFOBIP = replace(INTELEPEER, spec=BUILT_IN["infobip"])


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
