"""What no carrier can tell: records, intents and their outcomes, the ledger, plans that ran, and the lock.

::

    Store ──┬── Reader ─────── what can be asked
            ├── Guard ──────── lock.py, process.py: the fence before every write
            └── statements ─── records.py · intents.py · ledger.py · plans.py · resolutions.py · claims.py
                               rows.py, tables.py: their shape
    opening.py ─┬─ location.py, database.py: SQLite and PostgreSQL through one code path
                ├─ server.py, schemas.py: what PostgreSQL has besides
                ├─ failures.py: what kind of failure it is, and the way out
                └─ migrations.py: records of an earlier format
"""
