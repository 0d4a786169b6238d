"""The options that commands share, each group of them handed to the command as one value."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from reconciler.cli import output, parameter_types
from reconciler.planning.limits import Allowances
from reconciler.planning.selection import Selection

Command = Callable[..., int]
"""The function of a command: its options by name -> its exit code."""

Option = Callable[[Command], Command]

DEFAULT_FILE = Path("numbers.yaml")


@dataclass(frozen=True, slots=True)
class Common:
    """What every command can be told. ``state`` None: as the configuration says."""

    files: tuple[Path, ...] = (DEFAULT_FILE,)
    state: str | None = None
    sandbox: bool = False
    no_color: bool = False
    accounts: Path | None = None
    """A file of trusted accounts, when the configuration is not to be trusted with them."""


_COMMON: tuple[Option, ...] = (
    click.option(
        "-f",
        "--file",
        "files",
        type=click.Path(path_type=Path),
        multiple=True,
        default=(str(DEFAULT_FILE),),
        show_default=True,
        help="Configuration: a file or a directory; may be repeated.",
    ),
    click.option("--state", metavar="URL", envvar="TNCTL_STATE", show_envvar=True, help="Where the records are."),
    click.option(
        "--trusted-accounts",
        "accounts",
        metavar="FILE",
        type=click.Path(path_type=Path),
        envvar="TNCTL_ACCOUNTS",
        show_envvar=True,
        help="Take accounts, state and limits from FILE, not from a branch.",
    ),
    click.option("--sandbox", is_flag=True, envvar="TNCTL_SANDBOX", show_envvar=True, help="Use built-in carriers."),
    click.option("--no-color", is_flag=True, help="No colour, also on a terminal."),
    click.option("-v", "--verbose", is_flag=True, help="Log every call to stderr."),
    click.option("--log-format", type=click.Choice(["text", "json"]), default="text", help="How logs are written."),
)

_SELECTION: tuple[Option, ...] = (
    click.option("--only", metavar="SELECTOR", multiple=True, help="Take only what matches; may be repeated."),
    click.option("--exclude", metavar="SELECTOR", multiple=True, help="Leave out what matches; may be repeated."),
)

_COUNT = click.IntRange(0, 1_000_000)

_ALLOWANCES: tuple[Option, ...] = (
    click.option("--allow-purchases", metavar="N", type=_COUNT, help="Buy up to N numbers, whatever `safety` says."),
    click.option("--allow-releases", metavar="N", type=_COUNT, help="Release up to N numbers, for good."),
    click.option("--allow-deletes", metavar="N", type=_COUNT, help="Delete up to N other objects."),
    click.option("--allow-empty", metavar="PROVIDER", multiple=True, help="Accept that this account is empty."),
    click.option("--new-records", is_flag=True, help="Fill pools that these records know no number of."),
)

_RELEASE = click.option(
    "--release",
    metavar="TN",
    multiple=True,
    type=parameter_types.telephone_number,
    help="Release this very number, for good, also one that tnctl did not buy; may be repeated.",
)


def _format(*forms: str) -> Option:
    choice = click.Choice(forms)
    return click.option(
        "--format", "fmt", type=choice, default="text", show_default=True, help="How the result is written."
    )


format_option = _format("text", "json", "markdown")
table_format_option = _format("text", "json", "markdown", "csv")
"""For the commands whose result is a table."""

lock_timeout_option = click.option(
    "--lock-timeout",
    metavar="DURATION",
    type=parameter_types.duration,
    default="0",
    help="How long to wait for another run to end.",
)
"""For the commands that take the lock."""

every_option = click.option("--all", "every", is_flag=True, help="List every change, also where many are alike.")


def with_common(command: Command) -> Command:
    """Give ``command`` the options that every command has, as ``common``; logging is set up before it begins."""

    @functools.wraps(command)
    def begun(verbose: bool, log_format: str, **given: Any) -> int:
        output.configure_logs(verbose=verbose, log_format=log_format)
        common = Common(**{name: given.pop(name) for name in ("files", "state", "sandbox", "no_color", "accounts")})
        return command(common=common, **given)

    return _decorated(begun, _COMMON)


def with_selection(command: Command) -> Command:
    """Give ``command`` ``--only`` and ``--exclude`` as ``selection``."""

    @functools.wraps(command)
    def selected(only: tuple[str, ...], exclude: tuple[str, ...], **given: Any) -> int:
        return command(selection=Selection(only, exclude), **given)

    return _decorated(selected, _SELECTION)


def with_allowances(command: Command) -> Command:
    """Give ``command`` the ``--allow-…`` options as ``allow``."""

    @functools.wraps(command)
    def allowed(
        allow_purchases: int | None,
        allow_releases: int | None,
        allow_deletes: int | None,
        allow_empty: tuple[str, ...],
        release: tuple[str, ...],
        new_records: bool,
        **given: Any,
    ) -> int:
        named, empty = frozenset(release), frozenset(allow_empty)
        allow = Allowances(allow_purchases, allow_releases, allow_deletes, empty, named, new_records)
        return command(allow=allow, **given)

    return _decorated(allowed, (*_ALLOWANCES, _RELEASE))


def with_releases(command: Command) -> Command:
    """Give ``command`` ``--release`` as ``allow``, so that it judges the limits as the apply will."""

    @functools.wraps(command)
    def allowed(release: tuple[str, ...], **given: Any) -> int:
        return command(allow=Allowances(release=frozenset(release)), **given)

    return _decorated(allowed, (_RELEASE,))


def _decorated(command: Command, options: tuple[Option, ...]) -> Command:
    """``command`` with ``options``, which its help lists in their order."""
    for option in reversed(options):
        command = option(command)
    return command
