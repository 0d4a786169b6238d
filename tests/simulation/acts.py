"""What happens: runs of the program, and what people, rivals and clocks do between them and in the middle of a call."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tests.simulation.fleet import NumberEntry


class Kind(StrEnum):
    """What happens between two runs, or in the middle of a call."""

    SLEEP = "sleep"
    JUMP = "our clock jumps"
    RIVAL = "a rival buys"
    PORTAL_BUY = "a colleague buys"
    PORTAL_RELEASE = "a colleague releases"
    PORTAL_SMS = "a colleague switches sms"
    PORTAL_HOOK = "a colleague sets a webhook"
    EDIT = "the configuration is edited"
    RESIZE = "a pool is grown or shrunk"
    RIVAL_AT_THE_POOL = "a rival buys what a pool would choose"
    SAVE = "a plan is saved"
    LOSE = "the records are lost"
    RESTORE = "older records are restored"
    SECOND_APPLY = "a second apply tries"
    STEAL = "the lock is stolen"
    TAKEOVER = "the lock is stolen for an apply"
    STOP = "a signal"
    PAUSE = "the process is stopped for longer than its lease"
    HEAL = "the faults end"
    PAUSE_FOR_AN_APPLY = "the process is stopped for longer than its lease, and another applies"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens. ``number`` counts the numbers of the scene, or is the new size of the pool; ``entries``
    are the new configuration."""

    kind: Kind
    number: int = 0
    seconds: float = 0
    entries: tuple[NumberEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """One apply. ``crash`` is the boundary (a commit of ours, either side of a carrier's) at which it is killed."""

    wait: float = 60
    allow: bool = False
    """Whether purchases, releases, deletes and empty accounts are allowed."""
    crash: int | None = None
    torn: bool = False
    """Whether the log is cut inside the last commit."""
    midcall: tuple[int, Event] | None = None
    """An event in the middle of so many-th call."""
    saved: bool = False
    """Whether the saved plan is applied, if there is one."""
    host: str = "alpha"
    only: str = ""
    """The account that it is about alone; empty: all there are."""
    release: frozenset[str] = frozenset()
    """Numbers that may be released by their names, though tnctl did not buy them."""
    astray: str = ""
    """The account whose URL leads to another one, once numbers of it are on record; empty: none."""


Act = Run | Event
