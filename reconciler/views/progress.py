"""What a person sees while a run is at work: a bar on a terminal, a line for each change in a log, or nothing.

All of them hear the same things, as :class:`reconciler.executor.run.Listener` has it, and write to one stream
(standard error): results go elsewhere.
"""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Self, TextIO

from reconciler.model import Address, Outcome, Result, Step
from reconciler.views import phrases
from reconciler.views.folding import Emphasis
from reconciler.views.phrases import sentence
from reconciler.views.terminal import Colors

if TYPE_CHECKING:
    from rich.console import RenderableType

_EMPHASIS = {Result.DONE: Emphasis.GOOD, Result.FAILED: Emphasis.LOUD, Result.UNKNOWN: Emphasis.LOUD}

MOST_RUNNING = 6
"""Running steps that are shown; the others are counted."""
_WIDTH = 40


class Quiet:
    """Says nothing."""

    def planned(self, steps: int) -> None:
        """Nothing."""

    def started(self, step: Step) -> None:
        """Nothing."""

    def waiting(self, step: Step, message: str) -> None:
        """Nothing."""

    def finished(self, outcome: Outcome) -> None:
        """Nothing."""

    def note(self, text: str) -> None:
        """Nothing."""


class Progress:
    """Tells of a run on ``stream``: with a bar when it is a terminal, else a plain line for what has happened.

    A context manager: the bar is gone when it ends, whatever ended it.
    """

    def __init__(self, stream: TextIO, *, terminal: bool, color: bool) -> None:
        self._stream = stream
        self._terminal = terminal
        self._colors = Colors(color)
        self._bar: Bar | None = None
        self._said: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def planned(self, steps: int) -> None:
        """Start the bar, when there is something to show it for."""
        if self._terminal and steps:
            self._bar = Bar(self._stream, steps, color=self._colors.color)

    def started(self, step: Step) -> None:
        """Show the step as running; a log has no use for it."""
        if self._bar is not None:
            self._bar.started(step)

    def waiting(self, step: Step, message: str) -> None:
        """Say for what a step waits: in a log once, however often it is asked about."""
        text = sentence(message)
        if self._bar is not None:
            self._bar.waiting(step, text)
        elif self._said.get(step.id) != text:
            self._said[step.id] = text
            self._print(f"waiting  {sentence(step.id)}: {text}", Emphasis.INFO)

    def finished(self, outcome: Outcome) -> None:
        """One change has ended; the report lists it again, so that the bar only counts it."""
        if self._bar is not None:
            self._bar.finished(outcome)
            return
        told = f": {sentence(outcome.message)}" if outcome.message and outcome.result is not Result.DONE else ""
        line = f"{outcome.result.value}  {outcome.action.value} {sentence(outcome.address)}{told}"
        self._print(line, _EMPHASIS.get(outcome.result, Emphasis.INFO))

    def note(self, text: str) -> None:
        """A line, above the bar if there is one."""
        self._print(f"note  {sentence(text)}", Emphasis.QUIET)

    def _print(self, line: str, emphasis: Emphasis) -> None:
        if self._bar is not None:
            self._bar.print(line)
        else:
            self._stream.write(self._colors(line, emphasis) + "\n")
            self._stream.flush()


class Bar:
    """Counts steps and lists the running ones, drawn a few times a second until it is stopped."""

    def __init__(self, stream: TextIO, steps: int, *, color: bool) -> None:
        # Imported here, as below: rich takes long to load, and only a terminal has a use for it.
        from rich.console import Console
        from rich.live import Live

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
        from rich.console import Group
        from rich.progress_bar import ProgressBar
        from rich.text import Text

        running = list(self._running.items())
        lines = [f"  {phrases.sentence(step)}{f': {text}' if text else ''}" for step, text in running[:MOST_RUNNING]]
        more = [f"  and {len(running) - MOST_RUNNING:,} more"] if len(running) > MOST_RUNNING else []
        return Group(
            Text(f"{self._ended:,} of {phrases.count(self._steps, 'step')}", no_wrap=True),
            ProgressBar(total=self._steps, completed=self._ended, width=_WIDTH),
            *(Text(line, no_wrap=True, overflow="ellipsis") for line in [*lines, *more]),
        )
