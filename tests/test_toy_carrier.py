"""A carrier that another package brings: installed, declared, bought from and given back to, with no line of ours.

The package is ``tests/toy_carrier``. What ``pip install`` would do is done by hand, as that needs no network: a folder
on the path with the metadata of its ``pyproject.toml``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest

from reconciler.errors import ConfigError, UsageError
from reconciler.model import Action, Kind, Mark, Resource, Step, Verdict
from reconciler.model.carrier_spec import CarrierSpec
from reconciler.model.fleet import Account
from reconciler.providers import registry
from reconciler.providers.installed import CARRIERS, GROUP
from reconciler.sandbox import AccountSpec, Sandbox, VirtualClock, curl_help, fault_syntax
from reconciler.sandbox.control import Control, Setup
from reconciler.testing import NAME, STATUSES, Bench, Contract, load_configuration, step, want

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "tests" / "toy_carrier"
sys.path.append(str(PACKAGE))

from toy_carrier.spec import SPEC  # noqa: E402

TN, MINE = "+447700900142", "+447700900107"
HEAD = "version: 1\nproviders: {desk: {type: toy, shop: south}}\n"


def install(site: Path, brings: Mapping[str, str], name: str = "tnctl-toy-carrier") -> None:
    """Make a package known whose entry points bring carriers."""
    info = site / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("\n".join([f"[{GROUP}]", *(f"{t} = {v}" for t, v in brings.items())]))


@pytest.fixture(autouse=True)
def site(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder on the path in which the toy carrier is installed."""
    folder = tmp_path_factory.mktemp("site")
    project = tomllib.loads((PACKAGE / "pyproject.toml").read_text())["project"]
    install(folder, project["entry-points"][GROUP], project["name"])
    monkeypatch.syspath_prepend(str(folder))
    forget()
    yield folder
    forget()


def forget() -> None:
    """Let the packages be looked for again."""
    vars(CARRIERS).pop("_others", None)


def number(tn: str) -> Resource:
    return want(Kind.NUMBER, tn)


class TestToyContract(Contract):
    account = Account(NAME, SPEC, f"https://sandbox.invalid/{NAME}")
    declared = f'numbers: {{"{TN}": {{provider: account}}}}'
    verdicts: ClassVar[Mapping[str, Mapping[Kind, Verdict]]] = {
        name: {Kind.NUMBER: Verdict.MAYBE if name == "409" else Verdict.REJECTED}
        for name in STATUSES
        if not name.startswith("429")
    }
    # A list of the whole account that names other numbers is a list of an account that has other numbers.
    unproven = frozenset({"other-number"})

    def stage(self, bench: Bench) -> list[Resource]:
        bench.carrier.take(MINE[1:], bench.clock.now())
        return [number(MINE)]

    def creation(self, bench: Bench) -> list[Step]:
        return [step(Action.CREATE, number(TN))]

    def made(self, bench: Bench) -> list[Resource]:
        return [number(TN)]

    def undeclared(self, bench: Bench) -> object:
        return bench.carrier.owned() - {TN}


