"""``tnctl init``: a starter configuration that is valid, small, and works on the sandbox as it is."""

from __future__ import annotations

from pathlib import Path

import click

from reconciler import files
from reconciler.cli.options import Common, with_common
from reconciler.cli.output import show
from reconciler.errors import EXIT_OK, UsageError

STARTER = """\
# Phone numbers as code. Try it without any account:
#
#     tnctl plan --sandbox
#     tnctl apply --sandbox
#
# Numbers are in quotes, `+` and digits. These are from the ranges set aside for fiction; put yours in their place.

version: 1

# Your carrier accounts: a name of your own, the carrier, and where its credential is kept (never the credential).
providers:
  intelepeer:
    type: intelepeer # or inumbering, infobip
    credentials: {token: {env: INTELEPEER_TOKEN}}
  infobip:
    type: infobip
    base_url: https://api.infobip.com # yours is shown on the carrier's portal
    credentials: {api_key: {env: INFOBIP_API_KEY}}

# What you want. A facet that is not written is not managed.
numbers:
  # Messages on, inbound ones to a webhook.
  "+17205550142":
    provider: intelepeer
    sms: true
    webhook: https://hooks.example.com/inbound
  # A number to have; it is bought when it is not on the account yet.
  "+447700900123":
    provider: infobip

# What one apply may do at most. Releasing a number takes `tnctl apply --allow-releases N`.
safety:
  max_purchases: 10
  max_releases: 0
"""

NEXT_STEPS = """\
wrote {path}

next:
  tnctl validate           check it
  tnctl plan --sandbox     see what it would do, without any account
  tnctl apply --sandbox    do it, on carriers that are built in
"""


@click.command()
@with_common
def init(common: Common) -> int:
    """Write a starter numbers.yaml; never over an existing file."""
    if len(common.files) != 1:
        raise UsageError("`tnctl init` writes one file", hint="name one with -f, or none for numbers.yaml")
    path = common.files[0]
    _write(path)
    show(NEXT_STEPS.format(path=path))
    return EXIT_OK


def _write(path: Path) -> None:
    try:
        files.create_whole(path, STARTER.encode())
    except FileExistsError:
        raise UsageError(f"{path} exists already", hint="name another file with -f, or move it away") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}", hint="name another place with -f") from None
