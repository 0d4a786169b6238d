"""Under any sequence of edits, rivals, failures and crashes: a slot keeps its number, no number has two slots, and
what is still paid for is taken back before another is bought."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from reconciler.model import Address, Kind, Offer, Origin, Price, Record, StateSnapshot, slots
from reconciler.model.fleet import Pool, Search
from reconciler.planning.limits import Allowances
from reconciler.pools.allocations import allocate
from reconciler.pools.choose import OpenSlots, choose, take_back
from reconciler.sandbox import Rule, When
from reconciler.workflows.session import Options
from tests.rig import Rig
from tests.simulation.engines import SHARED_MEMORY

START = datetime(2026, 1, 1, tzinfo=UTC)
NAMES = ("alpha", "beta", "gamma")
GENEROUS = Options(allow=Allowances(purchases=99, releases=99, deletes=99, empty=frozenset({"ib", "vt"})))
SEARCHES = {"ib": "{country: GB}", "vt": "{rate_center: HACKENSACK}"}


def tn(index: int) -> str:
    return f"+44770090{index:04d}"


@st.composite
def memories(draw: st.DrawFn) -> StateSnapshot:
    """Any records of slots: of whatever pools, with gaps, protected, out of service, of any age, tombstones too."""
    places = draw(st.lists(st.tuples(st.sampled_from(NAMES), st.integers(0, 5)), unique=True, max_size=9))
    records: dict[Address, Record] = {}
    held: dict[Address, Record] = {}
    for n, (pool, index) in enumerate(places):
        since = START + timedelta(days=draw(st.integers(0, 3)))
        number = Record(
            Address(Kind.NUMBER, tn(n)),
            "ib",
            Origin.BOUGHT,
            protect=draw(st.booleans()),
            tombstone=draw(st.integers(0, 3)) == 0,
            out_of_service_at=draw(st.sampled_from([None, since])),
            made_at=since,
        )
        records[number.address] = number
        held[slots.address(pool, index)] = slots.record(slots.address(pool, index), number, since)
    return StateSnapshot("lineage", 1, records, (), held)


@st.composite
def declarations(draw: st.DrawFn) -> list[Pool]:
    """Any pools in any order, one of them perhaps with the former name of one that is gone."""
    names = draw(st.permutations(NAMES).map(lambda every: every[: draw(st.integers(0, 3))]))
    pools = [Pool(name, draw(st.integers(0, 6)), (Search("ib", {}),)) for name in names]
    gone = sorted(set(NAMES) - set(names))
    if pools and gone and draw(st.booleans()):
        pools[0] = replace(pools[0], moved=gone[0])
    return pools


@settings(max_examples=300, deadline=None)
@given(memories(), declarations(), st.sets(st.integers(0, 9).map(tn)))
def test_a_slot_keeps_its_number_under_any_declaration(
    state: StateSnapshot, pools: list[Pool], declared: set[str]
) -> None:
    allocations = allocate(pools, state, declared)
    everybody = [*allocations.kept, *allocations.surplus]
    given_up = slots.given_up(state)
    before = {s: record.applied[slots.NUMBER] for s, record in state.slots.items() if s not in given_up}
    after = {allocation.slot: allocation.tn for allocation in everybody}
    assert len(after) == len(everybody) == len(before)
    assert {allocations.renamed.get(slot, slot): number for slot, number in before.items()} == after
    sizes = {pool.name: pool.size for pool in pools}
    for name, size in sizes.items():
        kept = [allocation for allocation in allocations.kept if slots.split(allocation.slot)[0] == name]
        assert len(kept) + len(allocations.vacant[name]) == size
        assert not {allocation.slot for allocation in everybody}.intersection(allocations.vacant[name])
    assert all(slots.split(allocation.slot)[0] in sizes for allocation in allocations.kept)
    assert len({allocations.renamed.get(slot, slot) for slot in state.slots}) == len(state.slots)
    reserved = {allocations.renamed[slot] for slot in given_up if slot in allocations.renamed}
    assert not reserved.intersection(*allocations.vacant.values())


@settings(max_examples=300, deadline=None)
@given(memories(), declarations(), st.sets(st.integers(0, 9).map(tn)))
def test_what_slots_gave_up_comes_back_to_its_own_slot_or_an_empty_one_of_that_pool_and_to_one_only(
    state: StateSnapshot, pools: list[Pool], declared: set[str]
) -> None:
    allocations = allocate(pools, state, declared)
    had = {number.name: slots.split(slot) for slot, number in slots.given_up(state).items()}
    back: list[str] = []
    for pool in pools:
        open_slots = OpenSlots.of(pool, allocations)
        empty, names = list(open_slots.empty), (pool.name, pool.moved)
        former = [number for number, (name, _) in had.items() if name in names and number not in declared]
        take_back(open_slots, open_slots.former, set())
        assert len(open_slots.allocated) == min(len(empty), len(former))
        assert sorted([*open_slots.empty, *(allocation.slot for allocation in open_slots.allocated)]) == sorted(empty)
        wanted = {slots.address(pool.name, had[number][1]) for number in former}.intersection(empty)
        assert wanted.issubset(allocation.slot for allocation in open_slots.allocated)
        for allocation in open_slots.allocated:
            assert allocation.tn in former
            own = slots.address(pool.name, had[allocation.tn][1])
            assert allocation.slot == own or own not in empty or own in {s.slot for s in open_slots.allocated}
        back += [allocation.tn for allocation in open_slots.allocated]
    assert len(back) == len(set(back))


@settings(max_examples=300, deadline=None)
@given(memories(), st.integers(0, 6))
def test_who_must_go_is_out_of_service_or_unprotected_and_newer_than_who_stays(state: StateSnapshot, size: int) -> None:
    allocations = allocate([Pool("alpha", size, (Search("ib", {}),))], state)
    own = [allocation for allocation in allocations.surplus if slots.split(allocation.slot)[0] == "alpha"]
    for gone in own:
        for kept in allocations.kept:
            rank = [(not allocation.out_of_service, allocation.protect) for allocation in (gone, kept)]
            assert rank[0] <= rank[1]
            if rank[0] == rank[1]:
                assert gone.since is not None
                assert kept.since is not None
                assert (gone.since, slots.split(gone.slot)[1]) >= (kept.since, slots.split(kept.slot)[1])


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 9)), max_size=40),
    st.lists(st.integers(0, 8), min_size=1, max_size=4),
    st.lists(st.sampled_from(["cheapest", "consecutive", "spread", "*7", "?*CALL"]), max_size=3),
    st.sets(st.integers(0, 60).map(tn), max_size=10),
)
def test_candidates_are_distinct_over_all_pools_and_never_spoken_for(
    market: list[tuple[int, int]], sizes: list[int], prefer: list[str], unavailable: set[str]
) -> None:
    offers = [Offer(tn(n), price=Price("EUR", Decimal(0), Decimal(price))) for n, price in market]
    taken, free = set(unavailable), {offer.tn for offer in offers} - unavailable
    chosen: list[str] = []
    for n, size in enumerate(sizes):
        pool = Pool(f"p{n}", size, (Search("ib", {"country": "GB"}),), prefer=tuple(prefer))
        open_slots = OpenSlots.of(pool, allocate([pool], StateSnapshot("lineage", 1)))
        found = choose(open_slots, pool.searches[0], offers, taken, unknown_prices=True)
        assert list(found) == [allocation.tn for allocation in open_slots.allocated]
        assert len(open_slots.allocated) + len(open_slots.empty) == size
        chosen += found
    assert len(chosen) == len(set(chosen)) == min(sum(sizes), len(free))
    assert free.issuperset(chosen)


EDITS = st.one_of(
    st.tuples(st.just("size"), st.integers(0, 2), st.integers(0, 4)),
    st.tuples(st.just("order"), st.permutations([0, 1, 2]), st.none()),
    st.tuples(st.just("rename"), st.integers(0, 2), st.none()),
    st.tuples(st.just("rival"), st.integers(0, 30), st.none()),
    st.tuples(st.just("fault"), st.sampled_from(["503", "timeout", "reset"]), st.sampled_from(list(When))),
    st.tuples(st.just("fault"), st.just("400"), st.just(When.BEFORE)),
    st.tuples(st.just("crash"), st.none(), st.none()),
)


class KilledError(Exception):
    pass


class Fleet:
    """Three pools on one carrier, edited and applied; knows what each slot had, and the largest size of each pool."""

    def __init__(self, folder: Path, account: str) -> None:
        self.rig = Rig(folder)
        self.account = account
        self.carrier: Any = self.rig.sandbox.infobip("ib") if account == "ib" else self.rig.sandbox.inumbering("vt")
        self.largest = dict.fromkeys(NAMES, 1)
        self.pools: list[dict[str, Any]] = [{"name": name, "size": 1, "moved": None, "birth": name} for name in NAMES]
        self.history: dict[str, dict[int, str]] = {name: {} for name in NAMES}
        self.renames = 0

    def edit(self, what: str, first: Any, second: Any) -> None:
        if what == "size":
            pool = self.pools[first]
            pool["size"] = second
            self.largest[pool["birth"]] = max(self.largest[pool["birth"]], second)
        elif what == "order":
            self.pools = [self.pools[n] for n in first]
        elif what == "rename" and self.pools[first]["moved"] is None:
            self.renames += 1
            pool = self.pools[first]
            pool["moved"], pool["name"] = pool["name"], f"n{self.renames}"
        elif what == "rival" and self.account == "ib" and self.carrier.offered(tn(first)):
            self.carrier.rival_buys(tn(first))
        elif what == "fault":
            call = "purchase" if self.account == "ib" else "tnOrder"
            self.rig.sandbox.faults.plant(Rule(first, call=call, when=second))

    def apply(self, *, crash: bool = False) -> None:
        lines = [
            f"  {p['name']}: {{provider: {self.account}, size: {p['size']}, search: {SEARCHES[self.account]}"
            + (f", moved: {p['moved']}}}" if p["moved"] else "}")
            for p in self.pools
        ]
        self.rig.write("pools:\n" + "\n".join(lines) + '\nnumbers: {"+447700900003": {provider: ib}}\n')
        log = self.carrier.log
        if crash:

            def die(*args: Any, **kwargs: Any) -> None:
                log(*args, **kwargs)
                raise KilledError

            self.carrier.log = die
        try:
            self.rig.apply(GENEROUS)
        except KilledError:
            pass
        finally:
            self.carrier.log = log
        if not crash:
            for pool in self.pools:
                pool["moved"] = None

    def check(self) -> None:
        with self.rig.store() as store:
            held = {slot: record.applied[slots.NUMBER] for slot, record in store.snapshot().slots.items()}
        assert len(set(held.values())) == len(held)
        charges = [entry.key for entry in self.rig.sandbox.ledger.charges() if entry.key.startswith("+1")]
        assert len(charges) <= sum(self.largest.values())
        assert "+447700900003" not in held.values()
        births = {p["name"]: p["birth"] for p in self.pools} | {p["moved"]: p["birth"] for p in self.pools}
        released = {entry.key for entry in self.rig.sandbox.ledger.releases()}
        for slot, number in held.items():
            name, index = slots.split(slot)
            before = self.history[births[name]].get(index)
            assert before in (None, number) or before in released, f"{slot} swapped {before} for {number}"
            self.history[births[name]][index] = number
        assert not self.rig.sandbox.ledger.double_charges()


@pytest.mark.parametrize("account", SEARCHES)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(edits=st.lists(EDITS, min_size=1, max_size=6))
@example(edits=[("size", 0, 3), ("size", 0, 1), ("rename", 0, None), ("crash", None, None), ("size", 0, 3)])
def test_slots_never_swap_over_a_whole_life_of_edits_rivals_faults_and_crashes(edits: list[Any], account: str) -> None:
    """Where no call releases a number, a pool never pays for more numbers than its largest size had; an order that was
    open there when its slot left may need a person."""
    with tempfile.TemporaryDirectory(dir=SHARED_MEMORY) as folder:
        fleet = Fleet(Path(folder), account)
        fleet.apply()
        fleet.check()
        for what, first, second in edits:
            fleet.edit(what, first, second)
            fleet.apply(crash=what == "crash")
            fleet.check()
            fleet.rig.clock.sleep(1000)
        for _ in range(3):
            report = fleet.rig.apply(GENEROUS)
            fleet.check()
            fleet.rig.clock.sleep(1000)  # an order may be sent again only after that
        assert report.exit_code == 0 or (account == "vt" and report.exit_code == 4)
