"""Who is told of a run, as it goes."""

from __future__ import annotations

from typing import Protocol

from reconciler.model import Outcome, Step


class Listener(Protocol):
    """Hears what a run does, as it does it. It decides nothing."""

    def planned(self, steps: int) -> None:
        """So many steps are about to be walked."""
        ...

    def started(self, step: Step) -> None:
        """A step begins."""
        ...

    def waiting(self, step: Step, message: str) -> None:
        """A step waits for its carrier; ``message`` says for what."""
        ...

    def finished(self, outcome: Outcome) -> None:
        """One change has ended."""
        ...

    def note(self, text: str) -> None:
        """Something worth a line."""
        ...
