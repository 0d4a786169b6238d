"""What is to be known of iNumbering before an account is asked."""

from __future__ import annotations

from datetime import timedelta

from reconciler.model.carrier_spec import CarrierSpec

SPEC = CarrierSpec(
    type="inumbering",
    base_url="https://api.voicetel.com",
    account="reconciler.providers.inumbering.provider:INumbering",
    credentials=(frozenset({"api_key"}),),
    environment={"api_key": "INUMBERING_API_KEY"},
    features=frozenset({"brand", "campaign", "route", "search", "release", "coverage"}),
    options={
        "account_api": {
            "description": "inumbering only: this account also serves the sibling calls that list, release and route "
            "owned numbers.",
            "type": "boolean",
            "default": False,
            "x-write": "true or false",
            "examples": [True],
        },
        "on_ambiguous": {
            "description": "inumbering only: what becomes of an order that got no answer. `settle` reads and may order "
            "the same number again; `stop` never does.",
            "enum": ["settle", "stop"],
            "default": "settle",
            "x-write": "settle or stop",
            "examples": ["stop"],
        },
    },
    search_fields={
        "tn_mask": {
            "description": "Ten places, each a digit or x; a capital X is read as x.",
            "type": "string",
            "pattern": "^[0-9xX]{10}$",
            "x-write": "ten places, each a digit or x, in quotes when all are digits, such as 201xxxxxxx",
            "examples": ["201xxxxxxx"],
        },
        "province": {
            "description": "A state or province.",
            "type": "string",
            "pattern": "^[A-Z]{2}$",
            "x-write": "the two capital letters of a state or province, such as NJ",
            "examples": ["NJ"],
        },
        "rate_center": {"description": "A rate center, as the carrier abbreviates it.", "$ref": "#/$defs/line"},
        "lata": {
            "description": "The number of a LATA.",
            "type": "integer",
            "minimum": 1,
            "maximum": 99999,
            "x-write": "a LATA's number from 1 to 99999, such as 224",
            "examples": [224],
        },
    },
    settle_after=timedelta(seconds=900),
    north_american=True,
    listing_option="account_api",
)
