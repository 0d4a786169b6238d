"""``tnctl unlock``: breaks a lock whose run is dead on another host, by its id."""

from __future__ import annotations

import click

from reconciler.cli.options import Common, with_common
from reconciler.cli.output import say, show
from reconciler.errors import EXIT_OK, UsageError


@click.command()
@click.argument("lock_id", metavar="ID")
@with_common
def unlock(common: Common, lock_id: str) -> int:
    """Break the lock of a run that is dead on another host.

    ID is in the message of the command that found the records locked. A lock of a dead run on this host needs no
    breaking: the next run takes it over. One of a live run is broken too, with a warning.
    """
    from reconciler.cli import context
    from reconciler.state.process import Process

    with context.open_store(common) as store:
        holder = store.holder()
        if not store.unlock(lock_id):
            held = f"the lock is {holder.id}, held by {holder.holder}" if holder else "nobody holds the lock"
            raise UsageError(
                f"no lock {lock_id!r} to break: {held}", hint="take the ID from the message of exit code 7"
            )
    if holder is not None and holder.id == lock_id and holder.is_held_here(Process.current()):
        say(
            f"warning: {holder.holder} seems to be alive on this host; its next record fails its fence, so that it "
            "sends nothing more, and a call that it has in flight stays open until the next `tnctl apply` settles it"
        )
    show(f"broke lock {lock_id}; the run that held it can write nothing more")
    return EXIT_OK
