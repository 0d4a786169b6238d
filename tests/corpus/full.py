"""A configuration that writes every option there is, and a walk over it beside the published schema."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from reconciler.config import schema
from tests.corpus.sheet import Path

FULL: Final[Mapping[str, Any]] = {
    "version": 1,
    "fleet": "support",
    "state": {"env": "STATE_URL"},
    "providers": {
        "ip": {
            "type": "intelepeer",
            "base_url": "https://api.example.com",
            "credentials": {"token": {"env": "TOKEN"}},
            "limits": {"requests_per_second": 20, "max_in_flight": 16},
        },
        "vt": {
            "type": "inumbering",
            "credentials": {"api_key": {"command": ["pass", "show"]}},
            "account_api": False,
            "settle_after": "900s",
            "on_ambiguous": "settle",
        },
        "ib": {
            "type": "infobip",
            "api_path": "/sms/1/numbers",
            "moved": "old",
            "credentials": {"username": {"file": "/user"}, "password": {"env": "PASSWORD"}},
        },
    },
    "defaults": {"numbers": {"webhook": "https://hooks.example.com/all", "labels": {"team": "all"}}},
    "brands": {"acme": {"provider": "vt", "id": "BACME01", "name": "ACME", "description": "ACME alerts"}},
    "campaigns": {
        "alerts": {"provider": "vt", "brand": "acme", "id": "CACME01", "description": "Alerts", "max_numbers": 100},
    },
    "numbers": {
        "+17205550142": {"provider": "ip", "sms": True, "webhook": "https://hooks.example.com/in"},
        "+17205550143": {"provider": "ip", "sms": {"enabled": True, "provider": "ip"}, "webhook": {"env": "HOOK"}},
        "+12015550123": {
            "provider": "vt",
            "campaign": "alerts",
            "route": 4,
            "protect": True,
            "labels": {"team": "support"},
            "release": {"after": "30d"},
        },
    },
    "pools": {
        "nj": {
            "provider": "vt",
            "size": 3,
            "search": {
                "provider": "vt",
                "tn_mask": "201xxxxxxx",
                "province": "NJ",
                "rate_center": "HACKENSACK",
                "lata": 224,
            },
            "max_monthly": {"amount": "6.00", "currency": "USD"},
            "max_setup": {"amount": "1.00", "currency": "USD"},
            "prefer": "cheapest",
            "adopt": False,
            "moved": "jersey",
            "sms": {"enabled": True, "provider": "ip"},
            "webhook": "https://hooks.example.com/nj",
            "campaign": "alerts",
            "route": 4,
            "protect": True,
            "release": {"after": "30d"},
            "labels": {"team": "support"},
        },
        "uk": {
            "provider": "ib",
            "size": 2,
            "search": [{"country": "GB", "capabilities": ["SMS"], "contains": "4477"}, {"country": "GB"}],
            "prefer": ["cheapest", {"vanity": "*CALL"}],
        },
        "eu": {"provider": "ib", "size": 1, "search": {"country": "DE"}, "prefer": {"vanity": "*99"}},
    },
    "prices": [
        {
            "provider": "vt",
            "country": "US",
            "type": "local",
            "monthly": "0.85",
            "setup": "0.50",
            "currency": "USD",
            "as_of": "2026-01-31",
        },
    ],
    "safety": {
        "max_purchases": 10,
        "max_releases": 0,
        "max_deletes": {"count": 10, "percent": 10},
        "unknown_prices": "allow",
        "max_monthly": {"EUR": "100.00"},
        "max_setup": {"EUR": "20.00"},
        "release": ["+447700900124"],
        "forget": ["+447700900125"],
    },
}

_JSON_TYPES: Final = ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string"), (list, "array"))


@dataclass(frozen=True, slots=True)
class Field:
    """One value of :data:`FULL` with the schema that it is held against."""

    path: Path
    rule: Mapping[str, Any]
    value: Any

    @property
    def types(self) -> frozenset[str]:
        """The JSON types that the schema allows here."""
        named = self.rule.get("type")
        if named is None:
            named = [next(name for kind, name in _JSON_TYPES if isinstance(v, kind)) for v in self.rule["enum"]]
        found = {named} if isinstance(named, str) else set(named)
        found |= {"array"} if "then" in self.rule else set()
        return frozenset(found | {"integer"} if "number" in found else found)

    @property
    def is_closed_map(self) -> bool:
        """Whether the value is a map whose keys the schema names."""
        return isinstance(self.value, dict) and self.rule.get("additionalProperties") is False


def fields() -> list[Field]:
    """Every value of :data:`FULL`, the whole first."""
    return list(_walk(schema.document(), FULL, ()))


def _walk(rule: Mapping[str, Any], value: Any, path: Path) -> Iterator[Field]:
    """``value`` and all that is in it."""
    rule = _resolved(rule, is_list=isinstance(value, list))
    yield Field(path, rule, value)
    if isinstance(value, Mapping):
        for key, member in value.items():
            named = rule.get("properties", {}).get(key)
            yield from _walk(rule["additionalProperties"] if named is None else named, member, (*path, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _walk(rule["items"], item, (*path, number))


def _resolved(rule: Mapping[str, Any], *, is_list: bool = False) -> Mapping[str, Any]:
    """The definition that ``rule`` refers to, with what stands beside the reference. One that takes a value or a list
    of such values is the definition of the value, and for a list that of its items as well."""
    if "else" in rule:
        beside = {key: rule[key] for key in rule.keys() - {"if", "else"}}
        return {**_resolved(rule["else"]), **beside, **(rule["then"] if is_list else {})}
    if "$ref" not in rule:
        return rule
    return {**schema.definition(rule["$ref"].rpartition("/")[2]), **rule}


def replaced(path: Path, value: Any) -> dict[str, Any]:
    """A copy of :data:`FULL` with ``value`` at ``path``, which may be new."""
    document = copy.deepcopy(dict(FULL))
    _owner(document, path)[path[-1]] = value
    return document


def without(path: Path) -> dict[str, Any]:
    """A copy of :data:`FULL` that lacks what is at ``path``."""
    document = copy.deepcopy(dict(FULL))
    del _owner(document, path)[path[-1]]
    return document


def _owner(document: Any, path: Path) -> Any:
    """The map or list that holds what is at ``path``."""
    for step in path[:-1]:
        document = document[step]
    return document
