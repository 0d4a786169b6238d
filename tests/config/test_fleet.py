"""A configuration becomes the resources, accounts and limits that it declares."""

from __future__ import annotations

import gc
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from reconciler import package_data
from reconciler.config import schema
from reconciler.errors import ConfigError
from reconciler.model import Address, Resource, phone
from reconciler.model.fleet import Account, Fleet, Safety, SecretRef
from reconciler.model.safe_text import WebhookUrl
from reconciler.providers.installed import BUILT_IN
from reconciler.testing import load_configuration

HEAD = """\
version: 1
providers:
  intelepeer: {type: intelepeer}
  voicetel: {type: inumbering}
  infobip: {type: infobip}
"""
MESSAGING = """\
brands:
  acme: {provider: voicetel, id: BACME01, name: ACME, description: ACME alerts}
campaigns:
  alerts: {provider: voicetel, brand: acme, id: CACME01, description: Delivery alerts}
"""
HOOK = "https://hooks.example.com/inbound"


class Desk:
    """Writes files into a directory of its own and loads them."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def load(self, *texts: str, sandbox: bool = False, **environ: str) -> Fleet:
        for index, text in enumerate(texts):
            (self.directory / f"{index}.yaml").write_text(text)
        return load_configuration([self.directory], environ, sandbox=sandbox)

    def resource(self, address: str, *texts: str) -> Resource:
        return self.load(*texts).by_address()[Address.parse(address)]

    def problems(self, *texts: str, **environ: str) -> list[str]:
        with pytest.raises(ConfigError) as caught:
            self.load(*texts, **environ)
        return [line.removeprefix(f"{self.directory}/") for line in caught.value.problems]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def addresses(fleet: Fleet) -> list[str]:
    return [str(resource.address) for resource in fleet.resources]


def account(fleet: Fleet, name: str) -> Account:
    return fleet.accounts[name]


# The example and the schema


def test_the_example_loads_and_shows_every_kind(desk: Desk) -> None:
    fleet = desk.load(package_data.text("numbers.yaml.example"))
    assert {kind for kind, _ in (address.split("/") for address in addresses(fleet))} == {
        "brand", "campaign", "number", "sms", "webhook", "assignment",
    }  # fmt: skip
    assert {account.type for account in fleet.accounts.values()} == set(BUILT_IN)
    assert fleet.notices == ()


def test_the_example_buys_no_more_than_its_limit_and_only_fictitious_numbers(desk: Desk) -> None:
    fleet = desk.load(package_data.text("numbers.yaml.example"))
    bought = [a.name for a in fleet.by_address() if a.kind == "number"]
    assert len(bought) <= fleet.safety.max_purchases
    for tn in {a.name for a in fleet.by_address() if phone.is_e164(a.name)}:
        assert tn[5:10] == "55501" or tn.startswith("+447700900")


def test_the_example_is_valid_by_the_published_schema_alone_and_writes_every_field() -> None:
    example = yaml.safe_load(package_data.text("numbers.yaml.example"))
    Draft202012Validator(schema.document()).validate(example)
    written = {key for number in example["numbers"].values() for key in number} | set(example["defaults"]["numbers"])
    assert written == set(schema.definition("number")["properties"])
    assert set(example) == set(schema.document()["properties"])
    assert set(example["safety"]) == set(schema.definition("safety")["properties"])
    providers = {key for provider in example["providers"].values() for key in provider} | {"moved"}  # as a comment
    assert providers == set(schema.definition("provider")["properties"])


def described(node: Any, path: str = "") -> list[tuple[str, Any]]:
    """Every subschema that stands for a field, with its path."""
    found = []
    if isinstance(node, dict):
        for key, value in node.items():
            if key in ("properties", "$defs"):
                found += [(f"{path}/{name}", field) for name, field in value.items()]
            if key not in ("examples", "default", "required", "enum"):
                found += described(value, f"{path}/{key}")
    return found


def test_the_schema_is_one_and_describes_every_field_with_a_valid_example() -> None:
    Draft202012Validator.check_schema(schema.document())
    assert schema.document()["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    for path, field in described(schema.document()):
        target = schema.definition(str(field["$ref"]).rpartition("/")[2]) if "$ref" in field else field
        assert {"description", "examples", "x-write"} <= set(target), path
        validator = Draft202012Validator({**target, "$defs": schema.document()["$defs"]})
        for example in target["examples"]:
            validator.validate(example)


def patterns(node: object) -> list[str]:
    if isinstance(node, dict):
        own = [node["pattern"]] if isinstance(node.get("pattern"), str) else []
        return own + [p for value in node.values() for p in patterns(value)]
    return []


def test_every_pattern_of_the_schema_is_anchored_and_free_of_other_scripts_digits() -> None:
    found = patterns(schema.document())
    assert found
    assert all(pattern.startswith("^") and pattern.endswith("$") and r"\d" not in pattern for pattern in found)


# Resources


def test_a_line_at_intelepeer_is_sms_and_webhook_without_a_number(desk: Desk) -> None:
    text = f'{HEAD}numbers:\n  "+17205550142": {{provider: intelepeer, sms: true, webhook: {HOOK}}}\n'
    fleet = desk.load(text)
    assert addresses(fleet) == ["sms/+17205550142", "webhook/+17205550142"]
    sms, webhook = fleet.resources
    assert (sms.account, dict(sms.attrs), sms.needs) == ("intelepeer", {"enabled": True}, ())
    assert dict(webhook.attrs) == {"url": WebhookUrl(HOOK)}
    assert webhook.needs == (sms.address,)


def test_another_carrier_may_carry_the_messages_of_a_bought_number(desk: Desk) -> None:
    line = "{provider: infobip, sms: {provider: intelepeer}, webhook: https://h.example/x}"
    fleet = desk.load(f'{HEAD}numbers:\n  "+447700900123": {line}\n')
    number, sms, webhook = fleet.resources
    assert [r.account for r in fleet.resources] == ["infobip", "intelepeer", "intelepeer"]
    assert sms.needs == (number.address,)
    assert webhook.needs == (sms.address,)


def test_a_webhook_alone_manages_the_webhook_alone(desk: Desk) -> None:
    fleet = desk.load(f'{HEAD}numbers:\n  "+17205550142": {{provider: intelepeer, webhook: {HOOK}}}\n')
    assert addresses(fleet) == ["webhook/+17205550142"]
    assert fleet.resources[0].needs == ()


def test_a_campaign_becomes_an_assignment_that_needs_number_and_campaign(desk: Desk) -> None:
    text = f'{HEAD}{MESSAGING}numbers:\n  "+12015550123": {{provider: voicetel, campaign: alerts, route: 4}}\n'
    fleet = desk.load(text)
    by_address = {str(r.address): r for r in fleet.resources}
    assert dict(by_address["number/+12015550123"].attrs) == {"route": 4}
    assignment = by_address["assignment/+12015550123"]
    assert dict(assignment.attrs) == {"campaign": "CACME01"}
    assert [str(n) for n in assignment.needs] == ["number/+12015550123", "campaign/alerts"]
    assert dict(by_address["campaign/alerts"].attrs) == {
        "id": "CACME01", "brand": "BACME01", "description": "Delivery alerts",
    }  # fmt: skip
    assert [str(n) for n in by_address["campaign/alerts"].needs] == ["brand/acme"]


def test_protect_and_labels_of_a_line_are_on_all_its_resources(desk: Desk) -> None:
    text = (
        f"{HEAD}defaults: {{numbers: {{labels: {{team: core, site: x}}, protect: true}}}}\n"
        'numbers:\n  "+447700900123": {provider: infobip, sms: {provider: intelepeer}, labels: {team: desk}}\n'
        '  "+447700900124": {provider: infobip, protect: false}\n'
    )
    fleet = desk.load(text)
    first = [r for r in fleet.resources if r.address.name == "+447700900123"]
    assert len(first) == 2
    assert all((dict(r.labels), r.protect) == ({"team": "desk", "site": "x"}, True) for r in first)
    assert fleet.resources[1].protect is False


def test_protect_that_is_not_written_is_none(desk: Desk) -> None:
    assert (
        desk.resource("number/+447700900123", f'{HEAD}numbers: {{"+447700900123": {{provider: infobip}}}}').protect
        is None
    )


def test_a_default_fills_only_the_numbers_whose_carrier_can_do_it(desk: Desk) -> None:
    fleet = desk.load(
        f"{HEAD}{MESSAGING}defaults:\n  numbers: {{sms: true, webhook: {HOOK}, campaign: alerts, route: 7}}\n"
        "numbers:\n"
        '  "+17205550142": {provider: intelepeer}\n'
        '  "+17205550143": {provider: intelepeer, sms: false}\n'
        '  "+12015550123": {provider: voicetel}\n'
        '  "+18005550123": {provider: voicetel}\n'
        '  "+447700900123": {provider: infobip}\n'
    )
    assert addresses(fleet) == [
        "assignment/+12015550123",
        "brand/acme",
        "campaign/alerts",
        "number/+12015550123",
        "number/+18005550123",
        "number/+447700900123",
        "sms/+17205550142",
        "sms/+17205550143",
        "webhook/+17205550142",
    ]
    by_address = {str(r.address): dict(r.attrs) for r in fleet.resources}
    assert by_address["number/+12015550123"] == {"route": 7}
    assert by_address["number/+447700900123"] == {}
    assert by_address["sms/+17205550143"] == {"enabled": False}


def test_an_unquoted_number_is_read_exactly_as_written(desk: Desk) -> None:
    fleet = desk.load(f"{HEAD}numbers:\n  +17205550142: {{provider: intelepeer, sms: true}}\n")
    assert addresses(fleet) == ["sms/+17205550142"]


def test_a_webhook_in_the_environment_is_resolved_and_never_shown(desk: Desk) -> None:
    text = f'{HEAD}numbers:\n  "+17205550142": {{provider: intelepeer, webhook: {{env: HOOK}}}}\n'
    secret = "https://user:CANARY@hooks.example.com/x?key=CANARY"
    fleet = desk.load(text, HOOK=secret)
    assert fleet.resources[0].attrs["url"].reveal() == secret
    assert "CANARY" not in repr(fleet)
    assert "CANARY" not in "".join(desk.problems(text, HOOK="http://hooks.example.com/CANARY"))
    stand_in = desk.load(text, sandbox=True).resources[0].attrs["url"]
    assert stand_in == WebhookUrl("https://hooks.example.com/HOOK")


def test_resources_are_sorted_and_know_their_place(desk: Desk) -> None:
    fleet = desk.load(
        f'{HEAD}numbers:\n  "+447700900124": {{provider: infobip}}\n  "+447700900123": {{provider: infobip}}\n'
    )
    assert addresses(fleet) == ["number/+447700900123", "number/+447700900124"]
    assert str(fleet.resources[0].mark).endswith("0.yaml:8:3")


# Accounts and limits


def test_an_account_has_its_carriers_defaults(desk: Desk) -> None:
    fleet = desk.load(HEAD)
    assert account(fleet, "voicetel").base_url == "https://api.voicetel.com"
    assert account(fleet, "voicetel").settle_after == timedelta(seconds=900)
    assert account(fleet, "infobip").settle_after == timedelta(seconds=300)
    assert account(fleet, "infobip").path == "/sms/1/numbers"
    assert account(fleet, "intelepeer").credentials == {"token": SecretRef("env", ("INTELEPEER_TOKEN",))}
    assert account(fleet, "voicetel").credentials == {"api_key": SecretRef("env", ("INUMBERING_API_KEY",))}
    assert account(fleet, "infobip").credentials == {"api_key": SecretRef("env", ("INFOBIP_API_KEY",))}
    assert fleet.safety == Safety()
    assert str(fleet.state.url).endswith("/.tnctl/state.db")


def test_an_account_has_what_is_written(desk: Desk) -> None:
    fleet = desk.load(
        "version: 1\nproviders:\n  v:\n    type: inumbering\n    base_url: http://127.0.0.1:8080/v/\n"
        "    account_api: true\n    settle_after: 20m\n    on_ambiguous: stop\n"
        "    limits: {requests_per_second: 0.5, max_in_flight: 2}\n"
        "    credentials: {api_key: {command: [pass, show, key]}}\n"
        "  i: {type: infobip, credentials: {username: {env: U}, password: {file: pw}}}\n"
    )
    v = account(fleet, "v")
    assert (v.base_url, v.option("account_api"), v.option("on_ambiguous")) == ("http://127.0.0.1:8080/v", True, "stop")
    assert v.settle_after == timedelta(minutes=20)
    assert (v.limits.requests_per_second, v.limits.max_in_flight) == (0.5, 2)
    assert v.credentials == {"api_key": SecretRef("command", ("pass", "show", "key"))}
    assert account(fleet, "i").credentials == {
        "username": SecretRef("env", ("U",)), "password": SecretRef("file", ("pw",)),
    }  # fmt: skip


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9:81", "[::1]:8080"])
def test_plain_http_is_for_loopback(desk: Desk, host: str) -> None:
    desk.load(f'version: 1\nproviders: {{a: {{type: infobip, base_url: "http://{host}"}}}}\n')


def test_safety_holds_what_is_written_as_exact_amounts(desk: Desk) -> None:
    limits = 'max_deletes: {percent: 5}, max_monthly: {EUR: "100.10"}, unknown_prices: refuse'
    text = f"version: 1\nsafety: {{max_releases: 2, {limits}}}\n"
    expected = Safety(
        max_releases=2, max_deletes_percent=5, unknown_prices="refuse", max_monthly={"EUR": Decimal("100.10")}
    )
    assert desk.load(text).safety == expected


def test_the_state_may_come_from_the_environment_with_its_password(desk: Desk) -> None:
    text = "version: 1\nstate: {env: DB}\n"
    assert desk.load(text, DB="postgresql://u:CANARY@db/tnctl").state.url == "postgresql://u:CANARY@db/tnctl"
    assert "CANARY" not in "".join(desk.problems(text, DB="mysql://u:CANARY@db/tnctl"))
    assert desk.load(text, sandbox=True).state == desk.load("version: 1\n").state


def test_an_unusual_brand_id_is_noticed(desk: Desk) -> None:
    line = 'numbers: {"+12015550100": {provider: voicetel, campaign: alerts}}\n'
    notices = desk.load(HEAD + MESSAGING.replace("BACME01", "B12345") + line).notices
    assert [(n.severity, n.address) for n in notices] == [("warning", "brand/acme")]


# Several files


def test_maps_merge_by_key_over_files_and_one_version_is_enough(desk: Desk) -> None:
    fleet = desk.load(
        HEAD,
        'numbers: {"+447700900123": {provider: infobip}}',
        'version: 1\nnumbers: {"+447700900124": {provider: infobip}}',
    )
    assert addresses(fleet) == ["number/+447700900123", "number/+447700900124"]


def test_the_same_key_in_two_files_names_both_places(desk: Desk) -> None:
    line = 'numbers: {"+447700900123": {provider: infobip}}\n'
    (problem,) = desk.problems(HEAD, line, line)
    assert problem.startswith("2.yaml:1:11: `+447700900123` is declared at ")
    assert "1.yaml:1:11" in problem


def test_state_defaults_and_safety_stand_once(desk: Desk) -> None:
    once = "safety: {}\ndefaults: {}\nstate: sqlite:///a.db\n"
    problems = desk.problems(HEAD + once, once)
    assert [line.split(": ")[0] for line in problems] == ["1.yaml:1:1", "1.yaml:2:1", "1.yaml:3:1"]
    assert all("stands at" in line and "0.yaml:" in line for line in problems)


def test_a_missing_version_is_told_once(desk: Desk) -> None:
    assert desk.problems("numbers: {}\n", "brands: {}\n") == ["0.yaml:1:1: `version` is missing: write `version: 1`"]


def test_problems_come_in_the_order_of_files_and_from_all_of_them(desk: Desk) -> None:
    problems = desk.problems("version: 2\n", "number: {}\nnumbers: []\n", "a: [x\n")
    assert [line.split(": ")[0] for line in problems] == ["0.yaml:1:10", "1.yaml:1:1", "1.yaml:2:10", "2.yaml:1:4"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("numbers:\n", "1:1: `numbers` must not be empty: write `numbers: {}` or remove the key; else write"),
        ("pools: null\n", "1:8: `pools` must not be empty: write `pools: {}` or remove the key; else write"),
        ("prices:\n", "1:1: `prices` must not be empty: write `prices: []` or remove the key; else write"),
        ("safety: ~\n", "1:9: `safety` must not be empty: write `safety: {}` or remove the key; else write"),
        (
            "defaults: {numbers: }\n",
            "1:12: `numbers` must not be empty: write `numbers: {}` or remove the key; else write",
        ),
        ("state:\n", "1:1: `state` must not be empty: write sqlite:///PATH, postgresql://HOST/DATABASE or {env: NAME}"),
        ('numbers: {"+447700900123": }\n', "1:11: `+447700900123` must not be empty: write a map such as {provider"),
        ("providers: {ib: }\n", "1:13: `ib` must not be empty: write a map with at least `type`"),
    ],
)
def test_of_a_key_with_nothing_behind_it_the_message_says_how_to_write_none(desk: Desk, text: str, told: str) -> None:
    (problem,) = desk.problems(f"{text}version: 1\n")
    assert problem.startswith(f"0.yaml:{told}")


@pytest.mark.parametrize("key", ["providers", "brands", "campaigns", "numbers", "pools", "safety", "defaults"])
def test_what_the_message_advises_for_an_empty_section_is_valid(desk: Desk, key: str) -> None:
    assert desk.load(f"version: 1\n{key}: {{}}\n") == desk.load("version: 1\n")


def test_a_directory_is_its_visible_yaml_files_and_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "b.yml").write_text('numbers: {"+447700900123": {provider: infobip}}')
    (tmp_path / "a.yaml").write_text(HEAD)
    (tmp_path / ".hidden.yaml").write_text("{")
    (tmp_path / "notes.txt").write_text("{")
    (tmp_path / "sub.yaml").mkdir()
    fleet = load_configuration([tmp_path, tmp_path / "b.yml", tmp_path / "." / "a.yaml"], {})
    assert addresses(fleet) == ["number/+447700900123"]


def test_paths_that_lead_nowhere_are_told_with_a_place(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_configuration([tmp_path / "none.yaml", tmp_path], {})
    first, second = caught.value.problems
    assert (
        first == f"{tmp_path / 'none.yaml'}:1:1: no such file: name one with -f, or write a starter with `tnctl init`"
    )
    assert second == f"{tmp_path}:1:1: the directory holds no *.yaml or *.yml file: name one that does"


def test_a_file_that_never_ends_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("reconciler.config.load.source.LARGEST_FILE", 1024 * 1024)
    (tmp_path / "big.yaml").write_bytes(b"#" * (1024 * 1024 + 1))
    with pytest.raises(ConfigError, match="larger than 1 MiB"):
        load_configuration([tmp_path / "big.yaml"], {})


# The process


def test_the_garbage_collector_is_as_it_was_also_after_a_refusal(desk: Desk) -> None:
    desk.problems("a: [x\n")
    assert gc.isenabled()
    gc.disable()
    try:
        desk.load("version: 1\n")
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_login_in_a_written_webhook_is_a_warning_that_does_not_show_it(desk: Desk) -> None:
    line = '"+17205550142": {provider: intelepeer, sms: true, webhook: https://u:CANARY@h.example/x}'
    fleet = desk.load("version: 1\nproviders: {intelepeer: {type: intelepeer}}\nnumbers: {" + line + "}")
    assert any("user name or password" in notice.message for notice in fleet.notices)
    assert "CANARY" not in repr(fleet)


def test_a_key_written_twice_hides_no_other_problem(desk: Desk) -> None:
    told = desk.problems(
        HEAD + 'numbers:\n  "+17205550142": {provider: intelepeer, smss: true}\n'
        '  "+17205550143": {provider: intelepeer, sms: true}\n  "+17205550143": {provider: intelepeer, sms: false}\n'
    )
    assert [line.split(": ")[0] for line in told] == ["0.yaml:7:42", "0.yaml:9:3"]
