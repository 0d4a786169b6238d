"""``tnctl sandbox``: the built-in carriers, run alone for other people's tests, and started afresh."""

from __future__ import annotations

import sys
from dataclasses import replace
from threading import Event
from typing import TYPE_CHECKING, Any, TypeVar

import click

from reconciler.cli import parameter_types
from reconciler.cli.lazy_group import LazyGroup
from reconciler.cli.options import DEFAULT_FILE, Common, format_option, with_common
from reconciler.cli.output import in_color, say, show, width_of
from reconciler.errors import EXIT_OK, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from reconciler.model.fleet import Account
    from reconciler.sandbox import AccountSpec
    from reconciler.sandbox.control import Setup
    from reconciler.sandbox.switches import Setting

T = TypeVar("T")


@click.group(cls=LazyGroup, lazy={})
def sandbox() -> None:
    """The carriers that are built into tnctl."""


@sandbox.command()
@click.option("--port", type=click.IntRange(0, 65_535), default=0, help="The port; 0 takes any that is free.")
@click.option(
    "--switch", "switches", metavar="ACCOUNT.SWITCH=SETTING", multiple=True, help="Turn a switch; may be repeated."
)
@click.option(
    "--fault",
    "faults",
    metavar="FAULT[,FIELD=VALUE]...",
    multiple=True,
    help="Plant a fault; may be repeated. Fields: call, account, when (before or after the commit), first (the nth "
    "such call), times (N or forever), probability.",
)
@click.option("--chaos", metavar="RATE", type=click.FloatRange(0, 1), help="Random faults for this share of all calls.")
@click.option("--seed", metavar="N", type=int, default=0, show_default=True, help="What decides over random faults.")
@click.option(
    "--latency", metavar="DURATION", type=parameter_types.seconds, default="0", help="Time before every answer."
)
@with_common
def serve(common: Common, port: int, **given: Any) -> int:
    """Serve the accounts of the configuration on loopback, until interrupted.

    Without a numbers.yaml, one account of each carrier. `tnctl sandbox switches` lists switches and faults. While it
    serves, /-/ shows what was charged, plants faults, turns switches, and acts behind your back. Commands with
    --sandbox use the same books at the same time, without switches and faults.
    """
    from reconciler.cli import carriers, context
    from reconciler.clock import SystemClock
    from reconciler.sandbox.control import Control
    from reconciler.sandbox.server import running

    served = carriers.serve(_accounts(common), SystemClock(), context.sandbox_folder(common))
    Control.attach(served, _setup(served.specs, **given))
    try:
        with running(served, port) as url:
            show(_instructions(served.specs, url))
            say("serving until interrupted (Ctrl-C)")
            Event().wait()  # for ever: a signal ends the process
    except OSError as error:
        raise UsageError(f"port {port} cannot be used: {error.strerror}", hint="leave --port off") from None
    return EXIT_OK


@sandbox.command()
@format_option
@with_common
def switches(common: Common, fmt: str) -> int:
    """List what the carriers can be made to do: switches, faults, and the calls they strike."""
    from reconciler.sandbox import FAULTS, describe_switches
    from reconciler.sandbox.sandbox import CALLS
    from reconciler.views import render

    turned = [
        {
            "type": row.carrier,
            "switch": row.switch,
            "settings": list(row.settings),
            "any_number": row.any_number,
            "default": row.default,
            "about": row.about,
        }
        for row in describe_switches()
    ]
    faults = [{"fault": fault.name, "when": list(fault.moments), "about": fault.about} for fault in FAULTS.values()]
    calls = [
        {"type": str(carrier), "call": call, "writes": writes}
        for carrier, known in CALLS.items()
        for call, writes in known.items()
    ]
    what: dict[str, list[dict[str, Any]]] = {"switches": turned, "faults": faults, "calls": calls}
    show(render.switches(what, fmt, color=in_color(sys.stdout, no_color=common.no_color), width=width_of(sys.stdout)))
    return EXIT_OK


@sandbox.command()
@with_common
def reset(common: Common) -> int:
    """Start the sandbox afresh: its carriers' books, and the records of `--sandbox` runs.

    It is the sandbox of the configuration, in `.tnctl/sandbox` beside that.
    """
    from reconciler.cli import carriers, context

    folder = context.sandbox_folder(common)
    carriers.reset(folder)
    show(f"{folder} is empty: the sandbox starts afresh")
    return EXIT_OK


def _accounts(common: Common) -> Mapping[str, Account]:
    """The accounts of the configuration; one of each carrier when the default one is not there."""
    from reconciler.cli import context
    from reconciler.model.fleet import Account
    from reconciler.providers.installed import BUILT_IN

    if common.files != (DEFAULT_FILE,) or DEFAULT_FILE.exists():
        return context.load_fleet(replace(common, sandbox=True)).accounts
    names = {"inumbering": "voicetel"}
    accounts = (Account(names.get(type_, type_), spec, base_url="") for type_, spec in BUILT_IN.items())
    return {account.name: account for account in accounts}


def _setup(
    specs: Mapping[str, AccountSpec],
    switches: tuple[str, ...],
    faults: tuple[str, ...],
    chaos: float | None,
    seed: int,
    latency: float,
) -> Setup:
    """How the options want the sandbox; raises UsageError with everything that is wrong in them."""
    from reconciler.sandbox import Chaos, fault_syntax
    from reconciler.sandbox.control import Setup

    turned, wrong = _each(switches, lambda text: fault_syntax.switch(text, specs))
    rules, wrong_rules = _each(faults, lambda text: fault_syntax.rule(text, specs))
    if wrong or wrong_rules:
        raise UsageError("\n".join([*wrong, *wrong_rules]), hint="`tnctl sandbox switches` lists them")
    settings: dict[str, dict[str, Setting]] = {}
    for account, name, setting in turned:
        settings.setdefault(account, {})[name] = setting
    return Setup(settings, tuple(rules), None if chaos is None else Chaos(seed, chaos), seed, latency)


def _each(texts: Iterable[str], read: Callable[[str], T]) -> tuple[list[T], list[str]]:
    """What ``read`` makes of each, and the words of what it refuses."""
    made: list[T] = []
    wrong: list[str] = []
    for text in texts:
        try:
            made.append(read(text))
        except ValueError as error:
            wrong.append(str(error))
    return made, wrong


def _instructions(specs: Mapping[str, AccountSpec], url: str) -> str:
    """How to use the carriers by hand: what to export, one call an account; in YAML, where tnctl finds them."""
    from reconciler.sandbox import curl_help

    carriers = {name: spec.type for name, spec in specs.items()}
    exports = [f"export {name}={value}" for name, value in curl_help.environment(carriers, url).items()]
    calls = [*curl_help.examples(carriers), f"curl {url}/-/  # what was charged, faults, switches: look and change"]
    return "\n".join([*exports, "", *calls, "", "# in numbers.yaml:", *curl_help.providers(specs, url)])
