"""``.tnctl/`` in ``.gitignore``: records are no part of a repository, where they would be cloned and go stale."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from reconciler.model.fleet import STATE_FILE
from reconciler.state import files

FOLDER = f"{STATE_FILE.parts[0]}/"
"""What is not to be committed."""

_SAID = frozenset(
    mark.encode() for name in (FOLDER.rstrip("/"), FOLDER) for mark in (name, f"/{name}", f"**/{name}", f"{name}*")
)
"""The lines that say so already."""


def with_gitignore(folder: Path) -> str:
    """Let git ignore the records in ``folder``; what was written for it, in words, empty for nothing.

    Where the file cannot be read or written it stays as it is: the configuration is there all the same.
    """
    path = folder / ".gitignore"
    with suppress(OSError):
        if path.exists() and not path.is_file():  # reading a pipe would wait for a writer
            return ""
        before = path.read_bytes() if path.exists() else b""
        if any(line.strip() in _SAID for line in before.splitlines()):
            return ""
        end = b"" if before.endswith(b"\n") or not before else b"\n"
        with open(path, "ab", opener=files.opener) as file:
            file.write(end + FOLDER.encode() + b"\n")
        return f"{FOLDER} in {path}"
    return ""
