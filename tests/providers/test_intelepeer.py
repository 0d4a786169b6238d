"""IntelePeer: the contract, its state words, and the dialects of its webhook calls."""

from __future__ import annotations

from typing import Any

import pytest
from provider_bench import INTELEPEER, REFERENCE, Bench, canned, step, want

from reconciler.model import Action, Address, Kind, Resource, Status, Step, Unread, Verdict
from reconciler.model.safe_text import WebhookUrl
from reconciler.sandbox import Event, IntelePeerSwitches
from reconciler.testing import STATUSES, Contract

TN, OTHER, FOREIGN = "+17205550142", "+17205550143", "+17205550199"
HOOK = "https://hooks.example.com/inbound?key=k3y"
SMS, WEBHOOK = Address(Kind.SMS, TN), Address(Kind.WEBHOOK, TN)

VERDICTS = (
    {name: dict.fromkeys((Kind.SMS, Kind.WEBHOOK), Verdict.REJECTED) for name in STATUSES if not name.startswith("429")}
    | {"400": {Kind.SMS: Verdict.REJECTED, Kind.WEBHOOK: Verdict.NOT_YET}}
    | {"409": {Kind.SMS: Verdict.BUSY, Kind.WEBHOOK: Verdict.BUSY}}
    | {"empty-200": {Kind.SMS: Verdict.MAYBE, Kind.WEBHOOK: Verdict.MAYBE}}
)


def sms(tn: str = TN) -> Resource:
    return want(Kind.SMS, tn, enabled=True)


def webhook(tn: str = TN, url: str = HOOK) -> Resource:
    return want(Kind.WEBHOOK, tn, url=WebhookUrl(url))


class TestIntelePeerContract(Contract):
    account = INTELEPEER
    declared = f'numbers: {{"{TN}": {{provider: account, sms: true, webhook: "{HOOK}"}}}}'
    hides = frozenset(
        {
            "enable_ends=error",
            "enable_ends=suspended",
            "stuck_in=requested",
            "stuck_in=provisioning",
            "flapping_seconds=5",
            "path_plus=form",
            "accepted_body=other-number",
            "webhook_ignored=True",
            "webhook_kept=slash-added",
            "webhook_kept=slash-dropped",
        }
    )
    verdicts = VERDICTS
    # 404 is documented: not on this account. Without its first field, an answer has a form of "never enabled".
    unproven = frozenset({"404", "missing-fields"})

    def stage(self, bench: Bench) -> list[Resource]:
        bench.carrier.portal_enable(TN, HOOK)
        bench.carrier.portal_enable(OTHER)
        return [sms(), webhook(), sms(OTHER)]

    def creation(self, bench: Bench) -> list[Step]:
        if bench.carrier.live(OTHER, bench.clock.now()).word == "provisioned":
            return [step(Action.CREATE, sms("+17205550144"))]
        return [step(Action.CREATE, sms()), step(Action.CREATE, webhook())]

    def made(self, bench: Bench) -> list[Resource]:
        return [sms(), webhook()]

    def undeclared(self, bench: Bench) -> object:
        return bench.carrier.webhook(TN)


def observed(body: Any, *wanted: Resource, status: int = 200) -> Any:
    return canned(INTELEPEER, lambda _request: (status, body)).observe(wanted or [sms()])


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("requested", Status.ENABLING),
        ("provisioning", Status.ENABLING),
        ("provisioned", Status.ACTIVE),
        ("derequested", Status.DISABLING),
        ("deprovisioning", Status.DISABLING),
        ("error", Status.ERROR),
        ("Provisioned", Status.UNKNOWN),
        ("suspended", Status.UNKNOWN),
        (True, Status.UNKNOWN),
        (7, Status.UNKNOWN),
        ({"phase": 1}, Status.UNKNOWN),
        ("", Status.ABSENT),
        (None, Status.ABSENT),
        ({}, Status.ABSENT),
    ],
)
def test_each_state_word_has_its_status(word: Any, status: Status) -> None:
    live = observed({"provisioning": {"state": word}}).found[SMS]
    assert (live.status, live.attrs) == (status, {"enabled": status is Status.ACTIVE})


