"""``tnctl unlock``: breaks a lock whose run is dead on another host, by its id."""

from __future__ import annotations

import click

from reconciler.cli.options import Common, with_common
from reconciler.cli.output import show
from reconciler.errors import EXIT_OK, UsageError


@click.command()
@click.argument("lock_id", metavar="ID")
@with_common
def unlock(common: Common, lock_id: str) -> int:
    """Break the lock of a run that is dead on another host.

    ID is in the message of the command that found the records locked. A lock of a dead run on this host needs no
    breaking: the next run takes it over.
    """
    from reconciler.cli import context

    with context.open_store(common) as store:
        if not store.unlock(lock_id):
            holder = store.holder()
            held = f"the lock is {holder.id}, held by {holder.holder}" if holder else "nobody holds the lock"
            raise UsageError(
                f"no lock {lock_id!r} to break: {held}", hint="take the ID from the message of exit code 7"
            )
    show(f"broke lock {lock_id}; the run that held it can write nothing more")
    return EXIT_OK
