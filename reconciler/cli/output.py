"""Where words go: results to stdout, everything else to stderr, logs too; and how they may look there.

Logs are warnings, with ``-v`` every call: as lines for people or as one JSON object a line.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import sys
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, TextIO

from reconciler.errors import TnctlError

PIPE_WIDTH = 120
"""Columns of a text view that is not read on a terminal: no line is longer."""


def show(text: str) -> None:
    """Print a result. A reader that has left (``| head``) is no error; a full disk is: raises TnctlError."""
    error = _write(sys.stdout, _line(text))
    if error is not None and not isinstance(error, BrokenPipeError):
        raise TnctlError(f"the result could not be written: {error.strerror}", hint="look where stdout leads")


def say(text: str) -> None:
    """Print words to a person, on stderr; when nobody can read them, they are lost."""
    _write(sys.stderr, _line(text))


def cry(text: str) -> None:
    """Print words to a person from a signal's handler, which may have interrupted a write to stderr."""
    with suppress(OSError):
        os.write(2, f"{text}\n".encode())


def is_terminal(stream: TextIO) -> bool:
    """Whether a person reads ``stream``. A stream that was closed before we began is None."""
    return stream is not None and stream.isatty()


def in_color(stream: TextIO, *, no_color: bool) -> bool:
    """Whether to colour what goes to ``stream``: a capable terminal, and nobody said no (https://no-color.org)."""
    return is_terminal(stream) and not no_color and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def width_of(stream: TextIO) -> int:
    """Columns that a text view on ``stream`` has."""
    return shutil.get_terminal_size((PIPE_WIDTH, 24)).columns if is_terminal(stream) else PIPE_WIDTH


def prepare() -> None:
    """Let both streams write any character: what a locale cannot show is escaped, never a crash after an apply."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def settle() -> None:
    """Write out what is left, so that a reader who has left does not change the exit code while Python ends."""
    for stream in (sys.stdout, sys.stderr):
        _write(stream, "")


class ProgressStream:
    """``stream`` for progress: when its reader leaves, words are lost, and the apply that says them goes on."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Say ``text``, as it is."""
        _write(self._stream, text)
        return len(text)

    def flush(self) -> None:
        """Nothing is held back."""

    def __getattr__(self, name: str) -> Any:
        """Everything else is as the stream has it."""
        return getattr(self._stream, name)


def _line(text: str) -> str:
    return text if text.endswith("\n") else text + "\n"


def _write(stream: TextIO, text: str) -> OSError | None:
    """Write ``text`` now. After an error the stream leads nowhere, so that exiting stays silent."""
    if stream is None:
        return None
    try:
        stream.write(text)
        stream.flush()
    except OSError as error:
        with open(os.devnull, "w", encoding="ascii") as nowhere:
            os.dup2(nowhere.fileno(), stream.fileno())
        return error
    return None


def configure_logs(*, verbose: bool, log_format: str) -> None:
    """Send the logger ``reconciler`` to stderr, in place of where it went before."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        JsonLines() if log_format == "json" else logging.Formatter("%(levelname)s %(name)s: %(message)s")
    )
    logger = logging.getLogger("reconciler")
    logger.handlers[:] = [handler]
    logger.propagate = False
    logger.setLevel(logging.DEBUG if verbose else logging.WARNING)


class JsonLines(logging.Formatter):
    """One JSON object a line: ``at``, ``level``, ``logger``, ``message``."""

    def format(self, record: logging.LogRecord) -> str:
        """``record`` as one line; control characters are escaped by JSON itself."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line = {
            "at": at,
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        return json.dumps(line)
