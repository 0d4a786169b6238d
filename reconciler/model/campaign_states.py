"""How a messaging campaign stands at the 10DLC registry, from the one word that its account tells.

The word is the name of a registry event, or of a state, and no document lists them: so it is read by class, and the
event of a monthly bill closes nothing.

============== ==================================================================  =====================================
class          words                                                               its assignments
============== ==================================================================  =====================================
approved       ``CAMPAIGN_DCA_COMPLETE``, ``MNO_CAMPAIGN_OPERATION_APPROVED``,     made
               ``MNO_CAMPAIGN_OPERATION_UNSUSPENDED``, ``REGISTERED``;
               ``ACTIVE``, with a notice: it means no more than "not expired"
pending        ``CAMPAIGN_ADD``, ``CAMPAIGN_SHARE_ADD``,                           wait; what is assigned stays
               ``CAMPAIGN_SHARE_ACCEPT``, ``CAMPAIGN_RESUBMISSION``,
               ``MNO_CAMPAIGN_OPERATION_REVIEW``, ``PENDING``, ``REVIEW``
refused        ``CAMPAIGN_SHARE_DELETE``, ``MNO_CAMPAIGN_OPERATION_REJECTED``,     blocked
               ``DECLINED``, ``REJECTED``
suspended      ``MNO_CAMPAIGN_OPERATION_SUSPENDED``, ``SUSPENDED``                 blocked
expired        ``CAMPAIGN_EXPIRED``, ``EXPIRED``                                   blocked
unknown there  ``CAMPAIGN_INVALID_ID``                                             wait right after our registration;
                                                                                   else blocked
(says nothing) ``CAMPAIGN_BILLED``, ``CAMPAIGN_UPDATE``, ``CAMPAIGN_NUDGE``,       as the class last seen has it; none
               ``MNO_COMPLAINT``                                                   seen: pending, with a notice
in no class    any other                                                           made, with a notice
============== ==================================================================  =====================================

A campaign without a word is unreadable, and not unknown there.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from reconciler.model import Record

STUCK: Final = timedelta(days=14)
"""How long a campaign may be pending before a person is needed: reviews take up to ten working days."""


class RegistryState(StrEnum):
    """How a campaign stands."""

    APPROVED = "approved"
    PENDING = "pending"
    REFUSED = "refused"
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    UNKNOWN = "unknown there"
    OTHER = "in no class"


CLOSED: Final = frozenset(
    {RegistryState.REFUSED, RegistryState.SUSPENDED, RegistryState.EXPIRED, RegistryState.UNKNOWN}
)

_WORDS: Final = {
    "CAMPAIGN_DCA_COMPLETE": RegistryState.APPROVED,
    "MNO_CAMPAIGN_OPERATION_APPROVED": RegistryState.APPROVED,
    "MNO_CAMPAIGN_OPERATION_UNSUSPENDED": RegistryState.APPROVED,
    "REGISTERED": RegistryState.APPROVED,
    "ACTIVE": RegistryState.APPROVED,
    "CAMPAIGN_ADD": RegistryState.PENDING,
    "CAMPAIGN_SHARE_ADD": RegistryState.PENDING,
    "CAMPAIGN_SHARE_ACCEPT": RegistryState.PENDING,
    "CAMPAIGN_RESUBMISSION": RegistryState.PENDING,
    "MNO_CAMPAIGN_OPERATION_REVIEW": RegistryState.PENDING,
    "PENDING": RegistryState.PENDING,
    "REVIEW": RegistryState.PENDING,
    "CAMPAIGN_SHARE_DELETE": RegistryState.REFUSED,
    "MNO_CAMPAIGN_OPERATION_REJECTED": RegistryState.REFUSED,
    "DECLINED": RegistryState.REFUSED,
    "REJECTED": RegistryState.REFUSED,
    "MNO_CAMPAIGN_OPERATION_SUSPENDED": RegistryState.SUSPENDED,
    "SUSPENDED": RegistryState.SUSPENDED,
    "CAMPAIGN_EXPIRED": RegistryState.EXPIRED,
    "EXPIRED": RegistryState.EXPIRED,
    "CAMPAIGN_INVALID_ID": RegistryState.UNKNOWN,
}
_SILENT: Final = frozenset({"CAMPAIGN_BILLED", "CAMPAIGN_UPDATE", "CAMPAIGN_NUDGE", "MNO_COMPLAINT"})


def says_nothing(carrier_status: str) -> bool:
    """Whether a word tells of something that does not change how a campaign stands."""
    return _known(carrier_status) in _SILENT


def means_little(carrier_status: str) -> bool:
    """Whether a word opens the gate although it does not say that anybody has approved the campaign."""
    return _known(carrier_status) == "ACTIVE" or registry_state(carrier_status) is RegistryState.OTHER


def registry_state(carrier_status: str, last: str = "") -> RegistryState:
    """How a campaign with that word stands; ``last``: the last word that said anything, where one was seen."""
    if says_nothing(carrier_status):
        return _WORDS.get(_known(last), RegistryState.PENDING)
    return _WORDS.get(_known(carrier_status), RegistryState.OTHER)


def remembered(carrier_status: str, last: str) -> str:
    """The word to remember: one that is of a class, else the ``last`` such word."""
    return carrier_status if _known(carrier_status) in _WORDS else last


def of_record(record: Record) -> RegistryState | None:
    """How the campaign of ``record`` stood when an apply last saw it; None when none did."""
    if record.carrier_status:
        return registry_state(record.carrier_status)
    return RegistryState.PENDING if record.since else None


def pending_for(record: Record | None, now: datetime) -> timedelta:
    """For how long a campaign has been pending, as far as it was seen to be."""
    if record is None or record.since is None or of_record(record) is not RegistryState.PENDING:
        return timedelta(0)
    return now - record.since


def _known(carrier_status: str) -> str:
    return carrier_status.strip().upper()
