"""The entry point of ``tnctl``: a group of lazily imported commands, and every way to end as an exit code.

Exit codes are those of :mod:`reconciler.errors`. Click's own 2 for bad usage is 1 here: 2 means drift.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType

import click

from reconciler import __version__
from reconciler.cli import failures, output
from reconciler.cli.lazy_group import LazyGroup
from reconciler.errors import EXIT_ERROR, EXIT_OK, TnctlError

COMMANDS = {
    "init": "reconciler.cli.init:init",
    "validate": "reconciler.cli.validate:validate",
    "plan": "reconciler.cli.plan:plan",
    "apply": "reconciler.cli.apply:apply",
    "drift": "reconciler.cli.drift:drift",
    "show": "reconciler.cli.show:show",
    "search": "reconciler.cli.search:search",
    "coverage": "reconciler.cli.coverage:coverage",
    "state": "reconciler.cli.state.group:state",
    "unlock": "reconciler.cli.unlock:unlock",
    "graph": "reconciler.cli.graph:graph",
    "sandbox": "reconciler.cli.sandbox:sandbox",
}
"""Command -> where it is; the order is that of the help."""


@click.group(
    cls=LazyGroup,
    lazy=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="tnctl", message="%(prog)s %(version)s")
def tnctl() -> None:
    """Phone numbers as code: declare them in YAML, plan, apply, and watch for drift.

    Begin with `tnctl init`, then `tnctl plan --sandbox`, which needs no account.
    """


def main() -> None:
    """Run the command line of this process and exit."""
    output.prepare()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _leave)
    code = run(sys.argv[1:])
    output.settle()
    sys.exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run one command; its exit code. Never raises for what a command does."""
    try:
        code = tnctl.main(list(arguments), prog_name="tnctl", standalone_mode=False)
    except click.ClickException as error:
        return failures.usage(error)
    except click.Abort:
        return EXIT_ERROR
    except TnctlError as error:
        return failures.expected(error)
    except Exception as error:  # the last line: whatever it is, a person gets words and a script a code
        return failures.unexpected(error)
    return code if isinstance(code, int) else EXIT_OK


def _leave(number: int, _frame: FrameType | None) -> None:
    """End at once: outside an apply nothing is under way that a later command could not take up."""
    output.cry("interrupted")
    os._exit(128 + number)
