"""One question to a carrier: how many requests it took, and by which clock it was answered."""

from __future__ import annotations

from datetime import timedelta

import pytest
from provider_bench import INTELEPEER, Bench

from reconciler.providers.http.messages import Answer
from reconciler.providers.intelepeer import client
from reconciler.providers.reads import Reading, unusable
from reconciler.sandbox import When

TNS = [f"+172055501{n:02d}" for n in range(40, 45)]


def test_the_answers_are_as_old_as_the_earliest_of_them() -> None:
    bench = Bench(INTELEPEER)
    asked = Reading(bench.provider.http)
    begun = bench.clock.now()
    asked.read(client.get_provision(TNS[0]))
    bench.clock.sleep(300)
    asked.read(client.get_provision(TNS[1]))
    assert asked.answered == begun
    assert bench.clock.now() >= begun + timedelta(seconds=300)


def test_without_an_answer_there_is_no_clock() -> None:
    bench = Bench(INTELEPEER)
    asked = Reading(bench.provider.http)
    assert asked.answered is None
    asked.read(client.get_provision(TNS[0]))
    bench.plant("reset", when=When.BEFORE, times=None)
    asked.read(client.get_provision(TNS[1]))
    assert asked.answered is None


def test_requests_that_were_tried_again_are_counted() -> None:
    bench = Bench(INTELEPEER)
    asked = Reading(bench.provider.http)
    bench.plant("503", times=2)
    asked.gather([client.get_provision(tn) for tn in TNS])
    assert asked.calls == len(TNS) + 2


def test_requests_of_an_earlier_question_are_not_counted() -> None:
    bench = Bench(INTELEPEER)
    Reading(bench.provider.http).read(client.get_provision(TNS[0]))
    assert Reading(bench.provider.http).calls == 0


@pytest.mark.parametrize(
    ("answer", "denied"),
    [
        (Answer(401), True),
        (Answer(403), True),
        (Answer(400, {"code": 401}), True),
        (Answer(503, message="our upstream says HTTP 403"), False),
        (Answer(None, message="reset after HTTP 401"), False),
    ],
)
def test_what_refuses_who_asks_is_told_by_status_and_code_and_never_by_words(answer: Answer, denied: bool) -> None:
    assert unusable(answer).unread.denied is denied