@pytest.mark.parametrize("body", [{}, {"provisioning": None}, {"provisioning": {}}, {"provisioning": ""}])
def test_a_missing_state_is_absent(body: Any) -> None:
    assert observed(body).found[SMS].status is Status.ABSENT


def test_an_unlisted_word_is_kept_and_made_plain() -> None:
    assert observed({"provisioning": {"state": "odd\x1b[31m\n::word"}}).found[SMS].carrier_status == "odd [31m : :word"


@pytest.mark.parametrize(
    "body",
    [None, [], "provisioned", "", "<html>", {"state": "provisioned"}, {"code": 500, "error": "Oops"}, {"code": 500}],
)
def test_a_body_that_is_no_answer_is_unresolved(body: Any) -> None:
    seen = observed(body)
    assert not seen.found
    assert "HTTP 200" in str(seen.unresolved[SMS])


def test_an_answer_about_another_number_is_unresolved() -> None:
    seen = observed({"tn_e164": OTHER, "provisioning": {"state": "provisioned"}, "webhook": HOOK}, sms(), webhook())
    assert set(seen.unresolved) == {SMS, WEBHOOK}
    assert not seen.found


@pytest.mark.parametrize("named", ["17205550142", 17205550142, TN, None])
def test_its_own_number_in_any_form_is_accepted(named: Any) -> None:
    assert observed({"tn_e164": named, "provisioning": {"state": "provisioned"}}).found


@pytest.mark.parametrize("url", [None, "", "  ", [], {}])
def test_what_is_empty_is_no_webhook(url: Any) -> None:
    seen = observed({"webhook": url, "provisioning": {"state": "provisioned"}}, webhook())
    assert (WEBHOOK in seen.found, seen.unresolved) == (False, {})
    assert seen.found[SMS].status is Status.ACTIVE


@pytest.mark.parametrize("url", [5, [HOOK], {"url": HOOK}, True, False])
def test_a_webhook_that_cannot_be_read_is_not_absent(url: Any) -> None:
    seen = observed({"webhook": url, "provisioning": {"state": "provisioned"}}, webhook())
    assert (WEBHOOK in seen.found, seen.unresolved) == (False, {WEBHOOK: Unread("the answer's webhook is no text")})
    assert seen.found[SMS].status is Status.ACTIVE


@pytest.mark.parametrize("url", ["bob:hunter2@host/x", "https://[bob:hunter2", "//bob:hunter2@h/", "hunter2"])
def test_a_live_webhook_that_is_no_web_address_differs_and_shows_nothing(url: str) -> None:
    live = observed({"webhook": url, "provisioning": {"state": "provisioned"}}, webhook()).found[WEBHOOK]
    assert live.attrs["url"] != WebhookUrl(HOOK)
    assert "hunter2" not in str(live.attrs["url"])
    assert "hunter2" not in repr(live)


def test_one_read_a_number_shows_enablement_and_webhook() -> None:
    bench = Bench(INTELEPEER)
    bench.carrier.portal_enable(TN, HOOK)
    bench.carrier.portal_enable(OTHER, HOOK)
    seen = bench.observe(sms(), webhook(), sms(OTHER))
    assert seen.calls == bench.provider.http.reads == 2
    assert seen.found[WEBHOOK].attrs["url"].reveal() == HOOK
    assert Address(Kind.WEBHOOK, OTHER) not in seen.found


def test_the_enablement_is_shown_also_where_only_the_webhook_is_wanted() -> None:
    bench = Bench(INTELEPEER)
    bench.carrier.portal_enable(TN, HOOK)
    assert set(bench.observe(webhook()).found) == {SMS, WEBHOOK}


@pytest.mark.parametrize("status", ["200", "400", "404"])
def test_a_webhook_read_before_enabling_is_decided_by_the_enablement(status: str) -> None:
    bench = Bench(INTELEPEER, IntelePeerSwitches(webhook_before_enabling=status))
    seen = bench.observe(sms(), webhook())
    assert (seen.found[SMS].status, WEBHOOK in seen.found) == (Status.ABSENT, False)
    assert not seen.unresolved


