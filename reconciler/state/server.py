"""A PostgreSQL connection that waits for nothing without end, whatever the server, the network or another session does.

=====================================  ======================================================================
what does not come                     what ends the wait
=====================================  ======================================================================
a connection                           ``connect_timeout``
the network's acknowledgement          TCP keepalives and ``TCP_USER_TIMEOUT``
what another session holds             ``lock_timeout``, on the server, before the next one: only it says why
a statement's end                      ``statement_timeout``, on the server
our next statement                     ``idle_in_transaction_session_timeout``: the server lets go of our rows
any word of a server that stands still :data:`ANSWER_SECONDS`, here: the kernel of its machine still acknowledges
=====================================  ======================================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus

CONNECT_SECONDS = 5
STATEMENT_SECONDS = 10
LOCK_SECONDS = STATEMENT_SECONDS - 1
"""For a row, or a table, that a statement waits for: less than for all of it, which ends without a word of the lock."""
IDLE_SECONDS = 15
ANSWER_SECONDS = STATEMENT_SECONDS + 2.0
"""More than the server needs to end a statement itself, so that its own words are heard where it still has any."""

ARGUMENTS: Mapping[str, Any] = {
    "connect_timeout": CONNECT_SECONDS,
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": STATEMENT_SECONDS * 1000,
    "application_name": "tnctl",
}
"""What libpq is told; a URL may say otherwise."""

_SETTINGS = (
    f"SELECT set_config('statement_timeout', '{STATEMENT_SECONDS}s', false),"
    f" set_config('lock_timeout', '{LOCK_SECONDS}s', false),"
    f" set_config('idle_in_transaction_session_timeout', '{IDLE_SECONDS}s', false)"
)


class BoundedConnection(psycopg.Connection[Any]):
    """A connection that is given up when the server says nothing for :data:`ANSWER_SECONDS`."""

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Drive ``gen`` to its end; raises ``OperationalError``, and closes, when that takes too long."""
        try:
            return super().wait(gen, interval, timeout=timeout or ANSWER_SECONDS)
        except psycopg.OperationalError:
            if self.info.transaction_status is TransactionStatus.ACTIVE:  # unanswered: a rollback would wait as long
                self.close()
            raise


def connect(*args: Any, schema: str | None = None, **parameters: Any) -> BoundedConnection:
    """A bounded connection in ``schema``; what only the server can bound is set for the session."""
    connection = BoundedConnection.connect(*args, **{**ARGUMENTS, **parameters})
    connection.autocommit = True
    connection.execute(_SETTINGS)
    if schema is not None:
        connection.execute("SELECT set_config('search_path', %s, false)", [f'"{schema}"'])
    connection.autocommit = False
    return connection
