"""``tnctl init``: a starter configuration that is valid, small, and works on the sandbox as it is."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

import click

from reconciler.cli.options import DEFAULT_FILE, Common, with_common
from reconciler.cli.output import show
from reconciler.errors import EXIT_OK, UsageError
from reconciler.model.fleet import STATE_FILE
from reconciler.state import files

STARTER = """\
# Phone numbers as code. Try it without any account:
#
#     tnctl plan --sandbox
#     tnctl apply --sandbox
#
# Numbers are in quotes, `+` and digits. These are from the ranges set aside for fiction; put yours in their place.

version: 1

# The name of this fleet: the records remember it, and no configuration of another name can act on them.
fleet: {fleet}

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
wrote {path}{ignored}

next:
  tnctl validate           check it
  tnctl plan --sandbox     see what it would do, without any account
  tnctl apply --sandbox    do it, on carriers that are built in
"""

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9._-]*")
_YAML_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})

FOLDER = f"{STATE_FILE.parts[0]}/"
"""What is not to be committed."""

_SAID = frozenset(
    mark.encode() for name in (FOLDER.rstrip("/"), FOLDER) for mark in (name, f"/{name}", f"**/{name}", f"{name}*")
)
"""The lines that say so already."""


@click.command()
@with_common
def init(common: Common) -> int:
    """Write a starter numbers.yaml; never over an existing file. Git is told to leave `.tnctl/` alone."""
    if len(common.files) != 1:
        raise UsageError("`tnctl init` writes one file", hint="name one with -f, or none for numbers.yaml")
    path = common.files[0]
    _write(path)
    ignored = with_gitignore(path.parent)
    show(NEXT_STEPS.format(path=path, ignored=f", and {ignored}" if ignored else ""))
    return EXIT_OK


def _write(path: Path) -> None:
    text = STARTER.replace("{fleet}", _in_yaml(fleet_name(path)))
    try:
        files.create_whole(path, text.encode())
    except FileExistsError:
        raise UsageError(f"{path} exists already", hint="name another file with -f, or move it away") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}", hint="name another place with -f") from None


def fleet_name(path: Path) -> str:
    """A name for what ``path`` declares: that of its folder, as far as a name may be like that; with the file's own
    where it is not the default one, as several files of a folder may be several fleets."""
    parts = [path.resolve().parent.name, *([path.stem] if path.name != DEFAULT_FILE.name else [])]
    written = re.sub(r"[^A-Za-z0-9._-]+", "-", "-".join(parts)).strip("-._")[:63]
    return written or "fleet"


def _in_yaml(name: str) -> str:
    """``name`` as every reader of YAML takes it for text."""
    return name if _PLAIN.fullmatch(name) and name.lower() not in _YAML_WORDS else f'"{name}"'


def with_gitignore(folder: Path) -> str:
    """Let git ignore the records in ``folder``; what was written for it, in words, empty for nothing.

    Where the file cannot be read or written it stays as it is: the configuration is there all the same.
    """
    path = folder / ".gitignore"
    with suppress(OSError):
        if path.exists() and not path.is_file():  # reading a pipe would wait for a writer
            return ""
        before = path.read_bytes() if path.exists() else b""
        if any(line.strip() in _SAID for line in before.splitlines()):
            return ""
        end = b"" if before.endswith(b"\n") or not before else b"\n"
        with open(path, "ab", opener=files.opener) as file:
            file.write(end + FOLDER.encode() + b"\n")
        return f"{FOLDER} in {path}"
    return ""
