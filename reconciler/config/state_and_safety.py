"""What stands once in a configuration and holds for all of it: ``safety``."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from reconciler.config.node import EMPTY, Node
from reconciler.config.problems import Problems
from reconciler.model import Mark, phone
from reconciler.model.fleet import Safety
from reconciler.model.suggestions import quoted

_PLAIN_LIMITS: Final = ("max_purchases", "max_releases", "unknown_prices")


def safety(root: Node, problems: Problems) -> Safety:
    """The limits that are written; for the rest :class:`Safety` has defaults."""
    node = root.get("safety")
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
    named: dict[str, Any] = {
        name: _named(node.get(name), f"safety.{name}", root, problems) for name in ("release", "forget")
    }
    for tn in named["release"].keys() & named["forget"].keys():
        message = f"{quoted(tn)} is to be released at {named['release'][tn]}: keep one of the two"
        problems.add(named["forget"][tn], message)
    return Safety(**written, **named)


def _named(node: Node | None, where: str, root: Node, problems: Problems) -> dict[str, Mark]:
    """The numbers of a list with their places, those without a line: what has one is not given up."""
    lines = root.get("numbers") or EMPTY
    found: dict[str, Mark] = {}
    for item in node.value if node is not None and isinstance(node.value, list) else ():
        tn = item.value if item.sound else None
        if not isinstance(tn, str):
            continue
        if lines.has(tn):
            message = (
                f"{quoted(tn)} is still declared, at {lines.key_mark(tn)}: take its line out, or this out of {where}"
            )
            problems.add(item.mark, message)
        elif wrong := phone.problem(tn):
            problems.add(item.mark, f"{quoted(tn)} is {wrong}")
        else:
            found.setdefault(tn, item.mark)
    return found
