"""Credentials are looked up when a call first needs them, from a variable, a file or a command, and never shown.

A message names the reference and where it was written. Of a command it shows only the program: its arguments
may be secrets themselves.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path
from threading import Lock

from reconciler.errors import CredentialError
from reconciler.model.fleet import SecretRef
from reconciler.model.safe_text import plain

LONGEST_SECRET = 65_536
"""Bytes of a file or of a command's output beyond which it is no credential."""

COMMAND_SECONDS = 30.0
"""How long a command may take."""

_MARKS = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"\xef\xbb\xbf", "utf-8-sig"),
)
"""Byte order marks, the longer before the shorter that it begins with."""

_WITH_BLANKS = frozenset({"username", "password"})
"""Credentials that may begin or end with a blank."""

_UNSEEN = frozenset("\u00a0\u00ad")
"""What no key or token holds, though a header could carry it."""

_KINDS = {"env": "environment variable", "file": "file", "command": "command"}

_NOTHING = {
    "env": "is set and empty, as a CI secret is that does not exist",
    "file": "is empty",
    "command": "printed nothing",
}
"""What is said of a reference that leads to no more than blanks."""


def places(refs: Mapping[str, SecretRef]) -> str:
    """Where credentials are kept, for people: ``environment variable INFOBIP_API_KEY``."""
    return " and ".join(f"{_KINDS[ref.kind]} {plain(ref.target[0])}" for ref in refs.values())


class Secrets:
    """The credentials of one account, by name (``token``, ``api_key`` …). Safe to share between threads."""

    def __init__(self, refs: Mapping[str, SecretRef], environ: Mapping[str, str]) -> None:
        self._refs = dict(refs)
        self._environ = environ
        self._values: dict[str, str] = {}
        self._refreshed: set[str] = set()
        self._lock = Lock()

    def __repr__(self) -> str:
        return f"Secrets({', '.join(sorted(self._refs))})"

    def __contains__(self, name: str) -> bool:
        return name in self._refs

    @property
    def can_refresh(self) -> bool:
        """Whether reading again could give another value: true for a file or a command, never for a variable."""
        return any(ref.kind != "env" for ref in self._refs.values())

    def get(self, name: str, refresh: bool = False) -> str:
        """The value of the credential ``name``, read once and kept.

        With ``refresh`` (after a 401) a file or command is read again, at most once in the life of this object.
        Raises :class:`CredentialError`, which names the reference and its place, never the value.
        """
        ref = self._refs.get(name)
        if ref is None:
            raise CredentialError(f"no credential `{name}` is configured")
        with self._lock:
            again = refresh and ref.kind != "env" and name not in self._refreshed
            if again and name in self._values:
                self._refreshed.add(name)
            if again or name not in self._values:
                self._values[name] = _checked(name, ref, _read(name, ref, self._environ))
            return self._values[name]


def _read(name: str, ref: SecretRef, environ: Mapping[str, str]) -> str:
    """The raw text behind ``ref``."""
    if ref.kind == "env":
        value = environ.get(ref.target[0])
        if value is None:
            raise _error(name, ref, "is not set")
        return value
    raw = _file(name, ref) if ref.kind == "file" else _command(name, ref, environ)
    if len(raw) > LONGEST_SECRET:
        raise _error(name, ref, f"gives more than {LONGEST_SECRET} bytes, which is no credential")
    return _decoded(name, ref, raw)


def _decoded(name: str, ref: SecretRef, raw: bytes) -> str:
    """The text in ``raw``, by the mark that an editor or PowerShell may have put before it.

    Without one its bytes travel as they are, whatever they are: that is what a header takes.
    """
    encoding = next((encoding for mark, encoding in _MARKS if raw.startswith(mark)), "latin-1")
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        raise _error(name, ref, f"begins like {encoding.upper()} and is not that: save it as plain text") from None


def _file(name: str, ref: SecretRef) -> bytes:
    """The bytes of a file, as far as one byte beyond the cap."""
    try:
        with ref.path.open("rb") as stream:
            return stream.read(LONGEST_SECRET + 1)
    except (OSError, RuntimeError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "not a usable path"
        raise _error(name, ref, f"{_where(ref)}cannot be read: {reason}") from None


def _where(ref: SecretRef) -> str:
    """The folder that a relative path was looked for in, when that is another than the working directory."""
    relative = not ref.target[0].startswith(("~", "/"))
    return f"in {plain(str(ref.folder))} " if relative and ref.folder != Path() else ""


def _command(name: str, ref: SecretRef, environ: Mapping[str, str]) -> bytes:
    """What a command writes to its standard output; what it writes elsewhere is not shown, it may be the secret."""
    try:
        done = subprocess.run(  # noqa: S603 - running the command that the configuration names is the feature
            ref.target,
            cwd=ref.folder,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _error(name, ref, f"did not end within {COMMAND_SECONDS:.0f} s") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "not a usable command"
        raise _error(name, ref, f"cannot be run: {reason}") from None
    if done.returncode != 0:
        raise _error(name, ref, f"ended with exit code {done.returncode}")
    return done.stdout


def _checked(name: str, ref: SecretRef, value: str) -> str:
    """``value`` without what surrounds it, when it can travel in an HTTP header: Latin-1, no control characters, and of
    a key or token nothing that is invisible.

    A line feed or a byte order mark is never part of a secret, and blanks only of a password: the carrier would say no
    more than 401.
    """
    value = value.removeprefix("\ufeff").strip("\r\n")
    if name not in _WITH_BLANKS:
        value = value.strip(" \t\r\n")
    if not value.strip():
        raise _error(name, ref, _NOTHING[ref.kind])
    if name not in _WITH_BLANKS and not _UNSEEN.isdisjoint(value):
        raise _error(name, ref, "holds a no-break space or a soft hyphen, as text copied from a page does")
    if any(ord(char) < 32 or 127 <= ord(char) < 160 or ord(char) > 255 for char in value):
        raise _error(
            name,
            ref,
            "holds control characters or characters outside Latin-1, such as a second line or a typographic quote",
        )
    return value


def _error(name: str, ref: SecretRef, wrong: str) -> CredentialError:
    """An error that names the reference and the place where it was written."""
    place = f"{ref.mark}: " if ref.mark else ""
    return CredentialError(f"{place}credential `{name}`: {places({name: ref})} {wrong}")
