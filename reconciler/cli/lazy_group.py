"""A click group that imports a command only when it is asked for, so that starting up stays quick."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from importlib import import_module
from typing import Any

import click

from reconciler.cli.parameter_types import refuse_blank


class NoCommandError(click.UsageError):
    """A group was named without any of its commands; ``ctx.get_help()`` lists them."""


class LazyGroup(click.Group):
    """A group over ``lazy``: command name -> ``module:attribute``. Commands are listed in that order."""

    def __init__(self, *, lazy: Mapping[str, str], **attributes: Any) -> None:
        super().__init__(no_args_is_help=False, **attributes)
        self._lazy = dict(lazy)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Raises NoCommandError where nothing follows the group's name."""
        if not args and not ctx.resilient_parsing:
            raise NoCommandError("no command given", ctx)
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands by name, in the order of a first use rather than of the alphabet."""
        return [*self._lazy, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now; None when there is none."""
        if cmd_name not in self._lazy:
            return super().get_command(ctx, cmd_name)
        module, _, attribute = self._lazy[cmd_name].partition(":")
        command = getattr(import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{self._lazy[cmd_name]} is no command")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that ``args`` begin with; a near miss is answered with the name that was meant."""
        name = args[0]
        if name not in self._lazy and (near := get_close_matches(name, self._lazy)):
            ctx.fail(f"No such command {name!r}. Did you mean {near[0]!r}?")
        found, command, rest = super().resolve_command(ctx, args)
        if command is not None and not ctx.resilient_parsing and not isinstance(command, click.Group):
            refuse_blank(command, click.Context(command, parent=ctx, info_name=found), rest)
        return found, command, rest
