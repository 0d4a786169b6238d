"""The carriers that a configuration may name, and the schema that has them."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest

from reconciler import package_data
from reconciler.config import schema
from reconciler.model.carrier_spec import CarrierSpec, UnusableCarrierError
from reconciler.providers.installed import BUILT_IN

OTHER = CarrierSpec(
    type="other",
    base_url="https://other.example",
    account="other:Other",
    credentials=(frozenset({"key"}),),
    environment={"key": "OTHER_KEY"},
)


def test_the_published_schema_is_that_of_the_built_in_carriers() -> None:
    published: dict[str, Any] = json.loads(package_data.text("schemas/config.schema.json"))
    assert schema.installed(BUILT_IN.values()) == published
    bare = deepcopy(published)
    account, search = (bare["$defs"][name]["properties"] for name in ("provider", "search"))
    account["type"]["enum"], account["type"]["x-write"] = [], ""
    account["credentials"]["properties"] = {}
    for spec in BUILT_IN.values():
        for properties, own in ((account, spec.options), (search, spec.search_fields)):
            for name in own:
                del properties[name]
    assert schema.installed(BUILT_IN.values(), bare) == published


def test_a_carrier_that_takes_a_name_for_something_else_is_refused() -> None:
    account = schema.definition("provider")["properties"]
    shared = {"api_path": {**account["api_path"], "description": "The same."}}
    kept = CarrierSpec(**{**_fields(OTHER), "options": shared})
    assert schema.installed([*BUILT_IN.values(), kept])["$defs"]["provider"]["properties"] == {
        **account,
        "type": {
            **account["type"],
            "enum": [*BUILT_IN, "other"],
            "x-write": "intelepeer, inumbering, infobip or other",
        },
        "credentials": {
            **account["credentials"],
            "properties": {**account["credentials"]["properties"], "key": {"$ref": "#/$defs/secret"}},
        },
    }
    for taken in ({"options": {"base_url": {"type": "integer"}}}, {"search_fields": {"country": {"type": "integer"}}}):
        with pytest.raises(UnusableCarrierError, match="that is another's"):
            schema.installed([*BUILT_IN.values(), CarrierSpec(**{**_fields(OTHER), **taken})])


def test_a_carrier_has_known_features_and_a_way_in() -> None:
    with pytest.raises(ValueError, match="no such feature: fax"):
        CarrierSpec(**{**_fields(OTHER), "features": frozenset({"fax"})})
    with pytest.raises(ValueError, match="none of the sets of credentials"):
        CarrierSpec(**{**_fields(OTHER), "environment": {}})


def _fields(spec: CarrierSpec) -> dict[str, Any]:
    return {name: getattr(spec, name) for name in CarrierSpec.__slots__}
