"""What Hypothesis may draw: the natures of the carriers, entries of the YAML, runs, moments, and faults."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from reconciler.sandbox import FAULTS, InfobipSwitches, IntelePeerSwitches, INumberingSwitches, Rule
from reconciler.sandbox.switches import Switches
from tests.simulation.acts import Kind, Run
from tests.simulation.fleet import NumberEntry, Pool

CARRIERS: dict[str, list[Switches]] = {
    "ip": [
        IntelePeerSwitches(),
        IntelePeerSwitches(stage_seconds=90, webhook_delay_seconds=60, webhook_after_disabling="cleared"),
        IntelePeerSwitches(
            never_enabled="no-provisioning", repeat_enable="409", webhook_before_enabling="400", ends_as="none"
        ),
    ],
    "vt": [
        INumberingSwitches(order_again="buys-again"),
        INumberingSwitches(order_again="buys-again", search_cache_seconds=600, errors_as="body"),
    ],
    "api": [
        INumberingSwitches(order_again="buys-again"),
        INumberingSwitches(order_again="buys-again", search_cache_seconds=600, list_lag_seconds=120, errors_as="body"),
    ],
    "ib": [
        InfobipSwitches(purchase_again="charges", list_lag_seconds=120),
        InfobipSwitches(list_lag_seconds=120, available_lag_seconds=120, taken="404-empty"),
        InfobipSwitches(purchase_again="charges", reservation_seconds=60, key_style="path", page_cap=20),
    ],
}
"""Account -> the natures that it may have. Where a carrier lets one pay twice, it does; but an Infobip that charges
twice for one key, and goes on offering what it has just sold, is the residual risk that the contract names."""

ACCOUNT_OF = {
    **{f"+172055501{n:02}": "ip" for n in range(3)},
    **{f"+120155501{n:02}": "vt" for n in range(3)},
    **{f"+120155501{n:02}": "api" for n in range(50, 53)},
    **{f"+4477009001{n:02}": "ib" for n in range(4)},
}
"""Every number that may ever be declared -> its account."""

NUMBERS = tuple(NumberEntry(tn, account, sms=True if account == "ip" else None) for tn, account in ACCOUNT_OF.items())
"""The shortest entry of each. IntelePeer's numbers are not bought: one without SMS says nothing."""

EDITS: dict[str, tuple[dict[str, Any], ...]] = {
    "ip": ({"sms": True}, {"sms": False}, {"hook": 1}, {"hook": 2}, {"hook": None}),
    "vt": ({"campaign": True}, {"campaign": False}, {"protect": True}, {"protect": False}, {"route": 3}),
    "api": (
        {"campaign": True},
        {"campaign": False},
        {"route": 3},
        {"route": 4},
        {"sms": True},
        {"sms": None},
        {"protect": True},
        {"protect": False},
        {"protect": None},
    ),
    "ib": ({"protect": True}, {"protect": False}, {"protect": None}, {"sms": None}),
}
"""Account -> what a person may change on an entry there."""

numbers = st.integers(min_value=0, max_value=len(NUMBERS) - 1)
entries = st.sampled_from(NUMBERS).flatmap(
    lambda fresh: st.sampled_from(EDITS[fresh.account]).map(lambda edit: replace(fresh, **edit))
)
pools = st.none() | st.builds(Pool, st.sampled_from(["vt", "api", "ib"]), st.integers(min_value=1, max_value=3))
runs = st.builds(Run, allow=st.sampled_from([True, True, False]), wait=st.sampled_from([900, 0]))
boundaries = st.integers(min_value=1, max_value=50)
moments = st.integers(min_value=1, max_value=25)
midcalls = st.sampled_from([Kind.JUMP, Kind.STEAL, Kind.SECOND_APPLY, Kind.STOP, Kind.PAUSE])
at_large = st.sampled_from(
    [Kind.RIVAL, Kind.PORTAL_BUY, Kind.PORTAL_RELEASE, Kind.PORTAL_SMS, Kind.PORTAL_HOOK, Kind.RIVAL_AT_THE_POOL]
)
"""What rivals and colleagues do."""

faults = st.sampled_from(sorted(FAULTS)).flatmap(
    lambda name: st.builds(
        Rule,
        st.just(name),
        call=st.sampled_from(["write", "write", "read", "*"]),
        when=st.sampled_from([*FAULTS[name].moments, None]),
        first=st.integers(min_value=1, max_value=3),
        times=st.sampled_from([1, 1, 3, None]),
    )
)

natures = st.fixed_dictionaries({account: st.sampled_from(several) for account, several in CARRIERS.items()})
