"""The sandbox Infobip.

``switches.py`` what may differ · ``stock.py`` the numbers on offer, their keys and prices · ``paging.py`` lists in
pages, honest or not · ``carrier.py`` the account.
"""

from reconciler.sandbox.infobip.carrier import InfobipCarrier
from reconciler.sandbox.infobip.switches import InfobipSwitches

__all__ = ["InfobipCarrier", "InfobipSwitches"]
