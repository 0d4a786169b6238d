"""What is to be known of IntelePeer before an account is asked."""

from __future__ import annotations

from reconciler.model.carrier_spec import CarrierSpec

SPEC = CarrierSpec(
    type="intelepeer",
    base_url="https://api.intelepeer.com",
    account="reconciler.providers.intelepeer.provider:IntelePeer",
    credentials=(frozenset({"token"}),),
    environment={"token": "INTELEPEER_TOKEN"},
    features=frozenset({"sms", "webhook"}),
    north_american=True,
)
