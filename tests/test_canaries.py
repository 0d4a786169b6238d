"""Canaries: every secret there is, driven through every command and every fault, is found in nothing that comes out.

What comes out: plans and reports in every format, plan files, the records' bytes, progress, logs at DEBUG, and
exceptions with their tracebacks. Each is searched for every canary raw, URL-encoded, JSON-escaped and in base64.
"""

from __future__ import annotations

import json
import traceback
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from urllib.parse import quote

import pytest

from reconciler.clock import SystemClock
from reconciler.errors import TnctlError
from reconciler.planning.limits import Allowances
from reconciler.providers.base import CoverageSource, Market
from reconciler.providers.http import body
from reconciler.sandbox import FAULTS, Rule, Sandbox
from reconciler.sandbox.intelepeer.switches import KEPT
from reconciler.sandbox.messages import Response, TransportEffect
from reconciler.state import plan_file
from reconciler.state.store import Store
from reconciler.testing import load_configuration
from reconciler.views import render
from reconciler.workflows.drift import find_drift
from reconciler.workflows.session import Options
from tests import rig as rigging
from tests.rig import Rig
from tests.simulation.canaries import Cage, LogLines

SECRETS = {
    "INTELEPEER_TOKEN": 'tok+canary8Wz3NkS6yB1c/&="é',
    "INUMBERING_API_KEY": 'inum\\canary5Hj9TgV2dF7u%"&+/é',
    "INFOBIP_API_KEY": 'ib canary4Rm6XpJ8sK3w+/="%',
    "IB_USER": "usr+canary1Ld8YhQ6nE2x@/é",
    "IB_PASSWORD": 'pw:canary9Fk4UaZ7jM5o/"%',
}
CORES = [
    "canary8Wz3NkS6yB1c",
    "canary5Hj9TgV2dF7u",
    "canary4Rm6XpJ8sK3w",
    "canary1Ld8YhQ6nE2x",
    "canary9Fk4UaZ7jM5o",
]
"""The part of each that any spelling but base64 leaves as it is."""

HOOK_CORES = ["canary3Vb6HrWqT8e", "canary7Gs2KdXmP4i", "canary2Tp9CnYfL5u"]
HOOK = "https://user{}:pass{}@hooks.example.com/in?key={}%2F%22&b=1".format(*HOOK_CORES)
PATH_CORES = ["canary6Qc1BvNzR9a", "canary5Xd8WmJtE3o"]
"""Of a webhook from the environment the path is a secret too."""
HOOK_PATH = "/t/{}/%C3%A9{}+/".format(*PATH_CORES)
HOOK_FROM_ENVIRONMENT = HOOK.replace("/in?", f"{HOOK_PATH}?")
ROTATED = HOOK_FROM_ENVIRONMENT.replace(PATH_CORES[0], f"old{PATH_CORES[0]}")

CAGE = Cage(
    [*SECRETS.values(), f"{SECRETS['IB_USER']}:{SECRETS['IB_PASSWORD']}", HOOK, HOOK_PATH],
    [*CORES, *HOOK_CORES, *PATH_CORES],
)

INFOBIP = {
    "api key": "{type: infobip}",
    "basic": "{type: infobip, credentials: {username: {env: IB_USER}, password: {env: IB_PASSWORD}}}",
    "bearer": "{type: infobip, credentials: {token: {env: INFOBIP_API_KEY}}}",
}
ACCOUNTS = """version: 1
providers:
  ip: {{type: intelepeer}}
  vt: {{type: inumbering}}
  api: {{type: inumbering, account_api: true}}
  ib: {infobip}
"""
FLEET = f"""
brands: {{acme: {{provider: api, id: BACME01, name: ACME, description: ACME alerts}}}}
campaigns: {{alerts: {{provider: api, brand: acme, id: CACME01, description: Alerts}}}}
numbers:
  "+17205550142": {{provider: ip, sms: true, webhook: "{HOOK}"}}
  "+17205550143": {{provider: ip, sms: true, webhook: {{env: HOOK_URL}}}}
  "+12015550123": {{provider: vt, route: 4}}
  "+12015550124": {{provider: api, campaign: alerts, route: 4}}
  "+447700900123": {{provider: ib}}
"""
SMALLER = FLEET.replace('  "+12015550124": {provider: api, campaign: alerts, route: 4}\n', "")

BRIEFLY = Options(wait=timedelta(minutes=2), allow=Allowances(releases=9, deletes=9, empty=frozenset({"api"})))
FORMATS = render.FORMATS


