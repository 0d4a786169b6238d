"""Faults, planted by rule or thrown at random from a seed: what goes wrong between a client and a carrier.

Each of :data:`FAULTS` says what the client experiences.

Each strikes *before* the carrier commits a write (nothing happened there) or *after* it (it did, and was charged).
A fault may strike only where a sane carrier can have it: a refusal (4xx, 429) and what keeps the request from leaving
only before; what lets the answer through, late or reshaped, only after. The rest strikes on either side. Where a
client is left without an answer, the carrier may also act on the request *later*, a minute on: only rules ask for it.

What a carrier itself does oddly (lagging lists, stuck states, shifting pages) is a switch of that carrier.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar

from reconciler.sandbox.fault_effects import REDIRECTS, SPOILS, STATUSES, Corruption
from reconciler.sandbox.messages import UNSENT, Effect

SLOW_SECONDS = 5.0

SKEWED_SECONDS = 1000.0

LAST_DATE = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)

T = TypeVar("T")


class When(StrEnum):
    """On which side of the carrier's commit a fault strikes."""

    BEFORE = "before"
    AFTER = "after"
    LATER = "later"


LATE_SECONDS = 60.0
"""After which a carrier acts on a request whose client was left without an answer."""

SIDES = (When.BEFORE, When.AFTER)
"""The moments that are drawn where nobody names one."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One way for a call to go wrong: how its answer arrives, what was done to it, how late it is, when it strikes.

    ``about``: what the client experiences.
    """

    name: str
    moments: tuple[When, ...]
    about: str
    effect: Effect = Effect.ANSWER
    corrupt: Corruption | None = None
    delay: float = 0.0
    dated: Callable[[datetime], datetime | None] = lambda now: now
    """What ``Date`` the answer carries, by the carrier's clock; None: it carries none."""


_DATES: Mapping[str, Callable[[datetime], datetime | None]] = {
    "stale-date": lambda now: now - timedelta(seconds=SKEWED_SECONDS),
    "fast-date": lambda now: now + timedelta(seconds=SKEWED_SECONDS),
    "absurd-date": lambda _now: LAST_DATE,
    "no-date": lambda _now: None,
}

_REFUSALS = frozenset(name for name in SPOILS if name[0] == "4")
_RESHAPED = frozenset(
    {"wrong-content-type", "other-number", "renamed-fields", "added-fields", "missing-fields", "ints-for-strings"}
)


_ABOUT: Mapping[str, str] = {
    "dns": "the host name does not resolve; `sandbox serve` resets the connection instead",
    "refused": "no connection; `sandbox serve` resets it instead",
    "connect-timeout": "no connection in time; `sandbox serve` resets it instead",
    "tls": "a certificate that does not verify; `sandbox serve` resets the connection instead",
    "reset": "the connection breaks before the answer",
    "timeout": "no answer comes",
    "truncated": "a body shorter than its Content-Length",
    "stale-date": f"the answer, with a Date of {SKEWED_SECONDS:g} s ago",
    "fast-date": f"the answer, with a Date {SKEWED_SECONDS:g} s ahead",
    "absurd-date": "the answer, with a Date in the year 9999",
    "no-date": "the answer, without a Date",
    "slow": f"the answer, {SLOW_SECONDS:g} s late",
    "slow-headers": "the answer, its headers a byte a second",
    "drip": "the answer, its body a byte a second",
    **{str(code): f"{text}, in the carrier's own error body" for code, text in STATUSES.items()},
    **{str(code): "a redirect to another host" for code in REDIRECTS},
    "429-seconds": "too many requests, with a Retry-After of 2 seconds",
    "429-date": "too many requests, with a Retry-After as a date",
    "429-absent": "too many requests, without a Retry-After",
    "429-negative": "too many requests, with a Retry-After of -5",
    "429-absurd": "too many requests, with a Retry-After beyond all years",
    "html-200": "a page where JSON is due, under 200",
    "html-502": "a page where JSON is due, under 502",
    "wrong-content-type": "the answer, called text/plain",
    "truncated-json": "half of the answer, of the right length",
    "bad-gzip": "a body that does not decode",
    "gzip-bomb": "a small body that decodes to 64 MiB",
    "empty-200": "a 200 without a body",
    "failure-in-body": "a 200 whose body says failure",
    "error-inside": "the answer of a success, with an error among its fields",
    "not-found-503": "the carrier's own words for an account without numbers, under 503",
    "no-result-503": "the carrier's own words for a search without results, under 503",
    "other-number": "the answer, about another telephone number",
    "renamed-fields": "the answer, its fields under other names",
    "added-fields": "the answer, with fields that nobody documents",
    "missing-fields": "the answer, without the first field of each object",
    "ints-for-strings": "the answer, digits as integers",
}


