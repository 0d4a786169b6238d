"""iNumbering: the contract with and without the sibling calls, and its capabilities."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from inumbering_forms import (
    MINE,
    TN,
    assignment,
    brand,
    campaign,
    number,
)
from provider_bench import INUMBERING, SIBLING, Bench, step

from reconciler.model import Action, Kind, Resource, Step, Verdict
from reconciler.providers.base import CoverageSource, Market
from reconciler.testing import DENIALS, STATUSES, Contract

STOP = {"on_ambiguous": "stop"}

VERDICTS = {
    name: dict.fromkeys((Kind.NUMBER, Kind.BRAND, Kind.CAMPAIGN, Kind.ASSIGNMENT), Verdict.REJECTED)
    for name in STATUSES
    if not name.startswith("429")
}


class TestINumberingContract(Contract):
    account = INUMBERING
    declared = f"""
brands: {{acme: {{provider: account, id: BACME01, name: ACME, description: ACME alerts}}}}
campaigns: {{alerts: {{provider: account, brand: acme, id: CACME01, description: Delivery alerts}}}}
numbers: {{"{TN}": {{provider: account, campaign: alerts, route: 1001}}}}
"""
    verdicts = VERDICTS

    def stage(self, bench: Bench) -> list[Resource]:
        bench.carrier.portal_buy(MINE, 1000)
        bench.carrier.book["brands"]["BACME00"] = {}
        bench.carrier.book["campaigns"]["CACME00"] = {}
        bench.carrier.book["assignments"][MINE] = {"campaign": "CACME00", "at": 0}
        return [number(MINE, route=1000), assignment(MINE, "CACME00")]

    def creation(self, bench: Bench) -> list[Step]:
        return [
            step(Action.CREATE, brand()),
            step(Action.CREATE, campaign()),
            step(Action.CREATE, number(route=1001)),
            step(Action.CREATE, assignment()),
        ]

    def made(self, bench: Bench) -> list[Resource]:
        return []

    def undeclared(self, bench: Bench) -> object:
        return bench.carrier.route(MINE), bench.carrier.assignment(MINE)

    def test_without_the_sibling_calls_nothing_is_asked_and_nothing_claimed(self) -> None:
        bench = Bench(self.account)
        wanted = [*self.stage(bench), brand(), campaign()]
        seen = bench.observe(*wanted)
        assert seen.unobservable == {resource.address for resource in wanted}
        assert not seen.found
        assert seen.calls == bench.provider.http.reads == 0

    def test_a_failed_read_is_unresolved_and_never_absent(self, read_fault: str) -> None:
        """The only reads are searches: a number whose search failed is never "not offered"."""
        bench = Bench(self.account)
        bench.plant(read_fault, times=None)
        quotes = bench.provider.quote([TN])
        assert set(quotes.unresolved) ^ set(quotes.offered) == {TN}
        assert all(why.denied is (read_fault in DENIALS) for why in quotes.unresolved.values())

    def test_an_answer_that_can_be_read_is_read(self) -> None:
        bench = Bench(self.account)
        bench.plant("added-fields", times=None)
        assert set(bench.provider.quote([TN]).offered) == {TN}


class TestINumberingWithSiblingCallsContract(TestINumberingContract):
    account = SIBLING
    hides = frozenset({"list_hidden=True"})
    # A list of the whole account that names other numbers is a list of an account that has other numbers.
    unproven = frozenset({"other-number"})

    def made(self, bench: Bench) -> list[Resource]:
        return [number(route=1001), assignment()]

    def test_without_the_sibling_calls_nothing_is_asked_and_nothing_claimed(self) -> None:
        """Turned round: with them, one call each for numbers, campaigns and gateways."""
        bench = Bench(self.account)
        seen = bench.observe(*self.stage(bench), brand(), campaign())
        assert {a.kind for a in seen.unobservable} == {Kind.BRAND, Kind.CAMPAIGN}
        assert seen.calls == bench.provider.http.reads == 3

    test_a_failed_read_is_unresolved_and_never_absent = Contract.test_a_failed_read_is_unresolved_and_never_absent


def test_it_sells_and_counts() -> None:
    provider = Bench(INUMBERING).provider
    assert isinstance(provider, Market)
    assert isinstance(provider, CoverageSource)


def test_capabilities_follow_the_sibling_calls_and_the_settings() -> None:
    def of(account: Any) -> Any:
        return Bench(account).provider.capabilities

    alone, sibling = of(INUMBERING), of(SIBLING)
    assert (alone.reads, alone.deletes, alone.lists, alone.presumes) == (frozenset(), frozenset(), False, True)
    assert (alone.repeats, sibling.repeats) == (2, None)
    assert sibling.deletes == {Kind.NUMBER}
    assert sibling.updates == {Kind.ASSIGNMENT: {"campaign"}, Kind.NUMBER: {"route"}}
    assert not sibling.presumes
    assert (
        of(replace(INUMBERING, options=STOP)).repeats
        == of(replace(SIBLING, options=STOP | SIBLING.options)).repeats
        == 1
    )
    assert of(replace(SIBLING, settle_after=timedelta(seconds=7))).settle_after == timedelta(seconds=7)
