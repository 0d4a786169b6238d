"""Thousands of lives of an account, each with its own carriers, faults and crashes; and the watch itself.

Each sentence of the watch can be false; that it notices bugs planted in the program is shown by ``tests/mutants``.

``pytest -n auto`` shares the chunks among the cores. ``python -m tests.simulation --trace SEED`` explains a failure.
"""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from reconciler.sandbox import FAULTS, Rule
from reconciler.sandbox.ledger import Entry, Event, Ledger
from tests.simulation.carriers import Asked
from tests.simulation.fleet import Line
from tests.simulation.leaks import ENVIRON, HOOK_SECRET, leaked
from tests.simulation.oracle import Oracle
from tests.simulation.records import Holder, Records, Written
from tests.simulation.seeded import schedule
from tests.simulation.seeded.play import play, play_range

SCHEDULES = 5000
CHUNKS = 20
NOON = datetime(2026, 1, 13, 12, tzinfo=UTC)
LINE = Line("+12015550100", "vt")
ORDER = Asked("vt", "tnOrder", writes=True, tn=LINE.tn)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_no_schedule_buys_twice_loses_a_number_or_acts_on_a_guess(chunk: int) -> None:
    each = SCHEDULES // CHUNKS
    assert play_range(chunk * each, (chunk + 1) * each).failures == {}


@pytest.mark.parametrize("chunk", range(2))
def test_no_schedule_of_runs_over_single_accounts_does_either(chunk: int) -> None:
    assert play_range(chunk * 150, (chunk + 1) * 150, shards=True).failures == {}


SEEDS_THAT_FAILED = [
    *(778_445, 782_555, 782_083, 50_002_149, 50_006_126, 50_001_952, 50_009_142, 50_005_088, 3213, 3496),
    *(546_064_000_724, 546_064_001_615, 546_064_001_918, 546_064_009_840, 546_064_013_653, 546_064_013_166),
    *(669_995_000_506, 669_995_005_171, 669_995_011_286, 620_072_025_181, 620_072_035_369, 620_072_048_288),
    *(502_753_017_071, 971_711_008_979),
]


@pytest.mark.parametrize("seed", SEEDS_THAT_FAILED)
def test_a_seed_that_failed_once_does_not_fail_again(seed: int) -> None:
    """Faults of the program: an apply that fell over a pool that shrank, exit 0 over a number that nobody declared any
    more. Faults of the model: numbers sold under the key of others, a call in the middle of another, two clocks that
    lie at once, a wait that counts from when the carrier looked, a release that is refused with the word of a port."""
    assert play(seed).broken == ()


@pytest.mark.parametrize("seed", [951_278_000_245, 951_278_002_742])
def test_nor_does_one_of_those_over_single_accounts(seed: int) -> None:
    """Faults of the model: a run over no account waits for the lock of another such."""
    assert play(seed, shards=True).broken == ()


@pytest.mark.parametrize("seed", range(3))
def test_the_same_seed_tells_the_same_story(seed: int) -> None:
    first, second = play(seed), play(seed)
    assert first.trace == second.trace
    assert len(first.trace) > 5


def test_two_seeds_tell_two_stories() -> None:
    assert play(1).digest != play(2).digest


def test_the_schedules_reach_every_fault_every_event_and_every_kind_of_boundary() -> None:
    drawn = [schedule.draw(seed) for seed in range(1000)]
    thrown = {name for plan in drawn for name in (plan.chaos.faults if plan.chaos else ())}
    planted = {rule.fault for plan in drawn for rule in plan.rules}
    assert thrown == schedule.OLDER
    assert planted == set(FAULTS)
    acts = [act for plan in drawn for act in plan.acts]
    happening = {act.kind for act in acts if isinstance(act, schedule.Event)}
    midcall = {act.midcall[1].kind for act in acts if isinstance(act, schedule.Run) and act.midcall}
    assert happening | midcall == set(schedule.Kind)
    crashes = {act.crash for act in acts if isinstance(act, schedule.Run)}
    assert crashes >= {None, *range(1, 25)}


# The watch itself: each of its sentences can be false.


def watching(*lines: Line) -> Oracle:
    oracle = Oracle()
    oracle.declare(lines)
    return oracle


def entry(event: Event, account: str = "vt") -> Entry:
    return Entry(NOON, account, event, LINE.tn)