def _catalogue() -> Mapping[str, Fault]:
    arrivals = {effect.value: effect for effect in Effect if effect is not Effect.ANSWER}
    return MappingProxyType(
        {
            name: Fault(
                name,
                _moments_of(name),
                _ABOUT[name],
                arrivals.get(name, Effect.ANSWER),
                SPOILS.get(name),
                SLOW_SECONDS if name == "slow" else 0.0,
                _DATES.get(name, lambda now: now),
            )
            for name in (*arrivals, *SPOILS, *_DATES, "slow")
        }
    )


_UNANSWERED = frozenset({Effect.RESET, Effect.TIMEOUT, "502", "503", "504"})


def _moments_of(fault: str) -> tuple[When, ...]:
    if fault in UNSENT or fault in _REFUSALS:
        return (When.BEFORE,)
    if fault in ("slow", Effect.SLOW_HEADERS, Effect.DRIP) or fault in _RESHAPED or fault in _DATES:
        return (When.AFTER,)
    return tuple(When) if fault in _UNANSWERED else SIDES


FAULTS = _catalogue()
"""Every fault by its name."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Plants one fault.

    ``call`` is a carrier's call by name, ``read``, ``write`` or ``*``; ``account`` an account's name or ``*``. Of the
    calls that match, the rule strikes ``times`` of them (None: for ever) from the ``first`` one on (counted from 1),
    each with ``probability``. ``when`` None: before the commit where that fault can, else after.
    """

    fault: str
    call: str = "*"
    account: str = "*"
    when: When | None = None
    first: int = 1
    times: int | None = 1
    probability: float = 1.0

    def __post_init__(self) -> None:
        if self.fault not in FAULTS:
            raise ValueError(f"{self.fault!r} is no fault; there are {', '.join(FAULTS)}")
        if self.when is not None and self.when not in FAULTS[self.fault].moments:
            raise ValueError(f"{self.fault!r} cannot strike {self.when} the commit")

    def covers(self, account: str, call: str, *, writes: bool) -> bool:
        """Whether a call is one that this rule speaks of."""
        return self.account in ("*", account) and self.call in ("*", call, "write" if writes else "read")

    def strike(self) -> Strike:
        """What it plants."""
        fault = FAULTS[self.fault]
        return Strike(fault, self.when or fault.moments[0])


@dataclass(frozen=True, slots=True)
class Strike:
    """A fault that hits one call."""

    fault: Fault
    when: When


@dataclass(frozen=True, slots=True)
class Chaos:
    """Throws a fault of ``faults`` at a share ``rate`` (0 to 1) of all calls, decided by ``seed`` alone."""

    seed: int
    rate: float
    faults: tuple[str, ...] = tuple(FAULTS)


class Faults:
    """The rules in force, and how often each has met its calls."""

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed
        self._rules: list[Rule] = []
        self._chaos: Chaos | None = None
        self._met: Counter[int] = Counter()
        self._struck: Counter[int] = Counter()
        self._calls: Counter[tuple[str, str]] = Counter()

    def plant(self, *rules: Rule) -> None:
        """Put rules in force, after those that are; the first that strikes a call wins."""
        self._rules.extend(rules)

    def unleash(self, chaos: Chaos) -> None:
        """Throw faults at random too, where no rule strikes."""
        self._chaos = chaos

    def in_force(self) -> list[tuple[Rule, int]]:
        """The rules, and how often each has struck."""
        return [(rule, self._struck[n]) for n, rule in enumerate(self._rules)]

    @property
    def chaos(self) -> Chaos | None:
        """What is thrown at random."""
        return self._chaos

    def heal(self) -> None:
        """End every fault."""
        self._rules.clear()
        self._met.clear()
        self._struck.clear()
        self._chaos = None

    def strike(self, account: str, call: str, *, writes: bool) -> Strike | None:
        """What hits this call, if anything does; counts it."""
        self._calls[account, call] += 1
        hits = [n for n, rule in enumerate(self._rules) if self._hits(n, rule, account, call, writes=writes)]
        if hits:
            rule = self._rules[hits[0]]
            self._struck[hits[0]] += 1
            return rule.strike()
        return self._thrown(account, call)

    def _hits(self, n: int, rule: Rule, account: str, call: str, *, writes: bool) -> bool:
        if not rule.covers(account, call, writes=writes):
            return False
        self._met[n] += 1
        spent = rule.times is not None and self._struck[n] >= rule.times
        return self._met[n] >= rule.first and not spent and _dice(self._seed, n, self._met[n]) < rule.probability

    def _thrown(self, account: str, call: str) -> Strike | None:
        chaos = self._chaos
        if chaos is None:
            return None
        throw = (chaos.seed, account, call, self._calls[account, call])
        if _dice(*throw, "whether") >= chaos.rate:
            return None
        fault = FAULTS[_pick(chaos.faults, _dice(*throw, "which"))]
        return Strike(fault, _pick([side for side in fault.moments if side in SIDES], _dice(*throw, "when")))


def _pick(choices: Sequence[T], share: float) -> T:
    return choices[int(share * len(choices))]


def _dice(*parts: object) -> float:
    """A number from 0 up to 1 that depends on ``parts`` alone, the same on every machine."""
    digest = hashlib.sha256("/".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:7], "big") / 2**56
