"""Who holds a lock, and whether that process still lives.

A pid alone proves nothing: it is given out again, and means another process in another container. So a
process is known by its pid, the moment it started, and the pid namespace both are counted in; where these
cannot be compared it counts as alive, and its lock ends by its lease or by `tnctl unlock`.
"""

from __future__ import annotations

import getpass
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

Alive = Callable[[int, str | None], bool]
"""``alive(pid, start)``: whether the process of that pid that began at ``start`` may still run."""


def start_of(pid: int) -> str | None:
    """``NAMESPACE:TICKS``, when the process began (Linux, proc(5) ``stat`` field 22); None where untold.

    A zombie has ended: no other process has its start, so it is ``NAMESPACE:ended``.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        namespace = Path("/proc/self/ns/pid").stat().st_ino
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()  # the name before may hold blanks and brackets; field 3 is the first
    return f"{namespace}:{'ended' if fields[0] in 'ZX' else fields[19]}"


def is_alive(pid: int, start: str | None) -> bool:
    """Whether that process may still run, as far as this one can see."""
    mine = start_of(os.getpid())
    if start is not None and (mine is None or _namespace(mine) != _namespace(start)):
        return True
    found = start_of(pid)
    return _exists(pid) if start is None or found is None else found == start


def _namespace(start: str) -> str:
    """The pid namespace in what :func:`start_of` told."""
    return start.partition(":")[0]


def _exists(pid: int) -> bool:
    """Whether the system knows that pid; signal 0 asks without sending anything, on POSIX only."""
    if os.name != "posix":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


@dataclass(frozen=True, slots=True)
class Process:
    """A process as a lock remembers it. ``alive`` judges others of the same host."""

    user: str
    host: str
    pid: int
    start: str | None = None
    alive: Alive = field(default=is_alive, compare=False)

    @classmethod
    def current(cls) -> Process:
        """This process."""
        return cls(_user(), socket.gethostname(), os.getpid(), start_of(os.getpid()))

    @property
    def title(self) -> str:
        """For people: ``user@host pid 123``."""
        return f"{self.user}@{self.host} pid {self.pid}"

    def knows_dead(self, host: str, pid: int, start: str | None) -> bool:
        """Whether that process is of this host and has ended."""
        return host == self.host and not self.alive(pid, start)


def _user() -> str:
    """The login name, or the numeric id where a container gives it no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return str(getattr(os, "getuid", lambda: "unknown")())
