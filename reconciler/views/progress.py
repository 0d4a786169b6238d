"""What a person sees while a run is at work: a bar on a terminal, a line for each change in a log, or nothing.

All of them hear the same things, as :class:`reconciler.executor.run.Listener` has it, and write to one stream
(standard error): results go elsewhere.
"""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Self, TextIO

from reconciler.model import Outcome, Result, Step
from reconciler.views.color import Colors
from reconciler.views.folding import Emphasis
from reconciler.views.phrases import sentence

if TYPE_CHECKING:
    from reconciler.views.progress_bar import Bar

_EMPHASIS = {Result.DONE: Emphasis.GOOD, Result.FAILED: Emphasis.LOUD, Result.UNKNOWN: Emphasis.LOUD}


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
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def planned(self, steps: int) -> None:
        """Start the bar, when there is something to show it for."""
        if self._terminal and steps:
            # Imported here: rich takes long to load, and only a terminal has a use for it.
            from reconciler.views.progress_bar import Bar

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
