"""For tests, ours and those of whoever uses tnctl or brings a carrier."""

from __future__ import annotations

from functools import partial

from reconciler.config import load
from reconciler.providers.installed import CARRIERS

load_configuration = partial(load.load_configuration, carriers=CARRIERS)
"""The fleet of some files, of any carrier that is installed."""
