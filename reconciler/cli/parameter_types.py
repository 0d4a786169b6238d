"""The kinds of value that options and arguments take: functions from text, which refuse it with what to write.

A value that is given and empty is a mistake, such as a secret that a CI job does not have: never the default. Click
takes a variable that is set and empty for one that is not set, and ``--file ''`` for the working directory. So the
words of a command line are looked at before click makes values of them, for every option and argument of every
command, and for every variable that stands in for one.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta

import click

from reconciler.model import TN_KINDS, Address, Kind, calling_codes, durations, phone, slots


def duration(text: str) -> timedelta:
    """``90s``, ``15m``, ``2h``."""
    try:
        return durations.parse(text)
    except ValueError as error:
        raise click.BadParameter(f"{text!r} is {error}") from None


def seconds(text: str) -> float:
    """A duration, or a plain number of seconds such as ``0.2``."""
    if re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6})?", text):
        return float(text)
    return duration(text).total_seconds()


def lifetime(text: str) -> timedelta:
    """A duration in which something can happen."""
    life = duration(text)
    if not life:
        raise click.BadParameter(f"{text!r}: it would have expired as soon as it is made; write one such as 24h")
    return life


def address(text: str) -> Address:
    """``KIND/NAME``; the name of anything that is a telephone number is E.164."""
    try:
        parsed = Address.parse(text)
    except ValueError:
        kinds = ", ".join(kind.value for kind in Kind)
        message = f"{text!r}: write KIND/NAME, such as number/+12015550123; kinds are {kinds}"
        raise click.BadParameter(message) from None
    wrong = phone.problem(parsed.name) if parsed.kind in TN_KINDS else None
    if wrong:
        raise click.BadParameter(f"{text!r}: {wrong}")
    if parsed.kind is Kind.SLOT:
        try:
            slots.split(parsed)
        except ValueError as error:
            raise click.BadParameter(str(error)) from None
    return parsed


def telephone_number(text: str) -> str:
    """A telephone number in E.164."""
    if wrong := phone.problem(text):
        raise click.BadParameter(f"{text!r} is {wrong}")
    return text


def _shaped(expression: str, form: str) -> Callable[[str], str]:
    """Text of a fixed shape; ``form`` says in words what it is."""
    shape = re.compile(expression)

    def checked(text: str) -> str:
        if shape.fullmatch(text) is None:
            raise click.BadParameter(f"{text!r}: write {form}")
        return text

    return checked


_mask = _shaped("[0-9xX]{10}", "ten places, each a digit or x, such as 201xxxxxxx")
_country = _shaped("[A-Za-z]{2}", "a country's two letters, such as GB")


def tn_mask(text: str) -> str:
    """A mask, in the small letters that the carrier's documents have."""
    return _mask(text).lower()


def country(text: str) -> str:
    """A country by ISO 3166-1, in capital letters."""
    code = _country(text).upper()
    if wrong := calling_codes.not_a_country(code):
        raise click.BadParameter(wrong)
    return code


lata = _shaped("[0-9]{1,5}", "a LATA's number, such as 224")
npa = _shaped("[2-9][0-9]{2}", "an area code, such as 201")
capabilities = _shaped("[A-Za-z]+(,[A-Za-z]+)*", "capabilities with commas between, such as SMS,VOICE")
digits = _shaped("[0-9]{1,15}", "digits, such as 4477")


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
