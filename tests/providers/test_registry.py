"""From an account of the configuration to a carrier that can be asked."""

from __future__ import annotations

from dataclasses import replace

import pytest
from infobip_forms import AMERICAN
from provider_bench import INFOBIP, INTELEPEER, INUMBERING, NAME, REFERENCE, SIBLING, Bench, step, want

from reconciler.errors import CredentialError
from reconciler.model import Action, Kind
from reconciler.model.fleet import Account, Limits
from reconciler.providers import registry
from reconciler.providers.credentials import Secrets
from reconciler.providers.http.transport import WriteRefusedError
from reconciler.sandbox import AccountSpec, InfobipSwitches, Sandbox, VirtualClock
from reconciler.sandbox.adapter import SandboxAdapter


@pytest.mark.parametrize("account", [INTELEPEER, INUMBERING, INFOBIP])
def test_every_carrier_has_its_provider(account: Account) -> None:
    assert registry.provider_class(account).max_in_flight > 0


@pytest.mark.parametrize(
    ("account", "kind"),
    [(INTELEPEER, Kind.SMS), (INUMBERING, Kind.NUMBER), (SIBLING, Kind.NUMBER), (INFOBIP, Kind.NUMBER)],
)
def test_a_reading_command_cannot_write(account: Account, kind: Kind) -> None:
    bench = Bench(account, writes=False)
    buy = step(Action.CREATE, want(kind, "+12015550123", {"numberKey": "K"}))
    with pytest.raises(WriteRefusedError):
        bench.provider.perform(buy, REFERENCE)
    assert len(bench.sandbox.ledger) == 0


@pytest.mark.parametrize("account", [INTELEPEER, INUMBERING, INFOBIP])
def test_an_action_that_the_carrier_has_no_call_for_is_our_own_mistake(account: Account) -> None:
    bench = Bench(account)
    with pytest.raises(ValueError, match="has no call to"):
        bench.provider.perform(step(Action.DELETE, want(Kind.BRAND, "acme", {"numberKey": "K"})), REFERENCE)


@pytest.mark.parametrize("account", [INTELEPEER, SIBLING, INFOBIP])
def test_a_missing_credential_is_noticed_at_the_first_call_and_not_before(account: Account) -> None:
    adapter = SandboxAdapter(Sandbox({NAME: AccountSpec(account.type)}, VirtualClock()))
    provider = registry.build(account, Secrets({}, {}), VirtualClock(), writes=False, adapter=adapter)
    wanted = want(next(iter(provider.capabilities.kinds & {Kind.SMS, Kind.NUMBER})), AMERICAN)
    with pytest.raises(CredentialError):
        provider.observe([wanted])


def elapsed_over_ten_reads(account: Account) -> float:
    bench = Bench(account, InfobipSwitches(rate_limits="documented"))
    begun = bench.clock.monotonic()
    bench.provider.quote([f"+4477009001{n:02d}" for n in range(10)])
    assert bench.provider.http.reads == 10, "no read was turned away"
    return bench.clock.monotonic() - begun


def test_the_documented_budget_is_kept_without_a_single_429() -> None:
    assert elapsed_over_ten_reads(replace(INFOBIP, limits=Limits(None, 1))) == pytest.approx(8.0)


def test_the_accounts_own_rate_replaces_every_documented_one() -> None:
    assert elapsed_over_ten_reads(replace(INFOBIP, limits=Limits(0.5, 1))) == pytest.approx(18.0)
