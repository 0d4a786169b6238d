"""The dependency graph, as its renderers read it."""

from __future__ import annotations

import re

import pytest
import views_samples as samples
from views_samples import at

from reconciler.model import Resource
from reconciler.model.fleet import Fleet
from reconciler.views import render

ARROWS = {"mermaid": "-->", "dot": "->"}


def edges(fmt: str) -> list[tuple[str, str]]:
    return re.findall(rf"^ *(n[0-9]+) {ARROWS[fmt]} (n[0-9]+);?$", render.graph(samples.fleet(), fmt), re.MULTILINE)


@pytest.mark.parametrize("fmt", ARROWS)
def test_an_arrow_goes_from_what_comes_first(fmt: str) -> None:
    brand, campaign, number, sms, webhook, assignment = (f"n{n}" for n in range(6))
    assert set(edges(fmt)) == {
        (brand, campaign),
        (campaign, assignment),
        (number, assignment),
        (number, sms),
        (sms, webhook),
    }


@pytest.mark.parametrize("fmt", ARROWS)
def test_a_name_cannot_end_its_label(fmt: str) -> None:
    fleet = Fleet(resources=(Resource(at('brand/a"]; evil --> b\\'), 'x"y'),))
    labels = re.findall(r'"((?:\\.|[^"\\])*)"', render.graph(fleet, fmt))
    assert len(labels) == 2
    assert render.graph(fleet, fmt).count("evil") == 1
    assert any("evil" in label for label in labels)


def test_an_empty_fleet_is_still_a_graph() -> None:
    assert render.graph(Fleet(), "mermaid") == "flowchart LR\n"
    assert render.graph(Fleet(), "dot").endswith("}\n")
