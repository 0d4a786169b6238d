"""The configuration: YAML in, a checked :class:`~reconciler.settings.Fleet` out, or every problem with its place.

::

    paths ── source ──> text ── loader ──> Node ── schema ──> sound Node ── merge ──> one root
    root ── accounts · messaging · lines (webhooks) · frame ──> Fleet

``source`` bounds and decodes, ``loader`` keeps places and scalars as written, ``schema`` holds the published JSON
Schema against each file, the rest follows names and knows what each carrier can do. Credentials are left as
references (``reconciler.credentials``).
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from reconciler.config import loader, schema, source
from reconciler.config.accounts import accounts
from reconciler.config.frame import safety, state_url
from reconciler.config.lines import Lines
from reconciler.config.merge import merge
from reconciler.config.messaging import messaging
from reconciler.config.node import Node
from reconciler.config.problems import MisreadError, Problems
from reconciler.config.webhooks import Webhooks
from reconciler.model import Kind, Notice, Resource
from reconciler.settings import Fleet

__all__ = ["load"]

DEFAULT_FILE = Path("numbers.yaml")
"""What is read when nothing is named."""

DECLARING = frozenset({"providers", "brands", "campaigns"})
"""Sections whose members other sections name."""

CAMPAIGN_NUMBERS = 49
"""Numbers that a campaign may have before it needs a number pool (T-Mobile's rule, by secondary sources)."""


def load(paths: Sequence[Path], environ: Mapping[str, str], *, sandbox: bool = False) -> Fleet:
    """The fleet that the files and directories in ``paths`` declare together; :data:`DEFAULT_FILE` if there are none.

    ``environ`` resolves ``{env: NAME}`` of webhooks and state; with ``sandbox`` a missing one gets a stand-in.
    Raises :class:`~reconciler.errors.ConfigError` with every problem found.
    """
    with _collector_paused():
        return _load(paths or [DEFAULT_FILE], environ, sandbox=sandbox)


@contextmanager
def _collector_paused() -> Iterator[None]:
    """What is built here has no cycles, and walking a large fleet again and again doubles the time to load it."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _load(paths: Sequence[Path], environ: Mapping[str, str], *, sandbox: bool) -> Fleet:
    """Read, validate, merge, follow names; raise with every problem that was found."""
    problems = Problems()
    documents = _documents(paths, problems)
    # A name may be declared in a file that cannot be read: following names would then only mislead.
    complete = not problems.found
    for document in documents:
        schema.check(document, problems)
    if not complete or not all(map(_names_are_known, documents)):
        problems.raise_any()
    fleet = _fleet(merge(documents, problems), environ, problems, sandbox=sandbox)
    problems.raise_any()
    return fleet


def _documents(paths: Sequence[Path], problems: Problems) -> list[Node]:
    """The tree of each file that can be read; a problem for each that cannot."""
    files = source.expand(paths, problems)
    problems.files.extend(str(path) for path in (*files, *paths))
    found: list[Node] = []
    for file in files:
        try:
            found.append(loader.parse(source.read(file), str(file), twice=problems.add))
        except MisreadError as error:
            problems.add(error.mark, error.message)
    return found


def _names_are_known(document: Node) -> bool:
    """Whether what ``document`` declares can be told: else every use of a name in it would be a problem too."""
    return document.sound and all(node.sound for name, node in document.members.items() if name in DECLARING)


def _fleet(root: Node, environ: Mapping[str, str], problems: Problems, *, sandbox: bool) -> Fleet:
    """Everything that one root declares, checked as far as it is sound."""
    by_name = accounts(root.get("providers"), problems)
    registered = messaging(root, by_name, problems)
    webhooks = Webhooks(environ, sandbox, problems)
    lines = Lines(root, by_name, registered.campaigns, webhooks, problems)
    resources = [*registered.resources(), *lines.resources()]
    resources.sort(key=lambda resource: (resource.address.kind.value, resource.address.name))
    return Fleet(
        accounts={name: account for name, account in by_name.items() if account is not None},
        resources=tuple(resources),
        safety=safety(root.get("safety")),
        state_url=state_url(root, environ, problems, sandbox=sandbox),
        notices=(*registered.notices, *webhooks.notices, *_crowded(resources)),
    )


def _crowded(resources: Iterable[Resource]) -> Iterator[Notice]:
    """A warning for each campaign that has more numbers than it may without a number pool."""
    numbers = Counter(r.needs[-1] for r in resources if r.address.kind is Kind.ASSIGNMENT)
    for campaign, count in numbers.items():
        if count > CAMPAIGN_NUMBERS:
            message = f"{count} numbers: more than {CAMPAIGN_NUMBERS} need a number pool that the carriers approved"
            yield Notice("warning", message, str(campaign))
