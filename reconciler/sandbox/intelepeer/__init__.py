"""The sandbox IntelePeer: ``switches.py`` what may differ · ``carrier.py`` the state machine."""

from reconciler.sandbox.intelepeer.carrier import IntelePeerCarrier
from reconciler.sandbox.intelepeer.switches import IntelePeerSwitches

__all__ = ["IntelePeerCarrier", "IntelePeerSwitches"]
