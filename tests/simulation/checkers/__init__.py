"""What must hold, a file a kind of sentence, judged on what the carriers were asked and what stands in their ledger.

Our records are read in two places: by another process when a write arrives, to see that its attempt was durable before
its first byte, and after a run, to see that they name all that the carriers charge for.

``base.py`` what a checker hears of · ``known.py`` what all of them may know · ``convergence.py`` what is in place once
an apply has ended with 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from reconciler.sandbox.ledger import Ledger
from tests.simulation.checkers.accounts import Accounts
from tests.simulation.checkers.attempts import Attempts
from tests.simulation.checkers.base import Arrival, Checker, Served
from tests.simulation.checkers.double_purchases import DoublePurchases
from tests.simulation.checkers.exit_codes import ExitCodes
from tests.simulation.checkers.in_sync import InSync
from tests.simulation.checkers.known import SETTLE_AFTER, Known
from tests.simulation.checkers.locks import Locks
from tests.simulation.checkers.lost_records import LostRecords
from tests.simulation.checkers.orders import Orders
from tests.simulation.checkers.pools import Pools
from tests.simulation.checkers.purchases import Purchases
from tests.simulation.checkers.quiet import Quiet
from tests.simulation.checkers.releases import Releases
from tests.simulation.checkers.reports import Reports
from tests.simulation.checkers.secrets import Secrets

__all__ = ["ALL", "Arrival", "Checker", "Checkers", "Known", "Served"]

ALL: tuple[type[Checker], ...] = (
    *(ExitCodes, Attempts, Locks, Orders, DoublePurchases, Purchases, Releases, LostRecords, Pools),
    *(Reports, InSync, Accounts, Quiet, Secrets),
)


class Checkers(Checker):
    """All of them as one."""

    def __init__(
        self,
        ledger: Ledger,
        owned: Callable[[str], set[str]] = lambda _account: set(),
        settle_after: Mapping[str, timedelta] = SETTLE_AFTER,
    ) -> None:
        super().__init__(Known(ledger, owned, settle_after))
        every = (self.known, *(kind(self.known) for kind in ALL))
        for name in _HEARD:
            setattr(self, name, _told([getattr(checker, name) for checker in every if _hears(checker, name)]))

    @property
    def broken(self) -> list[str]:
        """The sentences that were false."""
        return self.known.broken


_HEARD = [name for name, value in vars(Checker).items() if callable(value) and name[0] != "_" and name != "false"]


def _hears(checker: Checker, name: str) -> bool:
    return getattr(type(checker), name) is not getattr(Checker, name)


def _told(hearing: list[Callable[..., None]]) -> Callable[..., None]:
    def tell(*args: Any) -> None:
        for hear in hearing:
            hear(*args)

    return tell
