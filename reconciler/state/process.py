"""Who holds a lock, and whether that process still lives.

A pid alone proves nothing: it is given out again, and means another process in another container or on another
machine, whose name may be the same. So a process is known by its machine, that machine's last start, the pid, the
moment the process started, and the pid namespace both are counted in; where these cannot be compared it counts as
alive, and its lock ends by its lease or by `tnctl unlock`.
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
    """A process as a lock remembers it. ``alive`` judges others of the same machine.

    ``machine`` and ``boot`` tell machines apart, and one machine before and after a restart. A host's name does not:
    clones have the same. ``boot`` is None where the system does not tell it; no other process is judged there.
    """

    user: str
    host: str
    pid: int
    start: str | None = None
    alive: Alive = field(default=is_alive, compare=False)
    machine: str = ""
    boot: str | None = None

    @classmethod
    def current(cls) -> Process:
        """This process."""
        pid = os.getpid()
        return cls(_user(), socket.gethostname(), pid, start_of(pid), machine=_machine(), boot=_boot())

    @property
    def title(self) -> str:
        """For people: ``user@host pid 123``."""
        return f"{self.user}@{self.host} pid {self.pid}"

    def runs_beside(self, machine: str, boot: str | None) -> bool:
        """Whether this process runs on that machine, which has not been started again since."""
        return self.boot is not None and (machine, boot) == (self.machine, self.boot)


def _machine() -> str:
    """What systemd calls this installation (machine-id(5)); empty where there is no such file, as in containers."""
    return _first_line("/etc/machine-id") or ""


def _boot() -> str | None:
    """A random name that the Linux kernel gives itself at each start (random(4))."""
    return _first_line("/proc/sys/kernel/random/boot_id")


def _first_line(path: str) -> str | None:
    try:
        return Path(path).read_text(encoding="ascii", errors="replace").strip() or None
    except OSError:
        return None


def _user() -> str:
    """The login name, or the numeric id where a container gives it no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return str(getattr(os, "getuid", lambda: "unknown")())
