"""A run ends as documented: with a report and its code, or with an error of ours that came before any write."""

from __future__ import annotations

import traceback
from pathlib import Path

from reconciler.errors import EXIT_OK, LockLostError, StateError, TnctlError
from reconciler.providers.http.transport import WriteRefusedError
from tests.simulation.checkers.base import Checker
from tests.simulation.process import Ended
from tests.simulation.records import Records

OURS = (StateError, WriteRefusedError)
"""Errors that only a fault of the program can lead to here."""


class ExitCodes(Checker):
    """What ended a run, and whether 0 was the truth."""

    def ended(self, ended: Ended, records: Records) -> None:
        error, process = ended.error, ended.process
        if isinstance(error, Exception):
            if not isinstance(error, TnctlError) or isinstance(error, OURS):
                place = traceback.extract_tb(error.__traceback__)[-1]
                self.false(f"{type(error).__name__} at {Path(place.filename).name}:{place.lineno}: {error}")
            elif process.writes and not isinstance(error, LockLostError):
                self.false(f"a run was refused ({type(error).__name__}: {error}) after {process.writes} writes")
        if ended.code == EXIT_OK and process.state and process.state.open_intents and not process.run.only:
            self.false("exit 0 with an open outcome")
