"""What every carrier must pass: a new one adds a subclass with its own staging, no tests.

The sandbox is the judge: its books and its ledger say what was done, whatever the provider believed. Tests
that take ``switches`` run under every setting of every switch of the carrier, one at a time (``conftest.py``).
"""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Mapping, Sequence
from typing import ClassVar
from urllib.parse import quote

import pytest
from provider_bench import CANARY, REFERENCE, Bench, purchase

from reconciler.errors import CarrierError, HeldBackError
from reconciler.model import NOTHING, Kind, Resource, Step, Verdict
from reconciler.model.fleet import Account
from reconciler.providers.base import CoverageSource, Market
from reconciler.sandbox import FAULTS, When
from reconciler.sandbox.switches import Switches

BEFORE = {name for name, fault in FAULTS.items() if When.BEFORE in fault.moments}
"""Faults under which nothing was done at the carrier."""
AFTER = {name for name, fault in FAULTS.items() if When.AFTER in fault.moments}
"""Faults over an answer to something that was done."""
HARMLESS = {"wrong-content-type", "added-fields", "ints-for-strings", "slow"}
"""Faults that leave an answer readable."""
STATUSES = {name for name in FAULTS if name.startswith("4")}
UNSENT = {"dns", "refused", "connect-timeout", "tls"}

COMMON_VERDICTS = (
    dict.fromkeys(BEFORE - STATUSES, Verdict.MAYBE)
    | dict.fromkeys(UNSENT, Verdict.NOT_SENT)
    | {name: Verdict.THROTTLED for name in STATUSES if name.startswith("429")}
)
"""Fault -> verdict, unless the carrier's own table says otherwise."""


