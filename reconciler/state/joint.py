"""Several writes, one commit: each is whole or not at all, and all that are whole become durable together.

::

    first write      BEGIN, then the look at the fences; where it fails nothing is left open
    every other      SAVEPOINT … RELEASE; where it fails those before it stay
    the end          COMMIT, also on the way out of an error: what was written before it is true
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection

    from reconciler.state.database import Database


class _GivenUpError(Exception):
    """Rolls a transaction back; nobody outside of here sees it."""


class Joint:
    """The writes that share one commit. ``begun`` is called in the transaction as it begins, and may refuse it."""

    def __init__(self, database: Database, begun: Callable[[Connection], None]) -> None:
        self.labels: list[str] = []
        """What was written, in order."""
        self._database = database
        self._begun = begun
        self._connection: Connection | None = None
        self._ending = ExitStack()

    @contextmanager
    def write(self, label: str) -> Iterator[Connection]:
        """One write in the transaction, which the first one begins."""
        with self._first() if self._connection is None else self._another(self._connection) as connection:
            yield connection
        self.labels.append(label)

    def commit(self) -> None:
        """Make what was written durable; nothing was where no write came to its end."""
        self._connection = None
        self._ending.close()

    @contextmanager
    def _first(self) -> Iterator[Connection]:
        self._connection = connection = self._ending.enter_context(self._database.writing())
        try:
            with self._database.translated():
                self._begun(connection)
                yield connection
        except BaseException:
            self._connection = None
            with suppress(_GivenUpError), self._ending:
                raise _GivenUpError from None
            raise

    @contextmanager
    def _another(self, connection: Connection) -> Iterator[Connection]:
        with self._database.translated():
            connection.exec_driver_sql("SAVEPOINT joined")
            try:
                yield connection
            except BaseException:
                connection.exec_driver_sql("ROLLBACK TO SAVEPOINT joined")
                raise
            finally:
                connection.exec_driver_sql("RELEASE SAVEPOINT joined")
