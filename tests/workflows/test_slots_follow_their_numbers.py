"""A slot's record follows its number: a pool may get another name, shrink and grow, and lose what its carrier lost."""

from __future__ import annotations

import tempfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from reconciler.model import Address, Origin, Record, StateSnapshot, slots
from reconciler.model.fleet import Pool, Search
from reconciler.planning.limits import Allowances
from reconciler.pools.allocations import allocate
from reconciler.sandbox import VirtualClock
from reconciler.state.store import Store
from reconciler.workflows.session import Options
from tests.rig import Rig, actions
from tests.simulation.engines import SHARED_MEMORY

GENEROUS = Options(allow=Allowances(purchases=99, releases=99, deletes=99, empty=frozenset({"ib", "api"})))
SEARCHES = {"ib": "{country: GB}", "api": "{rate_center: HACKENSACK}"}
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def pool(name: str, size: int, more: str = "", account: str = "ib") -> str:
    return f"  {name}: {{provider: {account}, size: {size}, search: {SEARCHES[account]}{more}}}\n"


def held(rig: Rig) -> dict[str, str]:
    with rig.store() as store:
        return {slot.name: slots.number_in(record).name for slot, record in store.snapshot().slots.items()}


def owned(rig: Rig) -> set[str]:
    """What was bought and not released, by the carriers' ledger."""
    ledger = rig.sandbox.ledger
    left = Counter(entry.key for entry in ledger.charges())
    left.subtract(entry.key for entry in ledger.releases())
    return {tn for tn, count in left.items() if count > 0}


def test_a_pool_renamed_and_made_smaller_leaves_no_slot_to_the_number_that_was_released(rig: Rig) -> None:
    rig.write("pools:\n" + pool("old", 3))
    rig.apply()
    before = held(rig)
    rig.write("pools:\n" + pool("new", 2, ", moved: old"))
    assert rig.apply(GENEROUS).exit_code == 0
    assert held(rig) == {"new.0": before["old.0"], "new.1": before["old.1"]}
    rig.write("pools:\n" + pool("new", 3))
    plan = rig.plan()
    assert list(actions(plan).values()) == ["create"], "the free slot is filled by a purchase like any other"
    assert rig.apply().exit_code == 0
    assert sorted(held(rig)) == ["new.0", "new.1", "new.2"]
    assert set(held(rig).values()) == owned(rig)
    assert actions(rig.plan()) == {}


def test_a_number_with_a_line_of_its_own_leaves_its_slot_also_while_the_pool_is_renamed(rig: Rig) -> None:
    rig.write("pools:\n" + pool("old", 2))
    rig.apply()
    lined = held(rig)["old.1"]
    rig.write("pools:\n" + pool("new", 1, ", moved: old") + f'numbers:\n  "{lined}": {{provider: ib}}\n')
    assert rig.apply(GENEROUS).exit_code == 0
    assert lined not in held(rig).values()
    assert list(held(rig)) == ["new.0"]
    assert owned(rig) >= {lined}


def test_a_slot_that_an_earlier_tnctl_left_to_a_released_number_is_free(rig: Rig) -> None:
    rig.write("pools:\n" + pool("desk", 1))
    rig.apply()
    with rig.store() as store, store.locked():
        ghost = Record(Address.parse("number/+447700900999"), "ib", Origin.BOUGHT)
        store.put([slots.record(slots.address("desk", 1), ghost, NOW), slots.record(slots.address("x", 1), ghost, NOW)])
    rig.write("pools:\n" + pool("desk", 2))
    assert list(actions(rig.plan()).values()) == ["create"]
    assert rig.apply().exit_code == 0
    assert set(held(rig).values()) == owned(rig)
    assert sorted(held(rig)) == ["desk.0", "desk.1"]


def test_a_slot_without_its_number_on_record_is_vacant() -> None:
    ghost = Record(Address.parse("number/+447700900999"), "ib", Origin.BOUGHT)
    slot = slots.address("desk", 0)
    state = StateSnapshot("lineage", 1, {}, (), {slot: slots.record(slot, ghost, NOW)})
    allocations = allocate([Pool("desk", 1, (Search("ib", {}),))], state)
    assert (allocations.kept, allocations.vacant["desk"]) == ((), (slot,))
    assert [stale.address for stale in slots.stale(state)] == [slot]


def test_a_number_has_one_slot_whoever_writes_it(tmp_path: Path) -> None:
    number = Record(Address.parse("number/+447700900999"), "ib", Origin.BOUGHT)
    with Store.open(f"sqlite:///{tmp_path / 'state.db'}", VirtualClock(), create=True) as store, store.locked():
        for index in (0, 1):
            store.put([number, slots.record(slots.address("desk", index), number, NOW)])
        assert [slot.name for slot in store.snapshot().slots] == ["desk.1"]


