"""Switches and faults as people write them, on a command line or in JSON. Everything wrong is a ``ValueError`` in words
that name what was meant.

::

    infobip.taken=404                                       ACCOUNT.SWITCH=SETTING
    timeout,call=purchase,when=after,first=2,times=forever  FAULT[,FIELD=VALUE…], the fields of a Rule
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from reconciler.model.suggestions import instead, quoted
from reconciler.sandbox.faults import FAULTS, Rule, When
from reconciler.sandbox.sandbox import AccountSpec
from reconciler.sandbox.switches import Of, Setting, choices

FOREVER = "forever"
ANY = "*"
RULE_FIELDS = ("fault", "call", "account", "when", "first", "times", "probability")

Specs = Mapping[str, AccountSpec]


def switch(text: str, specs: Specs) -> tuple[str, str, Setting]:
    """Account, switch and setting of ``ACCOUNT.SWITCH=SETTING``."""
    target, equals, value = text.partition("=")
    account, dot, name = target.rpartition(".")
    if not equals or not dot:
        raise ValueError(f"{quoted(text)}: write ACCOUNT.SWITCH=SETTING, such as infobip.taken=404")
    return account, name, setting(account, name, value, specs)


def setting(account: str, name: str, value: object, specs: Specs) -> Setting:
    """The setting that ``value`` writes for a switch of an account: as itself, or as text."""
    _known("account", account, specs)
    carrier = specs[account].type
    switches = choices(specs[account].played.switches_type)
    _known(f"switch of {account} ({carrier})", name, switches)
    read = _read(value, switches[name])
    if not switches[name].takes(read):
        raise ValueError(f"{account}.{name}: {quoted(_shown(value))} is no setting; {_settings(value, switches[name])}")
    return read  # type: ignore[return-value]


def _read(value: object, choice: Of) -> object:
    if choice.kind is str and type(value) is int:
        return str(value)
    if choice.kind is str or not isinstance(value, str):
        return value
    if choice.kind is bool:
        return {"true": True, "false": False}.get(value, value)
    try:
        return int(value) if value.isdecimal() else float(value)
    except ValueError:
        return value


def _settings(value: object, choice: Of) -> str:
    shown = [_shown(known) for known in choice.settings]
    if choice.kind in (str, bool):
        return instead(_shown(value), shown)
    whole = "whole " if choice.kind is int else ""
    return f"write a {whole}number that is not negative, such as {', '.join(shown)}"


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def rule(text: str, specs: Specs) -> Rule:
    """The rule of ``FAULT[,FIELD=VALUE…]``."""
    fault, *further = text.split(",")
    fields: dict[str, Any] = {"fault": fault}
    for part in further:
        name, equals, value = part.partition("=")
        if not equals or name in fields:
            raise ValueError(f"{quoted(text)}: {quoted(part)}: write FAULT,FIELD=VALUE,…, each field once")
        fields[name] = value
    return rule_of(fields, specs)


def rule_of(fields: Mapping[str, Any], specs: Specs) -> Rule:
    """The rule of ``fields`` by name, each as itself or as text; ``times`` may be ``forever`` or None."""
    for name in fields:
        _known("field of a fault", name, RULE_FIELDS)
    fault, account, call = (str(fields.get(name, ANY)) for name in ("fault", "account", "call"))
    _known("fault", fault, FAULTS)
    _known("account", account, (ANY, *specs))
    served = [spec for name, spec in specs.items() if account in (ANY, name)]
    _known("call" if account == ANY else f"call of {account}", call, (ANY, "read", "write", *_calls(served)))
    when = fields.get("when")
    if when is not None:
        _known("moment", str(when), [moment.value for moment in FAULTS[fault].moments], f" of {fault}")
    times = fields.get("times", 1)
    return Rule(
        fault,
        call,
        account,
        None if when is None else When(when),
        _count("first", fields.get("first", 1)),
        None if times in (None, FOREVER) else _count("times", times),
        share("probability", fields.get("probability", 1)),
    )


def share(name: str, value: object) -> float:
    """A number from 0 to 1."""
    try:
        number = float(str(value))
    except ValueError:
        number = -1
    if not 0 <= number <= 1:
        raise ValueError(f"{name}: {quoted(str(value))} is no number from 0 to 1")
    return number


def _count(name: str, value: object) -> int:
    text = str(value)
    if not (text.isascii() and text.isdecimal() and int(text) > 0):
        ways = ", or forever" if name == "times" else ""
        raise ValueError(f"{name}: {quoted(text)}: write a whole number from 1 on{ways}")
    return int(text)


def _calls(served: Iterable[AccountSpec]) -> list[str]:
    return list(dict.fromkeys(call for spec in served for call in spec.played.calls))


def _known(what: str, word: str, known: Iterable[str], of: str = "") -> None:
    """Raise for a ``word`` that is none of the ``known`` ones."""
    known = list(known)
    if word not in known:
        raise ValueError(f"{quoted(word)} is no {what}{of}; {instead(word, known)}")
