"""No secret is shown, logged, saved or recorded, in any spelling."""

from __future__ import annotations

from tests.simulation.canaries import HOOK_SECRET, PLAIN, Cage
from tests.simulation.checkers.base import Checker

CANARIES = Cage([*PLAIN.values(), HOOK_SECRET])


class Secrets(Checker):
    """Every credential of these runs is a canary, and so is the query of every webhook."""

    def shown(self, where: str, data: bytes | str) -> None:
        for escaped in CANARIES.escaped(data):
            self.false(f"{where} showed {escaped}")
