"""What Hypothesis may draw: the natures of the carriers, lines of YAML, options of a run, moments, and faults."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st

from reconciler.planning.limits import Allowances
from reconciler.sandbox import FAULTS, InfobipSwitches, IntelePeerSwitches, INumberingSwitches, Rule
from reconciler.sandbox.switches import Switches
from reconciler.workflows.session import Options
from tests.simulation.stateful import fleet
from tests.simulation.stateful.ending import GENEROUS
from tests.simulation.stateful.fleet import Line

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

numbers = st.sampled_from(sorted(fleet.NUMBERS))
sold = st.sampled_from(fleet.SOLD)
lines = numbers.flatmap(
    lambda tn: st.tuples(st.just(Line.fresh(tn)), st.sampled_from(fleet.EDITS[fleet.NUMBERS[tn]])).map(
        lambda pair: fleet.edited(*pair)
    )
)
options = st.builds(
    Options,
    allow=st.sampled_from([GENEROUS, GENEROUS, Allowances()]),
    wait=st.sampled_from([timedelta(minutes=15), timedelta(0)]),
)
boundaries = st.integers(min_value=1, max_value=50)
moments = st.integers(min_value=1, max_value=25)
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