class Witness:
    """Runs commands, and keeps everything that they said in any way."""

    def __init__(self, rig: Rig, logs: LogLines) -> None:
        self.rig = rig
        self._logs = logs
        self._said: set[bytes] = set()

    def hear(self, *said: str | bytes) -> None:
        """Keep what came out; what was said before as well is kept once."""
        self._said.update(text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text for text in said)

    def run(self, command: Callable[[], None]) -> None:
        """Run one command; an error is something that it said."""
        try:
            command()
        except Exception as error:
            self.hear(str(error), repr(error), *traceback.format_exception(error))
            if isinstance(error, TnctlError):
                self.hear(error.message, error.hint)
        self.hear(*self.rig.heard.lines, *self._logs.lines)

    def every_command(self) -> None:
        """Each command once, in an order that gives each something to say."""
        for command in (self.plan, self.apply, self.drift, self.search, self.state, self.graph):
            self.run(command)
        self.hear(*(path.read_bytes() for path in self.rig.folder.glob("state.db*")))

    def plan(self) -> None:
        """``tnctl plan --out`` and ``tnctl show``."""
        plan = self.rig.plan()
        saved = plan_file.dumps(plan)
        self.hear(saved, repr(plan))
        self.hear(*(render.plan(made, fmt) for made in (plan, plan_file.loads(saved)) for fmt in FORMATS))

    def apply(self) -> None:
        """``tnctl apply``."""
        report = self.rig.apply(BRIEFLY)
        self.hear(repr(report), *(render.report(report, fmt) for fmt in FORMATS))

    def drift(self) -> None:
        """``tnctl drift``."""
        with self.rig.store() as store:
            found = find_drift(self.rig.session(writes=False, store=store), Options())
        self.hear(repr(found), *(render.drift(found, fmt) for fmt in FORMATS))

    def search(self) -> None:
        """``tnctl search`` and ``tnctl coverage``, at every account that has them."""
        with self.rig.store() as store:
            session = self.rig.session(writes=False, store=store)
        self.hear(repr(session), repr(session.fleet), repr(session.providers))
        for name, provider in session.providers.items():
            if isinstance(provider, Market):
                self.run(partial(self._search, name, provider))
            if isinstance(provider, CoverageSource):
                self.run(partial(self._coverage, name, provider))

    def _search(self, name: str, market: Market) -> None:
        query = {"country": "GB"} if name == "ib" else {"tn_mask": "201xxxxxxx"}
        offers = market.search(query, 3)
        self.hear(*(render.offers([offer.row for offer in offers], fmt, account=name) for fmt in FORMATS))

    def _coverage(self, name: str, source: CoverageSource) -> None:
        rows = source.coverage({"count_by": "state"})
        self.hear(*(render.coverage(rows, fmt, account=name) for fmt in FORMATS))

    def state(self) -> None:
        """``tnctl state list`` and ``tnctl state show``."""
        with self.rig.store() as store:
            state = store.snapshot()
            everything = {*state.records, *self.rig.fleet().by_address()}
            histories = {address: store.history(address) for address in everything}
        self.hear(repr(store), repr(state), repr(histories), *(render.records(state, fmt) for fmt in FORMATS))
        for address, history in histories.items():
            self.hear(*(render.record(state.records.get(address), history, fmt) for fmt in FORMATS))

    def graph(self) -> None:
        """``tnctl graph``."""
        self.hear(*(render.graph(self.rig.fleet(), fmt) for fmt in ("mermaid", "dot")))

    def escaped(self) -> set[str]:
        """The canaries that got out."""
        return set(CAGE.escaped(b"\0".join(self._said)))


@pytest.fixture
def logs() -> Iterator[LogLines]:
    """Every line that anything logs, the libraries too."""
    with LogLines("root") as lines, LogLines() as ours:
        ours.lines = lines.lines
        yield lines


@pytest.fixture
def witness(rig: Rig, logs: LogLines, monkeypatch: pytest.MonkeyPatch) -> Witness:
    """A witness of a fleet whose every secret is a canary."""
    for name, secret in {**SECRETS, "HOOK_URL": HOOK_FROM_ENVIRONMENT}.items():
        monkeypatch.setitem(rigging.ENVIRON, name, secret)
    rig.write(FLEET, ACCOUNTS.format(infobip=INFOBIP["api key"]))
    return Witness(rig, logs)


def test_the_cage_notices_every_spelling() -> None:
    secret = SECRETS["INUMBERING_API_KEY"]
    basic = b64encode(f"x:{SECRETS['IB_USER']}:{SECRETS['IB_PASSWORD']}".encode())
    for shown in (secret, quote(secret), json.dumps({"k": secret}), b"\0" + secret.encode(), basic, CORES[1]):
        assert CAGE.escaped(shown)
    assert not CAGE.escaped("hooks.example.com/in canary")


