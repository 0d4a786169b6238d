"""Bugs in switching SMS on and off, and in what hangs on it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from importlib import import_module
from typing import Any

from reconciler.executor import sms
from reconciler.executor.run import Run
from reconciler.model import Action, Change, Kind, Record, Reply, Status, Step, Verdict
from reconciler.model.safe_text import WebhookUrl
from reconciler.planning import drift, kept_webhooks, sms_table, steps, unseen_assignments
from reconciler.planning.sms_table import Decision
from reconciler.providers.http.messages import Answer
from reconciler.providers.intelepeer import client as intelepeer
from reconciler.providers.intelepeer import verdicts
from reconciler.workflows import apply
from tests.executor import test_sms, test_sms_records
from tests.mutants import checks
from tests.mutants.checking import reused
from tests.mutants.planting import planted, swapped
from tests.planning import test_assignments, test_webhooks
from tests.workflows import test_journeys


@planted(checks.a_conflict_is_waited_out)
def conflict_as_failure() -> AbstractContextManager[None]:
    """A 409 fails the step, although the carrier only says that it is at work."""
    refused = verdicts._refused

    def final(answer: Answer) -> Verdict:
        return Verdict.REJECTED if answer.status == 409 else refused(answer)

    return swapped((verdicts, "_refused", final))


@planted(checks.a_storm_of_conflicts_is_met_with_reads)
def hammering_on_conflict() -> AbstractContextManager[None]:
    """A 409 is answered by the same write, again and again."""
    decide = sms._decide

    def hammer(state: Any) -> Decision:
        return sms_table.decide(state.status, wanted=state.wanted) if state.accepted is None else decide(state)

    return swapped((sms, "_decide", hammer))


@planted(checks.sms_is_switched_off_only_once_it_is_on)
def delete_while_provisioning() -> AbstractContextManager[None]:
    """SMS is switched off while the carrier is still switching it on."""
    off = {**sms_table._OFF, Status.ENABLING: Decision(Action.DELETE, "SMS is not wanted")}
    return swapped((sms_table, "_OFF", off))


@planted(checks.a_number_stands_in_a_path_as_documented)
def plus_encoded_in_a_path() -> AbstractContextManager[None]:
    """The plus of a number is sent as %2B in a path, which no document's sample has."""
    return swapped((intelepeer, "Tn", str))


def _webhook_judged(silence: Verdict, lie: Verdict) -> AbstractContextManager[None]:
    """A success of a webhook that names nothing is judged as ``silence``, and one about something else as ``lie``."""
    judged = verdicts.webhook

    def judge(tn: str, url: WebhookUrl, answer: Answer) -> Reply:
        told = judged(tn, url, answer)
        names = isinstance(answer.json, dict) and "webhook" in answer.json
        return replace(told, verdict=lie if names else silence, look=False) if told.look else told

    return swapped((verdicts, "webhook", judge))


@planted(reused(test_webhooks.test_a_200_that_changed_nothing_is_not_done_and_not_written_for_ever, answer="other-url"))
def webhook_of_another_url_as_done() -> AbstractContextManager[None]:
    """A 200 to a webhook is believed whatever number or URL it names."""
    return _webhook_judged(silence=Verdict.MAYBE, lie=Verdict.OK)


@planted(reused(test_webhooks.test_a_200_that_changed_nothing_is_not_done_and_not_written_for_ever, answer="empty"))
def webhook_without_a_body_as_done() -> AbstractContextManager[None]:
    """A 200 to a webhook that says nothing is believed, and no read is made."""
    return _webhook_judged(silence=Verdict.OK, lie=Verdict.MAYBE)


@planted(
    reused(test_webhooks.test_a_webhook_is_written_once_whatever_is_answered_and_kept, answer="empty", form="normal")
)
def webhooks_compared_as_written() -> AbstractContextManager[None]:
    """Webhooks are compared letter by letter, and one that its carrier normalises is written at every run."""
    return swapped((WebhookUrl, "canonical", property(lambda url: url.reveal())))


@planted(reused(test_webhooks.test_a_carrier_that_keeps_another_url_is_not_written_to_at_every_run, answer="empty"))
def webhook_sent_at_every_run() -> AbstractContextManager[None]:
    """A webhook that its carrier answers as done and does not keep is sent again and again."""
    return swapped((kept_webhooks, "MOST_TRIES", 1_000_000))


