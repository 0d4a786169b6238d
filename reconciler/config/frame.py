"""What stands once in a configuration and holds for all of it: ``safety``."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from reconciler.config.node import Node
from reconciler.settings import Safety

_PLAIN_LIMITS: Final = ("max_purchases", "max_releases", "unknown_prices")


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
