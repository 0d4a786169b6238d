"""All the cases, in families."""

from __future__ import annotations

import re
from collections import defaultdict

from tests.corpus import encodings, fields, folders, forms, malformed, plan_files, sizes, state_files, tns, yaml_text
from tests.corpus.case import Case

_SOURCES = (malformed, yaml_text, encodings, sizes, forms, tns, folders, plan_files, state_files)


def every_case() -> list[Case]:
    """Every case there is, of one name each."""
    return [case for family in families().values() for case in family]


def families() -> dict[str, list[Case]]:
    """The cases by what they have in common: where they are from, or what is wrong with one field after another."""
    found = {source.__name__.rpartition(".")[2]: list(source.cases()) for source in _SOURCES}
    return found | wrong_fields()


def wrong_fields() -> dict[str, list[Case]]:
    """The cases that do one thing to every field there is, by that thing: ``null-in``, ``misspelt``, ``twice`` …"""
    found: dict[str, list[Case]] = defaultdict(list)
    for case in fields.cases():
        found[re.split(":", case.name, maxsplit=1)[0]].append(case)
    return dict(found)


def configurations() -> list[Case]:
    """The malformed configurations; of those that differ only in the field that is wrong, one of each family."""
    apart = [case for source in (malformed, yaml_text, encodings, sizes, forms, tns) for case in source.cases()]
    return [*(case for case in apart if case.name.startswith("config-")), *(few[0] for few in wrong_fields().values())]
