"""All the cases in one list."""

from __future__ import annotations

from tests.corpus import encodings, fields, folders, forms, malformed, plan_files, sizes, state_files, tns, yaml_text
from tests.corpus.case import Case

_SOURCES = (malformed, yaml_text, encodings, sizes, fields, forms, tns, folders, plan_files, state_files)


def every_case() -> list[Case]:
    """Every case there is, of one name each."""
    return [case for source in _SOURCES for case in source.cases()]