@pytest.mark.parametrize("credentials", sorted(INFOBIP))
def test_no_command_shows_a_secret(witness: Witness, credentials: str) -> None:
    witness.rig.write(FLEET, ACCOUNTS.format(infobip=INFOBIP[credentials]))
    witness.every_command()
    witness.rig.sandbox.intelepeer("ip").portal_set_webhook("+17205550142", HOOK.replace("/in", "/other"))
    witness.rig.write(SMALLER, ACCOUNTS.format(infobip=INFOBIP[credentials]))
    witness.every_command()
    assert len(witness.rig.sandbox.ledger.charges()) == 3
    assert len(witness.rig.sandbox.ledger.releases()) == 1
    assert witness.escaped() == set()


WRITTEN_OUT = FLEET.replace("{env: HOOK_URL}", "https://hooks.example.com/in")
UNDECLARED = FLEET.replace(", webhook: {env: HOOK_URL}", "")
SWAPPED = FLEET.replace(f'"{HOOK}"', "https://hooks.example.com/in")


@pytest.mark.parametrize("later", [FLEET, WRITTEN_OUT, UNDECLARED, SWAPPED, SMALLER])
@pytest.mark.parametrize("live", [ROTATED, HOOK_FROM_ENVIRONMENT])
def test_the_path_of_a_webhook_from_the_environment_is_never_shown(witness: Witness, later: str, live: str) -> None:
    witness.every_command()
    carrier = witness.rig.sandbox.intelepeer("ip")
    carrier.portal_set_webhook("+17205550143", live)
    if live is HOOK_FROM_ENVIRONMENT and "env: HOOK_URL" in later:  # known by its value, wherever it is found
        carrier.portal_set_webhook("+17205550142", live)
    witness.run(witness.drift)
    witness.rig.write(later, ACCOUNTS.format(infobip=INFOBIP["api key"]))
    witness.every_command()
    witness.every_command()
    assert witness.escaped() == set()


@pytest.mark.parametrize("answer", ["full", "other-number", "other-url"])
def test_no_answer_to_a_webhook_shows_the_one_from_the_environment(witness: Witness, answer: str) -> None:
    witness.rig.sandbox.intelepeer("ip").turn(webhook_answer=answer)
    for _ in range(2):
        witness.every_command()
    assert witness.escaped() == set()


@pytest.mark.parametrize("keeps", KEPT)
def test_no_form_in_which_a_carrier_keeps_a_webhook_from_the_environment_is_shown(witness: Witness, keeps: str) -> None:
    witness.rig.sandbox.intelepeer("ip").turn(webhook_kept=keeps)
    for _ in range(3):
        witness.every_command()
    assert witness.escaped() == set()


def test_a_carrier_that_quotes_a_webhook_in_a_read_shows_no_path_of_it() -> None:
    quoted = json.dumps({"message": f"no reply from {HOOK_FROM_ENVIRONMENT} at 12:00"}).encode()
    slashed = quoted.replace(b"/", b"\\/")
    for answer in (quoted, json.dumps(slashed.decode()).encode(), quoted[1:], slashed):
        value = body.parse(answer) if answer[:1] in b'{"' and answer != quoted[1:] else None
        said = body.words_in(value, str) if value else body.words_beside(answer, 400, str)
        assert "hooks.example.com" in said
        assert not CAGE.escaped(said)


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_no_fault_makes_a_command_show_a_secret(witness: Witness, fault: str) -> None:
    faults = witness.rig.sandbox.faults
    faults.plant(Rule(fault, call="write", times=3))
    witness.every_command()
    faults.heal()
    witness.rig.sandbox.intelepeer("ip").portal_set_webhook("+17205550142", HOOK.replace("/in", "/other"))
    faults.plant(Rule(fault, call="read", times=12))
    witness.every_command()
    assert witness.escaped() == set()


