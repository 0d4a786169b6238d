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


class Standing(StrEnum):
    """How a campaign stands."""

    APPROVED = "approved"
    PENDING = "pending"
    REFUSED = "refused"
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    UNKNOWN = "unknown there"
    OTHER = "in no class"


CLOSED: Final = frozenset({Standing.REFUSED, Standing.SUSPENDED, Standing.EXPIRED, Standing.UNKNOWN})

_WORDS: Final = {
    "CAMPAIGN_DCA_COMPLETE": Standing.APPROVED,
    "MNO_CAMPAIGN_OPERATION_APPROVED": Standing.APPROVED,
    "MNO_CAMPAIGN_OPERATION_UNSUSPENDED": Standing.APPROVED,
    "REGISTERED": Standing.APPROVED,
    "ACTIVE": Standing.APPROVED,
    "CAMPAIGN_ADD": Standing.PENDING,
    "CAMPAIGN_SHARE_ADD": Standing.PENDING,
    "CAMPAIGN_SHARE_ACCEPT": Standing.PENDING,
    "CAMPAIGN_RESUBMISSION": Standing.PENDING,
    "MNO_CAMPAIGN_OPERATION_REVIEW": Standing.PENDING,
    "PENDING": Standing.PENDING,
    "REVIEW": Standing.PENDING,
    "CAMPAIGN_SHARE_DELETE": Standing.REFUSED,
    "MNO_CAMPAIGN_OPERATION_REJECTED": Standing.REFUSED,
    "DECLINED": Standing.REFUSED,
    "REJECTED": Standing.REFUSED,
    "MNO_CAMPAIGN_OPERATION_SUSPENDED": Standing.SUSPENDED,
    "SUSPENDED": Standing.SUSPENDED,
    "CAMPAIGN_EXPIRED": Standing.EXPIRED,
    "EXPIRED": Standing.EXPIRED,
    "CAMPAIGN_INVALID_ID": Standing.UNKNOWN,
}
_SILENT: Final = frozenset({"CAMPAIGN_BILLED", "CAMPAIGN_UPDATE", "CAMPAIGN_NUDGE", "MNO_COMPLAINT"})


def says_nothing(word: str) -> bool:
    """Whether a word tells of something that does not change how a campaign stands."""
    return _known(word) in _SILENT


def means_little(word: str) -> bool:
    """Whether a word opens the gate although it does not say that anybody has approved the campaign."""
    return _known(word) == "ACTIVE" or standing(word) is Standing.OTHER


def standing(word: str, last: str = "") -> Standing:
    """How a campaign with that word stands; ``last``: the last word that said anything, where one was seen."""
    if says_nothing(word):
        return _WORDS.get(_known(last), Standing.PENDING)
    return _WORDS.get(_known(word), Standing.OTHER)


def remembered(word: str, last: str) -> str:
    """The word to remember: one that is of a class, else the ``last`` such word."""
    return word if _known(word) in _WORDS else last


def of_record(record: Record) -> Standing | None:
    """How the campaign of ``record`` stood when an apply last saw it; None when none did."""
    if record.word:
        return standing(record.word)
    return Standing.PENDING if record.since else None


def pending_for(record: Record | None, now: datetime) -> timedelta:
    """For how long a campaign has been pending, as far as it was seen to be."""
    if record is None or record.since is None or of_record(record) is not Standing.PENDING:
        return timedelta(0)
    return now - record.since


def _known(word: str) -> str:
    return word.strip().upper()
