"""The configuration: YAML in, a checked :class:`~reconciler.model.fleet.Fleet` out, or every problem with its place.

::

    paths ── source ──> text ── loader ──> Node ── schema ──> sound Node ── merge ──> one root
    root ──┬─ accounts · messaging · numbers · pools (features, webhooks) · prices ──┬──> Fleet
           └─ campaign_limits · area_codes · state_and_safety ───────────────────────┘

Where ``trusted`` accounts are given, they take the place of those in the root.
``source`` bounds and decodes, ``loader`` keeps places and scalars as written, ``schema`` holds the published JSON
Schema against each file, the rest follows names and knows what each carrier can do. Credentials are left as
references (``reconciler.providers.credentials``).
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from reconciler.config import schema, source, trusted
from reconciler.config.accounts import accounts
from reconciler.config.area_codes import outside
from reconciler.config.campaign_limits import too_many
from reconciler.config.carriers import carriers_of
from reconciler.config.features import Features
from reconciler.config.merge import merge
from reconciler.config.messaging import messaging
from reconciler.config.node import EMPTY, Node
from reconciler.config.numbers import NumberEntries
from reconciler.config.pools import Pools
from reconciler.config.prices import prices
from reconciler.config.problems import MisreadError, Problems
from reconciler.config.references import Carriers
from reconciler.config.state import from_here, home, state_place
from reconciler.config.state_and_safety import safety
from reconciler.config.urls import Webhooks
from reconciler.model import Notice
from reconciler.model.fleet import Fleet

__all__ = ["files", "from_here", "home", "load_configuration"]

DEFAULT_FILE = Path("numbers.yaml")
"""What is read when nothing is named."""

RELIED_ON = frozenset({"version", "providers", "brands", "campaigns", "defaults"})
"""Sections whose absence is told: their members are named elsewhere, or every configuration has one."""


def load_configuration(
    paths: Sequence[Path],
    environ: Mapping[str, str],
    *,
    carriers: Carriers,
    sandbox: bool = False,
    webhooks: bool = True,
    accounts: Path | None = None,
) -> Fleet:
    """The fleet that the files and directories in ``paths`` declare together; :data:`DEFAULT_FILE` if there are none.

    ``carriers`` are those that there are, by type; one that is not in the published schema is looked up only when an
    account names it.
    ``environ`` resolves ``{env: NAME}`` of webhooks and state; with ``sandbox`` a missing one gets a stand-in. Without
    ``webhooks`` their URLs are of no use to the caller, and only those get one. ``accounts`` is a file of accounts
    that are trusted where the configuration is not (see ``trusted``).
    Raises :class:`~reconciler.errors.ConfigError` with every problem found.
    """
    with _collector_paused():
        return _load(paths or [DEFAULT_FILE], environ, carriers, accounts, sandbox=sandbox, webhooks=webhooks)


def files(paths: Sequence[Path]) -> list[Path]:
    """The files of the configuration at ``paths``."""
    return source.expand(paths or [DEFAULT_FILE], Problems())


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


def _load(
    paths: Sequence[Path],
    environ: Mapping[str, str],
    carriers: Carriers,
    vouched: Path | None,
    *,
    sandbox: bool,
    webhooks: bool,
) -> Fleet:
    """Read, validate, merge, follow names; raise with every problem that was found."""
    problems = Problems()
    documents = _documents(paths, problems, bounded=vouched is not None)
    if not documents:
        problems.raise_any()
    held = trusted.read(vouched, problems) if vouched is not None else EMPTY
    known = carriers_of((*documents, held), carriers, problems)
    judge = schema.judge(known)
    for document in documents:
        schema.check(document, problems, judge)
        problems.unread |= _unread(document)
    root, notices = merge(documents, problems), list[Notice]()
    if vouched is not None:
        trusted.check(held, problems, judge)
        root, notices = trusted.hold(root, held, problems)
        notices += trusted.placed(vouched, paths)
    fleet = _fleet(root, environ, known, problems, sandbox=sandbox, webhooks=webhooks)
    place = state_place(root, paths, environ, problems, sandbox=sandbox)
    if vouched is not None and place.home is not None:
        trusted.refuse_stray_records(place.home, problems)
    problems.raise_any()
    return replace(fleet, state=place, notices=(*notices, *fleet.notices))


def _documents(paths: Sequence[Path], problems: Problems, *, bounded: bool) -> list[Node]:
    """The tree of each file that can be read; a problem for each that cannot, and for each path that leads nowhere.

    ``bounded``: none is read outside the configuration's folder.
    """
    named = source.expand(paths, problems)
    problems.files.extend(str(path) for path in (*named, *paths))
    if bounded:
        trusted.refuse_strays(paths, named, problems)
        problems.raise_any()
    found: list[Node] = []
    whole = not problems.found
    for file in named:
        try:
            found.append(schema.read(file, problems))
        except MisreadError as error:
            problems.misread(error)
            whole = False
    if not whole:
        problems.unread |= RELIED_ON
    return found


def _unread(document: Node) -> set[str]:
    """The sections that others rely on and of which ``document`` has something that cannot be told."""
    if not document.sound:
        return set(RELIED_ON)
    unsound = {name for name in RELIED_ON if document.has(name) and document.get(name) is None}
    defaults = document.get("defaults") or EMPTY
    return unsound | ({"defaults"} if defaults.has("numbers") and defaults.get("numbers") is None else set())


def _fleet(
    root: Node, environ: Mapping[str, str], carriers: Carriers, problems: Problems, *, sandbox: bool, webhooks: bool
) -> Fleet:
    """Everything that one root declares, checked as far as it is sound."""
    by_name = accounts(root.get("providers"), carriers, problems)
    registered = messaging(root, by_name, carriers, problems)
    urls = Webhooks(environ, sandbox or not webhooks, problems)
    features = Features(_defaults(root), by_name, carriers, registered.campaigns, urls, problems)
    features.check_defaults()
    lines = NumberEntries(root.get("numbers") or EMPTY, features, problems)
    pools = Pools(root.get("pools") or EMPTY, features, carriers, problems).pools()
    resources = [*registered.resources(), *lines.resources()]
    resources.sort(key=lambda resource: (resource.address.kind.value, resource.address.name))
    crowded = too_many(root.get("campaigns"), resources, pools, problems)
    return Fleet(
        name=root.text_at("fleet") or "",
        accounts={name: account for name, account in by_name.items() if account is not None},
        resources=tuple(resources),
        pools=pools,
        safety=safety(root, problems),
        notices=(*registered.notices, *urls.notices, *crowded, *outside(resources, pools)),
        prices=prices(root.get("prices"), by_name, carriers, problems),
    )


def _defaults(root: Node) -> Node:
    """What holds for every number that does not say otherwise."""
    return (root.get("defaults") or EMPTY).get("numbers") or EMPTY
