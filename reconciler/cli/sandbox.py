"""``tnctl sandbox``: the built-in carriers, run alone for other people's tests, and started afresh."""

from __future__ import annotations

import signal
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from reconciler.cli.options import DEFAULT_FILE, Common, with_common
from reconciler.cli.output import say, show
from reconciler.errors import EXIT_OK, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.settings import Account


@click.group(no_args_is_help=False)
def sandbox() -> None:
    """The carriers that are built into tnctl."""


@sandbox.command()
@click.option("--port", type=click.IntRange(0, 65_535), default=0, help="The port; 0 takes any that is free.")
@with_common
def serve(common: Common, port: int) -> int:
    """Serve the accounts of the configuration on loopback, until interrupted.

    Without a numbers.yaml, one account of each carrier. Commands with --sandbox use the same books at the same time.
    """
    from reconciler.cli import carriers
    from reconciler.clock import SystemClock
    from reconciler.sandbox.server import running

    accounts = _accounts(common)
    served = carriers.serve(accounts, SystemClock())
    try:
        with running(served, port) as url:
            show(_instructions(accounts, url))
            say("serving until interrupted (Ctrl-C)")
            while True:
                signal.pause()
    except OSError as error:
        raise UsageError(f"port {port} cannot be used: {error.strerror}", hint="leave --port off") from None


@sandbox.command()
@with_common
def reset(**_common: Common) -> int:
    """Start the sandbox afresh: its carriers' books, and the records of `--sandbox` runs."""
    from reconciler.cli import carriers

    carriers.reset()
    show(f"{carriers.SANDBOX_DIRECTORY} is empty: the sandbox starts afresh")
    return EXIT_OK


def _accounts(common: Common) -> Mapping[str, Account]:
    """The accounts of the configuration; one of each carrier when the default one is not there."""
    from reconciler.cli import context
    from reconciler.settings import Account, ProviderType

    if common.files != (DEFAULT_FILE,) or DEFAULT_FILE.exists():
        return context.load_fleet(replace(common, sandbox=True)).accounts
    names = {
        ProviderType.INTELEPEER: "intelepeer",
        ProviderType.INUMBERING: "voicetel",
        ProviderType.INFOBIP: "infobip",
    }
    return {name: Account(name, carrier, base_url="") for carrier, name in names.items()}


def _instructions(accounts: Mapping[str, Account], url: str) -> str:
    """Shell to use the carriers by hand: what to export, and one call an account."""
    from reconciler.sandbox import byhand

    carriers = {name: account.type for name, account in accounts.items()}
    exports = [f"export {name}={value}" for name, value in byhand.environment(carriers, url).items()]
    return "\n".join([*exports, "", *byhand.examples(carriers)])
