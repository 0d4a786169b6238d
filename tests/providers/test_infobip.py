"""Infobip: the contract on both paths, and its credentials."""

from __future__ import annotations

import pytest
from infobip_forms import AMERICAN, MINE, NEWER, TN, number
from provider_bench import CANARY, INFOBIP, Bench, step

from reconciler.model import Action, Kind, Resource, Step, Verdict
from reconciler.model.fleet import SecretRef
from reconciler.providers.base import CoverageSource, Market
from reconciler.providers.credentials import Secrets
from reconciler.providers.infobip.provider import Infobip
from reconciler.testing import STATUSES, Contract

VERDICTS = {
    name: {Kind.NUMBER: Verdict.MAYBE if name == "409" else Verdict.REJECTED}
    for name in STATUSES
    if not name.startswith("429")
}


class TestInfobipContract(Contract):
    account = INFOBIP
    declared = f'numbers: {{"{TN}": {{provider: account}}}}'
    tn = TN
    hides = frozenset(
        {"list_hidden=True", "purchase_body=False"}
        | {f"reservation_word={word}" for word in ("BILLING_FAILED", "ERROR", "RESERVATION_FAILED", "ON_HOLD")}
    )
    verdicts = VERDICTS

    def stage(self, bench: Bench) -> list[Resource]:
        bench.carrier.portal_buy(MINE)
        return [number(MINE)]

    def creation(self, bench: Bench) -> list[Step]:
        key = bench.carrier.offer_key(self.tn[1:])
        country = "US" if self.tn == AMERICAN else "GB"
        return [step(Action.CREATE, number(self.tn, numberKey=key, country=country))]

    def made(self, bench: Bench) -> list[Resource]:
        return [number(self.tn)]

    def undeclared(self, bench: Bench) -> object:
        return {digits: held for digits, held in bench.carrier.book["owned"].items() if digits != self.tn[1:]}


class TestInfobipOnTheNewerPathContract(TestInfobipContract):
    account = NEWER
    declared = f'numbers: {{"{AMERICAN}": {{provider: account}}}}'
    tn = AMERICAN


def test_it_sells_and_does_not_count() -> None:
    provider = Bench(INFOBIP).provider
    assert isinstance(provider, Market)
    assert not isinstance(provider, CoverageSource)


@pytest.mark.parametrize(
    ("credentials", "header"),
    [
        ({"api_key": CANARY}, f"App {CANARY}"),
        ({"token": CANARY}, f"Bearer {CANARY}"),
        ({"username": "Aladdin", "password": "open sesame"}, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
        ({"username": "ü", "password": "ß"}, "Basic w7w6w58="),
    ],
)
def test_each_kind_of_credential_has_its_scheme(credentials: dict[str, str], header: str) -> None:
    refs = {name: SecretRef("env", (name,)) for name in credentials}
    assert Infobip.authorize(Secrets(refs, credentials))(False).headers == {"Authorization": header}