EDITS = st.one_of(
    st.tuples(st.just("size"), st.integers(0, 4)),
    st.tuples(st.just("rename"), st.integers(0, 4)),
    st.tuples(st.just("gone"), st.integers(0, 3)),
    st.tuples(st.just("line"), st.integers(0, 3)),
    st.tuples(st.just("let go"), st.integers(0, 3)),
)


class Life:
    """One pool, renamed and resized in the same apply; numbers of it vanish, get a line, or are let go by name."""

    def __init__(self, folder: Path, account: str) -> None:
        self.rig, self.account = Rig(folder), account
        self.carrier: Any = self.rig.sandbox.infobip("ib") if account == "ib" else self.rig.sandbox.inumbering("api")
        self.name, self.size, self.moved, self.renames = "desk", 2, "", 0
        self.lines: list[str] = []
        self.forgotten: set[str] = set()

    def edit(self, what: str, n: int) -> None:
        numbers = sorted(held(self.rig).values())
        if what == "size":
            self.size = n
        elif what == "rename":
            self.renames += 1
            self.moved, self.name, self.size = self.name, f"n{self.renames}", n
        elif n < len(numbers) and what == "gone":
            self._gone(numbers[n])
        elif n < len(numbers) and what == "line" and numbers[n] not in self.lines:
            self.lines.append(numbers[n])
        elif n < len(numbers) and what == "let go" and self.size and numbers[n] not in self.lines:
            self.size = len(numbers) - 1
            self.forgotten.add(numbers[n])

    def _gone(self, tn: str) -> None:
        """The carrier has it no more, and a person says so."""
        self.carrier.portal_release(tn)
        with self.rig.store() as store, store.locked():
            number = Address.parse(f"number/{tn}")
            store.resolve(number, self.account, owned=False, evidence="the portal", who="me")
        self.lines = [line for line in self.lines if line != tn]

    def apply(self) -> None:
        moved = f", moved: {self.moved}" if self.moved else ""
        lines = "".join(f'  "{tn}": {{provider: {self.account}}}\n' for tn in self.lines)
        last = [tn for tn in self.forgotten if tn in held(self.rig).values()]
        names = ", ".join(f'"{tn}"' for tn in last)
        safety = f"safety: {{forget: [{names}]}}\n" if last else ""
        self.rig.write(
            safety
            + "pools:\n"
            + pool(self.name, self.size, moved, self.account)
            + (f"numbers:\n{lines}" if lines else "")
        )
        report = self.rig.apply(GENEROUS)
        assert report.exit_code == 0, report.outcomes
        self.moved = ""

    def check(self) -> None:
        allocated = held(self.rig)
        with self.rig.store() as store:
            state = store.snapshot()
        live = {a.name for a, r in state.records.items() if a.kind == "number" and not r.tombstone}
        assert len(set(allocated.values())) == len(allocated) == self.size
        assert {slots.split(slot)[0] for slot in state.slots} <= {self.name}
        assert set(allocated.values()) <= live
        account = {entry.key for entry in self.rig.sandbox.ledger.charges(self.account)}
        still = owned(self.rig) & account
        gone = {f"+{tn.removeprefix('+')}" for tn in self.carrier.owned()}
        assert still & gone <= live | self.forgotten, "nothing is owned that nobody knows of"


@pytest.mark.parametrize("account", SEARCHES)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(edits=st.lists(EDITS, min_size=1, max_size=6))
@example(edits=[("rename", 1), ("size", 3)])
@example(edits=[("size", 3), ("line", 2), ("rename", 1), ("size", 3)])
def test_slots_follow_their_numbers_through_any_life_of_a_pool(edits: list[Any], account: str) -> None:
    with tempfile.TemporaryDirectory(dir=SHARED_MEMORY) as folder:
        life = Life(Path(folder), account)
        life.apply()
        life.check()
        for what, n in edits:
            life.edit(what, n)
            life.apply()
            life.check()
            life.rig.clock.sleep(1000)
            assert actions(life.rig.plan()) == {}


def test_an_empty_list_that_a_person_accepts_frees_no_slot_of_a_number_that_is_still_owned(rig: Rig) -> None:
    rig.write("pools:\n" + pool("desk", 2))
    rig.apply()
    rig.clock.sleep(3600)
    rig.sandbox.infobip("ib").turn(list_hidden=True)
    rig.write("pools:\n" + pool("desk", 1))
    assert "add --allow-empty ib" in " ".join(notice.message for notice in rig.plan().notices)
    assert rig.apply(GENEROUS).exit_code == 4
    rig.sandbox.infobip("ib").turn(list_hidden=False)
    rig.write("pools:\n" + pool("desk", 2))
    assert list(actions(rig.plan()).values()) == ["adopt"], "it is taken back, and none is bought in its place"
    assert rig.apply().exit_code == 0
    assert len(rig.sandbox.ledger.charges()) == 2
