"""``moved: NAME``: what had another name before, an account or a pool. Its records come along, without a call."""

from __future__ import annotations

from reconciler.config.node import Node
from reconciler.config.problems import Problems
from reconciler.model import Mark
from reconciler.model.suggestions import quoted


def check_moves(section: Node, what: str, problems: Problems) -> None:
    """Whoever has moved has had its former name alone, and nobody has that name now. ``what``: ``a pool``."""
    first: dict[str, Mark] = {}
    for _, entry, _ in section.entries():
        old, node = entry.text_at("moved"), entry.get("moved")
        if old is None or node is None:
            continue
        earlier = first.setdefault(old, node.mark)
        if section.has(old):
            problems.add(node.mark, f"{quoted(old)} is still {what}, at {section.key_mark(old)}")
        elif earlier is not node.mark and earlier != node.mark:
            problems.add(node.mark, f"{quoted(old)} has moved at {earlier} already: keep one")
