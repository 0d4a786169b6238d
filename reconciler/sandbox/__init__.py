"""The built-in carriers: three state machines over a ledger and a clock, and two fronts before them.

``messages.py`` requests, responses and what a client makes of them · ``books.py`` records that know what changed ·
``ledger.py`` what was really done and charged · ``switches.py`` undocumented behaviour by name · ``spelling.py`` how
lists write numbers · ``carrier.py`` the commit point that all share, and their rate limits · ``intelepeer/``
``inumbering/`` ``infobip/`` the carriers · ``faults.py`` ``fault_effects.py`` what goes wrong on the way ·
``fault_syntax.py`` the same in words · ``sandbox.py`` the accounts behind one address · ``adapter.py`` and
``server.py`` the fronts · ``store.py`` the books on disk · ``control.py`` ``manual_changes.py`` ``visitors.py`` what
can be asked while it serves · ``curl_help.py`` how · ``virtual_clock.py`` time for tests.
"""

from reconciler.sandbox.faults import FAULTS, Chaos, Rule, When
from reconciler.sandbox.infobip import InfobipSwitches
from reconciler.sandbox.intelepeer import IntelePeerSwitches
from reconciler.sandbox.inumbering import INumberingSwitches
from reconciler.sandbox.ledger import Entry, Event, Ledger
from reconciler.sandbox.sandbox import SWITCHES, AccountSpec, Sandbox, describe_switches
from reconciler.sandbox.virtual_clock import VirtualClock

__all__ = [
    "FAULTS",
    "SWITCHES",
    "AccountSpec",
    "Chaos",
    "Entry",
    "Event",
    "INumberingSwitches",
    "InfobipSwitches",
    "IntelePeerSwitches",
    "Ledger",
    "Rule",
    "Sandbox",
    "VirtualClock",
    "When",
    "describe_switches",
]
