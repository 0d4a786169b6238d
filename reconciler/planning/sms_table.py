"""What to do about SMS on a number, given where its enablement stands: IntelePeer's truth table, whole.

===========================================  =================  =========================================
live (the carrier's words)                   wanted on          wanted off
===========================================  =================  =========================================
ABSENT (missing, null, never enabled)        create             noop
ENABLING (requested, provisioning)           wait               wait, then delete
ACTIVE (provisioned)                         noop               delete
DISABLING (derequested, deprovisioning)      wait, then create  wait
ERROR (error)                                create             blocked
UNKNOWN, and ended (see below)               create             noop, with a notice
UNKNOWN (any other word)                     blocked            blocked
FOREIGN (404)                                blocked            noop
===========================================  =================  =========================================

No document says in what word switching off ends. A word that none lists is taken for that end when it is
``deprovisioned``, when it follows our own accepted DELETE, or when the last word before it was one of switching off.

A ``create`` out of ERROR is sent at most once a run; that is the executor's to see to.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from reconciler.model import Action, Status

STUCK_HOURS = 72
"""How long one in-progress state may last before a person is needed (exit code 4)."""

SHOWN_WITHIN = timedelta(minutes=15)
"""How long a carrier may go on showing SMS off after it has accepted to switch it on; no document says."""

OFF_WORD = "deprovisioned"
"""A word that no document lists, and that says what it means."""

SWITCHING_OFF = frozenset({"derequested", "deprovisioning"})
"""The words on the way off."""


@dataclass(frozen=True, slots=True)
class Decision:
    """An action, what follows it, and why."""

    action: Action
    reason: str
    then: Action | None = None


_ON = {
    Status.ABSENT: Decision(Action.CREATE, "SMS is declared on, and off at the carrier"),
    Status.ENABLING: Decision(Action.WAIT, "the carrier is enabling SMS"),
    Status.ACTIVE: Decision(Action.NOOP, "SMS is on"),
    Status.DISABLING: Decision(
        Action.WAIT, "the carrier is switching SMS off; it is switched on again afterwards", Action.CREATE
    ),
    Status.ERROR: Decision(Action.CREATE, "the carrier reports an error; SMS is asked for anew, once a run"),
    Status.UNKNOWN: Decision(
        Action.BLOCKED, "the carrier reports a state that it does not document; ask the carrier what it means"
    ),
    Status.FOREIGN: Decision(
        Action.BLOCKED, "the number is not on this account; check the number and the account with the carrier"
    ),
}

_OFF = {
    Status.ABSENT: Decision(Action.NOOP, "SMS is off"),
    Status.ENABLING: Decision(
        Action.WAIT, "the carrier is enabling SMS; it can be switched off only afterwards", Action.DELETE
    ),
    Status.ACTIVE: Decision(Action.DELETE, "SMS is on and not wanted"),
    Status.DISABLING: Decision(Action.WAIT, "the carrier is switching SMS off"),
    Status.ERROR: Decision(
        Action.BLOCKED,
        "the carrier reports an error, and only a provisioned number can be switched off; ask the carrier",
    ),
    Status.UNKNOWN: Decision(
        Action.BLOCKED, "the carrier reports a state that it does not document; ask the carrier what it means"
    ),
    Status.FOREIGN: Decision(Action.NOOP, "the number is not on this account, so SMS is not on"),
}


_ENDED = {
    True: Decision(
        Action.CREATE, "SMS is declared on; the carrier reports a state that no document lists, taken for off"
    ),
    False: Decision(Action.NOOP, "the carrier reports a state that no document lists, taken for off"),
}


def is_the_end(carrier_status: str, before: str, *, we_deleted: bool) -> bool:
    """Whether ``word``, which no document lists, means that SMS is off. ``before``: the last word that we saw before
    it; ``we_deleted``: the carrier has accepted a DELETE of ours, and no POST since."""
    return we_deleted or carrier_status == OFF_WORD or before in SWITCHING_OFF


def decide(status: Status, *, wanted: bool, ended: bool = False, was_on: bool = False) -> Decision:
    """The table's cell. ``ended``: a word that no document lists means off; ``was_on``: our records have it on."""
    if status is Status.UNKNOWN and ended:
        return _ENDED[wanted]
    decision = (_ON if wanted else _OFF)[status]
    if wanted and was_on and status is Status.ABSENT:
        return replace(
            decision, reason="our records have SMS on, and the carrier shows it off: it is switched on again"
        )
    return decision
