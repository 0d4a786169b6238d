"""What a carrier keeps of a webhook that was sent to it, as its record remembers it.

A carrier may put a slash at the end of a URL, or take one away: then it is the same webhook to it, and to write it
anew at every run would never end. Both are remembered as HMACs, since a URL may hold a secret.

=========  ==============================================================================
``sent``   of the exact URL that was sent, once it was answered as done
``kept``   of what a read then showed, in its normal form; empty before there was one
``tries``  how often, where what is kept differs by more than that slash; else 0
=========  ==============================================================================
"""

from __future__ import annotations

from reconciler.model import LastWrite
from reconciler.model.safe_text import WebhookUrl
from reconciler.planning.snapshot import Fingerprint

MOST_TRIES = 2
"""Times that one URL is sent to a carrier which goes on keeping the same other one."""


def sent(want: WebhookUrl, fingerprint: Fingerprint) -> LastWrite:
    """What to remember once the answer to ``want`` has named it."""
    return LastWrite(sent=fingerprint(want.reveal()))


def seen(old: LastWrite, want: WebhookUrl, live: WebhookUrl | None, fingerprint: Fingerprint) -> LastWrite:
    """What to remember once ``want`` was sent and a read shows ``live``."""
    as_declared = live is not None and (want == live or want.but_for_a_slash(live))
    return LastWrite(
        sent=fingerprint(want.reveal()),
        kept=_of(live, fingerprint),
        tries=0 if as_declared else tries(old, want, live, fingerprint) + 1,
    )


def was_sent(known: LastWrite, want: WebhookUrl, fingerprint: Fingerprint) -> bool:
    """Whether exactly ``want`` was what was sent last."""
    return known.sent == fingerprint(want.reveal())


def is_kept(known: LastWrite, want: WebhookUrl, live: WebhookUrl, fingerprint: Fingerprint) -> bool:
    """Whether ``live`` is what the carrier makes of ``want``, which it was sent: the same but for one slash."""
    return want.but_for_a_slash(live) and was_sent(known, want, fingerprint) and _fits(known, live, fingerprint)


def is_new(known: LastWrite) -> bool:
    """Whether no read has told yet what the carrier keeps of what was sent."""
    return not known.kept


def is_still_kept(known: LastWrite, applied: str, live: WebhookUrl, fingerprint: Fingerprint) -> bool:
    """Likewise for whoever has the fingerprint of what was ``applied`` only."""
    neighbours = (fingerprint({"url": url}) for url in live.but_for_a_slash_forms)
    return bool(known.sent) and applied in neighbours and _fits(known, live, fingerprint)


def with_slash(want: WebhookUrl, live: WebhookUrl) -> str:
    """What is different about ``live``, in words that show nothing of it."""
    return (
        f"with one slash {'more' if len(live.canonical) > len(want.canonical) else 'less'} at its end: the same to us"
    )


def tries(known: LastWrite, want: WebhookUrl, live: WebhookUrl | None, fingerprint: Fingerprint) -> int:
    """How often ``want`` was sent while the carrier went on showing this other ``live``."""
    same = was_sent(known, want, fingerprint) and known.kept == _of(live, fingerprint)
    return known.tries if same else 0


def _fits(known: LastWrite, live: WebhookUrl, fingerprint: Fingerprint) -> bool:
    return not known.tries and known.kept in ("", _of(live, fingerprint))


def _of(live: WebhookUrl | None, fingerprint: Fingerprint) -> str:
    return fingerprint(None if live is None else live.canonical)
