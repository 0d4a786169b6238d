"""Real accounts at carriers that are served on loopback, so that nothing of what ``--sandbox`` spares is spared."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from reconciler.clock import SystemClock
from reconciler.model.fleet import CarrierType
from reconciler.sandbox import AccountSpec, Sandbox
from reconciler.sandbox.server import running

CREDENTIALS = {"INTELEPEER_TOKEN": "t", "INUMBERING_API_KEY": "k", "INFOBIP_API_KEY": "k"}

DESK = "pools: {desk: {provider: ib, size: 2, search: {country: GB}}}\n"
"""A pool of two."""


@dataclass(frozen=True)
class Served:
    """The carriers, and the configuration that leads to them."""

    sandbox: Sandbox
    url: str

    def write(self, text: str, file: Path | str = "numbers.yaml", *, also: str = "") -> Path:
        """Make ``text`` (without version and providers) the configuration in ``file``; ``also`` says more of ib."""
        path = Path(file)
        path.parent.mkdir(parents=True, exist_ok=True)
        accounts = (
            f"{{ib: {{type: infobip, base_url: '{self.url}/ib'{also}}}, "
            f"ip: {{type: intelepeer, base_url: '{self.url}/ip'}}}}"
        )
        path.write_text(f"version: 1\nproviders: {accounts}\n{text}")
        return path

    def charges(self) -> int:
        """How many purchases were charged."""
        return len(self.sandbox.ledger.charges())

    def writes(self) -> int:
        """How many entries the carriers' own ledger has."""
        return len(self.sandbox.ledger.charges()) + len(self.sandbox.ledger.releases())


@contextmanager
def served() -> Iterator[Served]:
    """Carriers on loopback while the block runs."""
    specs = {"ib": AccountSpec(CarrierType.INFOBIP), "ip": AccountSpec(CarrierType.INTELEPEER)}
    sandbox = Sandbox(specs, SystemClock())
    with running(sandbox) as url:
        yield Served(sandbox, url)
