"""The views of a real run over the built-in carriers: what the engine makes is what the schemas allow."""

from __future__ import annotations

import json

from jsonschema import Draft202012Validator

from reconciler import package_data
from reconciler.views import render
from reconciler.workflows.drift import find_drift
from reconciler.workflows.session import Options
from tests.rig import Rig


def assert_valid(name: str, text: str) -> None:
    schema = json.loads(package_data.text(f"schemas/{name}.schema.json"))
    Draft202012Validator(schema).validate(json.loads(text))


def test_a_plan_an_apply_the_records_and_drift_are_valid_documents(rig: Rig) -> None:
    rig.write(
        "numbers:\n"
        '  "+17205550142": {provider: ip, sms: true, webhook: "https://user:hunter2@hooks.example.com/in?key=hunter2"}\n'
    )
    planned = rig.plan()
    assert_valid("plan", render.plan(planned, "json"))
    report = rig.apply()
    assert_valid("report", render.report(report, "json"))
    rig.sandbox.intelepeer("ip").portal_enable("+17205550142", "https://other.example/in?key=hunter3")
    drift = find_drift(rig.session(writes=False), Options())
    assert_valid("drift", render.drift(drift, "json"))
    state = rig.store().snapshot()
    assert_valid("state", render.records(state, "json"))

    assert render.plan(planned, "text").splitlines()[-1] == "Plan: 2 to create."
    assert render.report(report, "text").splitlines()[-1] == "Apply: 2 done. With 1 warning: see the notices."
    assert "Drift: 1 changed; 1 in sync." in render.drift(drift, "text")
    for fmt in render.FORMATS:
        every = (
            render.plan(planned, fmt),
            render.report(report, fmt),
            render.drift(drift, fmt),
            render.records(state, fmt),
        )
        assert "hunter" not in "".join(every)
