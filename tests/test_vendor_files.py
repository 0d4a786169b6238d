"""Our contracts say nothing that the vendors' own OpenAPI files do not, and leave out nothing that they require.

The files are the vendors' and not in the repository: ``TNCTL_VENDOR_SPECS`` names a folder that has them.
"""

from __future__ import annotations

import json
import os
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any

import pytest

from tests import contract
from tests.vendor_files import differences

VENDOR_SPECS = os.environ.get("TNCTL_VENDOR_SPECS")

SLIPS = {
    "infobip": [],
    "inumbering": [
        "POST /v2.1/messaging/campaigns/: body required: "
        "['apikey', 'campaignIDs'] here, ['apikey', 'campaigns'] at the vendor's"
    ],
}
"""Carrier -> where its files contradict themselves and our contract follows what they mean."""


@pytest.mark.skipif(VENDOR_SPECS is None, reason="TNCTL_VENDOR_SPECS names no folder with the vendors' OpenAPI files")
@pytest.mark.parametrize("carrier", SLIPS)
def test_a_contract_is_what_the_vendors_files_say(carrier: str) -> None:
    ours = contract.load(carrier)
    files = [Path(VENDOR_SPECS or "", name) for name in ours.vendor_files]
    assert differences(ours, [json.loads(file.read_text(encoding="utf-8")) for file in files]) == SLIPS[carrier]


def test_every_contract_is_compared_or_names_no_files() -> None:
    carriers = {path.stem for path in contract.CONTRACTS.glob("*.yaml")}
    assert {carrier for carrier in carriers if contract.load(carrier).vendor_files} == SLIPS.keys()


# The comparison can fail

OURS = """
types:
  Label: {tn*: string, kind: [mobile, fixed], labels: list of string, notes: map of string}
calls:
  POST /labels/{tn}:
    name: label
    path: {tn: string}
    query: {limit: int32}
    body*: Label
    answers: {200: Label, 404: nothing}
"""
STRING = {"type": "string"}
LABEL = {
    "type": "object",
    "required": ["tn"],
    "properties": {
        "tn": STRING,
        "kind": {"type": "string", "enum": ["fixed", "mobile"]},
        "labels": {"type": "array", "items": STRING},
        "notes": {"type": "object", "additionalProperties": STRING},
        "unused": STRING,
    },
}
JSON_LABEL = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Label"}}}}
THEIRS: dict[str, Any] = {
    "paths": {
        "/labels/{tn}": {
            "post": {
                "operationId": "label",
                "parameters": [
                    {"in": "path", "name": "tn", "required": True, "schema": STRING},
                    {"in": "query", "name": "limit", "schema": {"type": "integer", "format": "int32"}},
                    {"in": "query", "name": "unused", "schema": STRING},
                ],
                "requestBody": {"required": True, **JSON_LABEL},
                "responses": {"200": JSON_LABEL, "404": {"description": "Not Found"}},
            }
        }
    },
    "components": {"schemas": {"Label": LABEL}},
}


def test_a_contract_as_the_vendor_has_it_has_no_differences() -> None:
    assert differences(contract.parse(OURS), [{"paths": {}}, THEIRS]) == []


@pytest.mark.parametrize(
    ("ours", "bent", "difference"),
    [
        ("POST /labels/{tn}", "PUT /labels/{tn}", "PUT /labels/{tn}: the vendor has no such call"),
        ("POST /labels/{tn}", "POST /labels/{tn}/", "POST /labels/{tn}/: the vendor has no such call"),
        ("name: label", "name: relabel", "name: relabel here, label at the vendor's"),
        ("path: {tn: string}", "path: {tn: integer}", "path parameter tn type: integer here"),
        ("path: {tn: string}", "path: {}", "path parameter tn: required, not ours"),
        ("limit: int32", "size: int32", "query parameter size: not the vendor's"),
        ("limit: int32", "limit: integer", "query parameter limit format: None here, int32 at the vendor's"),
        ("body*: Label", "body: Label", "body required: False here, True at the vendor's"),
        ("    body*: Label\n", "", "body: False here, True at the vendor's"),
        ("tn*: string", "tn: string", "body required: [] here, ['tn'] at the vendor's"),
        ("tn*: string", "number*: string", "body.number: not the vendor's"),
        ("tn*: string", "tn*: integer", "200.tn type: integer here, string at the vendor's"),
        ("tn*: string", "tn*: string or null", "200.tn type: ['null', 'string'] here, string at the vendor's"),
        ("tn*: string", "tn*: string like ^1", "200.tn pattern: ^1 here, None at the vendor's"),
        ("labels: list", "labels*: list", "200 required: ['labels', 'tn'] here, ['tn'] at the vendor's"),
        ("[mobile, fixed]", "[mobile]", "body.kind enum: ['mobile'] here, ['fixed', 'mobile'] at the vendor's"),
        ("[mobile, fixed]", "string", "body.kind enum: None here, ['fixed', 'mobile'] at the vendor's"),
        ("list of string", "list of integer", "body.labels[] type: integer here, string at the vendor's"),
        ("map of string", "map of integer", "body.notes{} type: integer here, string at the vendor's"),
        ("map of string", "{own: string}", "body.notes.own: not the vendor's"),
        ("404: nothing", "409: nothing", "codes: ['200', '409'] here, ['200', '404'] at the vendor's"),
        ("404: nothing", "404: Label", "404 has a body: True here, False at the vendor's"),
        ("200: Label", "200: nothing", "200 has a body: False here, True at the vendor's"),
    ],
)
def test_what_a_contract_states_otherwise_is_found(ours: str, bent: str, difference: str) -> None:
    assert ours in OURS
    found = differences(contract.parse(OURS.replace(ours, bent)), [THEIRS])
    assert difference in "; ".join(found)


@pytest.mark.parametrize(
    ("steps", "value", "difference"),
    [
        (("paths", "/labels/{tn}", "post", "parameters", 2, "required"), True, "query parameter unused: required"),
        (("paths", "/labels/{tn}", "post", "parameters", 1, "required"), True, "query parameter limit required: False"),
        (("components", "schemas", "Label", "required"), ["tn", "unused"], "body required: ['tn'] here"),
        (("components", "schemas", "Label", "properties", "tn", "maxLength"), 15, "200.tn maxLength: None here, 15"),
        (
            ("paths", "/labels/{tn}", "post", "responses", "402"),
            {},
            "codes: ['200', '404'] here, ['200', '402', '404']",
        ),
    ],
)
def test_what_the_vendor_comes_to_require_is_found(steps: tuple[str | int, ...], value: Any, difference: str) -> None:
    changed = json.loads(json.dumps(THEIRS))
    reduce(getitem, steps[:-1], changed)[steps[-1]] = value
    assert difference in "; ".join(differences(contract.parse(OURS), [changed]))


def test_a_contract_with_a_word_that_says_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="'querry'"):
        contract.parse(OURS.replace("query:", "querry:"))
