"""The program on the sandbox's carriers, with one account of each kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from reconciler.model import Plan, Report
from reconciler.model.fleet import CarrierType
from reconciler.sandbox import AccountSpec, Sandbox, VirtualClock
from reconciler.sandbox.switches import Switches
from reconciler.testing import ENVIRON, Heard, Program

__all__ = ["ACCOUNTS", "ENVIRON", "Heard", "Rig", "actions", "results"]

ACCOUNTS = """version: 1
providers:
  ip: {type: intelepeer}
  vt: {type: inumbering}
  api: {type: inumbering, account_api: true}
  ib: {type: infobip}
"""


@dataclass
class Rig(Program):
    """One configuration file, one set of records, and the sandbox's carriers."""

    switches: Mapping[str, Switches] = field(default_factory=dict)
    carrier_clock: VirtualClock | None = None

    def __post_init__(self) -> None:
        specs = {
            "ip": AccountSpec(CarrierType.INTELEPEER, switches=self.switches.get("ip")),
            "vt": AccountSpec(CarrierType.INUMBERING, switches=self.switches.get("vt")),
            "api": AccountSpec(CarrierType.INUMBERING, account_api=True, switches=self.switches.get("api")),
            "ib": AccountSpec(CarrierType.INFOBIP, switches=self.switches.get("ib")),
        }
        self.sandbox = Sandbox(specs, self.carrier_clock or self.clock)

    def write(self, text: str, accounts: str = ACCOUNTS) -> None:
        """Make ``text`` (without version and providers) the configuration."""
        super().write(accounts + text)


def actions(plan: Plan) -> dict[str, str]:
    """Address -> action."""
    return {str(change.address): change.action.value for change in plan.changes}


def results(report: Report) -> dict[str, str]:
    """Address -> result."""
    return {str(outcome.address): outcome.result.value for outcome in report.outcomes}
