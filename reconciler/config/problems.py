"""Everything that is wrong with a configuration is collected and told at once, in the order of the files."""

from __future__ import annotations

from dataclasses import dataclass, field

from reconciler.errors import ConfigError
from reconciler.model import Mark
from reconciler.model.safe_text import plain

LONGEST_MESSAGE = 500
LONGEST_PLACE = 5000


class MisreadError(Exception):
    """A file that cannot be read any further: the place and what to do. Caught inside this package.

    ``missing``: there is no such file.
    """

    def __init__(self, mark: Mark, message: str, *, missing: bool = False) -> None:
        super().__init__(message)
        self.mark = mark
        self.message = message
        self.missing = missing


@dataclass(slots=True)
class Problems:
    """What was found wrong so far. ``files`` gives the order in which files are told of.

    ``unread``: sections of which a part could not be read. That a name is missing there proves nothing.
    """

    files: list[str] = field(default_factory=list)
    found: dict[tuple[Mark, str], bool] = field(default_factory=dict)
    """Place and message -> whether it is that its file is not there."""
    unread: set[str] = field(default_factory=set)

    def add(self, mark: Mark, message: str, *, missing: bool = False) -> None:
        """Note one problem; the same words about the same place count once."""
        self.found[(mark, message)] = missing

    def misread(self, error: MisreadError) -> None:
        """Note what ended the reading of a file."""
        self.add(error.mark, error.message, missing=error.missing)

    def lines(self) -> list[str]:
        """``FILE:LINE:COLUMN: message``, in the order of files, lines and columns."""
        order = {file: index for index, file in enumerate(dict.fromkeys(self.files))}

        def place(item: tuple[Mark, str]) -> tuple[int, int, int]:
            return (order.get(item[0].file, len(order)), item[0].line, item[0].column)

        found = sorted(self.found, key=place)
        return [f"{plain(mark, LONGEST_PLACE)}: {plain(message, LONGEST_MESSAGE)}" for mark, message in found]

    def raise_any(self) -> None:
        """Raise a :class:`ConfigError` with every problem, if there is one."""
        if self.found:
            raise ConfigError(self.lines(), missing=all(self.found.values()))