def tnctl(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([*(p for p in sys.path if "site" in p), str(PACKAGE), str(ROOT)])
    return subprocess.run(
        [sys.executable, "-m", "reconciler", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_numbers_are_bought_there_by_line_and_by_pool_and_given_back(tmp_path: Path) -> None:
    numbers = tmp_path / "numbers.yaml"
    pool = "pools: {few: {provider: desk, size: 2, search: {ends_with: '7'}}}\n"
    numbers.write_text(f'{HEAD}numbers: {{"+447700900242": {{provider: desk}}}}\n{pool}')
    assert "valid" in tnctl(tmp_path, "validate").stdout
    assert tnctl(tmp_path, "plan", "--sandbox", "--detailed-exitcode").returncode == 2
    applied = tnctl(tmp_path, "apply", "--sandbox", "-y", "--format", "json")
    assert json.loads(applied.stdout)["summary"]["done"] == 3, applied
    assert tnctl(tmp_path, "plan", "--sandbox", "--detailed-exitcode").returncode == 0
    assert "447700900207" in tnctl(tmp_path, "state", "list", "--sandbox").stdout
    numbers.write_text(f"{HEAD}{pool}")
    gone = tnctl(tmp_path, "apply", "--sandbox", "-y", "--allow-releases", "1")
    assert gone.returncode == 0, gone
    assert tnctl(tmp_path, "plan", "--sandbox", "--detailed-exitcode").returncode == 0
    assert "+447700900242" not in tnctl(tmp_path, "state", "list", "--sandbox").stdout


def problems(folder: Path, text: str) -> list[str]:
    (folder / "numbers.yaml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_configuration([folder / "numbers.yaml"], {})
    return [problem.removeprefix(f"{folder}/numbers.yaml:") for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (HEAD.replace("south", "east"), "2:37: `shop` has no such setting: write north or south"),
        (HEAD.replace("toy", "toys"), "2:26: `type` has no such setting: did you mean `toy`?"),
        (
            HEAD.replace("toy,", "infobip,"),
            "2:35: `desk` has no `shop`: write one of `type`, `base_url`, `credentials`, `limits`, `api_path`, "
            "`account_api`, `settle_after`, `on_ambiguous`, `moved`",
        ),
        (
            HEAD.replace("{desk:", "{ib: {type: infobip, shop: north}, desk:"),
            "2:33: `shop` belongs to accounts of type toy, not infobip: remove it here",
        ),
        (
            HEAD + "pools: {few: {provider: desk, size: 1, search: {ends_with: x}}}",
            '3:60: `ends_with` is not of the right form: write digits in quotes, such as "42"',
        ),
        (
            HEAD + "pools: {few: {provider: desk, size: 1, search: {country: GB}}}",
            "3:49: `country` is no search field of toy accounts: they have `ends_with`",
        ),
        (
            HEAD + 'numbers: {"+447700900242": {provider: desk, sms: true}}',
            "3:45: an account of type toy cannot do `sms`: only intelepeer accounts can; name one: "
            "{enabled: true, provider: NAME}",
        ),
    ],
)
def test_what_is_written_of_it_is_checked_as_of_any_carrier(tmp_path: Path, text: str, told: str) -> None:
    assert problems(tmp_path, text) == [told]


@pytest.mark.parametrize(
    ("brings", "told"),
    [
        ({"bad": "no_such_module:SPEC"}, "cannot be loaded (ModuleNotFoundError: No module named 'no_such_module')"),
        ({"bad": "toy_carrier.spec:SPEC"}, "is no CarrierSpec of that type: mend the package"),
        ({"bad": "toy_carrier.provider:Toy"}, "is no CarrierSpec of that type: mend the package"),
        (
            {"infobip": "toy_carrier.spec:SPEC"},
            "package bad brings a carrier `infobip`, which is built in: uninstall it",
        ),
    ],
)
def test_a_package_that_brings_no_carrier_is_told_at_the_account(
    tmp_path: Path, site: Path, brings: dict[str, str], told: str
) -> None:
    install(site, brings, "bad")
    (problem,) = problems(tmp_path, "version: 1\nproviders: {desk: {type: bad}}\n")
    assert problem.startswith("2:26: ")
    assert told in problem


def test_of_two_packages_that_bring_the_same_carrier_none_is_preferred(tmp_path: Path, site: Path) -> None:
    install(site, {"toy": "toy_carrier.spec:SPEC"}, "another")
    (problem,) = problems(tmp_path, HEAD)
    assert problem == (
        "2:26: carrier `toy` is brought by package another and by package tnctl-toy-carrier: uninstall all but one"
    )


def test_other_packages_are_not_looked_at_for_the_carriers_that_are_built_in(tmp_path: Path, site: Path) -> None:
    install(site, {"infobip": "no_such_module:SPEC"}, "bad")
    (tmp_path / "numbers.yaml").write_text("version: 1\nproviders: {ib: {type: infobip}}\n")
    assert load_configuration([tmp_path / "numbers.yaml"], {}).accounts["ib"].spec is CARRIERS["infobip"]
    assert "_others" not in vars(CARRIERS)


def test_without_the_package_the_type_is_unknown(tmp_path: Path, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if entry != str(site)])
    forget()
    (problem,) = problems(tmp_path, HEAD.replace(", shop: south", ""))
    assert problem == "2:26: `type` has no such setting: write intelepeer, inumbering or infobip"


def altered(**fields: Any) -> Account:
    """An account of a toy carrier whose package says something else."""
    spec = CarrierSpec(**{**{name: getattr(SPEC, name) for name in CarrierSpec.__slots__}, **fields})
    return Account(NAME, spec, "https://toy.example", mark=Mark("numbers.yaml", 2, 13))


@pytest.mark.parametrize(("sandbox", "why"), [("", "carrier `toy`$"), ("no_such:Toy", "no_such:Toy cannot be loaded")])
def test_a_carrier_that_nothing_plays_is_refused_at_the_sandbox(sandbox: str, why: str) -> None:
    with pytest.raises(UsageError, match=why) as caught:
        AccountSpec.of(altered(sandbox=sandbox))
    assert caught.value.message.startswith("numbers.yaml:2:13: account account: its package brings no sandbox")
    assert "without --sandbox" in caught.value.hint


@pytest.mark.parametrize("account", ["no_such:Toy", "toy_carrier.provider:Toyy"])
def test_a_carrier_whose_accounts_cannot_be_built_is_told_with_the_account(account: str) -> None:
    with pytest.raises(
        ConfigError, match=f"numbers.yaml:2:13: account account: {account}, of carrier `toy`, cannot be"
    ):
        registry.in_flight(altered(account=account))


def test_the_sandbox_that_serves_it_lists_it_and_lets_its_calls_be_struck() -> None:
    served = {"desk": AccountSpec.of(Account("desk", SPEC, ""))}
    sandbox = Sandbox(served, VirtualClock())
    Control.attach(sandbox, Setup())
    shown = sandbox.exchange("GET", "/-/accounts", {"Host": "127.0.0.1"}, b"").response.json()
    assert shown["desk"] == {"type": "toy", "owned": [], "switches": {}, "actions": {"expire": ["credential"]}}
    assert fault_syntax.rule("503,call=offers", served).call == "offers"
    assert curl_help.environment({"desk": "toy"}, "http://h") == {"DESK_URL": "http://h/desk"}
    assert curl_help.examples({"desk": "toy"}) == []


def test_the_toy_is_small_and_tnctl_does_not_know_it() -> None:
    files = [path for path in PACKAGE.rglob("*.*") if path.suffix in {".py", ".toml"}]
    assert sum(len(path.read_text().splitlines()) for path in files) <= 300
    assert not [path for path in (ROOT / "reconciler").rglob("*.py") if "toy_carrier" in path.read_text()]
