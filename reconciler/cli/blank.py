"""A value that is given and empty is a mistake, such as a secret that a CI job does not have: never the default.

Click takes a variable that is set and empty for one that is not set, and ``--file ''`` for the working directory. So
the words of a command line are looked at before click makes values of them, for every option and argument of every
command, and for every variable that stands in for one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

import click


def refuse_blank(command: click.Command, context: click.Context, arguments: list[str]) -> None:
    """Raise BadParameter for a value of ``command`` that is blank, on the command line or in its variable."""
    try:
        given, _, _ = command.make_parser(context).parse_args(list(arguments))
    except click.UsageError:  # the command itself tells of it
        return
    asked = command.get_help_option(context)
    if asked is not None and given.get(asked.name or ""):
        return
    for parameter in command.params:
        for place in _blank(parameter, given):
            raise click.BadParameter(f"{place}: give it a value, or leave it off", context, parameter)


def _blank(parameter: click.Parameter, given: Mapping[str, object]) -> Iterator[str]:
    """Where ``parameter`` has a blank value, in words."""
    written = given.get(parameter.name or "")
    if isinstance(written, str | list | tuple):
        values = [written] if isinstance(written, str) else written
        yield from ("it is empty" for value in values if isinstance(value, str) and not value.strip())
    elif written is None:
        names = [parameter.envvar] if isinstance(parameter.envvar, str) else parameter.envvar or ()
        for name in names:
            if not os.environ.get(name, "set").strip():
                yield f"the variable {name} is set and empty, as a CI secret is that does not exist"
