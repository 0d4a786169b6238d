"""Nothing is bought or released at another account than the records are of."""

from __future__ import annotations

from tests.simulation.carriers import Asked
from tests.simulation.checkers.base import Checker


class Accounts(Checker):
    """A configuration may lead to another account by mistake."""

    def misdirected(self, asked: Asked) -> None:
        if asked.orders or asked.releases:
            self.false(f"{asked.call} {asked.tn} was sent to another account than the records are of")
