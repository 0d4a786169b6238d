"""The sandbox iNumbering.

``switches.py`` what may differ · ``stock.py`` the numbers on offer · ``state.py`` what the account holds, and how it
words its answers · ``market.py`` search, coverage and order · ``messaging.py`` brands, campaigns, assignments ·
``account_api.py`` the sibling calls · ``carrier.py`` which call a request makes.
"""

from reconciler.sandbox.inumbering.carrier import INumberingCarrier
from reconciler.sandbox.inumbering.switches import INumberingSwitches

__all__ = ["INumberingCarrier", "INumberingSwitches"]
