"""The law of the house: which room may import which. What breaks it is planted in a copy of the tree, and refused."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LAYERS = "Imports go one way"
ACYCLIC = "No circle"
PURE = "What decides does no I/O"
DOCUMENTS = "The sandbox is written from the documents: it stands on the model alone"
STARTERS = "Only the command line and the test kit start the sandbox"
TRANSPORT = "Only providers use the transport"
CONTRACTS = {LAYERS, ACYCLIC, PURE, DOCUMENTS, STARTERS, TRANSPORT}

BREACHES: Mapping[str, tuple[Mapping[str, str], set[str]]] = {
    "a loose module that speaks to the network": ({"loose.py": "import requests"}, {LAYERS}),
    "planning that imports a loose module that does": (
        {"loose.py": "import requests", "planning/x.py": "import reconciler.loose"},
        {LAYERS, PURE},
    ),
    "planning that reaches the network through another room": (
        {"config/x.py": "import requests", "planning/x.py": "import reconciler.config.x"},
        {PURE},
    ),
    "a decision that asks where none looks, inside a function": (
        {"pools/x.py": "def ask() -> None:\n    import sqlalchemy"},
        {PURE},
    ),
    "two modules of a room in a circle": (
        {"planning/x.py": "import reconciler.planning.y", "planning/y.py": "import reconciler.planning.x"},
        {ACYCLIC},
    ),
    "a circle that only the type checker walks": (
        {
            "state/x.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import reconciler.state.y",
            "state/y.py": "import reconciler.state.x",
        },
        {ACYCLIC},
    ),
    "a step upstairs": ({"executor/x.py": "import reconciler.workflows.apply"}, {LAYERS, ACYCLIC}),
    "a room that imports the one beside it": ({"providers/x.py": "import reconciler.state.plans"}, {LAYERS}),
    "a sandbox that knows the client": (
        {"sandbox/x.py": "import reconciler.providers.base"},
        {DOCUMENTS},
    ),
    "a workflow that starts the sandbox": ({"workflows/x.py": "import reconciler.sandbox.server"}, {STARTERS}),
    "a workflow that sends a request itself": (
        {"workflows/x.py": "import reconciler.providers.http.transport"},
        {TRANSPORT},
    ),
}


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the tree, and of the contracts."""
    shutil.copytree(ROOT / "reconciler", tmp_path / "reconciler", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def broken(house: Path) -> set[str]:
    """The contracts that the tree in ``house`` breaks."""
    linter = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    command = [sys.executable, "-c", linter, "--no-cache"]
    heard = subprocess.run(command, cwd=house, capture_output=True, encoding="utf-8", timeout=60, check=False)
    verdicts = dict(re.findall(r"^(.+) (KEPT|BROKEN)$", heard.stdout, re.M))
    assert set(verdicts) == CONTRACTS, heard.stdout + heard.stderr
    refused = {contract for contract, verdict in verdicts.items() if verdict == "BROKEN"}
    assert heard.returncode == (1 if refused else 0)
    return refused


needs_the_linter = pytest.mark.skipif(find_spec("importlinter") is None, reason="import-linter is in the extra `dev`")


@needs_the_linter
def test_the_tree_keeps_the_law(house: Path) -> None:
    assert broken(house) == set()


@needs_the_linter
@pytest.mark.parametrize(("planted", "contracts"), BREACHES.values(), ids=BREACHES)
def test_a_breach_is_refused(house: Path, planted: Mapping[str, str], contracts: set[str]) -> None:
    for module, source in planted.items():
        (house / "reconciler" / module).write_text(f"{source}\n")
    assert broken(house) == contracts


def test_every_contract_has_a_breach() -> None:
    assert set().union(*(contracts for _, contracts in BREACHES.values())) == CONTRACTS


@pytest.mark.parametrize("module", sorted(ROOT.glob("reconciler/**/__init__.py")), ids=lambda path: path.parent.name)
def test_the_door_of_a_room_holds_no_logic(module: Path) -> None:
    for statement in ast.parse(module.read_text(encoding="utf-8")).body:
        assert isinstance(statement, ast.Import | ast.ImportFrom | ast.Assign | ast.Expr)
        if isinstance(statement, ast.Assign | ast.Expr):
            ast.literal_eval(statement.value)
