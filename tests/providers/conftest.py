"""What the contract is run over: every setting of every switch, one at a time, and every fault of a read."""

from __future__ import annotations

from typing import Any

import pytest
from contract import HARMLESS, Contract

from reconciler.sandbox import FAULTS
from reconciler.sandbox.switches import Switches, settings


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Parametrise the tests of a contract by what its carrier can do."""
    contract = metafunc.cls
    if contract is None or not issubclass(contract, Contract):
        return
    cases = every_setting(contract.switches_type)
    honest = {name: switches for name, switches in cases.items() if name not in contract.hides}
    faults = sorted(set(FAULTS) - HARMLESS - contract.unproven)
    rows: dict[str, dict[str, Any]] = {
        "switches": cases,
        "honest_switches": honest,
        "read_fault": dict(zip(faults, faults, strict=True)),
    }
    for name in rows.keys() & set(metafunc.fixturenames):
        metafunc.parametrize(name, list(rows[name].values()), ids=list(rows[name]))


def every_setting(switches_type: type[Switches]) -> dict[str, Switches]:
    """The defaults, and each other setting alone, by ``switch=value``."""
    defaults = switches_type()
    changed = {
        f"{name}={value}": switches_type(**{name: value})
        for name, values in settings(switches_type).items()
        for value in values
        if value != getattr(defaults, name)
    }
    return {"defaults": defaults, **changed}
