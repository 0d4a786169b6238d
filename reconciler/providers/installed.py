"""The carriers that there are: the three that are built in, and those that other packages bring.

A package brings one by an entry point of the group ``tnctl.carriers``, whose name is the carrier's type::

    [project.entry-points."tnctl.carriers"]
    acme = "acme_carrier.spec:SPEC"

Whoever uses built-in carriers alone pays nothing for that: entry points are looked for when a configuration names a
type that is not built in, and of the packages only the one that brings it is imported.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from typing import Final

from reconciler.model.carrier_spec import CarrierSpec, UnusableCarrierError
from reconciler.providers.infobip.spec import SPEC as INFOBIP
from reconciler.providers.intelepeer.spec import SPEC as INTELEPEER
from reconciler.providers.inumbering.spec import SPEC as INUMBERING

GROUP: Final = "tnctl.carriers"

BUILT_IN: Final[Mapping[str, CarrierSpec]] = {spec.type: spec for spec in (INTELEPEER, INUMBERING, INFOBIP)}


class InstalledCarriers(Mapping[str, CarrierSpec]):
    """Type -> carrier, the built-in ones first. Raises :class:`UnusableCarrierError` for one that cannot be used."""

    @cached_property
    def _others(self) -> Mapping[str, list[EntryPoint]]:
        found: dict[str, list[EntryPoint]] = {}
        for entry in entry_points(group=GROUP):
            if entry.name in BUILT_IN:
                raise UnusableCarrierError(
                    f"{_package(entry)} brings a carrier `{entry.name}`, which is built in: uninstall it"
                )
            found.setdefault(entry.name, []).append(entry)
        return found

    def __getitem__(self, type_: str) -> CarrierSpec:
        return BUILT_IN[type_] if type_ in BUILT_IN else _loaded(type_, self._others[type_])

    def __contains__(self, type_: object) -> bool:
        return type_ in BUILT_IN or type_ in self._others

    def __iter__(self) -> Iterator[str]:
        yield from BUILT_IN
        yield from sorted(self._others)

    def __len__(self) -> int:
        return len(BUILT_IN) + len(self._others)


CARRIERS: Final = InstalledCarriers()


def able(feature: str) -> list[str]:
    """The types of the built-in carriers that have it: what a hint may name."""
    return [spec.type for spec in BUILT_IN.values() if feature in spec.features]


def _loaded(type_: str, entries: list[EntryPoint]) -> CarrierSpec:
    """The carrier that one package brings; of several that bring the same, none is preferred."""
    packages = sorted({_package(entry) for entry in entries})
    if len(packages) > 1:
        raise UnusableCarrierError(
            f"carrier `{type_}` is brought by {' and by '.join(packages)}: uninstall all but one"
        )
    entry = entries[0]
    brought = f"carrier `{type_}`, which {packages[0]} brings as {entry.value},"
    try:
        spec = entry.load()
    except Exception as error:  # whatever another package's module raises
        reason = f"{type(error).__name__}: {error}"
        raise UnusableCarrierError(f"{brought} cannot be loaded ({reason}): install it again, or mend it") from error
    if not isinstance(spec, CarrierSpec) or spec.type != type_:
        raise UnusableCarrierError(f"{brought} is no CarrierSpec of that type: mend the package")
    return spec


def _package(entry: EntryPoint) -> str:
    return f"package {entry.dist.name}" if entry.dist else "a package"
