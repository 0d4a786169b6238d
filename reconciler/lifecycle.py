"""What to do about SMS on a number, given where its enablement stands: IntelePeer's truth table, whole.

===========================================  =================  =========================================
live (the carrier's words)                   wanted on          wanted off
===========================================  =================  =========================================
ABSENT (missing, null, never enabled)        create             noop
ENABLING (requested, provisioning)           wait               wait, then delete
ACTIVE (provisioned)                         noop               delete
DISABLING (derequested, deprovisioning)      wait, then create  wait
ERROR (error)                                create             blocked
UNKNOWN (any other word)                     blocked            blocked; after our own accepted DELETE: noop
FOREIGN (404)                                blocked            noop
===========================================  =================  =========================================

A ``create`` out of ERROR is sent at most once a run; that is the executor's to see to. Source: SPEC section 2.
"""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.model import Action, Status

STUCK_HOURS = 72
"""How long one in-progress state may last before a person is needed (SPEC section 3, exit code 4)."""


@dataclass(frozen=True, slots=True)
class Decision:
    """An action, what follows it, and why."""

    action: Action
    reason: str
    then: Action | None = None


_ON = {
    Status.ABSENT: Decision(Action.CREATE, "SMS is declared on and was never enabled"),
    Status.ENABLING: Decision(Action.WAIT, "the carrier is enabling SMS"),
    Status.ACTIVE: Decision(Action.NOOP, "SMS is on"),
    Status.DISABLING: Decision(
        Action.WAIT, "the carrier is switching SMS off; it is switched on again afterwards", Action.CREATE
    ),
    Status.ERROR: Decision(Action.CREATE, "the last enablement ended in an error; it is asked for once more"),
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
        Action.BLOCKED, "the enablement is in error, and only a provisioned number can be switched off; ask the carrier"
    ),
    Status.UNKNOWN: Decision(
        Action.BLOCKED, "the carrier reports a state that it does not document; ask the carrier what it means"
    ),
    Status.FOREIGN: Decision(Action.NOOP, "the number is not on this account, so SMS is not on"),
}


def decide(status: Status, *, wanted: bool, we_deleted: bool = False) -> Decision:
    """The table's cell. ``we_deleted``: the carrier has accepted a DELETE of ours, and no POST since."""
    if status is Status.UNKNOWN and not wanted and we_deleted:
        return Decision(
            Action.NOOP, "the carrier accepted our DELETE and now reports a state that it does not document"
        )
    return (_ON if wanted else _OFF)[status]
