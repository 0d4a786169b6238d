"""Everything that tnctl can say went wrong, as one tree.

::

    TnctlError                    exit 1   an error in general
    ├── UsageError                     1   the command line asks for what cannot be
    ├── ConfigError                    1   the YAML is wrong; carries every problem, each with its place
    ├── CredentialError                1   a credential reference leads nowhere
    ├── CarrierError                   1   a carrier answered a read with an error, or not at all
    ├── ClaimedError                   1   other records of the database hold the number
    ├── InterruptedRunError          130   the run was told to stop before it had a plan; nothing was sent
    ├── SafetyError                    5   a limit of `safety` refuses the run; nothing was sent
    ├── IntegrityError                 6
    │   ├── StalePlanError             6   what a saved plan binds has moved, or the plan is finished
    │   ├── DamagedPlanError           6   a plan file that is not what was saved
    │   └── StateError                 6   the records cannot be used, are from the future, or of another lineage
    │       ├── DamagedRecordsError    6   they are not what tnctl wrote
    │       ├── RecordsGoneError       6   their file was deleted or replaced while a run had it open
    │       └── RecordsSetBackError    6   they were put back to an earlier state while a run was at work
    ├── LockedError                    7   another run holds the lock
    └── LockLostError                  7   the lock was taken from this run; nothing further was sent

Each class has an exit code and each error a hint: what the person who reads it does next.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

EXIT_OK = 0
EXIT_ERROR = 1
EXIT_CHANGES = 2
EXIT_RESUME = 3
EXIT_PERSON = 4
EXIT_REFUSED = 5
EXIT_STALE = 6
EXIT_LOCKED = 7
EXIT_SIGINT = 130
EXIT_SIGTERM = 143

PRECEDENCE = (EXIT_STALE, EXIT_LOCKED, EXIT_REFUSED, EXIT_PERSON, EXIT_ERROR, EXIT_RESUME)
"""Where several exit codes apply, the first of these wins."""


def worst(codes: Sequence[int]) -> int:
    """The exit code that wins among ``codes``; 0 when none applies."""
    return next((code for code in PRECEDENCE if code in codes), EXIT_OK)


class TnctlError(Exception):
    """An error with words for a person and an exit code for a script."""

    exit_code: ClassVar[int] = EXIT_ERROR
    default_hint: ClassVar[str] = "run the command again with -v for more detail"

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint or self.default_hint


class UsageError(TnctlError):
    """The command line asks for something that cannot be done."""

    default_hint = "see `tnctl COMMAND --help`"


class ConfigError(TnctlError):
    """The configuration is wrong. ``problems`` are ready to print, one a line: ``FILE:LINE:COLUMN: message``.

    ``missing``: all that is wrong is that files are not there.
    """

    default_hint = "correct the places named and run `tnctl validate`"

    def __init__(self, problems: Sequence[str], *, hint: str = "", missing: bool = False) -> None:
        super().__init__("\n".join(problems), hint=hint)
        self.problems = tuple(problems)
        self.missing = missing


class CredentialError(TnctlError):
    """A credential reference that leads nowhere. Never holds the value."""

    default_hint = "set the environment variable, file or command that `credentials` names"


class CarrierError(TnctlError):
    """A read that a carrier refused or that never came back: what it covers is unresolved, not empty. ``denied``: the
    carrier does not accept the credentials."""

    default_hint = "nothing was changed; run the command again when the carrier answers"

    def __init__(self, message: str, *, hint: str = "", denied: bool = False) -> None:
        super().__init__(message, hint=hint)
        self.denied = denied


class InterruptedRunError(TnctlError):
    """The run was told to stop before it had a plan. What was read until then is not shown: it is no plan."""

    exit_code = EXIT_SIGINT
    default_hint = "run `tnctl apply` again"


class SafetyError(TnctlError):
    """A safety limit refuses this run before the first write. The message lists every offending change."""

    exit_code = EXIT_REFUSED
    default_hint = "raise the limit under `safety:` or allow this run with the option named"


class ClaimedError(TnctlError):
    """Other records of the same database hold the number: it is not these records' to buy or to take over."""

    default_hint = (
        'one number is for one set of records: let go of it there (`safety: {forget: ["+…"]}`), or take it out here'
    )


class IntegrityError(TnctlError):
    """A saved plan or the records are not what they must be."""

    exit_code = EXIT_STALE
    default_hint = "make a new plan with `tnctl plan --out FILE`"


class StalePlanError(IntegrityError):
    """What a saved plan binds has moved since, or the plan has expired or is finished."""


class DamagedPlanError(IntegrityError):
    """A plan file that is not the document that was saved."""


class StateError(IntegrityError):
    """Records that cannot be read or written now, that are of a newer format, or of another lineage."""

    default_hint = "the records are as they were; mend what the message names and run the command again"


_OLDER_BACKUP = (
    "A backup that is older than the last apply knows nothing of what was bought since, and the next apply buys it "
    "again: before that, look for it in `tnctl state ledger --compare` and the carrier's invoice, declare each number "
    "and say `tnctl state resolve number/+… --as owned`, or write `adopt: true` in its pool"
)
"""What a hint says wherever it names a backup."""


class DamagedRecordsError(StateError):
    """Records that are not what tnctl wrote. Only of these may a hint say what to do without them."""

    default_hint = (
        "restore them from a backup, and keep the damaged ones, of a file its -wal and -shm as well. "
        f"{_OLDER_BACKUP}. "
        'Without a backup, see "Lost records" in the README before anything is applied: the damaged ones alone say '
        "which order was never answered and which number fills which slot"
    )


class RecordsGoneError(StateError):
    """The file of the records was deleted or replaced while this run had it open: what it wrote last is not kept."""

    default_hint = (
        "nothing more is sent; put the records back before anything else. What this run bought or released may be on "
        f"no record now. {_OLDER_BACKUP}"
    )


class RecordsSetBackError(StateError):
    """The records do not know any more what this run has written to them: they were put back while it was at work."""

    default_hint = (
        "nothing more is sent; look at the account of each before the next apply, and say of what you own "
        "`tnctl state resolve ADDRESS --as owned`, or `adopt: true` in its pool"
    )


class LockedError(TnctlError):
    """Another run holds the lock."""

    exit_code = EXIT_LOCKED
    default_hint = "wait for it with `--lock-timeout 10m`, or break the lock of a dead host with `tnctl unlock ID`"


class HeldBackError(Exception):
    """A write that may not leave: its record could not be made, or is too old by now. No byte of it was sent.

    Raised between the loop and the transport, which answers "not sent"; no command ends with it.
    """


class LockLostError(LockedError):
    """The lock was broken or expired under this run: nothing further is written or sent."""

    default_hint = "another run may be at work; look with `tnctl state list` and run `tnctl apply` again"
