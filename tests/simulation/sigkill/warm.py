"""Imported last by the process that clients are forked from: what each of them would otherwise do again is done once.

A schema is compiled, and what is there already is put out of the garbage collector's way, whose first pass would copy
every page of it. What a client does itself stays the same.
"""

from __future__ import annotations

import gc
import tempfile
from pathlib import Path

from reconciler.testing import load_configuration
from tests.simulation import fleet
from tests.simulation.canaries import PLAIN

with tempfile.TemporaryDirectory() as _folder:
    _path = Path(_folder) / "numbers.yaml"
    _path.write_text(fleet.yaml([fleet.NumberEntry("+12015550123", "vt")], fleet.ACCOUNTS, fleet.Pool("api", 1)))
    load_configuration([_path], PLAIN)

gc.collect()
gc.freeze()
