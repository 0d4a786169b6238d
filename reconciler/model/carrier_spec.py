"""What is to be known of a carrier before any of its accounts is asked: one value, so that nobody asks for its name.

::

    providers/NAME/spec.py --SPEC--+
    other packages --entry point---+--> config: what may be written --> Account.spec --> pools, search, providers

The configuration, the pools and the commands ask the spec what a carrier can do; a carrier's type is no more than the
name by which YAML leads to its spec. What an *account* can do, once its options are known, its provider says
(:class:`~reconciler.model.capabilities.Capabilities`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from reconciler.model import NOTHING

Schema = Mapping[str, Any]
"""A JSON Schema, with ``x-write``: what to write instead of a value that it refuses."""

FEATURES: Final = frozenset({"sms", "webhook", "brand", "campaign", "route", "search", "release", "coverage"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierSpec:
    """One carrier. Dotted names (``package.module:NAME``) are looked up when they are first needed."""

    type: str
    """What ``type:`` of an account says."""
    base_url: str
    account: str
    """The dotted name of the class of its accounts, see :class:`reconciler.providers.registry.ProviderClass`."""
    credentials: tuple[frozenset[str], ...]
    """The sets of credentials that an account can log in with, each by name."""
    environment: Mapping[str, str]
    """Credential -> the variable that is tried when an account has no ``credentials``; one of the sets above."""
    features: frozenset[str] = frozenset()
    """Which of :data:`FEATURES` it has. One that has ``search`` sells numbers, and the number itself is a resource."""
    options: Mapping[str, Schema] = NOTHING
    """Option of an account -> its schema; ``default`` there is what holds when it is not written."""
    search_fields: Mapping[str, Schema] = NOTHING
    """Field of a search -> its schema, by the name that its provider takes."""
    settle_after: timedelta | None = None
    """How long an unanswered order stays open when nothing is written; None where nothing is ordered."""
    north_american: bool = False
    """Whether its numbers all begin with +1."""
    path_option: str = ""
    """The option that says where behind ``base_url`` the service is, if one does."""
    listing_option: str = ""
    """The option without which an account cannot tell which numbers it owns, if there is one."""
    sandbox: str = ""
    """The dotted name of the class that plays it in the sandbox; the built-in carriers are known there."""

    def __post_init__(self) -> None:
        if unknown := self.features - FEATURES:
            raise ValueError(f"{self.type}: no such feature: {', '.join(sorted(unknown))}")
        if frozenset(self.environment) not in self.credentials:
            raise ValueError(f"{self.type}: `environment` is none of the sets of credentials")

    @property
    def sells(self) -> bool:
        """Whether it sells numbers."""
        return "search" in self.features


class UnusableCarrierError(Exception):
    """A package that brings a carrier does not keep to what is asked of it; told at the account that names it."""
