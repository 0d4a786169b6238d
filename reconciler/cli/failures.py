"""Every failure in words on stderr and as an exit code: what happened, and what to do next."""

from __future__ import annotations

import logging
import traceback

import click

from reconciler.cli.lazy_group import NoCommandError
from reconciler.cli.output import say
from reconciler.errors import EXIT_ERROR, ConfigError, TnctlError
from reconciler.model.safe_text import without_logins

_log = logging.getLogger("reconciler.cli")


def expected(error: TnctlError) -> int:
    """Tell of an error that has words of its own. A configuration's problems stand alone, one a line."""
    say(without_logins(error.message if isinstance(error, ConfigError) else f"Error: {error.message}"))
    say(f"hint: {without_logins(_what_next(error))}")
    return error.exit_code


def _what_next(error: TnctlError) -> str:
    """The error's hint. A problem that only says which file is missing leaves nothing to correct there."""
    if isinstance(error, ConfigError) and error.missing:
        return "then run `tnctl validate`"
    return error.hint


def usage(error: click.ClickException) -> int:
    """Tell of a command line that cannot be understood. Click's own exit code 2 means drift here, so it is 1."""
    context = getattr(error, "ctx", None)
    say(f"Error: {without_logins(error.format_message())}")  # it quotes what was written, and that may be a URL
    if isinstance(error, NoCommandError) and context is not None:
        say(f"\n{context.get_help()}")
        return EXIT_ERROR
    command = context.command_path if context is not None else "tnctl"
    say(f"hint: see `{command} --help`")
    return EXIT_ERROR


def unexpected(error: BaseException) -> int:
    """Tell of a bug: its class only, as the rest of it may hold anything. With ``-v`` also where it arose."""
    _log.debug("traceback:\n%s%s", "".join(traceback.format_tb(error.__traceback__)), type(error).__name__)
    say(f"Error: unexpected {type(error).__name__}: this is a bug in tnctl")
    say("hint: run the command again with -v, and report what it prints; `tnctl state list` shows what is on record")
    return EXIT_ERROR
