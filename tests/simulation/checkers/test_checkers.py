"""Every kind of sentence can be false; that planted bugs are noticed, too, is shown by ``tests/mutants``."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest

from reconciler.errors import LockedError, SafetyError
from reconciler.sandbox import Rule
from reconciler.sandbox.ledger import Entry, Event, Ledger
from tests.simulation.acts import Kind, Run
from tests.simulation.canaries import HOOK_SECRET, PLAIN
from tests.simulation.carriers import ASTRAY, Asked
from tests.simulation.checkers import Arrival, Checkers, Served
from tests.simulation.fleet import NumberEntry, Pool
from tests.simulation.process import Ended, KilledError, Process
from tests.simulation.records import Holder, Records, Written

NOON = datetime(2026, 1, 13, 12, tzinfo=UTC)
NUMBER = NumberEntry("+12015550100", "vt")
ORDER = Asked("vt", "tnOrder", writes=True, tn=NUMBER.tn)
RELEASE = Asked("vt", "numbersDisconnect", writes=True, tn=NUMBER.tn)
NOTHING = Records(Path("no such file"))


def at(minute: int = 0) -> datetime:
    return NOON.replace(minute=minute)


def run(pid: int = 7, *, robbed: bool = False, planned: Sequence[str] = (NUMBER.tn,), **chosen: object) -> Process:
    return Process(pid, Run(**chosen), robbed=robbed, planned=frozenset(planned))  # type: ignore[arg-type]


def held_by(pid: int, intent: int | None = 1) -> Written:
    return Written(intent, Holder(pid, "alpha", "id"))


def entry(event: Event, tn: str = NUMBER.tn) -> Entry:
    return Entry(NOON, "vt", event, tn)


class Watched(Checkers):
    """The checkers beside a ledger of their own."""

    def __init__(self, *entries: NumberEntry, pool: Pool | None = None) -> None:
        self.ledger = Ledger()
        super().__init__(self.ledger, lambda account: {e.key for e in self.ledger.charges(account)})
        self.configured(entries, pool)

    def sends(self, process: Process, minute: int = 0, asked: Asked = ORDER, written: Written | None = None) -> None:
        self.arrives(Arrival(asked, process, written or held_by(process.pid), at(minute)))

    def does(
        self, process: Process, *booked: Entry, asked: Asked = ORDER, fault: str = "", minute: int = 0
    ) -> list[str]:
        for line in booked:
            self.ledger.add(line)
        strike = Rule(fault).strike() if fault else None
        self.served(Served(asked, process, strike, booked, at(minute)))
        return self.broken

    def ends(self, process: Process, error: BaseException | None = None) -> list[str]:
        self.ended(Ended(process, error=error), NOTHING)
        return self.broken


def test_a_charge_on_top_of_a_charge_is_noticed() -> None:
    watched = Watched(NUMBER)
    for event in (Event.CHARGE, Event.RELEASE, Event.CHARGE, Event.CHARGE):
        assert not [sentence for sentence in watched.broken if "while the account was paying" in sentence]
        watched.ledger.add(entry(event))
        watched.begins(process := run())
        watched.ends(process)
    assert "while the account was paying for it" in watched.broken[-1]


def test_a_number_that_is_paid_for_and_not_on_record_is_noticed() -> None:
    watched = Watched(NUMBER)
    watched.begins(process := run())
    watched.does(process, entry(Event.CHARGE))
    assert watched.ends(process) == [f"{NUMBER.tn} is paid for and nothing names it any more"]


@pytest.mark.parametrize(
    ("written", "robbed", "message"),
    [
        (held_by(7, None), False, "no attempt of it is recorded"),
        (Written(1, None), False, "does not hold the lock"),
        (held_by(8), False, "does not hold the lock"),
        (held_by(7), True, "does not hold the lock"),
    ],
)
def test_a_write_without_a_durable_attempt_or_without_the_lock_is_noticed(
    written: Written, robbed: bool, message: str
) -> None:
    watched = Watched(NUMBER)
    watched.sends(run(robbed=robbed), written=written)
    assert message in watched.broken[0]


def test_an_order_under_another_reference_than_the_recorded_one_is_noticed() -> None:
    watched = Watched(NUMBER)
    named = Asked("vt", "tnOrder", writes=True, tn=NUMBER.tn, reference="a")
    watched.sends(run(), asked=named, written=Written(1, Holder(7, "alpha", "id"), NUMBER.tn, "b"))
    assert "another reference" in watched.broken[0]


def test_an_order_that_is_sent_again_too_early_or_too_often_is_noticed() -> None:
    watched = Watched(NUMBER)
    for pid, minute in ((7, 0), (8, 16), (9, 17)):
        watched.sends(run(pid), minute)
        watched.does(run(pid), minute=minute)
    assert watched.broken == [
        f"the order of {NUMBER.tn} was sent 3 times under one intent",
        f"{NUMBER.tn} was ordered again 60 s after the last attempt",
    ]
    watched.sends(run(9), 40)
    assert "one apply sent the order" in watched.does(run(9), minute=40)[-1]


def test_an_order_that_the_carrier_never_looked_at_does_not_count() -> None:
    watched = Watched(NUMBER)
    for fault in ("refused", "429-absent"):
        watched.sends(run())
        watched.does(run(), fault=fault)
    watched.sends(run())
    assert watched.broken == []


@pytest.mark.parametrize("way", ["a fault", "a death", "a stolen lock"])
def test_an_order_under_a_second_intent_while_the_first_is_open_is_noticed(way: str) -> None:
    watched = Watched(NUMBER)
    process = run(robbed=way == "a stolen lock")
    watched.begins(process)
    watched.sends(process)
    watched.does(process, fault="timeout" if way == "a fault" else "")
    watched.ends(process, KilledError("after vt.tnOrder") if way == "a death" else None)
    watched.sends(run(8), 30, written=held_by(8, 2))
    assert watched.broken[-1] == f"{NUMBER.tn} was ordered anew while the outcome of an earlier order was open"


def test_a_purchase_of_what_nobody_declared_or_planned_is_noticed() -> None:
    assert "is not declared there" in Watched().does(run(), entry(Event.CHARGE))[0]
    assert "is not in the plan" in Watched(NUMBER).does(run(planned=()), entry(Event.CHARGE))[0]


def test_a_release_that_was_not_allowed_not_wanted_not_planned_or_of_a_protected_number_is_noticed() -> None:
    watched = Watched(NUMBER)
    watched.does(run(allow=True), entry(Event.RELEASE), asked=RELEASE)
    watched.configured((), None)
    watched.does(run(), entry(Event.RELEASE), asked=RELEASE)
    watched.does(run(allow=True, planned=()), entry(Event.RELEASE), asked=RELEASE)
    assert [sentence.removeprefix(NUMBER.tn) for sentence in watched.broken] == [
        " was released and is declared",
        " was released, and no release was allowed",
        " was released and is not in the plan that was approved",
    ]
    protected = Watched(NumberEntry(NUMBER.tn, "vt", protect=True))
    protected.does(run(), entry(Event.CHARGE))
    protected.configured((), None)
    assert "is protected" in protected.does(run(allow=True), entry(Event.RELEASE), asked=RELEASE)[0]


def test_messages_that_are_switched_off_and_declared_on_are_noticed() -> None:
    watched = Watched(NumberEntry(NUMBER.tn, "vt", sms=True))
    off = Asked("ip", "deprovision", writes=True)
    assert "is declared on" in watched.does(run(), entry(Event.DISABLE), asked=off)[0]


def test_a_pool_that_grows_too_large_or_too_small_is_noticed() -> None:
    watched = Watched(pool=Pool("vt", 1))
    tns = ["+12013890001", "+12013890002"]
    for pid, tn in enumerate(tns):
        watched.does(run(pid, planned=tns), entry(Event.CHARGE, tn), asked=Asked("vt", "tnOrder", writes=True, tn=tn))
    assert watched.broken == [f"{tns[1]} was bought for a pool that never had more than 1 slots"]
    watched.configured((), Pool("vt", 3))
    watched.does(run(allow=True, planned=tns), entry(Event.RELEASE, tns[0]), asked=RELEASE)
    assert watched.broken[-1] == f"{tns[0]} was released, and its pool of 3 has 2 left"


def test_a_write_at_another_account_is_noticed() -> None:
    watched = Watched(NUMBER)
    watched.misdirected(Asked(f"vt{ASTRAY}", "tnOrder", writes=True, tn=NUMBER.tn))
    assert "another account" in watched.broken[0]


def test_an_error_that_is_none_of_ours_or_that_comes_after_writes_is_noticed() -> None:
    for error, message in ((ValueError("x"), "ValueError at"), (SafetyError("x"), "after 1 writes")):
        watched = Watched(NUMBER)
        watched.begins(process := run())
        process.writes = 1
        try:
            raise error
        except (ValueError, SafetyError) as raised:
            watched.ends(process, raised)
        assert message in watched.broken[0]


def test_a_run_that_is_locked_out_by_nobody_or_asks_a_carrier_all_the_same_is_noticed() -> None:
    watched = Watched(NUMBER)
    watched.begins(process := run())
    process.calls = 1
    assert len(watched.ends(process, LockedError("locked"))) == 2


def test_a_write_of_an_apply_after_which_nothing_had_changed_is_noticed() -> None:
    for between, writes in ((Kind.SLEEP, 1), (Kind.EDIT, 0)):
        watched = Watched(NUMBER)
        watched.known.calm = True
        watched.happened(between)
        watched.begins(process := run())
        process.writes = 1
        assert sum("nothing had changed" in sentence for sentence in watched.ends(process)) == writes


@pytest.mark.parametrize("secret", [HOOK_SECRET, *PLAIN.values()])
def test_a_secret_is_noticed_in_every_spelling_wherever_it_stands(secret: str) -> None:
    spelled = [secret, quote(secret, safe=""), *(b64encode(f"{'x' * n}{secret}:y".encode()).decode() for n in range(3))]
    for text in spelled:
        watched = Watched(NUMBER)
        watched.shown("the log", f"before {text} after")
        assert "the log showed" in watched.broken[0]
    watched = Watched(NUMBER)
    watched.shown("the log", secret[:-1])
    assert watched.broken == []
