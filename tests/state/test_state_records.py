from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from state_doubles import NUMBER, START, TN, VirtualClock, process

from reconciler.errors import IntegrityError, StateError, UsageError
from reconciler.model import NOTHING, Action, Address, Kind, Origin, Record, slots
from reconciler.model.safe_text import WebhookUrl
from reconciler.state.store import Store

if TYPE_CHECKING:
    from pathlib import Path

OpenStore = Callable[..., Store]

RECORD = Record(
    address=NUMBER,
    account="desk",
    origin=Origin.BOUGHT,
    applied={"route": 4},
    fingerprint="hmac:00",
    external={"numberKey": "a%2Fb", "nested": {"list": [1, None, True, "ü"]}},
    labels={"team": "support"},
    protect=True,
    tombstone=False,
    made_at=START - timedelta(days=1),
    updated_at=START,
    carrier_status="provisioning",
    since=START - timedelta(hours=2),
    release_after=timedelta(days=30),
    out_of_service_at=START - timedelta(days=2),
)


def test_a_record_is_read_back_as_it_was_written(store: Store) -> None:
    store.put([RECORD])
    assert store.snapshot().records == {NUMBER: RECORD}
    assert store.record(NUMBER) == RECORD


@pytest.mark.parametrize("origin", Origin)
@pytest.mark.parametrize("kind", Kind)
def test_every_kind_and_origin_is_kept(store: Store, kind: Kind, origin: Origin) -> None:
    record = Record(Address(kind, "x"), "desk", origin, made_at=START, updated_at=START, tombstone=True)
    store.put([record])
    assert store.record(record.address) == record


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(), lambda inner: st.lists(inner, max_size=3)
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(attrs=st.dictionaries(st.text(min_size=1), _JSON, max_size=4))
def test_any_json_survives_the_round_trip(store: Store, attrs: dict[str, object]) -> None:
    store.put([replace(RECORD, applied=attrs, external=attrs)])
    kept = store.snapshot().records[NUMBER]
    assert (kept.applied, kept.external) == (attrs, attrs)


def test_empty_maps_cost_nothing(store: Store) -> None:
    store.put([Record(NUMBER, "desk", Origin.ADOPTED)])
    assert store.snapshot().records[NUMBER].applied is NOTHING


def test_a_record_replaces_the_one_before_it_whole(store: Store) -> None:
    store.put([RECORD])
    store.put([Record(NUMBER, "other", Origin.ADOPTED)])
    kept = store.snapshot().records[NUMBER]
    assert (kept.account, kept.applied, kept.protect) == ("other", NOTHING, False)


def test_of_two_records_of_one_address_in_one_call_the_last_stands(store: Store) -> None:
    store.put([RECORD, replace(RECORD, account="later")])
    assert store.snapshot().records[NUMBER].account == "later"


def test_a_record_that_does_not_say_when_it_was_made_keeps_the_moment(store: Store, clock: VirtualClock) -> None:
    store.put([Record(NUMBER, "desk", Origin.BOUGHT)])
    clock.pass_by(timedelta(seconds=50))
    store.put([Record(NUMBER, "desk", Origin.BOUGHT, applied={"route": 5})])
    kept = store.snapshot().records[NUMBER]
    assert (kept.made_at, kept.updated_at) == (START, START + timedelta(seconds=50))


def test_what_takes_the_place_of_a_tombstone_is_new(store: Store, clock: VirtualClock) -> None:
    store.put([replace(RECORD, tombstone=True)])
    clock.pass_by(timedelta(seconds=50))
    store.put([Record(NUMBER, "desk", Origin.BOUGHT)])
    assert store.snapshot().records[NUMBER].made_at == START + timedelta(seconds=50)


def test_a_thousand_records_are_written_in_one_go(store: Store) -> None:
    many = [Record(Address(Kind.NUMBER, f"+1201555{n:04}"), "desk", Origin.ADOPTED) for n in range(1000)]
    store.put(many)
    store.put(many)
    assert len(store.snapshot().records) == 1000
    store.drop(record.address for record in many[:999])
    assert list(store.snapshot().records) == [many[999].address]


def test_slots_are_kept_apart_and_go_with_their_number(store: Store) -> None:
    slot, other = Address(Kind.SLOT, "desk.0"), Address(Kind.SLOT, "desk.1")
    elsewhere = replace(RECORD, address=Address(Kind.NUMBER, "+12015550124"))
    store.put([RECORD, slots.record(slot, RECORD, START), elsewhere, slots.record(other, elsewhere, START)])
    state = store.snapshot()
    assert list(state.records) == [NUMBER, elsewhere.address]
    assert {address: slots.number_in(record) for address, record in state.slots.items()} == {
        slot: NUMBER,
        other: elsewhere.address,
    }
    store.put([RECORD])
    assert store.record(slot) is not None, "a number that is written anew keeps its slot"
    store.drop([NUMBER])
    assert list(store.snapshot().slots) == [other]


def test_a_slot_takes_its_new_name_in_the_commit_that_drops_the_old_one(store: Store) -> None:
    old, new = Address(Kind.SLOT, "old.0"), Address(Kind.SLOT, "new.0")
    kept = slots.record(old, RECORD, START)
    store.put([RECORD, kept])
    store.put([replace(kept, address=new)], drop=[old])
    assert list(store.snapshot().slots) == [new]


def test_nothing_to_write_is_no_error(store: Store) -> None:
    store.put([])
    store.drop([NUMBER])
    assert store.snapshot().records == {}


