"""The bar on a terminal: how far the run is, and what it is at right now. The only module that imports rich."""

from __future__ import annotations

from typing import TextIO

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.text import Text

from reconciler.model import Address, Outcome, Step
from reconciler.views import phrases

MOST_RUNNING = 6
"""Running steps that are shown; the others are counted."""
_WIDTH = 40


class Bar:
    """Counts steps and lists the running ones, drawn a few times a second until it is stopped."""

    def __init__(self, stream: TextIO, steps: int, *, color: bool) -> None:
        self._steps = steps
        self._ended = 0
        self._running: dict[str, str] = {}
        self._left: dict[str, int] = {}
        self._step_of: dict[Address, str] = {}
        console = Console(file=stream, force_terminal=True, no_color=not color, highlight=False, markup=False)
        self._live = Live(
            get_renderable=self._drawn, console=console, refresh_per_second=8, transient=True, redirect_stdout=False
        )
        self._live.start()
        # A run that is killed cannot bring a hidden cursor back.
        console.show_cursor()

    def stop(self) -> None:
        """Wipe the bar off the screen."""
        self._live.stop()

    def started(self, step: Step) -> None:
        """List the step as running until all its changes have ended."""
        self._running[step.id] = ""
        self._left[step.id] = len(step.changes)
        self._step_of.update(dict.fromkeys(step.addresses, step.id))

    def waiting(self, step: Step, text: str) -> None:
        """Say for what the step waits."""
        self._running[step.id] = text

    def finished(self, outcome: Outcome) -> None:
        """Count the step when this was the last of its changes; a skipped change never started."""
        step = self._step_of.pop(outcome.address, None)
        if step is not None:
            self._left[step] -= 1
            if self._left[step]:
                return
            self._running.pop(step)
        self._ended = min(self._steps, self._ended + 1)

    def print(self, line: str) -> None:
        """A line above the bar."""
        self._live.console.print(line)

    def _drawn(self) -> RenderableType:
        """The bar and the running steps. Called from the drawing thread: it works on a copy."""
        running = list(self._running.items())
        lines = [f"  {phrases.sentence(step)}{f': {text}' if text else ''}" for step, text in running[:MOST_RUNNING]]
        more = [f"  and {len(running) - MOST_RUNNING:,} more"] if len(running) > MOST_RUNNING else []
        return Group(
            Text(f"{self._ended:,} of {phrases.count(self._steps, 'step')}", no_wrap=True),
            ProgressBar(total=self._steps, completed=self._ended, width=_WIDTH),
            *(Text(line, no_wrap=True, overflow="ellipsis") for line in [*lines, *more]),
        )