@planted(reused(test_sms.test_a_409_is_not_said_to_be_accepted))
def conflict_said_to_be_accepted() -> AbstractContextManager[None]:
    """What waits after a 409 is said to have been accepted."""
    return swapped((sms, "answered", lambda _reply: "accepted"))


@planted(reused(test_sms.test_a_not_yet_at_the_end_of_the_wait_is_waiting_and_not_failed, seconds=5))
def not_yet_as_failure() -> AbstractContextManager[None]:
    """A "not yet" whose next try would outlast the wait has failed."""
    write = import_module("reconciler.executor.write")
    put_off = write.is_put_off

    def final(reply: Reply, *, spread: bool = False) -> bool:
        return reply.verdict is not Verdict.NOT_YET and put_off(reply, spread=spread)

    return swapped((write, "is_put_off", final))


@planted(
    reused(
        test_sms.test_a_later_run_knows_the_end_by_the_word_that_an_earlier_one_saw,
        word="deprovisioning",
        ends_as="none",
    )
)
def way_off_forgotten() -> AbstractContextManager[None]:
    """What a number showed on its way off is not remembered, and the word it ends in blocks it for ever."""
    return swapped((sms_table, "SWITCHING_OFF", frozenset()))


@planted(reused(test_sms.test_a_report_does_not_repeat_what_was_only_true_of_the_plan))
def report_repeats_the_plan() -> AbstractContextManager[None]:
    """A report repeats the notices of its plan, also those that are not true any more."""
    return swapped((apply, "_known_now", lambda _session, _options, planned, _after: planned.plan.notices))


def _without_needs(step: Step) -> Step:
    return replace(step, needs=(), changes=tuple(replace(change, needs=()) for change in step.changes))


@planted(checks.a_webhook_is_set_once_sms_is_on)
def webhook_before_provisioned() -> AbstractContextManager[None]:
    """A webhook does not wait for the enablement that it needs."""
    make = steps._step

    def impatient(members: Sequence[Change], *rest: Any) -> Step:
        step = make(members, *rest)
        return _without_needs(step) if step.kind is Kind.WEBHOOK else step

    return swapped((steps, "_step", impatient))


@planted(reused(test_journeys.test_an_enablement_that_ends_in_an_error_is_asked_for_once_a_run_and_needs_a_person))
def enablement_in_error_asked_for_again() -> AbstractContextManager[None]:
    """An enablement that ended in an error is asked for again and again."""
    decide = sms._decide

    def again(state: Any) -> Decision:
        if state.status is Status.ERROR and state.sends < 9:
            state.accepted = None
            return Decision(Action.CREATE, "once more")
        return decide(state)

    return swapped((sms, "_decide", again))


@planted(reused(test_journeys.test_a_number_is_released_only_after_its_sms_is_off))
def number_released_before_its_sms_is_off() -> AbstractContextManager[None]:
    """A release does not wait for what hangs on the number."""
    make = steps._step

    def impatient(members: Sequence[Change], *rest: Any) -> Step:
        step = make(members, *rest)
        return _without_needs(step) if step.kind is Kind.NUMBER else step

    return swapped((steps, "_step", impatient))


@planted(reused(test_sms_records.test_sms_that_was_never_accepted_is_not_on_record, fault="409"))
def what_was_asked_for_is_on_record() -> AbstractContextManager[None]:
    """SMS that was asked for, and that its carrier has not accepted, is on record as on."""

    def as_asked(run: Run, change: Change, state: sms._Walk, _old: Record | None) -> Record:
        return sms._record(run, change, state, on=state.wanted)

    return swapped((sms, "_known", as_asked))


@planted(reused(test_sms_records.test_sms_that_was_just_accepted_and_is_shown_off_waits_and_is_missing_only_later))
def what_was_just_accepted_is_missing() -> AbstractContextManager[None]:
    """Drift calls SMS lost that the carrier has accepted a moment ago and does not show yet."""
    return swapped((drift, "_is_accepted_only", lambda _item: False))


@planted(reused(test_assignments.test_an_assignment_that_is_never_shown_is_sent_twice_and_then_a_persons, listed=None))
def assignments_sent_for_ever() -> AbstractContextManager[None]:
    """A carrier that says done and never lists the number is sent the same assignment at every run."""
    return swapped((unseen_assignments, "tries", lambda _record: 0))