def test_a_charge_on_top_of_a_charge_is_noticed() -> None:
    ledger, oracle = Ledger(), watching(LINE)
    for event in (Event.CHARGE, Event.RELEASE, Event.CHARGE):
        ledger.add(entry(event))
        oracle.ledger(ledger)
    assert oracle.broken == []
    ledger.add(entry(Event.CHARGE))
    oracle.ledger(ledger)
    assert "while the account was paying for it" in oracle.broken[0]


@pytest.mark.parametrize(
    ("written", "robbed", "words"),
    [
        (Written(None, Holder(7, "alpha", "id")), False, "no attempt of it is recorded"),
        (Written(1, None), False, "does not hold the lock"),
        (Written(1, Holder(8, "beta", "id")), False, "does not hold the lock"),
        (Written(1, Holder(7, "alpha", "id")), True, "does not hold the lock"),
    ],
)
def test_a_write_without_a_durable_attempt_or_without_the_lock_is_noticed(
    written: Written, robbed: bool, words: str
) -> None:
    oracle = watching(LINE)
    oracle.arrives(ORDER, written, 7, NOON, robbed=robbed)
    assert words in oracle.broken[0]


def test_an_order_that_is_sent_again_too_early_or_too_often_is_noticed() -> None:
    oracle, mine = watching(LINE), Written(1, Holder(7, "alpha", "id"))
    for pid, minutes in ((7, 0), (8, 16), (9, 17)):
        now = NOON.replace(minute=minutes)
        oracle.arrives(ORDER, Written(1, Holder(pid, "alpha", "id")), pid, now, robbed=False)
        oracle.served(ORDER, None, [], pid, now)
    assert oracle.broken == [
        f"the order of {LINE.tn} was sent 3 times under one intent",
        f"{LINE.tn} was ordered again 60 s after the last attempt",
    ]
    oracle.arrives(ORDER, mine, 7, NOON, robbed=False)
    oracle.served(ORDER, None, [], 7, NOON)
    assert "one apply sent the order" in oracle.broken[-1]


def test_an_order_that_the_carrier_never_looked_at_does_not_count() -> None:
    oracle, mine = watching(LINE), Written(1, Holder(7, "alpha", "id"))
    for fault in ("refused", "429-absent"):
        oracle.arrives(ORDER, mine, 7, NOON, robbed=False)
        oracle.served(ORDER, Rule(fault).strike(), [], 7, NOON)
    oracle.arrives(ORDER, mine, 7, NOON, robbed=False)
    assert oracle.broken == []


def test_a_purchase_of_what_nobody_declared_is_noticed() -> None:
    oracle = watching()
    oracle.served(ORDER, None, [entry(Event.CHARGE)], 7, NOON)
    assert "is not declared there" in oracle.broken[0]


def test_a_release_that_was_not_allowed_not_wanted_or_of_a_protected_number_is_noticed() -> None:
    released = [entry(Event.RELEASE)]
    oracle = watching(LINE)
    oracle.released(released, allowed=True)
    oracle.declare(())
    oracle.released(released, allowed=False)
    assert [sentence.removeprefix(LINE.tn) for sentence in oracle.broken] == [
        " was released and is declared",
        " was released, and no release was allowed",
    ]
    protected = watching(Line(LINE.tn, "vt", protect=True))
    protected.declare(())
    protected.released(released, allowed=True)
    assert "is protected" in protected.broken[0]


@pytest.mark.parametrize("secret", [HOOK_SECRET, *ENVIRON.values()])
def test_a_secret_is_noticed_in_clear_and_in_base64_wherever_it_stands(secret: str) -> None:
    assert leaked(f"before {secret} after".encode())
    assert all(leaked(b64encode(f"{'x' * n}{secret}:y".encode())) for n in range(3))
    assert not leaked(secret[:-1].encode())


def test_a_torn_log_loses_no_commit_but_the_last() -> None:
    whole = (b"file", b"first commit" + b"last commit")
    cut = {Records(Path("unused")).torn(whole, 12, Random(seed)) for seed in range(50)}
    assert {image[0] for image in cut} == {b"file"}
    assert all(image[1].startswith(b"first commit") and image[1] != whole[1] for image in cut)
    assert Records(Path("unused")).torn(whole, 23, Random(0)) == whole