class Contract:
    """Subclass it and stage the account."""

    account: ClassVar[Account]
    switches_type: ClassVar[type[Switches]]
    hides: ClassVar[frozenset[str]] = frozenset()
    """Settings, as ``switch=value``, under which what was made is rightly not seen as made: tested on their own."""
    verdicts: ClassVar[Mapping[str, Mapping[Kind, Verdict]]] = NOTHING
    """Fault -> kind -> verdict, where the carrier's own table decides."""
    unproven: ClassVar[frozenset[str]] = frozenset()
    """Faults whose answer is one that the carrier may give, each explained where it is named."""

    def stage(self, bench: Bench) -> Sequence[Resource]:
        """Put live objects on the account, and return them as they are declared."""
        raise NotImplementedError

    def creation(self, bench: Bench) -> Sequence[Step]:
        """Steps that make something on a fresh account, each by one call, in order."""
        raise NotImplementedError

    def made(self, bench: Bench) -> Sequence[Resource]:
        """What those steps make, as far as it can be read."""
        raise NotImplementedError

    def undeclared(self, bench: Bench) -> object:
        """What the books hold beside the fields that :meth:`creation` declares."""
        raise NotImplementedError

    def run_creation(self, bench: Bench) -> None:
        for step in self.creation(bench):
            reply = bench.provider.perform(step, REFERENCE)
            assert reply.verdict in (Verdict.OK, Verdict.ACCEPTED) or reply.look, reply
            bench.clock.sleep(1000)

    def look_around(self, bench: Bench, wanted: Sequence[Resource]) -> list[object]:
        """Everything that a reading command may ask."""
        provider, tn = bench.provider, wanted[0].address.name
        seen: list[object] = [provider.observe(wanted), provider.observe([])]
        if isinstance(provider, Market):
            seen += [provider.quote([tn]), provider.find_owned(purchase(tn, bench.clock)), provider.search({}, 3)]
        if isinstance(provider, CoverageSource):
            seen += [provider.coverage({})]
        return seen

    def test_reads_write_nothing(self, switches: Switches) -> None:
        bench = Bench(self.account, switches, writes=False)
        wanted = self.stage(bench)
        before = len(bench.sandbox.ledger)
        self.look_around(bench, wanted)
        assert len(bench.sandbox.ledger) == before
        assert bench.provider.http.writes == 0

    def test_what_was_made_is_seen_as_declared(self, honest_switches: Switches) -> None:
        bench = Bench(self.account, honest_switches)
        self.run_creation(bench)
        made = self.made(bench)
        seen = bench.observe(*made)
        assert not seen.unresolved
        assert {r.address: seen.found[r.address].attrs for r in made} == {r.address: r.attrs for r in made}

    def test_each_step_is_one_request(self) -> None:
        bench = Bench(self.account)
        for done, step in enumerate(self.creation(bench)):
            bench.provider.perform(step, REFERENCE)
            bench.clock.sleep(1000)
            assert bench.provider.http.writes == done + 1
        assert bench.provider.http.reads == 0

    def test_what_may_not_leave_does_not_and_is_asked_for_once_a_write(self) -> None:
        bench = Bench(self.account)
        asked: list[str] = []

        def hold_back() -> None:
            asked.append("leave")
            raise HeldBackError("the lock is another's")

        for step in self.creation(bench):
            asked.clear()
            reply = bench.provider.perform(step, REFERENCE, hold_back)
            assert (reply.verdict, asked) == (Verdict.NOT_SENT, ["leave"])
            bench.clock.sleep(1000)
        assert not len(bench.sandbox.ledger)

    def test_canonical_of_canonical_is_itself(self) -> None:
        bench = Bench(self.account)
        for desired in self.stage(bench):
            once = bench.provider.canonical(desired)
            assert bench.provider.canonical(once) == once

    def test_what_is_seen_is_its_own_canonical_form(self) -> None:
        bench = Bench(self.account)
        for live in bench.observe(*self.stage(bench)).found.values():
            assert bench.provider.canonical(live) == live

    def test_what_nobody_declared_survives(self) -> None:
        bench = Bench(self.account)
        self.stage(bench)
        before = self.undeclared(bench)
        self.run_creation(bench)
        assert self.undeclared(bench) == before

    def test_a_failed_read_is_unresolved_and_never_absent(self, read_fault: str) -> None:
        bench = Bench(self.account)
        wanted = self.stage(bench)
        intact = bench.observe(*wanted)
        bench.plant(read_fault, times=None)
        seen = bench.observe(*wanted)
        for address in (resource.address for resource in wanted):
            known = address in seen.unresolved or seen.found.get(address) == intact.found.get(address)
            assert known, f"{address} is taken for {seen.found.get(address)}"

    @pytest.mark.parametrize("fault", sorted(HARMLESS))
    def test_an_answer_that_can_be_read_is_read(self, fault: str) -> None:
        bench = Bench(self.account)
        wanted = self.stage(bench)
        intact = bench.observe(*wanted)
        bench.plant(fault, times=None)
        assert bench.observe(*wanted).found == intact.found

    @pytest.mark.parametrize("fault", sorted(BEFORE))
    def test_each_answer_to_a_write_has_its_verdict(self, fault: str) -> None:
        bench = Bench(self.account)
        for step in self.creation(bench):
            bench.plant(fault)
            reply = bench.provider.perform(step, REFERENCE)
            expected = self.verdicts.get(fault, {}).get(step.kind, COMMON_VERDICTS.get(fault))
            assert reply.verdict is expected, f"{step.kind}: {reply}"
            bench.sandbox.faults.heal()
            bench.provider.perform(step, REFERENCE)
            bench.clock.sleep(1000)

    @pytest.mark.parametrize("fault", sorted(AFTER))
    def test_a_write_that_was_carried_out_is_never_taken_for_refused(self, fault: str) -> None:
        bench = Bench(self.account)
        for step in self.creation(bench):
            bench.plant(fault, when=When.AFTER)
            reply = bench.provider.perform(step, REFERENCE)
            assert reply.verdict in (Verdict.OK, Verdict.ACCEPTED, Verdict.MAYBE), f"{step.kind}: {reply}"
            bench.sandbox.faults.heal()
            bench.clock.sleep(1000)

    def test_the_credential_shows_nowhere(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        bench = Bench(self.account)
        shown: list[object] = [bench.provider, bench.provider.http, vars(bench.provider)]
        shown += [bench.provider.perform(step, REFERENCE) for step in self.creation(bench)]
        shown += self.look_around(bench, self.stage(bench))
        for fault in ("401", "403", "reset", "html-200", "500"):
            bench.plant(fault, times=None)
            shown.append(bench.observe(*self.stage(bench)))
            shown += [bench.provider.perform(step, REFERENCE) for step in self.creation(bench)]
            shown.append(self.error_of_search(bench))
            bench.sandbox.faults.heal()
        text = "\n".join([caplog.text, *map(repr, shown)])
        assert "reconciler.providers.http" in caplog.text
        for form in (CANARY, quote(CANARY, safe=""), json.dumps(CANARY), base64.b64encode(CANARY.encode()).decode()):
            assert form.strip('"') not in text

    @staticmethod
    def error_of_search(bench: Bench) -> object:
        try:
            return isinstance(bench.provider, Market) and bench.provider.search({}, 1)
        except CarrierError as error:
            return (error, error.message, error.hint)

    def test_every_kind_that_is_left_behind_has_words_for_it(self) -> None:
        capabilities = Bench(self.account).provider.capabilities
        assert set(capabilities.leaves_behind) == set(capabilities.kinds) - set(capabilities.deletes)
