"""Where the records of a configuration are: with it, wherever the command is run.

=====================================  ==========================================================================
the configuration                      its records
=====================================  ==========================================================================
without ``state``, files of one folder ``.tnctl/state.db`` there
without ``state``, several folders     none: one of the files must say, or the command line; a pipe has no folder
``state``, a relative SQLite path      from the folder of the file that says it, also through ``{env}``
``state``, anything else               as written
=====================================  ==========================================================================

A directory that is named is a folder of its files; a link to a file stands for the file that it leads to.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from reconciler.config.node import Node
from reconciler.config.problems import Problems
from reconciler.model.fleet import STATE_FILE, StatePlace
from reconciler.model.suggestions import quoted

_FILE = "sqlite:///"


def home(paths: Iterable[Path]) -> Path | None:
    """The one folder that the configuration at ``paths`` lies in; None for several, and for what is no file."""
    found = {_home(path) for path in paths}
    return found.pop() if len(found) == 1 else None


def _home(path: Path) -> Path | None:
    """The folder of one path: itself, or that of the file; a pipe has none."""
    if path.is_dir():
        return _resolved(path)
    return _folder_of(path) if path.is_file() or not path.exists() else None


def state_place(
    root: Node, paths: Sequence[Path], environ: Mapping[str, str], problems: Problems, *, sandbox: bool
) -> StatePlace:
    """Where the records are. A URL with a password comes from the environment only, and is never shown."""
    folder, node = home(paths), root.get("state")
    url = _written(root, node, environ, problems, sandbox=sandbox) if node is not None else None
    if node is None or url is None:
        return _beside(folder)
    says = _folder_of(Path(node.file))
    if not url.startswith(_FILE):
        return StatePlace(url, folder or says)
    path = url.removeprefix(_FILE)
    former = None if Path(path).is_absolute() else Path(path)
    return StatePlace(_url(says / path), folder or says, former)


def _beside(folder: Path | None) -> StatePlace:
    """Where the records are of a configuration in ``folder`` that says nothing about them."""
    return StatePlace(None, None) if folder is None else StatePlace(_url(folder / STATE_FILE), folder, STATE_FILE, True)


def _written(root: Node, node: Node, environ: Mapping[str, str], problems: Problems, *, sandbox: bool) -> str | None:
    """The URL as written, here or in the variable that is named; None when it cannot be told."""
    written, name = root.text_at("state"), node.text_at("env")
    url = written if name is None else environ.get(name)
    if url is None:
        if name is not None and not sandbox:
            problems.add(node.mark, f"environment variable {quoted(name)} is not set: set it to the state's URL")
        return None
    if name is not None and not url.strip():
        problems.add(node.mark, f"environment variable {quoted(name)} is empty: set it to the state's URL")
        return None
    wrong = _problem(url, literal=written is not None)
    if wrong is not None:
        problems.add(node.mark, f"`state` {wrong}")
    return url


def _problem(url: str, *, literal: bool) -> str | None:
    """What is wrong with the URL of the records, without repeating it."""
    form = "write sqlite:///PATH, postgresql://HOST/DATABASE or {env: NAME}"
    scheme, separator, rest = url.partition("://")
    if not separator:
        return f"is not a URL: {form}"
    if not url.isprintable():
        return "holds a control character: remove it"
    if url != url.strip():
        return "begins or ends with a blank: remove it"
    if scheme == "sqlite":
        return None if rest.startswith("/") and len(rest) > 1 else f"names no file: {form}"
    if scheme.partition("+")[0] not in ("postgresql", "postgres"):
        return f"is of no kind that tnctl knows: {form}"
    try:
        _ = urlsplit(f"//{rest.rpartition('@')[2]}").port
    except ValueError:
        return f"is not a URL: {form}"
    # Not taken apart as a URL: a password may hold anything that would end it there.
    if literal and (":" in rest.rpartition("@")[0] or "pass" in rest.partition("?")[2].lower()):
        return "must not hold a password here: keep the URL in a variable and write {env: NAME}"
    return None


def _folder_of(file: Path) -> Path:
    """The folder of a file, links resolved."""
    return _resolved(file).parent


def _resolved(path: Path) -> Path:
    """``path`` in full; as it is where the working directory is gone or the path is none."""
    try:
        return Path(os.path.realpath(path))
    except (OSError, ValueError):
        return path


def _url(path: Path) -> str:
    """The URL of an SQLite file."""
    return f"{_FILE}{from_here(path)}"


def from_here(path: Path) -> Path:
    """``path`` as people read it: from the working directory, where it lies in that."""
    with suppress(OSError, ValueError):
        return path.relative_to(Path.cwd())
    return path
