"""What a carrier keeps of a webhook that was sent to it, as its record remembers it.

A carrier may put a slash at the end of a URL, or take one away: then it is the same webhook to it, and to write it
anew at every run would never end. Both are remembered as HMACs, since a URL may hold a secret.

=========  ==============================================================================
``sent``   of the exact URL that was sent, once it was answered as done
``kept``   of what a read then showed, in its normal form; absent before there was one
``tries``  how often, where what is kept differs by more than that slash; absent otherwise
=========  ==============================================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconciler.model.safe_text import WebhookUrl
from reconciler.planning.snapshot import Fingerprint

SENT, KEPT, TRIES = "sent", "kept", "tries"

MOST_TRIES = 2
"""Times that one URL is sent to a carrier which goes on keeping the same other one."""

Known = Mapping[str, Any]
"""What the record of a webhook remembers beside its fields."""


def sent(want: WebhookUrl, fingerprint: Fingerprint) -> dict[str, Any]:
    """What to remember once the answer to ``want`` has named it."""
    return {SENT: fingerprint(want.reveal())}


def seen(old: Known, want: WebhookUrl, live: WebhookUrl | None, fingerprint: Fingerprint) -> dict[str, Any]:
    """What to remember once ``want`` was sent and a read shows ``live``."""
    now = {**sent(want, fingerprint), KEPT: _seal(live, fingerprint)}
    as_declared = live is not None and (want == live or want.but_for_a_slash(live))
    return now if as_declared else {**now, TRIES: tries(old, want, live, fingerprint) + 1}


def was_sent(known: Known, want: WebhookUrl, fingerprint: Fingerprint) -> bool:
    """Whether exactly ``want`` was what was sent last."""
    return known.get(SENT) == fingerprint(want.reveal())


def is_kept(known: Known, want: WebhookUrl, live: WebhookUrl, fingerprint: Fingerprint) -> bool:
    """Whether ``live`` is what the carrier makes of ``want``, which it was sent: the same but for one slash."""
    return want.but_for_a_slash(live) and was_sent(known, want, fingerprint) and _fits(known, live, fingerprint)


def is_new(known: Known) -> bool:
    """Whether no read has told yet what the carrier keeps of what was sent."""
    return KEPT not in known


def is_still_kept(known: Known, applied: str, live: WebhookUrl, fingerprint: Fingerprint) -> bool:
    """Likewise for whoever has the seal of what was ``applied`` only."""
    neighbours = (fingerprint({"url": url}) for url in live.but_for_a_slash_forms)
    return SENT in known and applied in neighbours and _fits(known, live, fingerprint)


def with_slash(want: WebhookUrl, live: WebhookUrl) -> str:
    """What is different about ``live``, in words that show nothing of it."""
    return (
        f"with one slash {'more' if len(live.canonical) > len(want.canonical) else 'less'} at its end: the same to us"
    )


def tries(known: Known, want: WebhookUrl, live: WebhookUrl | None, fingerprint: Fingerprint) -> int:
    """How often ``want`` was sent while the carrier went on showing this other ``live``."""
    count = known.get(TRIES, 0)
    same = was_sent(known, want, fingerprint) and known.get(KEPT) == _seal(live, fingerprint)
    return count if same and isinstance(count, int) else 0


def _fits(known: Known, live: WebhookUrl, fingerprint: Fingerprint) -> bool:
    return TRIES not in known and known.get(KEPT) in (None, _seal(live, fingerprint))


def _seal(live: WebhookUrl | None, fingerprint: Fingerprint) -> str:
    return fingerprint(None if live is None else live.canonical)
