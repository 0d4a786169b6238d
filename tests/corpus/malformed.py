"""The malformed configurations that are files: each says in ``# expect:`` comments all that is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.corpus import case
from tests.corpus.case import Case

FILES: Final = sorted((Path(__file__).parent / "malformed_files").glob("*.yaml"))

_EXPECT = re.compile(r"# expect: ([0-9]+:[0-9]+): (.+)")


def cases() -> Iterator[Case]:
    """A case for each file."""
    for file in FILES:
        raw = file.read_bytes()
        yield case.config(f"file-{file.stem}", raw, *_EXPECT.findall(raw.decode("utf-8", "replace")))
