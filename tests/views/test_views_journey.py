"""The views of a real run over the built-in carriers: what the engine makes is what the schemas allow."""

from __future__ import annotations

import json

from jsonschema import Draft202012Validator

from reconciler import resources, views, workflow
from reconciler.session import Options
from tests.rig import Rig


def assert_valid(name: str, text: str) -> None:
    schema = json.loads(resources.text(f"schemas/{name}.schema.json"))
    Draft202012Validator(schema).validate(json.loads(text))


def test_a_plan_an_apply_the_records_and_drift_are_valid_documents(rig: Rig) -> None:
    rig.write(
        "numbers:\n"
        '  "+17205550142": {provider: ip, sms: true, webhook: "https://user:hunter2@hooks.example.com/in?key=hunter2"}\n'
    )
    planned = rig.plan()
    assert_valid("plan", views.plan(planned, "json"))
    report = rig.apply()
    assert_valid("report", views.report(report, "json"))
    rig.sandbox.intelepeer("ip").portal_enable("+17205550142", "https://other.example/in?key=hunter3")
    drift = workflow.find_drift(rig.session(writes=False), Options())
    assert_valid("drift", views.drift(drift, "json"))
    memory = rig.store().memory()
    assert_valid("state", views.records(memory, "json"))

    assert views.plan(planned, "text").splitlines()[-1] == "Plan: 2 to create."
    assert views.report(report, "text").splitlines()[-1] == "Apply: 2 done. With 1 warning: see the notices."
    assert "Drift: 1 changed; 1 in sync." in views.drift(drift, "text")
    for fmt in views.FORMATS:
        every = views.plan(planned, fmt), views.report(report, fmt), views.drift(drift, fmt), views.records(memory, fmt)
        assert "hunter" not in "".join(every)
