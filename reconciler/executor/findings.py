"""What reads show of an open purchase or release, how far it is believed, and what is noted of one that stays open."""

from __future__ import annotations

from reconciler.executor.run import Run
from reconciler.executor.scheduler import Call
from reconciler.model import Intent, Observation, Outcome, Price, Result
from reconciler.planning.open_orders import Evidence, Finding

_SEEN = (Evidence.OWNED, Evidence.INSTEAD, Evidence.KEPT)
"""What an answer shows; all else hangs on what none shows."""


async def owned(run: Run, intent: Intent) -> Observation:
    """What the account shows of the number of ``intent``."""
    provider = run.market(intent.account)
    return await Call(intent.account, lambda: provider.find_owned(intent))


def believed(run: Run, intent: Intent, finding: Finding) -> Finding:
    """``finding``, or that a person must see to it, where it hangs on what another URL does not show."""
    message = run.elsewhere.get(intent.account)
    if message is None or intent.id in run.state.sent or finding.evidence in _SEEN:
        return finding
    return Finding(Evidence.PERSON, f"{finding.reason}; {message}")


def needs_person(intent: Intent, finding: Finding) -> bool:
    """Whether reads cannot settle it any more: by what was found now or, where nothing could be read, before."""
    unread = finding.due_in is None and finding.evidence is not Evidence.REPEAT
    return finding.evidence is Evidence.PERSON or (bool(intent.person) and unread)


def note_person(run: Run, intent: Intent, finding: Finding) -> None:
    """Write that only a person can settle it, or that reads can again."""
    if finding.evidence is Evidence.PERSON and intent.person != finding.reason:
        run.store.need_person(intent, finding.reason)
    elif intent.person and not needs_person(intent, finding):
        run.store.need_person(intent, "")


def recovered(intent: Intent, message: str, spent: Price | None = None) -> Outcome:
    """What an earlier run has ordered and this one has found to be done."""
    return Outcome(intent.address, intent.account, intent.action, Result.DONE, message, spent=spent)