def test_a_number_of_somebody_else_is_foreign() -> None:
    seen = Bench(INTELEPEER).observe(sms(FOREIGN), webhook(FOREIGN))
    assert seen.found[Address(Kind.SMS, FOREIGN)].status is Status.FOREIGN
    assert len(seen.found) == 1


def test_a_bad_token_is_noticed_before_every_number_is_asked() -> None:
    bench = Bench(INTELEPEER)
    bench.plant("401", times=None)
    wanted = [sms(f"+1720555{n:04d}") for n in range(200, 260)]
    seen = bench.observe(*wanted)
    assert len(seen.unresolved) == 60
    assert seen.calls == 3


def test_one_number_that_answers_401_does_not_hide_the_others() -> None:
    bench = Bench(INTELEPEER)
    bench.carrier.portal_enable(OTHER)
    bench.plant("401", times=1)
    seen = bench.observe(sms(), sms(OTHER))
    assert set(seen.unresolved) == {SMS}
    assert seen.found[Address(Kind.SMS, OTHER)].status is Status.ACTIVE


@pytest.mark.parametrize("path_plus", ["either", "literal"])
def test_the_plus_is_sent_as_the_documents_samples_have_it(path_plus: str) -> None:
    bench = Bench(INTELEPEER, IntelePeerSwitches(path_plus=path_plus))
    bench.carrier.portal_enable(TN, HOOK)
    assert bench.observe(sms(), webhook()).found[WEBHOOK].attrs["url"].reveal() == HOOK


def test_a_carrier_that_reads_a_plus_as_a_blank_is_unresolved_and_nothing_is_taken_for_absent() -> None:
    bench = Bench(INTELEPEER, IntelePeerSwitches(path_plus="form"))
    bench.carrier.portal_enable(TN, HOOK)
    seen = bench.observe(sms(), webhook())
    assert (seen.found, set(seen.unresolved)) == ({}, {SMS, WEBHOOK})


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("The telephone number has not been enabled for SMS", Verdict.NOT_YET),
        ("Number not provisioned", Verdict.NOT_YET),
        ("Bad request", Verdict.NOT_YET),
        ("", Verdict.NOT_YET),
        ("Improperly-formatted URL provided for the webhook.", Verdict.REJECTED),
        ("The telephone number is not in the proper E.164 format", Verdict.REJECTED),
    ],
)
def test_a_webhook_400_is_too_early_unless_it_speaks_of_the_url_or_number(text: str, verdict: Verdict) -> None:
    provider = canned(INTELEPEER, lambda _request: (400, {"code": 400, "error": text}))
    assert provider.perform(step(Action.CREATE, webhook()), REFERENCE).verdict is verdict


def test_a_webhook_is_sent_whole_and_compared_whole() -> None:
    bench = Bench(INTELEPEER)
    bench.carrier.portal_enable(TN, "https://hooks.example.com/inbound?key=other")
    assert bench.observe(webhook()).found[WEBHOOK].attrs != webhook().attrs
    bench.provider.perform(step(Action.UPDATE, webhook()), REFERENCE)
    assert bench.carrier.webhook(TN) == HOOK
    assert bench.observe(webhook()).found[WEBHOOK].attrs == webhook().attrs


def test_switching_off_is_accepted_and_then_seen() -> None:
    bench = Bench(INTELEPEER)
    bench.carrier.portal_enable(TN)
    reply = bench.provider.perform(step(Action.DELETE, sms()), REFERENCE)
    assert (reply.verdict, reply.status) == (Verdict.ACCEPTED, 202)
    assert bench.observe(sms()).found[SMS].status is Status.DISABLING
    bench.clock.sleep(60)
    assert bench.observe(sms()).found[SMS].status is Status.ABSENT
    assert bench.sandbox.ledger.find(Event.DISABLE, key=TN)


def test_a_number_in_progress_is_busy() -> None:
    bench = Bench(INTELEPEER)
    bench.provider.perform(step(Action.CREATE, sms()), REFERENCE)
    assert bench.provider.perform(step(Action.CREATE, sms()), REFERENCE).verdict is Verdict.BUSY
    assert bench.provider.perform(step(Action.DELETE, sms()), REFERENCE).verdict is Verdict.BUSY
