"""What differs between two sides, field by field: asked only where ``==`` has said that something does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconciler.model import Attrs, FieldDiff


def explain(before: Attrs | None, after: Attrs | None) -> tuple[FieldDiff, ...]:
    """The declared fields that differ, sorted by path; live fields that nobody declared are left alone."""
    if before is None or after is None:
        return ()
    ours = {key: before[key] for key in after if key in before}
    if ours == dict(after):
        return ()
    return tuple(sorted(_differences(ours, after), key=lambda diff: diff.path))


def _differences(before: Mapping[str, Any], after: Attrs) -> list[FieldDiff]:
    # Imported here: DeepDiff takes 0.15 s to load, and a plan without updates never needs it.
    from deepdiff import DeepDiff

    found = DeepDiff(before, dict(after), view="tree", ignore_order=False, verbose_level=2)
    return [
        FieldDiff(".".join(map(str, level.path(output_format="list"))), _side(level.t1), _side(level.t2))
        for levels in found.values()
        for level in levels
    ]


def _side(value: Any) -> Any:
    return value if isinstance(value, str | int | bool | None) else None
