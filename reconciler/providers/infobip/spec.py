"""What is to be known of Infobip before an account is asked."""

from __future__ import annotations

from datetime import timedelta

from reconciler.model.carrier_spec import CarrierSpec

SPEC = CarrierSpec(
    type="infobip",
    base_url="https://api.infobip.com",
    account="reconciler.providers.infobip.provider:Infobip",
    credentials=(frozenset({"api_key"}), frozenset({"username", "password"}), frozenset({"token"})),
    environment={"api_key": "INFOBIP_API_KEY"},
    features=frozenset({"search", "release"}),
    options={
        "api_path": {
            "description": "infobip only: the path of the numbers service. The older one is the default.",
            "enum": ["/sms/1/numbers", "/numbers/1/numbers"],
            "default": "/sms/1/numbers",
            "x-write": "/sms/1/numbers or /numbers/1/numbers",
            "examples": ["/numbers/1/numbers"],
        },
    },
    search_fields={
        "country": {
            "description": "A country, by ISO 3166-1: GB, not UK.",
            "type": "string",
            "pattern": "^[A-Z]{2}$",
            "x-write": "a country of two capital letters, such as GB",
            "examples": ["GB"],
        },
        "capabilities": {
            "description": "What the number must be able to do.",
            "type": "array",
            "minItems": 1,
            "items": {
                "description": "One capability.",
                "type": "string",
                "pattern": "^[A-Z][A-Z_]{1,30}$",
                "x-write": "a capability in capital letters, such as SMS",
                "examples": ["SMS"],
            },
            "x-write": "a list such as [SMS, VOICE]",
            "examples": [["SMS", "VOICE"]],
        },
        "contains": {
            "description": "Digits that the number contains, country code included.",
            "type": "string",
            "pattern": "^[0-9]{1,15}$",
            "x-write": 'digits in quotes, such as "4477"',
            "examples": ["4477"],
        },
    },
    settle_after=timedelta(seconds=300),
    path_option="api_path",
)
