"""What stands once in a configuration and holds for all of it: ``state`` and ``safety``."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from reconciler.config.node import Node
from reconciler.config.problems import Problems
from reconciler.config.suggest import quoted
from reconciler.settings import DEFAULT_STATE, Safety

_PLAIN_LIMITS: Final = ("max_purchases", "max_releases", "unknown_prices")


def state_url(root: Node, environ: Mapping[str, str], problems: Problems, *, sandbox: bool) -> str:
    """Where the records are. A URL with a password comes from the environment only, and is never shown."""
    node = root.get("state")
    if node is None:
        return DEFAULT_STATE
    written, name = root.text_at("state"), node.text_at("env")
    url = written if name is None else environ.get(name)
    if url is None:
        if name is not None and not sandbox:
            problems.add(node.mark, f"environment variable {quoted(name)} is not set: set it to the state's URL")
        return DEFAULT_STATE
    wrong = _state_problem(url, literal=written is not None)
    if wrong is not None:
        problems.add(node.mark, f"`state` {wrong}")
    return url


def _state_problem(url: str, *, literal: bool) -> str | None:
    """What is wrong with the URL of the records, without repeating it."""
    form = "write sqlite:///PATH, postgresql://HOST/DATABASE or {env: NAME}"
    scheme, separator, rest = url.partition("://")
    if not separator:
        return f"is not a URL: {form}"
    if not url.isprintable():
        return "holds a control character: remove it"
    if scheme == "sqlite":
        return None if rest.startswith("/") and len(rest) > 1 else f"names no file: {form}"
    if scheme.partition("+")[0] not in ("postgresql", "postgres"):
        return f"is of no kind that tnctl knows: {form}"
    # Not taken apart as a URL: a password may hold anything that would end it there.
    if literal and (":" in rest.rpartition("@")[0] or "pass" in rest.partition("?")[2].lower()):
        return "must not hold a password here: keep the URL in a variable and write {env: NAME}"
    return None


def safety(node: Node | None) -> Safety:
    """The limits that are written; for the rest :class:`Safety` has defaults."""
    if node is None:
        return Safety()
    written: dict[str, Any] = {name: m.value for name in _PLAIN_LIMITS if (m := node.get(name)) is not None}
    deletes = node.get("max_deletes")
    for part in ("count", "percent"):
        limit = deletes.int_at(part) if deletes is not None else None
        if limit is not None:
            written[f"max_deletes_{part}"] = limit
    for name in ("max_monthly", "max_setup"):
        amounts = node.get(name)
        if amounts is not None:
            written[name] = {currency: Decimal(str(m.value)) for currency, m, _ in amounts.entries()}
    return Safety(**written)
