"""A carrier's rate limits: a bucket of tokens for each account and call."""

from __future__ import annotations

import math

from reconciler.sandbox.carrier import Allowance


class Limiter:
    """Counts calls against their allowance. Kept in memory: a limit does not outlive the process."""

    def __init__(self) -> None:
        self._buckets: dict[tuple[str, str], tuple[float, float]] = {}

    def wait(self, account: str, call: str, allowance: Allowance, at: float) -> int:
        """0 when the call may pass at ``at`` (seconds), else the whole seconds to come back after."""
        tokens, seen = self._buckets.get((account, call), (float(allowance.burst), at))
        tokens = min(float(allowance.burst), tokens + max(0.0, at - seen) * allowance.per_second)
        if tokens < 1:
            self._buckets[account, call] = (tokens, at)
            return math.ceil((1 - tokens) / allowance.per_second)
        self._buckets[account, call] = (tokens - 1, at)
        return 0
