"""The sandbox iNumbering.

``switches.py`` what may differ · ``stock.py`` the numbers on offer · ``carrier.py`` the account · ``market.py`` search,
coverage and order · ``messaging.py`` brands, campaigns, assignments · ``account.py`` the sibling calls.
"""

from reconciler.sandbox.inumbering.carrier import INumberingCarrier
from reconciler.sandbox.inumbering.switches import INumberingSwitches

__all__ = ["INumberingCarrier", "INumberingSwitches"]
