"""What every view prints, whole, against files that a person has read.

``TNCTL_REGOLD=1 pytest tests/views`` writes them anew; read the difference before committing it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import views_samples as samples

from reconciler.model import Report
from reconciler.views import render

GOLDEN = Path(__file__).parent / "golden"

NOTHING_DONE = Report(samples.plan(noop=1), (), 0)
DRIFT_FREE = samples.Drift(samples.NOON, in_sync=12)

RENDERINGS: dict[str, Callable[[], str]] = {
    "plan.txt": lambda: render.plan(samples.every_action(), "text"),
    "plan_color.txt": lambda: render.plan(samples.every_action(), "text", color=True),
    "plan_narrow.txt": lambda: render.plan(samples.every_action(), "text", width=60),
    "plan.md": lambda: render.plan(samples.every_action(), "markdown"),
    "plan.json": lambda: render.plan(samples.every_action(), "json"),
    "plan_thousands.txt": lambda: render.plan(samples.thousands(), "text"),
    "plan_thousands.md": lambda: render.plan(samples.thousands(), "markdown"),
    "plan_hostile.txt": lambda: render.plan(samples.hostile(), "text"),
    "plan_hostile.md": lambda: render.plan(samples.hostile(), "markdown"),
    "plan_empty.txt": lambda: render.plan(samples.plan(noop=12, unobservable=3), "text"),
    "plan_empty.md": lambda: render.plan(samples.plan(noop=12), "markdown"),
    "plan_shares.txt": lambda: render.plan(samples.every_action(), "text", shares=samples.SHARES),
    "plan_shares.md": lambda: render.plan(samples.every_action(), "markdown", shares=samples.SHARES),
    "snippet.yaml": lambda: render.snippet(samples.OFFERED, account="infobip"),
    "report_nothing.txt": lambda: render.report(NOTHING_DONE, "text"),
    "drift_none.txt": lambda: render.drift(DRIFT_FREE, "text"),
    "graph.mmd": lambda: render.graph(samples.fleet(), "mermaid"),
    "graph.dot": lambda: render.graph(samples.fleet(), "dot"),
    "graph_pools.mmd": lambda: render.graph(samples.pooled()[0], "mermaid", samples.pooled()[1]),
    "graph_pools.dot": lambda: render.graph(samples.pooled()[0], "dot", samples.pooled()[1]),
}
for ending, form in (("txt", "text"), ("md", "markdown"), ("json", "json")):
    RENDERINGS |= {
        f"report.{ending}": partial(render.report, samples.mixed_report(), form),
        f"drift.{ending}": partial(render.drift, samples.drifted(), form),
        f"records.{ending}": partial(render.records, samples.snapshot(), form),
        f"record.{ending}": partial(
            render.record,
            samples.snapshot().records[samples.at("number/+12015550123")],
            [samples.open_intent()],
            form,
            resolutions=[samples.resolution()],
        ),
    }
for ending, form in (("txt", "text"), ("md", "markdown"), ("json", "json"), ("csv", "csv")):
    RENDERINGS |= {
        f"offers.{ending}": partial(render.offers, samples.OFFERS, form, account="infobip"),
        f"coverage.{ending}": partial(render.coverage, samples.COVERAGE, form, account="voicetel"),
        f"ledger.{ending}": partial(render.ledger, samples.ledger(), None, form),
        f"ledger_compared.{ending}": partial(render.ledger, samples.ledger(), samples.audited(), form),
    }


@pytest.mark.parametrize("name", RENDERINGS)
def test_a_rendering_is_the_one_that_was_read(name: str) -> None:
    rendered, golden = RENDERINGS[name](), GOLDEN / name
    if os.environ.get("TNCTL_REGOLD") == "1":
        golden.write_text(rendered, encoding="utf-8", newline="")
    assert rendered == golden.read_bytes().decode()


def test_every_golden_file_has_a_rendering() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == set(RENDERINGS)
