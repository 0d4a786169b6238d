"""The README's sentence as a pool, with the plan that it really gives.

``TNCTL_REGOLD=1 pytest tests/pools/test_pools_readme.py`` writes that plan anew.
"""

from __future__ import annotations

import os
import re

from reconciler import package_data
from reconciler.config import schema
from reconciler.planning.limits import Allowances
from reconciler.testing import load_configuration
from reconciler.views import render
from reconciler.workflows.session import Options
from tests.rig import ENVIRON, Rig
from tests.test_readme import README, ROOT

SECTION = re.compile(r"<!-- pool:begin -->\n```yaml\n(.*?)```\n\n```text\n(.*?)```\n<!-- pool:end -->", re.S)


def section() -> re.Match[str]:
    found = SECTION.search(README.read_text(encoding="utf-8"))
    assert found is not None
    return found


def test_the_sentence_typed_in_yaml_gives_the_plan_that_stands_below_it(rig: Rig) -> None:
    rig.names, rig.real = {"voicetel": "vt"}, True
    rig.write("", section()[1])
    plan = render.plan(rig.plan(), "text", width=110).rstrip()
    shown = f"$ tnctl plan\n{plan}\n"
    if os.environ.get("TNCTL_REGOLD"):
        whole = README.read_text(encoding="utf-8")
        start, end = section().span(2)
        README.write_text(whole[:start] + shown + whole[end:], encoding="utf-8")
    normal = re.compile(r"sha256:[0-9a-f]{64}")
    assert normal.sub("sha256:…", section()[2]) == normal.sub("sha256:…", shown)
    assert rig.apply(Options(allow=Allowances(new_records=True))).exit_code == 0
    assert (rig.apply().exit_code, rig.writes()) == (0, 0)


def test_every_key_of_a_pool_stands_in_the_readme_and_its_own_ones_in_the_example() -> None:
    text = README.read_text(encoding="utf-8")
    table = text[text.index("| key of a pool") : text.index("- A slot (")]
    keys = set(schema.definition("pool")["properties"]) | set(schema.definition("search")["properties"])
    assert [key for key in sorted(keys) if f"`{key}" not in table] == []
    fleet = load_configuration([ROOT / "numbers.yaml.example"], ENVIRON, sandbox=True)
    assert {pool.name: pool.size for pool in fleet.pools} == {"nj-support": 3, "uk-desk": 2}
    example = package_data.text("numbers.yaml.example")
    pools = example[example.index("\npools:") : example.index("\nprices:")]
    own = keys - set(schema.definition("number")["properties"])
    assert [key for key in sorted(own) if not re.search(rf"\b{key}:", pools)] == []


def test_the_example_brings_up_both_pools_grows_and_shrinks_with_prices(rig: Rig) -> None:
    rig.names = {"intelepeer": "ip", "voicetel": "vt", "infobip": "ib"}
    text = package_data.text("numbers.yaml.example")

    def write(changed: str) -> None:
        (rig.folder / "numbers.yaml").write_text(re.sub(r"credentials: .*$", "", changed, flags=re.M))

    write(text)
    plan = rig.plan()
    purchases = [change for change in plan.changes if change.purchase]
    assert len(purchases) == 10
    assert all(change.cost is not None for change in purchases)
    assert rig.apply().exit_code == 0
    write(text.replace("size: 2", "size: 3"))
    assert [str(change.address) for change in rig.plan().changes] == ["number/+447700900002"]
    assert rig.apply().exit_code == 0
    write(text.replace("size: 2", "size: 1"))
    plan = rig.plan()
    assert sorted(change.address.name for change in plan.changes) == ["+447700900001", "+447700900002"]
    assert all("saves 5.00 EUR a month" in change.reason for change in plan.changes)
    assert rig.apply(Options(allow=Allowances(releases=2))).exit_code == 0
    assert len(rig.sandbox.ledger.releases()) == 2