def test_a_moved_record_keeps_all_but_its_address(store: Store) -> None:
    store.put([replace(RECORD, address=Address(Kind.BRAND, "acme"))])
    store.move(Address(Kind.BRAND, "acme"), Address(Kind.BRAND, "acme-eu"))
    moved = Address(Kind.BRAND, "acme-eu")
    assert store.snapshot().records == {moved: replace(RECORD, address=moved)}


def test_a_move_from_nowhere_or_onto_another_record_is_refused(store: Store) -> None:
    store.put([replace(RECORD, address=Address(Kind.BRAND, name)) for name in ("one", "two")])
    with pytest.raises(UsageError, match="no record of brand/none"):
        store.move(Address(Kind.BRAND, "none"), Address(Kind.BRAND, "new"))
    with pytest.raises(UsageError, match="record of brand/two already"):
        store.move(Address(Kind.BRAND, "one"), Address(Kind.BRAND, "two"))
    assert len(store.snapshot().records) == 2


def test_a_move_away_from_an_open_outcome_is_refused(store: Store) -> None:
    brand = Address(Kind.BRAND, "acme")
    store.put([replace(RECORD, address=brand)])
    store.open_intent("p", "desk", Action.UPDATE, [brand], "", {}, None)
    with pytest.raises(UsageError, match="outcome of brand/acme is open"):
        store.move(brand, Address(Kind.BRAND, "new"))


def test_no_secret_of_a_webhook_reaches_the_file(tmp_path: Path, clock: VirtualClock) -> None:
    secret = WebhookUrl("https://canary-user:canary-password@hooks.example/in?token=canary-query")
    sms = Address(Kind.WEBHOOK, TN)
    with Store.open(f"sqlite:///{tmp_path}/state.db", clock, create=True) as store, store.locked():
        seal = store.fingerprint({"url": secret.canonical})
        store.put(
            [
                Record(
                    sms,
                    "desk",
                    Origin.MADE,
                    applied={"url": secret},
                    external={"in": {"url": secret}},
                    fingerprint=seal,
                )
            ]
        )
        store.open_intent("p", "desk", Action.UPDATE, [sms], "", {"attrs": {"url": secret}}, None, begin=True)
        assert store.snapshot().records[sms].applied == {"url": "https://hooks.example/in"}
        files = [path.read_bytes() for path in tmp_path.iterdir()]
    files += [path.read_bytes() for path in tmp_path.iterdir()]
    assert b"hooks.example/in" in b"".join(files)
    assert not re.search(rb"canary", b"".join(files))


def test_text_of_a_carrier_that_has_no_utf8_form_is_kept_readable(store: Store) -> None:
    store.put([replace(RECORD, carrier_status="bad \ud800\x00\x1b[31m word")])
    assert store.snapshot().records[NUMBER].carrier_status == "bad ? [31m word"


@pytest.mark.parametrize(
    ("column", "value"), [("kind", "teapot"), ("origin", "found"), ("applied", "[1]"), ("since", "noon")]
)
def test_a_row_that_no_tnctl_wrote_is_damage(tmp_path: Path, clock: VirtualClock, column: str, value: str) -> None:
    with Store.open(f"sqlite:///{tmp_path}/state.db", clock, create=True) as store, store.locked():
        store.put([RECORD])
        vandal = sqlite3.connect(tmp_path / "state.db", isolation_level=None)
        vandal.execute(f"UPDATE tnctl_records SET {column} = ?", (value,))
        vandal.close()
        with pytest.raises(StateError, match="no tnctl wrote"):
            store.snapshot()


def test_seals_are_keyed_by_the_records(open_store: Callable[..., Store], tmp_path: Path, clock: VirtualClock) -> None:
    ours = open_store()
    again = open_store()
    with Store.open(f"sqlite:///{tmp_path}/other.db", clock, create=True) as other:
        value = {"b": 1, "a": ["x", None]}
        assert re.fullmatch(r"hmac:[0-9a-f]{64}", ours.fingerprint(value))
        assert ours.fingerprint(value) == again.fingerprint({"a": ["x", None], "b": 1})
        assert ours.fingerprint(value) != ours.fingerprint({"b": 2, "a": ["x", None]})
        assert ours.fingerprint(value) != other.fingerprint(value)
        assert ours.lineage != other.lineage


def test_money_in_a_carriers_map_never_becomes_a_float(store: Store) -> None:
    store.put([replace(RECORD, external={"price": Decimal("0.10")})])
    assert store.snapshot().records[NUMBER].external == {"price": "0.10"}


@pytest.mark.parametrize(
    ("recorded", "declared", "refused"),
    [
        ("", "", False),
        ("", "support", False),
        ("support", "support", False),
        ("support", "sales", True),
        ("support", "", True),
    ],
)
def test_records_know_their_fleet_by_its_name(store: Store, recorded: str, declared: str, refused: bool) -> None:
    store.remember_fleet(recorded)
    if not refused:
        store.refuse_other_fleet(declared)
        return
    with pytest.raises(IntegrityError, match="these records are of the fleet support") as error:
        store.refuse_other_fleet(declared)
    assert "write `fleet: support`" in error.value.hint
    with pytest.raises(IntegrityError):
        store.remember_fleet(declared)


def test_the_fleets_name_outlives_the_run_that_gave_it(open_store: OpenStore) -> None:
    first, second = open_store(), open_store()
    with first.locked(process=process()):
        first.remember_fleet("support")
    assert open_store(create=False).fleet == "support"
    with second.locked(process=process()), pytest.raises(IntegrityError, match="support"):
        second.remember_fleet("sales")  # it was opened before the records had a name
