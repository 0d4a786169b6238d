"""What happens to the books when a person says that an object is ours, or is not (``tnctl state resolve``).

============= ============================ ================================
open intent   as owned                     as not owned
============= ============================ ================================
creates it    done                         failed
deletes it    failed                       done: the release is settled
of a batch    dropped: a batch holds what may be sent again, so the next plan decides on all of it
none          the record alone is written  the record alone is dropped
============= ============================ ================================
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from reconciler.model import Action, Intent, IntentStatus, Origin, Record, slots
from reconciler.state import intents, plans, records
from reconciler.state.intents import Closing

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from reconciler.model import Resolution


def resolve(connection: Connection, resolution: Resolution, record: Record | None) -> None:
    """Settle what is open of the address, write or drop its record, and keep the evidence.

    ``record`` is what to remember when it is ours; without it the present record stands, or a bare one. A number that
    was being bought for a slot gets it.
    """
    address = resolution.address
    unsettled = intents.read_open(connection, address)
    for intent in unsettled:
        intents.close(connection, intent, _closing(intent, resolution))
    if resolution.owned:
        known = record or records.read(connection, address) or Record(address, resolution.account, Origin.RESOLVED)
        ours = replace(known, origin=Origin.RESOLVED)
        filled = [intent.slot for intent in unsettled if intent.slot]
        records.put(connection, [ours, *(slots.record(slot, ours, resolution.at) for slot in filled)], resolution.at)
    else:
        records.drop(connection, [address])
    plans.write_resolution(connection, resolution)


def _closing(intent: Intent, resolution: Resolution) -> Closing:
    """How ``intent`` ends by that word (see the table above)."""
    if len(intent.addresses) > 1:
        status = IntentStatus.DROPPED
    elif resolution.owned is (intent.action is Action.DELETE):
        status = IntentStatus.FAILED
    else:
        status = IntentStatus.DONE
    how = f"{resolution.address} resolved as {'owned' if resolution.owned else 'not owned'}"
    return Closing(status, resolution.at, how, resolution.evidence, resolution.who)