class EchoingSandbox(Sandbox):
    """Carriers that answer with what they were sent, as badly written ones do in their errors."""

    status = 400
    message: Callable[[str], bytes] = staticmethod(str.encode)
    reads = False
    """Whether reads are answered so, too."""

    def exchange(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> TransportEffect:
        """The carrier's own answer, or an error that quotes the request."""
        if not self.reads and not _writes(method, target):
            return super().exchange(method, target, headers, body)
        lines = [f"{method} {target}", *(f"{name}: {value}" for name, value in headers.items()), body.decode()]
        lines = lines if method == "GET" else lines[::-1]  # what comes first is what is shown
        quoted = Response(self.status, {"Content-Type": "application/json"}, self.message(" ".join(lines)))
        return TransportEffect(quoted, self.clock.now())


def _writes(method: str, target: str) -> bool:
    calls = ("Inventory", "/list/", "/messaging/campaigns/")
    return method in ("POST", "DELETE") and not any(call in target for call in calls)


def _json_error(text: str) -> bytes:
    fields = dict.fromkeys(("message", "status", "error", "description", "errorMessage"), text)
    nested = {"serviceException": {"messageId": text, "text": text, "validationErrors": {"key": [text]}}}
    return json.dumps({**fields, "requestError": nested}).encode()


ECHOES: dict[str, Callable[[str], bytes]] = {
    "json": _json_error,
    "json in json": lambda text: _json_error(json.dumps(text)),
    "url-encoded": lambda text: _json_error(quote(text)),
    "plain text": str.encode,
    "html": lambda text: f"<html><body><pre>{text}</pre></body></html>".encode(),
}


@pytest.mark.parametrize("reads", [False, True])
@pytest.mark.parametrize("status", [200, 400, 401, 404, 409, 500])
@pytest.mark.parametrize("echo", sorted(ECHOES))
def test_no_carrier_that_repeats_our_request_makes_a_command_show_a_secret(
    witness: Witness, echo: str, status: int, reads: bool
) -> None:
    rig = witness.rig
    echoing = EchoingSandbox(rig.sandbox.specs, rig.clock)
    for tn in ("+17205550142", "+17205550143"):
        echoing.intelepeer("ip").portal_enable(tn)
    echoing.status, echoing.message, echoing.reads = status, ECHOES[echo], reads
    rig.sandbox = echoing
    witness.every_command()
    assert len(echoing.ledger) == 0
    assert witness.escaped() == set()


@pytest.mark.parametrize(
    "text",
    [
        "version: 1\nproviders: {{ip: {{type: intelepeer, credentials: {{token: {secret}}}}}}}\n",
        "version: 1\nproviders: {{ip: {{type: intelepeer, credentials: {secret}}}}}\n",
        "version: 1\nproviders: {{ip: {{type: intelepeer, credentials: {{token: {{env: [{secret}]}}}}}}}}\n",
        'version: 1\nproviders: {{ip: {{type: intelepeer, base_url: "http://u:{secret}@api.example.com"}}}}\n',
        'version: 1\nstate: "mysql://u:{secret}@db.example.com/x"\n',
        'version: 1\nstate: "postgresql://u:{secret}@db.example.com:port/x"\n',
        'version: 1\ndefaults: {{numbers: {{webhook: "http://u:{secret}@hooks.example.com/?k={secret}"}}}}\n',
        "version: 1\nproviders: {{ip: {{type: intelepeer}}}}\nnumbers:\n"
        '  "+17205550142": {{provider: ip, sms: true, webhook: "https://u:{secret}@hooks.example.com/#{secret}"}}\n',
        "version: 1\nproviders: {{ip: {{type: intelepeer}}}}\nnumbers:\n"
        '  "+17205550142": {{provider: ip, sms: false, webhook: "https://h.example.com/?k={secret}"}}\n',
    ],
)
def test_no_mistake_in_the_configuration_makes_its_message_show_a_secret(tmp_path: Path, text: str) -> None:
    path = tmp_path / "numbers.yaml"
    path.write_text(text.format(secret=CORES[0]))
    with pytest.raises(TnctlError) as refused:
        Store.open(str(load_configuration([path], {}).state.url), SystemClock(), create=False)
    said = [refused.value.message, refused.value.hint, *traceback.format_exception(refused.value)]
    assert not any(CAGE.escaped(line) for line in said)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://tnctl:{secret}@127.0.0.1:1/records",
        "postgresql://tnctl@127.0.0.1:1/records?password={secret}&sslpassword={secret}",
        "postgresql://tnctl:{secret}@127.0.0.1:port/records",
        "oracle://tnctl:{secret}@127.0.0.1/records",
        "{secret}",
    ],
)
def test_records_that_cannot_be_reached_do_not_show_the_password_in_their_url(url: str, logs: LogLines) -> None:
    with pytest.raises(TnctlError) as refused:
        Store.open(url.format(secret=quote(SECRETS["IB_PASSWORD"], safe="")), SystemClock(), create=True)
    said = [refused.value.message, refused.value.hint, *traceback.format_exception(refused.value), *logs.lines]
    assert not any(CAGE.escaped(line) for line in said)


def test_a_fleet_does_not_show_the_password_in_its_state_url(tmp_path: Path) -> None:
    path = tmp_path / "numbers.yaml"
    path.write_text("version: 1\nstate: {env: STATE_URL}\n")
    fleet = load_configuration([path], {"STATE_URL": f"postgresql://tnctl:{CORES[0]}@db.example.com/records"})
    assert not CAGE.escaped(f"{fleet!r} {fleet}")
