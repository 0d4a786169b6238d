"""Which carriers a configuration names: the built-in ones, and of those that other packages bring what it uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reconciler.config import schema
from reconciler.config.node import EMPTY, Node
from reconciler.config.problems import Problems
from reconciler.config.references import Carriers
from reconciler.model.carrier_spec import CarrierSpec, UnusableCarrierError
from reconciler.model.suggestions import instead


def carriers_of(documents: Iterable[Node], carriers: Carriers, problems: Problems) -> dict[str, CarrierSpec]:
    """The carriers of the published schema, and those beside them that an account in ``documents`` is of.

    A type that nobody brings is left to the schema, unless other packages bring carriers: then the nearest is named.
    """
    published = schema.types()
    known = {type_: carriers[type_] for type_ in published}
    for entry in _accounts(documents):
        type_ = entry.text_at("type")
        if type_ is None or type_ in known:
            continue
        try:
            if type_ in carriers:
                schema.installed([*known.values(), carriers[type_]])
                known[type_] = carriers[type_]
            elif len(carriers) > len(published):
                _refuse(entry, f"`type` has no such setting: {instead(type_, carriers)}", problems)
        except UnusableCarrierError as error:
            _refuse(entry, str(error), problems)
    return known


def _accounts(documents: Iterable[Node]) -> Iterator[Node]:
    """What each document says of each account."""
    for document in documents:
        yield from document.members.get("providers", EMPTY).members.values()


def _refuse(entry: Node, message: str, problems: Problems) -> None:
    """Tell it of an account's type; what else the account says cannot be judged."""
    type_ = entry.members["type"]
    problems.add(type_.mark, message)
    type_.sound = entry.sound = False
