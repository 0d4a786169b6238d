"""What is to be known of the toy carrier before an account is asked."""

from __future__ import annotations

from datetime import timedelta

from reconciler.model.carrier_spec import CarrierSpec

SPEC = CarrierSpec(
    type="toy",
    base_url="https://toy.example",
    account="toy_carrier.provider:Toy",
    credentials=(frozenset({"toy_key"}),),
    environment={"toy_key": "TOY_KEY"},
    features=frozenset({"search", "release"}),
    options={
        "shop": {
            "description": "toy only: which of its shops the account buys in.",
            "enum": ["north", "south"],
            "default": "north",
            "x-write": "north or south",
        },
    },
    search_fields={
        "ends_with": {
            "description": "The last digits of the number.",
            "type": "string",
            "pattern": "^[0-9]{1,15}$",
            "x-write": 'digits in quotes, such as "42"',
        },
    },
    settle_after=timedelta(seconds=60),
    sandbox="toy_carrier.sandbox:ToyCarrier",
)
