"""Undocumented behaviour as named switches: what no source settles is a setting here, never a fixed guess.

Each carrier has one frozen dataclass of switches. A field is annotated with its settings and what it decides::

    repeat_enable: Annotated[str, Of("202", "400", "409", about="POST provision on a provisioned number")] = "202"

so that documentation, tests over every setting and the check of a value all read the same line. A switch of
words takes only its settings; one of numbers takes any number that is not negative (a whole one where the field is an
``int``), its settings being those worth a test.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any, get_type_hints

Setting = str | bool | int | float


@dataclass(frozen=True, init=False)
class Of:
    """The settings of a switch, and what it decides. ``kind`` is the field's own type."""

    settings: tuple[Setting, ...]
    about: str
    kind: type

    def __init__(self, *settings: Setting, about: str, kind: type = str) -> None:
        object.__setattr__(self, "settings", settings)
        object.__setattr__(self, "about", about)
        object.__setattr__(self, "kind", kind)

    def takes(self, value: object) -> bool:
        """Whether ``value`` is a setting."""
        if self.kind in (str, bool):
            return type(value) is self.kind and value in self.settings
        if type(value) is int or (type(value) is float and self.kind is float):
            return math.isfinite(value) and value >= 0
        return False


@dataclass(frozen=True, slots=True)
class Description:
    """One switch, for documents and tests."""

    carrier: str
    switch: str
    settings: tuple[Setting, ...]
    default: Setting
    about: str
    any_number: bool
    """Whether any other number that is not negative will do too."""


@dataclass(frozen=True)
class Switches:
    """The base of a carrier's switches: refuses a value that is none of the settings with ``ValueError``."""

    def __post_init__(self) -> None:
        for name, choice in choices(type(self)).items():
            value = getattr(self, name)
            if not choice.takes(value):
                raise ValueError(f"{name}={value!r} is none of {', '.join(map(repr, choice.settings))}")


_CHOICES: dict[str, Mapping[str, Of]] = {}


def choices(switches: type[Switches]) -> Mapping[str, Of]:
    """Switch -> its settings and meaning, in the order of the class. Reading annotations is slow: done once."""
    known = _CHOICES.get(switches.__qualname__)
    if known is None:
        hints = get_type_hints(switches, include_extras=True)
        known = MappingProxyType({field.name: _choice(hints[field.name]) for field in fields(switches)})
        _CHOICES[switches.__qualname__] = known
    return known


def _choice(hint: Any) -> Of:
    written: Of = hint.__metadata__[0]
    return Of(*written.settings, about=written.about, kind=hint.__origin__)


def settings(switches: type[Switches]) -> Mapping[str, tuple[Setting, ...]]:
    """Switch -> every setting it has."""
    return MappingProxyType({name: choice.settings for name, choice in choices(switches).items()})


def describe(carrier: str, switches: type[Switches]) -> list[Description]:
    """Every switch of one carrier."""
    defaults = switches()
    return [
        Description(carrier, name, choice.settings, getattr(defaults, name), choice.about, choice.kind in (int, float))
        for name, choice in choices(switches).items()
    ]
