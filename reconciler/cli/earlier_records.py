"""Records that an earlier tnctl left in the working directory, where the configuration that they are of is not.

They are not taken up, as they may be another configuration's, nor passed over: what they hold would be bought again.

================================  ===========================  =======================================
in the working directory          beside the configuration     then
================================  ===========================  =======================================
nothing, or nothing ever applied  anything                     go on
records                           records                      go on with those beside
records of an earlier format      nothing, or never applied    refuse (6), with the command that moves
records, and no YAML beside them  nothing, or never applied    likewise
records, and YAML beside them     nothing, or never applied    go on: they are that configuration's
================================  ===========================  =======================================
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from pathlib import Path

from reconciler.errors import IntegrityError
from reconciler.model.fleet import STATE_FILE
from reconciler.state.glance import glance

LIES_WITH_CONFIGURATION = 2
"""The first format of which records lie with their configuration; before, they lay in the working directory."""

_BESIDE = ("", "-wal", "-shm", "-journal")
"""What SQLite adds to the name of a file for those that belong to it."""


def refuse_earlier(here: Path, there: Path, *, only_of_an_earlier_format: bool = False) -> None:
    """Raise IntegrityError where the records lie at ``here`` and not at ``there``, where they belong."""
    here, there = here.absolute(), there.absolute()
    alone = not only_of_an_earlier_format and not any(Path().glob("*.y*ml"))
    if not here.is_file() or here.resolve() == there.resolve() or not _is_left_behind(here, alone=alone):
        return
    if there.exists() and ((found := glance(there)) is None or found.used):
        return
    raise IntegrityError(
        f"the records of an earlier run lie in the working directory, at {here}, and not with the configuration, at "
        f"{there}: nothing is done on empty ones",
        hint="if they are this configuration's, move them while no tnctl runs; if they are another's, run this from "
        f"another directory:\n{_commands(here, there)}",
    )


def _is_left_behind(here: Path, *, alone: bool) -> bool:
    """Whether the records at ``here`` may be of a configuration that lies elsewhere; ``alone``: there is none here."""
    found = glance(here)
    return found is None or (found.used and (alone or found.format < LIES_WITH_CONFIGURATION))


def _commands(here: Path, there: Path) -> str:
    """What moves the records: the folder whole where there is none yet, else the files of the database."""
    folder = there.parent
    if here.parent.name == STATE_FILE.parent.name and here.name == there.name and not folder.exists():
        return shlex.join(["mv", str(here.parent), str(folder)])
    return " && ".join(shlex.join(command) for command in _moves(here, there))


def _moves(here: Path, there: Path) -> Iterator[list[str]]:
    """One command after another; empty records that are in the way are kept under another name."""
    if not there.parent.exists():
        yield ["mkdir", "-p", "-m", "700", str(there.parent)]
    for file in _files(there):
        yield ["mv", str(file), f"{file}.unused"]
    for file in _files(here):
        yield ["mv", str(file), str(there) + file.name.removeprefix(here.name)]


def _files(database: Path) -> Iterable[Path]:
    return [file for suffix in _BESIDE if (file := database.with_name(database.name + suffix)).exists()]
